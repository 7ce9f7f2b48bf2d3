package text

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// numerals is what of some texts may be written as a number about them: every number as it stands, and the other ways to write
// the same (separators of thousands, 3.5万 as 35,000, 14:00 as 2, the parts of a date, 十二 as 12, two as 2).
type numerals map[string]bool

// numbersMax bounds how many numbers a text is held to; in one with more, each may be written.
const numbersMax = 2000

// numbersOf is the numbers of texts; nil where there are too many to hold anybody to them.
func numbersOf(texts ...string) []string {
	n := numerals{}
	for _, t := range texts {
		n.digits(width.Fold.String(t))
		n.words(t)
	}
	if len(n) > numbersMax {
		return nil
	}
	out := make([]string, 0, len(n))
	for s := range n {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

var digitRun = regexp.MustCompile(`[0-9]+(?:[.,:/-][0-9]+)*`)

func (n numerals) digits(text string) {
	for _, at := range digitRun.FindAllStringIndex(text, -1) {
		s, after := text[at[0]:at[1]], text[at[1]:]
		n[s] = true
		if !strings.ContainsAny(s, ":/-") && strings.Count(s, ".") < 2 {
			n.amount(strings.ReplaceAll(s, ",", ""), after)
			continue
		}
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < '0' || r > '9' }) {
			n.whole(part)
		}
		if hour, minutes, ok := strings.Cut(s, ":"); ok {
			n.evening(hour, ":"+minutes)
		}
	}
}

// evening adds an hour after noon as the other clock says it.
func (n numerals) evening(hour, minutes string) {
	if h, err := strconv.Atoi(hour); err == nil && h > 12 && h < 24 {
		n[strconv.Itoa(h-12)], n[strconv.Itoa(h-12)+minutes] = true, true
	}
}

// whole adds a whole number, with and without leading zeros.
func (n numerals) whole(s string) {
	n[s] = true
	if t := strings.TrimLeft(s, "0"); t != "" {
		n[t] = true
	}
}

// units is what a number is multiplied with by the word behind it.
var units = []struct {
	word   string
	zeroes int
}{{"万亿", 12}, {"千万", 7}, {"百万", 6}, {"亿", 8}, {"万", 4}, {"千", 3}, {"million", 6}, {"billion", 9}, {"thousand", 3}, {"k", 3}, {"K", 3}, {"m", 6}, {"M", 6}}

// amount adds a number without separators in its usual forms; after is what follows it.
func (n numerals) amount(s, after string) {
	whole, part, _ := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	n.grouped(whole, part)
	after = strings.TrimLeft(after, " ")
	for _, u := range units {
		if !strings.HasPrefix(after, u.word) {
			continue
		}
		if shifted := whole + part; len(part) <= u.zeroes {
			n.grouped(strings.TrimLeft(shifted+strings.Repeat("0", u.zeroes-len(part)), "0"), "")
		}
		break
	}
	n.scaled(whole, part)
	n.evening(s, "")
	if h, err := strconv.Atoi(s); err == nil && h > 0 && h < 12 { // an hour may be one after noon
		n[strconv.Itoa(h+12)+":00"] = true
	}
}

// scaled adds a large round number as Chinese and English shorten it: 35000 is 3.5万 and 35 thousand.
func (n numerals) scaled(whole, part string) {
	if part != "" {
		return
	}
	for _, u := range []struct {
		zeroes int
		words  []string
	}{{3, []string{"千", " thousand"}}, {4, []string{"万", " 万"}}, {6, []string{"百万", " million"}}, {8, []string{"亿", " 亿"}}, {9, []string{" billion"}}} {
		if len(whole) <= u.zeroes {
			continue
		}
		left, right := whole[:len(whole)-u.zeroes], strings.TrimRight(whole[len(whole)-u.zeroes:], "0")
		if right != "" {
			left += "." + right
		}
		for _, w := range u.words {
			n[left+w] = true
		}
	}
}

func (n numerals) plain(whole, part string) {
	if part != "" {
		whole += "." + part
	}
	n[whole] = true
}

// grouped adds whole.part with and without separators of thousands.
func (n numerals) grouped(whole, part string) {
	if whole == "" {
		return
	}
	n.plain(whole, part)
	if part == "" {
		n.whole(whole)
	} else if len(part) == 1 { // of money
		n.plain(whole, part+"0")
	}
	if len(whole) < 4 || whole[0] == '0' {
		return
	}
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	n.plain(b.String(), part)
}

var (
	chineseRun  = regexp.MustCompile(`[零〇一二两三四五六七八九十百千万]+`)
	englishRun  = regexp.MustCompile(`(?i)\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|noon|first|second|third|fourth|fifth|both|twice|once|half|dozen|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b`)
	englishWord = map[string]string{"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
		"thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100",
		"noon": "12", "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "both": "2", "twice": "2", "once": "1", "half": "50", "dozen": "12",
		"january": "1", "february": "2", "march": "3", "april": "4", "may": "5", "june": "6", "july": "7", "august": "8", "september": "9", "october": "10", "november": "11", "december": "12",
		"jan": "1", "feb": "2", "mar": "3", "apr": "4", "jun": "6", "jul": "7", "aug": "8", "sep": "9", "sept": "9", "oct": "10", "nov": "11", "dec": "12"}
	weekdays = map[rune]bool{'周': true, '期': true, '拜': true}
)

// words adds what is said in words.
func (n numerals) words(text string) {
	for _, at := range chineseRun.FindAllStringIndex(text, -1) {
		before := []rune(text[:at[0]])
		if len(before) > 0 && weekdays[before[len(before)-1]] { // 周三 is no 3
			continue
		}
		if v, ok := chineseNumber(text[at[0]:at[1]]); ok {
			n.amount(strconv.Itoa(v), text[at[1]:])
			if strings.HasPrefix(text[at[1]:], "成") {
				n.whole(strconv.Itoa(v * 10))
			}
		}
	}
	for _, w := range englishRun.FindAllString(text, -1) {
		n.whole(englishWord[strings.ToLower(w)])
	}
}

// chineseNumber is 三百二十 as 320, and 二〇二六 as 2026.
func chineseNumber(s string) (int, bool) {
	digit := map[rune]int{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	unit := map[rune]int{'十': 10, '百': 100, '千': 1000, '万': 10000}
	if !strings.ContainsAny(s, "十百千万") {
		v := 0
		for _, r := range s {
			v = v*10 + digit[r]
			if v > 1e9 {
				return 0, false
			}
		}
		return v, true
	}
	total, part, d := 0, 0, -1
	for _, r := range s {
		u, isUnit := unit[r]
		switch {
		case !isUnit:
			d = digit[r]
		case u == 10000:
			total, part, d = (total+part+max(d, 0))*u, 0, -1
		case d < 0 && part == 0:
			part = u
		default:
			part, d = part+max(d, 0)*u, -1
		}
		if total > 1e12 {
			return 0, false
		}
	}
	return total + part + max(d, 0), true
}
