package text

import (
	"strings"
	"unicode/utf8"
)

// framed is a text as the model is shown it: between marks that it does not hold itself, so that where it ends is not for it to say.
func framed(text string) string {
	mark := `"""`
	for strings.Contains(text, mark) {
		mark += `"`
	}
	return mark + "\n" + text + "\n" + mark
}

// short is a text of at most n characters.
func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
