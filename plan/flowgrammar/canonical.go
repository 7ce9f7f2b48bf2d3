package flowgrammar

import (
	"slices"

	"daiban/action"
	"daiban/flow"
)

// Canonical puts the arguments of f's calls in the order of the catalogue: those that have a place without their
// names, then the others, then retry, every, timeout and on_error. A model that is to decode under the grammar
// learns from flows in this order.
func Canonical(f *flow.Flow, actions action.Set) {
	f.Walk(func(s *flow.Step) bool {
		s.Doc, s.Remark = nil, ""
		if s.Call == nil || s.Kind != flow.DoStep {
			return true
		}
		if a := actions.Find(s.Call.Name); a != nil {
			order(s.Call, a)
		}
		return true
	})
	f.Tail = nil
}

// order sorts the arguments of c.
func order(c *flow.Call, a *action.Action) {
	place := map[*flow.Arg]int{}
	next := 0
	for _, x := range c.Args {
		p := a.ParamOf(c, x)
		if p == nil {
			place[x] = len(a.Params) + slices.Index(flow.CommonArgs, x.Name)
			continue
		}
		for i := range a.Params {
			if &a.Params[i] == p {
				place[x] = i
			}
		}
	}
	slices.SortStableFunc(c.Args, func(x, y *flow.Arg) int { return place[x] - place[y] })
	for _, x := range c.Args { // a name that says only what the place says is left out
		for next < len(a.Params) && !a.Params[next].Positional {
			next++
		}
		if next == len(a.Params) || place[x] != next {
			break
		}
		x.Name = ""
		next++
	}
}
