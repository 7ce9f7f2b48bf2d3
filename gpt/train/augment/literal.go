package augment

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// literal is a part of a completion that may have been taken from the prompt.
type literal struct {
	text   string // what it says: without quotes and escapes
	quoted bool
	start  int // of a bare one, in the completion
	stop   int
	raw    string // as it stands
}

// literals returns what stands in quotes ("…", '…', three of them), numbers and names, in their order.
func literals(s string) []literal {
	var out []literal
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\'' && !letterBefore(s, i):
			l, next := quotedAt(s, i)
			if next > 0 {
				out = append(out, l)
				i = next
				continue
			}
		case unicode.IsLetter(r), r == '_', unicode.IsDigit(r):
			j := i + n
			for j < len(s) {
				r, n := utf8.DecodeRuneInString(s[j:])
				point := r == '.' && digitAt(s, j-1) && digitAt(s, j+1)
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && !point {
					break
				}
				j += n
			}
			out = append(out, literal{text: s[i:j], raw: s[i:j], start: i, stop: j})
			i = j
			continue
		}
		i += n
	}
	return out
}

func letterBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return i > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

// quotedAt reads the quoted text that begins at i; next is 0 where it does not end.
func quotedAt(s string, i int) (l literal, next int) {
	q := s[i : i+1]
	if strings.HasPrefix(s[i:], q+q+q) {
		q += q + q
	}
	var b strings.Builder
	for j := i + len(q); j < len(s); {
		if strings.HasPrefix(s[j:], q) {
			return literal{text: b.String(), raw: s[i+len(q) : j], quoted: true, start: i, stop: j + len(q)}, j + len(q)
		}
		if s[j] == '\n' && len(q) == 1 {
			break
		}
		if s[j] == '\\' && j+1 < len(s) {
			j += escape(&b, s[j:])
			continue
		}
		b.WriteByte(s[j])
		j++
	}
	return l, 0
}

// escape writes what the escape at the start of s stands for and returns its length.
func escape(b *strings.Builder, s string) int {
	switch c := s[1]; c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'u', 'x':
		n := 4
		if c == 'x' {
			n = 2
		}
		if len(s) >= 2+n {
			var v rune
			for _, h := range s[2 : 2+n] {
				v = v<<4 | rune(strings.IndexRune("0123456789abcdef", unicode.ToLower(h))&15)
			}
			b.WriteRune(v)
			return 2 + n
		}
	default:
		b.WriteByte(c)
	}
	return 2
}

// inner returns what is between the marks of paths, patterns, templates and lists in a text.
func inner(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/\\*?{}|,;，、；\n\t\r", r) })
}

// Shared returns the literals of the completion that stand in the prompt, each once: whole quoted texts,
// what lies between the marks of paths, patterns and lists in them, numbers and names.
func Shared(p Pair) []string {
	var out []string
	add := func(s string, quoted bool) {
		if s = strings.TrimSpace(s); s != "" && stands(p.Prompt, s, quoted) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, l := range literals(p.Completion) {
		add(l.text, l.quoted)
		if l.quoted {
			for _, s := range inner(l.text) {
				add(s, true)
			}
		}
	}
	return out
}

// stands reports whether a literal stands in a prompt: a name or number of ASCII as a word of its own.
func stands(prompt, s string, quoted bool) bool {
	if quoted || !ascii(s) {
		return strings.Contains(prompt, s)
	}
	for i := range places(prompt, s) {
		a, _ := utf8.DecodeLastRuneInString(prompt[:i])
		b, _ := utf8.DecodeRuneInString(prompt[i+len(s):])
		if !word(a) && !word(b) {
			return true
		}
	}
	return false
}

// places are where sub stands in s, overlapping too.
func places(s, sub string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; sub != "" && i < len(s); i++ {
			j := strings.Index(s[i:], sub)
			if j < 0 || !yield(i+j) {
				return
			}
			i += j
		}
	}
}

// consistent reports whether the literals of b, in their order, stand in its prompt wherever those of a do
// in its own.
func consistent(a, b Pair) bool {
	la, lb := literals(a.Completion), literals(b.Completion)
	if len(la) != len(lb) {
		return false
	}
	for i := range la {
		if la[i].quoted != lb[i].quoted || !kept(a.Prompt, la[i].text, b.Prompt, lb[i].text, la[i].quoted) {
			return false
		}
		if !la[i].quoted {
			continue
		}
		pa, pb := inner(la[i].text), inner(lb[i].text)
		if len(pa) != len(pb) {
			return false
		}
		for k := range pa {
			if !kept(a.Prompt, pa[k], b.Prompt, pb[k], true) {
				return false
			}
		}
	}
	return true
}

func kept(prompt, was, now, is string, quoted bool) bool {
	was, is = strings.TrimSpace(was), strings.TrimSpace(is)
	return was == "" || !stands(prompt, was, quoted) || stands(now, is, quoted)
}

// word reports whether r goes on with an ASCII word.
func word(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '_'
}

// ascii reports whether s has ASCII characters alone.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Language is zh where a text has as many Chinese characters as words of letters, else en. Names of files,
// addresses and numbers count as neither.
func Language(s string) string {
	han, words, in := 0, 0, false
	for _, r := range workedOut.ReplaceAllString(s, " ") {
		letter := word(r) && !unicode.IsDigit(r)
		if letter && !in {
			words++
		}
		in = letter
		if unicode.Is(unicode.Han, r) {
			han++
		}
	}
	if han > 0 && han >= words {
		return "zh"
	}
	return "en"
}
