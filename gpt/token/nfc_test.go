package token

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestFormC compares every character, decomposed and with marks around it, with norm.NFC, but for the
// marks that the reference's older Unicode does not know.
func TestFormC(t *testing.T) {
	inert := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return inRanges(inertRanges, r) || r == 0x11935 })
	}
	for c := rune(0); c <= utf8.MaxRune; c++ {
		switch { // Han, Hangul, what is far up: the same everywhere
		case c == 0xd800:
			c = 0xe000
		case c >= 0x3400 && c < 0xf900, c >= 0x2fb00:
			c += 37
		}
		s := string(c)
		d := norm.NFD.String(s)
		for _, x := range []string{d, s + "\u0323", "\u0301" + s + "\u0334", "a" + s + "\u0302"} {
			if inert(x) {
				continue
			}
			if got, want := nfc(x), norm.NFC.String(x); got != want {
				t.Fatalf("U+%04X: form C of %+q is %+q, want %+q", c, x, got, want)
			}
		}
	}
}

func TestFormCOfLongRuns(t *testing.T) {
	marks := strings.Repeat("\u0301\u0323", 100)
	want := "x\u1ea1" + strings.Repeat("\u0323", 99) + strings.Repeat("\u0301", 100) + "y"
	if got := nfc("xa" + marks + "y"); got != want {
		t.Errorf("got %+q, want %+q: no U+034F, sorted, the first composed", got, want)
	}
}

func TestInRanges(t *testing.T) {
	for i, r := range inertRanges {
		if !inRanges(inertRanges, r) {
			t.Errorf("U+%04X is an end of a range and not in it", r)
		}
		if next := r + 1; i%2 == 1 && i+1 < len(inertRanges) && inertRanges[i+1] > next && inRanges(inertRanges, next) {
			t.Errorf("U+%04X is between ranges and in one", next)
		}
	}
	if inRanges(inertRanges, 0) || inRanges(inertRanges, utf8.MaxRune) {
		t.Error("the ends of Unicode are not in the ranges")
	}
}
