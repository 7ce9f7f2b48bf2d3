// Package sql holds the actions on databases: SQLite, PostgreSQL, MySQL and SQL Server, as named in the
// settings, or by a file or address that stands in the flow. A condition and the names of tables and
// columns are the language's own (a Chinese name, a synonym); they become one parameterised statement.
// What changes rows happens once: a row with the effect's key goes into a key table in the same transaction.
package sql

import (
	"strconv"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// All is the family, in the catalogue's order.
var All = action.Set{Table, Query, Insert, Update, Delete, Run}

// asker resolves names of columns; every one that is not clear is a question of its own.
type asker struct {
	c   *action.Call
	d   *db.DB
	t   *db.Table
	arg string
	n   int
}

func (a *asker) column(name string) (int, error) {
	if i, err := action.Resolve(name, a.t.Cols()); err == nil {
		if own := a.t.Columns[i].Name; own != name {
			note(a.c, "info", "列 %s → %s", "column %s → %s", name, own)
		}
		return i, nil
	}
	a.n++
	id := a.arg
	if a.n > 1 {
		id += strconv.Itoa(a.n)
	}
	return a.d.Column(a.c, a.t, id, name)
}

// note adds a finding to the report.
func note(c *action.Call, level, zh, en string, args ...any) {
	if c.Note != nil {
		p := action.Bad(zh, en, args...)
		c.Note(level, p.ZH, p.EN)
	}
}

// place is where a value stands, in both languages.
type place struct{ zh, en string }

// Name is the place in lang.
func (p place) Name(lang string) string {
	if lang == "zh" {
		return p.zh
	}
	return p.en
}

func (p place) String() string { return p.en }

func rowPlace(n int) place {
	return place{"第 " + strconv.Itoa(n) + " 行", "row " + strconv.Itoa(n)}
}

// origin is the source of what a database holds: content, which may fill values and never command.
func origin(d *db.DB, t *db.Table) *flow.Source {
	s := &flow.Source{Note: d.Name}
	if t != nil {
		s.Note += " " + t.Shown()
	}
	return s
}
