package config

import (
	"errors"
	"fmt"
	"strings"
)

// An Error is one mistake in the settings, said in both languages.
type Error struct {
	File string // config.yaml, with its folder where that is known
	Line int    // from 1; 0 for none
	Col  int
	ZH   string
	EN   string
	Near []string // the nearest right keys
}

// Say is the error in lang, with its place.
func (e *Error) Say(lang string) string {
	text, near := e.EN, "; did you mean %s?"
	if lang == "zh" {
		text, near = e.ZH, "；是不是 %s？"
	}
	if len(e.Near) > 0 {
		text += fmt.Sprintf(near, strings.Join(e.Near, map[bool]string{true: "、", false: ", "}[lang == "zh"]))
	}
	switch {
	case e.Line == 0 && e.File == "":
		return text
	case e.Line == 0:
		return e.File + ": " + text
	case lang == "zh":
		return fmt.Sprintf("%s 第 %d 行：%s", e.File, e.Line, text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, text)
}

func (e *Error) Error() string { return e.Say("en") }

// Errors is every mistake found, in the order of the file.
type Errors []*Error

// Say is the mistakes in lang, a line each.
func (e Errors) Say(lang string) string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Say(lang)
	}
	return strings.Join(lines, "\n")
}

func (e Errors) Error() string { return e.Say("en") }

// IsError reports whether err is a mistake in the settings, as opposed to a file that cannot be read.
func IsError(err error) bool {
	var one *Error
	var many Errors
	return errors.As(err, &one) || errors.As(err, &many)
}
