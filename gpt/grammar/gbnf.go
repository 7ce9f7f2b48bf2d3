package grammar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// gbnfDepth bounds how deep parentheses may nest.
const gbnfDepth = 1000

// ParseGBNF reads the textual form that llama.cpp uses. A text of the
// language is one of the rule named root:
//
//	root   ::= answer+                # a comment
//	answer ::= ("yes" | "no" | [0-9]{1,3} "%"?) "\n"
//
// Literals and sets know \n \r \t \\ \" \[ \] \- \xHH \uHHHH \UHHHHHHHH; "." is any code
// point; * + ? {n} {n,} {n,m} repeat. A rule ends with its line, except after "::=" and
// "|" and within parentheses. Errors name the line.
func ParseGBNF(text string) (*Grammar, error) {
	p := &gbnf{text: text, line: 1, g: New(), used: map[string]int{}}
	if err := p.rules(); err != nil {
		return nil, fmt.Errorf("grammar: line %d: %w", p.line, err)
	}
	for _, name := range sortedKeys(p.used) {
		if !p.g.Defined(name) {
			return nil, fmt.Errorf("grammar: line %d: rule %q is not defined", p.used[name], name)
		}
	}
	if !p.g.Defined("root") {
		return nil, fmt.Errorf("grammar: there is no rule named \"root\", with which a text starts")
	}
	return p.g, nil
}

type gbnf struct {
	text string
	at   int
	line int
	g    *Grammar
	used map[string]int // the line where a name was first used
}

// space skips blanks and comments, and with lines also ends of lines.
func (p *gbnf) space(lines bool) {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '#':
			for p.at < len(p.text) && p.text[p.at] != '\n' {
				p.at++
			}
			continue
		case c == '\n' && lines:
			p.line++
		case c == ' ' || c == '\t' || c == '\r':
		default:
			return
		}
		p.at++
	}
}

func (p *gbnf) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *gbnf) eat(s string) bool {
	if strings.HasPrefix(p.text[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

// here says what stands at the place of an error.
func (p *gbnf) here() string {
	if p.at >= len(p.text) {
		return "the end of the grammar"
	}
	if p.text[p.at] == '\n' {
		return "the end of the line"
	}
	r, n := utf8.DecodeRuneInString(p.text[p.at:])
	if r == utf8.RuneError && n == 1 {
		return fmt.Sprintf("the byte 0x%02X", p.text[p.at])
	}
	return fmt.Sprintf("%q", r)
}

func (p *gbnf) rules() error {
	for p.space(true); p.at < len(p.text); p.space(true) {
		name := p.name()
		if name == "" {
			return fmt.Errorf("a rule begins with its name, not with %s", p.here())
		}
		p.space(false)
		if !p.eat("::=") {
			return fmt.Errorf("after the name %q comes \"::=\", not %s", name, p.here())
		}
		p.space(true)
		e, err := p.alternatives(0)
		if err != nil {
			return err
		}
		if c := p.peek(); c != 0 && c != '\n' {
			return fmt.Errorf("%s does not fit here", p.here())
		}
		if p.g.Defined(name) {
			return fmt.Errorf("rule %q is defined twice", name)
		}
		p.g.Define(name, e)
	}
	return nil
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

func (p *gbnf) name() string {
	start := p.at
	for nameByte(p.peek()) {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *gbnf) alternatives(depth int) (Expr, error) {
	var alts []Expr
	for {
		e, err := p.sequence(depth)
		if err != nil {
			return Expr{}, err
		}
		alts = append(alts, e)
		if !p.eat("|") {
			return Alt(alts...), nil
		}
		p.space(true)
	}
}

func (p *gbnf) sequence(depth int) (Expr, error) {
	var es []Expr
	for {
		e, ok, err := p.piece(depth)
		if err != nil {
			return Expr{}, err
		}
		if !ok {
			return Seq(es...), nil
		}
		p.space(depth > 0)
		for {
			next, ok, err := p.repeated(e, depth > 0)
			if err != nil {
				return Expr{}, err
			}
			if !ok {
				break
			}
			e = next
		}
		es = append(es, e)
	}
}

// piece reads a literal, a set, a name or a group, and false where none begins.
func (p *gbnf) piece(depth int) (Expr, bool, error) {
	switch c := p.peek(); {
	case c == '"':
		e, err := p.literal()
		return e, true, err
	case c == '[':
		e, err := p.set()
		return e, true, err
	case c == '.':
		p.at++
		return Not(), true, nil
	case c == '(':
		e, err := p.group(depth)
		return e, true, err
	case c == '<' || c == '!':
		return Expr{}, false, fmt.Errorf("tokens by name (%s) are not supported: write their text", p.here())
	case nameByte(c):
		line, name := p.line, p.name()
		if _, ok := p.used[name]; !ok {
			p.used[name] = line
		}
		return Ref(name), true, nil
	}
	return Expr{}, false, nil
}

func (p *gbnf) group(depth int) (Expr, error) {
	if depth >= gbnfDepth {
		return Expr{}, fmt.Errorf("parentheses nest more than %d deep", gbnfDepth)
	}
	line := p.line
	p.at++
	p.space(true)
	e, err := p.alternatives(depth + 1)
	if err != nil {
		return Expr{}, err
	}
	if !p.eat(")") {
		return Expr{}, fmt.Errorf("the parenthesis of line %d is closed by \")\", not by %s", line, p.here())
	}
	return e, nil
}

// repeated reads a sign of repetition after e, and the space after it.
func (p *gbnf) repeated(e Expr, lines bool) (Expr, bool, error) {
	switch p.peek() {
	case '*':
		e = Star(e)
	case '+':
		e = Plus(e)
	case '?':
		e = Opt(e)
	case '{':
		e, err := p.counts(e)
		p.space(lines)
		return e, err == nil, err
	default:
		return e, false, nil
	}
	p.at++
	p.space(lines)
	return e, true, nil
}

func (p *gbnf) counts(e Expr) (Expr, error) {
	p.at++
	p.space(false)
	lo, err := p.count()
	if err != nil {
		return Expr{}, err
	}
	hi := lo
	p.space(false)
	if p.eat(",") {
		hi = -1
		if p.space(false); p.peek() != '}' {
			if hi, err = p.count(); err != nil {
				return Expr{}, err
			}
			p.space(false)
		}
	}
	if !p.eat("}") {
		return Expr{}, fmt.Errorf("a repetition is written {n}, {n,} or {n,m}: %s does not fit", p.here())
	}
	if e = Repeat(e, lo, hi); e.x != nil && e.x.kind == kBad {
		return Expr{}, e.x.err
	}
	return e, nil
}

func (p *gbnf) count() (int, error) {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	if err != nil {
		return 0, fmt.Errorf("a repetition counts with a number: %q is none", p.text[start:p.at])
	}
	return n, nil
}

func (p *gbnf) literal() (Expr, error) {
	var b []byte
	p.at++
	for !p.eat("\"") {
		r, err := p.char()
		if err != nil {
			return Expr{}, fmt.Errorf("in a literal: %w", err)
		}
		b = utf8.AppendRune(b, r)
	}
	return Lit(string(b)), nil
}

func (p *gbnf) set() (Expr, error) {
	p.at++
	not := p.eat("^")
	var ranges []rune
	for !p.eat("]") {
		lo, err := p.char()
		if err != nil {
			return Expr{}, fmt.Errorf("in a set: %w", err)
		}
		hi := lo
		if p.peek() == '-' && !strings.HasPrefix(p.text[p.at:], "-]") {
			p.at++
			if hi, err = p.char(); err != nil {
				return Expr{}, fmt.Errorf("in a set: %w", err)
			}
		}
		ranges = append(ranges, lo, hi)
	}
	e := Class(ranges...)
	if not {
		e = Not(ranges...)
	}
	if e.x.kind == kBad {
		return Expr{}, e.x.err
	}
	return e, nil
}

// char reads one character of a literal or a set.
func (p *gbnf) char() (rune, error) {
	r, n := utf8.DecodeRuneInString(p.text[p.at:])
	switch {
	case n == 0 || r == '\n':
		return 0, fmt.Errorf("it is not closed before %s", p.here())
	case r == utf8.RuneError && n == 1:
		return 0, fmt.Errorf("%s is not UTF-8", p.here())
	case r != '\\':
		p.at += n
		return r, nil
	}
	p.at++
	c := p.peek()
	hex := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if hex == 0 {
		i := strings.IndexByte(`nrt"\[]-^`, c)
		if i < 0 || c == 0 {
			return 0, fmt.Errorf("\\%s is not an escape", strings.Trim(p.here(), "'"))
		}
		p.at++
		return rune("\n\r\t\"\\[]-^"[i]), nil
	}
	p.at++
	end := min(p.at+hex, len(p.text))
	v, err := strconv.ParseUint(p.text[p.at:end], 16, 32)
	if err != nil || end-p.at != hex || !utf8.ValidRune(rune(v)) {
		return 0, fmt.Errorf("\\%c%s is not a code point in %d hexadecimal digits", c, p.text[p.at:end], hex)
	}
	p.at = end
	return rune(v), nil
}
