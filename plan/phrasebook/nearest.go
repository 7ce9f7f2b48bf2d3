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
	if len(text) > 4*RequestMax {
		return nil
	}
	var out []Pair
	for _, i := range b.index().Near(text, n) {
		out = append(out, b.pairs[i])
	}
	return out
}

// nearest is the n known requests that can be done and are most like text, the nearest first.
func (b *Book) nearest(text string, n int) []string {
	var out []string
	for _, i := range b.index().Near(text, 5*n) {
		if !strings.HasPrefix(b.pairs[i].Flow, "cannot(") && len(out) < n {
			out = append(out, b.pairs[i].Request)
		}
	}
	return out
}
