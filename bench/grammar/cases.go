package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"daiban/data"
	"daiban/gpt/grammar"
)

// benchCase is a grammar with texts of its language; a text may bring a grammar of its own.
type benchCase struct {
	name    string
	grammar *grammar.Grammar
	docs    []doc
}

type doc struct {
	text string
	own  *grammar.Grammar
}

const jsonText = `
root   ::= value
value  ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" ws ( member ( "," ws member )* )? "}" ws
member ::= string ":" ws value
array  ::= "[" ws ( value ( "," ws value )* )? "]" ws
string ::= "\"" ( [^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
number ::= "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)? ([eE] [-+]? [0-9]+)? ws
ws     ::= [ \t\n]*
`

// schema is a pair's JSON Schema: fixed keys, an enumeration, bounded texts, a pattern, lists.
const schema = `{"type": "object", "additionalProperties": false,
	"properties": {
		"lang": {"enum": ["zh", "en", "mix"]}, "family": {"type": "string", "pattern": "^[a-z]+$"},
		"request": {"type": "string", "minLength": 1, "maxLength": 600}, "flow": {"type": "string"},
		"words": {"type": "array", "items": {"type": "string", "maxLength": 20}}, "score": {"type": "number"},
		"at": {"type": "string", "format": "date"}, "also": {"type": "array", "items": {"type": "string"}}},
	"required": ["lang", "family", "request", "flow", "words", "score", "at"]}`

// spacedText is the same with any space between.
const spacedText = `
root ::= "{" ws "\"lang\"" c ("\"zh\"" | "\"en\"" | "\"mix\"") n "\"family\"" c family n "\"request\"" c bounded n "\"flow\"" c text n more
more ::= "\"words\"" c "[" ws (short ("," ws short)*)? ws "]" n "\"score\"" c number n "\"at\"" c date (n "\"also\"" c "[" ws (text ("," ws text)*)? ws "]")? ws "}"
c ::= ":" ws
n ::= "," ws
family ::= "\"" [a-z]+ "\""
bounded ::= "\"" char{1,600} "\""
short ::= "\"" char{0,20} "\""
text ::= "\"" char* "\""
date ::= "\"" [0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01]) "\""
number ::= "-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,16})?
char ::= [^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})
ws ::= [ \t\n]*
`

func allCases(n int) ([]benchCase, error) {
	pairs, err := data.Pairs()
	if err != nil {
		return nil, err
	}
	var picked []data.Pair
	for i := 0; len(picked) < n && i < len(pairs); i += max(1, len(pairs)/n) {
		picked = append(picked, pairs[i])
	}
	free, err := grammar.ParseGBNF(jsonText)
	if err != nil {
		return nil, err
	}
	spaced, err := grammar.ParseGBNF(spacedText)
	if err != nil {
		return nil, err
	}
	strict, err := grammar.FromJSONSchema([]byte(schema))
	if err != nil {
		return nil, err
	}
	cases := []benchCase{
		{name: "JSON", grammar: free},
		{name: "JSON Schema", grammar: strict},
		{name: "the same, spaced", grammar: spaced},
		{name: "flow", grammar: flowGrammar(pairs, grammar.Ref("text"))},
		{name: "flow, values copied", grammar: nil},
		{name: "span of 500 characters", grammar: nil},
	}
	long := longText(pairs)
	spans := grammar.New()
	spans.Define("root", grammar.Seq(grammar.Lit(`"`), quotedSpan(long), grammar.Lit(`"`)))
	cases[5].grammar = spans
	for i, p := range picked {
		record := record(p)
		pretty, err := json.MarshalIndent(record, "", "  ")
		if err != nil {
			return nil, err
		}
		plain, err := marshal(record)
		if err != nil {
			return nil, err
		}
		cases[0].docs = append(cases[0].docs, doc{text: string(pretty)}, doc{text: plain})
		cases[1].docs = append(cases[1].docs, doc{text: plain})
		cases[2].docs = append(cases[2].docs, doc{text: string(pretty)}, doc{text: plain})
		cases[3].docs = append(cases[3].docs, doc{text: p.Flow})
		own := flowGrammar(pairs, grammar.Alt(quotedSpan(p.Request), grammar.Ref("text")))
		cases[4].docs = append(cases[4].docs, doc{p.Flow, own})
		cases[5].docs = append(cases[5].docs, doc{text: `"` + cut(long, i*7%300, 10+i%150) + `"`})
	}
	return cases, nil
}

type pairRecord struct {
	Lang    string   `json:"lang"`
	Family  string   `json:"family"`
	Request string   `json:"request"`
	Flow    string   `json:"flow"`
	Words   []string `json:"words"`
	Score   float64  `json:"score"`
	At      string   `json:"at"`
	Also    []string `json:"also,omitempty"`
}

func record(p data.Pair) pairRecord {
	words := strings.FieldsFunc(p.Request, func(r rune) bool { return strings.ContainsRune(" ，。,.", r) })
	for i, w := range words {
		words[i] = cut(w, 0, 20)
	}
	return pairRecord{p.Lang, p.Family, p.Request, p.Flow, words, float64(len(p.Flow)) / 8, "2026-11-24", p.Also}
}

func marshal(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSpace(b.String()), err
}

// cut returns n code points of s from the one at i.
func cut(s string, i, n int) string {
	rs := []rune(s)
	i = min(i, len(rs))
	return string(rs[i:min(i+n, len(rs))])
}

// longText is 500 characters without a quote or a backslash.
func longText(pairs []data.Pair) string {
	var b strings.Builder
	for i := 0; utf8.RuneCountInString(b.String()) < 500; i += 97 {
		b.WriteString(strings.NewReplacer(`"`, "", `\`, "/").Replace(pairs[i%len(pairs)].Request))
	}
	return cut(b.String(), 0, 500)
}

func quotedSpan(text string) grammar.Expr {
	return grammar.Span(text, grammar.SpanOptions{Exclude: "\n", Escape: func(b byte) string {
		if b == '"' || b == '\\' {
			return "\\" + string(rune(b))
		}
		return ""
	}})
}

// flowGrammar is a grammar of flows: lines of calls of known actions with texts, numbers,
// names, lists, dictionaries and comparisons. value is what stands between the quotes of a text.
func flowGrammar(pairs []data.Pair, value grammar.Expr) *grammar.Grammar {
	g := grammar.New()
	lit, ref, seq, alt := grammar.Lit, grammar.Ref, grammar.Seq, grammar.Alt
	sp := grammar.Star(lit(" "))
	word := alt(grammar.Class('a', 'z', 'A', 'Z', '_', '_'), grammar.Class(0x80, 0x10FFFF))
	g.Define("root", seq(ref("line"), grammar.Star(seq(grammar.Plus(lit("\n")), ref("line"))), grammar.Star(lit("\n"))))
	g.Define("line", seq(sp, alt(ref("call"), seq(ref("expr"), sp, lit("="), sp, ref("expr")), ref("expr"),
		seq(lit("for "), ref("name"), grammar.Star(seq(lit(", "), ref("name"))), lit(" in "), ref("expr"), lit(":")),
		seq(alt(lit("if "), lit("elif "), lit("while ")), ref("expr"), lit(":")), lit("else:"), lit("break"), lit("continue"), lit("pass"),
		seq(lit("#"), grammar.Star(grammar.Not('\n', '\n'))))))
	g.Define("call", seq(grammar.OneOf(actionNames(pairs)...), ref("args")))
	g.Define("args", seq(lit("("), sp, grammar.Opt(seq(ref("arg"), grammar.Star(seq(lit(","), ref("gap"), ref("arg"))))), ref("gap"), lit(")")))
	g.Define("gap", grammar.Star(grammar.Class(' ', ' ', '\n', '\n')))
	g.Define("arg", alt(ref("expr"), seq(ref("name"), lit("="), ref("expr"))))
	g.Define("expr", seq(ref("operand"), grammar.Star(seq(sp, ref("operator"), sp, ref("operand")))))
	g.Define("operator", grammar.OneOf("and", "or", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "//", "%", "in", "not in", "if", "else"))
	g.Define("operand", seq(grammar.Opt(alt(lit("not "), lit("-"))), alt(
		seq(ref("name"), grammar.Star(ref("tail"))), seq(ref("call"), grammar.Star(ref("tail"))), seq(ref("string"), grammar.Star(ref("tail"))), ref("number"), seq(ref("list"), grammar.Star(ref("tail"))), ref("dict"),
		seq(lit("("), ref("expr"), lit(")"), grammar.Star(ref("tail"))))))
	g.Define("tail", alt(seq(lit("."), ref("name")), seq(lit("["), ref("expr"), lit("]")), ref("args")))
	g.Define("name", seq(word, grammar.Star(alt(word, grammar.Class('0', '9')))))
	g.Define("string", seq(lit(`"`), value, lit(`"`)))
	g.Define("text", grammar.Star(alt(grammar.Not('"', '"', '\\', '\\', 0, 0x1F), seq(lit(`\`), grammar.Class(' ', '~')))))
	g.Define("number", seq(grammar.Plus(grammar.Class('0', '9')), grammar.Opt(seq(lit("."), grammar.Plus(grammar.Class('0', '9'))))))
	g.Define("list", seq(lit("["), ref("gap"), grammar.Opt(seq(ref("expr"), grammar.Star(seq(lit(","), ref("gap"), ref("expr"))))), grammar.Opt(seq(lit(" for "), ref("name"), lit(" in "), ref("expr"))), ref("gap"), lit("]")))
	pair := seq(ref("expr"), lit(":"), ref("gap"), ref("expr"))
	g.Define("dict", seq(lit("{"), ref("gap"), grammar.Opt(seq(pair, grammar.Star(seq(lit(","), ref("gap"), pair)))), ref("gap"), lit("}")))
	return g
}

// actionNames finds the actions that the flows call.
func actionNames(pairs []data.Pair) []string {
	seen := map[string]bool{}
	var out []string
	for _, p := range pairs {
		for _, line := range strings.Split(p.Flow, "\n") {
			head, _, ok := strings.Cut(line, "(")
			if i := strings.LastIndexAny(head, " ="); i >= 0 {
				head = head[i+1:]
			}
			if ok && !seen[head] && strings.Count(head, ".") == 1 && strings.Trim(head, "abcdefghijklmnopqrstuvwxyz._") == "" {
				seen[head] = true
				out = append(out, head)
			}
		}
	}
	if len(out) == 0 {
		panic(fmt.Sprint("no action in ", len(pairs), " flows"))
	}
	return out
}
