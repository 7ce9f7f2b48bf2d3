package sql

import (
	"strconv"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// Query runs a query.
var Query = action.Define(action.Spec{
	Name:   "sql.query",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Runs a query that stands in the request, in a transaction that only reads. A ? in it stands for a parameter.",
	DocZH:  "运行需求里写出的查询，在只读的事务里。里面的 ? 是参数的位置。",
	Says:   action.Sentence{ZH: "在数据库 {database} 查询：{query}[，参数 {args}]", EN: "Query {database}: {query}[ with {args}]"},
}, runQuery)

type queryIn struct {
	Database string       `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Query    flow.Value   `arg:"query,positional,raw,kind=text" doc:"the SELECT" zh:"SELECT 语句"`
	Args     []flow.Value `arg:"args,optional" doc:"its parameters" zh:"参数"`
}

// statement reads SQL that stands in the flow; what was read from files, mails or pages is none.
func statement(d *db.DB, v flow.Value) (*db.Statement, error) {
	if v.Source() != nil || !v.IsText() {
		return nil, action.Bad("SQL 语句要写在流程里，不能来自数据", "the SQL statement must stand in the flow; it cannot come from data")
	}
	return d.Lex(v.Text())
}

// bound is the text of a statement and its parameters as the database takes them.
func bound(c *action.Call, d *db.DB, s *db.Statement, vals []flow.Value) (string, []any, error) {
	text, err := d.Bind(s, len(vals))
	if err != nil {
		return "", nil, err
	}
	args := make([]any, len(vals))
	for i, v := range vals {
		p, why := d.Plain(v, db.Location(c))
		if why != nil {
			return "", nil, action.Bad("第 %d 个参数“%s”%s", "parameter %d, “%s”, %s", i+1, db.Short(v.String()), why)
		}
		args[i] = p
	}
	return text, args, nil
}

func runQuery(c *action.Call, in queryIn) (flow.Table, error) {
	d, err := db.Open(c, in.Database, db.Reading)
	if err != nil {
		return nil, err
	}
	s, err := statement(d, in.Query)
	if err != nil {
		return nil, err
	}
	if err := d.Asks(s); err != nil {
		return nil, err
	}
	text, args, err := bound(c, d, s, in.Args)
	if err != nil {
		return nil, err
	}
	a := answer{c: c, d: d}
	err = d.ReadOnly(c, func(r db.Reader) error { return d.Answer(c, r, text, args, a.head, a.row) })
	if err != nil {
		return nil, err
	}
	a.out.noteBytes(a.names)
	return a.out.to.Done()
}

// answer gathers what a query gives.
type answer struct {
	c     *action.Call
	d     *db.DB
	cols  []db.Column
	src   *flow.Source
	names []flow.Column
	vals  []flow.Value
	out   gather
}

// head makes the table; names that stand twice are told apart, and none is left empty.
func (a *answer) head(cols []db.Column) {
	a.cols, a.src, a.vals = cols, origin(a.d, nil), make([]flow.Value, len(cols))
	head := db.Cols(cols)
	for i := range head {
		base := head[i].Name
		if base == "" || base == "?column?" {
			base = "column" + strconv.Itoa(i+1)
		}
		head[i].Name = base
		for n := 2; flow.ColumnIndex(head[:i], head[i].Name) >= 0; n++ {
			head[i].Name = base + "_" + strconv.Itoa(n)
		}
		if a.d.Kind == "sqlite" { // the declared type promises nothing
			head[i].Kind = flow.NullKind
		}
	}
	a.names = head
	a.out = gather{c: a.c, to: a.c.Table(head)}
}

func (a *answer) row(vals []any) error {
	for i, v := range vals {
		a.vals[i] = a.d.Read(&a.cols[i], v, db.Location(a.c), a.src)
	}
	return a.out.add(a.vals)
}
