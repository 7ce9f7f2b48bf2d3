package augment

import (
	_ "embed"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed words.txt
var wordsText string

// dictionary is office words: English by Chinese, the longest Chinese first, and Chinese by English.
var dictionary = sync.OnceValue(func() (d struct {
	zh []string
	to map[string]string
	en map[string]string
}) {
	d.to, d.en = map[string]string{}, map[string]string{}
	for line := range entries(wordsText) {
		for _, pair := range strings.Fields(line) {
			zh, en, _ := strings.Cut(pair, "=")
			oneWay := strings.HasPrefix(en, ">")
			en = strings.TrimPrefix(en, ">")
			en = strings.ReplaceAll(en, "_", " ")
			d.zh = append(d.zh, zh)
			d.to[zh] = en
			if d.en[en] == "" && !oneWay {
				d.en[en] = zh
			}
		}
	}
	slices.SortStableFunc(d.zh, func(a, b string) int { return len(b) - len(a) })
	return d
})

// Switch says up to n office words of the prompt in the other language, as people do who work in both: 发
// email 给客户. The language of the whole stays.
func (k Kit) Switch(n int) Step {
	return func(r *rand.Rand, p Pair) Pair {
		lang := Language(p.Prompt)
		for range n {
			p = k.change(p, func(h held) string {
				other := held.toChinese
				if lang == "zh" {
					other = held.toEnglish
				}
				out := other(h, r)
				if Language(out) != lang {
					return string(h.runes)
				}
				return out
			})
		}
		return p
	}
}

// toEnglish puts an English word for a Chinese one, with spaces beside other words.
func (h held) toEnglish(r *rand.Rand) string {
	d := dictionary()
	type place struct {
		at int
		zh []rune
	}
	var places []place
	taken := slices.Clone(h.keep)
	for _, w := range d.zh {
		zh := []rune(w)
		for i := 0; i+len(zh) <= len(h.runes); i++ {
			if slices.Equal(h.runes[i:i+len(zh)], zh) && !slices.Contains(taken[i:i+len(zh)], true) {
				places = append(places, place{i, zh})
				for j := range zh {
					taken[i+j] = true
				}
			}
		}
	}
	if len(places) == 0 {
		return string(h.runes)
	}
	x := places[r.IntN(len(places))]
	before, after := h.runes[:x.at], h.runes[x.at+len(x.zh):]
	en := d.to[string(x.zh)]
	if tight := r.IntN(3) == 0; !tight || len(before) > 0 && word(before[len(before)-1]) || len(after) > 0 && word(after[0]) {
		if len(before) > 0 && before[len(before)-1] != ' ' {
			en = " " + en
		}
		if len(after) > 0 && after[0] != ' ' && !strings.ContainsRune("，。；：、！？", after[0]) {
			en += " "
		}
	}
	return string(before) + en + string(after)
}

// toChinese puts a Chinese word for an English one, of three letters or more.
func (h held) toChinese(r *rand.Rand) string {
	d := dictionary()
	words := slices.DeleteFunc(h.words(3), func(w [2]int) bool {
		return d.en[strings.ToLower(string(h.runes[w[0]:w[1]]))] == ""
	})
	if len(words) == 0 {
		return string(h.runes)
	}
	w := words[r.IntN(len(words))]
	zh := d.en[strings.ToLower(string(h.runes[w[0]:w[1]]))]
	if utf8.RuneCountInString(zh) == 0 {
		return string(h.runes)
	}
	return string(h.runes[:w[0]]) + zh + string(h.runes[w[1]:])
}
