package flow

import (
	"strings"
	"time"
	"unicode/utf8"
)

// AsNumber is v as a number: a number, or a text that reads as one (ReadNumber).
func AsNumber(v Value) (Number, bool) {
	switch v.kind {
	case NumberKind:
		return v.Number(), true
	case TextKind:
		return ReadNumber(v.s)
	}
	return Number{}, false
}

// AsDate is v as a date or time: one of these, or a text that reads as one (ReadDate).
func AsDate(v Value) (Value, bool) {
	switch v.kind {
	case DateKind, TimeKind:
		return v, true
	case TextKind:
		return ReadDate(v.s)
	}
	return Value{}, false
}

// AsBool is v as yes or no: a bool, or a text that says one (是, yes, true …).
func AsBool(v Value) (b, ok bool) {
	switch v.kind {
	case BoolKind:
		return v.n != 0, true
	case TextKind:
		switch strings.ToLower(strings.TrimSpace(v.s)) {
		case "true", "yes", "y", "是", "√", "✓", "对":
			return true, true
		case "false", "no", "n", "否", "×", "✗", "错":
			return false, true
		}
	}
	return false, false
}

// Fold maps full-width ASCII to half-width, the ideographic space to a space, and other spaces to a space.
func Fold(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　' || r == '\u00a0' || r == '\u2007' || r == '\u202f':
			return ' '
		case r == '\ufeff' || r == '\u200b':
			return -1
		}
		return r
	}, s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

var currency = strings.NewReplacer("￥", "", "¥", "", "$", "", "€", "", "£", "", "人民币", "", "RMB", "", "CNY", "", "USD", "", "EUR", "", "GBP", "", "HK", "", "US", "", "元整", "", "元", "", "圆", "", "−", "-", "–", "-", "+", "")

// ReadNumber reads a number as offices write it: "￥1,234.50", "１２３", "1 200元",
// "(300)", "300-", "12.5%", "1.2万", "3亿". ok is false for anything else.
func ReadNumber(s string) (Number, bool) {
	if len(s) > 60 || s == "" {
		return Number{}, false
	}
	if x, ok := parseSmall(s); ok {
		return x, true
	}
	s = strings.TrimSpace(Fold(s))
	s = strings.TrimSpace(currency.Replace(s))
	neg := false
	if t, ok := strings.CutPrefix(s, "("); ok {
		if s, ok = strings.CutSuffix(t, ")"); !ok {
			return Number{}, false
		}
		neg = true
		s = strings.TrimSpace(s)
	}
	if t, ok := strings.CutSuffix(s, "-"); ok {
		s, neg = t, true
	}
	if t, ok := strings.CutPrefix(s, "-"); ok && !neg {
		s, neg = strings.TrimSpace(t), true
	}
	unit := Int(1)
	for suffix, u := range units {
		if t, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = strings.TrimSpace(t), u
			break
		}
	}
	s, ok := dropSeparators(s)
	if !ok {
		return Number{}, false
	}
	x, ok := ParseNumber(s)
	if !ok {
		return Number{}, false
	}
	if neg {
		x = x.Neg()
	}
	if unit.n != 1 || unit.scale != 0 {
		x = x.Mul(unit)
	}
	if unit.n != 1 {
		x = x.trimmed() // 1.2万 is 12000, not 12000.0
	}
	return x, true
}

var units = map[string]Number{"%": Decimal(1, 2), "‰": Decimal(1, 3), "万": Int(1e4), "亿": Int(1e8)}

// dropSeparators removes thousands separators; ok is false where they stand wrong.
func dropSeparators(s string) (string, bool) {
	if s == "" || s[0] < '0' && s[0] != '.' || s[0] > '9' {
		return "", false
	}
	for _, sep := range []string{",", " ", "'"} {
		if !strings.Contains(s, sep) {
			continue
		}
		whole, frac, dot := strings.Cut(s, ".")
		groups := strings.Split(whole, sep)
		for i, g := range groups {
			// Chinese offices also group by four: 1,2345,6789.
			if i == 0 && len(g) > 4 || i > 0 && len(g) != 3 && len(g) != 4 || len(g) == 0 {
				return "", false
			}
		}
		s = strings.Join(groups, "")
		if dot {
			s += "." + frac
		}
	}
	return s, true
}

var dateForms = []string{
	"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "2006年1月2号", "20060102",
	"Jan 2, 2006", "January 2, 2006", "Jan 2 2006", "2 Jan 2006", "2 January 2006", "02-Jan-2006", "2-Jan-06",
}

var clockForms = []string{"", " 15:04:05", " 15:04", "T15:04:05", " 15:04:05.999999", "T15:04:05Z", "T15:04:05.999999Z", "T15:04:05Z07:00", " 15时04分", " 3:04 PM"}

// ReadDate reads a date or a date with a time, in the forms that cannot be taken for
// another day (2026-03-01, 2026/3/1, 2026年3月1日, 20260301, 1 March 2026, 2026-03-01 09:30).
// Forms such as 03/04/2026 need a whole column to be understood and are not read here.
func ReadDate(s string) (Value, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 40 {
		return Value{}, false
	}
	if c := s[0]; c < '0' || c > '9' {
		if c < 'A' || c > 'Z' && c < utf8.RuneSelf {
			return Value{}, false
		}
	}
	s = Fold(s)
	for _, d := range dateForms {
		if len(d) == 8 && d[0] == '2' && d[4] == '0' && (len(s) < 8 || s[4] < '0' || s[4] > '9' || s[:2] != "19" && s[:2] != "20") {
			continue // an eight-digit number is a date only in this century or the last
		}
		for _, c := range clockForms {
			t, err := time.Parse(d+c, s)
			if err != nil {
				continue
			}
			if t.Year() < 1000 {
				return Value{}, false
			}
			if c == "" {
				return Day(t), true
			}
			return Clock(t), true
		}
	}
	return Value{}, false
}
