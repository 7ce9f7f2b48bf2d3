package flow

import (
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
