package sheet

import (
	"daiban/action"
	"daiban/flow"
)

// newTable starts the table that o asks for.
func newTable(o Options, cols []flow.Column) *builder {
	var b action.Builder = &memory{flow.MemTable{Cols: cols}}
	if o.NewTable != nil {
		b = o.NewTable(cols)
	}
	return &builder{b: b, line: make([]flow.Value, len(cols))}
}

// builder hands rows to a Builder, all in one place of memory.
type builder struct {
	b    action.Builder
	line []flow.Value
	open bool // line holds a row that is not stored yet
}

// row is a place for the next row, empty. It must be filled before the next call.
func (a *builder) row() ([]flow.Value, error) {
	if err := a.store(); err != nil {
		return nil, err
	}
	clear(a.line)
	a.open = true
	return a.line, nil
}

func (a *builder) store() error {
	if !a.open {
		return nil
	}
	a.open = false
	return a.b.Add(a.line)
}

// Done ends the table.
func (a *builder) Done() (flow.Table, error) {
	if err := a.store(); err != nil {
		return nil, err
	}
	return a.b.Done()
}

type memory struct{ t flow.MemTable }

func (m *memory) Add(row []flow.Value) error {
	m.t.Data = append(m.t.Data, append([]flow.Value(nil), row...))
	return nil
}

func (m *memory) Done() (flow.Table, error) { return &m.t, nil }
