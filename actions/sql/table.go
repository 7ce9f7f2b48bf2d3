package sql

import (
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/actions/sql/internal/where"
	"daiban/flow"
)

// Table reads a table.
var Table = action.Define(action.Spec{
	Name:   "sql.table",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads a table of a database, as one SELECT with parameters. The condition is over the columns of the table.",
	DocZH:  "读数据库的表，是一条带参数的 SELECT。条件里直接写列名。",
	Says:   action.Sentence{ZH: "读数据库 {database} 的表 {table}[，满足 {where}][，只要列 {columns}]", EN: "Read the table {table} of {database}[ where {where}][, columns {columns}]"},
}, readTable)

type tableIn struct {
	Database string          `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Table    string          `arg:"table,positional" doc:"name of the table" zh:"表名"`
	Where    action.Expr     `arg:"where,optional" doc:"which rows" zh:"哪些行"`
	Columns  []action.Column `arg:"columns,optional" doc:"which columns; all when left out" zh:"哪些列；不写就是全部"`
}

func readTable(c *action.Call, in tableIn) (flow.Table, error) {
	d, err := db.Open(c, in.Database, db.Reading)
	if err != nil {
		return nil, err
	}
	t, err := d.Find(c, "table", in.Table)
	if err != nil {
		return nil, err
	}
	wanted, err := columns(c, d, t, in.Columns)
	if err != nil {
		return nil, err
	}
	cond, err := compile(c, d, t, in.Where)
	if err != nil {
		return nil, err
	}
	if cond.Level == where.Partial {
		note(c, "info", "条件 %s 在数据库里没有同样的意思，取来后在这里判断", "the condition %s has no exact meaning in the database; it was decided here, over the rows", cond.Why)
	}
	return selection{c, d, t, wanted, cond}.read()
}

// columns is the places in t of the columns that are named; all of them when none is.
func columns(c *action.Call, d *db.DB, t *db.Table, names []action.Column) ([]int, error) {
	a := &asker{c: c, d: d, t: t, arg: "columns"}
	var out []int
	for _, name := range names {
		i, err := a.column(string(name))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	if len(names) == 0 {
		for i := range t.Columns {
			out = append(out, i)
		}
	}
	return out, nil
}

// compile translates a condition over t.
func compile(c *action.Call, d *db.DB, t *db.Table, e action.Expr) (*where.Cond, error) {
	a := &asker{c: c, d: d, t: t, arg: "where"}
	return where.Compile(d.Dialect, t, e, db.Location(c), a.column)
}

// A selection is the rows of a table that meet a condition, some columns of them.
type selection struct {
	c      *action.Call
	d      *db.DB
	t      *db.Table
	wanted []int
	cond   *where.Cond
}

// fetched is the columns that are read: those that are wanted, and those by which the condition is decided here.
func (s selection) fetched() []int {
	out := slices.Clone(s.wanted)
	if s.cond.Level == where.Exact {
		return out
	}
	for _, i := range s.cond.Used {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

func (s selection) sql(fetched []int) db.Frag {
	parts := make([]db.Frag, len(fetched))
	for n, i := range fetched {
		col := &s.t.Columns[i]
		parts[n] = db.F(s.d.Select(col, s.d.Quote(col.Name)))
	}
	return db.F("select ").Add(db.Join(parts, ", "), db.F(" from "+s.d.QuoteIn(s.t.Schema, s.t.Name)), s.cond.Where(), s.order())
}

// order is by the primary key, so that the same rows come in the same order.
func (s selection) order() db.Frag {
	var keys []string
	for i := range s.t.Columns {
		if c := &s.t.Columns[i]; c.Key {
			keys = append(keys, s.d.Quote(c.Name))
		}
	}
	if len(keys) == 0 {
		return db.Frag{}
	}
	return db.F(" order by " + strings.Join(keys, ", "))
}

// each calls do with the wanted values of every row, which are its own only until it returns.
func (s selection) each(r db.Reader, do func(row []flow.Value) error) error {
	fetched := s.fetched()
	whole, out := make([]flow.Value, len(s.t.Columns)), make([]flow.Value, len(s.wanted))
	src, loc := origin(s.d, s.t), db.Location(s.c)
	return s.d.Rows(s.c, r, s.sql(fetched), func(vals []any) error {
		for n, i := range fetched {
			whole[i] = s.d.Read(&s.t.Columns[i], vals[n], loc, src)
		}
		if s.cond.Level != where.Exact && s.cond.Test != nil {
			if ok, err := s.cond.Test(whole); err != nil || !ok {
				return err
			}
		}
		for n, i := range s.wanted {
			out[n] = whole[i]
		}
		return do(out)
	})
}

func (s selection) read() (flow.Table, error) {
	cols := s.t.Cols()
	head := make([]flow.Column, len(s.wanted))
	for n, i := range s.wanted {
		head[n] = cols[i]
	}
	g := gather{c: s.c, to: s.c.Table(head)}
	if err := s.each(nil, g.add); err != nil {
		return nil, err
	}
	g.noteBytes(head)
	return g.to.Done()
}

// gather adds rows to a table, and says how far it is.
type gather struct {
	c  *action.Call
	to action.Builder
	n  int
	// bytes is the columns in which something was left out, for it was no text.
	bytes map[int]bool
}

func (g *gather) noteBytes(head []flow.Column) {
	for i := range head {
		if g.bytes[i] {
			note(g.c, "info", "“%s”列里有二进制内容，没有读出来", "column “%s” holds bytes, which were left out", head[i].Name)
		}
	}
}

func (g *gather) add(row []flow.Value) error {
	if g.n++; g.n&4095 == 0 && g.c.Progress != nil {
		g.c.Progress(g.n, 0)
	}
	for i := range row {
		if row[i].IsNull() && row[i].Source() != nil {
			if g.bytes == nil {
				g.bytes = map[int]bool{}
			}
			g.bytes[i] = true
		}
	}
	return g.to.Add(row)
}
