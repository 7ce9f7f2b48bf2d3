package token

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nfc returns s in normalisation form C as the reference computes it. It differs from norm.NFC in
// two ways: marks younger than the reference's Unicode (inertRanges) are left alone, and a long run
// of marks stays one run (norm.NFC cuts runs after 30 with U+034F).
func nfc(s string) string {
	i := plainPrefix(s)
	if i == len(s) || norm.NFC.IsNormalString(s[i:]) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	b.WriteString(s[:i])
	c := composer{out: &b}
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case n == 1 && r >= utf8.RuneSelf: // not UTF-8: the byte stays
			c.flush()
			b.WriteByte(s[i])
		case r < 0xc0: // below À nothing is composed
			c.add(r, 0)
		case inRanges(inertRanges, r):
			c.flush()
			b.WriteRune(r)
		default:
			c.decompose(s[i:i+n], r)
		}
		i += n
	}
	c.flush()
	return b.String()
}

// plainPrefix returns the length of a prefix of s that is normal and that what follows cannot change.
func plainPrefix(s string) int {
	last := 0
	for i := 0; i < len(s); {
		n := 1
		switch b := s[i]; {
		case b < 0xcc: // below U+0300
			if b >= utf8.RuneSelf {
				n = 2
			}
		case b >= 0xe4 && b <= 0xe9, b == 0xe3 && i+1 < len(s) && s[i+1] == 0x80 && i+2 < len(s) && s[i+2] < 0xaa:
			n = 3 // Han, ideographic punctuation
		default:
			return last
		}
		if i+n > len(s) {
			return last
		}
		last = i
		i += n
	}
	return len(s)
}

// composer collects a starter and the marks after it.
type composer struct {
	out   *strings.Builder
	runes []rune
	ccc   []uint8
}

// Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
const (
	hangulL, hangulV, hangulT, hangulS = 0x1100, 0x1161, 0x11a7, 0xac00
	countL, countV, countT             = 19, 21, 28
)

// decompose adds the full canonical decomposition of r, which is text in s.
func (c *composer) decompose(s string, r rune) {
	if n := r - hangulS; n >= 0 && n < countL*countV*countT {
		c.add(hangulL+n/(countV*countT), 0)
		c.add(hangulV+n/countT%countV, 0)
		if t := n % countT; t > 0 {
			c.add(hangulT+t, 0)
		}
		return
	}
	p := norm.NFC.PropertiesString(s)
	d := p.Decomposition()
	if d == nil {
		c.add(r, p.CCC())
		return
	}
	for len(d) > 0 {
		r, n := utf8.DecodeRune(d)
		c.add(r, norm.NFC.Properties(d).CCC())
		d = d[n:]
	}
}

func (c *composer) add(r rune, ccc uint8) {
	if ccc == 0 && len(c.runes) > 0 {
		// A starter may still compose with the one before it, if nothing is between.
		c.compose()
		if len(c.runes) == 1 && c.ccc[0] == 0 {
			if p, ok := pair(c.runes[0], r); ok {
				c.runes[0] = p
				return
			}
		}
		c.flush()
	}
	c.runes, c.ccc = append(c.runes, r), append(c.ccc, ccc)
}

// compose sorts the marks and composes them with the starter, as Unicode Standard Annex #15 says.
func (c *composer) compose() {
	c.sort()
	if len(c.runes) < 2 || c.ccc[0] != 0 {
		return
	}
	kept, last := 1, uint8(0)
	for i := 1; i < len(c.runes); i++ {
		if last < c.ccc[i] || last == 0 {
			if p, ok := pair(c.runes[0], c.runes[i]); ok {
				c.runes[0] = p
				continue
			}
		}
		last = c.ccc[i]
		c.runes[kept], c.ccc[kept] = c.runes[i], c.ccc[i]
		kept++
	}
	c.runes, c.ccc = c.runes[:kept], c.ccc[:kept]
}

// sort is a stable counting sort by combining class, linear in a run of any length.
func (c *composer) sort() {
	sorted := true
	for i := 1; i < len(c.ccc); i++ {
		sorted = sorted && c.ccc[i-1] <= c.ccc[i]
	}
	if sorted {
		return
	}
	var at [257]int
	for _, k := range c.ccc {
		at[int(k)+1]++
	}
	for k := 1; k < len(at); k++ {
		at[k] += at[k-1]
	}
	runes, ccc := make([]rune, len(c.runes)), make([]uint8, len(c.ccc))
	for i, k := range c.ccc {
		runes[at[k]], ccc[at[k]] = c.runes[i], k
		at[k]++
	}
	c.runes, c.ccc = runes, ccc
}

func (c *composer) flush() {
	c.compose()
	for _, r := range c.runes {
		c.out.WriteRune(r)
	}
	c.runes, c.ccc = c.runes[:0], c.ccc[:0]
}

// pair returns the primary composite of a and b.
func pair(a, b rune) (rune, bool) {
	if b < 0x300 {
		return 0, false
	}
	if l, v := a-hangulL, b-hangulV; l >= 0 && l < countL && v >= 0 && v < countV {
		return hangulS + (l*countV+v)*countT, true
	}
	if n, t := a-hangulS, b-hangulT; n >= 0 && n < countL*countV*countT && n%countT == 0 && t > 0 && t < countT {
		return a + t, true
	}
	r, ok := composites()[[2]rune{a, b}]
	return r, ok
}

// composites are the primary composites but Hangul, found in norm's decompositions. All of them lie
// within two ranges.
var composites = sync.OnceValue(func() map[[2]rune]rune {
	m := make(map[[2]rune]rune, 1024)
	for _, in := range [][2]rune{{0xc0, 0x3100}, {0x11000, 0x12000}} {
		for r := in[0]; r < in[1]; r++ {
			s := string(r)
			d := norm.NFC.PropertiesString(s).Decomposition()
			if d == nil || norm.NFC.String(s) != s {
				continue
			}
			b, n := utf8.DecodeLastRune(d)
			a, k := utf8.DecodeRune(norm.NFC.Bytes(d[:len(d)-n]))
			if k > 0 && !inRanges(inertRanges, b) {
				m[[2]rune{a, b}] = r
			}
		}
	}
	return m
})
