package table

import (
	"daiban/action"
	"daiban/flow"
)

// Top keeps the first rows.
var Top = action.Define(action.Spec{
	Name:   "table.top",
	Effect: action.Reads,
	Pure:   true,
	Doc:    "Keeps the first n rows, as they stand; sort before for the largest. A shorter table stays whole.",
	DocZH:  "保留前 n 行，按现有顺序；要最大的几行先排序。不足 n 行就全留。",
	Says:   action.Sentence{ZH: "取 {table} 的前 {n} 行", EN: "Take the first {n} rows of {table}"},
	Shape:  func(s action.Static) ([]flow.Column, bool) { return s.Columns("table") },
}, top)

type topIn struct {
	Table flow.Table `arg:"table,positional" doc:"the table" zh:"表"`
	N     int        `arg:"n,positional" doc:"how many rows" zh:"几行"`
}

func top(c *action.Call, in topIn) (flow.Table, error) {
	if in.N < 0 {
		return nil, action.Bad("要取的行数不能是负数：%d", "the number of rows cannot be negative: %d", in.N)
	}
	t, n := in.Table, min(in.N, in.Table.Len())
	return &view{t.Columns(), n, func(yield func([]flow.Value, error) bool) {
		left := n
		if left == 0 {
			return
		}
		for row, err := range t.Rows() {
			if !yield(row, err) || err != nil {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}}, nil
}
