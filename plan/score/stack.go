package score

import (
	"slices"
	"strings"

	"daiban/flow"
)

// stackReads replaces reading several files and stacking the tables by reading the
// list of files, which is the same.
func stackReads(steps []*flow.Step) []*flow.Step {
	uses := map[string]int{}
	reads := map[string]*flow.Step{}
	for _, st := range steps {
		countNames(st, uses)
		if st.Kind == flow.DoStep && st.Call.Name == "table.read" && len(st.Call.Args) == 1 && st.Var != "" {
			reads[st.Var] = st
		}
	}
	out := slices.Clone(steps)
	for i, st := range out {
		if st == nil || st.Kind != flow.DoStep || st.Call.Name != "table.stack" || len(st.Call.Args) != 1 {
			continue
		}
		l, ok := st.Call.Args[0].Value.(*flow.List)
		if !ok {
			continue
		}
		files, ok := readFiles(l, reads, uses)
		if !ok {
			continue
		}
		for _, x := range l.Items {
			k := slices.Index(out, reads[x.(*flow.Name).Name])
			out[k] = nil
		}
		merged := *st
		merged.Call = &flow.Call{Name: "table.read", Args: []*flow.Arg{{Value: files}}}
		out[i] = &merged
	}
	return slices.DeleteFunc(out, func(s *flow.Step) bool { return s == nil })
}

// readFiles is the files of the tables in l, where each is read for this alone.
func readFiles(l *flow.List, reads map[string]*flow.Step, uses map[string]int) (*flow.List, bool) {
	files := &flow.List{}
	for _, x := range l.Items {
		n, ok := x.(*flow.Name)
		if !ok || reads[n.Name] == nil || uses[n.Name] != 1 {
			return nil, false
		}
		files.Items = append(files.Items, reads[n.Name].Call.Args[0].Value)
	}
	return files, len(files.Items) > 1
}

func countNames(st *flow.Step, uses map[string]int) {
	count := func(e flow.Expr) {
		walkExpr(e, func(x flow.Expr) {
			if n, ok := x.(*flow.Name); ok {
				uses[n.Name]++
			}
			if s, ok := literal(x); ok {
				for _, h := range hole.FindAllStringSubmatch(s, -1) {
					root, _, _ := strings.Cut(h[1], ".")
					uses[root]++
				}
			}
		})
	}
	count(st.Expr)
	if st.Call != nil {
		for _, a := range st.Call.Args {
			count(a.Value)
		}
	}
	for _, b := range [][]*flow.Step{st.Body, st.Else} {
		for _, s := range b {
			countNames(s, uses)
		}
	}
}

func walkExpr(e flow.Expr, visit func(flow.Expr)) {
	if e == nil {
		return
	}
	visit(e)
	var kids []flow.Expr
	switch e := e.(type) {
	case *flow.Field:
		kids = []flow.Expr{e.X}
	case *flow.Index:
		kids = []flow.Expr{e.X, e.Key}
	case *flow.Apply:
		kids = e.Args
	case *flow.List:
		kids = e.Items
	case *flow.Dict:
		kids = append(slices.Clone(e.Keys), e.Values...)
	case *flow.Unary:
		kids = []flow.Expr{e.X}
	case *flow.Binary:
		kids = []flow.Expr{e.X, e.Y}
	}
	for _, k := range kids {
		walkExpr(k, visit)
	}
}
