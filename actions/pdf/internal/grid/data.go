package grid

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"daiban/actions/pdf/internal/pdfdoc"
)

const headMax = 24 // characters of a heading

// isData reports whether t is a table of data, not the frame of a form or an
// address beside a logo: it has a heading of short words, and columns under it.
func (t Table) isData() bool {
	if len(t.Rows) < 2 {
		return false
	}
	empty := 0
	for j, c := range t.Rows[0] {
		switch {
		case c.Text == "":
			empty++
		case utf8.RuneCountInString(c.Text) > headMax, strings.ContainsAny(c.Text, ":：￥¥$£€*"), startsWithDigit(c.Text):
			return false
		case t.narrow(j):
			return false
		}
	}
	if empty > 1 {
		return false
	}
	return len(t.Rows[0]) >= 3 || t.hasNumbers(1)
}

// goesOnMaybe reports whether t can be the rest of a ruled table of the page
// before, without a heading: it has three columns or more and no words written
// downwards. One that continues nothing is dropped in the end.
func (t Table) goesOnMaybe() bool {
	if len(t.Rows[0]) < 3 {
		return false
	}
	for j, c := range t.Rows[0] {
		if strings.ContainsAny(c.Text, ":：") || t.narrow(j) && c.Text != "" {
			return false
		}
	}
	return true
}

func startsWithDigit(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "-+("))
	// 1月 and 2024年 are headings, 1,234.50 is not.
	return unicode.IsDigit(r) && !strings.ContainsAny(s, "年月日季周号期")
}

// narrow reports whether column j is a word written downwards.
func (t Table) narrow(j int) bool {
	for _, r := range t.Rows {
		s := []rune(r[j].Text)
		if len(s) > 1 || len(s) == 1 && !unicode.Is(unicode.Han, s[0]) {
			return false
		}
	}
	return true
}

func (t Table) hasNumbers(j int) bool {
	for _, r := range t.Rows[1:] {
		if r[j].Text != "" && !strings.ContainsFunc(r[j].Text, unicode.IsDigit) {
			return false
		}
	}
	return true
}

// extent is the area of the table's cells.
func (t Table) extent() pdfdoc.Box {
	var b pdfdoc.Box
	first := true
	for _, r := range t.Rows {
		for _, c := range r {
			switch {
			case c.Text == "":
			case first:
				b, first = c.Box, false
			default:
				b = b.Union(c.Box)
			}
		}
	}
	return b
}
