package origin

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"daiban/flow"
)

// folded is a request in small letters of usual width, with the way back.
type folded struct {
	s  string
	at []int // of each byte of s, and of its end, the byte of the request
}

func newFolded(request string) *folded {
	f := &folded{}
	var b strings.Builder
	for i, r := range request {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(request[i:])
		}
		part := strings.ToLower(flow.Fold(request[i : i+size]))
		for range len(part) {
			f.at = append(f.at, i)
		}
		b.WriteString(part)
	}
	f.s, f.at = b.String(), append(f.at, len(request))
	return f
}

// span is the bytes of the request under those of s.
func (f *folded) span(from, to int) Span { return Span{f.at[from], f.at[to]} }

// index is the first byte of s from a byte of the request on.
func (f *folded) index(at int) int {
	for i, a := range f.at {
		if a >= at {
			return i
		}
	}
	return len(f.s)
}

// find looks for text from byte from of s on, where words begin and end if it can be.
func (f *folded) find(text string, from int) (Span, bool) {
	t := strings.ToLower(flow.Fold(text))
	if t == "" || from > len(f.s) {
		return Span{}, false
	}
	first := -1
	for at := from; ; {
		i := strings.Index(f.s[at:], t)
		if i < 0 {
			break
		}
		i += at
		if f.edge(i) && f.edge(i+len(t)) {
			return f.span(i, i+len(t)), true
		}
		if first < 0 {
			first = i
		}
		at = i + 1
	}
	if first < 0 || isShort(t) {
		return Span{}, false
	}
	return f.span(first, first+len(t)), true
}

// isShort says that a text inside of a word is no sign of it: a or in are parts of many.
func isShort(t string) bool { return len(t) < 4 && t[0] < utf8.RuneSelf }

// edge reports whether a word of an alphabet may begin or end at byte i.
func (f *folded) edge(i int) bool {
	before, _ := utf8.DecodeLastRuneInString(f.s[:i])
	after, _ := utf8.DecodeRuneInString(f.s[i:])
	return !(latin(before) && latin(after))
}

func latin(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_') && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
