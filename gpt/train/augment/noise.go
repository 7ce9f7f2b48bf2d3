package augment

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// held is the prompt as characters, and which of them must stay: those of spans that stand literally in the
// completion, and of paths, addresses and numbers, from which it may be worked out.
type held struct {
	runes []rune
	keep  []bool
}

var workedOut = regexp.MustCompile(`[A-Za-z0-9_.+-]*[@/\\.:_][A-Za-z0-9_][^\s，。；、！？“”"'（）]*|\d[\d,.]*|[#@]\w+`)

func (k Kit) hold(p Pair) held {
	h := held{runes: []rune(p.Prompt), keep: make([]bool, utf8.RuneCountInString(p.Prompt))}
	at := make([]int, len(p.Prompt)+1) // rune by byte
	for i, n := 0, 0; i < len(p.Prompt); n++ {
		_, size := utf8.DecodeRuneInString(p.Prompt[i:])
		for j := range size {
			at[i+j] = n
		}
		i += size
		at[i] = n + 1
	}
	mark := func(i, j int) {
		for r := at[i]; r < at[j]; r++ {
			h.keep[r] = true
		}
	}
	for _, s := range Shared(p) {
		if k.Stop[s] {
			continue
		}
		for i := range places(p.Prompt, s) {
			mark(i, i+len(s))
		}
	}
	for _, m := range workedOut.FindAllStringIndex(p.Prompt, -1) {
		mark(m[0], m[1])
	}
	return h
}

// words are the runs of free ASCII letters of at least n, as first and end.
func (h held) words(n int) (out [][2]int) {
	for i := 0; i < len(h.runes); {
		j := i
		for j < len(h.runes) && h.runes[j] < utf8.RuneSelf && unicode.IsLetter(h.runes[j]) && !h.keep[j] {
			j++
		}
		whole := (i == 0 || !word(h.runes[i-1])) && (j == len(h.runes) || !word(h.runes[j]))
		if j-i >= n && whole {
			out = append(out, [2]int{i, j})
		}
		i = j + 1
	}
	return out
}

// change runs f over the prompt and takes what it makes, unless something literal would go.
func (k Kit) change(p Pair, f func(h held) string) Pair {
	next := Pair{f(k.hold(p)), p.Completion}
	if next.Prompt == "" || !utf8.ValidString(next.Prompt) || !consistent(p, next) {
		return p
	}
	return next
}

// keys are the rows of the keyboard.
var keys = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

// neighbours are the letters beside one on the keyboard.
func neighbours(c rune) (out []rune) {
	for y, row := range keys {
		x := strings.IndexRune(row, unicode.ToLower(c))
		if x < 0 {
			continue
		}
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if v, u := y+dy, x+dx; (dx != 0 || dy != 0) && v >= 0 && v < len(keys) && u >= 0 && u < len(keys[v]) {
					out = append(out, rune(keys[v][u]))
				}
			}
		}
	}
	return out
}

// sensitive are words with a meaning that one wrong letter takes away: numbers and days.
var sensitive = strings.Fields(`zero one two three four five six seven eight nine ten eleven twelve thirty hundred thousand million billion
first second third fourth fifth last next monday tuesday wednesday thursday friday saturday sunday january february march
april may june july august september october november december not never without except above below over under more less least most`)

// Typos makes up to n slips of the keyboard in words of four letters or more: a neighbouring key, two
// letters swapped, one left out or struck twice.
func (k Kit) Typos(n int) Step {
	return func(r *rand.Rand, p Pair) Pair {
		for range n {
			p = k.change(p, func(h held) string {
				words := slices.DeleteFunc(h.words(4), func(w [2]int) bool {
					return slices.Contains(sensitive, strings.ToLower(string(h.runes[w[0]:w[1]])))
				})
				if len(words) == 0 {
					return string(h.runes)
				}
				w := words[r.IntN(len(words))]
				return slip(r, h.runes, w[0]+1+r.IntN(w[1]-w[0]-2))
			})
		}
		return p
	}
}

// slip makes a slip at i, which is neither the first nor the last letter of its word.
func slip(r *rand.Rand, s []rune, i int) string {
	s = slices.Clone(s)
	switch r.IntN(4) {
	case 0:
		if near := neighbours(s[i]); len(near) > 0 {
			s[i] = near[r.IntN(len(near))]
		}
	case 1:
		s[i], s[i+1] = s[i+1], s[i]
	case 2:
		s = slices.Delete(s, i, i+1)
	default:
		s = slices.Insert(s, i, s[i])
	}
	return string(s)
}

// Width changes the width of characters of the prompt as input methods do: Chinese punctuation to that of
// ASCII or back, or words of letters to full width.
func (k Kit) Width() Step {
	return func(r *rand.Rand, p Pair) Pair {
		kind := r.IntN(3)
		return k.change(p, func(h held) string {
			for i, c := range h.runes {
				if h.keep[i] {
					continue
				}
				switch w, ok := narrow[c]; {
				case kind == 0 && ok:
					h.runes[i] = w
				case kind == 1:
					if w, ok := wide[c]; ok && (i+1 == len(h.runes) || h.runes[i+1] == ' ' || h.runes[i+1] >= utf8.RuneSelf) {
						h.runes[i] = w
					}
				}
			}
			if kind == 2 {
				for _, w := range h.words(1) {
					for i := w[0]; i < w[1]; i++ {
						h.runes[i] += 0xfee0
					}
				}
			}
			return string(h.runes)
		})
	}
}

var narrow = map[rune]rune{'，': ',', '。': '.', '；': ';', '：': ':', '？': '?', '！': '!', '（': '(', '）': ')', '“': '"', '”': '"', '‘': '\'', '’': '\'', '\u3000': ' '}

var wide = map[rune]rune{',': '，', ';': '；', ':': '：', '?': '？', '!': '！', '(': '（', ')': '）'}

// Punctuation drops or changes marks between words as people in a hurry do: a comma becomes a space,
// the last full stop goes. Marks whose loss would join two words stay.
func (k Kit) Punctuation() Step {
	return func(r *rand.Rand, p Pair) Pair {
		return k.change(p, func(h held) string {
			var out []rune
			for i, c := range h.runes {
				last := i+1 == len(h.runes)
				between := !last && (h.runes[i+1] == ' ' || h.runes[i+1] == '\n' || c >= utf8.RuneSelf)
				switch {
				case h.keep[i] || !strings.ContainsRune("，。；：、！？,.;!?", c) || !last && !between || r.IntN(2) == 0:
					out = append(out, c)
				case last, h.runes[i+1] == ' ', h.runes[i+1] == '\n': // gone
				case strings.ContainsRune("，。；", c) && r.IntN(3) == 0:
					out = append(out, []rune("，,；。")[r.IntN(4)])
				default:
					out = append(out, ' ')
				}
			}
			return string(out)
		})
	}
}

// Case writes the letters of the prompt small, or its words with capitals, or all in capitals.
func (k Kit) Case() Step {
	return func(r *rand.Rand, p Pair) Pair {
		kind := r.IntN(10)
		return k.change(p, func(h held) string {
			for i, c := range h.runes {
				switch {
				case h.keep[i] || c >= utf8.RuneSelf:
				case kind < 7:
					h.runes[i] = unicode.ToLower(c)
				case kind < 9 && (i == 0 || !word(h.runes[i-1]) && h.runes[i-1] != '\''):
					h.runes[i] = unicode.ToUpper(c)
				case kind == 9:
					h.runes[i] = unicode.ToUpper(c)
				}
			}
			return string(h.runes)
		})
	}
}
