package check

import (
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// fits checks the value of an argument against its type.
func (c *checker) fits(e flow.Expr, v static, p *place) {
	if v.hole || p.p.Type.Name == "condition" || !v.none && takesAny(p) {
		return
	}
	if v.none {
		c.bad(e.At(), "%s 那一步没有结果，不能用作 %s", "the step of %s has no result to be %s", flow.PrintExpr(e), p.arg)
		return
	}
	if l, ok := e.(*flow.List); ok {
		c.fitsList(l, v, p)
		return
	}
	if v.kind == flow.ListKind {
		c.fitsListValue(e, v, p)
		return
	}
	c.fitsOne(e, v, p)
}

// takesAny tells the arguments that take more than their type says: a table or mails as the
// text of a language model, files as items of a queue, a text as the body of a request.
func takesAny(p *place) bool {
	switch p.action + "." + p.arg {
	case "queue.add.items", "http.post.data":
		return true
	}
	return strings.HasPrefix(p.action, "text.") && p.arg == "text"
}

// takesList reports whether an argument takes a list; a table is taken as a list of rows too.
func takesList(p *action.Param) bool {
	switch p.Type.Name {
	case "any", "table", "rows":
		return true
	}
	return p.Type.List
}

func (c *checker) fitsList(l *flow.List, v static, p *place) {
	if !takesList(p.p) {
		if pair := l.Tuple && len(p.p.Of) == 2; !pair {
			c.bad(l.Pos, "%s 的 %s 只要一个值，不要列表", "%s: %s takes one value, not a list", p.action, p.arg)
		}
		return
	}
	if p.p.Type.Name == "any" || p.p.Type.Name == "rows" || p.p.Type.Name == "table" && !p.p.Type.List {
		return
	}
	for _, x := range l.Items {
		if inner, ok := x.(*flow.List); ok {
			c.fitsList(inner, v, p)
			continue
		}
		s := c.itemStatic(x)
		if s.kind == flow.ListKind {
			c.fitsListValue(x, s, p)
			continue
		}
		c.fitsOne(x, s, p)
	}
}

// itemStatic is what is known of an item of a list; expressions in it were checked before.
func (c *checker) itemStatic(e flow.Expr) static {
	switch e := e.(type) {
	case *flow.Missing:
		return static{kind: flow.UnknownKind, hole: true}
	case *flow.Apply:
		if f := flow.Funcs[e.Func]; f != nil && f.Result != flow.NullKind {
			return kindOf(f.Result)
		}
	}
	return c.staticOf(e)
}

func (c *checker) fitsListValue(e flow.Expr, v static, p *place) {
	if v.one && v.elem != nil && !takesList(p.p) {
		c.fitsOne(e, *v.elem, p)
		return
	}
	if !takesList(p.p) {
		switch p.p.Type.Name {
		case "text", "template":
			c.bad(e.At(), "%s 的 %s 要文本，%s 是列表；逐个处理用 for x in each(%s):", "%s: %s takes a text, %s is a list; to take one at a time write for x in each(%s):", p.action, p.arg, flow.PrintExpr(e), flow.PrintExpr(e))
		default:
			c.bad(e.At(), "%s 的 %s 只要一个，%s 是列表；逐个处理用 for x in each(%s):", "%s: %s takes one, %s is a list; to take one at a time write for x in each(%s):", p.action, p.arg, flow.PrintExpr(e), flow.PrintExpr(e))
		}
		return
	}
	if v.elem != nil && p.p.Type.Name != "any" {
		item := *v.elem
		item.val = nil
		if p.p.Type.Name == "table" && !p.p.Type.List || p.p.Type.Name == "rows" {
			if item.sure() && item.kind != flow.RowKind && item.kind != flow.MailKind && item.kind != flow.TableKind {
				c.notTable(e, v, p)
			}
			return
		}
		c.fitsOne(e, item, p)
	}
}

// fitsOne checks a single value.
func (c *checker) fitsOne(e flow.Expr, v static, p *place) {
	if len(p.p.Choices) > 0 && v.val != nil {
		c.choice(e, v, p)
		return
	}
	if !v.sure() || v.column && v.kind != flow.ListKind {
		return
	}
	switch p.p.Type.Name {
	case "path":
		c.fitsPath(e, v, p)
	case "text", "template", "address", "column", "secret":
		c.fitsText(e, v, p)
	case "number", "bool", "date", "duration":
		c.fitsLiteral(e, v, p)
	case "table", "rows":
		if v.kind != flow.TableKind && v.kind != flow.RowKind && v.kind != flow.MailKind {
			c.notTable(e, v, p)
		}
	case "row":
		c.fitsRow(e, v, p)
	case "mail", "page":
		if v.kind != kindNamed(p.p.Type.Name) {
			c.wrongKind(e, v, p)
		}
	}
}

func (c *checker) wrongKind(e flow.Expr, v static, p *place) {
	c.bad(e.At(), "%s 的 %s 要%s，%s 的值是“%s”", "%s: %s takes a %s, %s is a %s", p.action, p.arg, kindNamed(p.p.Type.Name), short(flow.PrintExpr(e)), v.kind)
}

func (c *checker) choice(e flow.Expr, v static, p *place) {
	if s := v.val.String(); !slices.Contains(p.p.Choices, s) {
		near := flow.Nearest(s, p.p.Choices)
		if len(near) == 0 {
			near = p.p.Choices
		}
		c.badNear(e.At(), near, "%s 的 %s 不能是“%s”", "%s: %s cannot be “%s”", p.action, p.arg, short(s))
	}
}

func (c *checker) fitsPath(e flow.Expr, v static, p *place) {
	switch v.kind {
	case flow.TextKind, flow.PathKind:
	case flow.TableKind, flow.RowKind:
		if isAttach(p.p) {
			return // goes as a workbook
		}
		c.bad(e.At(), "%s 的 %s 要文件，%s 是%s；先存成文件：file = table.save(%s, to=\"….xlsx\")", "%s: %s takes a file, %s is a %s; save it first: file = table.save(%s, to=\"….xlsx\")", p.action, p.arg, flow.PrintExpr(e), v.kind, flow.PrintExpr(e))
	case flow.MailKind:
		c.bad(e.At(), "%s 的 %s 要文件，%s 是邮件；附件先存下来：files = mail.attachments(%s)", "%s: %s takes a file, %s is a mail; save what is attached first: files = mail.attachments(%s)", p.action, p.arg, flow.PrintExpr(e), flow.PrintExpr(e))
	default:
		c.wrongKind(e, v, p)
	}
}

func (c *checker) fitsText(e flow.Expr, v static, p *place) {
	switch v.kind {
	case flow.TableKind, flow.ListKind:
		c.bad(e.At(), "%s 的 %s 要文本，%s 是%s", "%s: %s takes a text, %s is a %s", p.action, p.arg, short(flow.PrintExpr(e)), v.kind)
	case flow.RowKind:
		c.bad(e.At(), "%s 的 %s 要文本，%s 是一行；写它的某一列，如 %s.列名", "%s: %s takes a text, %s is a row; use one of its columns, as in %s.name", p.action, p.arg, flow.PrintExpr(e), flow.PrintExpr(e))
	case flow.MailKind:
		c.bad(e.At(), "%s 的 %s 要文本，%s 是邮件；写 %s.body 或 %s.subject", "%s: %s takes a text, %s is a mail; use %s.body or %s.subject", p.action, p.arg, flow.PrintExpr(e), flow.PrintExpr(e), flow.PrintExpr(e))
	case flow.BoolKind, flow.NumberKind:
		if n := p.p.Type.Name; n == "column" || n == "address" || n == "secret" {
			c.wrongKind(e, v, p)
		}
	case flow.TextKind:
		if v.val != nil && len(v.val.Text()) > textMax {
			c.bad(e.At(), "这段文本有 %d kB，超过 %d kB：放进文件里再读", "this text has %d kB, more than %d: put it into a file and read that", len(v.val.Text())>>10, textMax>>10)
		}
	}
}

// fitsLiteral checks numbers, yes and no, dates and durations; a text written in the flow
// must read as one.
func (c *checker) fitsLiteral(e flow.Expr, v static, p *place) {
	want := kindNamed(p.p.Type.Name)
	if v.kind == want || want == flow.DateKind && v.kind == flow.TimeKind {
		if v.val != nil {
			c.literal(e, v, p)
		}
		return
	}
	if v.kind != flow.TextKind && v.kind != flow.PathKind {
		if want == flow.DurationKind && v.kind == flow.NumberKind {
			c.bad(e.At(), "%s 的 %s 要写单位，如 \"5s\"、\"2m\"、\"1h\"", "%s: %s needs a unit, as in \"5s\", \"2m\", \"1h\"", p.action, p.arg)
			return
		}
		c.wrongKind(e, v, p)
		return
	}
	if v.val == nil {
		return // an answer or a cell may read as one
	}
	c.literal(e, v, p)
}

func (c *checker) literal(e flow.Expr, v static, p *place) {
	ok := true
	switch p.p.Type.Name {
	case "number":
		_, ok = flow.AsNumber(*v.val)
	case "bool":
		_, ok = flow.AsBool(*v.val)
	case "date":
		_, ok = flow.AsDate(*v.val)
		ok = ok || strings.TrimSpace(v.val.Text()) == "" && p.p.Optional
	case "duration":
		if v.kind == flow.DurationKind {
			return
		}
		_, ok = flow.ParseDuration(v.val.Text())
		if !ok {
			c.bad(e.At(), "“%s”不是时长：写成 \"5s\"、\"2m\"、\"1h\"、\"3d\"", "“%s” is not a duration: write \"5s\", \"2m\", \"1h\", \"3d\"", short(v.val.Text()))
			return
		}
	}
	if !ok {
		c.bad(e.At(), "%s 的 %s 要%s，“%s”不是", "%s: %s takes a %s, “%s” is none", p.action, p.arg, kindNamed(p.p.Type.Name), short(v.val.String()))
	}
}

func (c *checker) notTable(e flow.Expr, v static, p *place) {
	x := flow.PrintExpr(e)
	if v.kind == flow.PathKind || v.kind == flow.TextKind && v.val != nil {
		c.bad(e.At(), "%s 的 %s 要表，%s 是%s；先读出来：rows = table.read(%s)", "%s: %s takes a table, %s is a %s; read it first: rows = table.read(%s)", p.action, p.arg, short(x), v.kind, short(x))
		return
	}
	if v.kind == flow.ListKind && v.elem != nil && v.elem.kind == flow.PathKind {
		c.bad(e.At(), "%s 的 %s 要表，%s 是文件的列表；先读出来：rows = table.read(%s)", "%s: %s takes a table, %s is a list of files; read them first: rows = table.read(%s)", p.action, p.arg, x, x)
		return
	}
	c.bad(e.At(), "%s 的 %s 要表，%s 是%s", "%s: %s takes a table, %s is a %s", p.action, p.arg, short(x), v.kind)
}

func (c *checker) fitsRow(e flow.Expr, v static, p *place) {
	switch v.kind {
	case flow.RowKind, flow.MailKind:
	case flow.TableKind, flow.ListKind:
		x := flow.PrintExpr(e)
		c.bad(e.At(), "%s 的 %s 要一行，%s 是整张表；逐行写 for row in each(%s):", "%s: %s takes a row, %s is a whole table; for each row write for row in each(%s):", p.action, p.arg, x, x)
	default:
		c.wrongKind(e, v, p)
	}
}
