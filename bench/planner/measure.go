package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions"
	"daiban/data"
	"daiban/flow"
	"daiban/plan"
	"daiban/plan/score"
)

// result is what became of one pair.
type result struct {
	data.Pair
	got     plan.Draft
	exact   bool
	actions bool
	refused bool // by the checker
	args    match
	holes   match // that were asked
	seconds float64
}

// match is how many of some things were found: of got, of right, and of both.
type match struct{ got, right, both int }

func (m *match) add(o match) { m.got, m.right, m.both = m.got+o.got, m.right+o.right, m.both+o.both }

// f1 is the harmonic mean of precision and recall.
func (m match) f1() float64 {
	if m.got+m.right == 0 {
		return 1
	}
	return 2 * float64(m.both) / float64(m.got+m.right)
}

func isCannot(src string) bool { return strings.HasPrefix(src, "cannot(") }

// asked reports whether a person is asked before anything is done.
func (r *result) asked() bool {
	return r.got.Understood && (len(r.got.Readings) > 0 || r.holes.got > 0 && !isCannot(r.got.Flow))
}

// acted reports whether the flow would run without a question.
func (r *result) acted() bool {
	return r.got.Understood && !r.refused && !r.asked() && !isCannot(r.got.Flow)
}

func (b *bench) measure(ctx context.Context, p plan.Planner, pairs []data.Pair) ([]result, error) {
	set := actions.All()
	scorer := score.New(set)
	var all []result
	for _, pair := range pairs {
		start := time.Now()
		d, err := p.Plan(ctx, plan.Request{Text: pair.Request})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pair.Request, err)
		}
		r := result{Pair: pair, got: d, seconds: time.Since(start).Seconds()}
		r.judge(scorer, set)
		if b.wrong && !r.exact {
			fmt.Printf("# %s\n-- right\n%s\n-- got (%.2f)\n%s%s\n\n", pair.Request, pair.Flow, d.Confidence, d.Flow, d.Why)
		}
		all = append(all, r)
	}
	return all, nil
}

// judge holds the answer against the right ones.
func (r *result) judge(scorer *score.Scorer, set action.Set) {
	right := append([]string{r.Flow}, r.Also...)
	ok := r.got.Understood
	r.exact = ok && scorer.SameAny(r.got.Flow, right...)
	r.actions = ok && slices.ContainsFunc(right, func(f string) bool { return scorer.Actions(r.got.Flow, f) })
	r.refused = ok && len(faults(r.got.Flow)) > 0
	for i, f := range right {
		if m := compare(arguments(r.got.Flow, set), arguments(f, set)); i == 0 || m.f1() > r.args.f1() {
			r.args = m
		}
		if m := compare(holes(r.got.Flow, set), holes(f, set)); i == 0 || m.f1() > r.holes.f1() {
			r.holes = m
		}
	}
}

// compare counts what two bags have in common.
func compare(got, right map[string]int) match {
	var m match
	for k, n := range got {
		m.got += n
		m.both += min(n, right[k])
	}
	for _, n := range right {
		m.right += n
	}
	return m
}

// loose is the arguments whose words nobody compares.
var loose = []string{"cannot.0", "stop.0", "fail.0", "ensure.1", "person.approve.what", "person.ask.question", "text.write.instruction"}

// arguments is the arguments of a flow's calls as action.argument=value, variables by the order of their appearance,
// without those that say the default.
func arguments(src string, set action.Set) map[string]int {
	out := map[string]int{}
	each(src, set, func(name string, p *action.Param, arg string, e flow.Expr, text string) {
		if slices.Contains(loose, name+"."+arg) {
			text = ""
		}
		if p == nil || !p.Optional || text != flow.PrintValue(p.Default) {
			out[name+"."+arg+"="+text]++
		}
	})
	return out
}

// holes is the arguments that are missing, as action.argument.
func holes(src string, set action.Set) map[string]int {
	out := map[string]int{}
	each(src, set, func(name string, _ *action.Param, arg string, e flow.Expr, _ string) {
		flow.WalkExpr(e, func(e flow.Expr) {
			if _, ok := e.(*flow.Missing); ok {
				out[name+"."+arg]++
			}
		})
	})
	return out
}

// each calls visit for every argument of a flow.
func each(src string, set action.Set, visit func(name string, p *action.Param, arg string, e flow.Expr, text string)) {
	f, err := flow.Parse(src)
	if err != nil {
		return
	}
	vars := map[string]string{}
	f.Walk(func(s *flow.Step) bool {
		if s.Kind == flow.EachStep || s.Kind == flow.IfStep {
			visit(map[flow.StepKind]string{flow.EachStep: "each", flow.IfStep: "if"}[s.Kind], nil, "", s.Expr, rename(s.Expr, vars))
		}
		if s.Call != nil {
			a := set.Find(s.Call.Name)
			for i, x := range s.Call.Args {
				name := x.Name
				var p *action.Param
				if a != nil {
					if p = a.ParamOf(s.Call, x); p != nil {
						name = p.Name
					}
				}
				if name == "" {
					name = fmt.Sprint(i)
				}
				visit(s.Call.Name, p, name, x.Value, rename(x.Value, vars))
			}
		}
		if s.Var != "" {
			vars[s.Var] = fmt.Sprintf("v%d", len(vars)+1)
		}
		return true
	})
}

// rename prints e with the variables as they are numbered.
func rename(e flow.Expr, vars map[string]string) string {
	if e == nil {
		return ""
	}
	old := map[*flow.Name]string{}
	flow.WalkExpr(e, func(e flow.Expr) {
		if n, ok := e.(*flow.Name); ok && vars[n.Name] != "" {
			old[n] = n.Name
			n.Name = vars[n.Name]
		}
	})
	text := flow.PrintExpr(e)
	for n := range maps.Keys(old) {
		n.Name = old[n]
	}
	if l, ok := e.(*flow.List); ok && len(l.Items) == 1 && !l.Tuple {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	}
	return text
}
