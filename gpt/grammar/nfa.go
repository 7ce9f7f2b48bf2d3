package grammar

import (
	"fmt"
	"strings"
)

// nfa is the automaton of one rule while it is built: Thompson's construction,
// from state 0 to state 1. A fragment never adds an edge into its first state or
// out of its last one, unless they are the same.
type nfa struct {
	c      *compiler
	states []nfaState
}

type nfaState struct {
	empty []int32 // moves that read nothing
	edges []edge
	calls []callEdge
}

// edge reads one byte of lo to hi.
type edge struct {
	lo, hi byte
	to     int32
}

// callEdge reads a text of a rule.
type callEdge struct{ rule, to int32 }

func (n *nfa) add() int32 {
	n.states = append(n.states, nfaState{})
	n.c.states++
	return int32(len(n.states) - 1)
}

func (n *nfa) edge(from int32, lo, hi byte, to int32) {
	n.states[from].edges = append(n.states[from].edges, edge{lo, hi, to})
	n.c.edges++
}

func (n *nfa) empty(from, to int32) {
	if from != to {
		n.states[from].empty = append(n.states[from].empty, to)
	}
}

func (n *nfa) call(from, rule, to int32) {
	n.states[from].calls = append(n.states[from].calls, callEdge{rule, to})
}

// lit adds a path of the bytes of s.
func (n *nfa) lit(s string, from, to int32) {
	for i := 0; i < len(s); i++ {
		next := to
		if i < len(s)-1 {
			next = n.add()
		}
		n.edge(from, s[i], s[i], next)
		from = next
	}
	if s == "" {
		n.empty(from, to)
	}
}

func (c *compiler) tooLarge() error {
	if c.states > c.shape.states || c.edges > c.shape.edges {
		return fmt.Errorf("the grammar is too large: more than %d states or %d edges", c.shape.states, c.shape.edges)
	}
	return nil
}

// expr adds paths from one state to another for all texts of e.
func (n *nfa) expr(e Expr, from, to int32) error {
	if err := n.c.tooLarge(); err != nil {
		return err
	}
	if e.x == nil {
		n.empty(from, to)
		return nil
	}
	switch x := e.x; x.kind {
	case kLit:
		n.lit(x.text, from, to)
	case kClass:
		n.class(x.ranges, from, to)
	case kSeq:
		return n.seq(x.subs, from, to)
	case kAlt:
		for _, s := range x.subs {
			if err := n.expr(s, from, to); err != nil {
				return err
			}
		}
	case kRepeat:
		return n.repeat(x, from, to)
	case kRef:
		if n.c.inline[x.text] {
			return n.expr(n.c.g.rules[x.text], from, to)
		}
		r, err := n.c.namedRule(x.text)
		n.call(from, r, to)
		return err
	case kOneOf:
		return n.own(x, "names", trieSize(x.names), from, to, func(n *nfa, from, to int32) error {
			n.oneOf(x.names, from, to)
			return nil
		})
	case kSpan: // never in place: see Matcher
		return n.own(x, "span", 1+n.c.shape.own, from, to, func(n *nfa, from, to int32) error {
			return n.span(x.text, x.span, from, to)
		})
	case kBuilt:
		return n.own(x, "automaton", x.count, from, to, x.built)
	}
	return nil
}

// own builds a piece in place when it is small; a large one becomes a rule of its
// own, shared by all its uses: copies would cost memory, and determinised
// together with what is around them they could grow without bound.
func (n *nfa) own(x *expr, name string, size int, from, to int32, build func(n *nfa, from, to int32) error) error {
	if size <= n.c.shape.own {
		return build(n, from, to)
	}
	r, err := n.c.anonRule(anonKey{e: x}, name, build)
	n.call(from, r, to)
	return err
}

func (n *nfa) seq(es []Expr, from, to int32) error {
	for i, s := range es {
		next := to
		if i < len(es)-1 {
			next = n.add()
		}
		if err := n.expr(s, from, next); err != nil {
			return err
		}
		from = next
	}
	return nil
}

// class adds the UTF-8 sequences of the ranges; sequences share their ends.
func (n *nfa) class(ranges []rune, from, to int32) {
	type tail struct {
		n      int
		lo, hi [4]byte
	}
	ends := map[tail]int32{}
	for i := 0; i < len(ranges); i += 2 {
		utf8Seqs(ranges[i], ranges[i+1], func(s byteSeq) {
			at := to
			var t tail
			for k := s.n - 1; k > 0; k-- { // from the end
				t.n++
				t.lo[t.n-1], t.hi[t.n-1] = s.lo[k], s.hi[k]
				prev, ok := ends[t]
				if !ok {
					prev = n.add()
					n.edge(prev, s.lo[k], s.hi[k], at)
					ends[t] = prev
				}
				at = prev
			}
			n.edge(from, s.lo[0], s.hi[0], at)
		})
	}
}

// oneOf adds a trie of the names, which are sorted. What no longer name goes on
// with ends in the last state itself.
func (n *nfa) oneOf(names []string, from, to int32) {
	path := []int32{from} // the states of the bytes of the last name
	last := ""
	for i, s := range names {
		k := samePrefix(s, last)
		path = path[:k+1]
		leaf := i+1 == len(names) || !strings.HasPrefix(names[i+1], s)
		for ; k < len(s); k++ {
			next := to
			if k < len(s)-1 || !leaf {
				next = n.add()
			}
			n.edge(path[k], s[k], s[k], next)
			path = append(path, next)
		}
		if s == "" || !leaf {
			n.empty(path[len(s)], to)
		}
		last = s
	}
}

// trieSize returns how many edges oneOf adds.
func trieSize(names []string) int {
	n, last := 0, ""
	for _, s := range names {
		n += len(s) - samePrefix(s, last)
		last = s
	}
	return n
}

func samePrefix(a, b string) int {
	k := 0
	for k < len(a) && k < len(b) && a[k] == b[k] {
		k++
	}
	return k
}

func (n *nfa) repeat(x *expr, from, to int32) error {
	one := max(1, n.c.size(x.subs[0]))
	unit := max(1, n.c.shape.unroll/one) // as many copies as are made before sharing
	if max(x.min, x.max) <= unit {
		return n.copies(x.subs[0], x.min, x.max, from, to)
	}
	mid := n.add()
	if err := n.exactly(x, x.min, unit, from, mid); err != nil {
		return err
	}
	if x.max < 0 {
		return n.copies(x.subs[0], 0, -1, mid, to)
	}
	return n.atMost(x, x.max-x.min, unit, mid, to)
}

// copies adds min to max copies of e in a row; max < 0 ends in a loop.
func (n *nfa) copies(e Expr, min, max int, from, to int32) error {
	loops := max < 0 && min > 0 // the last copy that must be there is the loop itself
	if loops {
		min--
	}
	for range min {
		next := n.add()
		if err := n.expr(e, from, next); err != nil {
			return err
		}
		from = next
	}
	if max < 0 {
		return n.loop(e, loops, from, to)
	}
	for range max - min {
		n.empty(from, to)
		next := n.add()
		if err := n.expr(e, from, next); err != nil {
			return err
		}
		from = next
	}
	n.empty(from, to)
	return nil
}

// loop adds any number of copies of e, or, if once, at least one.
func (n *nfa) loop(e Expr, once bool, from, to int32) error {
	loop := n.add()
	n.empty(from, loop)
	if !once {
		n.empty(loop, to)
		return n.expr(e, loop, loop)
	}
	end := n.add()
	n.empty(end, loop)
	n.empty(end, to)
	return n.expr(e, loop, end)
}

// exactly adds count texts of the repeated piece, by rules for unit·2^k of them.
func (n *nfa) exactly(x *expr, count, unit int, from, to int32) error {
	for count >= unit {
		k := 0
		for unit<<(k+1) <= count {
			k++
		}
		next := n.add()
		if err := n.power(x, k, unit, false, from, next); err != nil {
			return err
		}
		from, count = next, count-unit<<k
	}
	return n.copies(x.subs[0], count, count, from, to)
}

// atMost adds none to count texts: with the largest unit·2^k in it, either at
// most that many, or exactly that many and at most the rest.
func (n *nfa) atMost(x *expr, count, unit int, from, to int32) error {
	for count > unit {
		k := 0
		for unit<<(k+1) <= count {
			k++
		}
		if err := n.power(x, k, unit, true, from, to); err != nil {
			return err
		}
		next := n.add()
		if err := n.power(x, k, unit, false, from, next); err != nil {
			return err
		}
		from, count = next, count-unit<<k
	}
	return n.copies(x.subs[0], 0, count, from, to)
}

// power calls the rule of exactly or at most unit·2^k texts.
func (n *nfa) power(x *expr, k, unit int, most bool, from, to int32) error {
	name := fmt.Sprintf("repeat of %d", unit<<k)
	r, err := n.c.anonRule(anonKey{x.subs[0].x, k + 1, most}, name, func(n *nfa, from, to int32) error {
		switch {
		case k == 0 && most:
			return n.copies(x.subs[0], 0, unit, from, to)
		case k == 0:
			return n.copies(x.subs[0], unit, unit, from, to)
		case most:
			return n.atMostDouble(x, k, unit, from, to)
		}
		mid := n.add()
		if err := n.power(x, k-1, unit, false, from, mid); err != nil {
			return err
		}
		return n.power(x, k-1, unit, false, mid, to)
	})
	n.call(from, r, to)
	return err
}

func (n *nfa) atMostDouble(x *expr, k, unit int, from, to int32) error {
	if err := n.power(x, k-1, unit, true, from, to); err != nil {
		return err
	}
	mid := n.add()
	if err := n.power(x, k-1, unit, false, from, mid); err != nil {
		return err
	}
	return n.power(x, k-1, unit, true, mid, to)
}
