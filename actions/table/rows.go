package table

import (
	"fmt"
	"iter"
	"slices"

	"daiban/action"
	"daiban/flow"
)

// each calls do for every row of t, n from 1. The row is t's own: do keeps none of it.
func each(c *action.Call, t flow.Table, do func(n int, row []flow.Value) error) error {
	n, total := 0, t.Len()
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		if n++; n&4095 == 0 {
			if err := c.Err(); err != nil {
				return err
			}
			if c.Progress != nil {
				c.Progress(n, total)
			}
		}
		if err := do(n, row); err != nil {
			return err
		}
	}
	return nil
}

// build makes a table of what fill adds; a row that was added may be changed afterwards.
func build(c *action.Call, cols []flow.Column, fill func(add func([]flow.Value) error) error) (flow.Table, error) {
	b := c.Table(cols)
	if err := fill(b.Add); err != nil {
		return nil, err
	}
	return b.Done()
}

// A view is a table computed from another one while it is read.
type view struct {
	cols []flow.Column
	n    int
	rows func(yield func([]flow.Value, error) bool)
}

func (v *view) Columns() []flow.Column               { return v.cols }
func (v *view) Len() int                             { return v.n }
func (v *view) Rows() iter.Seq2[[]flow.Value, error] { return v.rows }

// withKinds is t with its columns' kinds as they turned out.
func withKinds(t flow.Table, cols []flow.Column) flow.Table {
	return &view{cols, t.Len(), t.Rows()}
}

// place is where the column is that a flow calls name.
func place(t flow.Table, name string) (int, error) { return action.Resolve(name, t.Columns()) }

// places is where the columns are; one named twice counts once.
func places(t flow.Table, names []action.Column) ([]int, error) {
	var out []int
	for _, name := range names {
		i, err := place(t, string(name))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out, nil
}

// pick is the values of row at places, written into out.
func pick(out, row []flow.Value, at []int) []flow.Value {
	out = out[:0]
	for _, i := range at {
		out = append(out, row[i])
	}
	return out
}

// freeName is name, or name_2, name_3 … when cols has it already.
func freeName(cols []flow.Column, name string) string {
	for n, out := 2, name; ; n++ {
		if flow.ColumnIndex(cols, out) < 0 {
			return out
		}
		out = fmt.Sprintf("%s_%d", name, n)
	}
}

// A seenKind is the one kind of the values of a column, NullKind when they are mixed.
type seenKind struct {
	kind  flow.Kind
	mixed bool
}

func (s *seenKind) add(v *flow.Value) {
	switch k := v.Kind(); {
	case k == flow.NullKind || k == s.kind:
	case s.kind == flow.NullKind && !s.mixed:
		s.kind = k
	default:
		s.kind, s.mixed = flow.NullKind, true
	}
}

// both is a text in two languages, as an argument of a Problem.
type both struct{ zh, en string }

// Name is the text in lang.
func (b both) Name(lang string) string {
	if lang == "zh" {
		return b.zh
	}
	return b.en
}

func (b both) String() string { return b.en }

// at says where a value stands: its row in the table, and its file when that is known.
func at(n int, v *flow.Value) both {
	b := both{fmt.Sprintf("第 %d 行", n), fmt.Sprintf("row %d", n)}
	s := v.Source()
	switch {
	case s == nil || s.File == "":
	case s.Cell != "":
		b.zh += fmt.Sprintf("（%s %s!%s）", s.File, s.Sheet, s.Cell)
		b.en += fmt.Sprintf(" (%s %s!%s)", s.File, s.Sheet, s.Cell)
	default:
		b.zh += fmt.Sprintf("（%s）", s.File)
		b.en += fmt.Sprintf(" (%s)", s.File)
	}
	return b
}

// notNumber says that a cell that should be a number is none.
func notNumber(n int, name string, v *flow.Value) error {
	return action.Bad("%s的“%s”列是“%s”，不是数字", "%s: column “%s” is “%s”, not a number", at(n, v), name, short(v.String()))
}

// short is s cut to what an error can show.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// rowError adds the table's row to an error of an expression that does not name one.
func rowError(err error, n int) error {
	e, ok := err.(*flow.EvalError)
	if ok && e.Row != 0 {
		return err
	}
	if ok {
		c := *e
		c.Row = n
		return &c
	}
	return action.Bad("第 %d 行：%v", "row %d: %v", n, err)
}

// none is what an empty cell is called where it needs a name.
func none(lang string) string {
	if lang == "zh" {
		return "(空)"
	}
	return "(empty)"
}

// label is v as a heading or name.
func label(lang string, v *flow.Value) string {
	if flow.Blank(*v) {
		return none(lang)
	}
	return v.String()
}

// note adds a finding to the report.
func note(c *action.Call, level, zh, en string, args ...any) {
	if c.Note != nil {
		p := action.Bad(zh, en, args...)
		c.Note(level, p.ZH, p.EN)
	}
}
