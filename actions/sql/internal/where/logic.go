package where

import (
	"time"

	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

type compiler struct {
	*db.Dialect
	t     *db.Table
	scope flow.Scope
	loc   *time.Location
	why   string
}

// part is SQL that is true wherever a condition is; all says that it is true everywhere.
type part struct {
	sql   db.Frag
	all   bool
	level Level
}

// leaf is one comparison: over is true wherever it is, under only where it is. Neither has to be two-valued.
type leaf struct {
	over, under db.Frag
	exact       bool
}

func exactly(f db.Frag) *leaf { return &leaf{f, f, true} }

var (
	always = db.F("1 = 1")
	never  = db.F("1 = 0")
)

func constant(b bool) *leaf {
	if b {
		return exactly(always)
	}
	return exactly(never)
}

// not is true where f is false or unknown.
func not(f db.Frag) db.Frag { return db.F("case when ").Add(f, db.F(" then 0 else 1 end = 1")) }

func group(f db.Frag) db.Frag { return db.F("(").Add(f, db.F(")")) }

func and(fs ...db.Frag) db.Frag { return group(db.Join(fs, " and ")) }
func or(fs ...db.Frag) db.Frag  { return group(db.Join(fs, " or ")) }

// cond is e, or not e.
func (k *compiler) cond(e flow.Expr, neg bool) part {
	if !k.overRow(e) {
		return k.known(e, neg)
	}
	switch e := e.(type) {
	case *flow.Unary:
		if e.Op == "not" {
			return k.cond(e.X, !neg)
		}
	case *flow.Binary:
		if e.Op == "and" || e.Op == "or" {
			return join((e.Op == "and") != neg, k.cond(e.X, neg), k.cond(e.Y, neg))
		}
	}
	l, flip := k.leaf(e)
	if l == nil {
		return k.here(e)
	}
	if flip != neg {
		return part{sql: not(l.under), level: level(l)}
	}
	return part{sql: l.over, level: level(l)}
}

func level(l *leaf) Level {
	if l.exact {
		return Exact
	}
	return Near
}

// here leaves e to be looked at in the rows.
func (k *compiler) here(e flow.Expr) part {
	if k.why == "" {
		k.why = flow.PrintExpr(e)
	}
	return part{sql: always, all: true, level: Partial}
}

// join is the parts by and, or by or.
func join(both bool, x, y part) part {
	l := max(x.level, y.level)
	switch {
	case !both && (x.all || y.all):
		return part{sql: always, all: true, level: l}
	case !both:
		return part{sql: or(x.sql, y.sql), level: l}
	case x.all:
		return part{sql: y.sql, all: y.all, level: l}
	case y.all:
		return part{sql: x.sql, level: l}
	}
	return part{sql: and(x.sql, y.sql), level: l}
}

// overRow reports whether e needs the row.
func (k *compiler) overRow(e flow.Expr) bool {
	found := false
	flow.WalkExpr(e, func(x flow.Expr) { found = found || k.column(x) != nil })
	return found
}

// column is the column that e is, or nil.
func (k *compiler) column(e flow.Expr) *db.Column {
	name := ""
	switch e := e.(type) {
	case *flow.Name:
		name = e.Name
	case *flow.Apply:
		if l, ok := colName(e); ok {
			name = l.Value.Text()
		}
	}
	for i := range k.t.Columns {
		if name != "" && k.t.Columns[i].Name == name {
			return &k.t.Columns[i]
		}
	}
	return nil
}

// known is a condition that no row changes.
func (k *compiler) known(e flow.Expr, neg bool) part {
	v, err := flow.Eval(e, k.scope)
	if err != nil || v.Kind() == flow.UnknownKind {
		return k.here(e)
	}
	b, err := flow.Truth(v)
	if err != nil {
		return k.here(e)
	}
	if b != neg {
		return part{sql: always, all: true}
	}
	return part{sql: never}
}

// value is the value of an expression that no row changes.
func (k *compiler) value(e flow.Expr) (flow.Value, bool) {
	if k.overRow(e) {
		return flow.Value{}, false
	}
	v, err := flow.Eval(e, k.scope)
	return v, err == nil && v.Kind() != flow.UnknownKind && v.Kind() != flow.FailedKind
}

// leaf is one comparison or test; flip says that it is the opposite of e. Nil when it has no SQL.
func (k *compiler) leaf(e flow.Expr) (l *leaf, flip bool) {
	switch e := e.(type) {
	case *flow.Binary:
		switch e.Op {
		case "==", "<", "<=", ">", ">=":
			return k.compare(e.Op, e.X, e.Y), false
		case "!=":
			return k.compare("==", e.X, e.Y), true
		case "in":
			return k.member(e.X, e.Y), false
		case "not in":
			return k.member(e.X, e.Y), true
		}
	case *flow.Apply:
		if c := k.column(e); c != nil {
			return k.truth(c), false
		}
		return k.test(e), false
	case *flow.Name:
		if c := k.column(e); c != nil {
			return k.truth(c), false
		}
	}
	return nil, false
}

// truth is a column that is itself the condition.
func (k *compiler) truth(c *db.Column) *leaf {
	switch {
	case c.Class == db.Bool:
		return k.isBool(c, true)
	case c.Class == db.Number && k.strict(c):
		return exactly(db.F(k.q(c) + " <> 0"))
	}
	return nil
}

// test is a function of a column that is a condition.
func (k *compiler) test(e *flow.Apply) *leaf {
	if len(e.Args) == 0 {
		return nil
	}
	c := k.column(e.Args[0])
	if c == nil {
		return nil
	}
	if e.Func == "empty" {
		return k.blank(c)
	}
	if len(e.Args) != 2 || c.Class != db.Text || c.Loose {
		return nil
	}
	v, ok := k.value(e.Args[1])
	if !ok || !textual(v) {
		return nil
	}
	switch e.Func {
	case "contains", "startswith", "endswith":
		if v.String() == "" {
			return constant(true)
		}
		return k.within(e.Func, c, v.String())
	}
	return nil
}

// textual reports whether v has a text that tests use.
func textual(v flow.Value) bool {
	switch v.Kind() {
	case flow.NullKind, flow.BoolKind, flow.NumberKind, flow.TextKind, flow.PathKind, flow.DateKind, flow.TimeKind, flow.DurationKind:
		return true
	}
	return false
}

// itemsMax bounds a list that goes into a statement.
const itemsMax = 1000

// member is x in y: a column in a known list, or a known text in a column of texts.
func (k *compiler) member(x, y flow.Expr) *leaf {
	if c := k.column(y); c != nil && c.Class == db.Text && !c.Loose {
		v, ok := k.value(x)
		if !ok || !textual(v) {
			return nil
		}
		switch {
		case v.String() != "":
		case k.Kind == "sqlite":
			return exactly(db.F("typeof(" + k.q(c) + ") = 'text'"))
		default:
			return exactly(db.F(k.q(c) + " is not null"))
		}
		return k.within("contains", c, v.String())
	}
	c := k.column(x)
	list, ok := k.value(y)
	if c == nil || !ok || list.Kind() != flow.ListKind || len(list.List()) > itemsMax {
		return nil
	}
	out := constant(false)
	for i, v := range list.List() {
		l := k.against("==", c, v)
		switch {
		case l == nil:
			return nil
		case i == 0:
			out = l
		default:
			out = &leaf{db.Join([]db.Frag{out.over, l.over}, " or "), db.Join([]db.Frag{out.under, l.under}, " or "), out.exact && l.exact}
		}
	}
	return &leaf{group(out.over), group(out.under), out.exact}
}
