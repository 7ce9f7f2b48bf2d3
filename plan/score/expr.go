package score

import (
	"regexp"
	"strings"

	"daiban/flow"
)

// A scope says how a bare name is meant.
type scope struct{ row bool } // row: a column first

// expr writes an expression with variables replaced by what they hold.
func (c *canon) expr(e flow.Expr, sc scope) string {
	switch e := e.(type) {
	case *flow.Lit:
		if e.Value.IsText() {
			return c.template(e.Value.Text(), sc)
		}
		return flow.PrintValue(e.Value)
	case *flow.Name:
		if b, ok := c.vars[e.Name]; ok {
			c.use.value(b)
			return b.text
		}
		return e.Name
	case *flow.Missing:
		return "missing"
	case *flow.Field:
		return c.field(c.expr(e.X, sc), e.Name)
	case *flow.Index:
		if k, ok := literal(e.Key); ok {
			return c.field(c.expr(e.X, sc), k)
		}
		return c.expr(e.X, sc) + "[" + c.expr(e.Key, sc) + "]"
	case *flow.Apply:
		if k, ok := literalArg(e, "col"); ok {
			return k
		}
		return e.Func + "(" + c.list(e.Args, sc) + ")"
	case *flow.List:
		if len(e.Items) == 1 {
			return c.expr(e.Items[0], sc)
		}
		if e.Tuple {
			return "(" + c.list(e.Items, sc) + ")"
		}
		return "[" + c.list(e.Items, sc) + "]"
	case *flow.Dict:
		parts := make([]string, len(e.Keys))
		for i, k := range e.Keys {
			parts[i] = c.expr(k, sc) + ":" + c.expr(e.Values[i], sc)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case *flow.Unary:
		if e.Op == "not" {
			return negate(c.expr(e.X, sc), e.X, c)
		}
		return e.Op + c.expr(e.X, sc)
	case *flow.Binary:
		return "(" + c.expr(e.X, sc) + " " + e.Op + " " + c.expr(e.Y, sc) + ")"
	}
	return "?"
}

func literalArg(e *flow.Apply, name string) (string, bool) {
	if e.Func != name || len(e.Args) != 1 {
		return "", false
	}
	return literal(e.Args[0])
}

func (c *canon) field(x, name string) string { return x + "." + name }

func (c *canon) list(es []flow.Expr, sc scope) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = c.expr(e, sc)
	}
	return strings.Join(parts, ",")
}

var hole = regexp.MustCompile(`\{([^{}]*)\}`)

// template writes a text with the names in its holes replaced; a text that is one hole
// is what the hole holds.
func (c *canon) template(s string, sc scope) string {
	if sc.row || !strings.Contains(s, "{") {
		return flow.PrintValue(flow.Text(s))
	}
	if m := hole.FindStringSubmatch(s); m != nil && m[0] == s {
		if text, ok := c.hole(m[1]); ok {
			return text
		}
	}
	filled := hole.ReplaceAllStringFunc(s, func(h string) string {
		if text, ok := c.hole(h[1 : len(h)-1]); ok {
			return "{" + text + "}"
		}
		return h
	})
	return flow.PrintValue(flow.Text(filled))
}

// hole is what {name} is filled from: the row of the loop around, or a variable.
func (c *canon) hole(name string) (string, bool) {
	root, rest, dotted := strings.Cut(name, ".")
	if b, ok := c.vars[root]; ok {
		c.use.value(b)
		if dotted {
			return b.text + "." + rest, true
		}
		return b.text, true
	}
	switch name {
	case "today", "now", "n":
		return "", false
	}
	if len(c.loops) > 0 && !dotted && root != "event" {
		return c.loops[len(c.loops)-1] + "." + name, true
	}
	return "", false
}

var opposite = map[string]string{">": "<=", "<=": ">", "<": ">=", ">=": "<", "==": "!=", "!=": "==", "in": "not in", "not in": "in"}

// negate writes the opposite of e, whose canonical text is text.
func negate(text string, e flow.Expr, c *canon) string {
	switch e := e.(type) {
	case *flow.Binary:
		if op := opposite[e.Op]; op != "" {
			return countText("(" + c.expr(e.X, scope{}) + " " + op + " " + c.expr(e.Y, scope{}) + ")")
		}
		if e.Op == "and" || e.Op == "or" {
			op := map[string]string{"and": "or", "or": "and"}[e.Op]
			return "(" + negate("", e.X, c) + " " + op + " " + negate("", e.Y, c) + ")"
		}
	case *flow.Unary:
		if e.Op == "not" {
			return c.expr(e.X, scope{})
		}
	}
	if text == "" {
		text = c.expr(e, scope{})
	}
	return "not " + text
}

// countText writes a comparison of a count with 0 in one way.
func countText(s string) string {
	if strings.HasPrefix(s, "(count(") {
		s = strings.Replace(s, ") <= 0)", ") == 0)", 1)
	}
	return s
}
