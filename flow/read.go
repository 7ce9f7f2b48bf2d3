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
	if !hasDigit(s) || !mayBegin(s) {
		return Number{}, false
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

// hasDigit reports whether s may have a digit: an ASCII or a full-width one.
func hasDigit(s string) bool {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' || s[i] == 0xef {
			return true
		}
	}
	return false
}

// currencyCodes are the words that may stand before a number.
var currencyCodes = []string{"RMB", "CNY", "USD", "EUR", "GBP", "HK", "US"}

// mayBegin reports whether s may begin a number: not with a letter, unless it is that of a
// currency. It spares the columns of codes and names (R12, C7) the rest.
func mayBegin(s string) bool {
	c := s[0] | 0x20
	if c < 'a' || c > 'z' {
		return true
	}
	for _, code := range currencyCodes {
		if strings.HasPrefix(s, code) {
			return true
		}
	}
	return false
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

// ReadDate reads a date or a date with a time, in the forms that cannot be taken for
// another day (2026-03-01, 2026/3/1, 2026年3月1日, 20260301, 1 March 2026, 2026-03-01 09:30).
// Forms such as 03/04/2026 need a whole column to be understood and are not read here.
func ReadDate(s string) (Value, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 40 || !hasDigit(s) {
		return Value{}, false
	}
	if s = strings.TrimSpace(Fold(s)); len(s) < 8 {
		return Value{}, false
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9':
		if d, rest, ok := leadingDay(s); ok {
			return withClock(d, rest)
		}
		if c = s[1]; c != ' ' && c != '-' && (s[2] != ' ' && s[2] != '-') {
			return Value{}, false
		}
	case c < 'A' || c > 'S':
		return Value{}, false
	}
	return namedMonth(s)
}

// leadingDay reads the day that s begins with, year first.
func leadingDay(s string) (d Value, rest string, ok bool) {
	y, t := digits(s, 4)
	if len(s)-len(t) != 4 {
		return Value{}, "", false
	}
	if strings.HasPrefix(s, "19") || strings.HasPrefix(s, "20") {
		// Eight digits are a date only in this century or the last.
		if md, u := digits(t, 4); len(t)-len(u) == 4 {
			d, ok = day(y, md/100, md%100)
			return d, u, ok && (u == "" || u[0] == ' ' || u[0] == 'T')
		}
	}
	for _, sep := range [...][3]string{{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}} {
		u, ok := strings.CutPrefix(t, sep[0])
		if !ok {
			continue
		}
		m, u := digits(u, 2)
		if u, ok = strings.CutPrefix(u, sep[1]); !ok {
			return Value{}, "", false
		}
		dd, v := digits(u, 2)
		if len(v) == len(u) {
			return Value{}, "", false
		}
		if sep[2] != "" {
			w, ok := strings.CutPrefix(v, "日")
			if !ok {
				if w, ok = strings.CutPrefix(v, "号"); !ok {
					return Value{}, "", false
				}
			}
			v = w
		}
		d, ok = day(y, m, dd)
		return d, v, ok
	}
	return Value{}, "", false
}

// digits is the number that the first at most n digits of s are, and what follows.
func digits(s string, n int) (x int, rest string) {
	i := 0
	for i < len(s) && i < n && s[i] >= '0' && s[i] <= '9' {
		x = x*10 + int(s[i]-'0')
		i++
	}
	return x, s[i:]
}

func day(y, m, d int) (Value, bool) {
	if y < 1000 || m < 1 || m > 12 || d < 1 || d > 31 {
		return Value{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return Day(t), t.Day() == d
}

var clockForms = []string{" 15:04:05", " 15:04", "T15:04:05", "T15:04:05Z", "T15:04:05Z07:00", " 15时04分", " 15时04分05秒", " 3:04 PM", " 3:04:05 PM"}

// withClock is day d with the time of day that rest is.
func withClock(d Value, rest string) (Value, bool) {
	if rest == "" {
		return d, true
	}
	if rest[0] != ' ' && rest[0] != 'T' {
		return Value{}, false
	}
	for _, c := range clockForms {
		if t, err := time.Parse(c, rest); err == nil {
			y, m, dd := d.Time().Date()
			return Clock(time.Date(y, m, dd, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)), true
		}
	}
	return Value{}, false
}

var monthForms = []string{"Jan 2, 2006", "January 2, 2006", "Jan 2 2006", "2 Jan 2006", "2 January 2006", "02-Jan-2006", "2-Jan-2006", "2-Jan-06"}

// namedMonth reads a day whose month is an English word.
func namedMonth(s string) (Value, bool) {
	for _, f := range monthForms {
		for _, c := range []string{"", " 15:04:05", " 15:04"} {
			if t, err := time.Parse(f+c, s); err == nil && t.Year() >= 1000 {
				if c == "" {
					return Day(t), true
				}
				return Clock(t), true
			}
		}
	}
	return Value{}, false
}
