package check

import (
	"daiban/action"
	"daiban/flow"
)

// Limits of the options that every action takes.
const (
	retryMax   = 100
	everyMax   = 24 * 60 * 60       // seconds between attempts
	timeoutMax = 7 * 24 * 60 * 60   // seconds of an attempt
	waitMax    = 366 * 24 * 60 * 60 // seconds of wait
)

// options checks retry, every, timeout and on_error; skip reports whether a failure is skipped.
func (c *checker) options(s *flow.Step, a *action.Action) (skip bool) {
	retried := false
	for _, arg := range s.Call.Args {
		if arg.Name == "" || a.Param(arg.Name) != nil {
			continue
		}
		p := &place{action: a.Name, arg: arg.Name}
		switch arg.Name {
		case "retry":
			n, ok := c.wholeArg(arg, p, 0, retryMax)
			if retried = ok && n > 0; retried {
				c.retrySafe(arg, a)
			}
		case "every":
			c.durationArg(arg, p, everyMax)
		case "timeout":
			c.durationArg(arg, p, timeoutMax)
		case "on_error":
			p.p = onErrorParam
			var v static
			arg.Value, v = c.argument(arg.Value, p)
			c.fits(arg.Value, v, p)
			skip = v.val != nil && v.val.Text() == "skip"
		}
	}
	if e := s.Call.Arg("every"); e != nil && !retried && a.Param("every") == nil && s.Call.Arg("retry") == nil {
		c.warn(e.Pos, "every 只在有 retry 时有用：它是两次尝试之间的间隔", "every means something only beside retry: it is the time between attempts")
	}
	return skip
}

var onErrorParam = &action.Param{Name: "on_error", Type: action.Type{Name: "text"}, Choices: []string{"stop", "skip"}}

// durationArg is a duration written in the flow, more than 0 and at most limit seconds.
func (c *checker) durationArg(a *flow.Arg, p *place, limit int64) {
	p.p = &action.Param{Name: a.Name, Type: action.Type{Name: "duration"}}
	var v static
	a.Value, v = c.argument(a.Value, p)
	c.fits(a.Value, v, p)
	c.durationMax(a.Value, v, a.Name, limit)
}

func (c *checker) durationMax(e flow.Expr, v static, arg string, limit int64) {
	if v.val == nil || !v.val.IsText() {
		return
	}
	d, ok := flow.ParseDuration(v.val.Text())
	switch {
	case !ok:
	case d <= 0:
		c.bad(e.At(), "%s 要大于 0", "%s must be more than 0", arg)
	case int64(d.Seconds()) > limit:
		c.bad(e.At(), "%s 太长：最多 %d 小时", "%s is too long: at most %d hours", arg, limit/3600)
	}
}

// retrySafe warns of a retry around what may happen twice. A retry follows a clear failure
// only, an effect in doubt stops the run; but a program or machine that failed half-way may
// have done half of it.
func (c *checker) retrySafe(arg *flow.Arg, a *action.Action) {
	switch {
	case a.Effect == action.Asks:
		c.warn(arg.Pos, "%s 是问人的，不需要重试", "%s asks a person: a retry has no use", a.Name)
	case a.Again == action.Once && a.Effect != action.Reads:
		c.warn(arg.Pos, "%s 重试不安全：失败之前可能已经做了一部分，重试会再做一遍", "a retry of %s is not safe: what it did before it failed is done again", a.Name)
	}
}

// effect notes what the step does to the world, and checks what hangs on it.
func (c *checker) effect(s *flow.Step, a *action.Action, args map[string]*flow.Arg, k *callStatic) {
	if a.Name == "wait" && args["duration"] != nil {
		c.durationMax(args["duration"].Value, k.vals["duration"], "wait", waitMax)
	}
	if a.Effect == action.Reads {
		return
	}
	c.effects = append(c.effects, Effect{Step: s.ID, Action: a.Name, Class: a.Effect, Target: target(a, args)})
	if a.Name == "person.approve" {
		c.approval(s)
	}
}

// target is who or what a step reaches, as the flow says.
func target(a *action.Action, args map[string]*flow.Arg) string {
	for _, p := range a.Params {
		arg := args[p.Name]
		if arg != nil && (p.Out || p.Type.Name == "address" || p.Name == "to") {
			return words(arg.Value)
		}
	}
	for _, p := range a.Params {
		if arg := args[p.Name]; arg != nil && p.Positional {
			return words(arg.Value)
		}
	}
	return ""
}

func words(e flow.Expr) string {
	if l, ok := e.(*flow.Lit); ok {
		return l.Value.String()
	}
	return flow.PrintExpr(e)
}

// approval warns of an approval that comes after what it should guard: nothing follows it.
func (c *checker) approval(s *flow.Step) {
	did := false
	for _, e := range c.effects {
		did = did || e.Class == action.Sends
	}
	if did && c.depth == 1 && !c.followed(s) {
		c.warn(s.Pos, "确认放在最后，要确认的事已经做了：把它移到发送之前", "the approval comes last, when what it guards is done: move it before the step that sends")
	}
}

// followed reports whether a step after s, in the order of the text, has an effect or
// ends the flow.
func (c *checker) followed(s *flow.Step) bool {
	after, found := false, false
	c.bound.Walk(func(t *flow.Step) bool {
		if after && (t.Kind == flow.DoStep || t.Kind == flow.FailStep || t.Kind == flow.StopStep) {
			a := c.env.Actions.Find(t.Call.Name)
			found = found || a == nil || a.Effect != action.Reads
		}
		after = after || t == s
		return !found
	})
	return found
}
