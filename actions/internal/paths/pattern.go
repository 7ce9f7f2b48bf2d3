package paths

import (
	"path"
	"strings"

	"daiban/action"
)

// Patterns is a test for names that match one of several patterns, split at ; , and their
// Chinese forms. Capitals do not matter; full-width * and ? count as the plain ones.
func Patterns(s string) (func(name string) bool, error) {
	s = strings.NewReplacer("＊", "*", "？", "?").Replace(s)
	var globs []string
	for _, g := range splitPatterns(strings.ToLower(s)) {
		globs = append(globs, braces(strings.TrimSpace(g))...)
	}
	for i, g := range globs {
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

// splitPatterns cuts at ; and , and their Chinese forms outside of braces.
func splitPatterns(s string) []string {
	depth := 0
	return strings.FieldsFunc(s, func(r rune) bool {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		return depth <= 0 && strings.ContainsRune(";；,，、|", r)
	})
}

// bracesMax bounds what one pattern with braces stands for.
const bracesMax = 1000

// braces is *.{jpg,png} as *.jpg and *.png.
func braces(g string) []string {
	from := strings.LastIndex(g, "{")
	if from < 0 {
		return []string{g}
	}
	n := strings.Index(g[from:], "}")
	if n < 0 {
		return []string{g}
	}
	var out []string
	for _, choice := range strings.FieldsFunc(g[from+1:from+n], func(r rune) bool { return strings.ContainsRune(",，;；|、", r) }) {
		if out = append(out, braces(g[:from]+strings.TrimSpace(choice)+g[from+n+1:])...); len(out) > bracesMax {
			break
		}
	}
	return out
}
