package fields

import (
	"regexp"
	"strings"

	"daiban/flow"
)

// An amount is a sum of money as found.
type amount struct {
	n flow.Number
	span
	signed bool // with a currency
}

// A style is how a document writes numbers.
type style int

const (
	unknownStyle style = iota
	pointStyle         // 1,234.56
	commaStyle         // 1.234,56
)

const currencies = `¥|\$|£|€|us\$|hk\$|rmb|cny|usd|eur|gbp|hkd|chf|cad|aud`

// moneyPattern matches folded text without blanks.
var moneyPattern = regexp.MustCompile(`(\()?([-+]?)(` + currencies + `)?([-+]?)(\d[\d.,']*)(元|` + currencies + `)?(\))?(%)?`)

// numberPattern is a whole number in digits with separators; ok forms only.
var (
	pointForm = regexp.MustCompile(`^(\d{1,3}(?:[,']\d{3})+|\d+)(?:\.(\d{1,4}))?$`)
	commaForm = regexp.MustCompile(`^(\d{1,3}(?:[.']\d{3})+|\d+)(?:,(\d{1,4}))?$`)
)

// parseNumber reads digits with separators in a style; not ok when they do not
// fit it, or when the style is unknown and the digits fit both to different ends.
func parseNumber(s string, st style) (flow.Number, bool) {
	s = strings.TrimRight(s, ".,'")
	point, okPoint := inForm(s, pointForm)
	comma, okComma := inForm(s, commaForm)
	switch {
	case st == pointStyle:
		return point, okPoint
	case st == commaStyle:
		return comma, okComma
	case okPoint && okComma && point.Cmp(comma) != 0:
		return flow.Number{}, false
	case okPoint:
		return point, true
	}
	return comma, okComma
}

func inForm(s string, form *regexp.Regexp) (flow.Number, bool) {
	m := form.FindStringSubmatch(s)
	if m == nil {
		return flow.Number{}, false
	}
	plain := strings.NewReplacer(",", "", ".", "", "'", "").Replace(m[1])
	if m[2] != "" {
		plain += "." + m[2]
	}
	return flow.ParseNumber(plain)
}

// amounts finds the sums of money in a span, from left to right. Percentages
// are left out.
func amounts(s span, st style) []amount {
	var out []amount
	for _, c := range moneyChunks(s) {
		out = append(out, amountsIn(c, st)...)
	}
	return out
}

// moneyChunks splits at gaps, but keeps a currency sign with its number.
func moneyChunks(s span) []span {
	var out []span
	for _, c := range s.chunks(0.75) {
		if n := len(out); n > 0 && isCurrency(out[n-1].folded()) {
			out[n-1].to = c.to
			continue
		}
		out = append(out, c)
	}
	return out
}

var currencyPattern = regexp.MustCompile(`^[-(]?(` + currencies + `)$`)

func isCurrency(s string) bool { return currencyPattern.MatchString(s) }

func amountsIn(c span, st style) []amount {
	text := c.folded()
	var out []amount
	for _, m := range moneyPattern.FindAllStringSubmatchIndex(text, -1) {
		if m[16] >= 0 || partOfWord(text, m[0], m[1]) {
			continue // a percentage, or digits of an identifier
		}
		n, ok := parseNumber(text[m[10]:m[11]], st)
		if !ok {
			continue
		}
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		if group(2) == "-" || group(4) == "-" || group(1) != "" && group(7) != "" {
			n = n.Neg()
		}
		from, to := len([]rune(text[:m[0]])), len([]rune(text[:m[1]]))
		out = append(out, amount{n, span{c.l, c.from + from, c.from + to}, group(3) != "" || group(6) != ""})
	}
	return out
}

// partOfWord reports whether text[from:to] touches a letter or a hyphen with
// more digits: SO-2024, A4, 2024年.
func partOfWord(text string, from, to int) bool {
	before, after := []rune(text[:from]), []rune(text[to:])
	if n := len(before); n > 0 && (before[n-1] >= 'a' && before[n-1] <= 'z' || strings.ContainsRune("-/*#0123456789", before[n-1])) {
		return true
	}
	return len(after) > 0 && (after[0] >= 'a' && after[0] <= 'z' || strings.ContainsRune("-/*年月日号", after[0]))
}

// styleOf looks at every number with separators of a document and tells which
// way it writes them, when they agree.
func styleOf(ss []*sheet) style {
	votes := [3]int{}
	for _, s := range ss {
		for _, l := range s.lines {
			for _, c := range moneyChunks(span{l, 0, len(l.gs)}) {
				text := c.folded()
				for _, m := range moneyPattern.FindAllStringSubmatchIndex(text, -1) {
					if !partOfWord(text, m[0], m[1]) {
						votes[vote(text[m[10]:m[11]])]++
					}
				}
			}
		}
	}
	switch {
	case votes[pointStyle] > 0 && votes[commaStyle] == 0:
		return pointStyle
	case votes[commaStyle] > 0 && votes[pointStyle] == 0:
		return commaStyle
	}
	return unknownStyle
}

var (
	surePoint = regexp.MustCompile(`^(\d{1,3}(,\d{3})+\.\d{1,2}|\d+\.\d{2}|\d{1,3}(,\d{3}){2,})$`)
	sureComma = regexp.MustCompile(`^(\d{1,3}(\.\d{3})+,\d{1,2}|\d+,\d{2}|\d{1,3}(\.\d{3}){2,})$`)
)

func vote(s string) style {
	switch {
	case surePoint.MatchString(s):
		return pointStyle
	case sureComma.MatchString(s):
		return commaStyle
	}
	return unknownStyle
}
