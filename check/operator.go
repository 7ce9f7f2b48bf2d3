package check

import (
	"slices"
	"time"

	"daiban/action"
	"daiban/flow"
)

func mailColumns() []flow.Column { return action.MailColumns }

// binary checks X op Y: what the two sides are, and whether they go together.
func (c *checker) binary(e *flow.Binary, p *place) (flow.Expr, static) {
	x, a := c.beside(e.X, e.Y, p)
	e.X = x
	y, b := c.beside(e.Y, e.X, p)
	e.Y = y
	switch e.Op {
	case "and", "or":
		c.truth(x, a)
		c.truth(y, b)
		return e, kindOf(flow.BoolKind)
	case "<", "<=", ">", ">=":
		c.ordered(e, a, b)
		return e, kindOf(flow.BoolKind)
	case "==", "!=":
		c.equal(e, a, b)
		return e, kindOf(flow.BoolKind)
	case "in", "not in":
		c.member(e, b)
		return e, kindOf(flow.BoolKind)
	}
	return e, c.arith(e, a, b)
}

// beside is sub of one side; a hole there wants what the other side is.
func (c *checker) beside(e, other flow.Expr, p *place) (flow.Expr, static) {
	if m, ok := e.(*flow.Missing); ok {
		whole, want := p.whole, p.want
		p.whole, p.want = false, c.guess(other, p)
		e, v := c.hole(m, p)
		p.whole, p.want = whole, want
		return e, v
	}
	return c.sub(e, p)
}

// guess is the kind of e as far as it shows without checking it; NullKind for unknown.
func (c *checker) guess(e flow.Expr, p *place) flow.Kind {
	switch e := e.(type) {
	case *flow.Name:
		if i := flow.ColumnIndex(p.cols, e.Name); p.over && i >= 0 {
			return p.cols[i].Kind
		}
		if v, ok := c.scope.vars[e.Name]; ok && v.sure() {
			return v.kind
		}
	case *flow.Apply:
		if f := flow.Funcs[e.Func]; f != nil {
			return f.Result
		}
	case *flow.Lit:
		return e.Value.Kind()
	}
	return flow.NullKind
}

// sort is the families of kinds that can be compared with each other.
func sortOf(k flow.Kind) string {
	switch k {
	case flow.NumberKind:
		return "number"
	case flow.TextKind, flow.PathKind:
		return "text"
	case flow.DateKind, flow.TimeKind:
		return "date"
	case flow.DurationKind:
		return "duration"
	case flow.BoolKind:
		return "bool"
	case flow.TableKind, flow.RowKind, flow.MailKind, flow.ListKind, flow.PageKind:
		return "thing"
	}
	return ""
}

// verdict reports a mismatch: certain when both sides are certain, else a warning.
func (c *checker) verdict(pos flow.Pos, sure bool, zh, en string, args ...any) {
	level := Warning
	if sure {
		level = Error
	}
	c.find(level, pos, nil, c.say(zh, en, args...))
}

func (c *checker) ordered(e *flow.Binary, a, b static) {
	x, y := sortOf(a.kind), sortOf(b.kind)
	if x == "thing" || y == "thing" {
		c.thing(e, a, b)
		return
	}
	if x == "" || y == "" || a.hole || b.hole {
		return
	}
	if x > y { // alphabetical: bool date duration number text
		x, y, a, b = y, x, b, a
	}
	sure := !a.column && !b.column
	switch {
	case x == y, x == "duration" && y == "number":
	case y == "text":
		c.orderedText(e, a, b)
	case x == "date" && y == "number":
		c.verdict(e.Pos, sure, "日期不能和数字比较；日期写 date(\"2026-03-01\")，几天前写 today() - days(n)", "a date cannot be compared with a number; write date(\"2026-03-01\"), or today() - days(n)")
	default:
		c.verdict(e.Pos, sure, "%s和%s不能比较大小", "a %s and a %s have no order", a.kind, b.kind)
	}
}

// orderedText is other < text and the like: the text must read as the other side's kind.
func (c *checker) orderedText(e *flow.Binary, other, text static) {
	if text.val == nil {
		if text.column && other.kind == flow.NumberKind {
			c.warn(e.Pos, "%s：这一列是文本，和数字比较时读不成数字的格会出错", "%s: that column holds texts; a cell that does not read as a number fails the comparison", flow.PrintExpr(e))
		}
		return
	}
	ok := true
	switch other.kind {
	case flow.NumberKind:
		_, ok = flow.AsNumber(*text.val)
	case flow.DateKind, flow.TimeKind:
		_, ok = flow.AsDate(*text.val)
	case flow.DurationKind:
		_, ok = flow.AsNumber(*text.val)
	case flow.BoolKind:
		_, ok = flow.AsBool(*text.val)
	}
	if !ok {
		c.verdict(e.Pos, !other.column, "“%s”不是%s，不能和%s比较", "“%s” is not a %s and cannot be compared with a %s", short(text.val.Text()), other.kind, other.kind)
	}
}

// thing is a comparison with something that has no order: a table, a list, a row.
func (c *checker) thing(e *flow.Binary, a, b static) {
	v, x := a, e.X
	if sortOf(a.kind) != "thing" {
		v, x = b, e.Y
	}
	if v.column || v.hole {
		return
	}
	if v.kind == flow.TableKind || v.kind == flow.ListKind {
		c.bad(e.Pos, "%s 是%s，不能这样比较；比较个数写 count(%s)", "%s is a %s and cannot be compared so; to compare how many write count(%s)", flow.PrintExpr(x), v.kind, flow.PrintExpr(x))
		return
	}
	c.bad(e.Pos, "%s 是%s，不能这样比较：用它的某一列，如 %s.列名", "%s is a %s and cannot be compared so: use one of its fields, as in %s.name", flow.PrintExpr(x), v.kind, flow.PrintExpr(x))
}

func (c *checker) equal(e *flow.Binary, a, b static) {
	x, y := sortOf(a.kind), sortOf(b.kind)
	if (x == "thing") != (y == "thing") && x != "" && y != "" {
		c.thing(e, a, b)
		return
	}
	if a.hole || b.hole {
		return
	}
	if x == "text" {
		a, b, x, y = b, a, y, x
	}
	if y != "text" || b.val == nil || b.val.Text() == "" {
		return
	}
	ok := true
	switch x {
	case "number":
		_, ok = flow.AsNumber(*b.val)
	case "date":
		_, ok = flow.AsDate(*b.val)
	}
	if !ok {
		c.warn(e.Pos, "%s：%s不会等于“%s”", "%s: a %s never equals “%s”", flow.PrintExpr(e), a.kind, short(b.val.Text()))
	}
}

func (c *checker) member(e *flow.Binary, b static) {
	if b.column || b.hole {
		return
	}
	switch b.kind {
	case flow.TableKind:
		c.bad(e.Y.At(), "in 的右边不能是整张表：用 table.join 或 table.filter", "the right of in cannot be a whole table: use table.join or table.filter")
	case flow.NumberKind, flow.DateKind, flow.TimeKind, flow.BoolKind, flow.DurationKind, flow.MailKind, flow.PageKind:
		c.bad(e.Y.At(), "in 的右边要是列表或文本，不是%s", "the right of in must be a list or a text, not a %s", b.kind)
	}
}

// arith checks + - * / // % and says what they give.
func (c *checker) arith(e *flow.Binary, a, b static) static {
	out := static{kind: flow.UnknownKind, content: a.content || b.content}
	day := func(s static) bool { return s.kind == flow.DateKind || s.kind == flow.TimeKind }
	switch {
	case a.hole || b.hole:
		return out
	case day(a) && day(b) && e.Op == "-":
		out.kind = flow.DurationKind
		return out
	case day(a) && b.kind == flow.DurationKind && (e.Op == "+" || e.Op == "-"):
		out.kind = a.kind
		return out
	case day(b) && a.kind == flow.DurationKind && e.Op == "+":
		out.kind = b.kind
		return out
	case day(a) || day(b):
		c.dayMath(e, a, b)
		return out
	case a.kind == flow.DurationKind || b.kind == flow.DurationKind:
		out.kind = flow.DurationKind
		return out
	case e.Op == "+" && a.kind == flow.ListKind && b.kind == flow.ListKind:
		return merge(a, b)
	case e.Op == "+" && sortOf(a.kind) == "text" && sortOf(b.kind) == "text":
		out.kind = flow.TextKind
		return out
	case !a.sure() || !b.sure():
		return out
	}
	c.numeric(e.X, a, e.Op)
	c.numeric(e.Y, b, e.Op)
	out.kind = flow.NumberKind
	return out
}

func (c *checker) dayMath(e *flow.Binary, a, b static) {
	if !a.sure() || !b.sure() {
		return
	}
	sure := !a.column && !b.column
	if a.kind == flow.NumberKind || b.kind == flow.NumberKind {
		c.verdict(e.Pos, sure, "日期加减天数要写 days(n)，如 today() %s days(7)", "days are added to a date as days(n), as in today() %s days(7)", e.Op)
		return
	}
	c.verdict(e.Pos, sure, "%s和%s之间不能用 %s", "a %s and a %s: there is no %s of them", a.kind, b.kind, e.Op)
}

// numeric finds a side of arithmetic that is no number.
func (c *checker) numeric(e flow.Expr, v static, op string) {
	if !v.sure() || v.kind == flow.NumberKind || v.kind == flow.DurationKind {
		return
	}
	if v.kind == flow.TextKind || v.kind == flow.PathKind {
		switch {
		case v.column:
			c.warn(e.At(), "%s 这一列是文本：读不成数字的格会出错", "%s holds texts: a cell that does not read as a number fails", flow.PrintExpr(e))
		case v.val == nil:
			if v.kind == flow.PathKind {
				c.bad(e.At(), "%s 是路径，不能用 %s 计算；要拼路径，写模板 \"{…}\"", "%s is a path: %s needs numbers; to join paths write a template \"{…}\"", flow.PrintExpr(e), op)
			}
		default:
			if _, ok := flow.AsNumber(*v.val); !ok {
				c.bad(e.At(), "“%s”不是数字，不能用 %s 计算；要拼成文本，写模板 \"{…}\"", "“%s” is not a number: %s needs numbers; to make a text write a template \"{…}\"", short(v.val.Text()), op)
			}
		}
		return
	}
	if v.column {
		return
	}
	if v.kind == flow.TableKind || v.kind == flow.ListKind {
		c.bad(e.At(), "%s 是%s，不能用 %s 计算；个数写 count(…)，合计写 table.total(…)", "%s is a %s: %s needs numbers; how many is count(…), a sum is table.total(…)", flow.PrintExpr(e), v.kind, op)
		return
	}
	c.bad(e.At(), "%s 是%s，不能用 %s 计算", "%s is a %s: %s needs numbers", flow.PrintExpr(e), v.kind, op)
}

// apply checks a pure function.
func (c *checker) apply(e *flow.Apply, p *place) (flow.Expr, static) {
	switch e.Func {
	case "col":
		return c.col(e, p)
	case "failed":
		c.failedOf(e, p)
		return e, kindOf(flow.BoolKind)
	}
	out := unknown()
	if f := flow.Funcs[e.Func]; f != nil && f.Result != flow.NullKind {
		out = kindOf(f.Result)
	}
	for i, x := range e.Args {
		x, v := c.sub(x, p)
		e.Args[i] = x
		out.content = out.content || v.content && out.kind == flow.TextKind
		c.funcArg(e, x, v)
	}
	return e, out
}

// numberFuncs take a number, dateFuncs a date, textFuncs a text.
var (
	numberFuncs = map[string]bool{"days": true, "hours": true, "months": true, "kb": true, "mb": true, "gb": true, "abs": true, "round": true, "capitals": true,
		"month_start": true, "month_end": true, "week_start": true, "week_end": true, "year_start": true, "year_end": true}
	dateFuncs = map[string]bool{"year": true, "month": true, "day": true, "weekday": true, "date": true}
	textFuncs = map[string]bool{"lower": true, "upper": true, "trim": true, "startswith": true, "endswith": true}
)

func (c *checker) funcArg(e *flow.Apply, x flow.Expr, v static) {
	if !v.sure() || v.column || v.val != nil { // constants are computed
		return
	}
	wrong := func(want flow.Kind) {
		c.bad(x.At(), "%s 要%s，%s 的值是“%s”", "%s takes a %s; %s is a %s", e.Func, want, flow.PrintExpr(x), v.kind)
	}
	s := sortOf(v.kind)
	switch {
	case numberFuncs[e.Func] && s != "number" && s != "text" && !(e.Func == "abs" && s == "duration"):
		wrong(flow.NumberKind)
	case dateFuncs[e.Func] && s != "date" && s != "text" && s != "number":
		wrong(flow.DateKind)
	case textFuncs[e.Func] && s == "thing":
		wrong(flow.TextKind)
	case e.Func == "contains" && (v.kind == flow.TableKind || v.kind == flow.MailKind):
		wrong(flow.TextKind)
	case (e.Func == "count" || e.Func == "len") && (s == "number" || s == "bool" || s == "duration" || v.kind == flow.MailKind || v.kind == flow.PageKind):
		wrong(flow.ListKind)
	}
}

func (c *checker) col(e *flow.Apply, p *place) (flow.Expr, static) {
	lit, ok := e.Args[0].(*flow.Lit)
	if !ok || !lit.Value.IsText() {
		c.bad(e.Pos, "col 里要写列名，如 col(\"Unit price\")", "col takes the name of a column, as in col(\"Unit price\")")
		return e, static{kind: flow.UnknownKind, hole: true}
	}
	name := lit.Value.Text()
	if !p.over {
		c.bad(e.Pos, "col(%q) 只能用在对每行算的表达式里；别处写 row[%q]", "col(%q) stands only in an expression over rows; elsewhere write row[%q]", name, name)
		return e, static{kind: flow.UnknownKind, hole: true}
	}
	if i := flow.ColumnIndex(p.cols, name); i >= 0 {
		return e, cell(p.cols[i])
	}
	if !p.known {
		u := unknown()
		u.content = true
		return e, u
	}
	own, ok := c.column(e.Pos, name, p, nil)
	if !ok {
		return e, static{kind: flow.UnknownKind, hole: true}
	}
	lit.Value = flow.Text(own)
	return e, cell(p.cols[flow.ColumnIndex(p.cols, own)])
}

// failedOf checks failed(x): x must be the result of a step that may be skipped.
func (c *checker) failedOf(e *flow.Apply, p *place) {
	n, ok := e.Args[0].(*flow.Name)
	if !ok {
		c.bad(e.Pos, "failed 里要写一步的结果的名字", "failed takes the name of a step's result")
		return
	}
	v, ok := c.scope.vars[n.Name]
	if !ok {
		c.name(n, &place{arg: p.arg})
		return
	}
	if !v.skip {
		c.warn(e.Pos, "failed(%s) 永远是否：给出 %s 的那一步没有写 on_error=\"skip\"，失败时流程就停了", "failed(%s) is never true: the step of %s has no on_error=\"skip\", so the flow stops where it fails", n.Name, n.Name)
	}
}

// constants computes the parts of e that hang on nothing, to find 1 / 0 and date("x").
func (c *checker) constants(e flow.Expr) {
	if e == nil {
		return
	}
	if constant(e) {
		if _, ok := e.(*flow.Lit); ok {
			return
		}
		if _, err := flow.Eval(e, clock{}); err != nil {
			if ee, ok := err.(*flow.EvalError); ok && !c.wrongAt(e.At().Line) {
				c.find(Error, ee.Pos, nil, ee.Say(c.env.Lang))
			}
		}
		return
	}
	for _, x := range parts(e) {
		c.constants(x)
	}
}

// wrongAt reports whether there is an error in a line already: the same one, most likely.
func (c *checker) wrongAt(line int) bool {
	return slices.ContainsFunc(c.findings, func(f Finding) bool { return f.Line == line && f.Level == Error })
}

// parts is the expressions right inside e.
func parts(e flow.Expr) []flow.Expr {
	switch e := e.(type) {
	case *flow.Field:
		return []flow.Expr{e.X}
	case *flow.Index:
		return []flow.Expr{e.X, e.Key}
	case *flow.Apply:
		return e.Args
	case *flow.List:
		return e.Items
	case *flow.Dict:
		return append(append([]flow.Expr{}, e.Keys...), e.Values...)
	case *flow.Unary:
		return []flow.Expr{e.X}
	case *flow.Binary:
		return []flow.Expr{e.X, e.Y}
	}
	return nil
}

func constant(e flow.Expr) bool {
	switch e := e.(type) {
	case *flow.Lit:
		return true
	case *flow.Name, *flow.Missing:
		return false
	case *flow.Apply:
		if e.Func == "col" || e.Func == "failed" {
			return false
		}
	}
	for _, x := range parts(e) {
		if !constant(x) {
			return false
		}
	}
	return true
}

// clock is the scope of constants: no variables, and some day.
type clock struct{}

func (clock) Lookup(string) (flow.Value, bool) { return flow.Value{}, false }
func (clock) Now() time.Time                   { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
