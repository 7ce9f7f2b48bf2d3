package check_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
)

// again checks what a resume does: the planned text gives the same bound flow, and the bound
// text, which names what is there, passes by itself and stays as it is.
func again(t *testing.T, r check.Result, set action.Set) {
	t.Helper()
	if !r.OK() {
		return
	}
	env := check.Env{Actions: set, Static: true, Lang: "en", Event: true}
	bound := flow.Print(r.Checked.Flow())
	for _, source := range []string{r.Checked.Source(), bound} {
		s := check.Check(source, env)
		if !s.OK() {
			t.Errorf("checked once, but not again: %v %v\n%s", s.Findings, s.Questions, source)
			return
		}
		if source == bound && flow.Print(s.Checked.Flow()) != bound {
			t.Errorf("bound twice:\n%s\n%s", bound, flow.Print(s.Checked.Flow()))
		}
	}
}

// FuzzCheck looks for flows that a check cannot survive, and for ones that it lets through
// with a hole in them.
func FuzzCheck(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, x := range ar.Files {
			if x.Name == "flow" {
				f.Add(string(x.Data), "3", true)
			}
		}
	}
	set := catalogue()
	dir := folder{"sales.xlsx": "地区,销售额\n华东,3", "invoices/1.pdf": "", "letter.docx": "x"}
	f.Fuzz(func(t *testing.T, source, answer string, look bool) {
		answers := map[string]string{}
		for _, id := range []string{"1.to", "1.file", "2.by", "2.where", "2.to", "3.to"} {
			answers[id] = answer
		}
		env := check.Env{Actions: set, Lang: "zh", Answers: answers, Static: !look}
		if look {
			env.Files = dir
		}
		r := check.Check(source, env)
		if !r.OK() {
			if len(r.Questions) == 0 && !failed(r) {
				t.Fatalf("neither passed nor said why: %q", source)
			}
			return
		}
		if open(r.Checked.Flow()) {
			t.Fatalf("passed with a hole: %q", source)
		}
		if _, err := flow.Parse(r.Checked.Source()); err != nil {
			t.Fatalf("the planned text does not parse: %v\n%s", err, r.Checked.Source())
		}
	})
}

func failed(r check.Result) bool {
	for _, f := range r.Findings {
		if f.Level == check.Error && strings.TrimSpace(f.Text) != "" {
			return true
		}
	}
	return false
}
