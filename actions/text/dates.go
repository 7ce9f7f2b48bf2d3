package text

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	months     = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	monthNames = `(January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.?`
	dayMonth   = regexp.MustCompile(`\b([0-3]?[0-9])(?:st|nd|rd|th)? (?:of )?` + monthNames + `(?:,? ([12][0-9]{3}))?\b`)
	monthDay   = regexp.MustCompile(`\b` + monthNames + ` ([0-3]?[0-9])(?:st|nd|rd|th)?\b(?:,? ([12][0-9]{3})\b)?`)
	monthAlone = regexp.MustCompile(`([01]?[0-9])月份?`)
	dayChinese = regexp.MustCompile(`(?:([12][0-9]{3})年)?([01]?[0-9])月([0-3]?[0-9])[日号]`)
)

// datesIn writes the dates of a text as the other language does, where that is Chinese or English: 24 December becomes 12月24日, which a small
// model would not get right by itself.
func datesIn(text string, from, to language) string {
	switch {
	case from == english && to == chinese:
		text = dayMonth.ReplaceAllStringFunc(text, func(s string) string {
			m := dayMonth.FindStringSubmatch(s)
			return chineseDay(s, m[3], m[2], m[1])
		})
		return monthDay.ReplaceAllStringFunc(text, func(s string) string {
			m := monthDay.FindStringSubmatch(s)
			return chineseDay(s, m[3], m[1], m[2])
		})
	case from == chinese && to == english:
		text = dayChinese.ReplaceAllStringFunc(text, func(s string) string {
			m := dayChinese.FindStringSubmatch(s)
			month, _ := strconv.Atoi(m[2])
			day, _ := strconv.Atoi(m[3])
			if month < 1 || month > 12 || day < 1 || day > 31 {
				return s
			}
			out := " " + months[month-1] + " " + strconv.Itoa(day)
			if m[1] != "" {
				out += ", " + m[1]
			}
			return out + " "
		})
		return monthAlone.ReplaceAllStringFunc(text, func(s string) string {
			month, _ := strconv.Atoi(monthAlone.FindStringSubmatch(s)[1])
			if month < 1 || month > 12 {
				return s
			}
			return " " + months[month-1] + " "
		})
	}
	return text
}

// chineseDay is a day as Chinese writes it; s when it is none.
func chineseDay(s, year, month, day string) string {
	for i, name := range months {
		if d, _ := strconv.Atoi(day); strings.HasPrefix(name, month[:3]) && d >= 1 && d <= 31 {
			out := strconv.Itoa(i+1) + "月" + strconv.Itoa(d) + "日"
			if year != "" {
				out = year + "年" + out
			}
			return out
		}
	}
	return s
}
