package sheet

import (
	"archive/zip"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"daiban/action"
	"daiban/flow"
)

// The styles of styles.xml, by number.
const (
	plainStyle = iota
	headerStyle
	dayStyle
	timeStyle
	secondsStyle
	textStyle // @: a number typed into it stays as typed
	decimal1  // 0.0, and so on up to four decimals
)

// textMax is the most characters of a cell.
const textMax = 32767

// sampleRows is how many rows decide widths and number formats.
const sampleRows = 500

// An xlsxWriter writes one sheet, streaming.
type xlsxWriter struct {
	cols   []flow.Column
	styles []int // of each column's numbers, days
	widths []int
	shared map[string]int
	texts  []string // in the order of their numbers
	buf    []byte
	row    int
	out    *behind
	long   int // texts that were cut
	refs   [][]byte
}

// sharedMax is the most texts that are shared; further ones stand in their cells, so memory stays bounded.
const sharedMax = 1 << 16

func writeXLSX(ctx context.Context, w io.Writer, t flow.Table, o WriteOptions) ([]Note, error) {
	if err := fits(t); err != nil {
		return nil, err
	}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	name, notes := SheetName(o.Sheet)
	x := &xlsxWriter{cols: t.Columns(), shared: map[string]int{}}
	if err := x.sample(t); err != nil {
		return nil, err
	}
	for _, p := range fixedParts(name, len(x.cols), t.Len()+1) {
		if err := put(z, p.name, p.text); err != nil {
			return nil, err
		}
	}
	if err := x.sheet(ctx, z, t, o); err != nil {
		return nil, err
	}
	if err := x.strings(z); err != nil {
		return nil, err
	}
	if x.long > 0 {
		notes = append(notes, Note{"warning", fmt.Sprintf("有 %d 格文字超过 %d 字，超出部分没有写", x.long, textMax), fmt.Sprintf("%d texts are longer than %d characters; what is over was cut", x.long, textMax)})
	}
	return notes, z.Close()
}

func fits(t flow.Table) error {
	if t.Len() >= rowsMax {
		return action.Limit("有 %d 行，一个工作表最多放 %d 行，请存成 csv", "%d rows: a sheet holds at most %d; save as csv", t.Len(), rowsMax-1)
	}
	if n := len(t.Columns()); n > colsMax {
		return action.Limit("有 %d 列，一个工作表最多放 %d 列", "%d columns: a sheet holds at most %d", n, colsMax)
	}
	return nil
}

// SheetName is name as a sheet may be called, and a note where it had to change.
func SheetName(name string) (string, []Note) {
	if name == "" {
		return "Sheet1", nil
	}
	clean := strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < ' ' {
			return '-'
		}
		return r
	}, name), "' ")
	if r := []rune(clean); len(r) > 31 {
		clean = string(r[:31])
	}
	if clean == "" {
		clean = "Sheet1"
	}
	if clean == name {
		return name, nil
	}
	return clean, []Note{{"info", fmt.Sprintf("工作表名“%s”不合规定，改为“%s”", name, clean), fmt.Sprintf("“%s” cannot name a sheet; it is “%s”", name, clean)}}
}

// sample finds widths and number formats from the first rows.
func (x *xlsxWriter) sample(t flow.Table) error {
	n := len(x.cols)
	x.styles, x.widths = make([]int, n), make([]int, n)
	scales, seconds := make([]int, n), make([]bool, n)
	for i, c := range x.cols {
		x.widths[i] = columnWidth(c.Name) + 2
	}
	seen := 0
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		if seen++; seen > sampleRows {
			break
		}
		for i, v := range row {
			x.widths[i] = max(x.widths[i], columnWidth(cellText(v)))
			switch v.Kind() {
			case flow.NumberKind:
				scales[i] = max(scales[i], v.Number().Scale())
			case flow.TimeKind:
				seconds[i] = seconds[i] || v.Time().Second() != 0
			}
		}
	}
	for i := range x.styles {
		x.styles[i] = styleOf(scales[i], seconds[i])
	}
	return nil
}

// styleOf is the style of a column's numbers, or that of its times.
func styleOf(scale int, seconds bool) int {
	switch {
	case seconds:
		return secondsStyle
	case scale >= 1 && scale <= 4:
		return decimal1 + scale - 1
	}
	return plainStyle
}

// columnWidth is the width of a text in digits: Chinese characters count two; the longest line decides.
func columnWidth(s string) int {
	widest, n := 0, 0
	for _, r := range s {
		switch {
		case r == '\n':
			n = 0
		case r >= 0x1100 && isWide(r):
			n += 2
		default:
			n++
		}
		widest = max(widest, n)
	}
	return widest
}

func isWide(r rune) bool {
	return r <= 0x115f || r >= 0x2e80 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd
}

// sheet writes the rows. Packing runs in a goroutine of its own.
func (x *xlsxWriter) sheet(ctx context.Context, z *zip.Writer, t flow.Table, o WriteOptions) error {
	part, err := create(z, "xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	x.out = newBehind(part)
	err = x.sheetXML(ctx, t, o)
	if e := x.out.close(); err == nil {
		err = e
	}
	return err
}

func (x *xlsxWriter) sheetXML(ctx context.Context, t flow.Table, o WriteOptions) error {
	last := "A1"
	if n := len(x.cols); n > 0 {
		last = letters(n-1) + strconv.Itoa(t.Len()+1)
	}
	x.buf = append(x.buf, xmlHead+`<worksheet xmlns="`+mainNS+`"><dimension ref="A1:`+last+`"/>`+
		`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>`...)
	if len(x.cols) > 0 {
		x.buf = append(x.buf, "<cols>"...)
		for i, w := range x.widths {
			n := strconv.Itoa(i + 1)
			x.buf = append(x.buf, `<col min="`+n+`" max="`+n+`" width="`+strconv.Itoa(min(max(w+2, 8), 60))+`" customWidth="1"/>`...)
			x.refs = append(x.refs, []byte(letters(i)))
		}
		x.buf = append(x.buf, "</cols>"...)
	}
	x.buf = append(x.buf, "<sheetData>"...)
	x.header()
	err := rows(ctx, t, o, func(_ int, row []flow.Value) error { return x.add(row) })
	if err != nil {
		return err
	}
	x.buf = append(x.buf, "</sheetData>"...)
	if len(x.cols) > 0 {
		x.buf = append(x.buf, `<autoFilter ref="A1:`+last+`"/>`...)
	}
	x.buf = append(x.buf, `<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>`...)
	if len(x.cols) > 0 {
		x.buf = append(x.buf, `<ignoredErrors><ignoredError sqref="A1:`+last+`" numberStoredAsText="1"/></ignoredErrors>`...)
	}
	x.buf = append(x.buf, `</worksheet>`...)
	return x.out.send(x.buf)
}

func (x *xlsxWriter) header() {
	x.startRow()
	for i, c := range x.cols {
		x.text(i, headerStyle, c.Name)
	}
	x.buf = append(x.buf, "</row>"...)
}

func (x *xlsxWriter) startRow() {
	x.row++
	x.buf = append(x.buf, `<row r="`...)
	x.buf = strconv.AppendInt(x.buf, int64(x.row), 10)
	x.buf = append(x.buf, `">`...)
}

// behindSize is how many bytes go to the packer at once.
const behindSize = 256 << 10

func (x *xlsxWriter) add(row []flow.Value) error {
	x.startRow()
	for i, v := range row {
		x.value(i, v)
	}
	x.buf = append(x.buf, "</row>"...)
	if len(x.buf) < behindSize {
		return nil
	}
	err := x.out.send(x.buf)
	x.buf = x.out.fresh()
	return err
}

func (x *xlsxWriter) value(i int, v flow.Value) {
	switch v.Kind() {
	case flow.NullKind:
	case flow.NumberKind:
		x.number(i, v.Number())
	case flow.BoolKind:
		x.open(i, plainStyle)
		if v.Bool() {
			x.buf = append(x.buf, ` t="b"><v>1</v></c>`...)
		} else {
			x.buf = append(x.buf, ` t="b"><v>0</v></c>`...)
		}
	case flow.DateKind, flow.TimeKind:
		x.day(i, v)
	default:
		x.text(i, plainStyle, cellText(v))
	}
}

// open starts a cell: <c r="A1" s="2".
func (x *xlsxWriter) open(i, style int) {
	x.buf = append(x.buf, `<c r="`...)
	x.buf = append(x.buf, x.refs[i]...)
	x.buf = strconv.AppendInt(x.buf, int64(x.row), 10)
	if style != plainStyle {
		x.buf = append(x.buf, `" s="`...)
		x.buf = strconv.AppendInt(x.buf, int64(style), 10)
	}
	x.buf = append(x.buf, '"')
}

// number writes a number; one with more digits than a sheet keeps is a text.
func (x *xlsxWriter) number(i int, n flow.Number) {
	short, exact := exactInSheet(n)
	if !exact {
		x.text(i, textStyle, n.String())
		return
	}
	style := x.styles[i]
	if style < decimal1 {
		style = plainStyle
	}
	x.open(i, style)
	x.buf = append(x.buf, `><v>`...)
	x.buf = append(x.buf, short...)
	x.buf = append(x.buf, `</v></c>`...)
}

// exactInSheet is n as a sheet stores it. A sheet keeps 15 digits: exact is false
// for whole numbers and amounts that have more. Of a longer fraction (10/3) 15 are enough.
func exactInSheet(n flow.Number) (text []byte, exact bool) {
	s := n.Append(make([]byte, 0, 24))
	if len(s) <= 15 {
		return s, true
	}
	if n.Scale() > 4 {
		return strconv.AppendFloat(s[:0], n.Float64(), 'g', 15, 64), true
	}
	digits, zeros, started, dot := 0, 0, false, false
	for _, c := range s {
		switch {
		case c == '.':
			dot = true
		case c == '0' && started:
			zeros++
		case c >= '1' && c <= '9':
			started = true
			digits += zeros + 1
			zeros = 0
		}
	}
	return s, digits <= 15 && (dot || len(s) <= 21)
}

// day writes a day or time as a number with a date format; days before March 1900 as text.
func (x *xlsxWriter) day(i int, v flow.Value) {
	t := v.Time()
	sec := t.Unix() + 25569*86400
	if sec < 61*86400 || t.Year() > 9999 {
		x.text(i, plainStyle, v.String())
		return
	}
	style := dayStyle
	if v.Kind() == flow.TimeKind {
		style = timeStyle
		if x.styles[i] == secondsStyle {
			style = secondsStyle
		}
	}
	x.open(i, style)
	x.buf = append(x.buf, `><v>`...)
	if frac := sec % 86400; frac == 0 && t.Nanosecond() == 0 {
		x.buf = strconv.AppendInt(x.buf, sec/86400, 10)
	} else {
		x.buf = strconv.AppendFloat(x.buf, float64(sec/86400)+(float64(frac)+float64(t.Nanosecond())/1e9)/86400, 'f', 10, 64)
	}
	x.buf = append(x.buf, `</v></c>`...)
}

// text writes a text; it is never a formula, whatever it starts with.
func (x *xlsxWriter) text(i, style int, s string) {
	if s == "" {
		return
	}
	if len(s) > textMax && utf8.RuneCountInString(s) > textMax {
		s = string([]rune(s)[:textMax])
		x.long++
	}
	if style == plainStyle && digitsOnly(s) {
		style = textStyle
	}
	n, ok := x.shared[s]
	if !ok && len(x.texts) < sharedMax {
		n, ok = len(x.texts), true
		x.texts = append(x.texts, s)
		x.shared[s] = n
	}
	x.open(i, style)
	if ok {
		x.buf = append(x.buf, ` t="s"><v>`...)
		x.buf = strconv.AppendInt(x.buf, int64(n), 10)
		x.buf = append(x.buf, `</v></c>`...)
		return
	}
	x.buf = append(x.buf, ` t="inlineStr"><is>`...)
	x.buf = appendT(x.buf, s)
	x.buf = append(x.buf, `</is></c>`...)
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (x *xlsxWriter) strings(z *zip.Writer) error {
	part, err := create(z, "xl/sharedStrings.xml")
	if err != nil {
		return err
	}
	out := newBehind(part)
	b := []byte(xmlHead + `<sst xmlns="` + mainNS + `" uniqueCount="` + strconv.Itoa(len(x.texts)) + `">`)
	for _, s := range x.texts {
		b = append(b, "<si>"...)
		b = appendT(b, s)
		b = append(b, "</si>"...)
		if len(b) > behindSize {
			if err := out.send(b); err != nil {
				break
			}
			b = out.fresh()
		}
	}
	out.send(append(b, "</sst>"...))
	return out.close()
}

// appendT appends <t>s</t>.
func appendT(b []byte, s string) []byte {
	if s[0] <= ' ' || s[len(s)-1] <= ' ' {
		b = append(b, `<t xml:space="preserve">`...)
	} else {
		b = append(b, `<t>`...)
	}
	b = appendEscaped(b, s)
	return append(b, `</t>`...)
}

// appendEscaped appends s as text of XML, signs that it lacks as _x0001_.
func appendEscaped(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		var esc string
		switch {
		case r == '&':
			esc = "&amp;"
		case r == '<':
			esc = "&lt;"
		case r == '>':
			esc = "&gt;"
		case r == utf8.RuneError && size == 1, r == 0xfffe, r == 0xffff:
			esc = "\ufffd"
		case r < ' ' && r != '\n' && r != '\t':
			esc = fmt.Sprintf("_x%04X_", r)
		case r == '_' && isEscape(s[i:]):
			esc = "_x005F_"
		default:
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		b = append(b, esc...)
		i += size
		start = i
	}
	return append(b, s[start:]...)
}

// isEscape reports whether s starts with what would be read as an escaped sign.
func isEscape(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}
