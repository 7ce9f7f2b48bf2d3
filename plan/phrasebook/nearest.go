package phrasebook

import (
	"slices"
	"strings"

	"daiban/flow"
)

// An index finds known requests by the pairs of characters they share.
type index struct {
	grams map[uint64][]int32
	sizes []int
}

func newIndex(pairs []Pair) *index {
	x := &index{grams: map[uint64][]int32{}, sizes: make([]int, len(pairs))}
	for i, p := range pairs {
		gs := bigrams(p.Request)
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

// Nearest is the n known pairs whose requests are most like text, the nearest first:
// the examples that another planner is shown.
func (b *Book) Nearest(text string, n int) []Pair {
	if len(text) > 4*RequestMax {
		return nil
	}
	var out []Pair
	for _, i := range b.index().near(text, n) {
		out = append(out, b.pairs[i])
	}
	return out
}

// nearest is the n known requests that can be done and are most like text, the nearest first.
func (x *index) nearest(pairs []Pair, text string, n int) []string {
	var out []string
	for _, i := range x.near(text, 5*n) {
		if !strings.HasPrefix(pairs[i].Flow, "cannot(") && len(out) < n {
			out = append(out, pairs[i].Request)
		}
	}
	return out
}

// near is the numbers of the n known requests that are most like text.
func (x *index) near(text string, n int) []int {
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
