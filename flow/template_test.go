package flow

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	s := sample()
	s["Invoice no"], s["金额(元)"], s["名"] = Text("A-1").From(&Source{File: "x.xlsx"}), NumInt(5), Text("{n}")
	for in, want := range map[string]string{
		"":          "",
		"没有洞":       "没有洞",
		"{n}":       "12",
		"{ n }":     "12",
		"a{n}b{n}c": "a12b12c",
		"{row.客户}您好，{row.Unit price} 元":        "张三您好，12.50 元",
		"{Invoice no}.pdf {金额(元)}":             "A-1.pdf 5",
		"{名}":                                  "{n}", // what was filled in is not read again
		"{{n}}":                                "{n}",
		"{{{n}}}":                              "{{n}}",
		"{row.空}|":                             "|",
		"{event.file} {mail.subject}":          "in/a.pdf Re: 发票",
		`{"a": 1} {3} {} { } {-}`:              `{"a": 1} {3} {} { } {-}`,
		"body { color: red; } \\d{4} {a,b}":    "body { color: red; } \\d{4} {a,b}",
		"{n":                                   "{n",
		"n}":                                   "n}",
		"{\nn}":                                "{\nn}",
		"{files}":                              "a.pdf, b.pdf",
		"{later}":                              "?",
		"{nope}":                               "error nope: 模板里的 {nope} 没有值：没有叫这个名字的列或变量",
		"{nope.x}":                             "error nope: 模板里的 {nope.x} 没有值：没有叫这个名字的列或变量",
		"{row.价格}":                             "error 价格: 模板里的 {row.价格}：没有 .价格，有的是 客户、Unit price、数量、备注、日期",
		"{n.x}":                                "error : 模板里的 {n.x}：数字没有 .x",
		"{page}":                               "error : page 那一步失败了，没有结果；先用 failed(page) 判断",
		"{secret}":                             "error : {secret} 是密码，不能填进文本",
		"{" + strings.Repeat("很", 65) + "} ok": "{" + strings.Repeat("很", 65) + "} ok",
	} {
		got, err := Fill(in, s.Lookup)
		var e *EvalError
		if errors.As(err, &e) {
			got = fmt.Sprintf("error %s: %s", e.Name, e.Say("zh"))
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A text that content was filled into is content.
func TestFillKeepsSource(t *testing.T) {
	for in, want := range map[string]string{"{n}": "", "{n} {row.客户} {mail.subject}": "a.xlsx", "plain": ""} {
		v, err := FillValue(in, sample().Lookup)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if v.Source() != nil {
			got = v.Source().File
		}
		if got != want {
			t.Errorf("%q is from %q, want %q", in, got, want)
		}
	}
}

func TestTemplateNames(t *testing.T) {
	got := TemplateNames(`{b} {a.c} {{no}} {"x": 1} {b} {Invoice no}`)
	if fmt.Sprint(got) != "[b a.c Invoice no]" {
		t.Errorf("%q", got)
	}
}
