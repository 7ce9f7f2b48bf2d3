package augment

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed lists.txt
var listsText string

// lists is the values by kind and language.
var lists = sync.OnceValue(func() map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for line := range entries(listsText) {
		kind, rest, _ := strings.Cut(line, " ")
		lang, values, _ := strings.Cut(rest, " ")
		if out[kind] == nil {
			out[kind] = map[string][]string{}
		}
		out[kind][lang] = strings.Split(values, "|")
	}
	return out
})

// entries are the lines of an embedded file without comments.
func entries(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}
