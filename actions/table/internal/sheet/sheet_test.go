package sheet

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"daiban/action"
	"daiban/flow"
)

// memFile is a file in memory.
type memFile struct {
	*bytes.Reader
	name string
}

func fileOf(name string, content []byte) memFile { return memFile{bytes.NewReader(content), name} }

func (m memFile) Close() error { return nil }
func (m memFile) Name() string { return m.name }
func (m memFile) Size() int64  { return m.Reader.Size() }

// show is a table as lines of cells; kinds stand behind the headings.
func show(t *testing.T, tab flow.Table) string {
	t.Helper()
	var b strings.Builder
	for i, c := range tab.Columns() {
		if i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(c.Name + ":" + letter(c.Kind))
	}
	for row, err := range tab.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		for i, v := range row {
			if i > 0 {
				line.WriteString(" | ")
			}
			line.WriteString(v.String())
			if tab.Columns()[i].Kind == flow.NullKind && !v.IsNull() {
				line.WriteString(":" + letter(v.Kind()))
			}
		}
		b.WriteString("\n" + strings.TrimRight(line.String(), " "))
	}
	return b.String()
}

func letter(k flow.Kind) string {
	return map[flow.Kind]string{flow.NullKind: "?", flow.TextKind: "t", flow.NumberKind: "n", flow.DateKind: "d", flow.TimeKind: "dt", flow.BoolKind: "b",
		flow.ListKind: "l", flow.RowKind: "r"}[k]
}

func read(t *testing.T, name string, content []byte, o Options) (string, []Note) {
	t.Helper()
	tab, notes, err := Read(context.Background(), fileOf(name, content), o)
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() > 0 {
		for row := range tab.Rows() {
			for _, v := range row {
				if !v.IsNull() && (v.Source() == nil || v.Source().File != name) {
					t.Fatalf("value %v has source %v", v, v.Source())
				}
			}
		}
	}
	return show(t, tab), notes
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
}

func wantNote(t *testing.T, notes []Note, part string) {
	t.Helper()
	part, none := strings.CutPrefix(part, "!") // no such note
	for _, n := range notes {
		if strings.Contains(n.EN, part) || strings.Contains(n.ZH, part) {
			if none {
				t.Errorf("note %v", n)
			}
			return
		}
	}
	if none {
		return
	}
	t.Errorf("no note with %q in %v", part, notes)
}

// wantProblem checks that err is a Problem of this kind that says these parts.
func wantProblem(t *testing.T, err error, kind string, parts ...string) {
	t.Helper()
	var p *action.Problem
	if !errors.As(err, &p) {
		t.Fatalf("error %v; want a Problem", err)
	}
	if p.Kind != kind {
		t.Errorf("kind %q, want %q: %v", p.Kind, kind, p)
	}
	if p.ZH == p.EN || strings.Contains(p.ZH, "%!") || strings.Contains(p.EN, "%!") {
		t.Errorf("texts %q, %q", p.ZH, p.EN)
	}
	for _, part := range parts {
		if !strings.Contains(p.ZH, part) && !strings.Contains(p.EN, part) {
			t.Errorf("error %q / %q; want %q in it", p.ZH, p.EN, part)
		}
	}
}

// made is a workbook that do makes.
func made(t *testing.T, do func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	do(f)
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func setRows(f *excelize.File, sheet string, from int, rows ...[]any) {
	for i, r := range rows {
		f.SetSheetRow(sheet, ref(0, from+i), &r)
	}
}
