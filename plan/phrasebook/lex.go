package phrasebook

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"daiban/flow"
)

// A tokenKind says what a token is made of.
type tokenKind uint8

const (
	hanToken  tokenKind = iota // one Chinese (or other ideographic) character
	wordToken                  // a run of letters
	numToken                   // a run of digits
	markToken                  // one other character
)

// A token is the smallest piece of a request that a phrase can name. Spaces are no tokens.
type token struct {
	kind       tokenKind
	text       string // folded: lower case, half width
	start, end int    // bytes of the request
	gap        bool   // a space stands before it
	line       bool   // a line break stands before it
}

// tokenize cuts text into tokens.
func tokenize(text string) []token {
	var out []token
	gap, line := false, false
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			gap, line = true, line || r == '\n'
			i += n
			continue
		}
		kind := kindOf(r)
		j := i + n
		for kind == wordToken || kind == numToken {
			r2, n2 := utf8.DecodeRuneInString(text[j:])
			if n2 == 0 || kindOf(r2) != kind && !(kind == wordToken && unicode.Is(unicode.Mn, r2)) {
				break
			}
			j += n2
		}
		out = append(out, token{kind: kind, text: strings.ToLower(flow.Fold(text[i:j])), start: i, end: j, gap: gap, line: line})
		gap, line = false, false
		i = j
	}
	return out
}

func kindOf(r rune) tokenKind {
	switch {
	case unicode.Is(unicode.Han, r) || r == '〇':
		return hanToken
	case unicode.IsLetter(r):
		return wordToken
	case unicode.IsDigit(r):
		return numToken
	}
	return markToken
}
