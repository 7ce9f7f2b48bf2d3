package fields

import (
	"strings"

	"daiban/flow"
)

// CommaDecimals reports whether the document writes 1.234,56.
func (f *Finder) CommaDecimals() bool { return f.style == commaStyle }

// Column gives the cells of a column values: numbers when all of them are and
// its name is not that of an identifier, dates when all are, else texts. An
// empty text is Null.
func Column(name string, texts []string, comma bool) ([]flow.Value, flow.Kind) {
	st := pointStyle
	if comma {
		st = commaStyle
	}
	if !identifies(askedFold(name)) {
		if vs, ok := every(texts, func(s string) (flow.Value, bool) { return cellNumber(s, st) }); ok {
			return vs, flow.NumberKind
		}
	}
	if vs, ok := every(texts, cellDate); ok {
		return vs, flow.DateKind
	}
	vs, _ := every(texts, func(s string) (flow.Value, bool) { return flow.Text(s), true })
	return vs, flow.TextKind
}

// every reads all texts; not ok when one cannot be read, or all are empty.
func every(texts []string, read func(string) (flow.Value, bool)) ([]flow.Value, bool) {
	out := make([]flow.Value, len(texts))
	some := false
	for i, s := range texts {
		if s == "" {
			continue
		}
		v, ok := read(s)
		if !ok {
			return nil, false
		}
		out[i], some = v, true
	}
	return out, some
}

// cellNumber reads a text that is one number and no identifier: leading zeros
// and long runs of digits are not numbers.
func cellNumber(s string, st style) (flow.Value, bool) {
	if !oneNumber(s) {
		return flow.Null(), false
	}
	t := Fold(s)
	m := moneyPattern.FindStringSubmatch(t)
	if m == nil || m[0] != t || m[8] != "" {
		return flow.Null(), false
	}
	d := m[5]
	if len(d) > 1 && d[0] == '0' && !strings.ContainsAny(d[1:2], ".,") || len(d) > 15 && !strings.ContainsAny(d, ".,") {
		return flow.Null(), false
	}
	n, ok := parseNumber(d, st)
	if !ok {
		return flow.Null(), false
	}
	if m[2] == "-" || m[4] == "-" || m[1] != "" && m[7] != "" {
		n = n.Neg()
	}
	return flow.Num(n), true
}

// oneNumber reports whether the blanks of a text part no more than thousands and signs: two
// numbers that fell into one cell are not a number.
func oneNumber(s string) bool {
	parts := strings.Fields(s)
	for i, p := range parts[1:] {
		before, digits := parts[i], strings.TrimRight(p, "元)")
		if !endsInDigit(before) || digits == "" || digits[0] < '0' || digits[0] > '9' {
			continue
		}
		whole, _, _ := strings.Cut(strings.Replace(digits, ",", ".", 1), ".")
		if len(whole) != 3 || strings.ContainsAny(before, ".,") || i == 0 && len(strings.TrimLeft(before, "-+(¥￥$€£")) > 3 {
			return false
		}
	}
	return true
}

func endsInDigit(s string) bool { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }

func cellDate(s string) (flow.Value, bool) {
	if v, ok := flow.ReadDate(s); ok {
		return v, true // perhaps with a time
	}
	t := Fold(s)
	if len([]rune(t)) > 20 || strings.Count(t, ":") > 0 {
		return flow.Null(), false
	}
	v, ok, _ := parseDate(t, unknownOrder)
	return v, ok
}
