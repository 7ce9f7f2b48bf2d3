package phrasebook

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"daiban/flow"
	"daiban/plan"
)

var update = flag.Bool("update", false, "write what comes out as what is wanted")

func ask(t *testing.T, b *Book, text string, lessons ...plan.Lesson) plan.Draft {
	t.Helper()
	d, err := b.Plan(context.Background(), plan.Request{Text: text, Lessons: lessons})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if d.Understood {
		if _, err := flow.Parse(d.Flow); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	return d
}

// The archives hold requests, each the name of a file, and the flows they become.
// "?" stands for a request that is not understood.
func TestRequests(t *testing.T) {
	b, err := New(nil) // by the phrases alone
	if err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob("testdata/*.txtar")
	if len(names) == 0 {
		t.Fatal("no cases")
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range a.Files {
			d := ask(t, b, f.Name)
			got := d.Flow
			if !d.Understood {
				got = "?\n"
			}
			if *update {
				a.Files[i].Data = []byte(got)
			} else if got != string(f.Data) {
				t.Errorf("%s: %s\ngot\n%swant\n%s%s", name, f.Name, got, f.Data, d.Why)
			}
		}
		if *update {
			if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestKnownRequests(t *testing.T) {
	pairs := allPairs(t)
	b, err := New(pairs)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 97 {
		p := pairs[i]
		if d := ask(t, b, "  "+strings.ToUpper(p.Request)+" "); d.Flow != p.Flow {
			t.Errorf("%q becomes\n%s", p.Request, d.Flow)
		}
	}
	d := ask(t, b, "把 月亮 挂到 墙上 然后 唱歌")
	if d.Understood || len(d.Like) != 3 || d.Why == "" {
		t.Errorf("what is nearest is not said: %+v", d)
	}
	if d := ask(t, b, "order me a large pizza"); !strings.HasPrefix(d.Flow, "cannot(") {
		t.Errorf("a pizza: %+v", d)
	}
}

func TestLessons(t *testing.T) {
	b, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	l := plan.Lesson{Request: "do the usual with jan.xlsx for Berlin", Flow: "rows = table.read(\"jan.xlsx\")\nkept = table.filter(rows, where=city == \"Berlin\")\ntable.save(kept, to=\"out.xlsx\")\n"}
	if d := ask(t, b, l.Request); d.Understood {
		t.Fatal("understood without the lesson")
	}
	if d := ask(t, b, "Do the usual  with JAN.xlsx for berlin.", l); d.Flow != l.Flow {
		t.Errorf("the lesson itself: %+v", d)
	}
	want := strings.NewReplacer("jan", "feb", "Berlin", "Rome").Replace(l.Flow)
	if d := ask(t, b, "please do the usual with feb.xlsx for Rome", l); d.Flow != want {
		t.Errorf("with other values: %+v", d)
	}
	if d := ask(t, b, "do the usual with feb.pdf for Rome", l); d.Understood {
		t.Errorf("another kind of file: %s", d.Flow)
	}
	if d := ask(t, b, "do the usual with feb.xlsx for Rome and print it", l); d.Understood {
		t.Errorf("more than the lesson: %s", d.Flow)
	}
	// The newest lesson for a request holds, also over what the phrases would say.
	other := plan.Lesson{Request: "print a.pdf", Flow: "file.print(\"a.pdf\", copies=2)\n"}
	if d := ask(t, b, "print a.pdf", l, other); d.Flow != other.Flow {
		t.Errorf("the lesson does not win: %s", d.Flow)
	}
}

func TestBounds(t *testing.T) {
	b, err := New(allPairs(t)[:100])
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", " \n ", strings.Repeat("把 a.xlsx 发给我，", 8000), strings.Repeat("x", 100<<10), strings.Repeat("大于", RequestMax/2), strings.Repeat("a、", RequestMax/2), "\xff\xfe", strings.Repeat("按部门汇总", 300), strings.Repeat("{", 500), "“”\"'"} {
		d := ask(t, b, text)
		if d.Understood || d.Why == "" || !utf8.ValidString(d.Why) {
			t.Errorf("%.20q: %+v", text, d)
		}
	}
	if d := ask(t, b, strings.Repeat("字", 100<<10)); !strings.Contains(d.Why, "太长") {
		t.Errorf("too long, in Chinese: %q", d.Why)
	}
	if d := ask(t, b, strings.Repeat("word ", 20<<10)); !strings.Contains(d.Why, "too long") {
		t.Errorf("too long, in English: %q", d.Why)
	}
}

// Every text in a flow that was not taught comes from the request.
func TestNothingInvented(t *testing.T) {
	b, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	given := set("chart.png", "result.xlsx", "result.zip", "result.pdf", "screenshot.png", "bar", "line", "pie", "inner", "outer", "anti", "added", "removed", "changed", "event", "提交")
	n := 0
	for i, p := range allPairs(t) {
		if i%8 != 0 {
			continue
		}
		d := ask(t, b, p.Request)
		if !d.Understood {
			continue
		}
		n++
		f, _ := flow.Parse(d.Flow)
		eachExpr(f, func(e flow.Expr) {
			l, ok := e.(*flow.Lit)
			if !ok || !l.Value.IsText() {
				return
			}
			s := l.Value.Text()
			if given[s] || strings.HasPrefix(s, "*") || said(p.Request, s) || strings.HasPrefix(d.Flow, "every(") && strings.Contains(strings.SplitN(d.Flow, "\n", 2)[0], s) {
				return
			}
			t.Errorf("%q is not in %q", s, p.Request)
		})
	}
	if n < 40 {
		t.Errorf("only %d understood", n)
	}
}

// said reports whether the parts of s stand in request.
func said(request, s string) bool {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	r := strings.ToLower(squeeze(request))
	for _, part := range strings.FieldsFunc(squeeze(s), func(r rune) bool { return r == '/' || r == '\\' }) {
		name := strings.TrimSuffix(part, filepath.Ext(part))
		if !strings.Contains(r, strings.ToLower(part)) && !strings.Contains(r, strings.ToLower(name)) && !duration(part) && !pages(part) {
			return false
		}
	}
	return true
}

func duration(s string) bool { return len(s) < 5 && strings.Trim(s, "0123456789smhd") == "" }
func pages(s string) bool    { return strings.Trim(s, "0123456789-,") == "" }

func FuzzPlan(f *testing.F) {
	b, err := New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("把 a.xlsx 按 部门 汇总 金额，存成 b.xlsx")
	f.Add("sort a.csv by date, then mail it to x@y.z")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := b.Plan(context.Background(), plan.Request{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if d.Understood {
			if _, err := flow.Parse(d.Flow); err != nil {
				t.Errorf("%q gives a flow that does not parse: %v\n%s", text, err, d.Flow)
			}
		} else if d.Why == "" {
			t.Errorf("%q: no reason", text)
		}
	})
}
