package report

import (
	"slices"
	"strings"

	"daiban/flow"
)

// A TableDiff is what changes in a table. Rows are counted from 1, without the header.
type TableDiff struct {
	RowsBefore     int       `json:"rows_before"`
	RowsAfter      int       `json:"rows_after"`
	ColumnsAdded   []string  `json:"columns_added,omitempty"`
	ColumnsRemoved []string  `json:"columns_removed,omitempty"`
	Added          int       `json:"added"`
	Removed        int       `json:"removed"`
	Changed        int       `json:"changed"`
	Rows           []RowDiff `json:"rows,omitempty"`       // the first of them
	Uncompared     bool      `json:"uncompared,omitempty"` // too large: only counted
}

// A RowDiff is a row that is added (+), removed (-) or changed (~).
type RowDiff struct {
	Op    string     `json:"op"`
	Row   int        `json:"row"` // in the table after, of a removed one before
	Cells []CellDiff `json:"cells"`
}

// A CellDiff is a cell that changes, or one of an added or removed row.
type CellDiff struct {
	Column string `json:"column"`
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
}

const (
	diffRowsMax = 20000   // compared; larger tables are only counted
	diffArea    = 4 << 20 // rows × rows between the first and the last change
	diffShown   = 50      // rows told
)

// Compare tells the rows and cells that differ between two tables, as the detail of an effect.
// Nil before is a new table.
func Compare(before, after flow.Table) (map[string]any, error) {
	d, err := DiffTables(before, after)
	if err != nil {
		return nil, err
	}
	return map[string]any{"rows": d.RowsAfter, "diff": d}, nil
}

// DiffTables tells the rows and cells that differ. Rows are compared by the columns that both have.
func DiffTables(before, after flow.Table) (*TableDiff, error) {
	d := &TableDiff{RowsBefore: before.Len(), RowsAfter: after.Len()}
	names := common(before, after, d)
	if d.RowsBefore > diffRowsMax || d.RowsAfter > diffRowsMax {
		d.Uncompared = true
		return d, nil
	}
	old, err := texts(before, names)
	if err != nil {
		return nil, err
	}
	now, err := texts(after, names)
	if err != nil {
		return nil, err
	}
	for _, h := range align(old, now) {
		d.hunk(names, old, now, h)
	}
	return d, nil
}

func common(before, after flow.Table, d *TableDiff) []string {
	var names []string
	was, is := flow.ColumnNames(before), flow.ColumnNames(after)
	for _, n := range is {
		if slices.Contains(was, n) {
			names = append(names, n)
		} else {
			d.ColumnsAdded = append(d.ColumnsAdded, n)
		}
	}
	for _, n := range was {
		if !slices.Contains(is, n) {
			d.ColumnsRemoved = append(d.ColumnsRemoved, n)
		}
	}
	return names
}

// texts is the cells of the columns as they are read, numbers without trailing zeros.
func texts(t flow.Table, names []string) ([][]string, error) {
	at := make([]int, len(names))
	for i, n := range names {
		at[i] = flow.ColumnIndex(t.Columns(), n)
	}
	var out [][]string
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		cells := make([]string, len(at))
		for i, j := range at {
			if v := row[j]; v.Kind() == flow.NumberKind {
				cells[i] = v.Number().Key()
			} else {
				cells[i] = v.String()
			}
		}
		out = append(out, cells)
	}
	return out, nil
}

// A hunk is rows old[a0:a1] that stand as now[b0:b1] after.
type hunk struct{ a0, a1, b0, b1 int }

// align finds the hunks that differ, by the longest common subsequence of rows.
func align(old, now [][]string) []hunk {
	a, b := keys(old), keys(now)
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	endA, endB := len(a), len(b)
	for endA > from && endB > from && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	n, m := endA-from, endB-from
	if n == 0 && m == 0 {
		return nil
	}
	if n*m > diffArea {
		return []hunk{{from, endA, from, endB}}
	}
	return walk(a[from:endA], b[from:endB], from)
}

func keys(rows [][]string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = strings.Join(r, "\x00")
	}
	return out
}

// walk is the hunks of a and b, whose first row is row from of the tables.
func walk(a, b []string, from int) []hunk {
	w := len(b) + 1
	lcs := make([]int32, (len(a)+1)*w)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lcs[i*w+j] = lcs[(i+1)*w+j+1] + 1
			} else {
				lcs[i*w+j] = max(lcs[(i+1)*w+j], lcs[i*w+j+1])
			}
		}
	}
	var out []hunk
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i, j = i+1, j+1
			continue
		}
		h := hunk{a0: i, b0: j}
		for i < len(a) || j < len(b) {
			if i < len(a) && j < len(b) && a[i] == b[j] {
				break
			}
			if j >= len(b) || i < len(a) && lcs[(i+1)*w+j] >= lcs[i*w+j+1] {
				i++
			} else {
				j++
			}
		}
		h.a1, h.b1 = i, j
		out = append(out, hunk{h.a0 + from, h.a1 + from, h.b0 + from, h.b1 + from})
	}
	return out
}

// hunk tells one hunk: rows in the same place that share a cell are the same row, changed.
func (d *TableDiff) hunk(names []string, old, now [][]string, h hunk) {
	i, j := h.a0, h.b0
	for i < h.a1 && j < h.b1 {
		if cells, same := cellDiffs(names, old[i], now[j]); same {
			d.add(RowDiff{"~", j + 1, cells})
			i, j = i+1, j+1
			continue
		}
		if h.a1-i > h.b1-j {
			d.add(RowDiff{"-", i + 1, whole(names, old[i], true)})
			i++
		} else if h.a1-i < h.b1-j {
			d.add(RowDiff{"+", j + 1, whole(names, now[j], false)})
			j++
		} else {
			d.add(RowDiff{"-", i + 1, whole(names, old[i], true)})
			d.add(RowDiff{"+", j + 1, whole(names, now[j], false)})
			i, j = i+1, j+1
		}
	}
	for ; i < h.a1; i++ {
		d.add(RowDiff{"-", i + 1, whole(names, old[i], true)})
	}
	for ; j < h.b1; j++ {
		d.add(RowDiff{"+", j + 1, whole(names, now[j], false)})
	}
}

func (d *TableDiff) add(r RowDiff) {
	switch r.Op {
	case "+":
		d.Added++
	case "-":
		d.Removed++
	default:
		d.Changed++
	}
	if len(d.Rows) < diffShown {
		d.Rows = append(d.Rows, r)
	}
}

// cellDiffs is the cells that differ; same is false when hardly one would call it the same row.
func cellDiffs(names []string, old, now []string) (cells []CellDiff, same bool) {
	for i, n := range names {
		if old[i] != now[i] {
			cells = append(cells, CellDiff{n, old[i], now[i]})
		} else if old[i] != "" {
			same = true
		}
	}
	return cells, same || len(names) == 1
}

func whole(names []string, row []string, old bool) []CellDiff {
	cells := make([]CellDiff, len(names))
	for i, n := range names {
		if old {
			cells[i] = CellDiff{Column: n, Old: row[i]}
		} else {
			cells[i] = CellDiff{Column: n, New: row[i]}
		}
	}
	return cells
}
