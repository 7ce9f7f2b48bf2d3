package sheet

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"daiban/flow"
)

// A csvForm is how a text of separated values is written.
type csvForm struct {
	set     charset
	sep     byte
	newline string
}

// newCSV is the form of new files: UTF-8 with a mark, so that Excel in China reads it right.
func newCSV(sep byte) csvForm { return csvForm{charset{utf8BOM, 3}, sep, "\n"} }

func writeCSV(ctx context.Context, w io.Writer, t flow.Table, f csvForm, o WriteOptions) ([]Note, error) {
	if f.set.name == utf8BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
	}
	enc := f.set.writer(w)
	c := &csvWriter{csvForm: f, w: bufio.NewWriterSize(enc, 64<<10)}
	if err := c.names(flow.ColumnNames(t)); err != nil {
		return nil, err
	}
	if err := rows(ctx, t, o, func(_ int, row []flow.Value) error { return c.row(row) }); err != nil {
		return nil, err
	}
	if err := c.w.Flush(); err != nil {
		return nil, err
	}
	return c.notes(), enc.Close()
}

// A csvWriter writes records.
type csvWriter struct {
	csvForm
	w       *bufio.Writer
	buf     []byte
	commas  bool // numbers have decimal commas
	guarded int  // cells that a spreadsheet would have taken for a formula
}

func (c *csvWriter) names(names []string) error {
	c.buf = c.buf[:0]
	for i, n := range names {
		if i > 0 {
			c.buf = append(c.buf, c.sep)
		}
		c.text(n)
	}
	return c.end(len(names))
}

func (c *csvWriter) row(row []flow.Value) error {
	c.buf = c.buf[:0]
	for i, v := range row {
		if i > 0 {
			c.buf = append(c.buf, c.sep)
		}
		switch v.Kind() {
		case flow.NullKind:
		case flow.NumberKind:
			from := len(c.buf)
			c.buf = v.Number().Append(c.buf)
			if i := bytes.IndexByte(c.buf[from:], '.'); i >= 0 && c.commas {
				c.buf[from+i] = ','
			}
		default:
			c.text(cellText(v))
		}
	}
	return c.end(len(row))
}

func (c *csvWriter) end(n int) error {
	if n == 1 && len(c.buf) == 0 {
		c.buf = append(c.buf, '"', '"') // an empty line would not be a row
	}
	c.buf = append(c.buf, c.newline...)
	_, err := c.w.Write(c.buf)
	return err
}

// text appends a text, quoted where it must be.
func (c *csvWriter) text(s string) {
	if isFormula(s) {
		c.guarded++
		s = "'" + s
	}
	if !c.mustQuote(s) {
		c.buf = append(c.buf, s...)
		return
	}
	c.buf = append(c.buf, '"')
	for i := range len(s) {
		if s[i] == '"' {
			c.buf = append(c.buf, '"')
		}
		c.buf = append(c.buf, s[i])
	}
	c.buf = append(c.buf, '"')
}

func (c *csvWriter) mustQuote(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == ' ' || s[len(s)-1] == ' ' {
		return true
	}
	for i := range len(s) {
		switch s[i] {
		case '"', '\n', '\r', c.sep:
			return true
		}
	}
	return false
}

func (c *csvWriter) notes() []Note {
	if c.guarded == 0 {
		return nil
	}
	return []Note{{"info", fmt.Sprintf("有 %d 格文字像公式（以 =、+、-、@ 开头），前面加了 '", c.guarded),
		fmt.Sprintf("%d texts look like formulas (they start with =, +, - or @); a ' was put before them", c.guarded)}}
}

// isFormula reports whether a spreadsheet that opens a csv would compute s. Phone numbers, negative
// numbers and dashes are none.
func isFormula(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '@':
		return len(s) > 1
	case '\t', '\r':
		return isFormula(strings.TrimLeft(s, "\t\r "))
	case '+', '-':
		return strings.Trim(s, "+-0123456789., ()%/:") != "" && strings.IndexFunc(s[1:], func(r rune) bool {
			return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '=' || r == '!' || r == '|' || r == '@'
		}) >= 0
	}
	return false
}
