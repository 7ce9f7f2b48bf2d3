package sheet

import (
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"daiban/action"
)

// sharedStrings is the texts of the workbook that cells name by number.
type sharedStrings struct {
	part string // path; "" when there is none
	all  []string
}

func (t *sharedStrings) load(w *workbook) error {
	if t.part == "" || t.all != nil {
		return nil
	}
	r, err := w.open(t.part)
	if err != nil {
		return err
	}
	defer r.Close()
	s := newScanner(r)
	a := arena{}
	inText, inPhonetic := false, false
	for {
		tok, err := s.next()
		if err != nil {
			return damaged(err)
		}
		if tok == tokEnd {
			break
		}
		switch tok {
		case tokText:
			if inText {
				a.buf = s.appendText(a.buf)
			}
		case tokOpen:
			switch string(s.name) {
			case "t":
				inText = !inPhonetic && !s.empty
			case "rPh":
				inPhonetic = !s.empty
			case "si":
				if s.empty {
					a.end()
				}
			}
		case tokClose:
			switch string(s.name) {
			case "t":
				inText = false
			case "rPh":
				inPhonetic = false
			case "si":
				a.end()
			}
		}
	}
	t.all = a.strings()
	return nil
}

// An arena gathers many strings in few allocations.
type arena struct {
	buf  []byte
	ends []int
	out  []string
}

func (a *arena) end() {
	a.ends = append(a.ends, len(a.buf))
	if len(a.buf) > 1<<20 {
		a.flush()
	}
}

func (a *arena) flush() {
	block, start := string(a.buf), 0
	for _, e := range a.ends {
		a.out = append(a.out, unescapeX(block[start:e]))
		start = e
	}
	a.buf, a.ends = a.buf[:0], a.ends[:0]
}

func (a *arena) strings() []string {
	a.flush()
	return a.out
}

func (t *sharedStrings) get(i int) string {
	if i < 0 || i >= len(t.all) {
		return ""
	}
	return t.all[i]
}

// readStyles finds how each cell style shows numbers.
func (w *workbook) readStyles(part string) error {
	custom := map[int]form{}
	inCells := false
	return w.scan(part, func(s *scanner) error {
		switch string(s.name) {
		case "numFmt":
			custom[s.attrInt("numFmtId", -1)] = formOf(string(appendUnescaped(nil, s.attr("formatCode"))))
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if !inCells {
				break
			}
			id := s.attrInt("numFmtId", 0)
			f, ok := custom[id]
			if !ok {
				f = builtinForm(id)
			}
			w.forms = append(w.forms, f)
		}
		return nil
	})
}

// builtinForm is the form of the number formats that files do not spell out.
func builtinForm(id int) form {
	switch {
	case id == 0 || id == 49 || id == 1:
		return general
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return dateForm
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return clockForm
	}
	return number
}

// formOf reads a number format: yyyy"年"m"月", [h]:mm, 00000, #,##0.00.
func formOf(code string) form {
	code, _, _ = strings.Cut(code, ";")
	day, clock, zeros, others := false, false, 0, 0
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			if j := strings.IndexByte(code[i+1:], '"'); j >= 0 {
				i += j + 1
			}
			others++
		case '\\', '_', '*':
			i++
			others++
		case '[':
			j := strings.IndexByte(code[i:], ']')
			if j < 0 {
				return number
			}
			if in := strings.ToLower(code[i+1 : i+j]); strings.Trim(in, "hms") == "" && in != "" {
				clock = true
			}
			i += j
		case 'y', 'Y', 'd', 'D', 'e', 'E':
			if (c == 'e' || c == 'E') && i+1 < len(code) && (code[i+1] == '+' || code[i+1] == '-') {
				return number
			}
			day = true
		case 'h', 'H', 's', 'S':
			clock = true
		case 'G', 'g':
			if len(code)-i >= 7 && strings.EqualFold(code[i:i+7], "General") {
				if len(code) == 7 {
					return general
				}
				return number
			}
		case '0':
			zeros++
		case 'm', 'M':
			// months or minutes: what stands beside it tells
			if !clock && !strings.ContainsAny(strings.ToLower(code), "hs") {
				day = true
			}
		default:
			others++
		}
	}
	switch {
	case day:
		return dateForm
	case clock:
		return clockForm
	case zeros == 1 && others == 0 || code == "@":
		return general
	case zeros > 1 && zeros < 40 && others == 0:
		return padForm + form(zeros)
	}
	return number
}

func sortAreas(a []area) {
	slices.SortFunc(a, func(x, y area) int { return x.r1 - y.r1 })
}

// parseArea reads "A1:B2".
func parseArea(s string) (a area, ok bool) {
	from, to, two := strings.Cut(s, ":")
	if !two {
		return a, false
	}
	if a.c1, a.r1, ok = parseRef([]byte(from)); !ok {
		return a, false
	}
	if a.c2, a.r2, ok = parseRef([]byte(to)); !ok {
		return a, false
	}
	return a, a.c1 <= a.c2 && a.r1 <= a.r2
}

// Limits of a sheet, as spreadsheets have them.
const (
	colsMax = 16384
	rowsMax = 1048576
)

// parseRef reads "AB12": the column from 0, the row from 1.
func parseRef(s []byte) (col, row int, ok bool) {
	i := 0
	for ; i < len(s) && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || s[i] == '$'); i++ {
		if s[i] == '$' {
			continue
		}
		col = col*26 + int(s[i]|0x20-'a') + 1
		if col > colsMax {
			return 0, 0, false
		}
	}
	for ; i < len(s); i++ {
		if s[i] == '$' {
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return 0, 0, false
		}
		row = row*10 + int(s[i]-'0')
		if row > rowsMax {
			return 0, 0, false
		}
	}
	return col - 1, row, col > 0 && row > 0
}

// A calculator computes the formulas of a workbook that have no stored value.
type calculator struct {
	book   *excelize.File
	failed bool
	known  map[string]cell
}

// calcMax is the most formulas that are computed; tools that write no values write small files.
const calcMax = 20000

// calcSize is the largest file, in bytes, that is opened for it.
const calcSize = 32 << 20

// value is what the formula in ref of sheet gives; ok is false when it cannot be told.
func (k *calculator) value(f action.File, l Limits, sheet, ref string) (c cell, ok bool) {
	if c, ok := k.known[ref]; ok {
		return c, c.kind != emptyCell
	}
	if k.failed || len(k.known) >= calcMax || f.Size() > calcSize {
		return cell{}, false
	}
	if k.book == nil {
		book, err := openBook(f, l)
		if err != nil {
			k.failed = true
			return cell{}, false
		}
		k.book, k.known = book, map[string]cell{}
	}
	c = k.compute(sheet, ref)
	k.known[ref] = c
	return c, c.kind != emptyCell
}

// compute guards against formulas that make the library panic.
func (k *calculator) compute(sheet, ref string) (c cell) {
	defer func() {
		if recover() != nil {
			c = cell{}
		}
	}()
	text, err := k.book.CalcCellValue(sheet, ref, excelize.Options{RawCellValue: true})
	switch {
	case err != nil && isErrorText(text):
		return cell{kind: errCell, text: text}
	case err != nil:
		return cell{}
	case text == "TRUE":
		return cell{kind: boolCell, text: "1"}
	case text == "FALSE":
		return cell{kind: boolCell, text: "0"}
	}
	if _, ok := xmlNumber(text); ok {
		return cell{kind: numCell, text: text}
	}
	return cell{kind: textCell, text: text}
}

func (k *calculator) close() {
	if k.book != nil {
		k.book.Close()
	}
}

// openBook opens a workbook for changes or computing, within the limits.
func openBook(f action.File, l Limits) (*excelize.File, error) {
	if _, err := f.Seek(0, 0); err != nil {
		return nil, err
	}
	return excelize.OpenReader(f, excelize.Options{UnzipSizeLimit: l.Bytes, UnzipXMLSizeLimit: l.Bytes})
}
