package sheet

import (
	"math"
	"strings"
	"time"

	"daiban/flow"
)

var monthDays = [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func validDay(y, m, d int) bool {
	return y >= 1000 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= monthDays[m] &&
		(m != 2 || d < 29 || y%4 == 0 && (y%100 != 0 || y%400 == 0))
}

// isDay8 reports whether eight digits are a day of this century or the last.
func isDay8(s string) bool {
	if s[:2] != "19" && s[:2] != "20" {
		return false
	}
	y, _ := digits(s[:4])
	m, _ := digits(s[4:6])
	d, _ := digits(s[6:])
	return validDay(y, m, d)
}

func digits(s string) (n int, ok bool) {
	if s == "" || len(s) > 8 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// leading splits the digits at the start of s from the rest.
func leading(s string, most int) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < most && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i > 0
}

// A moment is a day, or a day and a time.
type moment struct {
	y, m, d int
	clock   time.Duration
	isTime  bool
}

func (t moment) value() flow.Value {
	if t.isTime {
		return flow.Clock(time.Date(t.y, time.Month(t.m), t.d, 0, 0, 0, 0, time.UTC).Add(t.clock))
	}
	return flow.DateOf(t.y, time.Month(t.m), t.d)
}

// parseDay reads year, month, day in this order, and a time after it if there is one.
func parseDay(s string) (v moment, ok bool) {
	y, rest, ok := leading(s, 4)
	if !ok || len(rest) < 2 {
		return v, false
	}
	var m, d int
	switch {
	case rest[0] >= '0' && rest[0] <= '9': // 20260301
		if len(rest) < 4 {
			return v, false
		}
		m, _ = digits(rest[:2])
		d, ok = digits(rest[2:4])
		rest = rest[4:]
	case rest[0] == '-' || rest[0] == '/' || rest[0] == '.':
		sep := rest[0]
		if m, rest, ok = leading(rest[1:], 2); !ok || rest == "" || rest[0] != sep {
			return v, false
		}
		d, rest, ok = leading(rest[1:], 2)
	case strings.HasPrefix(rest, "年"):
		m, rest, _ = leading(rest[len("年"):], 2)
		if rest, ok = strings.CutPrefix(rest, "月"); !ok {
			return v, false
		}
		d, rest, ok = leading(rest, 2)
		if !strings.HasPrefix(rest, "日") && !strings.HasPrefix(rest, "号") {
			return v, false
		}
		rest = rest[len("日"):]
	default:
		return v, false
	}
	if !ok || !validDay(y, m, d) {
		return v, false
	}
	return withClock(y, m, d, rest)
}

// withClock is a day and what stands after it: nothing, or a time.
func withClock(y, m, d int, rest string) (v moment, ok bool) {
	v = moment{y: y, m: m, d: d}
	if rest == "" {
		return v, true
	}
	v.clock, ok = parseClock(rest)
	v.isTime = true
	return v, ok
}

// parseClock reads " 09:30", "T09:30:05.25Z", " 9:30 PM", " 9时30分" as the time since midnight.
func parseClock(s string) (time.Duration, bool) {
	if s[0] != ' ' && s[0] != 'T' {
		return 0, false
	}
	h, rest, ok := leading(strings.TrimLeft(s[1:], " "), 2)
	if !ok {
		return 0, false
	}
	cn := strings.HasPrefix(rest, "时") || strings.HasPrefix(rest, "點") || strings.HasPrefix(rest, "点")
	switch {
	case cn:
		rest = rest[len("时"):]
	case strings.HasPrefix(rest, ":"):
		rest = rest[1:]
	default:
		return 0, false
	}
	m, rest, ok := leading(rest, 2)
	if !ok {
		return 0, false
	}
	sec, nano := 0, 0
	if cn {
		rest = strings.TrimPrefix(rest, "分")
	} else if strings.HasPrefix(rest, ":") {
		if sec, rest, ok = leading(rest[1:], 2); !ok {
			return 0, false
		}
		if strings.HasPrefix(rest, ".") {
			before := len(rest) - 1
			nano, rest, _ = leading(rest[1:], 9)
			for range 9 - (before - len(rest)) {
				nano *= 10
			}
		}
	}
	switch strings.ToUpper(strings.TrimSpace(rest)) {
	case "", "Z":
	case "PM":
		h = h%12 + 12
	case "AM":
		h %= 12
	default:
		return 0, false // an offset: keep the text, which has the zone
	}
	if h > 23 || m > 59 || sec > 59 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(sec)*time.Second + time.Duration(nano), true
}

// A dmy is a day whose order is open.
type dmy struct {
	a, b int // as written; y and what is after it stand in moment
	moment
}

// parseDMY reads 03/04/2026, 3-4-2026, 3.4.2026, with or without a time.
func parseDMY(s string) (d dmy, ok bool) {
	a, rest, ok := leading(s, 2)
	if !ok || len(rest) < 7 || rest[0] != '/' && rest[0] != '-' && rest[0] != '.' {
		return d, false
	}
	sep := rest[0]
	b, rest, ok := leading(rest[1:], 2)
	if !ok || len(rest) < 5 || rest[0] != sep {
		return d, false
	}
	before := len(rest) - 1
	y, rest, ok := leading(rest[1:], 4)
	if !ok || before-len(rest) != 4 {
		return d, false
	}
	d = dmy{a: a, b: b, moment: moment{y: y}}
	if !validDay(y, b, a) && !validDay(y, a, b) {
		return d, false
	}
	if rest != "" {
		if d.clock, ok = parseClock(rest); !ok {
			return d, false
		}
		d.isTime = true
	}
	return d, true
}

// day is d read with the day first, or the month first.
func (d dmy) day(dayFirst bool) (flow.Value, bool) {
	day, month := d.a, d.b
	if !dayFirst {
		day, month = d.b, d.a
	}
	if !validDay(d.y, month, day) {
		return flow.Value{}, false
	}
	d.m, d.d = month, day
	return d.value(), true
}

var monthNames = [...]string{"", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// monthName is the month that s starts with, full or its first three letters, and the rest.
func monthName(s string) (m int, rest string) {
	i := 0
	for i < len(s) && s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' {
		i++
	}
	if i < 3 {
		return 0, s
	}
	word := strings.ToLower(s[:i])
	for m := 1; m <= 12; m++ {
		if word == monthNames[m] || word == monthNames[m][:3] {
			return m, s[i:]
		}
	}
	return 0, s
}

// parseNamed reads "Jan 2, 2006", "2 January 2006", "02-Jan-2006", "2-Jan-06", and a time after it.
func parseNamed(s string) (v moment, ok bool) {
	var m, d int
	rest := s
	if s[0] >= '0' && s[0] <= '9' {
		d, rest, _ = leading(rest, 2)
		rest = strings.TrimLeft(rest, " -")
		if m, rest = monthName(rest); m == 0 {
			return v, false
		}
		rest = strings.TrimLeft(rest, " -,.")
	} else {
		if m, rest = monthName(rest); m == 0 {
			return v, false
		}
		rest = strings.TrimLeft(rest, " .")
		d, rest, _ = leading(rest, 2)
		if rest == "" || rest[0] != ' ' && rest[0] != ',' {
			return v, false
		}
		rest = strings.TrimLeft(rest, " ,")
	}
	before := len(rest)
	y, rest, ok := leading(rest, 4)
	switch n := before - len(rest); {
	case !ok || n == 1 || n == 3:
		return v, false
	case n == 2 && y < 70:
		y += 2000
	case n == 2:
		y += 1900
	}
	if !validDay(y, m, d) {
		return v, false
	}
	return withClock(y, m, d, rest)
}

// serialDay is the day, and time, of a spreadsheet's day number. base1904 counts from 1904-01-01.
func serialDay(x float64, base1904 bool) (v flow.Value, isTime, ok bool) {
	if base1904 {
		x += 1462
	}
	if x < 1 || x >= 2958466 || math.IsNaN(x) {
		return v, false, false
	}
	if x < 60 {
		x++ // the calendar of Excel has a 29 February 1900
	}
	day := math.Floor(x)
	ms := int64(math.Round((x - day) * 86400e3))
	if r := ms % 1000; r <= 2 {
		ms -= r // binary fractions of a day miss the second by a little
	} else if r >= 998 {
		ms += 1000 - r
	}
	if ms >= 86400e3 {
		day, ms = day+1, 0
	}
	t := time.Date(1899, 12, 30+int(day), 0, 0, 0, 0, time.UTC)
	if ms == 0 {
		return flow.Day(t), false, true
	}
	return flow.Clock(t.Add(time.Duration(ms) * time.Millisecond)), true, true
}

// clockText is a part of a day as people write it: 09:30, 26:15:00.
func clockText(x float64) string {
	sec := int64(math.Round(math.Abs(x) * 86400))
	text := two(sec/3600) + ":" + two(sec/60%60)
	if sec%60 != 0 {
		text += ":" + two(sec%60)
	}
	if x < 0 {
		return "-" + text
	}
	return text
}

func two(n int64) string {
	s := flow.NumInt(n).String()
	if len(s) < 2 {
		return "0" + s
	}
	return s
}
