package where

import (
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// sum is a number computed of columns: + - * of decimals where the database computes them exactly
// (PostgreSQL), and the year, month or day of a date.
func (k *compiler) sum(e flow.Expr) (db.Frag, bool) {
	if v, ok := k.value(e); ok {
		if v.Kind() != flow.NumberKind || k.Kind != "postgres" {
			return db.Frag{}, false
		}
		return db.F(db.Param+"::text::numeric", v.Number().String()), true
	}
	if c := k.column(e); c != nil {
		return db.F(k.q(c) + "::numeric"), k.Kind == "postgres" && c.Class == db.Number && c.Float == 0
	}
	switch e := e.(type) {
	case *flow.Apply:
		return k.datePart(e)
	case *flow.Binary:
		return k.arith(e)
	}
	return db.Frag{}, false
}

// datePart is the year, month or day of a column.
func (k *compiler) datePart(e *flow.Apply) (db.Frag, bool) {
	if len(e.Args) != 1 || e.Func != "year" && e.Func != "month" && e.Func != "day" || k.Kind == "sqlite" {
		return db.Frag{}, false
	}
	c := k.column(e.Args[0])
	if c == nil || c.Class != db.Date && c.Class != db.Time {
		return db.Frag{}, false
	}
	if k.Kind == "postgres" {
		return db.F("extract(" + e.Func + " from " + k.q(c) + ")::numeric"), true
	}
	return db.F(e.Func + "(" + k.q(c) + ")"), true
}

// arith is x op y. Something empty counts 0, as in a spreadsheet; empty + empty is empty.
func (k *compiler) arith(e *flow.Binary) (db.Frag, bool) {
	if k.Kind != "postgres" || e.Op != "+" && e.Op != "-" && e.Op != "*" {
		return db.Frag{}, false
	}
	x, okx := k.sum(e.X)
	y, oky := k.sum(e.Y)
	if !okx || !oky {
		return db.Frag{}, false
	}
	zero := func(f db.Frag) db.Frag { return db.F("coalesce(").Add(f, db.F(", 0)")) }
	out := group(zero(x).Add(db.F(" "+e.Op+" "), zero(y)))
	if e.Op == "+" {
		out = db.F("case when ").Add(x, db.F(" is null and "), y, db.F(" is null then null else "), out, db.F(" end"))
	}
	return out, true
}

// sumAgainst is a computed number op a known one.
func (k *compiler) sumAgainst(op string, e flow.Expr, v flow.Value) *leaf {
	x, ok := k.sum(e)
	if !ok || v.Kind() != flow.NumberKind {
		return nil
	}
	p, ok := k.numberParam(&db.Column{Class: db.Number}, v.Number())
	if !ok {
		return nil
	}
	return exactly(x.Add(db.F(" "+sqlOp(op)+" "), p))
}

// sums compares two computed numbers.
func (k *compiler) sums(op string, x, y flow.Expr) *leaf {
	a, oka := k.sum(x)
	b, okb := k.sum(y)
	if !oka || !okb {
		return nil
	}
	return k.between(op, a, b)
}
