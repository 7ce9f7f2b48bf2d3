package where

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"daiban/action"
	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type scope struct{}

func (scope) Lookup(name string) (flow.Value, bool) { return flow.Text("张三"), name == "变量" }
func (scope) Now() time.Time                        { return time.Date(2026, 3, 6, 9, 30, 0, 0, time.UTC) }

// TestSQLServer shows the SQL for the one kind of database that has no server in the tests; the others
// are held against the language on real servers by the tests of the family.
func TestSQLServer(t *testing.T) {
	table := &db.Table{Name: "订单", Columns: []db.Column{
		{Name: "编号", Class: db.Number, Integer: true, Bits: 32}, {Name: "金额", Class: db.Number, Precision: 12, Scale: 2}, {Name: "率", Class: db.Number, Float: 64},
		{Name: "客]户", Class: db.Text}, {Name: "日期", Class: db.Date}, {Name: "时间", Class: db.Time}, {Name: "时刻", Class: db.Instant}, {Name: "已审", Class: db.Bool}, {Name: "编码", Class: db.Other}}}
	d := db.Of("sqlserver")
	var out strings.Builder
	for _, src := range []string{
		"编号 == 1", "金额 >= 0.10", "率 < 0.5", `金额 == "1,000"`, `金额 > "abc"`, "编号 != 1", "not (编号 < 3 or 已审)",
		`col("客]户") == 变量`, `col("客]户") == ""`, `contains(col("客]户"), "a%")`, `startswith(col("客]户"), "a ")`, `startswith(col("客]户"), "张")`, `col("客]户") < "b"`,
		"日期 <= today()", "时间 == today()", "时间 > now()", "时刻 < today() - days(7)", "已审", "编码 == None", `编码 == "x"`,
		`编号 in [1, 2] and len(col("客]户")) > 2`, `编号 in [1, 2] or len(col("客]户")) > 2`, "year(日期) == 2026", "编号 < 金额",
	} {
		c, err := Compile(d, table, expr(src), time.UTC, func(string) (int, error) { return -1, action.Bad("", "") })
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		text, args := d.Render(c.Where())
		text = strings.ReplaceAll(text, trims, "…")
		fmt.Fprintf(&out, "%s\n\t%s\n\t%q %s\n", src, strings.TrimSpace(text), args, []string{"exact", "near", "partial"}[c.Level])
	}
	const file = "testdata/sqlserver.txt"
	if *update {
		os.WriteFile(file, []byte(out.String()), 0o644)
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != out.String() {
		t.Errorf("not as in %s (%v); -update shows the difference:\n%s", file, err, out.String())
	}
}

// trims is the end of every text without outer spaces, which is long.
var trims = func() string {
	k := &compiler{Dialect: db.Of("sqlserver")}
	_, rest, _ := strings.Cut(k.trimmed(&db.Column{Name: "x"}), bin2)
	return rest
}()

func expr(src string) action.Expr {
	return action.Expr{Text: src, Scope: scope{}, Compile: func([]flow.Column) (func([]flow.Value) (flow.Value, error), error) { return nil, nil }}
}
