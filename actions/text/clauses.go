package text

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clausesOf is the clauses of a text, each with the sign that ends it.
func clausesOf(text string) []string {
	return slices.DeleteFunc(splitBehind(text, func(r, next rune) bool {
		switch r {
		case '，', '。', '；', '！', '？', '\n':
			return true
		case '.', ';', '!', '?':
			return unicode.IsSpace(next)
		}
		return false
	}), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// cues are words of what a reader must know: decisions, changes, demands, dates, refusals.
var cues = regexp.MustCompile(`(?i)决定|推迟|提前|改为|改到|调整|取消|要求|务必|必须|否则|截止|之前|前完成|批准|同意|拒绝|未能|退款|赔偿|停电|停止|暂停|投诉|逾期|扣除|罚|增长|下降|上升|减少|建议|请于|请在|定于|将于|` +
	`\b(decided|approved|rejected|moved|postponed|cancel\w*|closed|must|required|compulsory|mandatory|deadline|before|until|because|refund|expect|otherwise|penalty|rose|fell|increase\w*|decrease\w*|delay\w*|agreed|will|failed|stopped)\b`)

// telling is the clauses of a text that tell the most, in their order, at most so many words together. A clause tells more the more
// often its words come back in the text (Luhn, The Automatic Creation of Literature Abstracts, 1958), the more figures and words of
// decision it holds (Edmundson, New Methods in Automatic Extracting, 1969), and the earlier it stands; less the longer it is.
func (l language) telling(text string, words int) string {
	list := clausesOf(text)
	weight := weightsOf(text)
	order := make([]int, len(list))
	worth := make([]float64, len(list))
	for i, c := range list {
		order[i] = i
		worth[i] = worthOf(c, weight)
		if i == 0 || i == 1 && l.length(list[0]) < 12 {
			worth[i] *= 1.5
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case worth[a] > worth[b]:
			return -1
		case worth[a] < worth[b]:
			return 1
		}
		return 0
	})
	taken := make([]bool, len(list))
	left := words
	for _, least := range []float64{worthLeast, 0} { // greetings only where there is nothing else
		for _, i := range order {
			if n := l.length(list[i]); n <= left && worth[i] > least {
				taken[i], left = true, left-n
			}
		}
		if left < words {
			break
		}
	}
	var b strings.Builder
	for i, c := range list {
		if taken[i] {
			c = strings.TrimSpace(c)
			if b.Len() > 0 && l.spaced() {
				b.WriteByte(' ')
			}
			b.WriteString(c)
		}
	}
	out := strings.TrimRight(b.String(), "，、；,; ")
	if r, _ := utf8.DecodeLastRuneInString(out); out != "" && l == chinese && l.length(out) < words && !strings.ContainsRune("。！？", r) {
		out += "。"
	}
	return out
}

// terms is what is counted of a text: pairs of Chinese characters, and words of more than three letters.
func terms(text string, found func(string)) {
	var last rune
	word := func(s string) {
		if len(s) > 3 {
			found(strings.ToLower(s))
		}
	}
	from := -1
	for i, r := range text {
		letter := unicode.IsLetter(r) && !wide(r)
		switch {
		case letter && from < 0:
			from = i
		case !letter && from >= 0:
			word(text[from:i])
			from = -1
		}
		if wide(r) && wide(last) {
			found(string([]rune{last, r}))
		}
		last = r
	}
	if from >= 0 {
		word(text[from:])
	}
}

// worthLeast is what a clause is worth that tells something.
const worthLeast = 0.8

func weightsOf(text string) map[string]float64 {
	w := map[string]float64{}
	terms(text, func(t string) { w[t]++ })
	return w
}

func worthOf(clause string, weight map[string]float64) float64 {
	sum, n := 0.0, 0.0
	terms(clause, func(t string) {
		n++
		if weight[t] > 1 {
			sum += weight[t] - 1
		}
	})
	if n == 0 && digits(clause) == 0 {
		return 0
	}
	return 0.5 + sum/(n+3) + 0.8*min(float64(len(digitRun.FindAllString(clause, -1))), 2) + 1.2*min(float64(len(cues.FindAllString(clause, -1))), 2)
}
