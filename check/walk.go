package check

import (
	"slices"

	"daiban/action"
	"daiban/flow"
)

// Limits of a flow.
const (
	stepsMax    = 500
	eachMax     = 5  // loops in loops
	parallelMax = 64 // items of a loop at a time
	textMax     = 64 << 10
)

// checker is one check. Its fields at the top are fixed, the others grow.
type checker struct {
	env   Env
	draft *flow.Flow // as planned; answers go into it
	bound *flow.Flow // names replaced by what they stand for
	world *world

	findings  []Finding
	questions []Question
	failed    bool // there is an error
	cannot    string
	noted     map[string]bool   // columns whose binding was told
	taken     map[string]bool   // answers that were used, by id
	chosen    map[string]string // headers chosen by answers, by name and columns; "" while that is open
	fresh     int               // places given to nodes that answers made

	step     *flow.Step
	scope    *scope
	loops    []loop
	depth    int // of blocks
	triggers []*flow.Step
	params   map[string]flow.Value

	used       map[string]bool
	later      map[string]bool
	effects    []Effect
	hosts      []string
	recipients []string
}

// A loop is one that stands around the step.
type loop struct {
	name     string
	item     static
	list     *flow.Value     // what is gone through, when it is written in the flow
	outer    map[string]bool // variables that were there before it
	parallel bool
}

func newChecker(env Env, draft, bound *flow.Flow) *checker {
	return &checker{
		env: env, draft: draft, bound: bound, world: newWorld(env.Files),
		noted: map[string]bool{}, taken: map[string]bool{}, chosen: map[string]string{}, scope: newScope(), params: map[string]flow.Value{},
		used: map[string]bool{}, later: map[string]bool{},
	}
}

func (c *checker) run() {
	n := 0
	c.bound.Walk(func(*flow.Step) bool { n++; return true })
	switch {
	case n == 0:
		c.bad(flow.Pos{Line: 1}, "流程是空的，一步也没有", "the flow is empty: it has no step")
	case n > stepsMax:
		c.bad(flow.Pos{Line: 1}, "流程有 %d 步，超过 %d 步：拆成几个流程，用 flow.run 连起来", "the flow has %d steps, more than %d: split it and join the parts with flow.run", n, stepsMax)
		return
	}
	c.block(c.bound.Steps)
	c.step = nil
	c.unusedParams()
	c.unusedAnswers()
}

// block checks statements one after the other; ends reports whether the flow cannot go on after them.
func (c *checker) block(steps []*flow.Step) (ends bool) {
	c.depth++
	defer func() { c.depth-- }()
	for _, s := range steps {
		c.step = s
		if ends {
			c.warn(s.Pos, "这一步永远走不到：前面已经结束了", "this step is never reached: the flow has ended before it")
			ends = false
		}
		c.order(s)
		ends = c.statement(s)
	}
	return ends
}

// order checks that triggers and params stand where they must.
func (c *checker) order(s *flow.Step) {
	if s.Kind != flow.TriggerStep && s.Kind != flow.ParamStep {
		return
	}
	top := c.depth == 1
	for _, t := range c.bound.Steps {
		if t == s {
			break
		}
		top = top && (t.Kind == flow.TriggerStep || t.Kind == flow.ParamStep && s.Kind == flow.ParamStep)
	}
	if !top && s.Kind == flow.TriggerStep {
		c.bad(s.Pos, "触发条件 %s 要写在流程最前面", "the trigger %s must stand at the top of the flow", s.Call.Name)
	}
	if !top && s.Kind == flow.ParamStep {
		c.bad(s.Pos, "param 要写在所有步骤之前（触发条件之后）", "param must stand before the steps, after the triggers")
	}
}

func (c *checker) statement(s *flow.Step) (ends bool) {
	switch s.Kind {
	case flow.DoStep:
		c.assign(s, c.call(s))
	case flow.LetStep:
		c.let(s)
	case flow.EachStep:
		c.each(s)
	case flow.IfStep:
		return c.branch(s)
	case flow.ParamStep:
		c.assign(s, c.param(s))
	case flow.TriggerStep:
		c.trigger(s)
	case flow.StopStep, flow.FailStep:
		c.plain(reasonCall(s.Call.Name), c.arguments(s, reasonCall(s.Call.Name)))
		return true
	case flow.EnsureStep:
		args := c.arguments(s, ensureCall)
		if a := args["condition"]; a != nil {
			a.Value = c.condition(a.Value, "condition")
		}
		c.plain(ensureCall, args)
	case flow.CannotStep:
		c.cannotStep(s)
		return true
	}
	return false
}

func (c *checker) cannotStep(s *flow.Step) {
	if len(c.bound.Steps) > 1 || c.depth > 1 {
		c.bad(s.Pos, "cannot 只能单独成为一个流程", "cannot stands alone: it is the whole flow")
		return
	}
	what := ""
	if pos := s.Call.Positional(); len(pos) == 1 && len(s.Call.Args) == 1 {
		if l, ok := pos[0].Value.(*flow.Lit); ok && l.Value.IsText() {
			what = l.Value.Text()
		}
	}
	if what == "" {
		c.bad(s.Pos, "cannot 要写一句话：做不到什么", "cannot takes one text: what cannot be done")
		return
	}
	c.cannot = what
	c.bad(s.Pos, "做不到：%s", "cannot be done: %s", what)
}

func (c *checker) let(s *flow.Step) {
	e, v := c.expr(s.Expr, &place{arg: "value"})
	s.Expr = e
	c.constants(e)
	c.templates(e, &place{arg: "value"})
	c.assign(s, v)
}

// assign gives s.Var its value from here on.
func (c *checker) assign(s *flow.Step, v static) {
	if s.Var == "" {
		return
	}
	for _, l := range c.loops {
		if l.name == s.Var {
			c.bad(s.Pos, "%s 是循环里的当前项，不能再赋值：换个名字", "%s is the item of the loop and cannot be assigned: choose another name", s.Var)
			return
		}
		if l.parallel && l.outer[s.Var] {
			c.bad(s.Pos, "并行的循环里不能改外面的变量 %s：各项同时进行，先后不定", "a parallel loop cannot change %s, which is outside of it: its items run at the same time, in no order", s.Var)
		}
	}
	c.scope.set(s.Var, v)
}

func (c *checker) branch(s *flow.Step) (ends bool) {
	s.Expr = c.condition(s.Expr, "if")
	before, world := c.scope, c.world.copy()
	c.scope = before.copy()
	aEnds := c.block(s.Body)
	a, aWorld := c.scope, c.world
	c.scope, c.world = before.copy(), world
	bEnds := c.block(s.Else)
	b := c.scope
	c.scope = before
	c.scope.join(a, b, aEnds, bEnds)
	c.world.join(aWorld, aEnds, bEnds)
	return aEnds && bEnds
}

func (c *checker) each(s *flow.Step) {
	e, over := c.expr(s.Expr, &place{arg: "list"})
	s.Expr = e
	c.loopable(s, over)
	item := over.item()
	parallel := c.eachOptions(s, item)
	c.oneBrowser(s, parallel)
	if len(c.loops) >= eachMax {
		c.bad(s.Pos, "循环套得太深，最多 %d 层", "loops nest too deep: at most %d", eachMax)
		return
	}
	before := c.scope
	if _, ok := before.vars[s.Var]; ok {
		c.info(s.Pos, "循环变量 %s 盖住了前面的同名变量", "the loop's %s hides the variable of that name before it", s.Var)
	}
	inner := before.copy()
	changed := assigned(s.Body)
	outer := map[string]bool{}
	for name, v := range before.vars {
		outer[name] = true
		if changed[name] { // another round may have changed it
			v.val, v.cols, v.known = nil, nil, false
			inner.vars[name] = v
		}
	}
	inner.set(s.Var, item)
	c.scope = inner
	c.loops = append(c.loops, loop{s.Var, item, over.val, outer, parallel})
	world := c.world.copy()
	c.block(s.Body)
	c.loops = c.loops[:len(c.loops)-1]
	c.step = s
	c.world.join(world, false, false)
	c.scope = before
	c.afterLoop(s, inner, changed)
}

// afterLoop takes over what the loop changed; what only its body knows is gone.
func (c *checker) afterLoop(s *flow.Step, inner *scope, changed map[string]bool) {
	for name := range changed {
		if v, ok := c.scope.vars[name]; ok {
			if w, ok := inner.vars[name]; ok {
				c.scope.vars[name] = merge(v, w)
			}
		} else {
			c.scope.gone[name] = "loop"
		}
	}
	if _, ok := c.scope.vars[s.Var]; !ok {
		c.scope.gone[s.Var] = "loop"
	}
}

func (c *checker) loopable(s *flow.Step, v static) {
	switch v.kind {
	case flow.ListKind, flow.TableKind, flow.UnknownKind, flow.NullKind:
		if v.none {
			c.bad(s.Expr.At(), "这一步没有结果，不能逐项处理", "that step has no result to go through")
		}
	case flow.RowKind:
		c.warn(s.Expr.At(), "这里只有一行，循环只会走一次", "this is a single row: the loop runs once")
	case flow.TextKind, flow.PathKind:
		c.bad(s.Expr.At(), "each 要一个列表或表，这里是%s；先用 table.read 或 file.list 取得", "each goes through a list or a table, this is a %s; get one by table.read or file.list", v.kind)
	default:
		c.bad(s.Expr.At(), "each 要一个列表或表，这里是%s", "each goes through a list or a table, this is a %s", v.kind)
	}
}

// eachOptions checks errors=, parallel= and key=.
func (c *checker) eachOptions(s *flow.Step, item static) (parallel bool) {
	for _, a := range s.Call.Args {
		p := &place{action: "each", arg: a.Name}
		switch a.Name {
		case "errors":
			p.p = errorsParam
			var v static
			a.Value, v = c.argument(a.Value, p)
			c.fits(a.Value, v, p)
			c.pathArg(a, v, p)
			c.madeErrors(v, item)
		case "parallel":
			n, ok := c.wholeArg(a, p, 1, parallelMax)
			parallel = ok && n > 1
		case "key":
			p.p = keyParam
			p.tables = []static{item}
			var v static
			a.Value, v = c.argument(a.Value, p)
			c.fits(a.Value, v, p)
			a.Value = c.columnArg(a.Value, p)
		}
	}
	return parallel
}

var (
	errorsParam = &action.Param{Name: "errors", Type: action.Type{Name: "path"}, Out: true}
	keyParam    = &action.Param{Name: "key", Type: action.Type{Name: "column"}, Of: []string{"item"}}
)

// wholeArg is a literal whole number from lo to hi.
func (c *checker) wholeArg(a *flow.Arg, p *place, lo, hi int64) (int64, bool) {
	p.want = flow.NumberKind
	var v static
	a.Value, v = c.expr(a.Value, p)
	if v.hole || !v.sure() {
		return 0, false
	}
	if v.val != nil {
		x, isNum := flow.AsNumber(*v.val)
		n, whole := x.Int64()
		if isNum && whole && n >= lo && n <= hi {
			return n, true
		}
	} else if v.kind == flow.NumberKind {
		return 0, false
	}
	c.bad(a.Pos, "%s 要 %d 到 %d 之间的整数，写的是 %s", "%s must be a whole number from %d to %d, not %s", a.Name, lo, hi, short(flow.PrintExpr(a.Value)))
	return 0, false
}

// condition checks what stands after if or in ensure.
func (c *checker) condition(e flow.Expr, arg string) flow.Expr {
	e, v := c.expr(e, &place{arg: arg, want: flow.BoolKind})
	c.constants(e)
	c.truth(e, v)
	return e
}

// truth finds values that are neither yes nor no.
func (c *checker) truth(e flow.Expr, v static) {
	if v.none {
		c.bad(e.At(), "这一步没有结果，不能当条件", "that step has no result and is no condition")
		return
	}
	switch v.kind {
	case flow.DateKind, flow.TimeKind, flow.DurationKind, flow.PathKind, flow.MailKind, flow.PageKind, flow.SecretKind:
		if !v.column {
			c.bad(e.At(), "%s不能当条件；要看有没有，写 not empty(…)", "a %s is no condition; to see whether there is one write not empty(…)", v.kind)
		}
	case flow.TextKind:
		if v.val == nil || v.column {
			return
		}
		if _, err := flow.Truth(*v.val); err != nil {
			c.bad(e.At(), "“%s”说不上是或否；要和什么比较，写 == \"…\"", "“%s” is neither yes nor no; to compare it write == \"…\"", short(v.val.Text()))
		}
	}
}

func (c *checker) hasTrigger(name string) bool {
	return slices.ContainsFunc(c.triggers, func(s *flow.Step) bool { return s.Call.Name == name })
}
