package table

import (
	"daiban/action"
	"daiban/flow"
)

// Pick keeps some columns.
var Pick = action.Define(action.Spec{
	Name:   "table.pick",
	Effect: action.Reads,
	Pure:   true,
	Doc:    "Keeps some columns, in the order in which they are named.",
	DocZH:  "只保留写到的列，并按所写的顺序排列。",
	Says:   action.Sentence{ZH: "只保留 {table} 的 {columns} 列", EN: "Keep the columns {columns} of {table}"},
	Shape: func(s action.Static) ([]flow.Column, bool) {
		return staticColumns(s, "table", "columns")
	},
}, pickColumns)

type pickIn struct {
	Table   flow.Table      `arg:"table,positional" doc:"the table" zh:"表"`
	Columns []action.Column `arg:"columns,of=table" doc:"the columns to keep, in order" zh:"要保留的列，按顺序"`
}

func pickColumns(c *action.Call, in pickIn) (flow.Table, error) {
	t := in.Table
	at, err := places(t, in.Columns)
	if err != nil {
		return nil, err
	}
	if len(at) == 0 {
		return nil, action.Bad("没有写要保留哪些列", "no columns are named to keep")
	}
	cols := make([]flow.Column, len(at))
	for n, i := range at {
		cols[n] = t.Columns()[i]
	}
	return &view{cols, t.Len(), func(yield func([]flow.Value, error) bool) {
		out := make([]flow.Value, 0, len(at))
		for row, err := range t.Rows() {
			if err == nil {
				row = pick(out, row, at)
			}
			if !yield(row, err) {
				return
			}
		}
	}}, nil
}
