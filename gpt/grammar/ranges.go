package grammar

import (
	"slices"
	"unicode/utf8"
)

// span32 is a range of code points, both ends included.
type span32 struct{ lo, hi rune }

// mergeSpans returns the same code points as sorted pairs that do not touch.
func mergeSpans(ps []span32) []rune {
	slices.SortFunc(ps, func(a, b span32) int { return int(a.lo) - int(b.lo) })
	var out []rune
	for _, p := range ps {
		if n := len(out); n > 0 && p.lo <= out[n-1]+1 {
			out[n-1] = max(out[n-1], p.hi)
			continue
		}
		out = append(out, p.lo, p.hi)
	}
	return out
}

// complement returns the code points, surrogates aside, that are not in rs.
func complement(rs []rune) []rune {
	var ps []span32
	next := rune(0)
	for i := 0; i < len(rs); i += 2 {
		if rs[i] > next {
			ps = append(ps, span32{next, rs[i] - 1})
		}
		next = rs[i+1] + 1
	}
	if next <= utf8.MaxRune {
		ps = append(ps, span32{next, utf8.MaxRune})
	}
	var out []rune
	for _, p := range ps {
		out = append(out, p.lo, p.hi)
	}
	out, _ = normRanges(out)
	return out
}

// byteSeq is a set of UTF-8 sequences of the same length: one range per byte.
type byteSeq struct {
	n      int
	lo, hi [4]byte
}

// utf8Seqs calls f with sequences that together encode exactly lo to hi, which
// hold no surrogate. The split is the one of RE2: at the lengths of the encoding,
// then wherever a continuation byte does not run over its whole range.
func utf8Seqs(lo, hi rune, f func(byteSeq)) {
	for _, top := range [...]rune{0x7F, 0x7FF, 0xFFFF} {
		if lo <= top && top < hi {
			utf8Seqs(lo, top, f)
			utf8Seqs(top+1, hi, f)
			return
		}
	}
	if hi < utf8.RuneSelf {
		f(byteSeq{n: 1, lo: [4]byte{byte(lo)}, hi: [4]byte{byte(hi)}})
		return
	}
	for i := 1; i < 4; i++ {
		m := rune(1)<<(6*i) - 1 // the bits of the last i bytes
		if lo&^m == hi&^m {
			continue
		}
		if lo&m != 0 {
			utf8Seqs(lo, lo|m, f)
			utf8Seqs(lo|m+1, hi, f)
			return
		}
		if hi&m != m {
			utf8Seqs(lo, hi&^m-1, f)
			utf8Seqs(hi&^m, hi, f)
			return
		}
	}
	var s byteSeq
	s.n = utf8.EncodeRune(s.lo[:], lo)
	utf8.EncodeRune(s.hi[:], hi)
	f(s)
}
