package file

import (
	"path"
	"strings"

	"daiban/action"
)

// patterns is a test for names that match one of several patterns, split at ; , and their
// Chinese forms. Capitals do not matter; full-width * and ? count as the plain ones.
func patterns(s string) (func(name string) bool, error) {
	s = strings.NewReplacer("＊", "*", "？", "?").Replace(s)
	globs := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(";；,，、|", r) })
	for i, g := range globs {
		g = strings.TrimSpace(g)
		if strings.HasPrefix(g, ".") && !strings.ContainsAny(g, "*?[") { // ".pdf" means that ending
			g = "*" + g
		}
		if _, err := path.Match(g, ""); err != nil {
			return nil, action.Bad("看不懂的文件名模式：%s", "not a pattern for names: %s", g)
		}
		globs[i] = g
	}
	if len(globs) == 0 {
		return func(string) bool { return true }, nil
	}
	return func(name string) bool {
		name = strings.ToLower(name)
		for _, g := range globs {
			if g == "*.*" { // as Windows means it: every file
				return true
			}
			if ok, _ := path.Match(g, name); ok {
				return true
			}
		}
		return false
	}, nil
}
