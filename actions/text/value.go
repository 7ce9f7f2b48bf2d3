package text

import (
	"strings"

	"daiban/action"
	"daiban/flow"
)

// rowsMax is how many rows of a table the model is shown.
const rowsMax = 200

// told is a value as the model is shown it: a row as "name: value" lines, a table as its rows, a mail with its head, a text as it is.
func told(v flow.Value) (string, error) {
	switch v.Kind() {
	case flow.NullKind:
		return "", nil
	case flow.RowKind:
		return rowText(v.Row().Columns(), v.Row().Values()), nil
	case flow.MailKind:
		r := action.MailRow(v.Mail())
		return rowText(r.Columns(), r.Values()), nil
	case flow.TableKind:
		return tableText(v.Table())
	case flow.ListKind:
		if t := action.AsTable(v); t != nil && len(v.List()) > 0 {
			return tableText(t)
		}
		var lines []string
		for _, x := range v.List() {
			s, err := told(x)
			if err != nil {
				return "", err
			}
			lines = append(lines, s)
		}
		return strings.Join(lines, "\n"), nil
	}
	s := strings.TrimSpace(v.String())
	if len(s) > textMax {
		return given(s)
	}
	return s, nil
}

// rowText is a row, a line a column; empty cells are left out.
func rowText(cols []flow.Column, values []flow.Value) string {
	var lines []string
	for i, c := range cols {
		if s := strings.TrimSpace(values[i].String()); s != "" {
			lines = append(lines, c.Name+": "+s)
		}
	}
	return strings.Join(lines, "\n")
}

func tableText(t flow.Table) (string, error) {
	if t.Len() > rowsMax {
		return "", action.Limit("表有 %d 行，语言模型一次最多看 %d 行：先用 table.top 或 table.group 取出要写的部分", "the table has %d rows, and the language model looks at %d at most: take what matters with table.top or table.group first", t.Len(), rowsMax)
	}
	lines := []string{strings.Join(flow.ColumnNames(t), " | ")}
	for row, err := range t.Rows() {
		if err != nil {
			return "", err
		}
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = strings.Join(strings.Fields(v.String()), " ")
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return strings.Join(lines, "\n"), nil
}
