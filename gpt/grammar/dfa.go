package grammar

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Program is a compiled grammar. It does not change; any number of goroutines
// may use it.
type Program struct {
	// The states of all rules, in one numbering. State q reads bytes by
	// edges[edgeOf[q]:edgeOf[q+1]], sorted and disjoint, and calls rules by
	// calls[callOf[q]:callOf[q+1]].
	edgeOf []int32
	edges  []edge // a negative target t stands for the several states sets[^t]
	callOf []int32
	calls  []progCall
	flags  []uint8
	sets   [][]int32 // only where determinising a rule would have grown too large

	start  []int32 // of each rule; rule 0 is where a text starts
	order  []int32 // of each rule: calls at a start go to higher numbers
	null   bool    // the empty text is in the language
	runs   []run   // see run.go
	runOf  []int32 // of each state: index into runs, or 0
	intern *interner
}

type progCall struct {
	rule, ret int32
	tail      bool // nothing can follow ret: the caller need not be remembered
}

const (
	flagEnd   uint8 = 1 << iota // its rule may end here
	flagCalls                   // it calls rules
)

// size returns how many states p has.
func (p *Program) size() int { return len(p.flags) }

// link determinises the rules and joins them to a Program.
func (c *compiler) link() (*Program, error) {
	p := &Program{null: c.rules[0].null, intern: newInterner()}
	for _, r := range c.rules {
		p.start = append(p.start, int32(len(p.flags)))
		p.order = append(p.order, r.order)
		d := determinise(r.fa, 4*len(r.fa.states)+c.shape.grow)
		p.append(d)
		r.fa = nil
		c.states, c.edges = len(p.flags), len(p.edges)
		if err := c.tooLarge(); err != nil {
			return nil, err
		}
	}
	p.edgeOf = append(p.edgeOf, int32(len(p.edges)))
	p.callOf = append(p.callOf, int32(len(p.calls)))
	for i := range p.calls {
		r := p.calls[i].ret
		p.calls[i].tail = p.flags[r] == flagEnd && p.edgeOf[r] == p.edgeOf[r+1]
	}
	p.findRuns()
	return p, nil
}

// append adds the states of one rule.
func (p *Program) append(d *dfa) {
	base, sets := int32(len(p.flags)), int32(len(p.sets))
	for _, set := range d.sets {
		for i := range set {
			set[i] += base
		}
		p.sets = append(p.sets, set)
	}
	for _, s := range d.states {
		p.edgeOf = append(p.edgeOf, int32(len(p.edges)))
		for _, e := range s.edges {
			if e.to >= 0 {
				e.to += base
			} else {
				e.to -= sets
			}
			p.edges = append(p.edges, e)
		}
		p.callOf = append(p.callOf, int32(len(p.calls)))
		for _, k := range s.calls {
			p.calls = append(p.calls, progCall{rule: k.rule, ret: k.to + base})
		}
		var f uint8
		if s.end {
			f |= flagEnd
		}
		if len(s.calls) > 0 {
			f |= flagCalls
		}
		p.flags = append(p.flags, f)
	}
}

// dfa is an automaton whose states have disjoint sorted edges.
type dfa struct {
	states []autoState
	sets   [][]int32 // targets of edges to several states; see Program.edges
}

// determinise makes a rule's automaton deterministic over bytes and calls: the
// subset construction. If that takes more than limit states, they stay
// what they were and edges may lead to several.
func determinise(a *automaton, limit int) *dfa {
	if d := subsets(a, limit); d != nil {
		return d
	}
	d := &dfa{}
	for i := range a.states {
		d.add(a, []int32{int32(i)}, func(to []int32) int32 {
			if len(to) == 1 {
				return to[0]
			}
			d.sets = append(d.sets, slices.Clone(to))
			return ^int32(len(d.sets) - 1)
		})
	}
	return d
}

// subsets returns nil when there would be more than limit states.
func subsets(a *automaton, limit int) *dfa {
	d := &dfa{}
	single := make([]int32, len(a.states)) // index plus 1 of the set of one state
	several := map[string]int32{}
	members := make([][]int32, 0, len(a.states))
	alone := make([]int32, len(a.states)) // the sets of one state
	for i := range alone {
		alone[i] = int32(i)
	}
	d.states = make([]autoState, 0, len(a.states))
	var key []byte
	work := 0
	index := func(set []int32) int32 {
		if len(set) == 1 {
			if single[set[0]] == 0 {
				members = append(members, alone[set[0]:set[0]+1])
				single[set[0]] = int32(len(members))
			}
			return single[set[0]] - 1
		}
		key = key[:0]
		for _, s := range set {
			key = binary.LittleEndian.AppendUint32(key, uint32(s))
		}
		i, ok := several[string(key)]
		if !ok {
			i = int32(len(members))
			members = append(members, slices.Clone(set))
			several[string(key)] = i
			work += len(set)
		}
		return i
	}
	index([]int32{0})
	for i := 0; i < len(members); i++ {
		d.add(a, members[i], index)
		if len(members) > limit || work > 64*limit {
			return nil
		}
	}
	return d
}

// add appends the state that stands for the given states of a; index says which
// state stands for a sorted set of targets.
func (d *dfa) add(a *automaton, of []int32, index func([]int32) int32) {
	first := &a.states[of[0]]
	out := autoState{end: first.end}
	edges, calls := first.edges, first.calls
	if len(of) > 1 {
		edges, calls = slices.Clone(edges), slices.Clone(calls)
	}
	for _, s := range of[1:] {
		st := &a.states[s]
		edges = append(edges, st.edges...)
		calls = append(calls, st.calls...)
		out.end = out.end || st.end
	}
	out.edges = splitEdges(edges, index)
	slices.SortFunc(calls, compareCalls)
	for i := 0; i < len(calls); {
		var to []int32
		r := calls[i].rule
		for ; i < len(calls) && calls[i].rule == r; i++ {
			to = append(to, calls[i].to)
		}
		t := index(slices.Compact(to))
		if t >= 0 {
			out.calls = append(out.calls, callEdge{r, t})
			continue
		}
		for _, t := range d.sets[^t] { // calls need no set: they may be several
			out.calls = append(out.calls, callEdge{r, t})
		}
		d.sets = d.sets[:^t]
	}
	d.states = append(d.states, out)
}

func compareEdges(a, b edge) int {
	return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(a.hi, b.hi), cmp.Compare(a.to, b.to))
}

func compareCalls(a, b callEdge) int {
	return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.to, b.to))
}

// splitEdges returns sorted, disjoint edges, each to the state of all targets
// that its bytes have. It sorts edges.
func splitEdges(edges []edge, index func([]int32) int32) []edge {
	if len(edges) == 0 {
		return nil
	}
	slices.SortFunc(edges, compareEdges)
	if out, ok := apart(edges, index); ok {
		return out
	}
	var cuts [257]bool // where an edge starts or the byte before ended one
	for _, e := range edges {
		cuts[e.lo], cuts[int(e.hi)+1] = true, true
	}
	var out []edge
	var to, prev []int32
	for lo := 0; lo < 256; {
		hi := lo + 1
		for hi < 256 && !cuts[hi] {
			hi++
		}
		to = to[:0]
		for _, e := range edges {
			if int(e.lo) > lo {
				break
			}
			if int(e.hi) >= lo {
				to = append(to, e.to)
			}
		}
		if len(to) > 0 {
			slices.Sort(to)
			to = slices.Compact(to)
			if n := len(out); n > 0 && int(out[n-1].hi)+1 == lo && slices.Equal(to, prev) {
				out[n-1].hi = byte(hi - 1)
			} else {
				out = append(out, edge{byte(lo), byte(hi - 1), index(to)})
			}
			prev = append(prev[:0], to...)
		}
		lo = hi
	}
	return out
}

// apart is splitEdges of sorted edges that do not overlap, if they are that.
func apart(edges []edge, index func([]int32) int32) ([]edge, bool) {
	for i := 1; i < len(edges); i++ {
		if edges[i].lo <= edges[i-1].hi {
			return nil, false
		}
	}
	out := make([]edge, 0, len(edges))
	for _, e := range edges {
		to := [1]int32{e.to}
		t := index(to[:])
		if n := len(out); n > 0 && out[n-1].to == t && int(out[n-1].hi)+1 == int(e.lo) {
			out[n-1].hi = e.hi
		} else {
			out = append(out, edge{e.lo, e.hi, t})
		}
	}
	return out, true
}
