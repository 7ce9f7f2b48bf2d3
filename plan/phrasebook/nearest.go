package phrasebook

import (
	"strings"

	"daiban/plan/near"
)

func newIndex(pairs []Pair) *near.Index {
	return near.New(len(pairs), func(i int) string { return pairs[i].Request })
}

// Nearest is the n known pairs whose requests are most like text, the nearest first:
// the examples that another planner is shown.
func (b *Book) Nearest(text string, n int) []Pair {
	var out []Pair
	for _, i := range b.near(text, n) {
		out = append(out, b.pairs[i])
	}
	return out
}

// Like is the n known requests that can be done and are most like text, the nearest first.
func (b *Book) Like(text string, n int) []string {
	var out []string
	for _, i := range b.near(text, 5*n) {
		if !strings.HasPrefix(b.pairs[i].Flow, "cannot(") && len(out) < n {
			out = append(out, b.pairs[i].Request)
		}
	}
	return out
}

// near is the numbers of the n known requests that are most like text; a text too long to be a request is like none.
func (b *Book) near(text string, n int) []int {
	if len(text) > 4*RequestMax {
		return nil
	}
	return b.index().Near(text, n)
}
