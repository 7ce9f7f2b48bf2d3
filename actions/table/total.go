package table

import (
	"daiban/action"
	"daiban/flow"
)

// Total adds up a column.
var Total = action.Define(action.Spec{
	Name:   "table.total",
	Effect: action.Reads,
	Pure:   true,
	Doc:    "Adds up a column. Empty cells, - and N/A do not count; any other text that is no number is an error that names its row.",
	DocZH:  "求一列的合计。空单元格、“-”、“无”、N/A 不计；其他不是数字的内容会报错并指出在第几行。",
	Says:   action.Sentence{ZH: "计算 {table} 的 {column} 合计", EN: "Add up {column} of {table}"},
}, total)

type totalIn struct {
	Table  flow.Table    `arg:"table,positional" doc:"the table" zh:"表"`
	Column action.Column `arg:"column,positional,of=table" doc:"the column to add up" zh:"要合计的列"`
}

func total(c *action.Call, in totalIn) (flow.Number, error) {
	i, err := place(in.Table, string(in.Column))
	if err != nil {
		return flow.Number{}, err
	}
	var t tally
	f := figure{"sum", i}
	name := in.Table.Columns()[i].Name
	err = each(c, in.Table, func(n int, row []flow.Value) error { return t.add(f, n, &row[i], name) })
	return t.sum, err
}
