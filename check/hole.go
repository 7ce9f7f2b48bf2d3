package check

import (
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// ask puts a question, or gives its answer. An answer counts once: when the same question
// comes again, the answer did not do, and the question is put with that said.
func (c *checker) ask(id, text string, choices []string) (answer string, ok bool) {
	answer, given := c.env.Answers[id]
	answer = strings.TrimSpace(answer)
	if given && answer != "" && !c.taken[id] {
		c.taken[id] = true
		return answer, true
	}
	if slices.ContainsFunc(c.questions, func(q Question) bool { return q.ID == id }) {
		return "", false
	}
	if given {
		c.taken[id] = true
		c.find(Warning, flow.Pos{}, nil, c.say("%s 的回答“%s”不能用", "the answer “%[2]s” to %[1]s cannot be used", id, short(answer)))
	}
	c.questions = append(c.questions, Question{ID: id, Text: text, Choices: choices})
	return "", false
}

// hole asks for what is missing at m, and puts the answer in its place in both trees.
func (c *checker) hole(m *flow.Missing, p *place) (flow.Expr, static) {
	p.holes++
	id := c.id(p)
	open := static{kind: flow.UnknownKind, hole: true}
	answer, ok := c.ask(id, c.question(p), c.choices(p))
	if !ok {
		return m, open
	}
	fill := c.filler(answer, m.Pos, p)
	e, ok := fill()
	if !ok {
		c.ask(id, c.question(p), c.choices(p))
		return m, open
	}
	if d, ok := fill(); ok {
		c.setDraft(m.Pos, d)
	}
	return c.expr(e, p)
}

// filler makes the expression of an answer, a new one each time; ok is false when the answer
// is not what the place takes.
func (c *checker) filler(answer string, pos flow.Pos, p *place) func() (flow.Expr, bool) {
	from := c.fresh
	lit := func(v flow.Value) flow.Expr { return &flow.Lit{Pos: c.newPos(pos), Value: v} }
	return func() (flow.Expr, bool) {
		c.fresh = from
		if p.over && p.whole || p.p != nil && p.whole && p.p.Type.Name == "row" {
			return parseExpr(answer, pos)
		}
		if p.p == nil || !p.whole {
			return lit(loose(answer, p.want)), true
		}
		if len(p.p.Choices) > 0 && !slices.Contains(p.p.Choices, answer) {
			return nil, false
		}
		switch p.p.Type.Name {
		case "number":
			n, ok := flow.ReadNumber(answer)
			return lit(flow.Num(plain(n))), ok
		case "bool":
			b, ok := flow.AsBool(flow.Text(answer))
			return lit(flow.Bool(b)), ok
		case "date":
			d, ok := flow.ReadDate(answer)
			return lit(flow.Text(d.String())), ok
		case "duration":
			_, ok := flow.ParseDuration(answer)
			return lit(flow.Text(answer)), ok
		case "table", "rows", "mail":
			_, ok := c.scope.vars[answer]
			return &flow.Name{Pos: pos, Name: answer}, ok
		}
		if (p.p.Type.List || isColumn(p.p)) && p.item == 0 {
			l := c.listAnswer(answer, p, lit)
			return l, l != nil
		}
		return lit(flow.Text(answer)), true
	}
}

// loose is an answer of which only a wish is known: a number or date where it reads as one
// and the other side does not want a text.
func loose(answer string, want flow.Kind) flow.Value {
	if want != flow.TextKind {
		if n, ok := flow.ReadNumber(answer); ok {
			return flow.Num(plain(n))
		}
		if b, ok := flow.AsBool(flow.Text(answer)); ok && want == flow.BoolKind {
			return flow.Bool(b)
		}
	}
	return flow.Text(answer)
}

// plain is n as a person writes it: 12000, not 12000.0.
func plain(n flow.Number) flow.Number {
	if x, ok := flow.ParseNumber(n.Key()); ok {
		return x
	}
	return n
}

// listAnswer is an answer of several names; nil when there is none in it.
func (c *checker) listAnswer(answer string, p *place, lit func(flow.Value) flow.Expr) flow.Expr {
	seps := ",;、，；\n"
	if p.p.Type.Name == "path" {
		seps = ";；\n"
	}
	var items []flow.Expr
	for _, s := range strings.FieldsFunc(answer, func(r rune) bool { return strings.ContainsRune(seps, r) }) {
		if s = strings.TrimSpace(s); s != "" {
			items = append(items, lit(flow.Text(s)))
		}
	}
	switch len(items) {
	case 0:
		return nil
	case 1:
		return items[0]
	}
	return &flow.List{Pos: items[0].At(), Items: items}
}

// parseExpr reads an answer that is an expression: 金额 > 1000.
func parseExpr(text string, pos flow.Pos) (flow.Expr, bool) {
	if strings.Contains(text, "\n") {
		return nil, false
	}
	f, err := flow.Parse("x = " + text)
	if err != nil || len(f.Steps) != 1 || f.Steps[0].Kind != flow.LetStep {
		return nil, false
	}
	ok := true
	flow.WalkExpr(f.Steps[0].Expr, func(e flow.Expr) {
		if _, missing := e.(*flow.Missing); missing {
			ok = false
		}
	})
	return movedTo(f.Steps[0].Expr, pos), ok
}

// movedTo gives all of e the place pos: findings about it name the line of the flow.
func movedTo(e flow.Expr, pos flow.Pos) flow.Expr {
	flow.WalkExpr(e, func(x flow.Expr) {
		switch x := x.(type) {
		case *flow.Lit:
			x.Pos = pos
		case *flow.Name:
			x.Pos = pos
		case *flow.Field:
			x.Pos = pos
		case *flow.Index:
			x.Pos = pos
		case *flow.Apply:
			x.Pos = pos
		case *flow.List:
			x.Pos = pos
		case *flow.Dict:
			x.Pos = pos
		case *flow.Unary:
			x.Pos = pos
		case *flow.Binary:
			x.Pos = pos
		}
	})
	return e
}

// setDraft puts e in the place of the leaf at pos in the flow as planned.
func (c *checker) setDraft(pos flow.Pos, e flow.Expr) {
	d := c.draft.Step(c.step.ID)
	if d == nil {
		return
	}
	d.Expr = replaceAt(d.Expr, pos, e)
	if d.Call != nil {
		for _, a := range d.Call.Args {
			a.Value = replaceAt(a.Value, pos, e)
		}
	}
}

// replaceDraft gives the text at pos in the flow as planned the value v.
func (c *checker) replaceDraft(pos flow.Pos, v flow.Value) {
	c.setDraft(pos, &flow.Lit{Pos: pos, Value: v})
}

// renameDraft gives the column name at pos, in the flow as planned, the name that was chosen.
func (c *checker) renameDraft(pos flow.Pos, name, own string) {
	d := c.draft.Step(c.step.ID)
	if d == nil || own == "" {
		return
	}
	d.Expr = renamed(d.Expr, pos, name, own)
	if d.Call != nil {
		for _, a := range d.Call.Args {
			a.Value = renamed(a.Value, pos, name, own)
		}
	}
}

// renamed is e with the column name at pos called own: as a text, a name, a field or a hole
// of a template.
func renamed(e flow.Expr, pos flow.Pos, name, own string) flow.Expr {
	switch e := e.(type) {
	case *flow.Lit:
		if e.Pos != pos || !e.Value.IsText() {
			return e
		}
		if e.Value.Text() == name {
			return &flow.Lit{Pos: pos, Value: flow.Text(own)}
		}
		text := strings.ReplaceAll(e.Value.Text(), "{"+name+"}", "{"+own+"}")
		return &flow.Lit{Pos: pos, Value: flow.Text(strings.ReplaceAll(text, "."+name+"}", "."+own+"}"))}
	case *flow.Name:
		if e.Pos == pos && e.Name == name {
			return columnExpr(pos, own)
		}
	case *flow.Field:
		if e.Pos == pos && e.Name == name {
			if flow.IsIdent(own) {
				e.Name = own
				return e
			}
			return &flow.Index{Pos: pos, X: e.X, Key: &flow.Lit{Pos: pos, Value: flow.Text(own)}}
		}
		e.X = renamed(e.X, pos, name, own)
	case *flow.Index:
		if l, ok := e.Key.(*flow.Lit); ok && e.Pos == pos && l.Value.Text() == name {
			l.Value = flow.Text(own)
			return e
		}
		e.X = renamed(e.X, pos, name, own)
	case *flow.Apply:
		if e.Func == "col" && e.Pos == pos {
			if l, ok := e.Args[0].(*flow.Lit); ok && l.Value.Text() == name {
				l.Value = flow.Text(own)
			}
			return e
		}
		renamedAll(e.Args, pos, name, own)
	case *flow.List:
		renamedAll(e.Items, pos, name, own)
	case *flow.Dict:
		renamedAll(e.Values, pos, name, own)
	case *flow.Unary:
		e.X = renamed(e.X, pos, name, own)
	case *flow.Binary:
		e.X, e.Y = renamed(e.X, pos, name, own), renamed(e.Y, pos, name, own)
	}
	return e
}

func renamedAll(es []flow.Expr, pos flow.Pos, name, own string) {
	for i := range es {
		es[i] = renamed(es[i], pos, name, own)
	}
}

// replaceAt is e with the literal or hole at pos replaced.
func replaceAt(e flow.Expr, pos flow.Pos, with flow.Expr) flow.Expr {
	switch e := e.(type) {
	case *flow.Lit:
		if e.Pos == pos {
			return with
		}
	case *flow.Missing:
		if e.Pos == pos {
			return with
		}
	case *flow.Field:
		e.X = replaceAt(e.X, pos, with)
	case *flow.Index:
		e.X, e.Key = replaceAt(e.X, pos, with), replaceAt(e.Key, pos, with)
	case *flow.Apply:
		replaceAll(e.Args, pos, with)
	case *flow.List:
		replaceAll(e.Items, pos, with)
	case *flow.Dict:
		replaceAll(e.Keys, pos, with)
		replaceAll(e.Values, pos, with)
	case *flow.Unary:
		e.X = replaceAt(e.X, pos, with)
	case *flow.Binary:
		e.X, e.Y = replaceAt(e.X, pos, with), replaceAt(e.Y, pos, with)
	}
	return e
}

func replaceAll(es []flow.Expr, pos flow.Pos, with flow.Expr) {
	for i := range es {
		es[i] = replaceAt(es[i], pos, with)
	}
}

// unusedAnswers finds answers to questions that the flow does not have. Those that a run
// asks (person.ask, STEP.happened) and those that are in the flow already are left.
func (c *checker) unusedAnswers() {
	for _, id := range sortedKeys(c.env.Answers) {
		if c.taken[id] || strings.Contains(id, "[") || strings.HasSuffix(id, ".happened") {
			continue
		}
		s, arg := c.answered(id)
		if s == nil {
			c.badNear(flow.Pos{}, flow.Nearest(id, c.questionIDs()), "没有问题 %s，回答用不上", "there is no question %s: the answer has no place", id)
			continue
		}
		if a := c.env.Actions.Find(stepName(s)); a != nil && (a.Effect == action.Asks || a.Param(arg) != nil) {
			c.given(s, id, arg, a)
			continue
		}
		if !hasHole(s, arg) {
			c.badNear(flow.Pos{}, c.questionIDs(), "没有问题 %s，回答用不上", "there is no question %s: the answer has no place", id)
		}
	}
}

// given warns of an answer where the flow says something else already.
func (c *checker) given(s *flow.Step, id, arg string, a *action.Action) {
	if a.Effect == action.Asks {
		return
	}
	d := c.draft.Step(s.ID)
	text := flow.PrintStep(&flow.Step{Kind: d.Kind, Call: d.Call, Expr: d.Expr})
	if answer := strings.TrimSpace(c.env.Answers[id]); !strings.Contains(text, flow.Quote(answer)) && !strings.Contains(text, answer) {
		c.step = s
		c.warn(s.Pos, "没有问 %s：流程里已经写了，回答没有用上", "%s was not asked: the flow says it already, so the answer is not used", id)
		c.step = nil
	}
}

// hasHole reports whether arg is where the steps that are no actions have their questions.
func hasHole(s *flow.Step, arg string) bool {
	return slices.Contains([]string{"value", "if", "list", "default", "condition", "reason", "when", "zone", "folder", "pattern", "name", "sender", "subject", "errors", "parallel", "key", "retry", "every", "timeout", "on_error"}, arg)
}

func (c *checker) questionIDs() []string {
	var out []string
	for _, q := range c.questions {
		out = append(out, q.ID)
	}
	return out
}

func stepName(s *flow.Step) string {
	if s.Call == nil {
		return ""
	}
	return s.Call.Name
}

// answered is the step and argument of a question id: 4.to, 3.1.to, 4.to.2.
func (c *checker) answered(id string) (*flow.Step, string) {
	parts := strings.Split(id, ".")
	for n := len(parts) - 1; n > 0; n-- {
		if s := c.bound.Step(strings.Join(parts[:n], ".")); s != nil && parts[n] != "" {
			return s, parts[n]
		}
	}
	return nil, ""
}
