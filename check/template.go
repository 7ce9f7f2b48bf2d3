package check

import (
	"slices"
	"strings"

	"daiban/flow"
)

// templates checks the {names} of the texts written in e, and binds those that are columns
// to the headers as they are. Only what is written in the flow is a template.
func (c *checker) templates(e flow.Expr, p *place) {
	switch e := e.(type) {
	case *flow.Lit:
		if e.Value.IsText() {
			e.Value = flow.Text(c.template(e.Pos, e.Value.Text(), p))
		}
	case *flow.List:
		for _, x := range e.Items {
			c.templates(x, p)
		}
	case *flow.Dict:
		for _, x := range e.Values {
			c.templates(x, p)
		}
	}
}

// template is text with its holes checked and bound.
func (c *checker) template(pos flow.Pos, text string, p *place) string {
	for _, name := range flow.TemplateNames(text) {
		first, rest, dotted := strings.Cut(name, ".")
		if own, ok := c.holeName(pos, name, p, !dotted); ok {
			text = rename(text, name, own)
			continue
		} else if !dotted {
			continue
		}
		if own, ok := c.holeName(pos, strings.TrimSpace(first), p, true); ok {
			rest = c.dotted(pos, own, rest, p)
			text = rename(text, name, own+"."+rest)
		}
	}
	return text
}

func rename(text, name, own string) string {
	if name == own {
		return text
	}
	return strings.ReplaceAll(text, "{"+name+"}", "{"+own+"}")
}

// holeName is what {name} stands for: a name of the action's own, a column of a row in
// whose loop it stands, a variable, what arrived, or today, now and n; else a finding.
func (c *checker) holeName(pos flow.Pos, name string, p *place, last bool) (string, bool) {
	if slices.Contains(p.own, name) || p.anyOwn {
		return name, true
	}
	open := false // a row whose columns are not known
	for i := len(c.loops) - 1; i >= 0; i-- {
		cols, known := c.loops[i].item.columns()
		if flow.ColumnIndex(cols, name) >= 0 {
			return name, true
		}
		open = open || !known && (c.loops[i].item.kind == flow.RowKind || c.loops[i].item.kind == flow.UnknownKind)
	}
	if _, ok := c.scope.vars[name]; ok {
		return name, true
	}
	if name == "event" && (len(c.triggers) > 0 || c.env.Event) {
		return name, true
	}
	if in, unsure := c.inEvent(name); in {
		return name, true
	} else if unsure {
		open = true
	}
	switch name {
	case "today", "now", "n":
		return name, true
	}
	if open {
		return name, true
	}
	if !last {
		return "", false
	}
	return c.unknownHole(pos, name, p)
}

// inEvent reports whether name is a part of what arrived, and whether that may hold anything.
func (c *checker) inEvent(name string) (in, unsure bool) {
	if len(c.triggers) == 0 {
		return false, c.env.Event
	}
	for _, t := range c.triggers {
		for _, f := range flow.Triggers[t.Call.Name] {
			in = in || f == name || f == "mail" && slices.Contains(mailNames, name)
			unsure = unsure || f == "item" || f == "body"
		}
	}
	return in, unsure
}

// unknownHole binds a hole that is nearly a column of the innermost row, or reports it.
func (c *checker) unknownHole(pos flow.Pos, name string, p *place) (string, bool) {
	for i := len(c.loops) - 1; i >= 0; i-- {
		cols, known := c.loops[i].item.columns()
		if !known {
			continue
		}
		q := *p
		q.over, q.cols, q.known = true, cols, true
		own, ok := c.column(pos, name, &q, c.scope.names())
		p.holes = q.holes
		if ok && strings.ContainsAny(own, ":;,\"'=\\$<>|&!?*{}\n") {
			c.bad(pos, "列“%s”的名字不能写进模板；先用 table.column 加一列名字简单的", "the name of the column “%s” cannot stand in a template; add a column of a simpler name by table.column", own)
			return "", false
		}
		return own, ok
	}
	var near []string
	if len(p.own) > 0 {
		near = flow.Nearest(name, p.own)
	}
	if len(near) == 0 {
		near = flow.Nearest(name, c.scope.names())
	}
	if where := c.scope.gone[name]; where == "loop" {
		c.bad(pos, "模板里的 {%s} 只在循环里有，循环之后不能用", "{%s} in the template exists only inside the loop, not after it", name)
		return "", false
	}
	c.badNear(pos, near, "模板里的 {%s} 没有值：这里没有叫这个名字的列或变量", "{%s} in the template has no value: there is no column or variable of that name here", name)
	return "", false
}

// dotted checks {x.a}: x must be a variable or row that has a. It gives a as the row calls it.
func (c *checker) dotted(pos flow.Pos, first, rest string, p *place) string {
	v, ok := c.scope.vars[first]
	if first == "event" {
		v, ok = c.eventStatic(&flow.Name{Pos: pos, Name: first}), true
	}
	if !ok {
		return rest
	}
	name, more, deep := strings.Cut(rest, ".")
	name = strings.TrimSpace(name)
	switch v.kind {
	case flow.RowKind, flow.MailKind:
		cols, known := v.columns()
		if !known || flow.ColumnIndex(cols, name) >= 0 {
			return rest
		}
		q := *p
		q.over, q.cols, q.known = true, cols, true
		own, ok := c.column(pos, name, &q, nil)
		p.holes = q.holes
		if ok && deep {
			return own + "." + more
		} else if ok {
			return own
		}
	case flow.TextKind, flow.NumberKind, flow.BoolKind, flow.PathKind, flow.DateKind, flow.TimeKind, flow.DurationKind:
		if !v.column {
			c.bad(pos, "{%s.%s}：%s 是%s，没有 .%s", "{%s.%s}: %s is a %s, it has no .%s", first, rest, first, v.kind, rest)
		}
	case flow.TableKind, flow.ListKind:
		c.bad(pos, "{%s.%s}：%s 是%s，不是一行", "{%s.%s}: %s is a %s, not a row", first, rest, first, v.kind)
	}
	return rest
}
