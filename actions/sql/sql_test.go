package sql_test

import (
	"strings"
	"testing"
	"time"

	"daiban/action"
	"daiban/flow"
)

const orders = `
create table "订单" ("编号" integer not null primary key, "客户" varchar(40) not null, "金额" decimal(12,2), "状态" varchar(10), "下单日期" date, "已审" boolean);
insert into "订单" values (1, '张三', 1234.50, '未付', '2026-01-31', true), (2, '李四', 0.10, '已付', '2026-02-28', false), (3, 'Ann "Q" O''Neil', null, null, null, null);
`

func TestTable(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		b.want(`sql.table("仓库", "订单")`, `编号 | 客户 | 金额 | 状态 | 下单日期 | 已审
1 | 张三 | 1234.50 | 未付 | 2026-01-31 | True
2 | 李四 | 0.10 | 已付 | 2026-02-28 | False
3 | Ann "Q" O'Neil |  |  |  |`)
		b.want(`sql.table("仓库", "orders", columns=["customer", "amount"], where=status == "未付")`, "客户 | 金额\n张三 | 1234.50")
		b.want(`sql.table("仓库", "订 单", columns="客户", where=金额 == None)`, `客户
Ann "Q" O'Neil`)
		b.want("x = 1234.5\nsql.table(\"仓库\", \"订单\", columns=\"编号\", where=金额 >= x and 下单日期 < today() - days(10))", "编号\n1")
		b.want(`sql.table("仓库", "订单", columns="编号", where=not 已审)`, "编号\n2\n3")
		b.want(`sql.table("仓库", "订单", columns="编号", where=客户 in ["李四", "张三"] and 金额 * 2 > 1)`, "编号\n1")
		b.want(`sql.table("仓库", "订单", columns="编号", where=len(客户) > 5)`, "编号\n3")
		b.refuse(`sql.table("仓库", "发货")`, "发货", "订单")
		b.refuse(`sql.table("仓库", "订单", where=城市 == "x")`, "城市")
		b.refuse(`sql.table("没有", "订单")`, "没有")
	})
}

func TestKinds(t *testing.T) {
	each(t, func(b *base) {
		b.exec(`
sqlite: create table "值" (i bigint, d numeric(30,10), f double precision, t timestamp, s text, b blob, u text, j text);
postgres: create table "值" (i bigint, d numeric(30,10), f double precision, t timestamptz, s text, b bytea, u uuid, j jsonb);
mysql: create table "值" (i bigint, d decimal(30,10), f double, t datetime(6), s text, b blob, u char(36), j json);
sqlite: insert into "值" values (9007199254740993, '12.5', 0.1, '2026-03-01 09:30:00', ' 空 格 ', x'0102', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}');
postgres: insert into "值" values (9007199254740993, 12345678901234567890.0000000001, 0.1, '2026-03-01 09:30:00+00', ' 空 格 ', '\x0102', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}');
mysql: insert into "值" values (9007199254740993, 12345678901234567890.0000000001, 0.1, '2026-03-01 09:30:00', ' 空 格 ', x'0102', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}');
`)
		d := "12345678901234567890.0000000001"
		if b.kind == "sqlite" {
			d = "12.5"
		}
		b.want(`sql.table("仓库", "值")`, "i | d | f | t | s | b | u | j\n9007199254740993 | "+d+` | 0.1 | 2026-03-01 09:30 |  空 格  |  | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 | {"a": 1}`)
		if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "bytes") {
			b.Errorf("notes %q", b.Notes)
		}
		v, err := b.Flow(`sql.query("仓库", "select i, f, s from 值 where s = ?", args=[" 空 格 "])`)
		if err != nil {
			b.Fatal(err)
		}
		for row := range v.Table().Rows() {
			if row[0].String() != "9007199254740993" || row[1].String() != "0.1" || row[2].Source() == nil {
				b.Errorf("query gives %v", row)
			}
		}
	})
}

func TestQuery(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		b.want(`sql.query("仓库", "select count(*) as n, sum(金额) as 合计 from 订单 -- ; drop table 订单")`, "n | 合计\n3 | 1234.60")
		b.want(`sql.query("仓库", "select 编号, 编号 from 订单 where 客户 = ? and 编号 < ?", args=["张三", 5])`, "编号 | 编号_2\n1 | 1")
		for _, s := range []string{"delete from 订单", "update 订单 set 编号 = 1", "select 1; delete from 订单", "drop table 订单", "insert into 订单 values (1)"} {
			b.refuse(`sql.query("仓库", "` + s + `")`)
		}
		b.refuse(`sql.query("仓库", "delete from 订单")`, "sql.run")
		if b.kind == "postgres" {
			b.refuse(`sql.query("仓库", "with x as (update 订单 set 编号 = 9 returning 1) select * from x")`, "only reads")
			b.exec(`create function f() returns int language sql as 'delete from "订单" returning 1'`)
			b.refuse(`sql.query("仓库", "select f()")`, "only reads")
		}
		b.refuse(`sql.query("仓库", "selec 1")`)
		b.refuse(`sql.query("仓库", "select * from 订单 where 客户 = 'x")`, "quote")
		if n := b.count(`select count(*) from "订单"`); n != 3 {
			b.Errorf("%d rows are left", n)
		}
		b.Vars["从邮件来"] = flow.Text("select 1").From(&flow.Source{File: "x.eml"})
		b.refuse(`sql.query("仓库", 从邮件来)`, "cannot come from data")
		b.refuse(`sql.run("仓库", 从邮件来)`, "cannot come from data")
	})
}

func TestInsert(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		b.want(`sql.insert("仓库", into="订单", rows={"编号": "4", "customer": "王五; drop table 订单;--", "amount": "￥1,234.50", "下单 日期": "2026年3月1日", "已审": "是"})`, "1")
		b.want(`sql.table("仓库", "订单", where=编号 == 4)`, "编号 | 客户 | 金额 | 状态 | 下单日期 | 已审\n4 | 王五; drop table 订单;-- | 1234.50 |  | 2026-03-01 | True")
		b.refuse(`sql.insert("仓库", into="订单", rows={"编号": 5})`, "客户")
		b.refuse(`sql.insert("仓库", into="订单", rows={"编号": 5, "客户": "x", "金额": "abc"})`, "row 1", "金额", "abc")
		if b.kind != "sqlite" { // which does not hold what it declares
			b.refuse(`sql.insert("仓库", into="订单", rows={"编号": 5, "客户": "x", "金额": 1.005})`, "decimals")
		}
		b.refuse(`sql.insert("仓库", into="订单", rows={"编号": 5, "客户": None})`, "row 1", "客户", "empty")
		b.refuse(`sql.insert("仓库", into="订单", rows={"编号": 5, "客户": "x", "zzz": 1})`, "zzz")
		b.refuse(`sql.insert("仓库", into="订单", rows={"编号": 1, "客户": "x"})`, "like it is there")
		if n := b.count(`select count(*) from "订单"`); n != 4 {
			b.Errorf("%d rows", n)
		}
		if n := b.count(`select count(*) from daiban_effects`); n != 1 {
			b.Errorf("%d marks", n)
		}
	})
}

// TestOnce carries an effect out twice, as after a crash.
func TestOnce(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		for _, src := range []string{
			`sql.insert("仓库", into="订单", rows={"编号": 7, "客户": "x"})`,
			`sql.update("仓库", "订单", set={"金额": 5}, where=编号 == 7)`,
			`sql.run("仓库", "update 订单 set 金额 = 金额 + 1 where 编号 = ?", args=[7])`,
			`sql.delete("仓库", "订单", where=编号 == 1)`,
		} {
			f, _ := flow.Parse(src)
			a := b.Set.Find(f.Steps[0].Call.Name)
			args, err := action.Evaluate(a, f.Steps[0].Call, b)
			if err != nil {
				b.Fatal(err)
			}
			for range 3 { // planned again each time, and done twice
				c, view := b.Call()
				c.Key = "the key of " + a.Name
				if _, err := a.Run(c, args); err != nil {
					b.Fatalf("%s: %v", src, err)
				}
				for range 2 {
					if v, err := c.Effect().Do(); err != nil || v.String() != "1" {
						b.Fatalf("%s: %v, %v", src, v, err)
					}
				}
				view.Close()
			}
		}
		b.want(`sql.table("仓库", "订单", columns=["编号", "金额"])`, "编号 | 金额\n2 | 0.10\n3 |\n7 | 6.00")
	})
}

func TestUpdateDelete(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		b.want(`sql.update("仓库", "订单", set={"状态": "已付", "amount": "1,000"}, where=客户 == "张三")`, "1")
		b.want(`sql.table("仓库", "订单", where=状态 == "已付", columns=["编号", "金额"])`, "编号 | 金额\n1 | 1000.00\n2 | 0.10")
		b.want(`sql.update("仓库", "订单", set={"状态": "x"}, where=编号 == 99)`, "0")
		b.refuse(`sql.update("仓库", "订单", set={"状态": "x"}, where=len(客户) == 2)`, "len(客户) == 2")
		if b.kind != "sqlite" {
			b.refuse(`sql.update("仓库", "订单", set={"状态": "太长太长太长太长太长太长"}, where=编号 == 1)`, "too long")
		}
		b.refuse(`sql.delete("仓库", "订单")`)
		b.want(`sql.delete("仓库", "订单", where=编号 > 2)`, "1")
		b.Notes = nil
		b.want(`sql.delete("仓库", "订单", where=编号 > 0)`, "2")
		if len(b.Notes) != 1 || !strings.HasPrefix(b.Notes[0], "warning") {
			b.Errorf("notes %q", b.Notes)
		}
	})
}

// TestMoved changes the table between the plan and the effect.
func TestMoved(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		f, _ := flow.Parse(`sql.delete("仓库", "订单", where=编号 < 3)`)
		a := b.Set.Find("sql.delete")
		args, _ := action.Evaluate(a, f.Steps[0].Call, b)
		c, view := b.Call()
		defer view.Close()
		if _, err := a.Run(c, args); err != nil {
			b.Fatal(err)
		}
		b.exec(`insert into "订单" ("编号", "客户") values (0, 'x')`)
		if _, err := c.Effect().Do(); err == nil || !strings.Contains(err.Error(), "changed meanwhile") {
			b.Errorf("error %v", err)
		}
		if n := b.count(`select count(*) from "订单"`) * 10; n+b.count(`select count(*) from daiban_effects`) != 40 {
			b.Errorf("rows and marks: %d", n)
		}
	})
}

// TestWaits changes a row that another program holds for a while, and changes too.
func TestWaits(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		conn := must(b.raw.Conn(b.Context()))(t)
		defer conn.Close()
		begin := map[string]string{"sqlite": "begin immediate", "postgres": "begin", "mysql": "begin"}[b.kind]
		for _, s := range []string{begin, `update "订单" set "状态" = '在改' where "编号" = 1`} {
			if _, err := conn.ExecContext(b.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		go func() {
			time.Sleep(300 * time.Millisecond)
			conn.ExecContext(b.Context(), "commit")
		}()
		b.want(`sql.update("仓库", "订单", set={"金额": 7}, where=编号 == 1)`, "1")
		b.want(`sql.table("仓库", "订单", where=编号 == 1, columns=["金额", "状态"])`, "金额 | 状态\n7.00 | 在改")
	})
}
