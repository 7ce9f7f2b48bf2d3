package sheet

import (
	"strings"
	"unicode/utf8"

	"daiban/flow"
)

// A class is what a cell could be, seen alone.
type class uint8

const (
	cEmpty  class = iota
	cInt          // digits
	cDay8         // eight digits that are also a day: 20260301
	cDec          // a decimal
	cOffice       // a number with separators, currency, full-width digits, a unit
	cZero         // digits with a leading zero
	cLong         // twelve digits or more
	cDate         // a day, in a form that has one reading
	cTime         // a day and a time
	cDMY          // 03/04/2026: which is the month?
	cBool         // true or false
	cErr          // #N/A and the like, of a formula
	cComma        // 1.234,50: a number only where commas can be decimal
	cNone         // "-", "N/A": no value, in a column of numbers
	cText
	cNested // an object or array of JSON
	classes
)

// idDigits is the number of digits from which a whole number is taken for an id.
const idDigits = 12

// phoneDigits is the number of digits from which +86… is a telephone number.
const phoneDigits = 9

// classify tells what a text could be. It allocates nothing for the usual cells.
func classify(s string) class {
	s = trim(s)
	if s == "" {
		return cEmpty
	}
	c := s[0]
	switch {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		return classifyDigits(s)
	case c >= 0x80, c == '(', c == '$', c == '\'':
		return classifyOdd(s)
	case c == '#':
		if isErrorText(s) {
			return cNone
		}
		return cText
	}
	return classifyWord(s)
}

// trim drops spaces around s; most cells have none.
func trim(s string) string {
	if s == "" {
		return s
	}
	// The spaces outside ASCII are C2 A0 and E3 80 80.
	first, last := s[0], s[len(s)-1]
	if first > ' ' && first != 0xc2 && (first != 0xe3 || len(s) < 3 || s[1] != 0x80) && last > ' ' && last != 0xa0 && last != 0x80 {
		return s
	}
	return strings.Trim(s, " \t\r\n\u00a0\u3000")
}

func classifyDigits(s string) class {
	i := 0
	if s[0] == '-' || s[0] == '+' {
		i = 1
	}
	first, dot := i, -1
	for ; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			continue
		}
		if dot >= 0 { // 2026.03.01, 1.3.2026
			return classifyMixed(s, dot-first)
		}
		if c != '.' {
			return classifyMixed(s, i-first)
		}
		dot = i
	}
	return classifyPlain(s, first, dot)
}

// classifyPlain is for digits with at most a sign and a point.
func classifyPlain(s string, first, dot int) class {
	digits := len(s) - first
	switch {
	case digits == 0:
		return pick(s == "-", cNone, cText)
	case dot >= 0 && digits == 1:
		return cText
	case digits > 1 && s[first] == '0' && s[first+1] != '.':
		if dot >= 0 {
			return cText // 01.50: a version, a chapter
		}
		return cZero
	case dot >= 0:
		if digits > 100 {
			return cText
		}
		return cDec
	case first == 0 && digits >= idDigits, s[0] == '+' && digits >= phoneDigits:
		return cLong
	case digits == 8 && first == 0 && isDay8(s):
		return cDay8
	case digits > 100:
		return cText
	}
	return cInt
}

// classifyMixed is for a text that starts like a number and has n digits before another sign.
func classifyMixed(s string, n int) class {
	if len(s) > 60 {
		return cText
	}
	if s[0] >= '0' && s[0] <= '9' {
		if n == 4 || n == 8 {
			if d, ok := parseDay(s); ok {
				return pick(d.isTime, cTime, cDate)
			}
		} else if n <= 2 {
			if _, ok := parseDMY(s); ok {
				return cDMY
			}
			if d, ok := parseNamed(s); ok {
				return pick(d.isTime, cTime, cDate)
			}
		}
	}
	if isNone(s) {
		return cNone
	}
	return classifyOffice(s)
}

func pick(cond bool, a, b class) class {
	if cond {
		return a
	}
	return b
}

// classifyOdd is for a first sign outside letters and digits.
func classifyOdd(s string) class {
	if len(s) > 60 || !startsNumber(s) || !hasDigit(s) {
		if isNone(s) {
			return cNone
		}
		return cText
	}
	if s[0] == '\'' {
		return cText
	}
	folded := flow.Fold(s)
	if folded != s {
		switch c := classify(folded); c {
		case cInt, cDec, cDay8, cOffice:
			return cOffice
		case cZero, cLong:
			return c
		}
		return cText
	}
	return classifyOffice(s)
}

// startsNumber reports whether the first sign of s can be that of a number: a full-width one, a currency, a dash.
func startsNumber(s string) bool {
	if s[0] < 0x80 {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s)
	switch r {
	case '¥', '￥', '€', '£', '−', '–', '人':
		return true
	}
	return r >= '！' && r <= '～'
}

func classifyOffice(s string) class {
	for i := range len(s) {
		if s[i]|0x20 == 'e' && (i+1 == len(s) || s[i+1] != '-' && s[i+1] != '+') {
			return cText // 12E5 is a code more often than a number
		}
	}
	if _, ok := readOffice(s); ok {
		return cOffice
	}
	if _, ok := readComma(s); ok {
		return cComma
	}
	return cText
}

// readComma reads a number with a decimal comma: 1.234,50, -0,5, 12,50 €.
func readComma(s string) (flow.Number, bool) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, "€"), "€"))
	sign := strings.HasPrefix(s, "-")
	whole, part, cut := strings.Cut(strings.TrimPrefix(s, "-"), ",")
	if cut && (part == "" || strings.Trim(part, "0123456789") != "") {
		return flow.Number{}, false
	}
	groups := strings.Split(whole, ".")
	for i, g := range groups {
		if g == "" || strings.Trim(g, "0123456789") != "" || i > 0 && len(g) != 3 || len(groups) > 1 && len(g) > 3 {
			return flow.Number{}, false
		}
	}
	text := strings.Join(groups, "")
	if cut {
		text += "." + part
	}
	x, ok := flow.ParseNumber(text)
	if sign {
		x = x.Neg()
	}
	return x, ok
}

// readOffice is flow.ReadNumber with a short way for 1,234.50.
func readOffice(s string) (flow.Number, bool) {
	if x, ok := readGrouped(s); ok {
		return x, true
	}
	return flow.ReadNumber(s)
}

// readGrouped reads digits in groups of three: 1,234,567.89 with at most 18 digits.
func readGrouped(s string) (flow.Number, bool) {
	var buf [24]byte
	n, group, groups, dot := 0, 0, 0, false
	for i := range len(s) {
		c := s[i]
		switch {
		case n >= len(buf)-1:
			return flow.Number{}, false
		case c >= '0' && c <= '9':
			group++
			buf[n] = c
			n++
		case c == ',' && !dot && group > 0 && (groups > 0 && group == 3 || groups == 0 && group <= 3):
			groups++
			group = 0
		case c == '.' && !dot && groups > 0 && group == 3:
			dot = true
			buf[n] = c
			n++
		case c == '-' && i == 0:
			buf[n] = c
			n++
		default:
			return flow.Number{}, false
		}
	}
	if groups == 0 || !dot && group != 3 {
		return flow.Number{}, false
	}
	return flow.ParseNumber(string(buf[:n]))
}

// classifyWord is for a text that starts with an ASCII letter or another sign.
func classifyWord(s string) class {
	if len(s) > 40 {
		return cText
	}
	switch s[0] {
	case 't', 'T', 'f', 'F':
		if strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
			return cBool
		}
	case 'n', 'N':
		if isNone(s) {
			return cNone
		}
	case 'R', 'C', 'U', 'E', 'G', 'H':
		if hasDigit(s) {
			return classifyOffice(s)
		}
	}
	if s[0]|0x20 >= 'a' && hasDigit(s) {
		if d, ok := parseNamed(s); ok {
			return pick(d.isTime, cTime, cDate)
		}
	}
	return cText
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' || s[i] == 0xef && i+2 < len(s) && s[i+1] == 0xbc && s[i+2] >= 0x90 && s[i+2] <= 0x99 {
			return true
		}
	}
	return false
}

// isNone reports whether s says "no value" in a column of numbers or days.
func isNone(s string) bool {
	switch s {
	case "-", "--", "—", "——", "–", "N/A", "n/a", "NA", "NULL", "null", "Null", "NaN", "nan", "无":
		return true
	}
	return false
}

func isErrorText(s string) bool {
	switch s {
	case "#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!":
		return true
	}
	return false
}
