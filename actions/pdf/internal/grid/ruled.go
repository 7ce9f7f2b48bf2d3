package grid

import (
	"math"
	"slices"

	"daiban/actions/pdf/internal/pdfdoc"
)

// near is how far apart two lines may lie and still count as one, in points.
const near = 3.0

// rulesMax bounds the lines of a page that are looked at: beyond that it is a
// drawing, not a form.
const rulesMax = 4000

// A mesh is a set of ruled lines that touch each other.
type mesh struct {
	h, v []pdfdoc.Rule
	box  pdfdoc.Box
}

// ruledTables finds the tables in the meshes of a page.
func ruledTables(p pdfdoc.Page) (out []Table) {
	if len(p.Rules) > rulesMax {
		return nil
	}
	for _, m := range meshes(p.Rules) {
		if len(m.v) < 2 || len(m.h) < 2 {
			continue
		}
		out = append(out, m.tables(p)...)
	}
	return out
}

// meshes groups the rules that touch.
func meshes(rules []pdfdoc.Rule) []mesh {
	group := make([]int, len(rules))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	for i := range rules {
		for j := range i {
			if touch(rules[i].Box, rules[j].Box) {
				group[root(i)] = root(j)
			}
		}
	}
	byRoot := map[int]*mesh{}
	var order []int
	for i, r := range rules {
		m := byRoot[root(i)]
		if m == nil {
			m = &mesh{box: r.Box}
			byRoot[root(i)] = m
			order = append(order, root(i))
		}
		m.box = m.box.Union(r.Box)
		if r.Vertical {
			m.v = append(m.v, r)
		} else {
			m.h = append(m.h, r)
		}
	}
	out := make([]mesh, len(order))
	for i, r := range order {
		out[i] = *byRoot[r]
	}
	return out
}

func touch(a, b pdfdoc.Box) bool {
	return a.X0-near <= b.X1 && b.X0-near <= a.X1 && a.Y0-near <= b.Y1 && b.Y0-near <= a.Y1
}

// positions are the distinct values, those close together taken as one.
func positions(xs []float64) []float64 {
	slices.Sort(xs)
	var out []float64
	for _, x := range xs {
		if n := len(out); n == 0 || x-out[n-1] > near {
			out = append(out, x)
		}
	}
	return out
}

// A band is a stretch of the mesh between two horizontal lines, with the
// vertical lines that cross it.
type band struct {
	y0, y1 float64
	xs     []float64
}

// tables takes the bands with the same columns together.
func (m mesh) tables(p pdfdoc.Page) []Table {
	ys := make([]float64, len(m.h))
	for i, r := range m.h {
		ys[i] = (r.Y0 + r.Y1) / 2
	}
	ys = positions(ys)
	var bands []band
	for i := 1; i < len(ys); i++ {
		bands = append(bands, m.band(ys[i-1], ys[i]))
	}
	var out []Table
	for len(bands) > 0 {
		n := 1
		for n < len(bands) && sameEdges(bands[0].xs, bands[n].xs) {
			n++
		}
		if len(bands[0].xs) >= 3 {
			if t := m.table(p, bands[:n]); len(t.Rows) > 0 {
				out = append(out, t)
			}
		}
		bands = bands[n:]
	}
	return out
}

func (m mesh) band(y0, y1 float64) band {
	var xs []float64
	for _, r := range m.v {
		if mid := (y0 + y1) / 2; r.Y0 <= mid && r.Y1 >= mid {
			xs = append(xs, (r.X0+r.X1)/2)
		}
	}
	return band{y0, y1, positions(xs)}
}

func sameEdges(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > near {
			return false
		}
	}
	return true
}

// table reads the cells of bands; a cell that spans bands (no line under it)
// counts for each of them.
func (m mesh) table(p pdfdoc.Page, bands []band) Table {
	t := Table{xs: bands[0].xs, page: p.Number}
	cols := len(t.xs) - 1
	words := make([][][]pdfdoc.Word, len(bands))
	for i, b := range bands {
		words[i] = make([][]pdfdoc.Word, cols)
		for j := range cols {
			cell := pdfdoc.Box{X0: b.xs[j], Y0: b.y0, X1: b.xs[j+1], Y1: b.y1}
			for _, w := range p.Words {
				if inside(cell, w.Box) {
					words[i][j] = append(words[i][j], w)
				}
			}
		}
	}
	for j := range cols {
		m.spread(bands, words, j)
	}
	for i := range bands {
		t.Rows = append(t.Rows, rowsOf(words[i])...)
	}
	return t
}

// spread gives every band of a spanning cell all its words.
func (m mesh) spread(bands []band, words [][][]pdfdoc.Word, j int) {
	for i := 0; i < len(bands); {
		n := 1
		for i+n < len(bands) && !m.lineAt(bands[i+n].y0, bands[i].xs[j], bands[i].xs[j+1]) {
			n++
		}
		if n > 1 {
			var all []pdfdoc.Word
			for k := range n {
				all = append(all, words[i+k][j]...)
			}
			for k := range n {
				words[i+k][j] = slices.Clone(all)
			}
		}
		i += n
	}
}

// lineAt reports whether a horizontal line at y crosses the middle of x0, x1.
func (m mesh) lineAt(y, x0, x1 float64) bool {
	mid := (x0 + x1) / 2
	for _, r := range m.h {
		if math.Abs((r.Y0+r.Y1)/2-y) <= near && r.X0 <= mid && r.X1 >= mid {
			return true
		}
	}
	return false
}

// rowsOf makes rows of the words of one band. Several, when two cells or more
// have lines at the same heights: forms rule only around the whole list. Lines
// that no other cell shares continue the line above them.
func rowsOf(cells [][]pdfdoc.Word) [][]Cell {
	lines := make([][][]pdfdoc.Word, len(cells))
	for j, ws := range cells {
		lines[j] = textOf(ws)
	}
	heights := sharedHeights(lines)
	if len(heights) == 0 {
		heights = []float64{math.Inf(-1)}
	}
	out := make([][]Cell, len(heights))
	for i := range out {
		out[i] = make([]Cell, len(cells))
		for j := range cells {
			out[i][j] = cellOf(between(lines[j], heights, i))
		}
	}
	return slices.DeleteFunc(out, func(r []Cell) bool {
		return !slices.ContainsFunc(r, func(c Cell) bool { return c.Text != "" })
	})
}

// sharedHeights are the heights at which at least two cells have a line; none
// when that gives only one row.
func sharedHeights(lines [][][]pdfdoc.Word) []float64 {
	var all []pdfdoc.Word // the first word of every line
	for _, cell := range lines {
		for _, l := range cell {
			all = append(all, l[0])
		}
	}
	slices.SortStableFunc(all, func(a, b pdfdoc.Word) int { return compare(a.Y0+a.Y1, b.Y0+b.Y1) })
	var out []float64
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && onLine(all[i], all[i+n]) {
			n++
		}
		if n >= 2 {
			out = append(out, all[i].Y0-1)
		}
		i += n
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// between are the lines from height i to the next; what is above the first
// belongs to it.
func between(lines [][]pdfdoc.Word, heights []float64, i int) [][]pdfdoc.Word {
	var out [][]pdfdoc.Word
	for _, l := range lines {
		y := (l[0].Y0 + l[0].Y1) / 2
		if (i == 0 || y >= heights[i]) && (i+1 == len(heights) || y < heights[i+1]) {
			out = append(out, l)
		}
	}
	return out
}
