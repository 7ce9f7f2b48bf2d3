package table

import (
	"slices"

	"daiban/action"
	"daiban/flow"
)

// Column adds a computed column.
var Column = action.Define(action.Spec{
	Name:   "table.column",
	Effect: action.Reads,
	Pure:   true,
	Doc:    "Adds a column computed from the others of its row, at the end. A column that has exactly this name is replaced where it stands.",
	DocZH:  "按本行其他列算出一列，加在最后。已有同名的列就在原处替换。",
	Says:   action.Sentence{ZH: "给 {table} 加一列“{name}”= {value}", EN: "Add the column “{name}” = {value} to {table}"},
	Shape: func(s action.Static) ([]flow.Column, bool) {
		cols, ok := s.Columns("table")
		names, known := s.Texts("name")
		if !ok || !known || len(names) != 1 {
			return nil, false
		}
		cols, _ = setColumn(cols, names[0])
		return cols, true
	},
}, column)

type columnIn struct {
	Table flow.Table  `arg:"table,positional" doc:"the table" zh:"表"`
	Name  string      `arg:"name,positional" doc:"the name of the column" zh:"列名"`
	Value action.Expr `arg:"value,of=table" doc:"its value, over the columns: 数量 * 单价" zh:"怎么算，直接写列名：数量 * 单价"`
}

// setColumn is cols with a column called name, and where it is; its kind is open.
func setColumn(cols []flow.Column, name string) ([]flow.Column, int) {
	cols = slices.Clone(cols)
	i := flow.ColumnIndex(cols, name)
	if i < 0 {
		i, cols = len(cols), append(cols, flow.Column{Name: name})
	}
	cols[i].Kind = flow.NullKind
	return cols, i
}

func column(c *action.Call, in columnIn) (flow.Table, error) {
	if in.Name == "" {
		return nil, action.Bad("新列没有名字", "the new column has no name")
	}
	value, err := in.Value.Compile(in.Table.Columns())
	if err != nil {
		return nil, err
	}
	cols, i := setColumn(in.Table.Columns(), in.Name)
	var seen seenKind
	out := make([]flow.Value, len(cols))
	t, err := build(c, cols, func(add func([]flow.Value) error) error {
		return each(c, in.Table, func(n int, row []flow.Value) error {
			v, err := value(row)
			if err != nil {
				return action.Bad("算“%s”列：%v", "column “%s”: %v", in.Name, rowError(err, n))
			}
			seen.add(&v)
			copy(out, row)
			out[i] = v
			return add(out)
		})
	})
	if err != nil {
		return nil, err
	}
	cols[i].Kind = seen.kind
	return withKinds(t, cols), nil
}
