package sql_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// TestSecrets signs in with an account, and finds its password in nothing that is said.
func TestSecrets(t *testing.T) {
	b := open(t, "postgres")
	b.exec(orders)
	const pass = `p@ss%w/ö"rd'`
	b.exec(`create role secret login password 'p@ss%w/ö"rd''' in role postgres`)
	addr := servers["postgres"].Addr
	name := b.url[strings.LastIndex(b.url, "/"):]
	b.Env.Databases = []action.Database{
		{Name: "账号", Kind: "postgres", URL: "postgres://" + addr + name, Account: "pg"},
		{Name: "地址", Kind: "postgres", URL: "postgres://secret:" + url.QueryEscape(pass) + "@" + addr + name},
		{Name: "错", Kind: "postgres", URL: "postgres://" + addr + name, Account: "wrong"},
		{Name: "不通", Kind: "postgres", URL: "postgres://secret:" + url.QueryEscape(pass) + "@127.0.0.1:1/x"},
		{Name: "mysql 不通", Kind: "mysql", URL: "mysql://secret:" + url.QueryEscape(pass) + "@127.0.0.1:1/x"},
		{Name: "sqlserver 不通", Kind: "sqlserver", URL: "sqlserver://secret:" + url.QueryEscape(pass) + "@127.0.0.1:1/x"},
		{Name: "参数", Kind: "postgres", URL: "postgres://secret:" + url.QueryEscape(pass) + "@" + addr + name + "?host=/tmp"},
		{Name: "外面", Kind: "postgres", URL: "postgres://secret:" + url.QueryEscape(pass) + "@10.1.2.3/x"},
	}
	b.Grants = []string{addr, "127.0.0.1:1"}
	b.Secrets = map[string]action.Credential{"pg": {User: "secret", Password: pass}, "wrong": {User: "secret", Password: pass + "x"}}
	b.want(`sql.query("账号", "select current_user as u")`, "u\nsecret")
	b.want(`sql.query("地址", "select current_user as u")`, "u\nsecret")
	for _, lang := range []string{"zh", "en"} {
		b.Lang = lang
		for _, db := range []string{"错", "不通", "mysql 不通", "sqlserver 不通", "参数", "外面"} {
			got := b.run(`sql.query("` + db + `", "select 1")`)
			if !strings.HasPrefix(got, "error: ") || strings.Contains(got, pass) || strings.Contains(got, url.QueryEscape(pass)) || strings.Contains(got, "w/ö") || len([]rune(got)) > 600 {
				t.Errorf("%s: %s", db, got)
			}
			if lang == "zh" && !strings.ContainsAny(got, "数据库主机地址连") {
				t.Errorf("%s: not in Chinese: %s", db, got)
			}
		}
	}
	b.Lang = "en"
	b.refuse(`sql.query("外面", "select 1")`, "10.1.2.3")
	b.refuse(`sql.query("postgres://u:p@`+addr+name+`", "select 1")`, "must not hold a password")
	b.want(`sql.query("postgres://postgres@`+addr+name+`", "select 1 as x")`, "x\n1")
}

// TestFiles opens SQLite files that the flow itself names, by the rules of files.
func TestFiles(t *testing.T) {
	b := open(t, "sqlite")
	b.exec(orders)
	b.raw.Close()
	data := must(os.ReadFile(strings.TrimPrefix(b.url, "sqlite:")))(t)
	for _, p := range []string{filepath.Join(b.Dir, "库 #1.db"), filepath.Join(filepath.Dir(b.Dir), "外.db")} {
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(p)
	}
	if err := os.Symlink(filepath.Join(filepath.Dir(b.Dir), "外.db"), filepath.Join(b.Dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	b.want(`sql.table("库 #1.db", "订单", columns="编号", where=编号 == 1)`, "编号\n1")
	b.want(`sql.table("sqlite:库 #1.db", "订单", columns="编号", where=编号 == 1)`, "编号\n1")
	b.want(`sql.insert("库 #1.db", into="订单", rows={"编号": 9, "客户": "x"})`, "1")
	for _, p := range []string{"../外.db", filepath.Join(filepath.Dir(b.Dir), "外.db"), "link.db", "没有.db", "/etc/passwd"} {
		b.refuse(`sql.table("` + p + `", "订单")`)
	}
	os.WriteFile(filepath.Join(b.Dir, "不是.db"), []byte("no database, but long enough to be read as its first page"), 0o600)
	b.refuse(`sql.table("不是.db", "订单")`, "not an SQLite database")
	b.refuse(`sql.run("库 #1.db", "attach database '` + filepath.Join(b.Home, "x.db") + `' as x")`)
	b.refuse(`sql.run("库 #1.db", "vacuum into '` + filepath.Join(b.Home, "x.db") + `'")`)
	b.refuse(`sql.run("库 #1.db", "commit")`)
	b.CloseSessions()
	left := must(os.ReadDir(b.Dir))(t)
	if len(left) != 3 {
		t.Errorf("the folder holds %v", left)
	}
}

// TestNames has tables and columns whose names would end a statement, and two schemas with one table.
func TestNames(t *testing.T) {
	each(t, func(b *base) {
		quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		evil := []string{`x"; drop table 订单; --`, "a`b", "a]b", "a'b", `a\b`, "$1", "a?b", "select", "空 格", "a;b", "a%sb"}
		b.exec(orders)
		cols := []string{`"id" integer primary key`}
		for _, e := range evil {
			cols = append(cols, quote(e)+" varchar(40)")
		}
		if _, err := b.raw.Exec("create table " + quote(`t"; drop table 订单; --`) + " (" + strings.Join(cols, ", ") + ")"); err != nil {
			b.Fatal(err)
		}
		row := []flow.Column{{Name: "id"}}
		vals := []flow.Value{flow.NumInt(1)}
		for _, e := range evil {
			row, vals = append(row, flow.Column{Name: e}), append(vals, flow.Text(e))
		}
		b.Vars["行"] = flow.RowOf(flow.NewRow(row, vals))
		b.Vars["名"] = flow.Text(`t"; drop table 订单; --`)
		b.want(`sql.insert("仓库", into=名, rows=行)`, "1")
		for _, e := range evil {
			lit := flow.PrintValue(flow.Text(e))
			b.want(`sql.table("仓库", 名, columns=`+lit+`, where=col(`+lit+`) == `+lit+` and contains(col(`+lit+`), `+lit+`))`, e+"\n"+e)
			b.want(`sql.update("仓库", 名, set={`+lit+`: "`+"新"+`"}, where=startswith(col(`+lit+`), `+lit+`))`, "1")
		}
		b.refuse(`sql.insert("仓库", into="订单", rows={"编号": 5, "客户": "a\0b"})`)
		if n := b.count(`select count(*) from "订单"`); n != 3 {
			b.Errorf("订单 has %d rows", n)
		}
	})
}

func TestSchemas(t *testing.T) {
	b := open(t, "postgres")
	b.exec(`
create schema "财务";
create schema "销售";
create table "财务"."发票" (x integer);
create table "销售"."发票" (x integer);
create table "销售"."客户" ("编号" integer generated always as identity, "名称" varchar(10) not null, "公司名称" text, "标记" text not null default 'x');
insert into "财务"."发票" values (7);
`)
	b.want(`sql.table("仓库", "财务.发票")`, "x\n7")
	got := b.run(`sql.table("仓库", "发票")`)
	if !strings.Contains(got, "waits for an answer") {
		b.Errorf("gives %s", got)
	}
	b.Answers["table"] = flow.Text("财务.发票")
	b.want(`sql.table("仓库", "发票")`, "x\n7")
	b.want(`sql.insert("仓库", into="客户", rows={"名称": "甲", "标记": None})`, "1")
	b.want(`sql.table("仓库", "销售.客户", columns=["编号", "标记"])`, "编号 | 标记\n1 | x")
	if n := b.count(`select count(*) from "销售".daiban_effects`); n != 1 {
		b.Errorf("%d marks in the table's schema", n)
	}
	b.refuse(`sql.insert("仓库", into="客户", rows={"编号": 5, "名称": "甲"})`, "made by the database itself")
	b.exec(`
create role reader login;
grant usage on schema "财务" to reader;
grant select, insert on "财务"."发票" to reader;
`)
	b.Env.Databases = append(b.Env.Databases, action.Database{Name: "读者", Kind: "postgres", URL: strings.Replace(b.url, "postgres@", "reader@", 1)})
	b.refuse(`sql.insert("读者", into="财务.发票", rows={"x": 1})`, "daiban_effects", `create table if not exists "财务"."daiban_effects"`)
	if n := b.count(`select count(*) from "财务"."发票"`); n != 1 {
		b.Errorf("%d rows", n)
	}
}

// TestRun runs DDL and other statements, and those that no transaction holds.
func TestRun(t *testing.T) {
	each(t, func(b *base) {
		b.want(`sql.run("仓库", "create table 新表 (编号 integer primary key, 名 varchar(20))")`, "0")
		b.want(`sql.run("仓库", "insert into 新表 values (?, ?), (2, '二;')", args=[1, "一'"])`, "2")
		b.want(`sql.table("仓库", "新表")`, "编号 | 名\n1 | 一'\n2 | 二;")
		b.refuse(`sql.run("仓库", "insert into 新表 values (3, 'x'); delete from 新表")`, "only one statement")
		b.refuse(`sql.run("仓库", "insert into 新表 values (1, 'x')")`, "like it is there")
		if b.kind == "postgres" {
			b.want(`sql.run("仓库", "vacuum 新表")`, "0")
		}
		if b.kind != "mysql" {
			return
		}
		b.exec(`create table "旧" (x integer) engine = MyISAM`)
		b.refuse(`sql.insert("仓库", into="旧", rows={"x": 1})`, "MyISAM")
		// A statement that was begun and not ended.
		f, _ := flow.Parse(`sql.run("仓库", "create table 再 (x integer)")`)
		a := b.Set.Find("sql.run")
		args, _ := action.Evaluate(a, f.Steps[0].Call, b)
		b.exec("insert into daiban_effects values ('begun', 'then', null)")
		for i, answer := range []string{"", "no"} {
			if answer != "" {
				b.Answers["happened"] = flow.Text(answer)
			}
			c, view := b.Call()
			c.Key = "begun"
			if _, err := a.Run(c, args); err != nil {
				b.Fatal(err)
			}
			_, err := c.Effect().Do()
			if want := []string{"doubt", ""}[i]; kindOf(err) != want {
				b.Errorf("answer %q: %v", answer, err)
			}
			view.Close()
		}
	})
}

// TestBulk inserts more rows than a statement holds, and none when one of them is wrong.
func TestBulk(t *testing.T) {
	each(t, func(b *base) {
		b.exec(`create table "大" ("编号" integer primary key, "金额" decimal(12,2), "日期" date, "说明" varchar(30))`)
		const n = 5003
		tab := &flow.MemTable{Cols: []flow.Column{{Name: "编号"}, {Name: "金额"}, {Name: "日期"}, {Name: "说明"}}}
		for i := range n {
			tab.Data = append(tab.Data, []flow.Value{flow.NumInt(int64(i)), flow.Text(fmt.Sprintf("￥%d.25", i)), flow.Text("2026/3/1"), flow.Text("第" + fmt.Sprint(i) + "行")})
		}
		b.Vars["表"] = flow.TableOf(tab)
		tab.Data[4000][1] = flow.Text("十元")
		b.refuse(`sql.insert("仓库", into="大", rows=表)`, "row 4001", "金额", "十元")
		tab.Data[4000][1], tab.Data[4000][0] = flow.Text("1"), flow.NumInt(3)
		b.refuse(`sql.insert("仓库", into="大", rows=表)`, "like it is there")
		if k := b.count(`select count(*) from "大"`); k != 0 {
			b.Errorf("%d rows of an insert that failed", k)
		}
		tab.Data[4000][0] = flow.NumInt(4000)
		b.want(`sql.insert("仓库", into="大", rows=表)`, fmt.Sprint(n))
		b.want(`sql.query("仓库", "select count(*) as n, max(编号) as m from 大")`, "n | m\n5003 | 5002")
	})
}

// TestPreview changes nothing, and shows what would be.
func TestPreview(t *testing.T) {
	each(t, func(b *base) {
		b.exec(orders)
		b.Preview = true
		b.want(`sql.insert("仓库", into="订单", rows={"编号": 4, "客户": "x"})`, "1")
		f, _ := flow.Parse(`sql.update("仓库", "订单", set={"状态": "已付"}, where=编号 < 3)`)
		a := b.Set.Find("sql.update")
		args, _ := action.Evaluate(a, f.Steps[0].Call, b)
		c, view := b.Call()
		defer view.Close()
		if _, err := a.Run(c, args); err != nil {
			b.Fatal(err)
		}
		if got := fmt.Sprint(c.Effect().Detail["sample"]); !strings.Contains(got, "before:map[客户") && !strings.Contains(got, "状态:未付") {
			b.Errorf("sample %s", got)
		}
		if n := b.count(`select count(*) from "订单" where "状态" = '已付'`); n != 1 {
			b.Errorf("a preview changed rows: %d", n)
		}
	})
}
