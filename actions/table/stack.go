package table

import (
	"daiban/action"
	"daiban/flow"
)

// Stack puts tables under each other.
var Stack = action.Define(action.Spec{
	Name:   "table.stack",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Puts tables under each other. Columns are matched by name; case, width, spaces and what stands in brackets do not count. " +
		"A column that only some of the tables have is empty in the others.",
	DocZH: "把几张表上下拼在一起。同名的列对齐，大小写、全半角、空格和括号里的内容不计；只有部分表有的列，其余留空。",
	Says:  action.Sentence{ZH: "把 {tables} 上下拼接", EN: "Stack {tables}"},
	Shape: func(s action.Static) ([]flow.Column, bool) { return s.Columns("tables") }, // known when all have the same
}, stack)

type stackIn struct {
	Tables []flow.Table `arg:"tables,positional" doc:"the tables" zh:"几张表"`
}

func stack(c *action.Call, in stackIn) (flow.Table, error) {
	if len(in.Tables) == 0 {
		return nil, action.Bad("没有可以拼接的表", "there are no tables to stack")
	}
	return Stacked(in.Tables), nil
}

// Stacked is tables under each other; it is computed while it is read.
func Stacked(tables []flow.Table) flow.Table {
	cols, maps := stackColumns(tables)
	n := 0
	for _, t := range tables {
		n += t.Len()
	}
	return &view{cols, n, func(yield func([]flow.Value, error) bool) {
		for i, t := range tables {
			out := make([]flow.Value, len(cols))
			for row, err := range t.Rows() {
				for j, v := range row {
					out[maps[i][j]] = v
				}
				if !yield(out, err) || err != nil {
					return
				}
			}
		}
	}}
}

// stackColumns is the columns of all tables, and where each column of each table goes.
func stackColumns(tables []flow.Table) (cols []flow.Column, maps [][]int) {
	for n, t := range tables {
		m := make([]int, len(t.Columns()))
		taken := map[int]bool{}
		for j, c := range t.Columns() {
			i := flow.ColumnIndex(cols, c.Name)
			for k := 0; i < 0 && k < len(cols); k++ {
				// Not a column that another one of t claims by its exact name.
				if !taken[k] && action.SameHeading(cols[k].Name, c.Name) && flow.ColumnIndex(t.Columns(), cols[k].Name) < 0 {
					i = k
				}
			}
			switch {
			case i < 0:
				i, cols = len(cols), append(cols, c)
			case n > 0 && cols[i].Kind != c.Kind:
				cols[i].Kind = mixedKind(cols[i].Kind, c.Kind)
			}
			m[j], taken[i] = i, true
		}
		maps = append(maps, m)
	}
	return cols, maps
}

// mixedKind is the kind of a column that holds a and b: dates and times are times.
func mixedKind(a, b flow.Kind) flow.Kind {
	if (a == flow.DateKind || a == flow.TimeKind) && (b == flow.DateKind || b == flow.TimeKind) {
		return flow.TimeKind
	}
	return flow.NullKind
}
