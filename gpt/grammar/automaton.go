package grammar

import "slices"

// automaton is a rule's automaton without empty moves. State 0 is the start: no
// edge leads to it and it is never an end, so that the empty text is left out;
// callers of a rule that has it (ruleBuild.null) may pass by the call.
type automaton struct{ states []autoState }

type autoState struct {
	edges []edge
	calls []callEdge
	end   bool
}

// only reports whether nothing can follow s within the rule.
func (s *autoState) only() bool { return s.end && len(s.edges) == 0 && len(s.calls) == 0 }

// markNullable finds the rules that hold the empty text.
func (c *compiler) markNullable() {
	for changed := true; changed; {
		changed = false
		for _, r := range slices.Backward(c.rules) { // called rules come later
			if r.null {
				continue
			}
			for _, s := range c.closure(r.nfa, 0, nil, nil) {
				if s == 1 {
					r.null, changed = true, true
				}
			}
		}
	}
}

// closure appends to buf the states that can be reached from s reading nothing,
// s among them. Calls of rules that hold the empty text read nothing too.
func (c *compiler) closure(n *nfa, s int32, buf []int32, seen []bool) []int32 {
	if seen == nil {
		seen = make([]bool, len(n.states))
	}
	buf = append(buf, s)
	seen[s] = true
	for i := 0; i < len(buf); i++ {
		st := &n.states[buf[i]]
		for _, t := range st.empty {
			if !seen[t] {
				seen[t] = true
				buf = append(buf, t)
			}
		}
		for _, k := range st.calls {
			if !seen[k.to] && c.rules[k.rule].null {
				seen[k.to] = true
				buf = append(buf, k.to)
			}
		}
	}
	for _, t := range buf {
		seen[t] = false
	}
	return buf
}

// withoutEmptyMoves makes the automaton of a rule from its nfa.
func (c *compiler) withoutEmptyMoves(r *ruleBuild) (*automaton, error) {
	n := r.nfa
	a := &automaton{}
	index := make([]int32, len(n.states)) // of a state that something leads to, plus 1
	from := []int32{0}                    // the nfa state of each of a's
	a.states = append(a.states, autoState{})
	target := func(t int32) int32 {
		if index[t] == 0 {
			a.states = append(a.states, autoState{})
			from = append(from, t)
			index[t] = int32(len(a.states))
		}
		return index[t] - 1
	}
	seen := make([]bool, len(n.states))
	var buf []int32
	for i := 0; i < len(a.states); i++ {
		buf = c.closure(n, from[i], buf[:0], seen)
		var out autoState
		count := 0
		for _, s := range buf {
			count += len(n.states[s].edges)
		}
		out.edges = make([]edge, 0, count)
		for _, s := range buf {
			for _, e := range n.states[s].edges {
				out.edges = append(out.edges, edge{e.lo, e.hi, target(e.to)})
			}
			for _, k := range n.states[s].calls {
				out.calls = append(out.calls, callEdge{k.rule, target(k.to)})
			}
			out.end = out.end || s == 1
		}
		out.end = out.end && i > 0
		a.states[i] = out
		c.edges += len(out.edges) + len(out.calls)
		if err := c.tooLarge(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// loopSelfTails replaces a call of the rule by itself at its end by the edges of
// its start: a list written with recursion becomes a loop.
func (a *automaton) loopSelfTails(self int32) {
	tail := func(k callEdge) bool { return k.rule == self && a.states[k.to].only() }
	for i := range a.states {
		s := &a.states[i]
		if !slices.ContainsFunc(s.calls, tail) {
			continue
		}
		s.calls = slices.DeleteFunc(s.calls, tail)
		if i > 0 { // the start calling itself at its end says nothing
			s.edges = append(s.edges, a.states[0].edges...)
			for _, k := range a.states[0].calls {
				if !tail(k) {
					s.calls = append(s.calls, k)
				}
			}
		}
	}
}

// prune removes what cannot end: calls of rules without a text and states from
// which no end is reached.
func (c *compiler) prune() {
	hasText := make([]bool, len(c.rules))
	for changed := true; changed; {
		changed = false
		for i, r := range slices.Backward(c.rules) {
			if !hasText[i] && r.fa.ending(hasText)[0] {
				hasText[i], changed = true, true
			}
		}
	}
	for _, r := range c.rules {
		good := r.fa.ending(hasText)
		for i := range r.fa.states {
			s := &r.fa.states[i]
			s.edges = slices.DeleteFunc(s.edges, func(e edge) bool { return !good[e.to] })
			s.calls = slices.DeleteFunc(s.calls, func(k callEdge) bool { return !good[k.to] || !hasText[k.rule] })
		}
	}
}

// ending says from which states an end can be reached, calling only rules of which
// hasText holds.
func (a *automaton) ending(hasText []bool) []bool {
	good := make([]bool, len(a.states))
	var todo []int32
	for i := range a.states {
		if a.states[i].end {
			good[i] = true
			todo = append(todo, int32(i))
		}
	}
	first, from := a.backwards(hasText)
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, s := range from[first[t]:first[t+1]] {
			if !good[s] {
				good[s] = true
				todo = append(todo, s)
			}
		}
	}
	return good
}

// backwards returns the states that lead to state t: from[first[t]:first[t+1]].
func (a *automaton) backwards(hasText []bool) (first, from []int32) {
	each := func(f func(s, t int32)) {
		for i := range a.states {
			for _, e := range a.states[i].edges {
				f(int32(i), e.to)
			}
			for _, k := range a.states[i].calls {
				if hasText[k.rule] {
					f(int32(i), k.to)
				}
			}
		}
	}
	first = make([]int32, len(a.states)+2)
	each(func(_, t int32) { first[t+2]++ })
	for i := 2; i < len(first); i++ {
		first[i] += first[i-1]
	}
	from = make([]int32, first[len(first)-1])
	each(func(s, t int32) {
		from[first[t+1]] = s
		first[t+1]++
	})
	return first, from
}
