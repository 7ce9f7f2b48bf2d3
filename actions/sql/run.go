package sql

import (
	"context"
	stdsql "database/sql"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// Run runs a statement.
var Run = numbered(action.Define(action.Spec{
	Name:   "sql.run",
	Effect: action.Sends,
	Again:  action.Keyed,
	Doc: "Runs a statement that stands in the request, once, and says how many rows it changed. A ? in it stands for a parameter. " +
		"After a crash, one that no transaction can hold (DDL on MySQL) is a question to a person. It cannot be taken back.",
	DocZH: "运行需求里写出的语句，只做一次，返回改动的行数。里面的 ? 是参数的位置。不能放进事务的语句（MySQL 的 DDL）中断后要问人。不能撤销。",
	Says:  action.Sentence{ZH: "在数据库 {database} 执行：{statement}[，参数 {args}]", EN: "Run on {database}: {statement}[ with {args}]"},
}, run))

// numbered says that the result is a number, which a preview does not know.
func numbered(a *action.Action) *action.Action {
	a.Result = action.Type{Name: "number"}
	return a
}

type runIn struct {
	Database  string       `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Statement flow.Value   `arg:"statement,positional,raw,kind=text" doc:"the statement" zh:"语句"`
	Args      []flow.Value `arg:"args,optional" doc:"its parameters" zh:"参数"`
}

func run(c *action.Call, in runIn) (flow.Value, error) {
	d, err := db.Open(c, in.Database, mode(c))
	if err != nil {
		return flow.Value{}, err
	}
	s, err := statement(d, in.Statement)
	if err != nil {
		return flow.Value{}, err
	}
	if err := d.Allowed(s); err != nil {
		return flow.Value{}, err
	}
	text, args, err := bound(c, d, s, in.Args)
	if err != nil {
		return flow.Value{}, err
	}
	schema, err := d.DefaultSchema(c)
	if err != nil {
		return flow.Value{}, err
	}
	shown := make([]string, len(in.Args))
	for i, v := range in.Args {
		shown[i] = db.Short(v.String())
	}
	ch := db.Change{Key: c.Key, At: c.Now, Schema: schema, Alone: d.Alone(s), Denied: denied(c),
		Do: func(ctx context.Context, tx *stdsql.Tx) (int64, error) {
			n, err := d.Exec(ctx, tx, text, args)
			if !s.Counts() {
				n = 0
			}
			return n, err
		}}
	detail := map[string]any{"database": d.Name, "statement": s.Text, "args": shown, "key_table": keyTable(d, schema)}
	c.Do(action.Planned{Target: d.Name, Detail: detail, Class: action.Sends, Do: func() (flow.Value, error) {
		n, err := d.Once(c, ch)
		return flow.NumInt(n), err
	}})
	return flow.Null(), nil
}

// denied reports whether a person has said that the step did not happen.
func denied(c *action.Call) bool {
	v, ok := c.Answer("happened")
	return ok && v.String() == "no"
}
