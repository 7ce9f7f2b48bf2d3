package token

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// Classes of a character, as the reference's split patterns see them.
const (
	letter  uint8 = 1 << iota // \p{L}
	number                    // \p{N}
	space                     // \s
	digit                     // what Digits sets apart: \p{N} and a little more
	newline                   // \r or \n
	mark                      // what ruleDefault sets apart: \p{P} and $+<=>^~|
)

// classesEnd is above the last code point with a class.
const classesEnd = 0x33500

// classes holds the class of every code point. A flat table: a text touches few of its cache lines.
var classes = sync.OnceValue(func() *[classesEnd]uint8 {
	t := new([classesEnd]uint8)
	for _, set := range []struct {
		ranges []rune
		class  uint8
	}{
		{letterRanges, letter}, {numberRanges, number | digit}, {spaceRanges, space}, {digitRanges, digit},
	} {
		for i := 0; i < len(set.ranges); i += 2 {
			for c := set.ranges[i]; c <= set.ranges[i+1]; c++ {
				t[c] |= set.class
			}
		}
	}
	for _, c := range "\r\n" {
		t[c] |= newline
	}
	for _, r := range unicode.P.R16 {
		for c := uint32(r.Lo); c <= uint32(r.Hi); c += uint32(r.Stride) {
			t[c] |= mark
		}
	}
	for _, r := range unicode.P.R32 {
		for c := r.Lo; c <= min(r.Hi, classesEnd-1); c += r.Stride {
			t[c] |= mark
		}
	}
	for _, c := range "$+<=>^~|" {
		t[c] |= mark
	}
	return t
})

// scanner reads the classes of a text.
type scanner struct {
	classes *[classesEnd]uint8
}

// at returns the class and the length in bytes of the character of s at i.
// A byte that is not UTF-8 is a character without a class.
func (sc scanner) at(s string, i int) (class uint8, size int) {
	if b := s[i]; b < utf8.RuneSelf {
		return sc.classes[b], 1
	}
	return sc.wide(s, i)
}

func (sc scanner) wide(s string, i int) (uint8, int) {
	r, n := utf8.DecodeRuneInString(s[i:])
	if uint(r) >= classesEnd || n == 1 {
		return 0, n
	}
	return sc.classes[r], n
}

// run returns the end of the characters from i on that have one of the classes want.
func (sc scanner) run(s string, i int, want uint8) int {
	for i < len(s) {
		c, n := sc.at(s, i)
		if c&want == 0 {
			break
		}
		i += n
	}
	return i
}

// others returns the end of the characters from i on that have none of the classes not.
func (sc scanner) others(s string, i int, not uint8) int {
	for i < len(s) {
		c, n := sc.at(s, i)
		if c&not != 0 {
			break
		}
		i += n
	}
	return i
}

// inRanges tells whether r is within first, last pairs in rising order.
func inRanges(ranges []rune, r rune) bool {
	lo, hi := 0, len(ranges)/2
	for lo < hi {
		m := (lo + hi) / 2
		if ranges[2*m+1] < r {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return 2*lo < len(ranges) && ranges[2*lo] <= r
}
