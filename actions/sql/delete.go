package sql

import (
	"daiban/action"
	"daiban/actions/sql/internal/db"
)

// Delete deletes rows.
var Delete = action.Define(action.Spec{
	Name:   "sql.delete",
	Effect: action.Sends,
	Again:  action.Keyed,
	Doc:    "Deletes the rows that fit, once and all or none, and says how many. The condition must have an exact meaning in the database. It cannot be taken back.",
	DocZH:  "删除符合条件的行，返回行数；只做一次，要么全部要么没有。条件要能在数据库里准确表达。不能撤销。",
	Says:   action.Sentence{ZH: "删除数据库 {database} 的表 {table} 里满足 {where} 的行", EN: "Delete from {table} of {database} where {where}"},
}, remove)

type deleteIn struct {
	Database string      `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Table    string      `arg:"table,positional" doc:"name of the table" zh:"表名"`
	Where    action.Expr `arg:"where" doc:"which rows" zh:"哪些行"`
}

func remove(c *action.Call, in deleteIn) (int, error) {
	return alter(c, in.Database, in.Table, in.Where, func(d *db.DB, t *db.Table) (alteration, error) { return removal{d, t}, nil })
}

// removal takes rows out of a table.
type removal struct {
	d *db.DB
	t *db.Table
}

func (r removal) sql() db.Frag { return db.F("delete from " + r.d.QuoteIn(r.t.Schema, r.t.Name)) }

// detail shows the first rows that go.
func (r removal) detail(f *fitting) (map[string]any, error) {
	sample, err := f.samples(shownPlaces(f, nil))
	return map[string]any{"sample": sample}, err
}
