// Package grid finds tables on the pages of a PDF: by their ruled lines where
// there are such, else by words that stand in columns.
package grid

import (
	"slices"
	"strings"

	"daiban/actions/pdf/internal/pdfdoc"
)

// A Cell is the text of a cell and where it stands. A cell without text has no box.
type Cell struct {
	Text string
	Page int
	Box  pdfdoc.Box
}

// A Table has its heading first. Rows are as long as the first.
type Table struct {
	Rows [][]Cell
	xs   []float64 // edges of the columns
	page int
}

// Find gives the tables of a document, top to bottom; those that go on over
// pages are one, and a heading that is repeated is dropped.
func Find(pages []pdfdoc.Page) []Table {
	var out []Table
	for _, p := range pages {
		p.Words = slices.DeleteFunc(slices.Clone(p.Words), func(w pdfdoc.Word) bool { return w.Turned })
		first := true
		for _, t := range onPage(p) {
			if n := len(out); n > 0 && first && out[n-1].page == p.Number-1 && goesOn(out[n-1], t) {
				out[n-1].add(t)
			} else {
				out = append(out, t)
			}
			first = false
		}
	}
	return slices.DeleteFunc(out, func(t Table) bool { return !t.isData() })
}

// onPage finds ruled tables, and columns in what lies outside them.
func onPage(p pdfdoc.Page) []Table {
	var all []Table
	rest := slices.Clone(p.Words)
	for _, t := range ruledTables(p) {
		if t.isData() || t.goesOnMaybe() {
			all = append(all, t)
			b := t.extent()
			rest = slices.DeleteFunc(rest, func(w pdfdoc.Word) bool { return inside(b, w.Box) })
		}
	}
	all = append(all, columnTables(rest, p.Number)...)
	slices.SortStableFunc(all, func(a, b Table) int { return compare(a.top(), b.top()) })
	return all
}

func inside(b, w pdfdoc.Box) bool {
	x, y := (w.X0+w.X1)/2, (w.Y0+w.Y1)/2
	return x > b.X0 && x < b.X1 && y > b.Y0 && y < b.Y1
}

func (t Table) top() float64 {
	for _, row := range t.Rows {
		for _, c := range row {
			if c.Text != "" {
				return c.Box.Y0
			}
		}
	}
	return 0
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// goesOn reports whether t continues before: the same heading, or the same
// columns at the same places.
func goesOn(before, t Table) bool {
	if len(before.Rows[0]) != len(t.Rows[0]) {
		return false
	}
	if sameTexts(before.Rows[0], t.Rows[0]) {
		return true
	}
	if len(before.xs) != len(t.xs) {
		return false
	}
	for i := range t.xs {
		if d := before.xs[i] - t.xs[i]; d > 6 || d < -6 {
			return false
		}
	}
	return true
}

func (t *Table) add(next Table) {
	rows := next.Rows
	if sameTexts(t.Rows[0], rows[0]) {
		rows = rows[1:]
	}
	t.Rows = append(t.Rows, rows...)
	t.page = next.page
}

func sameTexts(a, b []Cell) bool {
	for i := range a {
		if a[i].Text != b[i].Text {
			return false
		}
	}
	return true
}

// textOf joins the words of a cell in reading order, and tells its lines apart.
func textOf(ws []pdfdoc.Word) (lines [][]pdfdoc.Word) {
	slices.SortStableFunc(ws, func(a, b pdfdoc.Word) int { return compare(a.Y0+a.Y1, b.Y0+b.Y1) })
	for _, w := range ws {
		if n := len(lines); n > 0 && onLine(lines[n-1][0], w) {
			lines[n-1] = append(lines[n-1], w)
			continue
		}
		lines = append(lines, []pdfdoc.Word{w})
	}
	for _, l := range lines {
		slices.SortStableFunc(l, func(a, b pdfdoc.Word) int { return compare(a.X0, b.X0) })
	}
	return lines
}

func onLine(a, b pdfdoc.Word) bool {
	h := min(a.Y1-a.Y0, b.Y1-b.Y0)
	d := (a.Y0 + a.Y1 - b.Y0 - b.Y1) / 2
	return d < 0.5*h && d > -0.5*h
}

// cellOf makes a cell of lines of words.
func cellOf(lines [][]pdfdoc.Word) Cell {
	var c Cell
	for _, l := range lines {
		for _, w := range l {
			if c.Text == "" {
				c = Cell{Text: w.Text, Page: w.Page, Box: w.Box}
				continue
			}
			c.Text = join(c.Text, w.Text)
			c.Box = c.Box.Union(w.Box)
		}
	}
	return c
}

// join sets a blank between words, but not between Chinese characters.
func join(a, b string) string {
	last, first := []rune(a), []rune(b)
	if last[len(last)-1] >= 0x2E80 && first[0] >= 0x2E80 || strings.ContainsRune("￥¥$£€", last[len(last)-1]) {
		return a + b
	}
	return a + " " + b
}
