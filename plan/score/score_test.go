package score

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func scorer(t *testing.T) *Scorer {
	text, err := os.ReadFile("testdata/signatures.txt")
	if err != nil {
		t.Fatal(err)
	}
	return FromSignatures(ParseSignatures(string(text)))
}

// Every archive holds flows; those named same… equal the first, those named differ… do not.
func TestCases(t *testing.T) {
	s := scorer(t)
	names, _ := filepath.Glob("testdata/*.txtar")
	if len(names) == 0 {
		t.Fatal("no cases")
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first := string(a.Files[0].Data)
		if _, err := s.Canon(first); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range a.Files[1:] {
			want := strings.HasPrefix(f.Name, "same")
			if _, err := s.Canon(string(f.Data)); err != nil {
				t.Errorf("%s: %s: %v", name, f.Name, err)
			}
			for _, got := range []bool{s.Same(first, string(f.Data)), s.Same(string(f.Data), first)} {
				if got != want {
					x, _ := s.Canon(first)
					y, _ := s.Canon(string(f.Data))
					t.Errorf("%s: %s: same = %v\n%s\n-- \n%s", name, f.Name, got, strings.Join(x, "\n"), strings.Join(y, "\n"))
				}
			}
		}
	}
}

func TestActions(t *testing.T) {
	s := scorer(t)
	a := "rows = table.read(\"a.csv\")\ntable.save(rows, to=\"b.csv\")\n"
	if !s.Actions(a, "x = table.read(\"c.csv\")\ntable.save(x, to=\"d.csv\")\n") {
		t.Error("the same actions with other values differ")
	}
	if s.Actions(a, "rows = table.read(\"a.csv\")\n") || s.Actions(a, "not a flow(") {
		t.Error("other actions are the same")
	}
}

func TestBroken(t *testing.T) {
	s := scorer(t)
	if s.Same("x = (", "x = (") {
		t.Error("a flow that does not parse equals itself")
	}
}
