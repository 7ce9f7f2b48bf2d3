package sheet

import (
	"context"
	"strconv"
	"strings"
)

// A rowReader turns the XML of a sheet into rows of cells.
type rowReader struct {
	x     *xlsxSource
	s     *scanner
	b     *batch
	texts []byte // of this batch's cells that have text of their own
	spans []span
	row   int
	col   int // of the next cell without a reference
	start int // of the row, in b.cells
	lost  int // formulas without value
}

// A span is a cell whose text is in texts.
type span struct{ cell, from, to int }

func (x *xlsxSource) read(ctx context.Context, newBatch func() *batch, emit func(*batch) error) error {
	r, err := x.reader()
	if err != nil {
		return err
	}
	defer r.Close()
	p := &rowReader{x: x, s: newScanner(r), b: newBatch()}
	for {
		t, err := p.s.next()
		if err != nil {
			return damaged(err)
		}
		switch {
		case t == tokEnd:
			return errDamaged // no end of the sheet's data
		case t == tokOpen && string(p.s.name) == "row":
			if err := p.readRow(); err != nil {
				return err
			}
			if len(p.b.rows) == batchRows || len(p.b.cells) > batchCells {
				if err := ctx.Err(); err != nil {
					return err
				}
				p.finish()
				if err := emit(p.b); err != nil {
					return err
				}
				p.b = newBatch()
			}
		case t == tokOpen && string(p.s.name) == "sheetData" && p.s.empty,
			t == tokClose && string(p.s.name) == "sheetData":
			x.noValue = p.lost
			p.finish()
			return emit(p.b)
		}
	}
}

// finish gives the cells of the batch their texts, all in one string.
func (p *rowReader) finish() {
	all := string(p.texts)
	for _, s := range p.spans {
		p.b.cells[s.cell].text = all[s.from:s.to]
	}
	p.texts, p.spans = p.texts[:0], p.spans[:0]
}

func (p *rowReader) readRow() error {
	p.row = p.s.attrInt("r", p.row+1)
	if p.row < 1 || p.row > rowsMax {
		return errXML
	}
	p.start, p.col = len(p.b.cells), 0
	h := p.s.attr("hidden")
	hidden := len(h) > 0 && (h[0] == '1' || h[0] == 't')
	if !p.s.empty {
		if err := p.readCells(); err != nil {
			return err
		}
	}
	p.b.rows = append(p.b.rows, rowRef{p.row, p.start, len(p.b.cells), hidden})
	return nil
}

func (p *rowReader) readCells() error {
	for {
		t, err := p.s.next()
		if err != nil {
			return damaged(err)
		}
		switch t {
		case tokEnd:
			return errXML
		case tokClose:
			if string(p.s.name) == "row" {
				return nil
			}
		case tokOpen:
			if string(p.s.name) != "c" {
				if err := p.s.skip(); err != nil {
					return damaged(err)
				}
				continue
			}
			if err := p.readCell(); err != nil {
				return err
			}
		}
	}
}

// cellAttrs is the attributes of a cell.
func (p *rowReader) cellAttrs() (col, style int, kind byte, ref []byte) {
	col = p.col
	for a := p.s.attrs; len(a) > 0; {
		var key, val []byte
		key, val, a = nextAttr(a)
		if len(key) != 1 {
			continue
		}
		switch key[0] {
		case 'r':
			if c, _, ok := parseRef(val); ok {
				col, ref = c, val
			}
		case 's':
			for _, d := range val {
				if d >= '0' && d <= '9' && style < 1<<20 {
					style = style*10 + int(d-'0')
				}
			}
		case 't':
			switch string(val) {
			case "s", "b", "e", "d":
				kind = val[0]
			case "str", "inlineStr":
				kind = 't'
			}
		}
	}
	return col, style, kind, ref
}

func (p *rowReader) readCell() error {
	col, style, kind, ref := p.cellAttrs()
	p.col = col + 1
	if p.s.empty {
		return nil
	}
	name := "" // of the cell, needed when it has a formula
	from := len(p.texts)
	formula, valued := false, false
	for {
		t, err := p.s.next()
		if err != nil {
			return damaged(err)
		}
		switch t {
		case tokEnd:
			return errXML
		case tokClose:
			if string(p.s.name) == "c" {
				if formula && !valued {
					p.compute(col, style, name)
					return nil
				}
				p.add(col, style, kind, from)
				return nil
			}
		case tokOpen:
			switch string(p.s.name) {
			case "v":
				err = p.readValue("v")
				// openpyxl writes <v></v> for what it has not computed; of a text that is one.
				valued = valued || len(p.texts) > from || kind == 't'
			case "is":
				valued = true
				err = p.readInline()
			case "f":
				// The reference lies in the scanner's buffer, which moves.
				if formula = true; ref != nil {
					name = letters(col) + strconv.Itoa(p.row)
				}
				err = p.s.skip()
			default:
				err = p.s.skip()
			}
			if err != nil {
				return damaged(err)
			}
		}
	}
}

// readValue appends the text up to the end of the element.
func (p *rowReader) readValue(name string) error {
	if p.s.empty {
		return nil
	}
	for {
		t, err := p.s.next()
		if err != nil {
			return err
		}
		switch t {
		case tokText:
			p.texts = p.s.appendText(p.texts)
		case tokClose:
			if string(p.s.name) == name {
				return nil
			}
		case tokEnd:
			return errXML
		}
	}
}

// readInline appends the texts of an inline string, but for how they are pronounced.
func (p *rowReader) readInline() error {
	if p.s.empty {
		return nil
	}
	for {
		t, err := p.s.next()
		if err != nil {
			return err
		}
		switch {
		case t == tokEnd:
			return errXML
		case t == tokOpen && string(p.s.name) == "t":
			err = p.readValue("t")
		case t == tokOpen && string(p.s.name) == "rPh":
			err = p.s.skip()
		case t == tokClose && string(p.s.name) == "is":
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// place makes the cell at col, with empty ones before it.
func (p *rowReader) place(col int) *cell {
	for len(p.b.cells) <= p.start+col {
		p.b.cells = append(p.b.cells, cell{})
	}
	return &p.b.cells[p.start+col]
}

// add makes the cell whose text stands in texts from from on.
func (p *rowReader) add(col, style int, kind byte, from int) {
	raw := p.texts[from:]
	if len(raw) == 0 {
		return
	}
	switch kind {
	case 's':
		p.texts = p.texts[:from]
		if i, ok := digits(strings.TrimSpace(string(raw))); ok {
			if text := p.x.w.strings.get(i); text != "" {
				*p.place(col) = cell{kind: textCell, text: text}
			}
		}
		return
	case 't':
		if strings.Contains(string(raw), "_x") {
			p.texts = append(p.texts[:from], unescapeX(string(raw))...)
		}
		*p.place(col) = cell{kind: textCell}
	case 'b':
		*p.place(col) = cell{kind: boolCell}
	case 'e':
		*p.place(col) = cell{kind: errCell}
	case 'd':
		*p.place(col) = cell{kind: isoCell}
	default:
		p.addNumber(col, p.form(style), from)
		return
	}
	p.spans = append(p.spans, span{p.start + col, from, len(p.texts)})
}

func (p *rowReader) form(style int) form {
	if style < len(p.x.w.forms) {
		return p.x.w.forms[style]
	}
	return general
}

func (p *rowReader) addNumber(col int, f form, from int) {
	if f == dateForm && p.x.w.base1904 {
		p.texts = append(p.texts[:from], since1900(string(p.texts[from:]))...)
	}
	kind := numCell
	if !isXMLNumber(p.texts[from:]) {
		kind, f = textCell, general // a file may call anything a number
	}
	*p.place(col) = cell{kind: kind, form: f}
	p.spans = append(p.spans, span{p.start + col, from, len(p.texts)})
}

// isXMLNumber reports whether b is a number as XML has it: -1.5E-7.
func isXMLNumber(b []byte) bool {
	i := 0
	if b[0] == '-' || b[0] == '+' {
		i = 1
	}
	digits, dot := 0, false
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && !dot:
			dot = true
		case (c == 'e' || c == 'E') && digits > 0:
			_, err := strconv.ParseFloat(string(b), 64)
			return err == nil
		default:
			return false
		}
	}
	return digits > 0 && digits < 400
}

// since1900 turns a day number of the calendar from 1904 into one of that from 1900.
func since1900(s string) string {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return strconv.FormatFloat(x+1462, 'g', -1, 64)
}

// compute is for a formula without a stored value.
func (p *rowReader) compute(col, style int, name string) {
	c, ok := p.x.w.calc.value(p.x.w.f, p.x.w.limits, p.x.ref.name, name)
	if !ok {
		p.lost++
		return
	}
	if c.kind == textCell && c.text == "" {
		return // an empty text is no value
	}
	if c.kind == numCell {
		c.form = p.form(style)
	}
	*p.place(col) = c
}
