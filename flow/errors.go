package flow

import (
	"strings"
)

// An Error is one mistake in the text of a flow, said in both languages.
type Error struct {
	Pos  Pos
	ZH   string
	EN   string
	Near []string // the nearest right names
}

// Say is the error in lang, without its place.
func (e *Error) Say(lang string) string {
	text, sep, open := e.EN, ", ", "; did you mean "
	if lang == "zh" {
		text, sep, open = e.ZH, "、", "；是不是 "
	}
	if len(e.Near) > 0 {
		text += open + strings.Join(e.Near, sep) + map[bool]string{true: "？", false: "?"}[lang == "zh"]
	}
	return text
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Say("en") }

// Errors is every mistake found, in the order of the text.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}
