package flow

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// holeMax is the longest name in a template, in characters.
const holeMax = 64

// Fill replaces each {name} of text by what lookup gives for it, once: what was filled in is
// never read as a template. A dotted name goes into a row ({info.姓名}). Braces around
// anything that cannot be a name stay as they are ({"a": 1}, {3}); {{name}} is the text {name}.
//
// The error is an *EvalError; of an unknown name it carries the Name, for a caller that knows
// the right ones to add the Nearest. The text is content when what filled it was: see FillValue.
func Fill(text string, lookup func(name string) (Value, bool)) (string, error) {
	v, err := FillValue(text, lookup)
	return v.s, err
}

// FillValue is Fill; the text has the Source of the first content that was filled in.
func FillValue(text string, lookup func(name string) (Value, bool)) (Value, error) {
	if !strings.Contains(text, "{") {
		return Text(text), nil
	}
	var b strings.Builder
	var src *Source
	for text != "" {
		h, ok := nextHole(text)
		if !ok {
			break
		}
		b.WriteString(text[:h.start])
		if h.escaped {
			b.WriteString("{" + h.name + "}")
		} else {
			v, err := holeValue(h.name, lookup)
			if err != nil {
				return Value{}, err
			}
			b.WriteString(v.String())
			if src == nil {
				src = v.src
			}
		}
		if text = text[h.end:]; b.Len() > textMax {
			return Value{}, evalError(Pos{}, "文本太长（超过 %d MB）", "the text is too long (more than %d MB)", textMax>>20)
		}
	}
	b.WriteString(text)
	return Text(b.String()).From(src), nil
}

// TemplateNames is the names in the holes of text, each once, in order; dotted ones whole.
func TemplateNames(text string) []string {
	var names []string
	seen := map[string]bool{}
	for {
		h, ok := nextHole(text)
		if !ok {
			return names
		}
		if !h.escaped && !seen[h.name] {
			seen[h.name] = true
			names = append(names, h.name)
		}
		text = text[h.end:]
	}
}

type hole struct {
	name       string
	start, end int
	escaped    bool // {{name}}
}

// nextHole is the first hole of s.
func nextHole(s string) (hole, bool) {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '{')
		if i < 0 {
			return hole{}, false
		}
		i += from
		if name, ok := inBraces(s[i+1:]); ok {
			return hole{strings.TrimSpace(name), i, i + len(name) + 2, false}, true
		}
		if rest, ok := strings.CutPrefix(s[i+1:], "{"); ok {
			if name, ok := inBraces(rest); ok && strings.HasPrefix(rest[len(name):], "}}") {
				return hole{strings.TrimSpace(name), i, i + len(name) + 4, true}, true
			}
		}
		from = i + 1
	}
}

// inBraces is the name before the first } of s.
func inBraces(s string) (string, bool) {
	i := strings.IndexAny(s[:min(len(s), 4*holeMax)], "{}\n")
	if i < 0 || s[i] != '}' || !isHoleName(s[:i]) {
		return "", false
	}
	return s[:i], true
}

// isHoleName reports whether s, found between braces, is meant as a name: it begins like one
// and has no sign that only code, JSON or a style sheet would have.
func isHoleName(s string) bool {
	s = strings.TrimSpace(s)
	r, _ := utf8.DecodeRuneInString(s)
	if s == "" || !isLetter(r) || utf8.RuneCountInString(s) > holeMax {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return strings.ContainsRune(":;,\"'=\\$<>|&!?*", r) || unicode.IsControl(r)
	})
}

func holeValue(name string, lookup func(string) (Value, bool)) (Value, error) {
	v, ok := lookup(name)
	if !ok {
		first, rest, dotted := strings.Cut(name, ".")
		if v, ok = lookup(strings.TrimSpace(first)); !dotted || !ok {
			e := evalError(Pos{}, "模板里的 {%s} 没有值：没有叫这个名字的列或变量", "{%s} in the template has no value: there is no column or variable of that name", name)
			e.Name = name
			if dotted {
				e.Name = first
			}
			return Value{}, e
		}
		for _, part := range strings.Split(rest, ".") {
			var err error
			if v, err = fieldOf(Pos{}, v, strings.TrimSpace(part)); err != nil {
				return Value{}, inHole(err, name)
			}
		}
	}
	switch v.kind {
	case SecretKind:
		return Value{}, evalError(Pos{}, "{%s} 是密码，不能填进文本", "{%s} is a secret and cannot be filled into a text", name)
	case FailedKind:
		return Value{}, failedError(Pos{}, name)
	}
	return v, nil
}

func inHole(err error, name string) error {
	var e *EvalError
	if errors.As(err, &e) {
		e.ZH, e.EN = "模板里的 {"+name+"}："+e.ZH, "{"+name+"} in the template: "+e.EN
	}
	return err
}
