package flow

import (
	"slices"
	"strings"
)

// Families is the names of the action families; they are reserved.
var Families = []string{"file", "table", "pdf", "doc", "image", "mail", "chat", "web", "http", "sql", "text", "person", "queue", "shell", "flow", "desk"}

// Triggers is the names of the triggers, and what each puts into event.
var Triggers = map[string][]string{
	"every": nil, "when_file": {"file"}, "when_mail": {"mail"}, "when_webhook": {"body"}, "when_queue": {"item"},
}

// keywords are the bare names that are statements or actions, not functions.
var keywords = []string{"each", "param", "stop", "fail", "ensure", "cannot", "wait", "every", "when_file", "when_mail", "when_webhook", "when_queue", "event", "missing"}

// CommonArgs is the arguments that every action takes.
var CommonArgs = []string{"retry", "every", "timeout", "on_error"}

// reservedWords are those of Starlark, which no name can be.
var reservedWords = []string{"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "load", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"}

// Reserved reports whether name cannot be given to a variable.
func Reserved(name string) bool {
	return slices.Contains(Families, name) || slices.Contains(keywords, name)
}

// IsIdent reports whether s can stand as a name in a flow.
func IsIdent(s string) bool {
	if s == "" || slices.Contains(reservedWords, s) || s == "True" || s == "False" || s == "None" {
		return false
	}
	for i, r := range s {
		if !isLetter(r) && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// Nearest is at most three of names that are close to name, the closest first.
func Nearest(name string, names []string) []string {
	type near struct {
		name string
		d    int
	}
	var found []near
	folded := strings.ToLower(Fold(name))
	for _, n := range names {
		f := strings.ToLower(Fold(n))
		d := distance(folded, f)
		limit := max(1, max(len([]rune(folded)), len([]rune(f)))/3+1)
		within := partOf(folded, f) || partOf(f, folded)
		if within {
			d = min(d, 1)
		}
		if d <= limit && (within || d < len([]rune(folded))) {
			found = append(found, near{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.d - b.d })
	var out []string
	for _, f := range found[:min(3, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// partOf reports whether a stands in b and is long enough to mean something.
func partOf(a, b string) bool { return len(a) > 1 && strings.Contains(b, a) }

// distance is the Damerau-Levenshtein distance (adjacent swaps count 1) of runes.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	rows := [3][]int{make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(x); i++ {
		prev2, prev, cur := rows[(i+2)%3], rows[(i)%3], rows[(i+1)%3]
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
	}
	return rows[(len(x)+1)%3][len(y)]
}
