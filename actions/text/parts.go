package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"daiban/action"
)

// partTokens is how long a part of a long text is at most: a small model reads short texts best.
const partTokens = 1200

// partsMax bounds how many parts a text is worked on in.
const partsMax = 400

// parts cuts a text into pieces of at most most tokens, between paragraphs where it can, else between lines, sentences, words.
func (a *asker) parts(text string, most int) ([]string, error) {
	most = max(min(most, a.words.Room()/2), 16)
	out := a.join(a.cuts(text, most, 0), most)
	if len(out) > partsMax {
		return nil, action.Limit("文字太长：要分成 %d 段来读，最多 %d 段。只取需要的部分", "the text is too long: it would be read in %d parts of at most %d. Take what is needed of it", len(out), partsMax)
	}
	return out, nil
}

// piece is a part of a text, and whether it is short enough.
type piece struct {
	text   string
	tokens int
}

// cuts cuts a text at the breaks of a level until each piece is short enough.
func (a *asker) cuts(text string, most, level int) []piece {
	n := a.words.Size(text)
	if n <= most || level > 4 {
		return []piece{{text, n}}
	}
	var out []piece
	for _, s := range breakAt(text, level) {
		out = append(out, a.cuts(s, most, level+1)...)
	}
	return out
}

// join puts neighbours together as long as they are short enough; what they were cut by is still in them.
func (a *asker) join(list []piece, most int) []string {
	var out []string
	tokens := 0
	for _, p := range list {
		if strings.TrimSpace(p.text) == "" && len(out) > 0 {
			out[len(out)-1] += p.text
			continue
		}
		if len(out) > 0 && tokens+p.tokens <= most {
			out[len(out)-1] += p.text
			tokens += p.tokens
			continue
		}
		out, tokens = append(out, p.text), p.tokens
	}
	return out
}

// charsMax is how long a piece without any break is cut, in characters.
const charsMax = 400

// breakAt cuts a text behind the breaks of a level: empty lines, lines, sentences, spaces and commas, and at last anywhere.
func breakAt(text string, level int) []string {
	switch level {
	case 0:
		return strings.SplitAfter(text, "\n\n")
	case 1:
		return strings.SplitAfter(text, "\n")
	case 2:
		return sentences(text)
	case 3:
		return splitBehind(text, func(r, next rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("，、；,;", r) })
	}
	n := 0
	return splitBehind(text, func(rune, rune) bool { n++; return n%charsMax == 0 })
}

// sentences is the sentences of a text, each with what separates it from the next.
func sentences(text string) []string {
	return splitBehind(text, func(r, next rune) bool {
		switch r {
		case '。', '！', '？', '；', '\n':
			return !strings.ContainsRune("”’」』）)", next)
		case '!', '?':
			return next == 0 || unicode.IsSpace(next) || wide(next)
		case '.':
			return next == 0 || unicode.IsSpace(next)
		case '”', '」', '』':
			return false
		}
		return false
	})
}

// splitBehind cuts a text behind each character for which cut, which is given the one that follows too (0 at the end), says so.
func splitBehind(text string, cut func(r, next rune) bool) []string {
	var out []string
	from := 0
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size := utf8.DecodeRuneInString(text[i:])
			end = i + size
		}
		next, size := utf8.DecodeRuneInString(text[end:])
		if size == 0 {
			next = 0
		}
		if cut(r, next) && end < len(text) {
			out = append(out, text[from:end])
			from = end
		}
	}
	return append(out, text[from:])
}

// wide reports a character of a script that writes no spaces.
func wide(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }
