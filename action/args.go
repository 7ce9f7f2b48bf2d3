package action

import (
	"daiban/flow"
)

// A Scope is what the arguments of a call may refer to.
type Scope interface {
	flow.Scope
	// Hole is the value of {name} in a template: from the row in whose loop the step
	// stands, else a variable, else the event, else today, now and n.
	Hole(name string) (flow.Value, bool)
}

// Evaluate computes the arguments of call: values for most, an Expr or Template for those
// that the action itself applies. The common arguments (retry, every …) are not among them.
func Evaluate(a *Action, call *flow.Call, s Scope) (Args, error) {
	args := Args{}
	place := 0
	for _, arg := range call.Args {
		p := a.Param(arg.Name)
		if arg.Name == "" {
			if p = a.positional(place); p == nil {
				return nil, Bad("%s 的参数太多", "%s has too many arguments", a.Name)
			}
			place++
		}
		if p == nil {
			continue // a common argument, or one that check has refused
		}
		v, err := p.evaluate(arg.Value, s)
		if err != nil {
			return nil, err
		}
		args[p.Name] = v
	}
	return args, nil
}

// Param of the n-th argument given by position, from 0; nil when there is none.
func (a *Action) positional(n int) *Param {
	for i := range a.Params {
		if !a.Params[i].Positional {
			continue
		}
		if n == 0 {
			return &a.Params[i]
		}
		n--
	}
	return nil
}

// ParamOf is the parameter that an argument of call gives, or nil.
func (a *Action) ParamOf(call *flow.Call, arg *flow.Arg) *Param {
	if arg.Name != "" {
		return a.Param(arg.Name)
	}
	for n, x := range call.Positional() {
		if x == arg {
			return a.positional(n)
		}
	}
	return nil
}

func (p *Param) evaluate(e flow.Expr, s Scope) (any, error) {
	switch p.Type.Name {
	case "expr":
		return Expr{flow.PrintExpr(e), func(cols []flow.Column) (func([]flow.Value) (flow.Value, error), error) {
			return flow.CompileRow(bindNames(e, cols, s), cols, s)
		}, s}, nil
	case "template":
		if lit, ok := e.(*flow.Lit); ok && lit.Value.IsText() {
			return TemplateOf(lit.Value.Text(), s), nil
		}
	case "column", "secret", "bool", "number", "duration", "date":
		return flow.Eval(e, s)
	}
	if p.Raw {
		return flow.Eval(e, s)
	}
	return EvalFilled(e, s)
}

// TemplateOf is text as a template over s.
func TemplateOf(text string, s Scope) Template {
	return Template{text, func(own map[string]flow.Value) (string, error) {
		return flow.Fill(text, func(name string) (flow.Value, bool) {
			if v, ok := own[name]; ok {
				return v, true
			}
			return s.Hole(name)
		})
	}}
}

// EvalFilled is flow.Eval with the templates among e's literal texts filled. Only what is
// written in the flow is a template, never a value that was computed or read.
func EvalFilled(e flow.Expr, s Scope) (flow.Value, error) {
	switch e := e.(type) {
	case *flow.Lit:
		if e.Value.Kind() != flow.TextKind {
			return e.Value, nil
		}
		return flow.FillValue(e.Value.Text(), s.Hole)
	case *flow.List:
		items := make([]flow.Value, len(e.Items))
		for i, x := range e.Items {
			v, err := EvalFilled(x, s)
			if err != nil {
				return flow.Value{}, err
			}
			items[i] = v
		}
		if e.Tuple {
			return flow.TupleOf(items...), nil
		}
		return flow.ListOf(items...), nil
	case *flow.Dict:
		return evalDict(e, s)
	}
	return flow.Eval(e, s)
}

func evalDict(e *flow.Dict, s Scope) (flow.Value, error) {
	var cols []flow.Column
	var vals []flow.Value
	for i := range e.Keys {
		k, err := flow.Eval(e.Keys[i], s)
		if err != nil {
			return flow.Value{}, err
		}
		v, err := EvalFilled(e.Values[i], s)
		if err != nil {
			return flow.Value{}, err
		}
		cols = append(cols, flow.Column{Name: k.String(), Kind: v.Kind()})
		vals = append(vals, v)
	}
	return flow.RowOf(flow.NewRow(cols, vals)), nil
}

// bindNames is e with the names that are neither a column nor a variable replaced by the one
// column that they mean (Resolve). Names that check could bind are bound already.
func bindNames(e flow.Expr, cols []flow.Column, s Scope) flow.Expr {
	copied, err := flow.Parse("x = " + flow.PrintExpr(e))
	if err != nil {
		return e
	}
	out := copied.Steps[0].Expr
	if out == nil {
		return e
	}
	flow.WalkExpr(out, func(x flow.Expr) {
		switch x := x.(type) {
		case *flow.Name:
			if flow.ColumnIndex(cols, x.Name) >= 0 {
				return
			}
			if _, ok := s.Lookup(x.Name); ok {
				return
			}
			if i, err := Resolve(x.Name, cols); err == nil {
				x.Name = cols[i].Name
			}
		case *flow.Apply:
			if l, ok := columnName(x); ok && flow.ColumnIndex(cols, l.Value.Text()) < 0 {
				if i, err := Resolve(l.Value.Text(), cols); err == nil {
					l.Value = flow.Text(cols[i].Name)
				}
			}
		}
	})
	return out
}

// columnName is the literal in col("…").
func columnName(x *flow.Apply) (*flow.Lit, bool) {
	if x.Func != "col" || len(x.Args) != 1 {
		return nil, false
	}
	l, ok := x.Args[0].(*flow.Lit)
	return l, ok
}
