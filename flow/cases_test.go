package flow

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata")

// runCases runs the cases of a txtar file: each file NAME is an input and NAME.want what
// comes of it.
func runCases(t *testing.T, path string, run func(t *testing.T, in string) string) {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range ar.Files {
		if name, ok := strings.CutSuffix(f.Name, ".want"); ok {
			want[name] = string(f.Data)
		}
	}
	out := &txtar.Archive{Comment: ar.Comment}
	for _, f := range ar.Files {
		if strings.HasSuffix(f.Name, ".want") {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			got := run(t, string(f.Data))
			out.Files = append(out.Files, f, txtar.File{Name: f.Name + ".want", Data: []byte(got)})
			if got != want[f.Name] && !*update {
				t.Errorf("input:\n%s\ngot:\n%s\nwant:\n%s", f.Data, got, want[f.Name])
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestErrors(t *testing.T) {
	runCases(t, "testdata/errors.txtar", func(t *testing.T, in string) string {
		_, err := Parse(strings.TrimSuffix(in, "\n"))
		if err == nil {
			return "parsed\n"
		}
		var b strings.Builder
		for _, e := range err.(Errors) {
			fmt.Fprintf(&b, "%s %s\n%s %s\n", e.Pos, e.Say("zh"), e.Pos, e.Say("en"))
		}
		return b.String()
	})
}
