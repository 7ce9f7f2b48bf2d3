package check

import (
	"fmt"
	"slices"
	"strings"

	"daiban/flow"
)

// A two is a word in both languages.
type two struct{ zh, en string }

// Name is the word in lang.
func (t two) Name(lang string) string {
	if lang == "zh" {
		return t.zh
	}
	return t.en
}

// say is a message in the language of the check; zh and en are formats for the same args.
// An argument with Name(lang) is said in that language.
func (c *checker) say(zh, en string, args ...any) string {
	format := en
	if c.env.Lang == "zh" {
		format = zh
	}
	if len(args) == 0 {
		return format
	}
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		if n, ok := a.(interface{ Name(string) string }); ok {
			out[i] = n.Name(c.env.Lang)
		}
	}
	return fmt.Sprintf(format, out...)
}

func (c *checker) find(level string, pos flow.Pos, near []string, text string) {
	if level == Error {
		c.failed = true
	}
	f := Finding{Line: pos.Line, Level: level, Text: c.withNear(text, near), Near: near}
	if c.step != nil {
		f.Step = c.step.ID
		if f.Line == 0 {
			f.Line = c.step.Pos.Line
		}
	}
	if len(c.findings) >= findingsMax || slices.ContainsFunc(c.findings, func(g Finding) bool {
		return g.Line == f.Line && g.Step == f.Step && g.Text == f.Text
	}) {
		return
	}
	c.findings = append(c.findings, f)
}

// withNear is text with the nearest right names, as flow's own errors say them.
func (c *checker) withNear(text string, near []string) string {
	if len(near) == 0 {
		return text
	}
	return (&flow.Error{ZH: text, EN: text, Near: near}).Say(c.env.Lang)
}

func (c *checker) bad(pos flow.Pos, zh, en string, args ...any) {
	c.find(Error, pos, nil, c.say(zh, en, args...))
}

func (c *checker) badNear(pos flow.Pos, near []string, zh, en string, args ...any) {
	c.find(Error, pos, near, c.say(zh, en, args...))
}

func (c *checker) warn(pos flow.Pos, zh, en string, args ...any) {
	c.find(Warning, pos, nil, c.say(zh, en, args...))
}

func (c *checker) info(pos flow.Pos, zh, en string, args ...any) {
	c.find(Info, pos, nil, c.say(zh, en, args...))
}

// list is names as a person reads them, the first of them when there are many.
func (c *checker) list(names []string) string {
	sep := ", "
	if c.env.Lang == "zh" {
		sep = "、"
	}
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], sep) + " …"
	}
	return strings.Join(names, sep)
}

// short is s cut to what a message can show.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
