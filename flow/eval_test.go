package flow

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

type testScope map[string]Value

func (s testScope) Lookup(name string) (Value, bool) { v, ok := s[name]; return v, ok }
func (s testScope) Now() time.Time                   { return time.Date(2026, 3, 18, 9, 30, 0, 0, time.UTC) }
func (s testScope) Names() []string {
	var names []string
	for n := range s {
		names = append(names, n)
	}
	return names
}

func parseExpr(t testing.TB, src string) Expr {
	t.Helper()
	f, err := Parse("x = " + src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return f.Steps[0].Expr
}

// sample is the scope of testdata/expressions.txtar: a Wednesday, 2026-03-18 09:30.
func sample() testScope {
	cols := []Column{{"客户", TextKind}, {"Unit price", NumberKind}, {"数量", NumberKind}, {"备注", TextKind}, {"日期", TextKind}, {"编号", TextKind}, {"空", NullKind}, {"已付", TextKind}}
	src := &Source{File: "a.xlsx"}
	vals := []Value{Text("张三").From(src), Num(Decimal(1250, 2)), NumInt(3), Text("—"), Text("2026/3/1"), Text("007"), Null(), Text("是")}
	row := RowOf(NewRow(cols, vals))
	return testScope{
		"row": row, "rows": TableOf(NewTable(cols, vals, vals)), "none_yet": TableOf(NewTable(cols)), "page": Failed("timeout"), "n": NumInt(12),
		"files": Paths("a.pdf", "b.pdf"), "later": Unknown(), "secret": SecretOf("erp"), "answer": Text("也许"),
		"mail":  MailOf(&Mail{ID: "1", Sender: "li@example.com", Subject: "Re: 发票", Date: time.Date(2026, 3, 17, 8, 0, 0, 0, time.UTC), Attachments: []string{"a.pdf"}}),
		"event": RowOf(NewRow([]Column{{"file", PathKind}}, []Value{PathOf("in/a.pdf")})),
	}
}

func TestExpressions(t *testing.T) {
	runCases(t, "testdata/expressions.txtar", func(t *testing.T, in string) string {
		var b strings.Builder
		for _, src := range strings.Split(strings.TrimSpace(in), "\n") {
			fmt.Fprintf(&b, "%s => %s\n", src, evaluated(t, src, sample()))
		}
		return b.String()
	})
}

func evaluated(t *testing.T, src string, s Scope) string {
	v, err := Eval(parseExpr(t, src), s)
	if err == nil {
		if v.Source() != nil {
			return fmt.Sprintf("%s %q from %s", v.Kind(), v, v.Source().File+v.Source().Note)
		}
		return fmt.Sprintf("%s %q", v.Kind(), v)
	}
	e := err.(*EvalError)
	return fmt.Sprintf("%s\n    %s", e.Say("zh"), e.Say("en"))
}

// Rows are numbered in errors, and names are columns first.
func TestCompileRow(t *testing.T) {
	cols := []Column{{"金额", NumberKind}, {"客户", TextKind}, {"Unit Price", NumberKind}, {"n", NumberKind}, {"日期", NullKind}, {"n2", NumberKind}, {"sum", NumberKind}}
	rows := [][]Value{
		{NumInt(5), Text("a"), NumInt(1), NumInt(1), DateOf(2026, 3, 1), NumInt(1), NumInt(1)},
		{Text("1,200元"), Text("b"), NumInt(2), Null(), Text("2026年3月20日"), NumInt(2), NumInt(2)},
		{Text("-"), Text("c"), Null(), NumInt(3), Text("待定"), NumInt(0), NumInt(0)},
		{Text("abc"), Text("d"), NumInt(4), NumInt(4), Null(), NumInt(4), NumInt(4)},
	}
	for _, c := range []struct{ src, want string }{
		{`金额 > 100`, `False True False 第 4 行：金额 是“abc”，不能和数字比较`},
		{`金额 <= limit`, `True False False 第 4 行：金额 是“abc”，不能和数字比较`},
		{`100 < 金额`, `False True False 第 4 行：金额 是“abc”，不能和数字比较`},
		{`金额 == 1200`, `False True False False`},
		{`金额 * 2`, `10 2400 0 第 4 行：金额 是“abc”，不是数字`},
		{`金额 / col("Unit Price")`, `5 600  第 4 行：金额 是“abc”，不是数字`},
		{`unitprice + 1`, `2 3 1 5`},
		{`客户 + "!"`, `a! b! c! d!`},
		{`客户 in ["a", "d"]`, `True False False True`},
		{`日期 >= today()`, `False True 第 3 行：日期 是“待定”，不能和日期比较`},
		{`not empty(日期) and 金额 > 1`, `True True False False`},
		{`客户 == "d" or 金额 > 1000`, `False True False True`},
		{`金额 > 1 and missing_var > 2`, `没有叫 missing_var 的列或变量`},
		{`金頟 > 1`, `没有叫 金頟 的列或变量；是不是 金额？`},
		{`clash > 1`, `没有叫 clash 的列或变量`},
		{`n > 1`, `n 既是列名又是变量：把变量换个名字`},
		{`col("单价")`, `没有叫 单价 的列`},
		{`col(客户)`, `col 里要写列名，如 col("Unit price")`},
		{`other`, `x x x x`},
		{`True and n2 > 1`, `False True False True`},
		{`limit > 1000 and 金额 > 1`, `False False False False`},
		{`limit < 1000 or 金额 > 1`, `True True True True`},
		{`sum > 1 and False`, `False False False False`},
	} {
		got := strings.Join(overRows(t, c.src, cols, rows, testScope{"limit": NumInt(100), "n": NumInt(1), "other": Text("x")}), " ")
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.src, got, c.want)
		}
	}
}

// overRows is the values of src for each row, up to the first error.
func overRows(t *testing.T, src string, cols []Column, rows [][]Value, s Scope) []string {
	f, err := CompileRow(parseExpr(t, src), cols, s)
	if err != nil {
		return []string{err.(*EvalError).Say("zh")}
	}
	var out []string
	for _, row := range rows {
		v, err := f(row)
		if err != nil {
			return append(out, err.(*EvalError).Say("zh"))
		}
		out = append(out, v.String())
	}
	return out
}

// Two columns that fold to the same name are not guessed between, and a variable of exactly the
// name comes before a column that only folds to it.
func TestFoldedColumns(t *testing.T) {
	cols := []Column{{"Amount", NumberKind}, {"AMOUNT", NumberKind}, {"Total", NumberKind}}
	rows := [][]Value{{NumInt(1), NumInt(2), NumInt(3)}}
	for src, want := range map[string]string{"amount": "没有叫 amount 的列或变量；是不是 Amount、AMOUNT？", "Amount": "1", "AMOUNT": "2", "total": "9", "Total": "3"} {
		if got := overRows(t, src, cols, rows, testScope{"total": NumInt(9)})[0]; got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}

// A filter of many rows must not allocate for each.
func TestCompileRowAllocatesNothing(t *testing.T) {
	cols := []Column{{"金额", NumberKind}, {"单价", NumberKind}, {"数量", NumberKind}, {"状态", TextKind}, {"日期", DateKind}}
	row := []Value{Num(Decimal(123450, 2)), Num(Decimal(1250, 2)), NumInt(3), Text("未付"), DateOf(2026, 3, 1)}
	for _, src := range []string{`金额 > 1000`, `状态 == "未付"`, `单价 * 数量 - 金额`, `单价 * 数量 > 10`, `金额 > 1000 and 状态 == "未付"`, `日期 >= month_start()`, `状态 in ["已付", "未付"]`, `contains(状态, "付")`, `not empty(状态)`} {
		f, err := CompileRow(parseExpr(t, src), cols, testScope{})
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			if _, err := f(row); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a row", src, n)
		}
	}
}

func TestCapitals(t *testing.T) {
	for in, want := range map[string]string{
		"0": "零元整", "1": "壹元整", "10": "壹拾元整", "15": "壹拾伍元整", "100": "壹佰元整", "101": "壹佰零壹元整", "110": "壹佰壹拾元整", "3500": "叁仟伍佰元整", "1001": "壹仟零壹元整", "1010": "壹仟零壹拾元整",
		"10000": "壹万元整", "10001": "壹万零壹元整", "10100": "壹万零壹佰元整", "100000": "壹拾万元整", "100050": "壹拾万零伍拾元整", "1000000": "壹佰万元整", "10000000": "壹仟万元整", "20003000": "贰仟万零叁仟元整",
		"100000000": "壹亿元整", "100000001": "壹亿零壹元整", "100010000": "壹亿零壹万元整", "1000000000000": "壹万亿元整", "1000100000000": "壹万零壹亿元整", "1234567890123": "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元整",
		"9999999999999999": "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元整",
		"0.5":              "伍角整", "0.05": "伍分", "0.55": "伍角伍分", "1.5": "壹元伍角整", "1.05": "壹元零伍分", "1.55": "壹元伍角伍分", "1.006": "壹元零壹分", "1.004": "壹元整", "0.004": "零元整", "-3500.1": "负叁仟伍佰元壹角整", "-0.05": "负伍分", "-0.001": "零元整", "16409.02": "壹万陆仟肆佰零玖元零贰分", "6007.14": "陆仟零柒元壹角肆分", "107000.53": "壹拾万零柒仟元伍角叁分",
	} {
		x, _ := ParseNumber(in)
		if got, ok := Capitals(x); !ok || got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if s, ok := Capitals(Int(1e16)); ok {
		t.Errorf("10^16: %s", s)
	}
}

func TestTruth(t *testing.T) {
	row := NewRow([]Column{{"a", NullKind}}, []Value{Null()})
	for _, c := range []struct {
		v    Value
		want string
	}{
		{Bool(true), "true"}, {Null(), "false"}, {Text(" "), "false"}, {Text("是"), "true"}, {Text("No"), "false"}, {NumInt(0), "false"}, {NumInt(-1), "true"}, {Num(Decimal(0, 2)), "false"},
		{ListOf(), "false"}, {Texts("a"), "true"}, {RowOf(row), "true"}, {TableOf(NewTable(nil)), "false"}, {TableOf(row.AsTable()), "true"},
		{Text("也许"), "error"}, {DateOf(2026, 1, 1), "error"}, {Unknown(), "error"}, {Failed("x"), "error"}, {PathOf("a"), "error"},
	} {
		b, err := Truth(c.v)
		got := fmt.Sprint(b)
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("%s %v: %s, want %s", c.v.Kind(), c.v, got, c.want)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	cols := []Column{{"金额", NumberKind}, {"单价", NumberKind}, {"数量", NumberKind}, {"状态", TextKind}, {"日期", DateKind}}
	row := []Value{Num(Decimal(123450, 2)), Num(Decimal(1250, 2)), NumInt(3), Text("未付"), DateOf(2026, 3, 1)}
	for _, src := range []string{`金额 > 1000`, `状态 == "未付"`, `单价 * 数量`, `单价 * 数量 > 10`, `金额 > 1000 and 状态 == "未付"`, `日期 >= month_start()`, `contains(状态, "付")`, `状态 in ["已付", "未付"]`} {
		b.Run(src, func(b *testing.B) {
			f, err := CompileRow(parseExpr(b, src), cols, testScope{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f(row); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
