package sql

import (
	"slices"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// Update changes rows.
var Update = action.Define(action.Spec{
	Name:   "sql.update",
	Effect: action.Sends,
	Again:  action.Keyed,
	Doc:    "Changes the rows that fit, once and all or none, and says how many. The condition must have an exact meaning in the database. It cannot be taken back.",
	DocZH:  "改符合条件的行，返回行数；只做一次，要么全部要么没有。条件要能在数据库里准确表达。不能撤销。",
	Says:   action.Sentence{ZH: "在数据库 {database} 的表 {table} 里，把满足 {where} 的行改为 {set}", EN: "In {table} of {database}, set {set} where {where}"},
}, update)

type updateIn struct {
	Database string      `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Table    string      `arg:"table,positional" doc:"name of the table" zh:"表名"`
	Set      *flow.Row   `arg:"set" doc:"column and new value" zh:"列和新值"`
	Where    action.Expr `arg:"where" doc:"which rows" zh:"哪些行"`
}

func update(c *action.Call, in updateIn) (int, error) {
	return alter(c, in.Database, in.Table, in.Where, func(d *db.DB, t *db.Table) (alteration, error) { return newSetting(c, d, t, in.Set) })
}

// A setting is the new values of columns.
type setting struct {
	d      *db.DB
	t      *db.Table
	places []int
	params []any
	shown  map[string]string
}

func newSetting(c *action.Call, d *db.DB, t *db.Table, row *flow.Row) (*setting, error) {
	if row == nil || len(row.Columns()) == 0 {
		return nil, action.Bad("set 里没有要改的列", "set names no column to change")
	}
	s := &setting{d: d, t: t, shown: map[string]string{}}
	a := &asker{c: c, d: d, t: t, arg: "set"}
	for n, col := range row.Columns() {
		i, err := a.column(col.Name)
		if err != nil {
			return nil, err
		}
		own, v := &t.Columns[i], row.Values()[n]
		if own.Generated || slices.Contains(s.places, i) {
			return nil, action.Bad("set 里的“%s”列由数据库生成，或写了两次", "column “%s” in set is made by the database, or is given twice", own.Name)
		}
		p, why := d.Value(own, v, db.Location(c))
		if why != nil {
			return nil, db.Misfit(place{"set ", "set"}, own, v, why)
		}
		s.places, s.params = append(s.places, i), append(s.params, p)
		s.shown[own.Name] = db.Short(v.String())
	}
	return s, nil
}

func (s *setting) sql() db.Frag {
	parts := make([]db.Frag, len(s.places))
	for n, i := range s.places {
		col := &s.t.Columns[i]
		parts[n] = db.F(s.d.Quote(col.Name)+" = "+s.d.Cast(col), s.params[n])
	}
	return db.F("update " + s.d.QuoteIn(s.t.Schema, s.t.Name) + " set ").Add(db.Join(parts, ", "))
}

// detail shows the first rows as they are and as they will be.
func (s *setting) detail(f *fitting) (map[string]any, error) {
	was, err := f.samples(shownPlaces(f, s.places))
	if err != nil {
		return nil, err
	}
	var sample []map[string]map[string]string
	for _, b := range was {
		after := map[string]string{}
		for k, v := range b {
			after[k] = v
		}
		for k, v := range s.shown {
			after[k] = v
		}
		sample = append(sample, map[string]map[string]string{"before": b, "after": after})
	}
	return map[string]any{"set": s.shown, "sample": sample}, nil
}

// shownPlaces is the columns by which a person knows a row: its key, what decides about it, and more.
func shownPlaces(f *fitting, more []int) []int {
	var out []int
	add := func(i int) {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	for i := range f.t.Columns {
		if f.t.Columns[i].Key {
			add(i)
		}
	}
	for _, i := range append(slices.Clone(f.cond.Used), more...) {
		add(i)
	}
	for i := range f.t.Columns {
		if len(out) < 4 {
			add(i)
		}
	}
	return out
}
