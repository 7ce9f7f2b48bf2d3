package check

import (
	"slices"

	"daiban/flow"
)

// expr checks e and gives it with its names bound, and what is known of its value.
func (c *checker) expr(e flow.Expr, p *place) (flow.Expr, static) {
	switch e := e.(type) {
	case *flow.Lit:
		return e, literal(e.Value)
	case *flow.Name:
		return c.name(e, p)
	case *flow.Missing:
		return c.hole(e, p)
	case *flow.Field:
		x, v := c.sub(e.X, p)
		e.X = x
		return c.field(e, e.Name, v, p, func(name string) flow.Expr {
			if flow.IsIdent(name) {
				e.Name = name
				return e
			}
			return &flow.Index{Pos: e.Pos, X: e.X, Key: &flow.Lit{Pos: e.Pos, Value: flow.Text(name)}}
		})
	case *flow.Index:
		return c.index(e, p)
	case *flow.Apply:
		return c.apply(e, p)
	case *flow.List:
		return c.listExpr(e, p)
	case *flow.Dict:
		return c.dict(e, p)
	case *flow.Unary:
		x, v := c.sub(e.X, p)
		e.X = x
		if e.Op == "not" {
			c.truth(x, v)
			return e, kindOf(flow.BoolKind)
		}
		c.numeric(x, v, "-")
		if v.kind == flow.DurationKind {
			return e, kindOf(flow.DurationKind)
		}
		return e, kindOf(flow.NumberKind)
	case *flow.Binary:
		return c.binary(e, p)
	}
	return e, unknown()
}

// sub is expr of a part of e: a hole in it is not the whole argument.
func (c *checker) sub(e flow.Expr, p *place) (flow.Expr, static) {
	whole, want := p.whole, p.want
	p.whole, p.want = false, flow.NullKind
	e, v := c.expr(e, p)
	p.whole, p.want = whole, want
	c.hasResult(e, v)
	return e, v
}

func (c *checker) hasResult(e flow.Expr, v static) {
	if v.none {
		c.bad(e.At(), "%s 那一步没有结果，不能这样用", "the step of %s has no result to be used so", flow.PrintExpr(e))
	}
}

func (c *checker) listExpr(e *flow.List, p *place) (flow.Expr, static) {
	elem := unknown()
	vals, constant, content := make([]flow.Value, 0, len(e.Items)), true, false
	for i, x := range e.Items {
		outer := p.item
		if outer == 0 {
			p.item = i + 1
		}
		x, v := c.expr(x, p)
		c.hasResult(x, v)
		p.item = outer
		e.Items[i] = x
		if v.val == nil {
			constant = false
		} else {
			vals = append(vals, *v.val)
		}
		content = content || v.content
		if v.kind == flow.ListKind && v.elem != nil {
			v = *v.elem // lists in lists are flattened
		}
		if i == 0 {
			elem = v
		} else {
			elem = merge(elem, v)
		}
	}
	elem.val = nil
	out := listOf(elem)
	out.content = content
	if constant {
		l := flow.ListOf(vals...)
		out.val = &l
	}
	return e, out
}

func (c *checker) dict(e *flow.Dict, p *place) (flow.Expr, static) {
	var cols []flow.Column
	known := true
	for i := range e.Keys {
		k, kv := c.sub(e.Keys[i], p)
		label := p.label
		if l, ok := k.(*flow.Lit); ok {
			p.label = l.Value.String()
		}
		x, v := c.sub(e.Values[i], p)
		p.label = label
		e.Keys[i], e.Values[i] = k, x
		if kv.val == nil || !kv.val.IsText() {
			known = false
			continue
		}
		kind := v.kind
		if kind == flow.UnknownKind {
			kind = flow.NullKind
		}
		cols = append(cols, flow.Column{Name: kv.val.Text(), Kind: kind})
	}
	return e, static{kind: flow.RowKind, cols: cols, known: known}
}

// name is a column, a variable, or what arrived.
func (c *checker) name(e *flow.Name, p *place) (flow.Expr, static) {
	v, isVar := c.scope.vars[e.Name]
	if p.over {
		if i := flow.ColumnIndex(p.cols, e.Name); i >= 0 {
			if isVar {
				c.bad(e.Pos, "%s 既是列名又是变量：把变量换个名字", "%s is both a column and a variable: rename the variable", e.Name)
			}
			return e, cell(p.cols[i])
		}
	}
	if isVar {
		return e, v
	}
	if e.Name == "event" {
		return e, c.eventStatic(e)
	}
	if p.over {
		if !p.known {
			u := unknown()
			u.content = true
			return e, u
		}
		if own, ok := c.column(e.Pos, e.Name, p, c.scope.names()); ok {
			i := flow.ColumnIndex(p.cols, own)
			return columnExpr(e.Pos, own), cell(p.cols[i])
		}
		return e, static{kind: flow.UnknownKind, hole: true}
	}
	c.unknownName(e)
	return e, static{kind: flow.UnknownKind, hole: true}
}

// columnExpr names a column in an expression over rows.
func columnExpr(pos flow.Pos, name string) flow.Expr {
	if flow.IsIdent(name) && !flow.Reserved(name) {
		return &flow.Name{Pos: pos, Name: name}
	}
	return &flow.Apply{Pos: pos, Func: "col", Args: []flow.Expr{&flow.Lit{Pos: pos, Value: flow.Text(name)}}}
}

func (c *checker) unknownName(e *flow.Name) {
	switch c.scope.gone[e.Name] {
	case "loop":
		c.bad(e.Pos, "%s 只在循环里有，循环之后不能用", "%s exists only inside the loop, not after it", e.Name)
		return
	case "branch":
		c.bad(e.Pos, "%s 只在 if 的一个分支里有值：在另一个分支里也给它一个值", "%s has a value in one branch of the if only: give it one in the other branch too", e.Name)
		return
	}
	for _, s := range c.bound.Steps {
		if s.Var == e.Name && s.Pos.Line >= e.Pos.Line {
			c.bad(e.Pos, "%s 在第 %d 行才有值，这里还不能用", "%s gets its value in line %d only and cannot be used here", e.Name, s.Pos.Line)
			return
		}
	}
	near := flow.Nearest(e.Name, c.scope.names())
	if len(near) == 0 && len(c.loops) > 0 && c.loops[len(c.loops)-1].item.kind == flow.RowKind {
		l := c.loops[len(c.loops)-1]
		c.bad(e.Pos, "没有叫 %s 的变量；若是当前行的列，写 %s.%s；若是文本，加引号", "there is no variable %s; a column of the row is written %s.%s, a text in quotes", e.Name, l.name, e.Name)
		return
	}
	c.badNear(e.Pos, near, "没有叫 %s 的变量；若是文本或列名，加引号", "there is no variable %s; a text or the name of a column is written in quotes", e.Name)
}

// eventStatic is what is known of event.
func (c *checker) eventStatic(e *flow.Name) static {
	if len(c.triggers) == 0 {
		if !c.env.Event {
			c.bad(e.Pos, "event 只在有触发条件（when_file、when_mail …）的流程里才有", "event exists only in a flow with a trigger (when_file, when_mail …)")
		}
		return unknown()
	}
	var cols []flow.Column
	for _, t := range c.triggers {
		for _, f := range flow.Triggers[t.Call.Name] {
			if flow.ColumnIndex(cols, f) < 0 {
				cols = append(cols, flow.Column{Name: f, Kind: eventKinds[f]})
			}
		}
	}
	return static{kind: flow.RowKind, cols: cols, known: true, content: true}
}

var eventKinds = map[string]flow.Kind{"file": flow.PathKind, "mail": flow.MailKind, "body": flow.NullKind, "item": flow.RowKind}

var (
	mailNames = []string{"sender", "to", "subject", "date", "body", "attachments"}
	pageNames = []string{"url", "title"}
	// fileNames is the parts of a file that arrived.
	fileNames = []string{"name", "ext", "path", "size", "modified"}
)

// field is the part name of v; rename puts another name into e.
func (c *checker) field(e flow.Expr, name string, v static, p *place, rename func(string) flow.Expr) (flow.Expr, static) {
	pos := e.At()
	from := func(s static) static { s.content = true; return s }
	switch v.kind {
	case flow.RowKind:
		return c.rowField(e, name, v, p, rename)
	case flow.MailKind:
		if i := flow.ColumnIndex(mailColumns(), name); i >= 0 {
			s := from(cell(mailColumns()[i]))
			if s.kind == flow.ListKind {
				s.elem = &static{kind: flow.TextKind, content: true}
			}
			return e, s
		}
		c.badNear(pos, nearOr(name, mailNames), "邮件没有 .%s", "a mail has no .%s", name)
	case flow.PageKind:
		if slices.Contains(pageNames, name) {
			return e, from(kindOf(flow.TextKind))
		}
		c.badNear(pos, nearOr(name, pageNames), "网页没有 .%s", "a page has no .%s", name)
	case flow.TableKind:
		c.bad(pos, "这是整张表，.%s 有很多行：合计用 table.total，逐行用 for row in each(…) 里的 row.%s", "this is a whole table, .%s has many rows: use table.total, or row.%s inside for row in each(…)", name, name)
	case flow.ListKind:
		c.bad(pos, "这是一个列表，没有 .%s：在 for x in each(…) 里写 x.%s", "this is a list, it has no .%s: write x.%s inside for x in each(…)", name, name)
	case flow.PathKind:
		if isEventFile(e) && slices.Contains(fileNames, name) {
			return e, from(unknown())
		}
		c.bad(pos, "路径没有 .%s", "a path has no .%s", name)
	case flow.DateKind, flow.TimeKind:
		if v.column {
			return e, from(unknown())
		}
		c.bad(pos, "日期没有 .%s：写 year(…)、month(…)、day(…) 或 weekday(…)", "a date has no .%s: write year(…), month(…), day(…) or weekday(…)", name)
	case flow.UnknownKind, flow.NullKind:
		return e, static{kind: flow.UnknownKind, content: true, hole: v.hole}
	default:
		if v.column {
			return e, from(unknown())
		}
		c.bad(pos, "%s没有 .%s", "a %s has no .%s", v.kind, name)
	}
	return e, static{kind: flow.UnknownKind, hole: true}
}

func isEventFile(e flow.Expr) bool {
	f, ok := e.(*flow.Field)
	if !ok {
		return false
	}
	if f, ok = f.X.(*flow.Field); !ok || f.Name != "file" {
		return false
	}
	n, ok := f.X.(*flow.Name)
	return ok && n.Name == "event"
}

func nearOr(name string, names []string) []string {
	if near := flow.Nearest(name, names); len(near) > 0 {
		return near
	}
	return names[:min(3, len(names))]
}

func (c *checker) rowField(e flow.Expr, name string, v static, p *place, rename func(string) flow.Expr) (flow.Expr, static) {
	if i := flow.ColumnIndex(v.cols, name); i >= 0 {
		s := cell(v.cols[i])
		if s.kind == flow.RowKind || s.kind == flow.UnknownKind {
			s.column = false
		}
		return e, s
	}
	if !v.known {
		u := unknown()
		u.content = true
		return e, u
	}
	if f, ok := e.(*flow.Field); ok {
		if n, ok := f.X.(*flow.Name); ok && n.Name == "event" && len(c.triggers) > 0 {
			c.badNear(e.At(), flow.Nearest(name, columnNames(v.cols)), "%s 触发的流程没有 event.%s", "there is no event.%[2]s in a flow started by %[1]s", c.triggers[0].Call.Name, name)
			return e, static{kind: flow.UnknownKind, hole: true}
		}
	}
	q := *p
	q.over, q.cols, q.known = true, v.cols, true
	own, ok := c.column(e.At(), name, &q, nil)
	p.holes = q.holes
	if !ok {
		return e, static{kind: flow.UnknownKind, hole: true}
	}
	return rename(own), cell(v.cols[flow.ColumnIndex(v.cols, own)])
}

func columnNames(cols []flow.Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return out
}

func (c *checker) index(e *flow.Index, p *place) (flow.Expr, static) {
	x, v := c.sub(e.X, p)
	k, kv := c.sub(e.Key, p)
	e.X, e.Key = x, k
	if kv.kind == flow.NumberKind {
		switch v.kind {
		case flow.ListKind, flow.TableKind:
			return e, v.item()
		case flow.UnknownKind, flow.NullKind:
		default:
			c.bad(e.Pos, "%s不能按第几个取", "a %s has no numbered items", v.kind)
		}
		return e, unknown()
	}
	if kv.val == nil || !kv.val.IsText() {
		if kv.sure() && kv.kind != flow.TextKind && !kv.column {
			c.bad(k.At(), "方括号里要列名或第几个（数字），不是%s", "what stands in [ ] must be the name of a column or a number, not a %s", kv.kind)
		}
		return e, static{kind: flow.UnknownKind, content: true, hole: kv.hole}
	}
	return c.field(e, kv.val.Text(), v, p, func(name string) flow.Expr {
		e.Key = &flow.Lit{Pos: k.At(), Value: flow.Text(name)}
		return e
	})
}
