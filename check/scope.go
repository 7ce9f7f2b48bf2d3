package check

import (
	"maps"
	"slices"

	"daiban/flow"
)

// A scope is the variables at one place of the flow.
type scope struct {
	vars map[string]static
	gone map[string]string // names that no longer hold here, and why: "loop" or "branch"
}

func newScope() *scope { return &scope{map[string]static{}, map[string]string{}} }

func (s *scope) copy() *scope { return &scope{maps.Clone(s.vars), maps.Clone(s.gone)} }

func (s *scope) set(name string, v static) {
	s.vars[name] = v
	delete(s.gone, name)
}

func (s *scope) names() []string { return slices.Sorted(maps.Keys(s.vars)) }

// join makes s what holds after two branches: a name must be known in both. A branch that
// has ended (stop, fail) decides nothing.
func (s *scope) join(a, b *scope, aEnds, bEnds bool) {
	switch {
	case aEnds && !bEnds:
		s.vars, s.gone = b.vars, b.gone
		return
	case bEnds && !aEnds:
		s.vars, s.gone = a.vars, a.gone
		return
	}
	vars, gone := map[string]static{}, map[string]string{}
	maps.Copy(gone, a.gone)
	maps.Copy(gone, b.gone)
	for name, x := range a.vars {
		if y, ok := b.vars[name]; ok {
			vars[name] = merged(x, y)
		} else {
			gone[name] = "branch"
		}
	}
	for name := range b.vars {
		if _, ok := a.vars[name]; !ok {
			gone[name] = "branch"
		}
	}
	for name := range vars {
		delete(gone, name)
	}
	s.vars, s.gone = vars, gone
}

// merged is merge, but for a variable that neither branch has changed.
func merged(x, y static) static {
	if x.val != nil && y.val != nil && x.kind == y.kind && flow.PrintValue(*x.val) == flow.PrintValue(*y.val) {
		return x
	}
	return merge(x, y)
}

// assigned is the variables that steps assign, loop variables apart.
func assigned(steps []*flow.Step) map[string]bool {
	out := map[string]bool{}
	(&flow.Flow{Steps: steps}).Walk(func(s *flow.Step) bool {
		if s.Var != "" && s.Kind != flow.EachStep {
			out[s.Var] = true
		}
		return true
	})
	return out
}
