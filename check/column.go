package check

import (
	"errors"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// column is the header in p.cols that name means. When several fit, or some are near, it
// asks; ok is false as long as that is open. extra is other names that could be meant.
func (c *checker) column(pos flow.Pos, name string, p *place, extra []string) (own string, ok bool) {
	i, err := action.Resolve(name, p.cols)
	if err == nil {
		own = p.cols[i].Name
		if own != name && !c.noted[name+"\x00"+own] {
			c.noted[name+"\x00"+own] = true // once is enough
			c.info(pos, "列 %s → %s", "column %s → %s", name, own)
		}
		return own, true
	}
	near := action.Match(name, p.cols)
	if len(near) == 0 || strings.TrimSpace(name) == "" {
		c.badNear(pos, flow.Nearest(name, extra), "没有“%s”这一列；有：%s", "there is no column “%s”; there are: %s", name, c.list(columnNames(p.cols)))
		return "", false
	}
	text := c.say("“%s”是哪一列？", "Which column is “%s”?", name)
	var problem *action.Problem
	if errors.As(err, &problem) && problem.Kind == "missing" {
		text = c.say("没有“%s”这一列，是哪一列？", "There is no column “%s”: which one is meant?", name)
		c.find(Warning, pos, near, c.say("没有“%s”这一列", "there is no column “%s”", name))
	}
	key := name + "\x00" + strings.Join(columnNames(p.cols), "\x00")
	if own, ok := c.chosen[key]; ok { // asked before, of the same columns
		c.renameDraft(pos, name, own)
		return own, own != ""
	}
	c.chosen[key] = ""
	p.holes++
	id := c.id(p)
	answer, ok := c.ask(id, text, near)
	if !ok {
		return "", false
	}
	i, err = action.Resolve(answer, p.cols)
	if err != nil {
		c.ask(id, text, near) // again: there is no such column either
		return "", false
	}
	own = p.cols[i].Name
	c.chosen[key] = own
	c.renameDraft(pos, name, own)
	return own, true
}

// columnArg binds the columns that an argument names. Where it is about two tables, a
// name that means different headers becomes a pair.
func (c *checker) columnArg(e flow.Expr, p *place) flow.Expr {
	sets := make([]*place, len(p.tables))
	for i, t := range p.tables {
		cols, known := t.columns()
		if !known {
			cols, known = c.savedIn(t)
		}
		q := *p
		q.cols, q.known = cols, known
		sets[i] = &q
	}
	switch e := e.(type) {
	case *flow.Lit:
		if e.Value.IsText() {
			return c.oneColumn(e, sets)
		}
	case *flow.List:
		pair := e.Tuple && len(e.Items) == 2 && len(sets) == 2
		for i, x := range e.Items {
			for _, s := range sets {
				s.item = i + 1
			}
			if pair {
				e.Items[i] = c.columnIn(x, sets[i:i+1])
			} else {
				e.Items[i] = c.columnIn(x, sets)
			}
		}
	}
	return e
}

// savedIn is the columns of a table that is named by the file in which it is.
func (c *checker) savedIn(t static) ([]flow.Column, bool) {
	if t.val == nil || !t.val.IsText() || len(flow.TemplateNames(t.val.Text())) > 0 {
		return nil, false
	}
	return c.world.columns(t.val.Text(), "", 0)
}

func (c *checker) columnIn(e flow.Expr, sets []*place) flow.Expr {
	switch x := e.(type) {
	case *flow.Lit:
		if x.Value.IsText() {
			return c.oneColumn(x, sets)
		}
	case *flow.List:
		for i := range x.Items {
			x.Items[i] = c.columnIn(x.Items[i], sets)
		}
	}
	return e
}

func (c *checker) oneColumn(e *flow.Lit, sets []*place) flow.Expr {
	name := e.Value.Text()
	var own []string
	for _, s := range sets {
		if !s.known {
			own = append(own, name)
			continue
		}
		o, ok := c.column(e.Pos, name, s, nil)
		if !ok {
			return e
		}
		own = append(own, o)
	}
	switch {
	case len(own) == 0:
	case len(own) == 2 && own[0] != own[1]:
		return &flow.List{Pos: e.Pos, Tuple: true, Items: []flow.Expr{
			&flow.Lit{Pos: e.Pos, Value: flow.Text(own[0])}, &flow.Lit{Pos: e.Pos, Value: flow.Text(own[1])}}}
	default:
		e.Value = flow.Text(own[0])
	}
	return e
}
