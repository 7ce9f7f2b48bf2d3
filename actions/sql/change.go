package sql

import (
	"context"
	stdsql "database/sql"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/actions/sql/internal/where"
	"daiban/flow"
)

// writable opens a database and finds a table that rows may be written to.
func writable(c *action.Call, database, arg, table string) (*db.DB, *db.Table, error) {
	d, err := db.Open(c, database, mode(c))
	if err != nil {
		return nil, nil, err
	}
	t, err := d.Find(c, arg, table)
	if err != nil {
		return nil, nil, err
	}
	switch t.Why {
	case "":
		return d, t, nil
	case "view":
		return nil, nil, action.Refused("%s 是视图；请写明它背后的表", "%s is a view; name the table behind it", t.Shown())
	}
	return nil, nil, action.Refused("表 %s 的存储引擎是 %s，没有事务，保证不了只做一次", "the table %s is kept by %s, which has no transactions: it cannot be promised that it happens once", t.Shown(), t.Why)
}

// mode is for writing, unless nothing will happen.
func mode(c *action.Call) db.Mode {
	if c.Preview {
		return db.Reading
	}
	return db.Writing
}

// target is a table as the effect names it.
func target(d *db.DB, t *db.Table) string { return d.Name + " / " + t.Shown() }

// keyTable is the key table as the effect's detail names it.
func keyTable(d *db.DB, schema string) string {
	if schema == "" {
		return db.KeyTable
	}
	return schema + "." + db.KeyTable
}

// before looks whether the effect of this call has happened already: after a crash between the database's
// answer and the record. Then it is planned again as what it was.
func before(c *action.Call, d *db.DB, t *db.Table) (n int, done bool, err error) {
	rows, done, err := d.Done(c, t.Schema, c.Key)
	if err != nil || !done {
		return 0, false, err
	}
	c.Do(action.Planned{Target: target(d, t), Detail: map[string]any{"rows": rows, "before": true}, Class: action.Sends,
		Do: func() (flow.Value, error) { return flow.NumInt(rows), nil }})
	return int(rows), true, nil
}

// An alteration is what is done to the rows that fit.
type alteration interface {
	sql() db.Frag // up to the condition
	// detail is what the record shows of it, beside where it happens and to how many rows.
	detail(f *fitting) (map[string]any, error)
}

// alter plans an alteration of the rows of a table that fit, and says how many there are.
func alter(c *action.Call, database, table string, which action.Expr, prepare func(*db.DB, *db.Table) (alteration, error)) (int, error) {
	d, t, err := writable(c, database, "table", table)
	if err != nil {
		return 0, err
	}
	if n, done, err := before(c, d, t); err != nil || done {
		return n, err
	}
	a, err := prepare(d, t)
	if err != nil {
		return 0, err
	}
	f, err := newFitting(c, d, t, which)
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
	detail, err := a.detail(f)
	if err != nil {
		return 0, err
	}
	detail["database"], detail["table"], detail["rows"], detail["key_table"] = d.Name, t.Shown(), f.n, keyTable(d, t.Schema)
	q := a.sql().Add(f.cond.Where())
	c.Do(action.Planned{Target: target(d, t), Detail: detail, Class: action.Sends, Do: func() (flow.Value, error) {
		n, err := f.change(q)
		return flow.NumInt(n), err
	}})
	return int(f.n), nil
}

// A fitting is the rows of a table that an update or delete is about.
type fitting struct {
	selection
	n int64
}

// newFitting counts the rows that fit. A condition that SQL cannot say is refused: it would change others.
func newFitting(c *action.Call, d *db.DB, t *db.Table, e action.Expr) (*fitting, error) {
	if e.Compile == nil {
		return nil, action.Bad("没有写 where：要改哪些行？", "there is no where: which rows are to be changed?")
	}
	cond, err := compile(c, d, t, e)
	if err != nil {
		return nil, err
	}
	if cond.Level == where.Partial {
		return nil, action.Bad("条件 %s 在这个数据库里没有完全一样的意思，不能用来改数据；先用 sql.table 查出这些行，再按它们的键来改",
			"the condition %s has no exact meaning in this database and cannot decide what is changed; read the rows by sql.table first, and change them by their key", cond.Why)
	}
	f := &fitting{selection: selection{c, d, t, nil, cond}}
	f.n, err = f.count(c, nil)
	return f, err
}

// count is how many rows fit. Where SQL is only near, every row is looked at, and one that the database
// lets through and the language does not is an error.
func (f *fitting) count(ctx context.Context, r db.Reader) (int64, error) {
	if f.cond.Level == where.Exact {
		return f.d.Count(ctx, r, db.F("select count(*) from "+f.d.QuoteIn(f.t.Schema, f.t.Name)).Add(f.cond.Where()))
	}
	n, loc, whole := int64(0), db.Location(f.c), make([]flow.Value, len(f.t.Columns))
	s := f.selection
	s.wanted = f.cond.Used
	err := f.d.Rows(ctx, r, s.sql(s.wanted), func(vals []any) error {
		for k, i := range s.wanted {
			whole[i] = f.d.Read(&f.t.Columns[i], vals[k], loc, nil)
		}
		ok, err := f.cond.Test(whole)
		if err == nil && !ok {
			err = action.Bad("表 %s 里有一行，数据库认为满足条件，这里认为不满足（%s）；没有改动", "a row of %s meets the condition by the database's rules and not by the language's (%s); nothing was changed", f.t.Shown(), f.shown(whole))
		}
		n++
		return err
	})
	return n, err
}

// shown is the values by which a row was decided.
func (f *fitting) shown(whole []flow.Value) string {
	out := ""
	for k, i := range f.cond.Used {
		if k > 0 {
			out += ", "
		}
		out += f.t.Columns[i].Name + ": " + db.Short(whole[i].String())
	}
	return out
}

// all warns when every row of the table fits.
func (f *fitting) all() error {
	total, err := f.d.Count(f.c, nil, db.F("select count(*) from "+f.d.QuoteIn(f.t.Schema, f.t.Name)))
	if err == nil && f.n > 1 && total <= f.n {
		note(f.c, "warning", "条件满足表 %s 的全部 %d 行", "the condition fits all %[2]d rows of %[1]s", f.t.Shown(), f.n)
	}
	return err
}

// samples is the first rows that fit, the columns at places of them.
func (f *fitting) samples(places []int) ([]map[string]string, error) {
	var out []map[string]string
	s := f.selection
	s.wanted = places
	err := s.each(nil, func(row []flow.Value) error {
		m := map[string]string{}
		for k, i := range places {
			m[f.t.Columns[i].Name] = db.Short(row[k].String())
		}
		out = append(out, m)
		if len(out) == sampleMax {
			return errEnough
		}
		return nil
	})
	if err == errEnough {
		err = nil
	}
	return out, err
}

type enough struct{}

func (enough) Error() string { return "enough" }

var errEnough = enough{}

// change makes the statement happen once, to exactly the rows that were counted.
func (f *fitting) change(q db.Frag) (int64, error) {
	return f.d.Once(f.c, db.Change{Key: f.c.Key, At: f.c.Now, Schema: f.t.Schema, Stable: true, Do: func(ctx context.Context, tx *stdsql.Tx) (int64, error) {
		n, err := f.count(ctx, tx)
		if err != nil {
			return 0, err
		}
		if n != f.n {
			return 0, f.moved(n)
		}
		text, args := f.d.Render(q)
		done, err := f.d.Exec(ctx, tx, text, args)
		if err != nil {
			return 0, err
		}
		if done != f.n {
			return 0, f.moved(done)
		}
		return done, nil
	}})
}

func (f *fitting) moved(n int64) error {
	return action.Refused("原来有 %d 行满足条件，真正要改时是 %d 行：表 %s 这期间被改过；已退回，什么也没改",
		"%d rows fitted when they were counted, and %d when they were to be changed: the table %s changed meanwhile; it was rolled back", f.n, n, f.t.Shown())
}
