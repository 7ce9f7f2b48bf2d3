package words

import (
	"encoding/json"
	"slices"
	"strings"

	"daiban/action"
	"daiban/gpt/grammar"
)

// program is the grammar of what f allows; nil when that is any text.
func program(f action.Form) (*grammar.Program, error) {
	var root grammar.Expr
	g := grammar.New()
	switch {
	case len(f.Fields) > 0:
		root = object(g, f)
	case f.Numbers != nil || f.NoHan || f.Lines > 0:
		root = text(f)
	default:
		return nil, nil
	}
	g.Define("root", root)
	return g.Compile("root")
}

// object is {"name": "piece", …}, the pieces of f.Of, of whole words, as JSON writes them, or empty.
func object(g *grammar.Grammar, f action.Form) grammar.Expr {
	g.Define("piece", grammar.Span(f.Of, grammar.SpanOptions{Words: true, Escape: escape}))
	g.Keep("piece")
	parts := []grammar.Expr{grammar.Lit("{")}
	for i, name := range f.Fields {
		lead := quote(name) + `: "`
		if i > 0 {
			lead = ", " + lead
		}
		parts = append(parts, grammar.Lit(lead), grammar.Opt(grammar.Ref("piece")), grammar.Lit(`"`))
	}
	return grammar.Seq(append(parts, grammar.Lit("}"))...)
}

func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a text can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// escape is how JSON writes a byte that cannot stand in its strings as it is.
func escape(b byte) string {
	switch {
	case b == '"' || b == '\\' || b < ' ':
		s := quote(string(rune(b)))
		return s[1 : len(s)-1]
	}
	return ""
}

// Chinese characters, as pairs of bounds.
var han = []rune{0x2E80, 0x2FDF, 0x3005, 0x3007, 0x3021, 0x3029, 0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xF900, 0xFAFF, 0x20000, 0x3FFFF}

// unseen is what no text for people holds: control characters (ends of line stand by themselves), marks that turn the direction of
// writing, and what is left to private use. As pairs of bounds.
var unseen = []rune{0, 0x1F, 0x7F, 0x9F, 0x2028, 0x202E, 0x2066, 0x2069, 0xE000, 0xF8FF, 0xFFF0, 0xFFFF, 0xE0000, 0x10FFFF}

// text is lines of plain text, at most one of them empty in a row. Where numbers are given, digits stand only in one of them,
// each with something else around it, or at the beginning of a line, where one with a full stop counts.
func text(f action.Form) grammar.Expr {
	not := slices.Clone(unseen)
	if f.Numbers != nil {
		not = append(not, '0', '9', '０', '９')
	}
	if f.NoHan {
		not = append(not, han...)
	}
	other := grammar.Not(not...)
	line := grammar.Plus(other)
	if f.Numbers != nil {
		number := grammar.OneOf(nonEmpty(f.Numbers)...)
		tail := grammar.Seq(grammar.Star(grammar.Seq(grammar.Plus(other), number)), grammar.Star(other))
		count := grammar.Seq(grammar.Class('1', '9'), grammar.OneOf(". ", "、", ".", ") ", "）"), other)
		line = grammar.Alt(
			grammar.Seq(number, tail),
			grammar.Seq(grammar.Alt(grammar.Plus(other), grammar.Seq(count, grammar.Star(other))), grammar.Opt(grammar.Seq(number, tail))))
	}
	if f.Lines == 1 {
		return line
	}
	most := -1
	if f.Lines > 1 {
		most = f.Lines - 1
	}
	breaks := func(least int) grammar.Expr { return grammar.Repeat(grammar.Lit("\n"), least, 2) }
	return grammar.Seq(line, grammar.Repeat(grammar.Seq(breaks(1), line), 0, most), breaks(0))
}

func nonEmpty(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}
