package web

import (
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// A grid is a table as the page shows it.
type grid struct {
	Caption string
	Rows    []gridRow
	Near    int // the element that a table and its split-off header share
}

type gridRow struct {
	Cells      []gridCell
	Head, Foot bool
}

type gridCell struct {
	Text       string
	Head       bool
	Cols, Rows int
}

// allHead reports whether a row is made of headers alone.
func (r gridRow) allHead() bool {
	return len(r.Cells) > 0 && (r.Head || !slices.ContainsFunc(r.Cells, func(c gridCell) bool { return !c.Head }))
}

func (r gridRow) width() int {
	n := 0
	for _, c := range r.Cells {
		n += max(1, c.Cols)
	}
	return n
}

// joined puts a header that a page keeps in a table of its own, so that it can stand still, and the
// table of the rows together again.
func joined(list []grid) []grid {
	var out []grid
	for i := 0; i < len(list); i++ {
		g := list[i]
		onlyHead := !slices.ContainsFunc(g.Rows, func(r gridRow) bool { return !r.allHead() })
		if onlyHead && i+1 < len(list) {
			next := list[i+1]
			if len(next.Rows) > 0 && !next.Rows[0].allHead() && abs(next.Rows[0].width()-g.Rows[len(g.Rows)-1].width()) <= 1 {
				g.Rows = append(slices.Clone(g.Rows), next.Rows...)
				i++
			}
		}
		out = append(out, g)
	}
	return out
}

func abs(n int) int { return max(n, -n) }

// cellsMax bounds a table, in cells.
const cellsMax = 2_000_000

// matrix is the rows with merged cells filled, and how many of the first are headers.
func (g grid) matrix() (rows [][]string, heads int, err error) {
	var held []span // cells from above that reach into the row
	size, inHead := 0, true
	for _, r := range g.Rows {
		row, next := r.fill(held)
		held = next
		if size += len(row); size > cellsMax {
			return nil, 0, action.Limit("网页上的表格太大", "the table of the page is too large")
		}
		if r.Foot {
			continue
		}
		if inHead = inHead && r.allHead(); inHead {
			heads++
		}
		rows = append(rows, row)
	}
	if heads == len(rows) && heads > 0 {
		heads = 1 // a table of headers alone: the first of them heads the others
	}
	return rows, heads, nil
}

// A span is a cell that reaches into rows below.
type span struct {
	text string
	left int // rows that it still reaches into
}

// fill lays the cells of a row out, those from above in their places.
func (r gridRow) fill(held []span) (row []string, next []span) {
	put := func(text string, left int) {
		row = append(row, text)
		next = append(next, span{text, left})
	}
	above := func() {
		for len(row) < len(held) && held[len(row)].left > 0 {
			h := held[len(row)]
			put(h.text, h.left-1)
		}
	}
	for _, c := range r.Cells {
		above()
		for range min(max(1, c.Cols), 200) {
			put(c.Text, min(max(1, c.Rows), 5000)-1)
		}
	}
	above()
	return row, next
}

// table is the grid as a table of a flow.
func (g grid) table(c *action.Call) (flow.Table, error) {
	rows, heads, err := g.matrix()
	if err != nil {
		return nil, err
	}
	if heads == 0 && len(rows) > 1 { // a table that marks no header: its first row is one
		heads = 1
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	names := headings(rows[:heads], width)
	body := slices.DeleteFunc(rows[heads:], func(r []string) bool {
		return !slices.ContainsFunc(r, func(s string) bool { return s != "" })
	})
	columns, kinds, keep := decide(names, body)
	b := c.Table(columns)
	for _, r := range body {
		out := make([]flow.Value, 0, len(columns))
		for n, i := range keep {
			text := ""
			if i < len(r) {
				text = r[i]
			}
			out = append(out, cellValue(text, kinds[n]))
		}
		if err := b.Add(out); err != nil {
			return nil, err
		}
	}
	return b.Done()
}

// headings is the names of the columns: of several header rows the parts that differ, joined.
func headings(rows [][]string, width int) []string {
	names := make([]string, width)
	for i := range names {
		var parts []string
		for _, r := range rows {
			if i < len(r) {
				t := clean(strings.ReplaceAll(r[i], "\n", " "))
				if t != "" && (len(parts) == 0 || parts[len(parts)-1] != t) {
					parts = append(parts, t)
				}
			}
		}
		name := strings.Join(parts, " ")
		for k, base := 2, name; name != "" && slices.Contains(names[:i], name); k++ {
			name = fmt.Sprintf("%s_%d", base, k)
		}
		names[i] = name
	}
	return names
}

// decide is the columns and what their cells are. A column without a name and without values, such as
// one of boxes to tick, is left out.
func decide(names []string, body [][]string) (columns []flow.Column, kinds []flow.Kind, keep []int) {
	for i, name := range names {
		var texts []string
		for _, r := range body {
			if i < len(r) && r[i] != "" {
				texts = append(texts, r[i])
			}
		}
		if name == "" {
			if len(texts) == 0 {
				continue
			}
			name = fmt.Sprintf("column_%d", i+1)
		}
		k := kindOfCells(name, texts)
		columns, kinds, keep = append(columns, flow.Column{Name: name, Kind: k}), append(kinds, k), append(keep, i)
	}
	return columns, kinds, keep
}

// kindOfCells is what the texts of a column plainly are.
func kindOfCells(name string, texts []string) flow.Kind {
	if len(texts) == 0 {
		return flow.TextKind
	}
	numbers, days := !isID(name), true
	for _, t := range texts {
		if numbers {
			_, ok := flow.ReadNumber(t)
			numbers = ok && !keepsAsText(t)
		}
		if days {
			_, days = flow.ReadDate(t)
		}
	}
	switch {
	case days && !(numbers && allDigits(texts)):
		return kindOfDays(texts)
	case numbers:
		return flow.NumberKind
	}
	return flow.TextKind
}

func kindOfDays(texts []string) flow.Kind {
	for _, t := range texts {
		if v, _ := flow.ReadDate(t); v.Kind() == flow.TimeKind {
			return flow.TimeKind
		}
	}
	return flow.DateKind
}

func allDigits(texts []string) bool {
	return !slices.ContainsFunc(texts, func(t string) bool { return digitsOf(t) != t })
}

// keepsAsText reports whether digits are a name rather than a number: leading zeros, very long.
func keepsAsText(t string) bool {
	d := digitsOf(t)
	return len(d) == len(t) && (len(t) > 1 && t[0] == '0' || len(t) > 15)
}

// isID reports whether a column is called like a number that names something.
func isID(name string) bool {
	n := strings.ToLower(clean(name))
	for _, s := range []string{"编号", "单号", "号码", "订单号", "工号", "学号", "卡号", "账号", "帐号", "代码", "编码", "电话", "手机", "邮编", "身份证", "phone", "tel", "mobile", "zip", "code"} {
		if strings.HasSuffix(n, s) {
			return true
		}
	}
	return n == "id" || n == "no" || n == "no." || strings.HasSuffix(n, " id") || strings.HasSuffix(n, " no") || strings.HasSuffix(n, "_id")
}

func cellValue(text string, k flow.Kind) flow.Value {
	if text == "" {
		return flow.Null()
	}
	switch k {
	case flow.NumberKind:
		n, _ := flow.ReadNumber(text)
		return flow.Num(n)
	case flow.DateKind, flow.TimeKind:
		v, _ := flow.ReadDate(text)
		if k == flow.TimeKind && v.Kind() == flow.DateKind {
			return flow.Clock(v.Time())
		}
		return v
	}
	return flow.Text(text)
}
