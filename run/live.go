package run

import (
	"daiban/flow"
)

// liveness tells until which step a variable is needed. A large value that no later step
// reads need not outlive the process.
type liveness struct {
	order map[string]int // step id -> place in the text
	last  map[string]int // variable -> last step that reads it
}

// Live analyses f. A step inside a loop reads until the end of the outermost loop.
func live(f *flow.Flow) *liveness {
	l := &liveness{map[string]int{}, map[string]int{}}
	n := 0
	f.Walk(func(s *flow.Step) bool {
		n++
		l.order[s.ID] = n
		return true
	})
	for _, s := range f.Steps {
		l.block(s, 0)
	}
	if len(f.Steps) > 0 { // the last value is the answer
		if s := f.Steps[len(f.Steps)-1]; s.Var != "" {
			l.last[s.Var] = n + 1
		}
	}
	return l
}

// block notes what s reads; until is the end of the loop around it, or 0.
func (l *liveness) block(s *flow.Step, until int) {
	at := l.order[s.ID]
	inner := until
	if s.Kind == flow.EachStep && until == 0 {
		inner = l.end(s)
	}
	for _, e := range s.Exprs() {
		flow.WalkExpr(e, func(x flow.Expr) {
			switch x := x.(type) {
			case *flow.Name:
				l.read(x.Name, max(at, until))
			case *flow.Lit:
				for _, name := range flow.TemplateNames(x.Value.Text()) {
					l.read(firstPart(name), max(at, until))
				}
			}
		})
	}
	for _, b := range s.Body {
		l.block(b, inner)
	}
	for _, b := range s.Else {
		l.block(b, inner)
	}
}

// end is the place of the last step inside s.
func (l *liveness) end(s *flow.Step) int {
	n := l.order[s.ID]
	for _, b := range append(append([]*flow.Step(nil), s.Body...), s.Else...) {
		n = max(n, l.end(b))
	}
	return n
}

func (l *liveness) read(name string, at int) { l.last[name] = max(l.last[name], at) }

// after reports whether name is read by the step id or a later one.
func (l *liveness) after(name, id string) bool { return l.last[name] >= l.order[id] }

func firstPart(name string) string {
	for i, r := range name {
		if r == '.' {
			return name[:i]
		}
	}
	return name
}
