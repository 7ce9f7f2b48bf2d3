package flowgrammar

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// kind is what a variable holds, as far as that is known before the run: a type of the catalogue.
type kind struct {
	name   string // "any" when it is not known
	list   bool
	single bool // a list that has one item: what was made of one file
}

// scope is the variables at one place, by name; event.file and the like are among them.
type scope map[string]kind

// A place is where the next line may stand: at one of several depths.
type place struct {
	levels []spot
	mayEnd bool
}

// A spot is one depth at which the next line may stand.
type spot struct {
	depth  int
	vars   scope
	loops  []string // names that must not be assigned
	orElse bool     // elif and else may stand here
	params bool     // param and triggers may stand here
	empty  bool     // nothing stands before it: cannot may
	used   []string // triggers that are there
}

const indent = "    "

// place reads the lines so far.
func (l *Lines) place(text string) (*place, error) {
	if text != "" && !strings.HasSuffix(text, "\n") {
		return nil, fmt.Errorf("the text so far does not end with a line: %q", last(text))
	}
	if text == "" {
		return &place{levels: []spot{{vars: scope{}, params: true, empty: true}}}, nil
	}
	lastLine := last(strings.TrimSuffix(text, "\n"))
	source := text
	header := strings.HasSuffix(lastLine, ":")
	if header { // its block is still to come
		source += lastLine[:len(lastLine)-len(strings.TrimLeft(lastLine, " "))] + indent + "stop(" + flow.Quote(openBlock) + ")\n"
	}
	f, err := flow.Parse(source)
	if err != nil {
		return nil, fmt.Errorf("the lines so far are no flow: %w", err)
	}
	w := &walker{l: l, p: &place{}}
	w.block(f.Steps, scope{}, nil, 0)
	w.p.mayEnd = !header && w.acts
	if len(f.Steps) == 1 && f.Steps[0].Kind == flow.CannotStep {
		return &place{mayEnd: true}, nil
	}
	slices.Reverse(w.p.levels)
	if header {
		w.p.levels = w.p.levels[len(w.p.levels)-1:]
	}
	return w.p, nil
}

// openBlock is the reason of the stop that stands for the body of a block that is not yet written. It is no text of a
// request.
const openBlock = "\x01"

func last(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// walker follows the last statement of each block down to the end of the text.
type walker struct {
	l    *Lines
	p    *place
	acts bool // something but triggers and params is there
}

// block goes through steps, whose scope is vars, and notes the spot after them, inner spots first.
func (w *walker) block(steps []*flow.Step, vars scope, loops []string, depth int) scope {
	at := spot{depth: depth, loops: loops, params: depth == 0}
	for i, s := range steps {
		if s.Kind == flow.StopStep && len(s.Call.Args) == 1 && isOpen(s.Call.Args[0].Value) {
			break
		}
		end := i == len(steps)-1
		w.l.step(vars, s)
		switch s.Kind {
		case flow.TriggerStep:
			at.used = append(at.used, s.Call.Name)
		case flow.ParamStep:
			at.used = append(at.used, "param")
		default:
			at.params = false
			w.acts = true
		}
		if s.Kind == flow.EachStep || s.Kind == flow.IfStep {
			w.inner(s, vars, loops, depth, end)
		}
		if end {
			at.orElse = s.Kind == flow.IfStep && !hasElse(s)
			if s.Kind == flow.StopStep || s.Kind == flow.FailStep {
				return vars // nothing after it is reached
			}
		}
	}
	at.vars = vars
	w.p.levels = append(w.p.levels, at)
	return vars
}

// inner goes through the blocks of s. When s is the last statement they may go on.
func (w *walker) inner(s *flow.Step, vars scope, loops []string, depth int, end bool) {
	keep := w.p.levels
	if s.Kind == flow.EachStep {
		in := maps.Clone(vars)
		in[s.Var] = w.l.item(vars, s.Expr)
		w.block(s.Body, in, append(slices.Clone(loops), s.Var), depth+1)
		if !end {
			w.p.levels = keep
		}
		return
	}
	before := maps.Clone(vars)
	a := w.block(s.Body, maps.Clone(before), loops, depth+1)
	if len(s.Else) > 0 || !end {
		w.p.levels = keep
	}
	aEnds := ends(s.Body)
	b, bEnds := before, false
	if len(s.Else) > 0 {
		b = maps.Clone(before)
		if len(s.Else) == 1 && s.Else[0].Elif {
			w.inner(s.Else[0], b, loops, depth, end)
		} else {
			b = w.block(s.Else, b, loops, depth+1)
			if !end {
				w.p.levels = keep
			}
		}
		bEnds = ends(s.Else)
	}
	join(vars, a, b, aEnds, bEnds)
}

// join makes vars what holds after two branches: a name must hold in both, unless one has ended.
func join(vars, a, b scope, aEnds, bEnds bool) {
	clear(vars)
	switch {
	case aEnds && !bEnds:
		maps.Copy(vars, b)
		return
	case bEnds && !aEnds:
		maps.Copy(vars, a)
		return
	}
	for name, k := range a {
		other, ok := b[name]
		if !ok {
			continue
		}
		if k != other {
			k = kind{name: "any"}
		}
		vars[name] = k
	}
}

// ends reports whether nothing after steps is reached.
func ends(steps []*flow.Step) bool {
	if len(steps) == 0 {
		return false
	}
	s := steps[len(steps)-1]
	switch s.Kind {
	case flow.StopStep, flow.FailStep:
		return !(len(s.Call.Args) == 1 && isOpen(s.Call.Args[0].Value))
	case flow.IfStep:
		return ends(s.Body) && ends(s.Else)
	}
	return false
}

func hasElse(s *flow.Step) bool {
	if len(s.Else) == 1 && s.Else[0].Elif {
		return hasElse(s.Else[0])
	}
	return len(s.Else) > 0
}

func isOpen(e flow.Expr) bool {
	l, ok := e.(*flow.Lit)
	return ok && l.Value.IsText() && l.Value.Text() == openBlock
}

// step is what s adds to vars.
func (l *Lines) step(vars scope, s *flow.Step) {
	if s.Kind == flow.TriggerStep {
		for _, field := range flow.Triggers[s.Call.Name] {
			vars["event."+field] = eventKinds[field]
		}
		return
	}
	if s.Var == "" || s.Kind == flow.EachStep {
		return
	}
	k := kind{name: "any"}
	switch s.Kind {
	case flow.DoStep:
		if a := l.g.actions.Find(s.Call.Name); a != nil {
			k = kind{a.Result.Name, a.Result.List, a.Result.List && ofOne(vars, s.Call, a)}
		}
	case flow.LetStep:
		k = kindOf(vars, s.Expr)
	}
	if k.name == "" {
		k.name = "any"
	}
	vars[s.Var] = k
}

// ofOne reports whether the files that a call is given are one file.
func ofOne(vars scope, c *flow.Call, a *action.Action) bool {
	for _, x := range c.Args {
		if p := a.ParamOf(c, x); p != nil && p.Type.Name == "path" && !p.Out {
			k := kindOf(vars, x.Value)
			return p.Type.List && !k.list && (k.name == "path" || k.name == "text")
		}
	}
	return false
}

var eventKinds = map[string]kind{"file": {name: "path"}, "mail": {name: "mail"}, "body": {name: "any"}, "item": {name: "row"}}

// item is what a loop over e goes through.
func (l *Lines) item(vars scope, e flow.Expr) kind {
	k := kindOf(vars, e)
	switch {
	case k.list:
		return kind{name: k.name}
	case k.name == "table", k.name == "rows":
		return kind{name: "row"}
	}
	return kind{name: "any"}
}

var kindsOf = map[flow.Kind]string{flow.TextKind: "text", flow.NumberKind: "number", flow.BoolKind: "bool", flow.DateKind: "date", flow.TimeKind: "date", flow.DurationKind: "duration", flow.PathKind: "path"}

// kindOf is the kind of an expression over vars.
func kindOf(vars scope, e flow.Expr) kind {
	switch e := e.(type) {
	case *flow.Lit:
		if name := kindsOf[e.Value.Kind()]; name != "" {
			return kind{name: name}
		}
	case *flow.Name:
		if k, ok := vars[e.Name]; ok {
			return k
		}
	case *flow.Field:
		if x, ok := e.X.(*flow.Name); ok && x.Name == "event" {
			return vars["event."+e.Name]
		}
	case *flow.Apply:
		if f := flow.Funcs[e.Func]; f != nil && kindsOf[f.Result] != "" {
			return kind{name: kindsOf[f.Result]}
		}
	case *flow.List:
		if len(e.Items) > 0 && !e.Tuple {
			k := kindOf(vars, e.Items[0])
			return kind{name: k.name, list: true}
		}
	case *flow.Index:
		k := kindOf(vars, e.X)
		switch {
		case k.list:
			return kind{name: k.name}
		case k.name == "table", k.name == "rows":
			return kind{name: "row"}
		}
	case *flow.Binary:
		if !slices.Contains([]string{"+", "-", "*", "/", "//", "%"}, e.Op) {
			return kind{name: "bool"}
		}
		if a, b := kindOf(vars, e.X), kindOf(vars, e.Y); a == b && a.name == "number" {
			return a
		}
	}
	return kind{name: "any"}
}
