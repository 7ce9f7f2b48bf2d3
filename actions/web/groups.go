package web

import (
	"strings"

	"daiban/actions/web/internal/find"
)

func findAll(name string, things []thing) (best []int, near []string) {
	return places(find.Find(name, candidates(things), false))
}

func findAllVerbs(name string, things []thing) (best []int, near []string) {
	return places(find.Find(name, candidates(things), true))
}

func places(ms []find.Match, near []string) ([]int, []string) {
	var out []int
	for _, m := range ms {
		out = append(out, m.Index)
	}
	return out, near
}

// inGroup reports whether a field stands in the group of this title.
func inGroup(t *thing, title string) bool {
	want := find.Fold(title)
	for _, g := range t.Groups {
		if have := find.Fold(g); have != "" && (have == want || strings.Contains(have, want)) {
			return true
		}
	}
	return false
}
