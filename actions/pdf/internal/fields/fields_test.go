package fields

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"daiban/actions/pdf/internal/pdfdoc"
	"daiban/flow"
)

var update = flag.Bool("update", false, "rewrite the wanted values of the cases")

// TestCases draws the pages of each case: a character is 5 points wide (a
// Chinese one 10) and 10 high, lines are 14 apart, blanks are gaps; a line that
// begins with ~ is only 6 below the one before. The comment
// says what is asked: "fields: a, b", or nothing for the usual fields.
func TestCases(t *testing.T) {
	names, _ := filepath.Glob("testdata/*.txtar")
	if len(names) == 0 {
		t.Fatal("no cases")
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
	var pages []pdfdoc.Page
	want := -1
	for i, f := range ar.Files {
		switch f.Name {
		case "page":
			pages = append(pages, drawn(string(f.Data), len(pages)+1))
		case "want":
			want = i
		}
	}
	if want < 0 {
		t.Fatal("nothing wanted")
	}
	got := answer(string(ar.Comment), pages)
	if got == string(ar.Files[want].Data) {
		return
	}
	if !*update {
		t.Errorf("got\n%swant\n%s", got, ar.Files[want].Data)
		return
	}
	ar.Files[want].Data = []byte(got)
	if err := os.WriteFile(name, txtar.Format(ar), 0o666); err != nil {
		t.Fatal(err)
	}
}

func answer(comment string, pages []pdfdoc.Page) string {
	var b strings.Builder
	for i, part := range Documents(pages) {
		if i > 0 {
			b.WriteString("\n")
		}
		f := New("a.pdf", part)
		if asked, ok := strings.CutPrefix(strings.TrimSpace(comment), "fields: "); ok {
			names := strings.Split(asked, ", ")
			values, notes := f.Asked(names)
			for i, n := range names {
				show(&b, n, values[i])
			}
			tell(&b, notes)
			continue
		}
		r := f.Usual()
		for _, k := range Keys() {
			show(&b, k.Heading(r.Lang), r.Values[k])
		}
		tell(&b, r.Notes)
	}
	return b.String()
}

func show(b *strings.Builder, name string, v flow.Value) {
	b.WriteString(name + " = " + v.String())
	if !v.IsNull() {
		b.WriteString(" (" + v.Kind().String() + ")")
		if v.Source() == nil || v.Source().Page == 0 || v.Source().Box == [4]float64{} {
			b.WriteString(" without a place")
		}
	}
	b.WriteString("\n")
}

func tell(b *strings.Builder, notes []Note) {
	for _, n := range notes {
		b.WriteString("! " + n.ZH + " | " + n.EN + "\n")
	}
}

func drawn(text string, number int) pdfdoc.Page {
	p := pdfdoc.Page{Number: number, Width: 600, Height: 840}
	y := 6.0
	for _, l := range strings.Split(text, "\n") {
		y += 14
		x := 10.0
		if rest, ok := strings.CutPrefix(l, "~"); ok {
			l = " " + rest
			y -= 8
		}
		var w pdfdoc.Word
		flush := func() {
			if w.Text != "" {
				p.Words = append(p.Words, w)
				w = pdfdoc.Word{}
			}
		}
		for _, r := range l {
			width := 5 * units(r)
			if r == ' ' {
				flush()
			} else {
				if w.Text == "" {
					w = pdfdoc.Word{Page: number, Size: 10, Box: pdfdoc.Box{X0: x, Y0: y, X1: x, Y1: y + 10}}
				}
				w.Text += string(r)
				w.X1 = x + width
			}
			x += width
		}
		flush()
	}
	return p
}
