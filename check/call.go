package check

import (
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// A callee is what a call's arguments are checked against.
type callee struct {
	name    string
	params  []action.Param
	options bool // takes retry, every, timeout, on_error
}

// reasonCall is stop or fail.
func reasonCall(name string) callee {
	return callee{name: name, params: []action.Param{{Name: "reason", Type: action.Type{Name: "text"}, Positional: true}}}
}

var ensureCall = callee{name: "ensure", params: []action.Param{
	{Name: "condition", Type: action.Type{Name: "condition"}, Positional: true},
	{Name: "reason", Type: action.Type{Name: "text"}, Positional: true},
}}

// call checks a step that is an action and says what is known of its result.
func (c *checker) call(s *flow.Step) static {
	a := c.env.Actions.Find(s.Call.Name)
	if a == nil {
		return c.unknownAction(s)
	}
	c.used[a.Name] = true
	if a.Later {
		c.later[a.Name] = true
		c.warn(s.Pos, "这一版还没有 %s，运行到这一步会停下", "this build does not have %s yet: the run stops at this step", a.Name)
	}
	args := c.arguments(s, callee{a.Name, a.Params, true})
	known := &callStatic{c: c, a: a, args: args, vals: map[string]static{}}
	for i := range a.Params {
		if p := &a.Params[i]; args[p.Name] != nil {
			c.param1(known, p, args[p.Name])
		}
	}
	c.whole(s, a, args)
	c.browse(s, known)
	out := resultOf(a)
	out.one = known.single()
	if a.Shape != nil {
		if cols, ok := a.Shape(known); ok {
			out = withColumns(out, cols)
		}
	}
	c.written(s, a, known, &out)
	c.effect(s, a, args, known)
	out.skip = c.options(s, a)
	return out
}

// withColumns is out with its columns known.
func withColumns(out static, cols []flow.Column) static {
	switch {
	case out.kind == flow.ListKind && out.elem != nil:
		e := *out.elem
		e.cols, e.known = cols, true
		out.elem = &e
	case out.kind == flow.UnknownKind: // text or table: with columns it is a table
		out = tableStatic(cols, true)
	default:
		out.cols, out.known = cols, true
	}
	return out
}

func (c *checker) unknownAction(s *flow.Step) static {
	near := flow.Nearest(s.Call.Name, append(c.env.Actions.Names(), flow.FuncNames()...))
	if family, verb, ok := strings.Cut(s.Call.Name, "."); ok && len(near) == 0 {
		for _, n := range c.env.Actions.Names() {
			if strings.HasPrefix(n, family+".") || strings.HasSuffix(n, "."+verb) {
				near = append(near, n)
			}
		}
		near = near[:min(3, len(near))]
	}
	c.badNear(s.Call.Pos, near, "没有动作 %s", "there is no action %s", s.Call.Name)
	for _, a := range s.Call.Args {
		if !isRowExpr(a.Value) {
			continue
		}
		a.Value, _ = c.expr(a.Value, &place{action: s.Call.Name, arg: a.Name})
	}
	c.world.wild = true // nobody knows what it would write
	return static{kind: flow.UnknownKind, hole: true}
}

// isRowExpr reports whether names in e can only be variables: a condition may be over rows.
func isRowExpr(e flow.Expr) bool {
	switch e.(type) {
	case *flow.Binary, *flow.Unary, *flow.Apply, *flow.Missing:
		return false
	}
	return true
}

// arguments gives each argument of s its parameter: those by position in order, the others
// by name. Unknown names, too many and wrong ones are findings; a required one that is
// absent is asked for and added.
func (c *checker) arguments(s *flow.Step, f callee) map[string]*flow.Arg {
	args := map[string]*flow.Arg{}
	c.named(s, f, args)
	c.positional(s, f, args)
	for i := range f.params {
		p := &f.params[i]
		if args[p.Name] != nil || p.Optional {
			continue
		}
		args[p.Name] = c.absent(s, f, p)
	}
	if f.name == "chat.send" && args["text"] == nil && args["attach"] == nil {
		args["text"] = c.absent(s, f, paramOf(f, "text")) // nothing to send
	}
	return args
}

func (c *checker) named(s *flow.Step, f callee, args map[string]*flow.Arg) {
	for _, a := range s.Call.Args {
		if a.Name == "" {
			continue
		}
		if paramOf(f, a.Name) != nil {
			args[a.Name] = a
			continue
		}
		if f.options && slices.Contains(flow.CommonArgs, a.Name) {
			continue // options looks at it
		}
		c.badNear(a.Pos, c.nearArg(f, a.Name), "%s 没有参数 %s", "%s has no argument %s", f.name, a.Name)
	}
}

func (c *checker) nearArg(f callee, name string) []string {
	var names []string
	for _, p := range f.params {
		names = append(names, p.Name)
	}
	if near := flow.Nearest(name, append(names, flow.CommonArgs...)); len(near) > 0 {
		return near
	}
	return names[:min(len(names), 5)]
}

func paramOf(f callee, name string) *action.Param {
	for i := range f.params {
		if f.params[i].Name == name {
			return &f.params[i]
		}
	}
	return nil
}

// positional gives the arguments without a name to the `*` parameters that no name has
// taken. Where that is not their natural place the bound tree gets the name.
func (c *checker) positional(s *flow.Step, f callee, args map[string]*flow.Arg) {
	var free, all []*action.Param
	for i := range f.params {
		if p := &f.params[i]; p.Positional {
			all = append(all, p)
			if args[p.Name] == nil {
				free = append(free, p)
			}
		}
	}
	for i, a := range s.Call.Positional() {
		if i >= len(free) {
			c.tooMany(s, f, a, all)
			return
		}
		args[free[i].Name] = a
		if all[i] != free[i] {
			a.Name = free[i].Name
		}
	}
}

func (c *checker) tooMany(s *flow.Step, f callee, a *flow.Arg, all []*action.Param) {
	n := len(s.Call.Positional())
	switch {
	case len(all) == 1 && all[0].Type.List:
		c.bad(a.Pos, "%s 给了 %d 个不带名字的参数，最多 1 个；几个一起写成列表 […]，其余写名字：%s", "%s has %d arguments without a name, at most 1: write several as a list […], name the others: %s", f.name, n, c.list(paramNames(f.params)))
	case len(all) == 0:
		c.bad(a.Pos, "%s 的参数都要写名字：%s", "the arguments of %s are given by name: %s", f.name, c.list(paramNames(f.params)))
	default:
		c.bad(a.Pos, "%s 给了 %d 个不带名字的参数，最多 %d 个；其余写名字：%s", "%s has %d arguments without a name, at most %d; the others are named: %s", f.name, n, len(all), c.list(paramNames(f.params)))
	}
}

func paramNames(ps []action.Param) []string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = p.Name
	}
	return out
}

// absent adds a required argument that is not written: a hole, which is asked for.
func (c *checker) absent(s *flow.Step, f callee, p *action.Param) *flow.Arg {
	add := func(call *flow.Call) *flow.Arg {
		a := &flow.Arg{Pos: call.Pos, Name: p.Name, Value: &flow.Missing{Pos: c.newPos(call.Pos)}}
		n := 0
		for i := range f.params {
			if q := &f.params[i]; q == p && p.Positional && len(call.Positional()) == n {
				a.Name = ""
				call.Args = slices.Insert(call.Args, n, a)
				return a
			} else if q.Positional {
				n++
			}
		}
		call.Args = append(call.Args, a)
		return a
	}
	fresh := c.fresh
	if d := c.draft.Step(s.ID); d != nil && d.Call != nil {
		add(d.Call)
	}
	c.fresh = fresh // the same place in both trees
	return add(s.Call)
}

// newPos is a place of its own on the line of pos, for a node that is not in the text.
func (c *checker) newPos(pos flow.Pos) flow.Pos {
	c.fresh++
	return flow.Pos{Line: pos.Line, Col: 100_000 + c.fresh}
}

// plain checks the values of a statement's arguments, conditions apart.
func (c *checker) plain(f callee, args map[string]*flow.Arg) {
	for i := range f.params {
		p := &f.params[i]
		a := args[p.Name]
		if a == nil || p.Type.Name == "condition" {
			continue
		}
		pl := &place{action: f.name, arg: p.Name, p: p}
		var v static
		a.Value, v = c.argument(a.Value, pl)
		c.fits(a.Value, v, pl)
		c.constants(a.Value)
	}
}

// whole checks what hangs on several arguments of one call.
func (c *checker) whole(s *flow.Step, a *action.Action, args map[string]*flow.Arg) {
	if a.Name == "mail.send" && args["subject"] == nil && args["body"] == nil && args["attach"] == nil {
		c.warn(s.Pos, "这封邮件没有主题、正文和附件", "this mail has no subject, no text and no attachment")
	}
}

// param1 checks one argument of an action.
func (c *checker) param1(k *callStatic, p *action.Param, a *flow.Arg) {
	pl := &place{action: k.a.Name, arg: p.Name, p: p}
	if p.Type.Name == "expr" {
		pl.over = true
		pl.cols, pl.known = k.over(p)
	}
	for _, of := range p.Of {
		pl.tables = append(pl.tables, k.vals[of])
	}
	pl.own, pl.anyOwn = k.own(p)
	var v static
	a.Value, v = c.argument(a.Value, pl)
	if !pl.over {
		c.fits(a.Value, v, pl)
	}
	c.constants(a.Value)
	c.names(a, v, pl, k)
	c.secrets(a, pl)
	if p.Type.Name == "path" || p.Out || isAttach(p) {
		c.pathArg(a, v, pl)
		v = c.rebound(a.Value, v)
	}
	if p.Name == "sheet" && k.a.Effect == action.Reads {
		c.sheetArg(a, k.first(), pl)
	}
	if len(p.Of) > 0 && !pl.over {
		a.Value = c.columnArg(a.Value, pl)
	}
	k.vals[p.Name] = v
}

func isAttach(p *action.Param) bool { return p.Name == "attach" }

// rebound is v after its paths were bound.
func (c *checker) rebound(e flow.Expr, v static) static {
	if paths, all := c.pathsOf(e); all && v.val != nil {
		val := flow.Texts(paths...)
		if len(paths) == 1 && v.kind != flow.ListKind {
			val = flow.Text(paths[0])
		}
		v.val = &val
	}
	return v
}

// argument checks the value of an argument, its templates included.
func (c *checker) argument(e flow.Expr, p *place) (flow.Expr, static) {
	p.whole = true
	if p.want == flow.NullKind && p.p != nil {
		p.want = kindNamed(p.p.Type.Name)
	}
	e, v := c.expr(e, p)
	if p.p != nil && templated(p.p) && !p.over {
		c.templates(e, p)
	}
	return e, v
}

// templated reports whether texts of the argument are templates.
func templated(p *action.Param) bool {
	switch p.Type.Name {
	case "column", "secret", "bool", "number", "duration", "date", "expr", "condition":
		return false
	}
	return !p.Raw && len(p.Choices) == 0
}
