package grid

import (
	"slices"
	"strings"

	"daiban/actions/pdf/internal/pdfdoc"
)

// A chunk is a stretch of a line without a wide gap.
type chunk struct {
	words []pdfdoc.Word
	box   pdfdoc.Box
}

// A row is a line of chunks.
type row struct{ chunks []chunk }

func (r row) top() float64    { return r.chunks[0].box.Y0 }
func (r row) bottom() float64 { return r.chunks[0].box.Y1 }

// columnTables finds tables without lines: runs of lines that have text in the
// same columns.
func columnTables(ws []pdfdoc.Word, page int) []Table {
	rows := rowsOfChunks(ws)
	var out []Table
	for i := 0; i < len(rows); {
		n := runFrom(rows[i:])
		// Lines of a form may stand close above the heading: try without them.
		for k := 0; k+2 <= n && k < headTries; k++ {
			if t, ok := tableOf(rows[i+k:i+n], page); ok && t.isData() {
				out = append(out, t)
				break
			}
		}
		i += max(1, n)
	}
	return out
}

// headTries is how many lines of a run may stand before its heading.
const headTries = 20

func rowsOfChunks(ws []pdfdoc.Word) []row {
	var out []row
	for _, l := range textOf(slices.Clone(ws)) {
		var r row
		for _, w := range l {
			n := len(r.chunks)
			if n > 0 && w.X0-r.chunks[n-1].box.X1 < gapOf(r.chunks[n-1], w)*(w.Y1-w.Y0) {
				r.chunks[n-1].words = append(r.chunks[n-1].words, w)
				r.chunks[n-1].box = r.chunks[n-1].box.Union(w.Box)
				continue
			}
			r.chunks = append(r.chunks, chunk{[]pdfdoc.Word{w}, w.Box})
		}
		out = append(out, r)
	}
	return out
}

// gapOf is the gap, in heights, at which a chunk ends before w: two numbers
// need less than two words.
func gapOf(c chunk, w pdfdoc.Word) float64 {
	if numeric(c.words[len(c.words)-1].Text) && numeric(w.Text) {
		return 0.42
	}
	return 0.9
}

func numeric(s string) bool { return strings.Trim(s, "0123456789.,-%") == "" }

// runFrom counts the lines of a table that begins with the first: each has at
// least two chunks, or one that continues a cell of the line above.
func runFrom(rows []row) int {
	if len(rows[0].chunks) < 2 {
		return 0
	}
	n := 1
	for n < len(rows) {
		r, above := rows[n], rows[n-1]
		h := r.bottom() - r.top()
		if r.top()-above.bottom() > 1.8*h {
			break
		}
		if len(r.chunks) == 1 && (!continues(above, r.chunks[0]) || r.top()-above.bottom() > 0.6*h) {
			break
		}
		n++
	}
	for n > 0 && len(rows[n-1].chunks) == 1 && !continues(rows[max(0, n-2)], rows[n-1].chunks[0]) {
		n--
	}
	return n
}

// continues reports whether c stands under exactly one chunk of the line above.
func continues(above row, c chunk) bool {
	n := 0
	for _, a := range above.chunks {
		if overlap(a.box, c.box) > 0 {
			n++
		}
	}
	return n == 1
}

func overlap(a, b pdfdoc.Box) float64 { return min(a.X1, b.X1) - max(a.X0, b.X0) }

// tableOf puts the chunks of a run into columns: those of the lines with the
// usual number of chunks.
func tableOf(rows []row, page int) (Table, bool) {
	columns := columnsOf(rows)
	if len(columns) < 2 {
		return Table{}, false
	}
	t := Table{page: page}
	for _, c := range columns {
		t.xs = append(t.xs, c.X0)
	}
	full := 0
	for i, r := range rows {
		cells := r.cells(columns, i == 0)
		line := make([]Cell, len(columns))
		for j, ws := range cells {
			line[j] = cellOf(textOf(ws))
		}
		if len(r.chunks) == 1 && len(t.Rows) > 0 {
			t.extend(line)
			continue
		}
		if len(r.chunks) == len(columns) {
			full++
		}
		t.Rows = append(t.Rows, line)
	}
	return t, full >= 1 && len(t.Rows) >= 2
}

// cells puts the chunks of r into columns: each into its own where there are as many, else where
// it lies. The words of a heading may stand closer than the columns under them.
func (r row) cells(columns []pdfdoc.Box, heading bool) [][]pdfdoc.Word {
	out := make([][]pdfdoc.Word, len(columns))
	if r.fits(columns) {
		for i, c := range r.chunks {
			out[i] = c.words
		}
		return out
	}
	for _, c := range r.chunks {
		parts := c.parts(columns)
		if heading && len(r.chunks) < len(columns) {
			parts = c.apart(0.5)
		}
		for _, part := range parts {
			j := nearest(columns, part.box)
			out[j] = append(out[j], part.words...)
		}
	}
	return out
}

// fits reports whether r has a chunk for every column, none of which lies in another.
func (r row) fits(columns []pdfdoc.Box) bool {
	if len(r.chunks) != len(columns) {
		return false
	}
	for i, c := range r.chunks {
		if j := nearest(columns, c.box); j != i && overlap(columns[j], c.box) > 0 && overlap(columns[i], c.box) <= 0 {
			return false
		}
	}
	return true
}

// parts takes a chunk that lies over several columns apart into its words:
// their numbers stand close together.
func (c chunk) parts(columns []pdfdoc.Box) []chunk {
	over := 0
	for _, col := range columns {
		if overlap(col, c.box) > 0 {
			over++
		}
	}
	if over < 2 {
		return []chunk{c}
	}
	return c.apart(0)
}

// apart is c cut where the gap between two words is at least gap heights.
func (c chunk) apart(gap float64) []chunk {
	var out []chunk
	for i, w := range c.words {
		if n := len(out); i > 0 && w.X0-c.words[i-1].X1 < gap*(w.Y1-w.Y0) {
			out[n-1].words, out[n-1].box = append(out[n-1].words, w), out[n-1].box.Union(w.Box)
			continue
		}
		out = append(out, chunk{[]pdfdoc.Word{w}, w.Box})
	}
	return out
}

// extend adds a continuing line to the last row.
func (t *Table) extend(line []Cell) {
	last := t.Rows[len(t.Rows)-1]
	for j, c := range line {
		switch {
		case c.Text == "":
		case last[j].Text == "":
			last[j] = c
		default:
			last[j].Text, last[j].Box = join(last[j].Text, c.Text), last[j].Box.Union(c.Box)
		}
	}
}

// columnsOf are the extents of the columns: those of the heading when no line
// has more chunks, else from the lines that have as many as most.
func columnsOf(rows []row) []pdfdoc.Box {
	if heads := rows[0].chunks; !slices.ContainsFunc(rows, func(r row) bool { return len(r.chunks) > len(heads) }) {
		return widened(heads, rows[1:])
	}
	var best []pdfdoc.Box
	most := 0
	for _, r := range rows {
		n := len(r.chunks)
		if n < 2 {
			continue
		}
		columns, lines := alike(r, rows)
		if lines > most || lines == most && n > len(best) {
			best, most = columns, lines
		}
	}
	return best
}

// alike joins the extents of r with those of the rows that have as many chunks in the same
// places, and counts these.
func alike(r row, rows []row) (columns []pdfdoc.Box, lines int) {
	for _, c := range r.chunks {
		columns = append(columns, c.box)
	}
	for _, o := range rows {
		if !o.fits(columns) {
			continue
		}
		lines++
		for i, c := range o.chunks {
			columns[i] = columns[i].Union(c.box)
		}
	}
	return columns, lines
}

// widened are the extents of the heading with those below that lie in one
// column only.
func widened(heads []chunk, rows []row) []pdfdoc.Box {
	out := make([]pdfdoc.Box, len(heads))
	for j, h := range heads {
		out[j] = h.box
	}
	for _, r := range rows {
		for _, c := range r.chunks {
			at, n := 0, 0
			for j := range heads {
				if overlap(heads[j].box, c.box) > 0 {
					at, n = j, n+1
				}
			}
			if n == 1 {
				out[at] = out[at].Union(c.box)
			}
		}
	}
	return out
}

// nearest is the column that a box overlaps most, or lies closest to.
func nearest(columns []pdfdoc.Box, b pdfdoc.Box) int {
	best := 0
	for j := range columns {
		if overlap(columns[j], b) > overlap(columns[best], b) { // negative: the gap
			best = j
		}
	}
	return best
}
