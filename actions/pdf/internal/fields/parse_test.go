package fields

import (
	"testing"

	"daiban/flow"
)

func TestCapitals(t *testing.T) {
	for s, want := range map[string]string{
		"叁仟伍佰元整": "3500.00", "⊗壹万贰仟肆佰捌拾圆整": "12480.00", "壹佰万圆整": "1000000.00", "拾元整": "10.00", "贰拾万零叁佰元伍角": "200300.50",
		"壹亿贰仟万元整": "120000000.00", "玖角玖分": "0.99", "（负数）壹佰圆整": "-100.00", "人民币伍元零陆分": "5.06", "陆仟贰佰柒拾圆整": "6270.00",
	} {
		if n, ok := parseCapitals(s); !ok || n.String() != want {
			t.Errorf("%s: %v, %v; want %s", s, n, ok, want)
		}
	}
	for _, s := range []string{"", "整", "壹佰", "元整", "伍佰元整及利息", "壹元贰元"} {
		if n, ok := parseCapitals(s); ok {
			t.Errorf("%q is %v", s, n)
		}
	}
}

func TestDates(t *testing.T) {
	for s, want := range map[string]string{
		"2024年03月05日": "2024-03-05", "2024-3-5": "2024-03-05", "2024/12/31": "2024-12-31", "14march2024": "2024-03-14", "march4,2025": "2025-03-04",
		"4thmar2024": "2024-03-04", "4-mar-24": "2024-03-04", "03.05.2024": "2024-05-03", "25/03/2024": "2024-03-25", "03/25/2024": "2024-03-25", "5/5/2024": "2024-05-05", "20240305": "2024-03-05",
		"tuesday,4march2025": "2025-03-04", "sept.3,2024": "2024-09-03",
	} {
		if v, ok, _ := parseDate(s, unknownOrder); !ok || v.String() != want {
			t.Errorf("%s: %v, %v; want %s", s, v, ok, want)
		}
	}
	if _, ok, unsure := parseDate("03/04/2024", unknownOrder); ok || !unsure {
		t.Error("03/04/2024 is taken for sure")
	}
	if v, _, _ := parseDate("03/04/2024", monthFirst); v.String() != "2024-03-04" {
		t.Errorf("03/04/2024, month first: %v", v)
	}
	for _, s := range []string{"", "2024年02月30日", "13/13/2024", "smith4,2025", "12345678", "2024-13-01"} {
		if v, ok, _ := parseDate(s, dayFirst); ok {
			t.Errorf("%q is %v", s, v)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		s    string
		st   style
		want string
	}{
		{"1,234.50", unknownStyle, "1234.50"}, {"1.234,50", unknownStyle, "1234.50"}, {"1234", unknownStyle, "1234"}, {"12,5", unknownStyle, "12.5"},
		{"1,234", pointStyle, "1234"}, {"1,234", commaStyle, "1.234"}, {"1.234", commaStyle, "1234"}, {"1'234.50", pointStyle, "1234.50"}, {"1,234,567", unknownStyle, "1234567"},
	} {
		if n, ok := parseNumber(c.s, c.st); !ok || n.String() != c.want {
			t.Errorf("%s (%d): %v, %v; want %s", c.s, c.st, n, ok, c.want)
		}
	}
	for _, s := range []string{"1,234", "1.234", "1,23,4.5.6"} {
		if n, ok := parseNumber(s, unknownStyle); ok {
			t.Errorf("%s is %v", s, n)
		}
	}
}

func TestColumn(t *testing.T) {
	for _, c := range []struct {
		name  string
		texts []string
		kind  flow.Kind
		first string
	}{
		{"金额", []string{"￥1,234.50", "", "-3"}, flow.NumberKind, "1234.50"},
		{"数量", []string{"0012", "3"}, flow.TextKind, "0012"},
		{"订单号", []string{"12", "13"}, flow.TextKind, "12"},
		{"税率", []string{"13%", "6%"}, flow.TextKind, "13%"},
		{"日期", []string{"2024-03-01", "2024年3月2日"}, flow.DateKind, "2024-03-01"},
		{"备注", []string{"", ""}, flow.TextKind, ""},
		{"Amount", []string{"(5.00)", "1e5"}, flow.TextKind, "(5.00)"},
		{"Amount", []string{"(5.00)", "7.00 €"}, flow.NumberKind, "-5.00"},
	} {
		vs, kind := Column(c.name, c.texts, false)
		if kind != c.kind || vs[0].String() != c.first {
			t.Errorf("%s %q: %v, %v", c.name, c.texts, kind, vs)
		}
	}
}

func TestFold(t *testing.T) {
	if got := Fold(" Invoice_No：（元）\u3000￥ＡＢ１"); got != "invoiceno:(元)¥ab1" {
		t.Errorf("%q", got)
	}
}

func TestTwoNumbersInACell(t *testing.T) {
	for s, number := range map[string]bool{"2 1500.25": false, "12 345": true, "1 234 567.50": true, "¥ 12.50": true, "100 元": true, "2026 100": false, "10 20": false, "- 5": true, "1.5 200": false} {
		if _, kind := Column("数量", []string{s}, false); (kind == flow.NumberKind) != number {
			t.Errorf("%q is a %v", s, kind)
		}
	}
}

func TestTimesStay(t *testing.T) {
	vs, kind := Column("时间", []string{"2026-01-05 08:30", "2026-01-06"}, false)
	if kind != flow.DateKind || vs[0].String() != "2026-01-05 08:30" {
		t.Errorf("%v %v", vs, kind)
	}
}
