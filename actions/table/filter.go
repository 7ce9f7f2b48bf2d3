package table

import (
	"daiban/action"
	"daiban/flow"
)

// Filter keeps the rows that meet a condition.
var Filter = action.Define(action.Spec{
	Name:   "table.filter",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Keeps the rows for which a condition is true. The condition is over the columns of the table; an empty cell is below and above " +
		"nothing, so it meets no comparison but ==, != and empty(…).",
	DocZH: "保留满足条件的行。条件里直接写列名；空单元格跟什么比大小都不成立，只能用 ==、!= 和 empty(…) 判断。",
	Says:  action.Sentence{ZH: "从 {table} 中筛选 {where} 的行", EN: "Keep the rows of {table} where {where}"},
	Shape: func(s action.Static) ([]flow.Column, bool) { return s.Columns("table") },
}, filter)

type filterIn struct {
	Table flow.Table  `arg:"table,positional" doc:"the table" zh:"表"`
	Where action.Expr `arg:"where,of=table" doc:"which rows, over the columns: 金额 > 1000 and 状态 == \"未付\"" zh:"条件，直接写列名：金额 > 1000 and 状态 == \"未付\""`
}

func filter(c *action.Call, in filterIn) (flow.Table, error) {
	test, err := in.Where.Compile(in.Table.Columns())
	if err != nil {
		return nil, err
	}
	return build(c, in.Table.Columns(), func(add func([]flow.Value) error) error {
		return each(c, in.Table, func(n int, row []flow.Value) error {
			v, err := test(row)
			if err != nil {
				return rowError(err, n)
			}
			ok, err := flow.Truth(v)
			if err != nil {
				return rowError(err, n)
			}
			if !ok {
				return nil
			}
			return add(row)
		})
	})
}
