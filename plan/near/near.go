// Package near finds the known texts that are most like a text, by the pairs of characters they share.
package near

import (
	"slices"
	"strings"

	"daiban/flow"
)

// An Index finds texts. Any number of goroutines may use it.
type Index struct {
	grams map[uint64][]int32
	sizes []int
}

// New is an index of n texts.
func New(n int, text func(i int) string) *Index {
	x := &Index{grams: map[uint64][]int32{}, sizes: make([]int, n)}
	for i := range n {
		gs := bigrams(text(i))
		x.sizes[i] = len(gs)
		for _, g := range gs {
			x.grams[g] = append(x.grams[g], int32(i))
		}
	}
	return x
}

// bigrams is the distinct pairs of neighbouring characters of s, sorted.
func bigrams(s string) []uint64 {
	rs := []rune(" " + strings.ToLower(flow.Fold(s)) + " ")
	out := make([]uint64, 0, len(rs))
	for i := 1; i < len(rs) && i < 400; i++ {
		out = append(out, uint64(rs[i-1])<<32|uint64(rs[i]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Near is the numbers of the n texts that are most like text, the nearest first.
func (x *Index) Near(text string, n int) []int {
	gs := bigrams(text)
	shared := map[int32]float64{}
	for _, g := range gs {
		list := x.grams[g]
		for _, i := range list {
			shared[i] += 1 / float64(8+len(list))
		}
	}
	type hit struct {
		i     int32
		score float64
	}
	var hits []hit
	for i, s := range shared {
		hits = append(hits, hit{i, s / float64(10+x.sizes[i])})
	}
	slices.SortFunc(hits, func(a, b hit) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return int(a.i - b.i)
	})
	var out []int
	for _, h := range hits[:min(n, len(hits))] {
		out = append(out, int(h.i))
	}
	return out
}

// Like is how alike two texts are, from 0 to 1: twice the pairs of characters that they share, over all that they have
// (Dice, 1945).
func Like(a, b string) float64 {
	x, y := bigrams(a), bigrams(b)
	same := 0
	for _, g := range x {
		if _, ok := slices.BinarySearch(y, g); ok {
			same++
		}
	}
	if len(x)+len(y) == 0 {
		return 1
	}
	return 2 * float64(same) / float64(len(x)+len(y))
}
