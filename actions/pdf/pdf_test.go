package pdf

import (
	"flag"
	"fmt"
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

func TestRead(t *testing.T)   { cases(t, "read") }
func TestText(t *testing.T)   { cases(t, "text") }
func TestTables(t *testing.T) { cases(t, "tables") }
func TestMerge(t *testing.T)  { cases(t, "merge") }
func TestSplit(t *testing.T)  { cases(t, "split") }
func TestStamp(t *testing.T)  { cases(t, "stamp") }

// TestSources checks that every value of an invoice says where it stands.
func TestSources(t *testing.T) {
	e := newEnv(t)
	put(t, e.Dir, txtar.File{Name: "a.pdf", Data: []byte("= ../../examples/invoices/invoices/上海墨白文具-03381207.pdf")})
	v, err := e.Flow(`pdf.read("a.pdf")`)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range v.Table().Rows() {
		if err != nil {
			t.Fatal(err)
		}
		for i, cell := range row {
			s := cell.Source()
			if s == nil || s.File != "a.pdf" || i > 0 && (s.Page != 1 || s.Box[2] <= s.Box[0] || s.Box[3] <= s.Box[1]) {
				t.Errorf("column %d: %v comes from %+v", i, cell, s)
			}
		}
	}
}

// TestNothingHalf checks that an error leaves no file behind.
func TestNothingHalf(t *testing.T) {
	e := newEnv(t)
	put(t, e.Dir, txtar.File{Name: "a.pdf", Data: []byte("= testdata/files/contract.pdf")})
	put(t, e.Dir, txtar.File{Name: "b.pdf", Data: []byte("%PDF-1.4 broken")})
	if _, err := e.Flow(`pdf.stamp(["a.pdf", "b.pdf"], text="X", to="out")`); err == nil {
		t.Fatal("a broken file was stamped")
	}
	if _, err := os.Stat(filepath.Join(e.Dir, "out")); err == nil {
		t.Error("out is there after the error")
	}
}

func TestPageList(t *testing.T) {
	for s, want := range map[string]string{"3-8": "[3 4 5 6 7 8]", "2-4,9": "[2 3 4 9]", "8-": "[8 9]", "-2": "[1 2]", "第1页、第3页": "[1 3]", "1～2": "[1 2]"} {
		if got, err := pageList(s, 9); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v; want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "0", "4-2", "10", "a", "1-2-3"} {
		if got, err := pageList(s, 9); err == nil {
			t.Errorf("%s: %v, want an error", s, got)
		}
	}
}
