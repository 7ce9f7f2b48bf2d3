package fields

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"daiban/flow"
)

// An order is how a document writes dates in digits when the year is last.
type order int

const (
	unknownOrder order = iota
	dayFirst
	monthFirst
)

var (
	chineseDate = regexp.MustCompile(`(\d{4})年(\d{1,2})月(\d{1,2})日?`)
	isoDate     = regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})`)
	digitDate   = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})([-/.])(\d{4}|\d{2})(?:\D|$)`)
	dayMonth    = regexp.MustCompile(`^(?:[a-z]{3,9},)?(\d{1,2})(?:st|nd|rd|th)?(?:of)?[-.,/]?([a-z]{3,9})[-.,/]*(\d{4}|\d{2})(?:\D|$)`)
	monthDay    = regexp.MustCompile(`^(?:[a-z]{6,9},)?([a-z]{3,9})\.?(\d{1,2})(?:st|nd|rd|th)?,?(\d{4})(?:\D|$)`)
	plainDate   = regexp.MustCompile(`^((?:19|20)\d{2})(\d{2})(\d{2})(?:\D|$)`)
)

var monthNames = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

func monthNamed(s string) int {
	if s == "sept" {
		return 9
	}
	for i, m := range monthNames {
		if len(s) >= 3 && strings.HasPrefix(m, s) {
			return i + 1
		}
	}
	return 0
}

// parseDate reads a date at the start of folded text. Unsure means that it is
// a date, but which of two cannot be told.
func parseDate(s string, o order) (v flow.Value, ok, unsure bool) {
	if m := chineseDate.FindStringSubmatch(s); m != nil {
		return makeDate(m[1], m[2], m[3])
	}
	if m := isoDate.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return makeDate(m[1], m[3], m[5])
	}
	if m := dayMonth.FindStringSubmatch(s); m != nil && monthNamed(m[2]) > 0 {
		return makeDate(m[3], strconv.Itoa(monthNamed(m[2])), m[1])
	}
	if m := monthDay.FindStringSubmatch(s); m != nil && monthNamed(m[1]) > 0 {
		return makeDate(m[3], strconv.Itoa(monthNamed(m[1])), m[2])
	}
	if m := digitDate.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return digitsDate(m[1], m[3], m[5], m[2], o)
	}
	if m := plainDate.FindStringSubmatch(s); m != nil {
		return makeDate(m[1], m[2], m[3])
	}
	return flow.Null(), false, false
}

// digitsDate reads 03/04/2024: only one of both orders may be possible, or the
// document's other dates tell.
func digitsDate(a, b, year, sep string, o order) (flow.Value, bool, bool) {
	day, okDay, _ := makeDate(year, b, a)
	month, okMonth, _ := makeDate(year, a, b)
	switch {
	case okDay && (!okMonth || a == b || sep == "." || o == dayFirst):
		return day, true, false
	case okMonth && (!okDay || o == monthFirst):
		return month, true, false
	case okDay && okMonth:
		return flow.Null(), false, true
	}
	return flow.Null(), false, false
}

func makeDate(year, month, day string) (flow.Value, bool, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if y < 100 {
		y += 2000
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < 1900 || y > 2200 || t.Month() != time.Month(m) || t.Day() != d {
		return flow.Null(), false, false
	}
	return flow.DateOf(y, time.Month(m), d), true, false
}

// orderOf looks at the dates of a document that can be read in one way only,
// then at its currency: pounds and euros go with the day first.
func orderOf(ss []*sheet) order {
	var days, months bool
	var currency string
	for _, s := range ss {
		for _, l := range s.lines {
			for _, c := range (span{l, 0, len(l.gs)}).chunks(0.6) {
				text := c.folded()
				if strings.ContainsAny(text, "£€$") {
					currency += text
				}
				i := strings.IndexAny(text, "0123456789")
				if i < 0 {
					continue
				}
				if m := digitDate.FindStringSubmatch(text[i:]); m != nil && m[2] == m[4] {
					a, _ := strconv.Atoi(m[1])
					b, _ := strconv.Atoi(m[3])
					days = days || a > 12 && b <= 12
					months = months || b > 12 && a <= 12
				}
			}
		}
	}
	switch {
	case days && !months:
		return dayFirst
	case months && !days:
		return monthFirst
	case !days && !months && strings.ContainsAny(currency, "£€") && !strings.Contains(currency, "$"):
		return dayFirst
	}
	return unknownOrder
}
