package flowgrammar

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	g "daiban/gpt/grammar"

	"daiban/flow"
)

// numbers defines the numbers that the request says, in digits or words, with what units make of them, and the
// small ones that a planner counts with.
func (l *Lines) numbers(request string) {
	pages := g.Seq(g.Ref("whole"), g.Opt(g.Seq(g.Lit("-"), g.Opt(g.Ref("whole")))))
	l.define("pages", quoted(g.Seq(pages, g.Repeat(g.Seq(g.Lit(","), pages), 0, 7))))
	if l.g.opt.FreeNumbers {
		digits := g.Class('0', '9')
		whole := g.Alt(g.Lit("0"), g.Seq(g.Class('1', '9'), g.Repeat(digits, 0, 15)))
		l.define("number", g.Seq(whole, g.Opt(g.Seq(g.Lit("."), g.Repeat(digits, 0, 6), g.Class('1', '9')))))
		l.define("whole", whole)
		return
	}
	all := numbersOf(request)
	l.define("number", g.OneOf(all...))
	l.define("whole", g.OneOf(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return strings.Contains(s, ".") })...))
}

var (
	digitsIn = regexp.MustCompile(`\d[\d,，]*(?:\.\d+)?`)
	hanIn    = regexp.MustCompile(`[零〇一二两三四五六七八九十百千万亿半点廿俩仨]+`)
	wordsIn  = regexp.MustCompile(`[a-z]+`)
)

var units = map[string]int64{"百": 1e2, "千": 1e3, "万": 1e4, "w": 1e4, "k": 1e3, "亿": 1e8, "m": 1e6, "百万": 1e6, "千万": 1e7, "十万": 1e5,
	"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "grand": 1e3, "lakh": 1e5, "crore": 1e7, "bn": 1e9, "mio": 1e6}

var numberWords = map[string]int64{"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
	"thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
	"eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million": 1e6, "dozen": 12, "once": 1, "twice": 2, "thrice": 3, "half": 0, "fortnight": 14, "quarter": 3, "couple": 2, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}

// smallMax is the largest number that may be written whatever the request.
const smallMax = 31

// numberList gathers numbers, each once.
type numberList struct {
	seen  map[string]bool
	all   []string
	at    [2]int            // the words that are being read
	after int               // where what follows them begins
	from  map[string][2]int // of each number, the words that say it
}

func (n *numberList) add(x flow.Number) {
	n.text(x.String())
	if x.Scale() > 0 { // 0.50, and 0.5
		n.text(strings.TrimSuffix(strings.TrimRight(x.String(), "0"), "."))
	}
}

func (n *numberList) text(s string) {
	if strings.HasPrefix(s, "-") || strings.ContainsAny(s, "eE") {
		return
	}
	if _, known := n.from[s]; !known && n.at[1] > 0 {
		n.from[s] = n.at
	}
	if n.seen[s] {
		return
	}
	n.seen[s] = true
	n.all = append(n.all, s)
}

// said notes a number of the request with what may be meant by it: a percentage, and, before a unit, thousands.
func (n *numberList) said(text, after string) {
	x, ok := flow.ParseNumber(text)
	if !ok {
		return
	}
	n.add(x)
	n.add(times(x, "0.01"))
	n.add(times(x, "0.1"))
	n.add(flow.Int(1).Add(times(x, "0.01"))) // 5 % more: times 1.05
	n.add(flow.Int(1).Sub(times(x, "0.01")))
	for unit, by := range units {
		if strings.HasPrefix(after, unit) {
			number := n.at
			if n.after > 0 {
				n.at[1] = n.after + len(unit)
			}
			n.add(times(x, strconv.FormatInt(by, 10)))
			n.at = number
		}
	}
}

func times(x flow.Number, by string) flow.Number {
	y, _ := flow.ParseNumber(by)
	return x.Mul(y)
}

func numbersOf(request string) []string {
	return numbersIn(strings.ToLower(flow.Fold(request))).all
}

// Numbers is the numbers that a text says, in digits or words, as a flow writes them, with the bytes of the text that say each. text
// has small letters and no full-width ones.
func Numbers(text string) map[string][2]int { return numbersIn(text).from }

func numbersIn(text string) *numberList {
	n := &numberList{seen: map[string]bool{}, from: map[string][2]int{}}
	for i := range smallMax + 1 {
		n.add(flow.Int(int64(i)))
	}
	for _, at := range digitsIn.FindAllStringIndex(text, -1) {
		s := text[at[0]:at[1]]
		after := strings.TrimLeft(text[at[1]:], " ")
		n.at, n.after = [2]int{at[0], at[1]}, len(text)-len(strings.TrimLeft(text[at[1]:], " "))
		n.said(strings.NewReplacer(",", "", "，", "").Replace(s), after)
		for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' }) {
			n.said(part, after)
		}
	}
	for _, at := range hanIn.FindAllStringIndex(text, -1) {
		n.at, n.after = [2]int{at[0], at[1]}, 0
		for _, x := range hanNumbers(text[at[0]:at[1]]) {
			n.said(x, "")
		}
	}
	n.words(text, wordsIn.FindAllStringIndex(text, -1))
	return n
}
