package augment

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Connectors between two requests, by language; each begins behind the first request, which has lost its full stop.
var connectors = map[string][]string{
	"zh": {"，然后", "，再", "，接着", "。另外，", "；还有，", "，完了", "，之后", "。还有一件事，", "\n"},
	"en": {", then ", " and then ", ". After that, ", "; also ", ". Also, ", ", and once that is done, ", "\n"},
}

// Join asks for a second pair, of next, in one request with the first. both makes one completion of two:
// Lines for those that are lines of a program. A pair in another language is not joined, nor is one where both returns "".
func Join(next func(r *rand.Rand) Pair, both func(a, b string) string) Step {
	return func(r *rand.Rand, p Pair) Pair {
		q := next(r)
		lang := Language(p.Prompt)
		if Language(q.Prompt) != lang || q.Prompt == "" || p.Prompt == "" {
			return p
		}
		c := both(p.Completion, q.Completion)
		if c == "" {
			return p
		}
		first := strings.TrimRightFunc(p.Prompt, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("。.！!；;，,", r) })
		list := connectors[lang]
		connector := list[r.IntN(len(list))]
		second := strings.TrimSpace(q.Prompt)
		if connector != "\n" {
			second = small(second)
		}
		joined := Pair{first + connector + second, c}
		if !consistent(Pair{p.Prompt + "\n" + q.Prompt, c}, joined) {
			joined.Prompt = strings.TrimSpace(p.Prompt) + "\n" + strings.TrimSpace(q.Prompt)
		}
		return joined
	}
}

// small writes the first letter small where a sentence begins with an ordinary word.
func small(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if r < utf8.RuneSelf && unicode.IsUpper(r) && unicode.IsLower(second) && !strings.HasPrefix(s, "I ") {
		return string(unicode.ToLower(r)) + s[n:]
	}
	return s
}

var hole = regexp.MustCompile(`\{[\pL_][\pL\pN_]*`)

var assigned = regexp.MustCompile(`(?m)^[ \t]*([\pL_][\pL\pN_]*)[ ]*=[^=]`)

// Lines puts the lines of b behind those of a. A name that both give a value to gets a number in b.
func Lines(a, b string) string {
	have := map[string]bool{}
	for _, l := range literals(a + "\n" + b) {
		have[l.text] = true
	}
	names := map[string]string{}
	for _, m := range assigned.FindAllStringSubmatch(a, -1) {
		names[m[1]] = ""
	}
	for _, m := range assigned.FindAllStringSubmatch(b, -1) {
		if fresh, both := names[m[1]]; !both || fresh != "" {
			continue
		}
		for i := 2; ; i++ {
			fresh := fmt.Sprint(m[1], i)
			if !have[fresh] {
				have[fresh], names[m[1]] = true, fresh
				break
			}
		}
	}
	return strings.TrimRight(a, "\n") + "\n" + renamed(b, names)
}

// renamed gives bare names of s others, but for those of arguments and behind a point; in quoted texts, those in braces.
func renamed(s string, names map[string]string) string {
	var b strings.Builder
	done := 0
	for _, l := range literals(s) {
		b.WriteString(s[done:l.start])
		done = l.stop
		text := s[l.start:l.stop]
		if l.quoted {
			b.WriteString(hole.ReplaceAllStringFunc(text, func(m string) string {
				if fresh := names[m[1:]]; fresh != "" {
					return "{" + fresh
				}
				return m
			}))
			continue
		}
		after := strings.TrimLeft(s[l.stop:], " ")
		line := s[strings.LastIndexByte(s[:l.start], '\n')+1 : l.start]
		argument := strings.HasPrefix(after, "=") && !strings.HasPrefix(after, "==") && strings.TrimSpace(line) != ""
		if fresh := names[text]; fresh != "" && !argument && !strings.HasSuffix(line, ".") {
			text = fresh
		}
		b.WriteString(text)
	}
	return b.String() + s[done:]
}
