package grammar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// emitAll defines the rules for n, which becomes root, and for all that it leads to.
func (c *schemaCompiler) emitAll(n *part) {
	if c.eval(n).none() {
		panic(&SchemaError{"#", "no value at all fits the schema"})
	}
	c.names[n] = "root"
	c.queue = append(c.queue, n)
	for len(c.queue) > 0 {
		n := c.queue[0]
		c.queue = c.queue[1:]
		if n.kind == nodeAny {
			c.g.Define(c.names[n], anyValue)
			continue
		}
		c.g.Define(c.names[n], c.emit(n, c.eval(n)))
	}
	if c.g.Defined("value") {
		return
	}
	c.g.Define("value", anyJSON())
}

// ref calls the rule of n.
func (c *schemaCompiler) ruleOf(n *part) Expr {
	switch n.kind {
	case nodeNever:
		return Never()
	case nodeAny:
		return anyValue
	}
	name, ok := c.names[n]
	if !ok {
		name = "v" + strconv.Itoa(len(c.names))
		c.names[n] = name
		c.queue = append(c.queue, n)
	}
	return Ref(name)
}

// The pieces of JSON.
var (
	anyValue  = Ref("value")
	comma     = Seq(Lit(","), Opt(Lit(" ")))
	colon     = Seq(Lit(":"), Opt(Lit(" ")))
	stringEnd = Lit(`"`)
	textChar  = escapedClass([]rune{0, utf8.MaxRune})
	anyString = Seq(Lit(`"`), Star(textChar), stringEnd)
	jsonInt   = Alt(Lit("0"), Seq(Class('1', '9'), Star(Class('0', '9'))))
	jsonFrac  = Seq(Lit("."), Plus(Class('0', '9')))
	jsonExp   = Seq(Class('e', 'e', 'E', 'E'), Opt(Class('+', '+', '-', '-')), Plus(Class('0', '9')))
	jsonNum   = Seq(Opt(Lit("-")), jsonInt, Opt(jsonFrac), Opt(jsonExp))
)

// anyJSON is any value.
func anyJSON() Expr {
	pair := Seq(anyString, colon, anyValue)
	return Alt(
		OneOf("null", "true", "false"), jsonNum, anyString,
		Seq(Lit("["), Opt(Seq(anyValue, Star(Seq(comma, anyValue)))), Lit("]")),
		Seq(Lit("{"), Opt(Seq(pair, Star(Seq(comma, pair)))), Lit("}")),
	)
}

// escapedRune is r as it stands in a JSON text; "" when as itself.
func escapedRune(r rune) string {
	switch r {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\b':
		return `\b`
	case '\f':
		return `\f`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	if r < ' ' {
		return fmt.Sprintf(`\u%04x`, r)
	}
	return ""
}

// escapedClass is one of the code points in pairs, as it stands in a JSON text.
func escapedClass(pairs []rune) Expr {
	var plain []rune
	var marked []string
	for i := 0; i < len(pairs); i += 2 {
		lo, hi := pairs[i], pairs[i+1]
		for r := lo; r <= min(hi, '\\'); r++ {
			if s := escapedRune(r); s != "" {
				marked = append(marked, s)
			} else {
				plain = append(plain, r, r)
			}
		}
		if hi > '\\' {
			plain = append(plain, max(lo, '\\'+1), hi)
		}
	}
	switch {
	case len(marked) == 0:
		return Class(plain...)
	case len(plain) == 0:
		return OneOf(marked...)
	}
	return Alt(Class(plain...), OneOf(marked...))
}

// emit is the texts of set.
func (c *schemaCompiler) emit(n *part, set *valueSet) Expr {
	var alts []Expr
	for _, w := range []struct {
		on   bool
		word string
	}{{set.null, "null"}, {set.yes, "true"}, {set.no, "false"}} {
		if w.on {
			alts = append(alts, Lit(w.word))
		}
	}
	switch l := set.num; {
	case l == nil:
	case l == anyNumber:
		alts = append(alts, jsonNum)
	case langMinus(l, integers).empty():
		alts = append(alts, automatonOf(langAnd(l, withoutPoint), Class))
	default:
		alts = append(alts, automatonOf(l, Class))
	}
	if !set.str.none() {
		alts = append(alts, quotedText(set.str))
	}
	for _, s := range set.arrs {
		alts = append(alts, c.emitArr(n, s))
	}
	for _, s := range set.objs {
		alts = append(alts, c.emitObj(n, s))
	}
	return Alt(alts...)
}

// quoteText is s as a JSON text.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if e := escapedRune(r); e != "" {
			b.WriteString(e)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// quotedText is the texts of t between quotes.
func quotedText(t textSet) Expr {
	if t.words != nil {
		out := make([]string, len(t.words))
		for i, w := range t.words {
			out[i] = quoteText(w)
		}
		return OneOf(out...)
	}
	if t.l.all() {
		return Seq(Lit(`"`), Repeat(textChar, t.lo, t.hi), stringEnd)
	}
	return Seq(Lit(`"`), automatonOf(t.folded(), func(pairs ...rune) Expr { return escapedClass(pairs) }), stringEnd)
}

// automatonOf is the texts of l, each of its code points written by class.
func automatonOf(l *lang, class func(pairs ...rune) Expr) Expr {
	dead := l.dead()
	return Expr{&expr{kind: kBuilt, count: 4 * len(l.next), built: func(n *nfa, from, to int32) error {
		states := make([]int32, len(l.next))
		for i := range states {
			states[i] = n.add()
		}
		n.empty(from, states[0])
		for s := range l.next {
			if int32(s) == dead {
				continue
			}
			if l.acc[s] {
				n.empty(states[s], to)
			}
			targets, pairs := l.ranges(int32(s), dead)
			for _, t := range targets {
				if err := n.expr(class(pairs[t]...), states[s], states[t]); err != nil {
					return err
				}
			}
		}
		return nil
	}}}
}

// refuse is the error that a shape of n cannot be held.
func (c *schemaCompiler) refuse(n *part, why string) {
	panic(at(n.place(), "%s", why))
}

// emitArr is the arrays of s.
func (c *schemaCompiler) emitArr(n *part, s *arrShape) Expr {
	k := len(s.prefix)
	if s.max >= 0 && s.max < k {
		k = s.max
	}
	lo, hi := max(0, s.min-k), -1
	if s.max >= 0 {
		hi = s.max - k
	}
	if s.rest.kind == nodeNever {
		hi = 0
	}
	body := c.emitRest(n, s, lo, hi, k == 0)
	for i := k - 1; i >= 0; i-- {
		body = Seq(c.ruleOf(s.prefix[i]), body)
		if i > 0 {
			body = Seq(comma, body)
		}
		if i >= s.min {
			body = Opt(body)
		}
	}
	return Seq(Lit("["), body, Lit("]"))
}

// emitRest is lo to hi items after the prefix.
func (c *schemaCompiler) emitRest(n *part, s *arrShape, lo, hi int, first bool) Expr {
	item := c.ruleOf(s.rest)
	if len(s.has) > 0 {
		if len(s.has) > 1 || lo > 1 || hi >= 0 {
			c.refuse(n, "several demands on what an array contains, or one beside its length, cannot be held")
		}
		found := c.ruleOf(c.both(s.rest, s.has[0]))
		if first {
			return Seq(Star(Seq(item, comma)), found, Star(Seq(comma, item)))
		}
		return Seq(Star(Seq(comma, item)), comma, found, Star(Seq(comma, item)))
	}
	switch {
	case hi == 0 && lo > 0:
		return Never()
	case hi == 0:
		return Empty()
	case !first:
		return Repeat(Seq(comma, item), lo, hi)
	}
	list := Seq(item, Repeat(Seq(comma, item), max(0, lo-1), max(-1, hi-1)))
	if lo == 0 {
		return Opt(list)
	}
	return list
}

// emitObj is the objects of s.
func (c *schemaCompiler) emitObj(n *part, s *objShape) Expr {
	if len(s.some) > 0 {
		c.refuse(n, "that an object has a property among those that are not named cannot be held")
	}
	e := &objEmitter{c: c, n: n, min: s.min, max: s.max}
	required := 0
	for _, p := range s.props {
		if p.node.kind == nodeNever {
			continue
		}
		required += bit(p.required)
		name := quotedText(textSet{words: []string{p.name}})
		e.pairs = append(e.pairs, Seq(name, colon, c.ruleOf(p.node)))
		e.required = append(e.required, p.required)
	}
	var free []Expr
	for _, f := range c.freeOf(s) {
		free = append(free, Seq(quotedText(textSet{l: f.names, hi: -1}), colon, c.ruleOf(f.node)))
	}
	if len(free) > 0 {
		e.free = []Expr{c.rule(Alt(free...))}
	}
	if e.min > required+1 && len(free) > 0 {
		c.refuse(n, "minProperties beyond the named properties cannot be held: a name could come twice")
	}
	e.counts = e.min > required || e.max >= 0 && (len(free) > 0 || e.max < len(e.pairs))
	if e.counts {
		return Seq(Lit("{"), e.counted(0, 0), Lit("}"))
	}
	return Seq(Lit("{"), e.first(0), Lit("}"))
}

// rule is e behind a name of its own, so that using it often costs nothing.
func (c *schemaCompiler) rule(e Expr) Expr {
	c.rules++
	name := "p" + strconv.Itoa(c.rules)
	c.g.Define(name, e)
	return Ref(name)
}

// objEmitter writes the properties of one object in order.
type objEmitter struct {
	c        *schemaCompiler
	n        *part
	pairs    []Expr
	required []bool
	free     []Expr // none or one
	min, max int
	counts   bool
	rests    map[int]Expr
	states   map[[2]int]string
}

// first is properties from the i-th on, when none has been written.
func (e *objEmitter) first(i int) Expr {
	var alts []Expr
	for ; i < len(e.pairs); i++ {
		alts = append(alts, Seq(e.pairs[i], e.rest(i+1)))
		if e.required[i] {
			return Alt(alts...)
		}
	}
	for _, f := range e.free {
		alts = append(alts, Seq(f, Star(Seq(comma, f))))
	}
	return Opt(Alt(alts...))
}

// rest is properties from the i-th on, when one has been written.
func (e *objEmitter) rest(i int) Expr {
	if x, ok := e.rests[i]; ok {
		return x
	}
	var parts []Expr
	for j, p := range e.pairs[i:] {
		p = Seq(comma, p)
		if !e.required[i+j] {
			p = Opt(p)
		}
		parts = append(parts, p)
	}
	for _, f := range e.free {
		parts = append(parts, Star(Seq(comma, f)))
	}
	x := Seq(parts...)
	if len(e.pairs)-i > 2 {
		x = e.c.rule(x)
	}
	if e.rests == nil {
		e.rests = map[int]Expr{}
	}
	e.rests[i] = x
	return x
}

// counted is properties from the i-th on, when n have been written.
func (e *objEmitter) counted(i, n int) Expr {
	if i == len(e.pairs) {
		return e.lastCounted(n)
	}
	key := [2]int{i, n}
	if name, ok := e.states[key]; ok {
		return Ref(name)
	}
	if e.states == nil {
		e.states = map[[2]int]string{}
	}
	e.c.rules++
	name := "p" + strconv.Itoa(e.c.rules)
	e.states[key] = name
	e.c.count(i)
	var alts []Expr
	if e.max < 0 || n < e.max {
		take := Seq(e.pairs[i], e.counted(i+1, e.next(n)))
		if n > 0 {
			take = Seq(comma, take)
		}
		alts = append(alts, take)
	}
	if !e.required[i] {
		alts = append(alts, e.counted(i+1, n))
	}
	e.c.g.Define(name, Alt(alts...))
	return Ref(name)
}

// next is the count after n, as far as it matters.
func (e *objEmitter) next(n int) int {
	if e.max < 0 && n >= max(e.min, 1) {
		return n
	}
	return n + 1
}

// lastCounted is the properties that are not named, when n have been written.
func (e *objEmitter) lastCounted(n int) Expr {
	lo, hi := max(0, e.min-n), -1
	if e.max >= 0 {
		hi = e.max - n
	}
	switch {
	case len(e.free) == 0 && lo > 0, lo > 1, hi >= 0 && lo > hi:
		return Never()
	case len(e.free) == 0 || hi == 0:
		return Empty()
	case n > 0:
		return Repeat(Seq(comma, e.free[0]), lo, hi)
	}
	list := Seq(e.free[0], Repeat(Seq(comma, e.free[0]), max(0, lo-1), max(-1, hi-1)))
	if lo == 0 {
		return Opt(list)
	}
	return list
}
