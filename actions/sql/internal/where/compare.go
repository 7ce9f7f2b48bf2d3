package where

import (
	"strings"
	"time"

	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// q is a column in a statement.
func (k *compiler) q(c *db.Column) string { return k.Quote(c.Name) }

// strict reports whether the cells of c are what the column says: only SQLite leaves that open.
func (k *compiler) strict(*db.Column) bool { return k.Kind != "sqlite" }

var mirrored = map[string]string{"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func sqlOp(op string) string {
	if op == "==" {
		return "="
	}
	return op
}

// compare is x op y; nil when it has no SQL.
func (k *compiler) compare(op string, x, y flow.Expr) *leaf {
	if !k.overRow(x) {
		x, y, op = y, x, mirrored[op]
	}
	if v, ok := k.value(y); ok {
		if c := k.column(x); c != nil {
			return k.against(op, c, v)
		}
		return k.sumAgainst(op, x, v)
	}
	a, b := k.column(x), k.column(y)
	if a == nil || b == nil {
		return k.sums(op, x, y)
	}
	same := a.Class == b.Class && (a.Class == db.Number && a.Float == 0 && b.Float == 0 || a.Class == db.Date || a.Class == db.Time)
	if !same || !k.strict(a) {
		return nil
	}
	return k.between(op, db.F(k.q(a)), db.F(k.q(b)))
}

// between compares two values of one type of which either may be empty.
func (k *compiler) between(op string, a, b db.Frag) *leaf {
	f := a.Add(db.F(" "+sqlOp(op)+" "), b)
	if op == "==" {
		f = or(f, and(a.Add(db.F(" is null")), b.Add(db.F(" is null"))))
	}
	return exactly(f)
}

// against is column op value.
func (k *compiler) against(op string, c *db.Column, v flow.Value) *leaf {
	if flow.Blank(v) {
		if v.Kind() != flow.NullKind && !v.IsText() {
			return nil
		}
		if op != "==" {
			return constant(false)
		}
		return k.blank(c)
	}
	if c.Loose {
		return nil
	}
	switch c.Class {
	case db.Number:
		return k.number(op, c, v)
	case db.Text:
		return k.text(op, c, v)
	case db.Date, db.Time, db.Instant:
		return k.date(op, c, v)
	case db.Bool:
		if b, ok := flow.AsBool(v); ok && op == "==" {
			return k.isBool(c, b)
		}
	}
	return nil
}

// blank is a column that is empty: NULL, or of texts only spaces.
func (k *compiler) blank(c *db.Column) *leaf {
	null := db.F(k.q(c) + " is null")
	switch {
	case k.Kind == "sqlite":
		return exactly(or(null, db.F("typeof("+k.q(c)+") = 'blob'"), and(db.F("typeof("+k.q(c)+") = 'text'"), db.F("trim("+k.q(c)+", "+db.Param+") = ''", spaces))))
	case c.Class == db.Text:
		return exactly(or(null, k.spacesOnly(c)))
	case c.Class == db.Other:
		return nil
	}
	return exactly(null)
}

func (k *compiler) isBool(c *db.Column, b bool) *leaf {
	q := k.q(c)
	switch k.Kind {
	case "postgres":
		if b {
			return exactly(db.F(q))
		}
		return exactly(db.F("not " + q))
	case "mysql":
		if b {
			return exactly(db.F(q + " <> 0"))
		}
		return exactly(db.F(q + " = 0"))
	case "sqlite":
		is := db.F(q+" = "+db.Param, k.Truth(b))
		return &leaf{or(is, db.F("typeof("+q+") = 'text'")), and(is, db.F("typeof("+q+") = 'integer'")), false}
	}
	return exactly(db.F(q+" = "+db.Param, k.Truth(b)))
}

// number compares a column of numbers. A value that is no number equals none; what has no order is an
// error that the rows will tell.
func (k *compiler) number(op string, c *db.Column, v flow.Value) *leaf {
	if v.Kind() != flow.NumberKind && v.Kind() != flow.TextKind {
		return nil
	}
	x, ok := flow.AsNumber(v)
	if !ok {
		return nil
	}
	p, ok := k.numberParam(c, x)
	if !ok {
		return nil
	}
	f := db.F(k.q(c) + " " + sqlOp(op) + " ").Add(p)
	if k.strict(c) {
		return exactly(f)
	}
	return &leaf{or(f, db.F("typeof("+k.q(c)+") = 'text'")), and(f, db.F("typeof("+k.q(c)+") in ('integer', 'real')")), false}
}

// numberParam is x as a parameter that compares with c as the language would; ok is false when none does.
// A float is its shortest decimal here; up to 15 digits (6 of a single one) that has the same order.
func (k *compiler) numberParam(c *db.Column, x flow.Number) (db.Frag, bool) {
	text := x.String()
	digits := len(strings.Trim(strings.ReplaceAll(strings.TrimPrefix(text, "-"), ".", ""), "0"))
	_, isInt := x.Int64()
	switch k.Kind {
	case "sqlite":
		return db.F(db.Param, k.Number(c, x)), isInt || digits <= 15
	case "postgres":
		switch {
		case c.Float == 64:
			return db.F(db.Param+"::text::float8", text), digits <= 15
		case c.Float == 32:
			return db.F(db.Param+"::text::float4", text), digits <= 6
		case c.Integer && isInt:
			return db.F(db.Param+"::text::bigint", text), true
		}
		return db.F(db.Param+"::text::numeric", text), true
	case "mysql":
		if c.Float == 64 {
			return db.F(db.Param+" + 0e0", text), digits <= 15
		}
	}
	scale := x.Scale()
	whole := len(strings.TrimPrefix(strings.Split(text, ".")[0], "-"))
	most := 38
	if k.Kind == "mysql" {
		most = 65
	}
	return db.F("cast("+db.Param+" as decimal("+itoa(whole+scale)+", "+itoa(scale)+"))", text), c.Float == 0 && scale <= 30 && whole+scale <= most
}

func itoa(n int) string { return flow.NumInt(int64(n)).String() }

// date compares a column of days or times. Between a day and a time, the time's own day decides; all
// comparisons become < and >= of half-open spans.
func (k *compiler) date(op string, c *db.Column, v flow.Value) *leaf {
	if v.Kind() != flow.DateKind && v.Kind() != flow.TimeKind && v.Kind() != flow.TextKind {
		return nil
	}
	d, ok := flow.AsDate(v)
	if !ok {
		return nil
	}
	if k.Kind == "sqlite" {
		return k.isoDate(op, c, d)
	}
	if c.Class == db.Date || d.Kind() == flow.DateKind {
		day := flow.Day(d.Time())
		return k.span(op, c, day, flow.Day(d.Time().AddDate(0, 0, 1)))
	}
	return k.span(op, c, d, flow.Clock(d.Time().Add(time.Microsecond)))
}

// span compares c with the span from, until of which v is all.
func (k *compiler) span(op string, c *db.Column, from, until flow.Value) *leaf {
	below := func(v flow.Value) db.Frag { return db.F(k.q(c)+" < "+k.momentCast(c), k.Moment(c, v, k.loc)) }
	since := func(v flow.Value) db.Frag { return db.F(k.q(c)+" >= "+k.momentCast(c), k.Moment(c, v, k.loc)) }
	var f db.Frag
	switch op {
	case "<":
		f = below(from)
	case "<=":
		f = below(until)
	case ">":
		f = since(until)
	case ">=":
		f = since(from)
	default:
		f = and(since(from), below(until))
	}
	return &leaf{f, f, c.Class != db.Instant || fixed(k.loc, from.Time().Year())}
}

func (k *compiler) momentCast(c *db.Column) string {
	switch k.Kind {
	case "postgres":
		return db.Param + "::text::" + map[db.Class]string{db.Date: "date", db.Time: "timestamp", db.Instant: "timestamptz"}[c.Class]
	case "mysql":
		return "cast(" + db.Param + " as " + map[db.Class]string{db.Date: "date", db.Time: "datetime(6)", db.Instant: "datetime(6)"}[c.Class] + ")"
	}
	return k.Cast(c)
}

// fixed reports whether a zone keeps its distance from UTC through a year.
func fixed(loc *time.Location, year int) bool {
	_, a := time.Date(year, 1, 1, 0, 0, 0, 0, loc).Zone()
	_, b := time.Date(year, 7, 1, 0, 0, 0, 0, loc).Zone()
	return a == b
}

const isoDay = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"

// isoDate compares the texts by which SQLite keeps dates, where they have the usual form; all others are
// looked at here.
func (k *compiler) isoDate(op string, c *db.Column, v flow.Value) *leaf {
	fn, form := "date", "2006-01-02"
	if v.Kind() == flow.TimeKind {
		if c.Class != db.Time || v.Time().Nanosecond() != 0 {
			return nil
		}
		fn, form = "datetime", "2006-01-02 15:04:05"
	}
	q := k.q(c)
	usual := "case when typeof(" + q + ") = 'text' and " + q + " glob '" + isoDay + "' and length(" + q + ") in (10, 16, 19) then "
	cmp := db.F(usual+fn+"("+q+") "+sqlOp(op)+" "+db.Param, v.Time().Format(form))
	return &leaf{cmp.Add(db.F(" else " + q + " is not null end")), cmp.Add(db.F(" else 0 end")), false}
}
