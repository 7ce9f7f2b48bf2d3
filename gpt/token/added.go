package token

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is a token that is found in a text before the text is cut into words.
type addedToken struct {
	id         int
	text       string
	special    bool // skipped by Decode
	lstrip     bool // takes the white space before it
	rstrip     bool // takes the white space after it
	singleWord bool // not within a word
	normalized bool // found after the text was normalised
}

// added finds added tokens: first those that are looked for in the raw text, then the others in
// what is left, once it is normalised.
type added struct {
	raw, normal finder
}

func newAdded(list []addedToken) *added {
	a := &added{}
	for _, t := range list {
		switch {
		case t.text == "":
		case t.normalized:
			a.normal.add(t)
		default:
			a.raw.add(t)
		}
	}
	a.raw.sort()
	a.normal.sort()
	return a
}

// all is the added tokens.
func (a *added) all() []addedToken {
	var out []addedToken
	for _, f := range []*finder{&a.raw, &a.normal} {
		for _, list := range f.first {
			out = append(out, list...)
		}
	}
	return out
}

// special appends the tokens of s with added tokens recognised.
func (e *encoder) special(s string) {
	e.t.added.raw.cut(s, e.id, func(s string) {
		if e.t.nfc {
			s = nfc(s)
		}
		e.t.added.normal.cut(s, e.id, e.normal)
	})
}

func (e *encoder) id(id int) { e.out = append(e.out, id) }

// finder finds the leftmost, of those the longest token. It knows them by their first byte.
type finder struct {
	first [256][]addedToken // the longest first
	some  bool
}

func (f *finder) add(t addedToken) {
	f.first[t.text[0]] = append(f.first[t.text[0]], t)
	f.some = true
}

func (f *finder) sort() {
	for _, l := range f.first {
		slices.SortStableFunc(l, func(a, b addedToken) int { return len(b.text) - len(a.text) })
	}
}

// cut calls token for the tokens in s and text for what lies between them, in their order.
func (f *finder) cut(s string, token func(id int), text func(string)) {
	done := 0 // up to here s is given out
	for i := 0; f.some && i < len(s); {
		t := f.at(s, i)
		if t == nil {
			i++
			continue
		}
		start, stop := i, i+len(t.text)
		i = stop
		if t.singleWord && (wordBefore(s[:start]) || wordAfter(s[stop:])) {
			continue
		}
		if t.lstrip {
			start = max(len(strings.TrimRightFunc(s[:start], unicode.IsSpace)), done)
		}
		if t.rstrip {
			stop = len(s) - len(strings.TrimLeftFunc(s[stop:], unicode.IsSpace))
		}
		if done < start {
			text(s[done:start])
		}
		token(t.id)
		done = stop
	}
	if done < len(s) {
		text(s[done:])
	}
}

func (f *finder) at(s string, i int) *addedToken {
	l := f.first[s[i]]
	for k := range l {
		if strings.HasPrefix(s[i:], l[k].text) {
			return &l[k]
		}
	}
	return nil
}

func wordBefore(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && isWord(r)
}

func wordAfter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && isWord(r)
}

// isWord is \w of Unicode Technical Standard #18.
func isWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}
