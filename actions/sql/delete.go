package sql

import (
	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
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
	d, t, err := writable(c, in.Database, "table", in.Table)
	if err != nil {
		return 0, err
	}
	if n, done, err := before(c, d, t); err != nil || done {
		return n, err
	}
	f, err := newFitting(c, d, t, in.Where)
	if err != nil {
		return 0, err
	}
	if f.n == 0 {
		note(c, "info", "表 %s 里没有满足条件的行", "no row of %s meets the condition", t.Shown())
		return 0, nil
	}
	if err := f.all(); err != nil {
		return 0, err
	}
	sample, err := f.samples(shownPlaces(f, nil))
	if err != nil {
		return 0, err
	}
	detail := map[string]any{"database": d.Name, "table": t.Shown(), "rows": f.n, "sample": sample, "key_table": keyTable(d, t.Schema)}
	q := db.F("delete from " + d.QuoteIn(t.Schema, t.Name)).Add(f.cond.Where())
	c.Do(action.Planned{Target: target(d, t), Detail: detail, Class: action.Sends, Do: func() (flow.Value, error) {
		n, err := f.change(q)
		return flow.NumInt(n), err
	}})
	return int(f.n), nil
}
