package words

import (
	"encoding/json"
	"testing"

	"daiban/action"
)

// accepts reports whether a form allows a text, whole.
func accepts(t *testing.T, f action.Form, text string) bool {
	t.Helper()
	p, err := program(f)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := p.Start().Advance([]byte(text))
	return ok && s.Accepting()
}

// A field is a piece of the text or empty, as JSON writes it; the names stand in their order.
func TestFields(t *testing.T) {
	f := action.Form{Fields: []string{"客户", `a"b`}, Of: "华信 \"公司\"\n第二行\\n"}
	for text, want := range map[string]bool{
		`{"客户": "华信", "a\"b": ""}`:             true,
		`{"客户": "", "a\"b": "\"公司\"\n第二"}`:     true,
		`{"客户": "行\\n", "a\"b": "信"}`:          true,
		`{"客户": "华信公司", "a\"b": ""}`:           false,
		`{"客户": "华信"}`:                         false,
		`{"a\"b": "", "客户": ""}`:               false,
		`{"客户": "华信", "a\"b": "", "c": ""}`:    false,
		`{"客户": "\"", "a\"b": "` + "\n" + `"}`: false,
		`{"客户": null, "a\"b": ""}`:             false,
	} {
		if got := accepts(t, f, text); got != want {
			t.Errorf("%s: %v", text, got)
		}
		if want && !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON", text)
		}
	}
}

func TestNumbers(t *testing.T) {
	f := action.Form{Numbers: []string{"12", "1,280", "3.5", "", "14:00"}}
	for text, want := range map[string]bool{
		"共 12 件，1,280 元":     true,
		"12":                 true,
		"没有数字":               true,
		"3.5%":               true,
		"at 14:00.":          true,
		"13 件":               false,
		"共 123 件":            false,
		"共 1 件":              false,
		"共 1280 元":           false,
		"at 14:30":           false,
		"１２":                 false,
		"1. 甲\n2. 乙 12\n\n丙": true,
		"1、甲":                true,
		"1.5 元":              false,
		"甲\n\n\n乙":           false,
		"甲\n":                true,
		"":                   false,
	} {
		if got := accepts(t, f, text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !accepts(t, action.Form{Numbers: []string{}}, "no number") || accepts(t, action.Form{Numbers: []string{}}, "1 number") {
		t.Error("no number may stand where none is given")
	}
}

func TestTexts(t *testing.T) {
	one := action.Form{Lines: 1, NoHan: true}
	for text, want := range map[string]bool{"Hello, 5 of 6!": true, "Hello 你": false, "a\nb": false, "café “x”": true, "a\x1b[31m": false, "a\u202eb": false, "a\tb": false} {
		if got := accepts(t, one, text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !accepts(t, action.Form{Lines: 2}, "a\nb") || accepts(t, action.Form{Lines: 2}, "a\nb\nc") {
		t.Error("the number of lines is not held")
	}
	if p, err := program(action.Form{}); p != nil || err != nil {
		t.Error("any text needs no grammar")
	}
}
