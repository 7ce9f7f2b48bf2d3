package sheet

import (
	"strconv"
	"strings"

	"daiban/flow"
)

// A column is one of the table, and what its cells are.
type column struct {
	index int // in the sheet, from 0
	name  string
	kind  flow.Kind
	mode  mode
	first bool // of days such as 03/04/2026: the day stands first
	stats stats
	ids   int // cells that are ids, of a column of texts
}

// stats counts what the cells of a column could be.
type stats struct {
	n        [classes]int
	native   int // numbers and days that the file says are such, among n
	dmyA     int // the largest first and second part of days such as 03/04/2026
	dmyB     int
	dmyTimes int  // of these, with a time
	commas   bool // the file may write decimal commas
	intWidth int  // digits of the whole numbers, -1 when they differ
}

// sureText is how many texts make a column one of texts, so that further words need not be looked at.
const sureText = 100

// A mode is how the cells of a column are converted.
type mode uint8

const (
	asText   mode = iota // every cell is a text
	asNumber             // every cell is a number
	asComma              // as asNumber, with decimal commas
	asDay                // every cell is a day, or a day and a time
	asTime               // as asDay, with a time in some cell: all get one
	asBool
	asMixed  // each cell for itself
	asNative // each cell as the file says: a text that looks like a number stays one
)

func (s *stats) add(c *cell) {
	if c.kind == emptyCell {
		s.n[cEmpty]++
		return
	}
	if s.n[cText] > sureText && c.kind == textCell && c.text != "" && c.text[0]|0x20 >= 'a' && c.text[0]|0x20 <= 'z' {
		s.n[cText]++ // a word among texts: no need to look closer
		return
	}
	cl, native := c.class()
	s.n[cl]++
	if native {
		s.native++
	}
	switch cl {
	case cDMY:
		if d, ok := parseDMY(trim(c.text)); ok {
			s.dmyA, s.dmyB = max(s.dmyA, d.a), max(s.dmyB, d.b)
			if d.isTime {
				s.dmyTimes++
			}
			if strings.Count(c.text, ".") >= 2 { // with points the day stands first
				s.dmyA = max(s.dmyA, 13)
			}
		}
	case cInt, cZero:
		if w := len(trim(c.text)); s.intWidth == 0 {
			s.intWidth = w
		} else if s.intWidth != w {
			s.intWidth = -1
		}
	}
}

// class is what c could be; native where the file itself says that it is a number or day.
func (c *cell) class() (cl class, native bool) {
	switch c.kind {
	case textCell:
		return classify(c.text), false
	case numCell:
		return c.numClass()
	case boolCell:
		return cBool, false
	case errCell:
		return cErr, false
	case isoCell:
		if d, ok := parseDay(c.text); ok {
			return pick(d.isTime, cTime, cDate), true
		}
		return cText, false
	case exactCell:
		return pick(strings.ContainsAny(c.text, ".eE"), cDec, cInt), true
	case stringCell:
		if d, ok := parseDay(c.text); ok && len(c.text) >= 10 {
			return pick(d.isTime, cTime, cDate), false
		}
		return cText, false
	case nestedCell:
		return cNested, true
	}
	return cEmpty, false
}

func (c *cell) numClass() (class, bool) {
	switch {
	case c.form == dateForm:
		if _, isTime, ok := c.serial(); ok {
			return pick(isTime, cTime, cDate), true
		}
		return cDec, true
	case c.form == clockForm:
		return cText, false
	case c.form > padForm:
		return cZero, false
	}
	if strings.ContainsAny(c.text, ".eE") {
		if c.form == general && len(c.text) > 15 && isLong(c.text) {
			return cLong, false
		}
		return cDec, true
	}
	if c.form == general && len(c.text) >= idDigits && c.text[0] != '-' {
		return cLong, false
	}
	return cInt, true
}

// isLong reports whether a number in scientific notation is whole and has the length of an id.
func isLong(s string) bool {
	x, ok := xmlNumber(s)
	if !ok {
		return false
	}
	n, whole := x.Int64()
	return whole && n >= 1e11
}

func (c *cell) serial() (v flow.Value, isTime, ok bool) {
	x, err := strconv.ParseFloat(c.text, 64)
	if err != nil {
		return v, false, false
	}
	return serialDay(x, false)
}

// xmlNumber reads a number as spreadsheets store it: binary floating point in
// decimal, of which 15 digits count.
func xmlNumber(s string) (flow.Number, bool) {
	if len(s) <= 16 {
		if x, ok := flow.ParseNumber(s); ok && !strings.ContainsAny(s, "eE") {
			return x, true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return flow.Number{}, false
	}
	return flow.FromFloat(f)
}

// decide finds the kind of the column from what was counted.
func (c *column) decide() {
	c.kind, c.mode = c.stats.decide(c.name, &c.first)
	c.ids = c.stats.n[cZero] + c.stats.n[cLong]
}

func (s *stats) decide(name string, dayFirst *bool) (flow.Kind, mode) {
	n := &s.n
	if !s.commas {
		n[cText], n[cComma] = n[cText]+n[cComma], 0
	}
	days := n[cDate] + n[cTime]
	ids := n[cZero] + n[cLong]
	numbers := n[cInt] + n[cDay8] + n[cDec] + n[cOffice]
	all := days + ids + numbers + n[cComma] + n[cDMY] + n[cBool] + n[cText]
	switch {
	case n[cNested] > 0:
		return flow.NullKind, asNative
	case all == 0 && n[cNone] == 0:
		return flow.NullKind, asMixed
	case all == 0:
		return flow.TextKind, asText
	case n[cBool] == all:
		return flow.BoolKind, asBool
	case n[cDay8] > 0 && n[cDay8]+days == all && (days > 0 || saysDay(name)):
		return dayKind(n[cTime])
	case days == all:
		return dayKind(n[cTime])
	case n[cDMY] > 0 && n[cDMY]+days == all && (s.dmyA > 12) != (s.dmyB > 12):
		*dayFirst = s.dmyA > 12
		return dayKind(n[cTime] + s.dmyTimes)
	case numbers == all:
		return flow.NumberKind, asNumber
	case n[cComma] > 0 && numbers+n[cComma] == all:
		return flow.NumberKind, asComma
	case numbers+ids == all:
		return s.decideIDs(ids, all)
	}
	return s.decideMixed(numbers, days, all)
}

func dayKind(times int) (flow.Kind, mode) {
	if times > 0 {
		return flow.TimeKind, asTime
	}
	return flow.DateKind, asDay
}

// decideIDs is for a column of numbers and ids. Codes that count up from 0001 lose
// their zeros on the way, so a leading zero makes whole numbers of its width ids too.
func (s *stats) decideIDs(ids, all int) (flow.Kind, mode) {
	plain := s.n[cDec]+s.n[cOffice] == 0
	if ids*2 >= all || s.n[cZero] > 0 && plain {
		return flow.TextKind, asText
	}
	return flow.NullKind, asMixed
}

func (s *stats) decideMixed(numbers, days, all int) (flow.Kind, mode) {
	switch {
	case (numbers+days)*2 > all:
		return flow.NullKind, asMixed
	case s.native > 0:
		return flow.NullKind, asNative
	}
	return flow.TextKind, asText
}

// undecidedDays reports whether the column stays text because nothing tells its days from its months.
func (c *column) undecidedDays() bool {
	s := &c.stats
	return c.mode == asText && s.n[cDMY] > 0 && s.n[cDMY]*2 > s.n[cText] && s.n[cDate]+s.n[cTime] == 0
}

// saysDay reports whether a heading is one of days.
func saysDay(name string) bool {
	l := strings.ToLower(name)
	for _, w := range []string{"日期", "时间", "日", "date", "day"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// put converts a cell into v. The usual cells are made in place: a Value is large.
func (c *column) put(v *flow.Value, x *cell, origin *flow.Source) {
	if x.kind == textCell && x.text != "" && x.text[0] > ' ' {
		if c.mode == asText && x.text[0] != 0xc2 && x.text[0] != 0xe3 { // no space of Unicode
			*v = flow.Text(x.text).From(origin)
			return
		}
		if c.mode == asNumber {
			if n, ok := flow.ParseNumber(x.text); ok {
				*v = flow.Num(n).From(origin)
				return
			}
		}
	}
	*v = c.value(x).From(origin)
}

// value converts a cell.
func (c *column) value(x *cell) flow.Value {
	switch x.kind {
	case emptyCell, errCell:
		return flow.Null()
	case nestedCell:
		return nested(x.text)
	}
	switch c.mode {
	case asText:
		return x.textValue()
	case asNumber:
		return x.numberValue()
	case asComma:
		if n, ok := readComma(trim(x.text)); ok && x.kind == textCell {
			return flow.Num(n)
		}
		return x.numberValue()
	case asDay, asTime:
		return c.dayValue(x)
	case asBool:
		return flow.Bool(x.text == "1" || x.text[0] == 't' || x.text[0] == 'T')
	case asNative:
		if x.kind == textCell || x.kind == stringCell {
			return x.textValue()
		}
	}
	return c.mixedValue(x)
}

func (x *cell) textValue() flow.Value {
	if x.kind == textCell {
		if trim(x.text) == "" {
			return flow.Null()
		}
		return flow.Text(x.text)
	}
	return flow.Text(x.shown())
}

// shown is the cell as a person sees it.
func (x *cell) shown() string {
	switch x.kind {
	case numCell:
		return x.shownNumber()
	case boolCell:
		if x.text == "1" {
			return "TRUE"
		}
		return "FALSE"
	}
	return x.text
}

func (x *cell) shownNumber() string {
	switch {
	case x.form == dateForm:
		if v, _, ok := x.serial(); ok {
			return v.String()
		}
	case x.form == clockForm:
		if f, err := strconv.ParseFloat(x.text, 64); err == nil {
			return clockText(f)
		}
	}
	n, ok := xmlNumber(x.text)
	if !ok {
		return x.text
	}
	s := n.String()
	if x.form > padForm {
		for len(s) < int(x.form-padForm) {
			s = "0" + s
		}
	}
	return s
}

// numberValue is x in a column of numbers: Null for a dash.
func (x *cell) numberValue() flow.Value {
	if x.kind == numCell {
		if n, ok := xmlNumber(x.text); ok {
			return flow.Num(n)
		}
		return flow.Text(x.text)
	}
	s := trim(x.text)
	if s == "" {
		return flow.Null()
	}
	if n, ok := flow.ParseNumber(s); ok {
		return flow.Num(n)
	}
	if n, ok := readOffice(s); ok {
		return flow.Num(n)
	}
	if isNone(s) || isErrorText(s) {
		return flow.Null()
	}
	return flow.Text(x.text)
}

func (c *column) dayValue(x *cell) flow.Value {
	v, ok := x.day(c.first)
	switch {
	case ok && c.mode == asTime:
		return flow.Clock(v.Time())
	case ok:
		return v
	}
	if s := trim(x.text); s == "" || isNone(s) || isErrorText(s) {
		return flow.Null()
	}
	return x.textValue()
}

// day reads x as a day or time.
func (x *cell) day(dayFirst bool) (flow.Value, bool) {
	if x.kind == numCell {
		v, _, ok := x.serial()
		return v, ok && x.form == dateForm
	}
	s := trim(x.text)
	if len(s) < 8 {
		return flow.Value{}, false
	}
	if d, ok := parseDay(s); ok {
		return d.value(), true
	}
	if d, ok := parseDMY(s); ok {
		return d.day(dayFirst)
	}
	d, ok := parseNamed(s)
	if !ok {
		return flow.Value{}, false
	}
	return d.value(), true
}

func (c *column) mixedValue(x *cell) flow.Value {
	switch cl, _ := x.class(); cl {
	case cEmpty, cErr:
		return flow.Null()
	case cInt, cDay8, cDec, cOffice:
		return x.numberValue()
	case cDate, cTime:
		if v, ok := x.day(true); ok {
			return v
		}
	case cBool:
		if x.kind == boolCell {
			return flow.Bool(x.text == "1")
		}
	}
	return x.textValue()
}

// letters is the name of the column with this index, as sheets show it: A, B … AA.
func letters(index int) string {
	s := ""
	for i := index + 1; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}
