// Package where translates a condition of the language over the rows of a table into SQL. What comes out
// lets every row through for which the condition is true (it is a superset of them), and says how good it
// is: exact, near (the rows must be looked at again here), or partial (a part of the condition has no
// meaning in the database and is left out). The language decides, not the database's collation, its
// padding of texts or its rounding.
//
// A condition is brought to its parts with the negations pushed down (De Morgan), so that every part is
// let through too widely rather than too narrowly. A part gives two pieces of SQL, one that is true
// wherever the part is (over) and one that is true only where it is (under); a negated part is NOT under.
package where

import (
	"time"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// A Level is how well SQL says a condition.
type Level uint8

// The levels, best first.
const (
	Exact   Level = iota
	Near          // every row must be looked at again
	Partial       // a part of the condition is not in it
)

// A Cond is a condition over the rows of a table.
type Cond struct {
	SQL   db.Frag // "" when every row passes
	Level Level
	Why   string                               // the part that is not in SQL, of a Partial
	Test  func(row []flow.Value) (bool, error) // the condition itself, over all columns; nil when there is none
	Used  []int                                // the columns that it needs
}

// Compile translates e over the columns of t. ask resolves a name that is neither a column nor a variable.
func Compile(d *db.Dialect, t *db.Table, e action.Expr, loc *time.Location, ask func(name string) (int, error)) (*Cond, error) {
	if e.Compile == nil {
		return &Cond{}, nil
	}
	b := &binder{t: t, cols: t.Cols(), scope: e.Scope, ask: ask}
	tree, err := b.bind(e.Text)
	if err != nil {
		return nil, err
	}
	run, err := flow.CompileRow(tree, b.cols, e.Scope)
	if err != nil {
		return nil, err
	}
	k := &compiler{Dialect: d, t: t, scope: e.Scope, loc: loc}
	p := k.cond(tree, false)
	out := &Cond{SQL: p.sql, Level: p.level, Why: k.why, Used: b.used}
	if p.all {
		out.SQL = db.Frag{}
	}
	out.Test = func(row []flow.Value) (bool, error) {
		v, err := run(row)
		if err != nil {
			return false, err
		}
		return flow.Truth(v)
	}
	return out, nil
}

// Where is the clause, with its keyword; empty when every row passes.
func (c *Cond) Where() db.Frag {
	if c.SQL.Text == "" {
		return db.Frag{}
	}
	return db.F(" where ").Add(c.SQL)
}

// binder gives every name in a condition its column.
type binder struct {
	t     *db.Table
	cols  []flow.Column
	scope flow.Scope
	ask   func(name string) (int, error)
	used  []int
	err   error
}

func (b *binder) bind(text string) (flow.Expr, error) {
	f, err := flow.Parse("x = " + text)
	if err != nil {
		return nil, err
	}
	if len(f.Steps) != 1 || f.Steps[0].Expr == nil {
		return nil, action.Bad("条件 %s 不是表达式", "the condition %s is no expression", text)
	}
	e := f.Steps[0].Expr
	flow.WalkExpr(e, b.name)
	return e, b.err
}

func (b *binder) name(x flow.Expr) {
	switch x := x.(type) {
	case *flow.Name:
		if i := flow.ColumnIndex(b.cols, x.Name); i >= 0 {
			b.use(i)
			return
		}
		if b.scope != nil {
			if _, ok := b.scope.Lookup(x.Name); ok {
				return
			}
		}
		if i := b.find(x.Name); i >= 0 {
			x.Name = b.cols[i].Name
		}
	case *flow.Apply:
		if l, ok := colName(x); ok {
			if i := b.find(l.Value.Text()); i >= 0 {
				l.Value = flow.Text(b.cols[i].Name)
			}
		}
	}
}

func (b *binder) find(name string) int {
	if i := flow.ColumnIndex(b.cols, name); i >= 0 {
		b.use(i)
		return i
	}
	if b.err != nil {
		return -1
	}
	i, err := b.ask(name)
	if err != nil {
		b.err = err
		return -1
	}
	b.use(i)
	return i
}

func (b *binder) use(i int) {
	if c := &b.t.Columns[i]; c.Class == db.Bytes && b.err == nil {
		b.err = action.Bad("“%s”列是二进制（%s），不能用在条件里", "column “%s” holds bytes (%s) and cannot be used in a condition", c.Name, c.Type)
	}
	for _, j := range b.used {
		if j == i {
			return
		}
	}
	b.used = append(b.used, i)
}

// colName is the literal in col("…").
func colName(x *flow.Apply) (*flow.Lit, bool) {
	if x.Func != "col" || len(x.Args) != 1 {
		return nil, false
	}
	l, ok := x.Args[0].(*flow.Lit)
	return l, ok
}
