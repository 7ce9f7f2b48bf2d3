package grammar

import "slices"

// Left recursion. A rule that calls itself before it has read a byte would be
// called without end at matching. Because automata may share states, removing it
// is simple: a set of rules that call each other at their starts is replaced by,
// for each rule A of the set, an automaton that reads the left spine of A's tree
// from the bottom up. It starts as any rule of the set may start without such a
// call. Where a rule B of the set ends, the text so far may have been the call
// of B at the start of some rule D, so it goes on in D after that call; and if
// B is A, it may also end. (The left-corner transformation, on automata.)

// removeLeftRecursion leaves rules whose calls at their starts form no cycle; groups are those of leftGroups.
func (c *compiler) removeLeftRecursion(groups [][]int32) error {
	for _, group := range groups {
		made := make([]*automaton, len(group))
		for i, r := range group {
			made[i] = c.bottomUp(r, group)
			for _, s := range made[i].states {
				c.states++
				c.edges += len(s.edges) + len(s.calls)
			}
			if err := c.tooLarge(); err != nil {
				return err
			}
		}
		for i, r := range group {
			c.rules[r].fa = made[i]
		}
	}
	return nil
}

// bottomUp makes the automaton of rule a from those of its group.
func (c *compiler) bottomUp(a int32, group []int32) *automaton {
	offset := map[int32]int32{} // where the states of a rule lie
	out := &automaton{states: make([]autoState, 1)}
	for _, r := range group {
		offset[r] = int32(len(out.states)) - 1 // its state 1 comes first
		for _, s := range c.rules[r].fa.states[1:] {
			out.states = append(out.states, s.shifted(offset[r]))
		}
		start := c.rules[r].fa.states[0].shifted(offset[r])
		out.states[0].edges = append(out.states[0].edges, start.edges...)
		for _, k := range start.calls {
			if !slices.Contains(group, k.rule) {
				out.states[0].calls = append(out.states[0].calls, k)
			}
		}
	}
	base := append([]autoState(nil), out.states...) // before anything goes on
	for _, r := range group {
		after, done := c.afterEnd(r, group)
		var more autoState // what all ends of r go on with
		for _, t := range after {
			more.edges = append(more.edges, base[t.to+offset[t.rule]].edges...)
			more.calls = append(more.calls, base[t.to+offset[t.rule]].calls...)
		}
		more.compact()
		first := offset[r] + 1
		for i := first; i < first+int32(len(c.rules[r].fa.states))-1; i++ {
			if !base[i].end {
				continue
			}
			s := base[i].shifted(0)
			s.end = done[a]
			s.edges = append(s.edges, more.edges...)
			s.calls = append(s.calls, more.calls...)
			s.compact()
			out.states[i] = s
		}
	}
	return out
}

// afterEnd says where the text may go on when rule b has ended (states of rules
// of the group), and which rules may have ended with it.
func (c *compiler) afterEnd(b int32, group []int32) (after []callEdge, done map[int32]bool) {
	done = map[int32]bool{b: true}
	todo := []int32{b}
	for len(todo) > 0 {
		x := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, d := range group {
			fa := c.rules[d].fa
			for _, k := range fa.states[0].calls {
				if k.rule != x {
					continue
				}
				after = append(after, callEdge{d, k.to})
				if fa.states[k.to].end && !done[d] {
					done[d] = true
					todo = append(todo, d)
				}
			}
		}
	}
	return after, done
}

// compact removes what is there twice.
func (s *autoState) compact() {
	slices.SortFunc(s.edges, compareEdges)
	s.edges = slices.Compact(s.edges)
	slices.SortFunc(s.calls, compareCalls)
	s.calls = slices.Compact(s.calls)
}

func (s autoState) shifted(by int32) autoState {
	t := autoState{end: s.end}
	for _, e := range s.edges {
		t.edges = append(t.edges, edge{e.lo, e.hi, e.to + by})
	}
	for _, k := range s.calls {
		t.calls = append(t.calls, callEdge{k.rule, k.to + by})
	}
	return t
}

// leftGroups returns the components that hold a cycle.
func (c *compiler) leftGroups() [][]int32 {
	var cyclic [][]int32
	for _, g := range c.components() {
		if len(g) > 1 || c.callsAtStart(g[0], g[0]) {
			cyclic = append(cyclic, g)
		}
	}
	return cyclic
}

func (c *compiler) callsAtStart(r, callee int32) bool {
	for _, k := range c.rules[r].fa.states[0].calls {
		if k.rule == callee {
			return true
		}
	}
	return false
}

// orderLeftCalls numbers the rules so that calls at a start go to higher numbers.
func (c *compiler) orderLeftCalls() {
	groups := c.components()
	for i, g := range groups { // callees come first
		c.rules[g[0]].order = int32(len(groups) - i)
	}
}

// components returns the strongly connected sets of rules under "calls at its
// start" (Tarjan's algorithm), callees before callers.
func (c *compiler) components() [][]int32 {
	n := len(c.rules)
	t := tarjan{c: c, index: make([]int32, n), low: make([]int32, n), on: make([]bool, n)}
	for r := range c.rules {
		if t.index[r] == 0 {
			t.visit(int32(r))
		}
	}
	return t.groups
}

type tarjan struct {
	c          *compiler
	index, low []int32
	on         []bool
	stack      []int32
	count      int32
	groups     [][]int32
}

func (t *tarjan) visit(r int32) {
	t.count++
	t.index[r], t.low[r] = t.count, t.count
	t.stack = append(t.stack, r)
	t.on[r] = true
	for _, k := range t.c.rules[r].fa.states[0].calls {
		switch {
		case t.index[k.rule] == 0:
			t.visit(k.rule)
			t.low[r] = min(t.low[r], t.low[k.rule])
		case t.on[k.rule]:
			t.low[r] = min(t.low[r], t.index[k.rule])
		}
	}
	if t.low[r] != t.index[r] {
		return
	}
	var g []int32
	for {
		top := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.on[top] = false
		g = append(g, top)
		if top == r {
			break
		}
	}
	t.groups = append(t.groups, g)
}
