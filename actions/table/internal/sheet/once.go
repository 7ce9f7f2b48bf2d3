package sheet

import (
	"context"
	"errors"

	"daiban/flow"
)

// onceSample is how many rows decide the columns of a text that is read in one pass.
const onceSample = 4096

// errUnfit says that a cell is not what the first rows promised, so that two passes are needed.
var errUnfit = errors.New("unfit")

// A onceReader reads a text in one pass: the first rows decide its columns, and every
// further cell is checked to be such that two passes would have decided the same.
type onceReader struct {
	analyser
	out    *builder
	o      Options
	origin *flow.Source
	places []*column // by index in the sheet; nil: must be empty
	at     []int     // by index in the sheet, the place in the row
}

// readOnce is Read for a long text. ok is false when the text does not suit: nothing is lost then but time.
func readOnce(ctx context.Context, src *csvSource, name string, o Options) (t flow.Table, notes []Note, ok bool, err error) {
	l, err := analyse(ctx, src, o.Header, onceSample)
	if err != nil || !l.cut || l.header.row == 0 || len(l.skip) > 0 {
		return nil, nil, false, err
	}
	r := &onceReader{o: o, origin: &flow.Source{File: name}}
	if !r.take(src, l) {
		return nil, nil, false, nil
	}
	r.out = newTable(o, l.columns())
	err = each(ctx, src, func(ref rowRef, cells []cell) error {
		if ref.n < r.header.row+r.depth || firstFilled(cells) < 0 {
			return nil
		}
		r.below(ref.n, cells)
		return r.err
	})
	if err == nil {
		err = r.end()
	}
	if err == errUnfit {
		return nil, nil, false, nil
	}
	if err != nil {
		return nil, nil, false, err
	}
	t, err = r.out.Done()
	return t, r.notes, err == nil, err
}

// take makes r ready for the columns of l; false when one of them cannot be checked cell by cell.
func (r *onceReader) take(src *csvSource, l *layout) bool {
	r.src, r.found, r.layout = src, true, *l
	r.skip, r.notes, r.rows, r.last, r.cut = map[int]bool{}, nil, 0, 0, false
	r.sink = r.add
	width := len(l.names)
	for i := range l.cols {
		width = max(width, l.cols[i].index+1)
	}
	r.stats = make([]stats, width) // its length is what subtotals are told by
	r.places, r.at = make([]*column, width), make([]int, width)
	for i := range r.cols {
		c := &r.cols[i]
		if !c.checkable() {
			return false
		}
		c.stats = stats{}
		r.places[c.index], r.at[c.index] = c, i
	}
	return true
}

// checkable reports whether all cells of the column so far are of the sort that its mode is for.
func (c *column) checkable() bool {
	n := &c.stats.n
	all := c.stats.count() - n[cEmpty]
	switch c.mode {
	case asText:
		return n[cText] == all || n[cLong]+n[cZero] == all
	case asNumber:
		return n[cInt]+n[cDec]+n[cOffice]+n[cNone] == all
	case asDay, asTime:
		return n[cDate]+n[cTime] == all
	}
	return all == 0
}

// count is how many cells were counted.
func (s *stats) count() int {
	all := 0
	for _, k := range s.n {
		all += k
	}
	return all
}

// add is the sink of rows that are data.
func (r *onceReader) add(row headRow) error {
	line, err := r.out.row()
	if err != nil {
		return err
	}
	for i := range row.cells {
		x := &row.cells[i]
		if x.kind == emptyCell {
			continue
		}
		if i >= len(r.places) || r.places[i] == nil {
			if trim(x.text) != "" {
				return errUnfit // a column that the first rows did not have
			}
			continue
		}
		if !r.places[i].fit(&line[r.at[i]], x, r.origin) {
			return errUnfit
		}
	}
	if r.rows&8191 == 0 && r.o.Progress != nil {
		r.o.Progress(r.rows, 0)
	}
	return nil
}

// fit is put for a cell that was not looked at before; false when it is not of the column's sort.
func (c *column) fit(v *flow.Value, x *cell, origin *flow.Source) bool {
	if c.mode == asText && c.ids == 0 && isWord(x.text) {
		c.stats.n[cText]++
		*v = flow.Text(x.text).From(origin)
		return true
	}
	if x.kind == stringCell && c.mode != asText {
		return false // ="5" is a text
	}
	cl := classify(x.text)
	c.stats.n[cl]++
	switch c.mode {
	case asText:
		if c.ids > 0 && cl != cEmpty && cl != cLong && cl != cZero {
			return false
		}
	case asNumber:
		if cl != cInt && cl != cDec && cl != cEmpty && cl != cOffice && cl != cNone && cl != cDay8 {
			return false
		}
	case asDay:
		if cl != cDate && cl != cEmpty {
			return false
		}
	case asTime:
		if cl != cDate && cl != cTime && cl != cEmpty {
			return false
		}
	default:
		return cl == cEmpty
	}
	c.put(v, x, origin)
	return true
}

// isWord reports whether s starts with a letter, so that it is no number or day but such as "Jan 2, 2026".
func isWord(s string) bool { return s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z' }

// end takes the rows at the end, and checks what only the whole tells.
func (r *onceReader) end() error {
	if n := len(r.tail); n > 0 && !r.hasTotal() {
		if r.maybeSums(r.tail[n-1].cells) {
			return errUnfit
		}
	}
	if err := r.takeTail(); err != nil {
		return err
	}
	for i := range r.cols {
		n := &r.cols[i].stats.n
		numbers := n[cInt] + n[cDay8] + n[cDec] + n[cOffice] + n[cDate] + n[cTime]
		if r.cols[i].mode == asText && r.cols[i].ids == 0 && numbers*2 > r.cols[i].stats.count()-n[cEmpty] {
			return errUnfit
		}
	}
	r.tellNotes()
	return nil
}

func (r *onceReader) hasTotal() bool { return r.tailEnd() < len(r.tail) }

// maybeSums reports whether a row has only numbers, and lacks a cell of another column.
func (r *onceReader) maybeSums(cells []cell) bool {
	lacks := false
	for i := range r.cols {
		c := &r.cols[i]
		if c.index >= len(cells) || cells[c.index].empty() {
			lacks = lacks || c.kind != flow.NumberKind && c.kind != flow.NullKind
			continue
		}
		switch cl, _ := cells[c.index].class(); cl {
		case cInt, cDay8, cDec, cOffice, cLong, cNone:
		default:
			return false
		}
	}
	return lacks
}
