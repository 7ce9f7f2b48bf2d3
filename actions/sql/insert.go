package sql

import (
	"context"
	stdsql "database/sql"
	"strings"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// Insert inserts rows.
var Insert = action.Define(action.Spec{
	Name:   "sql.insert",
	Effect: action.Sends,
	Again:  action.Keyed,
	Doc: "Inserts rows, all or none, and once: a marker row goes into the same transaction. Values become what the columns take, " +
		"or the row and column that do not fit are named. It cannot be taken back.",
	DocZH: "插入行，要么全部要么没有，而且只做一次：标记行在同一事务里。值按列的类型转换，不合适的会说出哪一行哪一列。不能撤销。",
	Says:  action.Sentence{ZH: "把 {rows} 插入数据库 {database} 的表 {into}", EN: "Insert {rows} into {into} of {database}"},
}, insert)

type insertIn struct {
	Database string      `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Into     string      `arg:"into" doc:"name of the table" zh:"表名"`
	Rows     action.Rows `arg:"rows" doc:"the rows" zh:"行"`
}

func insert(c *action.Call, in insertIn) (int, error) {
	d, t, err := writable(c, in.Database, "into", in.Into)
	if err != nil {
		return 0, err
	}
	if n, done, err := before(c, d, t); err != nil || done {
		return n, err
	}
	l, err := newLoad(c, d, t, in.Rows.Table)
	if err != nil {
		return 0, err
	}
	if err := l.check(); err != nil {
		return 0, err
	}
	if l.n == 0 {
		note(c, "info", "没有要插入的行", "there are no rows to insert")
		return 0, nil
	}
	detail := map[string]any{"database": d.Name, "table": t.Shown(), "rows": l.n, "columns": l.names(), "sample": l.sample, "key_table": keyTable(d, t.Schema)}
	c.Do(action.Planned{Target: target(d, t), Detail: detail, Class: action.Sends, Do: func() (flow.Value, error) {
		n, err := d.Once(c, db.Change{Key: c.Key, At: c.Now, Schema: t.Schema, Do: l.insert})
		return flow.NumInt(n), err
	}})
	return l.n, nil
}

// A load is rows on their way into a table.
type load struct {
	c      *action.Call
	d      *db.DB
	t      *db.Table
	rows   flow.Table
	fields []field
	n      int
	sample []map[string]string
}

// A field is a column of the rows and the one of the table that it goes into.
type field struct {
	at     int // among the rows' columns
	col    *db.Column
	blanks int
	blank  int // the first row without a value
}

// sampleMax is how many rows a preview shows.
const sampleMax = 5

// newLoad finds the column of the table for every column of the rows.
func newLoad(c *action.Call, d *db.DB, t *db.Table, rows flow.Table) (*load, error) {
	l := &load{c: c, d: d, t: t, rows: rows}
	a := &asker{c: c, d: d, t: t, arg: "rows"}
	taken := map[int]string{}
	for n, col := range rows.Columns() {
		i, err := a.column(col.Name)
		if err != nil {
			return nil, err
		}
		if other, ok := taken[i]; ok {
			return nil, action.Bad("“%s”和“%s”两列都对应表 %s 的“%s”列", "the columns “%s” and “%s” both mean column “%[4]s” of %[3]s", other, col.Name, t.Shown(), t.Columns[i].Name)
		}
		taken[i] = col.Name
		if t.Columns[i].Generated {
			return nil, action.Bad("表 %s 的“%s”列由数据库自己生成，不能插入；去掉“%s”列", "column “%[2]s” of %[1]s is made by the database itself; leave “%[3]s” out", t.Shown(), t.Columns[i].Name, col.Name)
		}
		l.fields = append(l.fields, field{at: n, col: &t.Columns[i]})
	}
	return l, l.missing(taken)
}

func (l *load) missing(taken map[int]string) error {
	var names []string
	for i := range l.t.Columns {
		if _, ok := taken[i]; !ok && l.t.Columns[i].Needed() {
			names = append(names, l.t.Columns[i].Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return action.Bad("要插入的行缺少表 %s 的必填列：%s", "the rows lack columns that %s needs: %s", l.t.Shown(), strings.Join(names, ", "))
}

// check converts every value once, before anything is written.
func (l *load) check() error {
	err := l.each(func(n int, row []flow.Value) error {
		for i := range l.fields {
			if _, err := l.value(&l.fields[i], n, row); err != nil {
				return err
			}
		}
		l.show(row)
		l.n = n
		return nil
	})
	if err != nil {
		return err
	}
	return l.leaveOut()
}

// leaveOut drops columns that are empty in every row and that the database fills by itself.
func (l *load) leaveOut() error {
	kept := l.fields[:0]
	for _, f := range l.fields {
		if f.blanks > 0 && f.blanks < l.n {
			_, why := l.d.Value(f.col, flow.Null(), db.Location(l.c))
			return db.Misfit(rowPlace(f.blank), f.col, flow.Null(), why)
		}
		if f.blanks == 0 || f.blanks < l.n {
			kept = append(kept, f)
		}
	}
	l.fields = kept
	if len(kept) == 0 && l.n > 0 {
		return action.Bad("要插入的行全是空的", "the rows to insert are all empty")
	}
	return nil
}

// value is one cell as a parameter. One that is empty and that the database can fill is counted.
func (l *load) value(f *field, n int, row []flow.Value) (any, error) {
	v := row[f.at]
	if f.col.NotNull && (f.col.Default || f.col.Identity) && flow.None(&v) && (v.Kind() == flow.NullKind || f.col.Class != db.Text) {
		if f.blanks++; f.blanks == 1 {
			f.blank = n
		}
		return nil, nil
	}
	p, why := l.d.Value(f.col, v, db.Location(l.c))
	if why != nil {
		return nil, db.Misfit(rowPlace(n), f.col, v, why)
	}
	return p, nil
}

func (l *load) show(row []flow.Value) {
	if len(l.sample) == sampleMax {
		return
	}
	m := map[string]string{}
	for _, f := range l.fields {
		m[f.col.Name] = db.Short(row[f.at].String())
	}
	l.sample = append(l.sample, m)
}

func (l *load) names() []string {
	out := make([]string, len(l.fields))
	for i, f := range l.fields {
		out[i] = f.col.Name
	}
	return out
}

func (l *load) each(do func(n int, row []flow.Value) error) error {
	n := 0
	for row, err := range l.rows.Rows() {
		if err != nil {
			return err
		}
		if n++; n&1023 == 0 {
			if err := l.c.Err(); err != nil {
				return err
			}
		}
		if err := do(n, row); err != nil {
			return err
		}
	}
	return nil
}

// insert writes the rows, many a statement.
func (l *load) insert(ctx context.Context, tx *stdsql.Tx) (int64, error) {
	b := l.d.Batch(l.t, l.columns())
	err := l.each(func(n int, row []flow.Value) error {
		for i := range l.fields {
			p, err := l.value(&l.fields[i], n, row)
			if err != nil {
				return err
			}
			b.Args = append(b.Args, p)
		}
		if !b.Full() {
			return nil
		}
		if l.c.Progress != nil {
			l.c.Progress(n, l.n)
		}
		return b.Flush(ctx, tx)
	})
	if err == nil {
		err = b.Flush(ctx, tx)
	}
	if err != nil {
		return 0, err
	}
	if b.Done != int64(l.n) {
		return 0, action.Refused("要插入 %d 行，数据库 %s 说插入了 %d 行；已退回，什么也没改", "%d rows were to be inserted, and %s says that %d were; it was rolled back", l.n, l.d.Name, b.Done)
	}
	return b.Done, nil
}

func (l *load) columns() []*db.Column {
	out := make([]*db.Column, len(l.fields))
	for i, f := range l.fields {
		out[i] = f.col
	}
	return out
}
