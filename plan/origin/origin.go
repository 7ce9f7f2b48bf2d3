// Package origin finds the words of a request that the values of a flow came from: as they stand there, in another
// width or case, put together of several, or said in another way (三千五 for 3500, 上个月 for month_start(-1)).
//
// It looks at the request and the flow alone, whoever planned it: what it finds is what a person is shown beside a
// value, not a proof of how the planner came to it.
package origin

import (
	"cmp"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
	"daiban/plan/flowgrammar"
)

// A Span is bytes of the request.
type Span struct{ From, To int }

// A Value is a text, number, day or column of a flow, with the words that it came from.
type Value struct {
	Step  string // its id
	Arg   string // the argument, "" for a condition or a list that is no argument
	Text  string // the value, as the flow writes it
	Spans []Span // in the order of the value's parts; none: the request does not say it
}

// Find goes through the values of a flow. What an action lets one choose from (kind="bar"), true and false, and the
// names of variables are none. actions may be nil.
func Find(request string, f *flow.Flow, actions action.Set) []Value {
	x := &finder{text: newFolded(request), vars: map[string]bool{}, actions: actions}
	x.numbers = flowgrammar.Numbers(x.text.s)
	f.Walk(func(s *flow.Step) bool {
		x.step = s.ID
		if s.Var != "" {
			defer func() { x.vars[s.Var] = true }()
		}
		if s.Kind == flow.EachStep {
			x.vars[s.Var] = true
		}
		x.expr("", s.Expr)
		if s.Call != nil {
			x.call(s.Call)
		}
		return true
	})
	return x.out
}

type finder struct {
	text    *folded
	numbers map[string][2]int
	actions action.Set
	vars    map[string]bool
	step    string
	out     []Value
}

func (x *finder) call(c *flow.Call) {
	a := x.actions.Find(c.Name)
	for _, arg := range c.Args {
		name := arg.Name
		if a != nil {
			if p := a.ParamOf(c, arg); p != nil {
				name = p.Name
				if len(p.Choices) > 0 {
					continue
				}
			}
		}
		x.expr(name, arg.Value)
	}
}

// expr notes the values in e.
func (x *finder) expr(arg string, e flow.Expr) {
	switch e := e.(type) {
	case *flow.Lit:
		switch e.Value.Kind() {
		case flow.TextKind:
			x.note(arg, flow.PrintExpr(e), x.words(e.Value.Text()))
		case flow.NumberKind:
			x.note(arg, flow.PrintExpr(e), x.number(e.Value.Number().String()))
		}
	case *flow.Name:
		if !x.vars[e.Name] && e.Name != "event" {
			x.note(arg, e.Name, x.words(e.Name))
		}
	case *flow.Field:
		x.expr(arg, e.X)
		if n, ok := e.X.(*flow.Name); ok && n.Name != "event" {
			if s := x.words(e.Name); s != nil {
				x.note(arg, e.Name, s)
			}
		}
	case *flow.Index:
		x.expr(arg, e.X)
		if l, ok := e.Key.(*flow.Lit); ok && l.Value.IsText() {
			x.expr(arg, e.Key)
		}
	case *flow.Apply:
		x.apply(arg, e)
	case *flow.List:
		for _, i := range e.Items {
			x.expr(arg, i)
		}
	case *flow.Dict:
		for i := range e.Keys {
			x.expr(arg, e.Keys[i])
			x.expr(arg, e.Values[i])
		}
	case *flow.Unary:
		x.expr(arg, e.X)
	case *flow.Binary:
		if day := flow.PrintExpr(e); (e.Op == "-" || e.Op == "+") && isDay(e.X) {
			if s := x.said(days[day]); s != nil || days[day] != nil {
				x.note(arg, day, s)
				return
			}
		}
		x.expr(arg, e.X)
		x.expr(arg, e.Y)
	}
}

func isDay(e flow.Expr) bool {
	a, ok := e.(*flow.Apply)
	return ok && (a.Func == "today" || a.Func == "now")
}

// apply notes a day, or what is in another function.
func (x *finder) apply(arg string, e *flow.Apply) {
	text := flow.PrintExpr(e)
	if words := days[text]; words != nil {
		x.note(arg, text, x.said(words))
		return
	}
	for _, a := range e.Args {
		x.expr(arg, a)
	}
}

func (x *finder) note(arg, text string, spans []Span) {
	v := Value{Step: x.step, Arg: arg, Text: text, Spans: spans}
	if !slices.ContainsFunc(x.out, func(o Value) bool { return o.Step == v.Step && o.Arg == v.Arg && o.Text == v.Text }) {
		x.out = append(x.out, v)
	}
}

// number is where the request says n.
func (x *finder) number(n string) []Span {
	if at, ok := x.numbers[n]; ok {
		return []Span{x.text.span(at[0], at[1])}
	}
	return x.said(counted[n])
}

// words is where the request says s: whole, or else its parts.
func (x *finder) words(s string) []Span {
	if at, ok := x.text.find(s, 0); ok {
		return []Span{at}
	}
	if spans := x.said(times[strings.ToLower(s)]); spans != nil {
		return spans
	}
	var out []Span
	from, known := 0, true
	for _, part := range parts(s) {
		if !known && part[0] == '.' { // the ending of a name that is not said
			continue
		}
		known = true
		at, ok := x.text.find(part, from)
		if !ok {
			at, ok = x.text.find(part, 0)
		}
		if !ok {
			if spans := x.said(times[strings.ToLower(part)]); spans != nil {
				out = append(out, spans...)
			} else if n, ok := clock(x.text.s, part); ok {
				out = append(out, x.text.span(n[0], n[1]))
			} else {
				known = false
			}
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].To == at.From {
			at.From = out[last].From
			out = out[:last]
		}
		out = append(out, at)
		from = x.text.index(at.To)
	}
	return out
}

// said is where one of words stands, the longest first.
func (x *finder) said(words []string) []Span {
	best, ok := Span{}, false
	for _, w := range words {
		if at, found := x.text.find(w, 0); found && (!ok || at.To-at.From > best.To-best.From) {
			best, ok = at, true
		}
	}
	if !ok {
		return nil
	}
	return []Span{best}
}

// parts cuts a text where a planner may have put it together: at holes, separators and the dot of an ending.
func parts(s string) []string {
	var out []string
	for s != "" {
		if i := strings.IndexByte(s, '{'); i >= 0 {
			if j := strings.IndexByte(s[i:], '}'); j > 0 {
				out = append(append(out, parts(s[:i])...), s[i+1:i+j])
				s = s[i+j+1:]
				continue
			}
		}
		break
	}
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(`/\_ ：，、,*`, r) }) {
		if i := strings.LastIndexByte(p, '.'); i > 0 {
			out = append(out, p[:i], p[i:])
			continue
		}
		out = append(out, p)
	}
	return slices.DeleteFunc(out, func(p string) bool { return strings.Trim(p, ".*") == "" })
}

// Words is the words of the request that v came from.
func (v Value) Words(request string) []string {
	var out []string
	for _, s := range v.Spans {
		out = append(out, request[s.From:s.To])
	}
	return out
}

// compare orders spans by their place.
func (s Span) compare(o Span) int {
	return cmp.Or(cmp.Compare(s.From, o.From), cmp.Compare(s.To, o.To))
}
