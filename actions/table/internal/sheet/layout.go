package sheet

import (
	"context"
	"fmt"

	"daiban/flow"
)

// A layout is what the first pass over a sheet has found.
type layout struct {
	header
	cols  []column
	skip  map[int]bool // numbers of rows below the header that are not data
	rows  int          // of data
	total int          // the first totals row at the end, 0 for none
	last  int          // the last row of data
	cut   bool         // not all rows were seen
	notes []Note
}

// tailRows is how many rows at the end may be totals and signatures.
const tailRows = 8

// headMax is how many rows, empty ones aside, the header is looked for in.
const headMax = 64

type analyser struct {
	layout
	src     source
	forced  int
	limit   int // rows to look at, 0 for all
	seen    int
	head    []headRow
	found   bool
	fill    filler
	tail    []headRow
	stats   []stats
	sink    func(headRow) error // takes the rows of data
	err     error               // of sink
	short   int                 // rows with fewer cells than the header
	long    int                 // the first row with more
	hidden  int
	repeats int
}

// analyse looks at the rows of src, all or the first limit ones. forced is the number of the header row, or 0.
func analyse(ctx context.Context, src source, forced, limit int) (*layout, error) {
	a := &analyser{src: src, forced: forced, limit: limit, fill: filler{areas: src.merges()}}
	a.sink = a.look
	a.skip = map[int]bool{}
	if src.traits().exact {
		a.forced = 1
	}
	if err := each(ctx, src, a.row); err != nil {
		return nil, err
	}
	if err := a.finish(); err != nil {
		return nil, err
	}
	if err := a.dropSums(ctx); err != nil {
		return nil, err
	}
	return &a.layout, nil
}

func (a *analyser) row(r rowRef, cells []cell) error {
	if firstFilled(cells) < 0 || r.n < a.forced {
		return nil
	}
	a.seen++
	if a.limit > 0 && a.seen > a.limit {
		a.cut = true
		return errStop
	}
	if r.hidden {
		a.hidden++
	}
	if a.found {
		a.below(r.n, cells)
		return nil
	}
	a.head = append(a.head, headRow{r.n, append([]cell(nil), cells...)})
	if len(a.head) == headMax {
		a.decideHeader()
	}
	return nil
}

// decideHeader finds the header and takes the rows read so far as data below it.
func (a *analyser) decideHeader() {
	a.found = true
	if a.forced > 0 && len(a.head) > 0 {
		if a.head[0].n == a.forced {
			a.header = headerAt(a.head, 0, a.src.merges())
		}
	} else {
		a.header = findHeader(a.head, a.src.merges())
	}
	for _, h := range a.head {
		if h.n >= a.header.row+a.depth {
			a.below(h.n, h.cells)
		}
	}
	a.head = a.head[:min(len(a.head), 1)]
}

// below takes a row under the header. The last few wait: they may be totals.
func (a *analyser) below(n int, cells []cell) {
	if !a.src.traits().exact && a.repeatsHeader(cells) {
		a.skip[n] = true
		a.repeats++
		return
	}
	if a.depth > 0 && len(cells) < len(a.names) {
		a.short++
	} else if a.depth > 0 && a.long == 0 && len(cells) > len(a.names) && firstFilled(cells[len(a.names):]) >= 0 {
		a.long = n
	}
	cells = a.fill.row(n, cells)
	if len(a.tail) < tailRows {
		a.tail = append(a.tail, headRow{n, append([]cell(nil), cells...)})
		return
	}
	old := a.tail[0]
	a.count(old)
	copy(a.tail, a.tail[1:])
	a.tail[tailRows-1] = headRow{n, append(old.cells[:0], cells...)}
}

// repeatsHeader reports whether a row is the header again, as printed lists have it on each page.
func (a *analyser) repeatsHeader(cells []cell) bool {
	if a.depth != 1 || len(cells) < 2 || len(cells) > len(a.names) {
		return false
	}
	for i := range a.names {
		text := ""
		if i < len(cells) {
			if cells[i].kind != textCell && cells[i].kind != emptyCell {
				return false
			}
			text = cells[i].text
		}
		if text != a.names[i] {
			return false
		}
	}
	return true
}

// count takes a row as data, unless it is a subtotal among them.
func (a *analyser) count(r headRow) {
	if !a.src.traits().exact && a.subtotal(r.cells) {
		a.dropTotal(r.n)
		return
	}
	if err := a.sink(r); err != nil && a.err == nil {
		a.err = err
	}
	a.rows++
	a.last = r.n
}

// look counts what the cells of a row could be.
func (a *analyser) look(r headRow) error {
	for len(a.stats) < len(r.cells) {
		a.stats = append(a.stats, stats{})
	}
	for i := range r.cells {
		a.stats[i].add(&r.cells[i])
	}
	return nil
}

// subtotal reports whether a row in the middle is a sum: it says so, and lacks some cell.
func (a *analyser) subtotal(cells []cell) bool {
	first := firstFilled(cells)
	return first >= 0 && cells[first].kind == textCell && isTotal(cells[first].text) &&
		filled(cells) < max(len(a.names), len(a.stats)) && hasNumber(cells)
}

func (a *analyser) dropTotal(n int) {
	a.skip[n] = true
	if len(a.skip) <= 3 {
		a.note("info", fmt.Sprintf("第 %d 行是合计，没有读进来", n), fmt.Sprintf("row %d is a totals row and was left out", n))
	}
}

func (a *layout) note(level, zh, en string) { a.notes = append(a.notes, Note{level, zh, en}) }

// finish takes the rows at the end, and decides names and kinds.
func (a *analyser) finish() error {
	if !a.found {
		a.decideHeader()
	}
	if a.forced > 0 && a.header.row == 0 && !a.src.traits().exact {
		return &inFile{zh: fmt.Sprintf("第 %d 行是空的，不能当表头", a.forced), en: fmt.Sprintf("row %d is empty and cannot be the header", a.forced)}
	}
	if err := a.takeTail(); err != nil {
		return err
	}
	a.makeColumns()
	a.tellNotes()
	return nil
}

// takeTail takes the rows at the end that are data.
func (a *analyser) takeTail() error {
	end := len(a.tail)
	if !a.cut && !a.src.traits().exact {
		end = a.tailEnd()
	}
	for _, r := range a.tail[:end] {
		a.count(r)
	}
	for i, r := range a.tail[end:] {
		if i == 0 {
			a.total = r.n
			a.dropTotal(r.n)
		}
		a.skip[r.n] = true
	}
	return a.err
}

// tailEnd is how many of the last rows are data: those before the totals row, or before the signatures.
func (a *analyser) tailEnd() int {
	width := max(len(a.names), 1)
	end := len(a.tail)
	for i := len(a.tail) - 1; i >= 0; i-- {
		cells := a.tail[i].cells
		n, text := filled(cells), cells[firstFilled(cells)].text
		switch {
		case isTotal(text) && (n < width || width <= 2 || i == len(a.tail)-1) && a.rows+i > 0:
			end = i
		case n*5 <= width*2 && n <= 3 && isFooter(text):
			end = i
		case n*5 <= width*2 && n <= 2 && width > 3:
			// sparse: only left out when a totals row stands above it
		default:
			return end
		}
	}
	return end
}

// makeColumns names the columns that have a heading or data.
func (a *analyser) makeColumns() {
	for i := range max(len(a.names), len(a.stats)) {
		c := column{index: i}
		if i < len(a.names) {
			c.name = a.names[i]
		}
		if i < len(a.stats) {
			c.stats = a.stats[i]
		}
		if c.name == "" && c.stats.n[cEmpty] == a.rowsOf(i) {
			continue
		}
		a.cols = append(a.cols, c)
	}
	distinct(a.cols)
	for i := range a.cols {
		a.cols[i].stats.commas = a.src.traits().commas
		a.cols[i].decide()
	}
}

// rowsOf is how many cells of column i were counted.
func (a *analyser) rowsOf(i int) int {
	if i >= len(a.stats) {
		return 0
	}
	return a.stats[i].count()
}

func (a *analyser) tellNotes() {
	if a.header.row == 0 && a.rows > 0 {
		a.note("warning", "没有找到表头，列名用 A、B、C", "no header was found; the columns are named A, B, C")
	}
	if a.hidden > 0 && !a.cut {
		a.note("info", fmt.Sprintf("有 %d 行是隐藏的，也读了", a.hidden), fmt.Sprintf("%d rows are hidden; they were read too", a.hidden))
	}
	if a.repeats > 0 {
		a.note("info", fmt.Sprintf("有 %d 行重复的表头，没有读进来", a.repeats), fmt.Sprintf("%d rows repeat the header and were left out", a.repeats))
	}
	if a.src.traits().ragged && a.short > 0 {
		a.note("info", fmt.Sprintf("有 %d 行比表头短，缺的按空读", a.short), fmt.Sprintf("%d rows are shorter than the header; what lacks was read as empty", a.short))
	}
	if a.src.traits().ragged && a.long > 0 {
		a.note("warning", fmt.Sprintf("第 %d 行比表头长，多出的列用字母命名", a.long), fmt.Sprintf("row %d is longer than the header; further columns are named by letters", a.long))
	}
	for i := range a.cols {
		a.cols[i].tellNotes(&a.layout)
	}
}

func (c *column) tellNotes(l *layout) {
	if n := c.stats.n[cErr]; n > 0 {
		l.note("warning", fmt.Sprintf("“%s”列有 %d 个错误值（如 #N/A），按空读", c.name, n), fmt.Sprintf("column “%s” has %d error values such as #N/A; they were read as empty", c.name, n))
	}
	if n := c.stats.n[cNone]; n > 0 && (c.mode == asNumber || c.mode == asComma || c.mode == asDay || c.mode == asTime) {
		l.note("info", fmt.Sprintf("“%s”列有 %d 个“-”一类的空值", c.name, n), fmt.Sprintf("column “%s” has %d cells such as “-”; they were read as empty", c.name, n))
	}
	if c.undecidedDays() {
		l.note("warning", fmt.Sprintf("“%s”列的日期分不清月和日（如 03/04/2026），按文本读", c.name), fmt.Sprintf("column “%s”: nothing tells day from month (03/04/2026); it was read as text", c.name))
	}
}

// dropSums leaves out a last row without a label that holds only the sums of the rows above it.
func (a *analyser) dropSums(ctx context.Context) error {
	if a.cut || a.src.traits().exact || a.total > 0 || a.rows < 3 || len(a.tail) == 0 {
		return nil
	}
	last := a.tail[len(a.tail)-1]
	if last.n != a.last || !a.couldBeSums(last.cells) {
		return nil
	}
	sums := make([]flow.Number, len(last.cells))
	err := each(ctx, a.src, func(r rowRef, cells []cell) error {
		if r.n < a.header.row+a.depth || a.skip[r.n] {
			return nil
		}
		if r.n >= last.n {
			return errStop
		}
		for i := range min(len(cells), len(sums)) {
			sums[i] = sums[i].Add(cells[i].numberValue().Number())
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range last.cells {
		c := &last.cells[i]
		if !c.empty() && sums[i].Sub(c.numberValue().Number()).Abs().Cmp(flow.Decimal(1, 2)) >= 0 {
			return nil
		}
	}
	a.rows--
	a.total = last.n
	a.dropTotal(last.n)
	return nil
}

// couldBeSums reports whether a row has numbers only, none of them 0, and lacks a cell that every other row has.
func (a *analyser) couldBeSums(cells []cell) bool {
	lacks := false
	for i := range a.cols {
		c := &a.cols[i]
		if c.index >= len(cells) || cells[c.index].empty() {
			full := c.stats.n[cEmpty] <= 1 && a.rowsOf(c.index) >= a.rows-1
			lacks = lacks || full && c.kind != flow.NumberKind
			continue
		}
		if n := cells[c.index].numberValue(); n.Kind() != flow.NumberKind || n.Number().Sign() == 0 {
			return false
		}
	}
	return lacks
}

func (l *layout) columns() []flow.Column {
	out := make([]flow.Column, len(l.cols))
	for i := range l.cols {
		out[i] = flow.Column{Name: l.cols[i].name, Kind: l.cols[i].kind}
	}
	return out
}

// load is the second pass: it converts the rows and hands them to a builder.
func (l *layout) load(ctx context.Context, src source, file string, o Options) (flow.Table, error) {
	out := newTable(o, l.columns())
	origin := &flow.Source{File: file, Sheet: src.sheet()}
	fill := filler{areas: src.merges()}
	done, first := 0, l.header.row+l.depth
	err := each(ctx, src, func(r rowRef, cells []cell) error {
		if r.n < first || firstFilled(cells) < 0 || l.skip[r.n] {
			return nil
		}
		cells = fill.row(r.n, cells)
		row, err := out.row()
		if err != nil {
			return err
		}
		for i := range l.cols {
			if c := &l.cols[i]; c.index < len(cells) {
				c.put(&row[i], &cells[c.index], origin)
			}
		}
		if done++; done&8191 == 0 && o.Progress != nil {
			o.Progress(done, l.rows)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out.Done()
}

// A filler gives the lower cells of a merged area the value of its first one. Only
// down its first column: what is merged across has one column's value.
type filler struct {
	areas  []area // in order of their first row
	next   int
	active []fillArea
	buf    []cell
}

type fillArea struct {
	area
	from cell
}

// row is cells with merged cells filled; it is good until the next call.
func (f *filler) row(n int, cells []cell) []cell {
	for f.next < len(f.areas) && f.areas[f.next].r1 <= n {
		m := f.areas[f.next]
		f.next++
		if m.r1 == n && m.r2 > n && m.c1 < len(cells) {
			f.active = append(f.active, fillArea{m, cells[m.c1]})
		}
	}
	if len(f.active) == 0 {
		return cells
	}
	f.buf = append(f.buf[:0], cells...)
	kept := f.active[:0]
	for _, m := range f.active {
		if m.r2 < n {
			continue
		}
		kept = append(kept, m)
		for len(f.buf) <= m.c1 {
			f.buf = append(f.buf, cell{})
		}
		if m.r1 < n && f.buf[m.c1].empty() {
			f.buf[m.c1] = m.from
		}
	}
	f.active = kept
	return f.buf
}
