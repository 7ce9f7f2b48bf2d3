package phrasebook

import "daiban/flow"

// eachExpr visits every expression of a flow, outer before inner.
func eachExpr(f *flow.Flow, visit func(flow.Expr)) {
	eachArg(f, func(e flow.Expr) flow.Expr { visit(e); return e })
}

// eachArg replaces every expression of a flow by what change gives for it, inner ones
// after the one they stand in.
func eachArg(f *flow.Flow, change func(flow.Expr) flow.Expr) {
	f.Walk(func(s *flow.Step) bool {
		if s.Expr != nil {
			s.Expr = rewrite(s.Expr, change)
		}
		if s.Call != nil {
			for _, a := range s.Call.Args {
				a.Value = rewrite(a.Value, change)
			}
		}
		return true
	})
}

func rewrite(e flow.Expr, change func(flow.Expr) flow.Expr) flow.Expr {
	e = change(e)
	list := func(xs []flow.Expr) {
		for i := range xs {
			xs[i] = rewrite(xs[i], change)
		}
	}
	switch x := e.(type) {
	case *flow.Field:
		x.X = rewrite(x.X, change)
	case *flow.Index:
		x.X, x.Key = rewrite(x.X, change), rewrite(x.Key, change)
	case *flow.Apply:
		list(x.Args)
	case *flow.List:
		list(x.Items)
	case *flow.Dict:
		list(x.Keys)
		list(x.Values)
	case *flow.Unary:
		x.X = rewrite(x.X, change)
	case *flow.Binary:
		x.X, x.Y = rewrite(x.X, change), rewrite(x.Y, change)
	}
	return e
}
