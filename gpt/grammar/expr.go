package grammar

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Expr is a piece of a grammar: a set of texts. It is immutable and may be used
// in several places. The zero Expr is the empty text.
type Expr struct{ x *expr }

type kind uint8

const (
	kEmpty  kind = iota
	kLit         // text
	kClass       // ranges
	kSeq         // subs
	kAlt         // subs; none: no text at all
	kRepeat      // subs[0], min, max
	kRef         // text
	kOneOf       // names
	kSpan        // text, span
	kBad         // err
	kBuilt       // built, count
)

type expr struct {
	kind     kind
	text     string
	ranges   []rune // pairs lo, hi; sorted, disjoint
	subs     []Expr
	names    []string // sorted, each once
	min, max int      // max < 0: no bound
	span     SpanOptions
	err      error
	built    func(n *nfa, from, to int32) error // adds the piece itself
	count    int                                // states that built adds
}

// Empty is the empty text.
func Empty() Expr { return Expr{} }

// Never is no text at all: what holds it in a sequence cannot be chosen.
func Never() Expr { return Expr{&expr{kind: kAlt}} }

// Lit is exactly these bytes.
func Lit(s string) Expr {
	if s == "" {
		return Expr{}
	}
	return Expr{&expr{kind: kLit, text: s}}
}

// Class is one code point, UTF-8 encoded, in any of the ranges, which are pairs
// of first and last code point. Surrogates are never in it. An odd number of
// bounds, or a pair out of order, is an error of Compile.
func Class(ranges ...rune) Expr {
	rs, err := normRanges(ranges)
	if err != nil {
		return bad(err)
	}
	return Expr{&expr{kind: kClass, ranges: rs}}
}

// Not is one code point, UTF-8 encoded, in none of the ranges (see Class).
func Not(ranges ...rune) Expr {
	rs, err := normRanges(ranges)
	if err != nil {
		return bad(err)
	}
	return Expr{&expr{kind: kClass, ranges: complement(rs)}}
}

// Seq is one text of each, in this order.
func Seq(es ...Expr) Expr {
	switch len(es) {
	case 0:
		return Expr{}
	case 1:
		return es[0]
	}
	return Expr{&expr{kind: kSeq, subs: append([]Expr(nil), es...)}}
}

// Alt is a text of any one of them. Alt of nothing is Never.
func Alt(es ...Expr) Expr {
	if len(es) == 1 {
		return es[0]
	}
	return Expr{&expr{kind: kAlt, subs: append([]Expr(nil), es...)}}
}

// Opt is e or the empty text.
func Opt(e Expr) Expr { return Repeat(e, 0, 1) }

// Star is any number of texts of e.
func Star(e Expr) Expr { return Repeat(e, 0, -1) }

// Plus is one or more texts of e.
func Plus(e Expr) Expr { return Repeat(e, 1, -1) }

// repeatLimit bounds the counts of Repeat.
const repeatLimit = 1 << 24

// Repeat is min to max texts of e; max < 0 means no upper bound. Counts up to
// 16,777,216 are fine: large ones share their structure.
func Repeat(e Expr, min, max int) Expr {
	switch {
	case min < 0 || max >= 0 && max < min:
		return bad(fmt.Errorf("repeat from %d to %d: the bounds are out of order", min, max))
	case min > repeatLimit || max > repeatLimit:
		return bad(fmt.Errorf("repeat from %d to %d: a count is above %d", min, max, repeatLimit))
	case max == 0 || e.x == nil:
		return Expr{}
	case min == 1 && max == 1:
		return e
	}
	return Expr{&expr{kind: kRepeat, subs: []Expr{e}, min: min, max: max}}
}

// Ref is a text of the rule of this name, which may be defined later.
func Ref(name string) Expr { return Expr{&expr{kind: kRef, text: name}} }

// OneOf is one of these texts. It is compiled to a trie: thousands are fine.
// OneOf of nothing is Never.
func OneOf(names ...string) Expr {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return Expr{&expr{kind: kOneOf, names: slices.Compact(sorted)}}
}

// SpanOptions narrows a Span.
type SpanOptions struct {
	Min, Max int    // length in code points; 0: at least 1, and no upper bound
	Words    bool   // begins and ends only where a word does, see Span
	Exclude  string // code points that are in no span

	// Escape says how a byte of the text is written in the grammar's language;
	// nil, or an empty answer, writes the byte itself. It must not map different
	// texts to the same bytes.
	Escape func(b byte) string
}

// Span is any non-empty piece of text, cut between code points. Bytes of text that are
// not UTF-8 are in no span. With Words, a run of letters, digits, marks and
// underscores is not cut, except that every Han, kana or Thai-like character,
// whose scripts write no spaces, is a word by itself.
//
// It is compiled to a suffix automaton, whose size is linear in the text. A
// maximum makes it as large as the text times the maximum.
func Span(text string, o SpanOptions) Expr {
	if o.Min < 0 || o.Max < 0 || o.Max > 0 && o.Max < o.Min {
		return bad(fmt.Errorf("span of %d to %d code points: the bounds are out of order", o.Min, o.Max))
	}
	return Expr{&expr{kind: kSpan, text: text, span: o}}
}

func bad(err error) Expr { return Expr{&expr{kind: kBad, err: err}} }

// Grammar is a set of named rules. The zero Grammar is not usable; see New.
type Grammar struct {
	rules map[string]Expr
	kept  map[string]bool // rules that are not copied into their callers
	names []string        // in the order of definition
	err   error           // the first thing wrong in a definition
}

// New returns a Grammar without rules.
func New() *Grammar { return &Grammar{rules: map[string]Expr{}} }

// Define says what the rule of this name is. A second definition of the same
// name is an error of Compile.
func (g *Grammar) Define(name string, e Expr) {
	if _, ok := g.rules[name]; ok {
		if g.err == nil {
			g.err = fmt.Errorf("rule %q is defined twice", name)
		}
		return
	}
	g.rules[name] = e
	g.names = append(g.names, name)
}

// Keep has the rule of this name stay a rule by itself. Small rules are copied into
// their callers otherwise, which matches faster, but makes a grammar that uses a few
// pieces in hundreds of places large and slow to compile.
func (g *Grammar) Keep(name string) {
	if g.kept == nil {
		g.kept = map[string]bool{}
	}
	g.kept[name] = true
}

// Defined reports whether there is a rule of this name.
func (g *Grammar) Defined(name string) bool { _, ok := g.rules[name]; return ok }

// Names returns the names of the rules in the order of their definition.
func (g *Grammar) Names() []string { return append([]string(nil), g.names...) }

const (
	surrogateMin = 0xD800
	surrogateMax = 0xDFFF
)

// normRanges returns the ranges sorted and disjoint, without surrogates.
func normRanges(in []rune) ([]rune, error) {
	if len(in)%2 != 0 {
		return nil, fmt.Errorf("class of %d bounds: bounds come in pairs", len(in))
	}
	var ps []span32
	for i := 0; i < len(in); i += 2 {
		lo, hi := in[i], in[i+1]
		if lo > hi || lo < 0 || hi > utf8.MaxRune {
			return nil, fmt.Errorf("class range U+%04X to U+%04X: not a range of code points", lo, hi)
		}
		if lo < surrogateMin {
			ps = append(ps, span32{lo, min(hi, surrogateMin-1)})
		}
		if hi > surrogateMax {
			ps = append(ps, span32{max(lo, surrogateMax+1), hi})
		}
	}
	return mergeSpans(ps), nil
}
