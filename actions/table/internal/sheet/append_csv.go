package sheet

import (
	"bufio"
	"context"
	"io"
	"iter"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// appendCSV copies the text of f and adds records in its own form.
func appendCSV(ctx context.Context, f action.File, w io.Writer, t flow.Table, tabs bool) ([]Note, error) {
	src, err := openCSV(f, tabs)
	if err != nil {
		return nil, err
	}
	l, err := analyse(ctx, src, 0, 0)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(mark(src.set)); err != nil {
		return nil, err
	}
	enc := src.set.writer(w)
	a := &csvAppender{src: src, look: l, t: t}
	a.out = &csvWriter{csvForm: csvForm{src.set, src.sep, "\n"}, w: bufio.NewWriterSize(enc, 64<<10)}
	a.out.commas = slices.ContainsFunc(l.cols, func(c column) bool { return c.mode == asComma })
	if err := a.run(ctx); err != nil {
		return nil, err
	}
	if err := a.out.w.Flush(); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return append(a.notes, a.out.notes()...), nil
}

// mark is the byte order mark of a text.
func mark(c charset) []byte {
	switch {
	case c.bom == 0:
		return nil
	case c.name == utf16LE:
		return []byte("\xff\xfe")
	case c.name == utf16BE:
		return []byte("\xfe\xff")
	}
	return []byte("\xef\xbb\xbf")
}

// A csvAppender copies records, and adds new ones below the data.
type csvAppender struct {
	src   *csvSource
	look  *layout
	t     flow.Table
	out   *csvWriter
	width int      // fields of a record
	place []int    // of each column of t, its field
	added []string // new columns
	notes []Note
	open  bool // the record written last lacks its line end
	done  bool // the new rows are written
	row   int
}

func (a *csvAppender) run(ctx context.Context) error {
	a.match()
	p := a.src.splitter()
	err := a.src.blocks(ctx, func(block string, last bool) (int, error) {
		return a.block(p, block, last)
	})
	if err != nil || a.done {
		return err
	}
	return a.newRows()
}

// match finds the field of each column of t.
func (a *csvAppender) match() {
	for _, c := range a.look.cols {
		a.width = max(a.width, c.index+1)
	}
	a.width = max(a.width, len(a.look.names))
	byPlace := a.look.header.row == 0 && len(a.t.Columns()) == len(a.look.cols)
	for i, c := range a.t.Columns() {
		j := findColumn(a.look.cols, c.Name)
		if byPlace {
			j = i
		}
		if j >= 0 {
			a.place = append(a.place, a.look.cols[j].index)
			continue
		}
		a.place = append(a.place, a.width+len(a.added))
		a.added = append(a.added, c.Name)
		if len(a.look.cols) > 0 {
			a.notes = append(a.notes, newColumn(c.Name))
		}
	}
}

// block copies the records of a block. The new ones come before the totals.
func (a *csvAppender) block(p *splitter, s string, last bool) (used int, err error) {
	if a.src.skip > 0 && a.row == 0 {
		// The line "sep=;" is not part of the blocks.
		a.out.w.WriteString("sep=" + string(a.src.sep) + a.newline(s))
		a.row = 1
	}
	if a.row == 0 || a.out.newline == "\n" {
		a.out.newline = a.newline(s)
	}
	for pos := 0; pos < len(s); {
		b := &batch{}
		next, ok := p.record(s, pos, last, b)
		if !ok {
			return pos, nil
		}
		a.row++
		if a.look.total > 0 && a.row == a.look.total {
			if err := a.newRows(); err != nil {
				return 0, err
			}
			a.notes = append(a.notes, fixedTotals)
		}
		if err := a.copyRecord(s[pos:next], len(b.cells)); err != nil {
			return 0, err
		}
		pos = next
	}
	return len(s), nil
}

func (a *csvAppender) newline(s string) string {
	if i := strings.IndexByte(s, '\n'); i > 0 && s[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// copyRecord writes a record as it was, with fields for the new columns at its end.
func (a *csvAppender) copyRecord(raw string, fields int) error {
	text := strings.TrimRight(raw, "\r\n")
	end := raw[len(text):]
	a.open = end == ""
	a.out.buf = append(a.out.buf[:0], text...)
	if h := a.look.header; len(a.added) > 0 && h.row > 0 && a.row >= h.row && text != "" {
		for ; fields < a.width; fields++ {
			a.out.buf = append(a.out.buf, a.out.sep)
		}
		for _, name := range a.added {
			a.out.buf = append(a.out.buf, a.out.sep)
			if a.row == h.row+h.depth-1 {
				a.out.text(name)
			}
		}
	}
	a.out.buf = append(a.out.buf, end...)
	_, err := a.out.w.Write(a.out.buf)
	return err
}

// newRows writes the header where there is none yet, and the rows of t.
func (a *csvAppender) newRows() error {
	a.done = true
	if a.open {
		a.out.w.WriteString(a.out.newline)
		a.open = false
	}
	if len(a.look.cols) == 0 {
		if err := a.out.names(a.added); err != nil {
			return err
		}
	}
	line := make([]flow.Value, a.width+len(a.added))
	for row, err := range a.t.Rows() {
		if err != nil {
			return err
		}
		clear(line)
		for i, v := range row {
			line[a.place[i]] = v
		}
		if err := a.out.row(line); err != nil {
			return err
		}
	}
	return nil
}

// A stack is two tables under each other, columns by name.
type stack struct {
	cols  []flow.Column
	parts [2]flow.Table
	place [2][]int
}

func newStack(a, b flow.Table) *stack {
	s := &stack{parts: [2]flow.Table{a, b}}
	s.cols = append(s.cols, a.Columns()...)
	old := make([]column, len(s.cols))
	for i, c := range s.cols {
		old[i].name = c.Name
		s.place[0] = append(s.place[0], i)
	}
	for _, c := range b.Columns() {
		i := findColumn(old, c.Name)
		if i < 0 {
			i = len(s.cols)
			s.cols = append(s.cols, c)
		}
		s.place[1] = append(s.place[1], i)
	}
	return s
}

// Columns is those of the first table, then the new ones of the second.
func (s *stack) Columns() []flow.Column { return s.cols }

// Len is the rows of both.
func (s *stack) Len() int { return s.parts[0].Len() + s.parts[1].Len() }

// Rows yields the rows of the first, then of the second.
func (s *stack) Rows() iter.Seq2[[]flow.Value, error] {
	return func(yield func([]flow.Value, error) bool) {
		line := make([]flow.Value, len(s.cols))
		for k, t := range s.parts {
			for row, err := range t.Rows() {
				if err != nil {
					yield(nil, err)
					return
				}
				clear(line)
				for i, v := range row {
					line[s.place[k][i]] = v
				}
				if !yield(line, nil) {
					return
				}
			}
		}
	}
}
