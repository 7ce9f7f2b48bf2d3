package letter

import (
	"encoding/base64"
	"strings"
)

// An encoded word of RFC 2047: =?charset?B?text?=.
type word struct {
	charset string // lower case
	b64     bool
	text    string
}

// decodeWords reads the encoded words of a header as mail programs write them, not only as RFC 2047
// has them: words side by side are one text in bytes, since a character may be split between
// them; there may be no space between words, spaces within, no padding, quotes around.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	for s != "" {
		before, w, after, ok := nextWord(s)
		if !ok {
			break
		}
		out.WriteString(before)
		run := []word{w}
		for {
			gap, w, rest, ok := nextWord(after)
			if !ok || strings.TrimSpace(gap) != "" {
				break
			}
			run, after = append(run, w), rest
		}
		out.WriteString(decodeRun(run))
		s = after
	}
	out.WriteString(s)
	return out.String()
}

// nextWord is the first encoded word of s, and what stands before and after it.
func nextWord(s string) (before string, w word, after string, ok bool) {
	for from := 0; ; {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return "", w, "", false
		}
		i += from
		if w, after, ok = readWord(s[i+2:]); ok {
			return s[:i], w, after, true
		}
		from = i + 2
	}
}

// readWord reads a word after its =?.
func readWord(s string) (w word, after string, ok bool) {
	charset, s, ok := strings.Cut(s, "?")
	if !ok || charset == "" || len(charset) > 40 || strings.ContainsAny(charset, " \t\"<>@") || len(s) < 3 || s[1] != '?' {
		return w, "", false
	}
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231 adds a language
	w.charset = strings.ToLower(charset)
	switch s[0] {
	case 'B', 'b':
		w.b64 = true
	case 'Q', 'q':
	default:
		return w, "", false
	}
	w.text, after, ok = strings.Cut(s[2:], "?=")
	return w, after, ok
}

// decodeRun is words that stand side by side.
func decodeRun(run []word) string {
	var out strings.Builder
	for len(run) > 0 {
		n := 1
		for n < len(run) && run[n].charset == run[0].charset {
			n++
		}
		out.WriteString(toText(run[0].charset, bytesOf(run[:n])))
		run = run[n:]
	}
	return out.String()
}

// bytesOf is the bytes of words of one charset. A base64 text that was cut anywhere goes on in the next.
func bytesOf(run []word) []byte {
	var out []byte
	pending := ""
	for _, w := range run {
		if !w.b64 {
			out = append(append(out, unBase64([]byte(pending))...), unQ(w.text)...)
			pending = ""
			continue
		}
		pending += w.text
		if len(pending)%4 == 0 || strings.HasSuffix(pending, "=") {
			out = append(out, unBase64([]byte(pending))...)
			pending = ""
		}
	}
	return append(out, unBase64([]byte(pending))...)
}

// unQ decodes the Q encoding; what is none stays.
func unQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0:
			out = append(out, byte(hex(s[i+1])<<4|hex(s[i+2])))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// unBase64 decodes base64 whatever its line ends, spaces and padding; a broken end is left out. Text that
// follows on lines of its own, as lists append it, ends it.
func unBase64(b []byte) []byte {
	out := make([]byte, 0, len(b)/4*3)
	var quad []byte
	for len(b) > 0 {
		var line []byte
		line, b = cutLine(b)
		if len(out) > 0 && !base64Line(line) {
			break
		}
		for _, c := range line {
			switch {
			case c == '=':
				out, quad = appendQuad(out, quad), quad[:0]
			case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
				if quad = append(quad, c); len(quad) == 4 {
					out, quad = appendQuad(out, quad), quad[:0]
				}
			}
		}
	}
	return appendQuad(out, quad)
}

func base64Line(line []byte) bool {
	for _, c := range line {
		if !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("+/= \t\r", c) >= 0) {
			return false
		}
	}
	return true
}

// appendQuad decodes up to four digits.
func appendQuad(out, quad []byte) []byte {
	var b [3]byte
	n, _ := base64.RawStdEncoding.Decode(b[:], quad) // one digit alone is nothing
	return append(out, b[:n]...)
}
