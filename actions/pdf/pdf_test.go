package pdf

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"daiban/action"
	"daiban/action/actiontest"
)

var update = flag.Bool("update", false, "rewrite the wanted values of the cases")

// cases runs testdata/NAME/*.txtar. A file in a case whose content is "= PATH"
// is a copy of PATH, relative to this package: a PDF does not fit in an archive.
func cases(t *testing.T, name string) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join("testdata", name, "*.txtar"))
	if len(names) == 0 {
		t.Fatalf("no cases in testdata/%s", name)
	}
	for _, n := range names {
		t.Run(strings.TrimSuffix(filepath.Base(n), ".txtar"), func(t *testing.T) { runCase(t, n) })
	}
}

func runCase(t *testing.T, name string) {
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	e := newEnv(t)
	for _, f := range ar.Files {
		switch {
		case f.Name == "want.lang":
			e.Lang = strings.TrimSpace(string(f.Data))
		case !strings.HasPrefix(f.Name, "want"):
			put(t, e.Dir, f)
		}
	}
	v, err := e.Flow(string(ar.Comment))
	got := map[string]string{"want.notes": strings.Join(e.Notes, "\n")}
	if err != nil {
		got["want.error"] = action.Explain(err, e.Lang)
	} else {
		got["want.value"] = actiontest.Show(v)
	}
	compare(t, name, ar, got)
}

// newEnv shares the compiled reader between all tests of the binary.
func newEnv(t *testing.T) *actiontest.Env {
	return actiontest.New(t, All)
}

func put(t *testing.T, dir string, f txtar.File) {
	t.Helper()
	path := filepath.Join(dir, f.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	data := f.Data
	if from, ok := strings.CutPrefix(string(data), "= "); ok {
		var err error
		if data, err = os.ReadFile(strings.TrimSpace(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, name string, ar *txtar.Archive, got map[string]string) {
	t.Helper()
	seen := map[string]bool{}
	for i, f := range ar.Files {
		text, ok := got[f.Name]
		if !ok {
			continue
		}
		seen[f.Name] = true
		if strings.TrimSpace(text) == strings.TrimSpace(string(f.Data)) {
			continue
		}
		if *update {
			ar.Files[i].Data = []byte(strings.TrimSpace(text) + "\n")
			continue
		}
		t.Errorf("%s:\n%s\nwant:\n%s", f.Name, text, f.Data)
	}
	if err := got["want.error"]; err != "" && !seen["want.error"] {
		t.Errorf("error: %s", err)
	}
	if value, ok := got["want.value"]; ok && !seen["want.value"] && !seen["want.notes"] {
		t.Errorf("no error; value %s", value)
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(ar), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRead(t *testing.T) { cases(t, "read") }
