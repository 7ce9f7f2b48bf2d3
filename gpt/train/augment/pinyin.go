package augment

import (
	_ "embed"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed pinyin.txt
var pinyinText string

// pinyin is the common characters by syllable, and the syllable of each.
var pinyin = sync.OnceValue(func() (t struct {
	chars     map[string][]rune
	syllables map[rune]string
}) {
	t.chars, t.syllables = map[string][]rune{}, map[rune]string{}
	for line := range entries(pinyinText) {
		syllable, chars, _ := strings.Cut(line, " ")
		t.chars[syllable] = []rune(chars)
		for _, c := range chars {
			t.syllables[c] = syllable
		}
	}
	return t
})

// fuzzy are beginnings and ends of syllables that many speakers do not tell apart.
var fuzzyHeads, fuzzyTails = [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}, {"h", "f"}}, [][2]string{{"ang", "an"}, {"eng", "en"}, {"ing", "in"}}

// near returns the syllables that are easily taken for s, s itself not.
func near(s string) (out []string) {
	t := pinyin()
	try := func(x string) {
		if len(t.chars[x]) > 0 && x != s && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	for _, f := range fuzzyHeads {
		switch {
		case strings.HasPrefix(s, f[0]):
			try(f[1] + s[len(f[0]):])
		case strings.HasPrefix(s, f[1]):
			try(f[0] + s[len(f[1]):])
		}
	}
	for _, f := range fuzzyTails {
		switch {
		case strings.HasSuffix(s, f[0]):
			try(s[:len(s)-len(f[0])] + f[1])
		case strings.HasSuffix(s, f[1]):
			try(s[:len(s)-len(f[1])] + f[0])
		}
	}
	return out
}

// heavy are characters with a meaning that a wrong one takes away: numbers, days, and what denies.
const heavy = "零一二三四五六七八九十百千万亿两半第每年月日号周天点时分秒季初末前后内外上下左右大小多少高低不没别勿未无非除以至到从"

// Pinyin puts up to n wrong characters of the same or nearly the same sound, as input methods do.
func (k Kit) Pinyin(n int) Step {
	return func(r *rand.Rand, p Pair) Pair {
		for range n {
			p = k.change(p, func(h held) string {
				var places []int
				for i, c := range h.runes {
					if !h.keep[i] && c >= utf8.RuneSelf && pinyin().syllables[c] != "" && !strings.ContainsRune(heavy, c) {
						places = append(places, i)
					}
				}
				if len(places) > 0 {
					i := places[r.IntN(len(places))]
					h.runes[i] = homophone(r, h.runes[i])
				}
				return string(h.runes)
			})
		}
		return p
	}
}

// homophone is a common character that sounds like c, three times in four exactly.
func homophone(r *rand.Rand, c rune) rune {
	t := pinyin()
	s := t.syllables[c]
	if l := near(s); len(l) > 0 && r.IntN(4) == 0 {
		s = l[r.IntN(len(l))]
	}
	const common = 8
	l := slices.DeleteFunc(slices.Clone(t.chars[s][:min(common, len(t.chars[s]))]), func(x rune) bool {
		return x == c || strings.ContainsRune(heavy, x)
	})
	if len(l) == 0 {
		return c
	}
	return l[r.IntN(len(l))]
}
