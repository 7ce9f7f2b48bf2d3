package table

import (
	"daiban/action"
	"daiban/flow"
)

// staticColumns is the columns of a table argument that another argument names, before the run.
func staticColumns(s action.Static, table, names string) ([]flow.Column, bool) {
	cols, known := s.Columns(table)
	texts, ok := s.Texts(names)
	if !ok {
		return nil, false
	}
	var out []flow.Column
	for _, name := range texts {
		col, ok := staticColumn(cols, known, name)
		if !ok {
			return nil, false
		}
		if flow.ColumnIndex(out, col.Name) < 0 {
			out = append(out, col)
		}
	}
	return out, true
}

// staticColumn is the column called name, of columns that may not be known.
func staticColumn(cols []flow.Column, known bool, name string) (flow.Column, bool) {
	if !known {
		return flow.Column{Name: name}, true
	}
	i, err := action.Resolve(name, cols)
	if err != nil {
		return flow.Column{}, false
	}
	return cols[i], true
}
