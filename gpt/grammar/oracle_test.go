package grammar

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// oracle is a second matcher that shares nothing with the first but the pieces:
// Earley's algorithm on plain productions, slow and simple.
type oracle struct {
	prods [][]production // of each nonterminal
	names map[string]int
	g     *Grammar
	memo  map[*expr]int
	start int
}

type production []symbol

// symbol is a nonterminal, a byte, or one code point of a set.
type symbol struct {
	nt     int
	b      byte
	ranges []rune
	kind   byte // 'n', 'b', 'r'
}

func newOracle(g *Grammar, start string) *oracle {
	o := &oracle{names: map[string]int{}, g: g, memo: map[*expr]int{}}
	o.start = o.rule(start)
	o.dropEndless()
	return o
}

func (o *oracle) add() int { o.prods = append(o.prods, nil); return len(o.prods) - 1 }

func (o *oracle) rule(name string) int {
	if i, ok := o.names[name]; ok {
		return i
	}
	i := o.add()
	o.names[name] = i
	o.prods[i] = []production{{o.sym(o.g.rules[name])}}
	return i
}

func (o *oracle) sym(e Expr) symbol { return symbol{kind: 'n', nt: o.expr(e)} }

func (o *oracle) text(s string) production {
	p := production{}
	for i := range len(s) {
		p = append(p, symbol{kind: 'b', b: s[i]})
	}
	return p
}

func (o *oracle) expr(e Expr) int {
	if e.x == nil {
		i := o.add()
		o.prods[i] = []production{{}}
		return i
	}
	if e.x.kind == kRef {
		return o.rule(e.x.text)
	}
	if i, ok := o.memo[e.x]; ok {
		return i
	}
	i := o.add()
	o.memo[e.x] = i
	var ps []production
	switch x := e.x; x.kind {
	case kLit:
		ps = append(ps, o.text(x.text))
	case kClass:
		if len(x.ranges) > 0 {
			ps = append(ps, production{{kind: 'r', ranges: x.ranges}})
		}
	case kSeq:
		p := production{}
		for _, s := range x.subs {
			p = append(p, o.sym(s))
		}
		ps = append(ps, p)
	case kAlt:
		for _, s := range x.subs {
			ps = append(ps, production{o.sym(s)})
		}
	case kRepeat:
		s := o.sym(x.subs[0])
		p := production{}
		for range x.min {
			p = append(p, s)
		}
		if x.max < 0 {
			loop := o.add()
			o.prods[loop] = []production{{}, {s, {kind: 'n', nt: loop}}}
			ps = append(ps, append(p, symbol{kind: 'n', nt: loop}))
			break
		}
		for k := x.min; k <= x.max; k++ {
			ps = append(ps, slices.Clone(p))
			p = append(p, s)
		}
	case kOneOf:
		for _, s := range x.names {
			ps = append(ps, o.text(s))
		}
	case kSpan:
		for s := range plainSpans(x.text, x.span) {
			ps = append(ps, o.text(s))
		}
	}
	o.prods[i] = ps
	return i
}

// plainSpans lists every span by trying each beginning and end.
func plainSpans(text string, o SpanOptions) map[string]bool {
	han := func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	}
	word := func(r rune) bool {
		return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_') && !han(r)
	}
	boundary := func(i int) bool {
		if !o.Words || i == 0 || i == len(text) {
			return true
		}
		a, _ := utf8.DecodeLastRuneInString(text[:i])
		b, _ := utf8.DecodeRuneInString(text[i:])
		return !word(a) || !word(b)
	}
	out := map[string]bool{}
	for i := range len(text) {
		for j := i + 1; j <= len(text); j++ {
			s := text[i:j]
			n := utf8.RuneCountInString(s)
			if !utf8.ValidString(s) || strings.ContainsAny(s, o.Exclude) || !boundary(i) || !boundary(j) ||
				n < o.Min || o.Max > 0 && n > o.Max {
				continue
			}
			if o.Escape != nil {
				var b strings.Builder
				for k := range len(s) {
					if e := o.Escape(s[k]); e != "" {
						b.WriteString(e)
					} else {
						b.WriteByte(s[k])
					}
				}
				s = b.String()
			}
			out[s] = true
		}
	}
	return out
}

// dropEndless removes productions that can never be completed.
func (o *oracle) dropEndless() {
	ends := make([]bool, len(o.prods))
	good := func(p production) bool {
		for _, s := range p {
			if s.kind == 'n' && !ends[s.nt] {
				return false
			}
		}
		return true
	}
	for changed := true; changed; {
		changed = false
		for i, ps := range o.prods {
			if !ends[i] && slices.ContainsFunc(ps, good) {
				ends[i], changed = true, true
			}
		}
	}
	for i := range o.prods {
		o.prods[i] = slices.DeleteFunc(o.prods[i], func(p production) bool { return !good(p) })
	}
}

// earleyItem is a production of nt with a dot, begun at column from; part are the bytes read of
// the code point after the dot.
type earleyItem struct {
	nt, prod, dot, from int
	part                string
}

type column struct {
	items []earleyItem
	in    map[earleyItem]bool
	waits map[int][]earleyItem // items by the nonterminal after the dot
	empty map[int]bool         // nonterminals completed without a byte
}

func newColumn() *column {
	return &column{in: map[earleyItem]bool{}, waits: map[int][]earleyItem{}, empty: map[int]bool{}}
}

func (c *column) add(it earleyItem) {
	if !c.in[it] {
		c.in[it] = true
		c.items = append(c.items, it)
	}
}

// chart is the columns after each byte; it is never changed, only extended.
type chart []*column

func (o *oracle) begin() chart {
	c := newColumn()
	for p := range o.prods[o.start] {
		c.add(earleyItem{o.start, p, 0, 0, ""})
	}
	return o.complete(nil, c)
}

func (it earleyItem) moved() earleyItem { return earleyItem{it.nt, it.prod, it.dot + 1, it.from, ""} }

func (o *oracle) complete(ch chart, c *column) chart {
	at := len(ch)
	ch = append(slices.Clip(ch), c)
	for i := 0; i < len(c.items); i++ {
		it := c.items[i]
		p := o.prods[it.nt][it.prod]
		if it.dot == len(p) {
			for _, up := range ch[it.from].waits[it.nt] {
				c.add(up.moved())
			}
			if it.from == at {
				c.empty[it.nt] = true
			}
		} else if s := p[it.dot]; s.kind == 'n' {
			c.waits[s.nt] = append(c.waits[s.nt], it)
			for k := range o.prods[s.nt] {
				c.add(earleyItem{s.nt, k, 0, at, ""})
			}
			if c.empty[s.nt] {
				c.add(it.moved())
			}
		}
	}
	return ch
}

// advance returns nil when no text of the language goes on with b.
func (o *oracle) advance(ch chart, b byte) chart {
	next := newColumn()
	for _, it := range ch[len(ch)-1].items {
		p := o.prods[it.nt][it.prod]
		if it.dot == len(p) {
			continue
		}
		switch s := p[it.dot]; {
		case s.kind == 'b' && s.b == b:
			next.add(it.moved())
		case s.kind == 'r':
			part := it.part + string([]byte{b})
			if utf8.FullRuneInString(part) {
				r, n := utf8.DecodeRuneInString(part)
				if n == len(part) && (r != utf8.RuneError || n > 1) && inRanges(s.ranges, r) {
					next.add(it.moved())
				}
			} else if begins(s.ranges, part) {
				next.add(earleyItem{it.nt, it.prod, it.dot, it.from, part})
			}
		}
	}
	if len(next.items) == 0 {
		return nil
	}
	return o.complete(ch, next)
}

func inRanges(rs []rune, r rune) bool {
	for i := 0; i < len(rs); i += 2 {
		if rs[i] <= r && r <= rs[i+1] {
			return true
		}
	}
	return false
}

// begins reports whether the encoding of a code point of rs begins with part, which
// is the beginning of some encoding: the code points that do are a range.
func begins(rs []rune, part string) bool {
	n := map[byte]int{0xC: 2, 0xD: 2, 0xE: 3, 0xF: 4}[part[0]>>4]
	first := rune(part[0]) & (0x7F >> n)
	for _, c := range []byte(part[1:]) {
		first = first<<6 | rune(c&0x3F)
	}
	left := 6 * (n - len(part))
	lo, hi := first<<left, first<<left|(1<<left-1)
	lo = max(lo, []rune{0x80, 0x800, 0x10000}[n-2])
	for i := 0; i < len(rs); i += 2 {
		if max(lo, rs[i]) <= min(hi, rs[i+1]) {
			return true
		}
	}
	return false
}

func (o *oracle) advanceAll(ch chart, b []byte) chart {
	for _, c := range b {
		if ch = o.advance(ch, c); ch == nil {
			return nil
		}
	}
	return ch
}

func (o *oracle) accepting(ch chart) bool {
	for _, it := range ch[len(ch)-1].items {
		if it.nt == o.start && it.from == 0 && it.dot == len(o.prods[it.nt][it.prod]) {
			return true
		}
	}
	return false
}

// forced tries all bytes again and again.
func (o *oracle) forced(ch chart, most int) []byte {
	var out []byte
	for len(out) < most && !o.accepting(ch) {
		var only []byte
		for b := range 256 {
			if len(only) < 2 && o.advance(ch, byte(b)) != nil {
				only = append(only, byte(b))
			}
		}
		if len(only) != 1 {
			break
		}
		out = append(out, only[0])
		ch = o.advance(ch, only[0])
	}
	return out
}
