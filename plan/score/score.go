// Package score says whether two flows mean the same. It is how plans are measured:
// names of variables, the order of independent steps, defaults written out and the
// like do not count, whatever changes what would happen does.
package score

import (
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// A Signature is what the comparison needs of an action: the names of its positional
// arguments, in order, and its defaults as the language writes them.
type Signature struct {
	Positional []string
	Defaults   map[string]string
}

// A Scorer compares flows whose actions it knows.
type Scorer struct{ sigs map[string]Signature }

// New is a scorer for the actions of set.
func New(set action.Set) *Scorer {
	sigs := map[string]Signature{}
	for _, a := range set {
		sig := Signature{Defaults: map[string]string{}}
		for _, p := range a.Params {
			if p.Positional {
				sig.Positional = append(sig.Positional, p.Name)
			}
			if p.Optional {
				sig.Defaults[p.Name] = flow.PrintValue(p.Default)
			}
		}
		sigs[a.Name] = sig
	}
	return &Scorer{sigs}
}

// FromSignatures is a scorer for actions described by name.
func FromSignatures(sigs map[string]Signature) *Scorer { return &Scorer{sigs} }

// Same reports whether a and b are the same flow. A text that does not parse is the same as none.
func (s *Scorer) Same(a, b string) bool {
	x, err := s.Canon(a)
	if err != nil {
		return false
	}
	y, err := s.Canon(b)
	return err == nil && slices.Equal(x, y)
}

// SameAny reports whether got is the same as one of right.
func (s *Scorer) SameAny(got string, right ...string) bool {
	return slices.ContainsFunc(right, func(r string) bool { return s.Same(got, r) })
}

// Actions reports whether a and b do the same actions in the same order, whatever their arguments.
func (s *Scorer) Actions(a, b string) bool {
	x, err := s.names(a)
	if err != nil {
		return false
	}
	y, err := s.names(b)
	return err == nil && slices.Equal(x, y)
}

// names is the actions of a flow, nested ones after the loop or branch they stand in.
func (s *Scorer) names(text string) ([]string, error) {
	f, err := flow.Parse(text)
	if err != nil {
		return nil, err
	}
	var out []string
	f.Walk(func(st *flow.Step) bool {
		switch {
		case st.Kind == flow.IfStep:
			out = append(out, "if")
		case st.Kind == flow.EachStep:
			out = append(out, "each")
		case st.Call != nil:
			out = append(out, st.Call.Name)
		case st.Kind == flow.LetStep:
			if a, ok := st.Expr.(*flow.Apply); ok {
				out = append(out, a.Func)
			}
		}
		return true
	})
	return out, nil
}

// Canon is a flow as a list of lines that is equal for equal flows. Variables are
// replaced by what they hold, so that their names cannot matter.
func (s *Scorer) Canon(text string) ([]string, error) {
	f, err := flow.Parse(text)
	if err != nil {
		return nil, err
	}
	c := &canon{s: s, vars: map[string]binding{}, used: map[string]int{}}
	for _, st := range f.Steps {
		countNames(st, c.used)
	}
	return order(c.block(stackReads(f.Steps))), nil
}

// A binding is what a variable stands for.
type binding struct {
	text string   // canonical text of the value
	key  string   // the resource that changes when the value's files or mails are moved
	from []string // of a pure value: what it was computed from
}

// A canon holds the names in scope while a flow is put into canonical form.
type canon struct {
	s     *Scorer
	vars  map[string]binding
	loops []string // canonical texts of the rows of the loops around, outermost first
	use   *uses    // of the step at hand
	used  map[string]int
}

// An item is one statement in canonical form, and what it touches.
type item struct {
	text string
	uses uses
}

func (c *canon) block(steps []*flow.Step) []item {
	var out []item
	for _, st := range steps {
		if it, ok := c.step(st); ok {
			out = append(out, it)
		}
	}
	return out
}

// step is a statement in canonical form; ok is false when it leaves nothing but a name.
func (c *canon) step(st *flow.Step) (item, bool) {
	outer := c.use
	c.use = &uses{}
	defer func() {
		if outer != nil {
			outer.add(*c.use)
		}
		c.use = outer
	}()
	var text string
	switch st.Kind {
	case flow.LetStep:
		text = c.expr(st.Expr, scope{})
		if st.Var != "" {
			c.vars[st.Var] = binding{text: text, from: c.use.reads}
			if c.used[st.Var] > 0 {
				return item{}, false
			}
		}
	case flow.IfStep:
		text = c.branch(st)
	case flow.EachStep:
		text = c.each(st)
	case flow.EnsureStep:
		text = "if " + negate(c.expr(st.Call.Args[0].Value, scope{}), st.Call.Args[0].Value, c) + "{fail()}"
		c.use.stops = true
	default:
		text = c.call(st)
	}
	return item{text, *c.use}, true
}

func (c *canon) each(st *flow.Step) string {
	row := fmt.Sprintf("row%d of %s", len(c.loops), c.expr(st.Expr, scope{}))
	head := "for " + row
	if st.Call != nil {
		head += c.args("each", named(st.Call.Args))
	}
	old, had := c.vars[st.Var]
	c.vars[st.Var] = binding{text: row, key: row}
	c.loops = append(c.loops, row)
	body := order(c.block(st.Body))
	c.loops = c.loops[:len(c.loops)-1]
	if delete(c.vars, st.Var); had {
		c.vars[st.Var] = old
	}
	return head + "{" + strings.Join(body, "; ") + "}"
}

// branch is an if; a name bound in both of its branches stands for either.
func (c *canon) branch(st *flow.Step) string {
	cond := c.expr(st.Expr, scope{})
	before := clone(c.vars)
	yes := order(c.block(st.Body))
	a := c.vars
	c.vars = clone(before)
	no := order(c.block(st.Else))
	b := c.vars
	c.vars = before
	for name, x := range a {
		if y, ok := b[name]; ok && x.text != y.text {
			c.vars[name] = binding{text: short("either(" + cond + "," + x.text + "," + y.text + ")")}
		} else if ok {
			c.vars[name] = x
		}
	}
	text := "if " + cond + "{" + strings.Join(yes, "; ") + "}"
	if len(no) > 0 {
		text += "else{" + strings.Join(no, "; ") + "}"
	}
	return text
}

func clone(m map[string]binding) map[string]binding {
	out := make(map[string]binding, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func named(args []*flow.Arg) []*flow.Arg {
	var out []*flow.Arg
	for _, a := range args {
		if a.Name != "" {
			out = append(out, a)
		}
	}
	return out
}
