package table

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

// A table that is sorted in parts and merged comes out as one that is sorted at once.
func TestSortInParts(t *testing.T) {
	in := sortIn{Table: numbered(1000, 37), By: []action.Column{"region", "amount"}, Descending: flow.Texts("amount")}
	whole, err := sortRows(memoryCall(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer func(n int) { sortCells = n }(sortCells)
	sortCells = 3 * 64
	parts, err := sortRows(memoryCall(), in)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := actiontest.Show(flow.TableOf(whole)), actiontest.Show(flow.TableOf(parts)); a != b || whole.Len() != 1000 {
		t.Errorf("sorted in parts differs:\n%s\nwant:\n%s", b, a)
	}
}

// The key of rows is flow.Value.Key of their parts.
func TestKey(t *testing.T) {
	long := flow.Num(flow.Decimal(5, 0).Mul(flow.Int(1e18)).Mul(flow.Int(1e18)))
	for _, v := range []flow.Value{
		flow.Null(), flow.Text(""), flow.Text(" a "), flow.Text("　甲　"), flow.Text("1.50"), flow.Text("-0"), flow.Text("007"), flow.Text("1001"),
		flow.Text(" 1001"), flow.NumInt(-3), flow.Num(flow.Decimal(150, 2)), long, flow.DateOf(2026, 3, 1), flow.Bool(true), flow.PathOf("a/b"), flow.Text("3."), flow.Text("a.b"),
	} {
		if got := string(appendKey(nil, &v)); got != v.Key() {
			t.Errorf("key of %s %q is %q, want %q", v.Kind(), v, got, v.Key())
		}
	}
	k := keyer{at: []int{0, 1}}
	a, _ := k.key([]flow.Value{flow.Text("a"), flow.Text("bc")})
	first := slices.Clone(a)
	if b, _ := k.key([]flow.Value{flow.Text("ab"), flow.Text("c")}); bytes.Equal(first, b) {
		t.Error("(a, bc) and (ab, c) have one key")
	}
}

func TestMean(t *testing.T) {
	for _, c := range []struct {
		sum  string
		n    int64
		want string
	}{
		{"10", 4, "2.5"}, {"10", 3, "3.3333333333"}, {"20", 3, "6.6666666667"}, {"-20", 3, "-6.6666666667"}, {"0", 7, "0"}, {"0.000000000003", 3, "0.000000000001"}, {"9000", 3, "3000"},
	} {
		sum, _ := flow.ParseNumber(c.sum)
		if got := mean(sum, c.n).String(); got != c.want {
			t.Errorf("mean(%s, %d) = %s, want %s", c.sum, c.n, got, c.want)
		}
	}
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"销售一部": "销售一部", `a\b/c:d*e?f"g<h>i|j`: "a_b_c_d_e_f_g_h_i_j", " x\t\ny ": "x y", "a.": "a", "...": "_", ".hidden": "_.hidden",
		"COM1": "_COM1", "nul.txt": "_nul.txt", "": "_", "~$lock": "_~$lock", "{name}": "_name_", strings.Repeat("长", 300): strings.Repeat("长", 66),
	} {
		if got := safeName(in); got != want {
			t.Errorf("safeName(%q) = %q, want %q", in, got, want)
		}
	}
}

// Conditions as they are written in the cells of decision tables.
func TestCondition(t *testing.T) {
	s := cellScope{cols: []flow.Column{{Name: "金额", Kind: flow.NumberKind}, {Name: "上限", Kind: flow.NumberKind}, {Name: "地区", Kind: flow.TextKind}}, now: actiontest.Now}
	num, text := flow.NumInt, flow.Text
	for _, c := range []struct {
		cell string
		v    flow.Value
		want bool
	}{
		{"", num(1), true}, {"-", flow.Null(), true}, {"任意", text("x"), true},
		{"1,000", num(1000), true}, {"10%", flow.Num(flow.Decimal(1, 1)), true},
		{">=1000", num(1000), true}, {">=1000", num(999), false}, {"＞1000", num(1000), false}, {"≥1万", num(10000), true}, {"<> 5", num(5), false},
		{">= 10 and < 20", num(20), false}, {">=10 且 <20", num(19), true}, {">5", flow.Null(), false}, {">5", text("abc"), false},
		{"1..5", num(5), true}, {"[1..5)", num(5), false}, {"(1..5]", num(1), false}, {"5..", num(7), true}, {"..5", num(7), false}, {"1~5", num(3), true},
		{"2026-01-01..2026-03-31", flow.DateOf(2026, 3, 31), true}, {"<2026-01-01", flow.DateOf(2026, 1, 1), false},
		{">= today() - days(30)", flow.DateOf(2026, 2, 20), true}, {">= today() - days(30)", flow.DateOf(2026, 1, 1), false},
		{"in (华东, 华北)", text("华北 "), true}, {"in(华东、华北)", text("华南"), false}, {"not in (华东)", text("华南"), true}, {"not in (华东)", flow.Null(), true},
		{`in ("a, b", c)`, text("a, b"), true}, {"inland", text("inland"), true}, {"!=x", text("x"), false}, {`"-"`, text("-"), true},
		{"007", text("007"), true}, {"1001", text("1001"), true}, {"(空)", flow.Null(), true}, {"(empty)", text("a"), false},
		{"A..B", text("A..B"), true}, {"R&D", text("R&D"), true}, {"<= 上限", num(50), true}, {"> 上限", num(50), false},
		{`金额 > 40 and 地区 == "华东"`, num(50), true}, {`contains(地区, "北")`, num(50), false},
	} {
		got, err := s.test(text(c.cell), s.cols[0])
		if err != nil {
			t.Errorf("%q: %v", c.cell, err)
			continue
		}
		data := []flow.Value{num(50), num(60), text("华东")}
		v := c.v
		if ok, err := got.holds(&v, data); ok != c.want || err != nil {
			t.Errorf("%q of %s %q: %v %v, want %v", c.cell, v.Kind(), v, ok, err, c.want)
		}
	}
	for _, cell := range []string{">", "in ()", "in (a", "5..1", ">abc", "<= 没有的列"} {
		if _, err := s.test(text(cell), s.cols[0]); err == nil {
			t.Errorf("%q is no condition, and there is no error", cell)
		}
	}
}

func FuzzCondition(f *testing.F) {
	for _, s := range []string{">=1 and <2", "in (a, b)", "[1..2)", "金额 > 1", `"`, "not in (\"", "且"} {
		f.Add(s)
	}
	s := cellScope{cols: []flow.Column{{Name: "金额"}}, now: actiontest.Now}
	f.Fuzz(func(t *testing.T, cell string) {
		c, err := s.test(flow.Text(cell), s.cols[0])
		if err != nil {
			return
		}
		v := flow.NumInt(3)
		c.holds(&v, []flow.Value{v})
		s.outcome(flow.Text(cell))
	})
}

// What a decision table leaves open, as it is told.
func TestCoverage(t *testing.T) {
	for _, c := range []struct{ rules, want string }{
		{"x,y,o\n>=10,a,1\n>=10,b,2\n<10,,3\n", "info: “r.csv”: no rule covers x ≥ 10, y any other value"},
		{"U,x,o\n1,<5,a\n2,5..9,b\n3,>=9,c\n", "warning: “r.csv”: rules 2 and 3 overlap, for example x 9"},
		{"x,o\n1..5,a\n6..9,b\n", "warning: “r.csv”: no rule covers x below 1|info: “r.csv”: no rule covers x between 5 and 6|warning: “r.csv”: no rule covers x above 9"},
		{"x,o\n>0,a\n<=0,b\n", ""},
		{"x,o\n>0,a\n,b\n<0,c\n", "warning: “r.csv”: rule 3 is never reached, the rules before it cover all of it"},
		{"x,y,o\n>0,<0,a\n<=0,>=0,b\n", "warning: “r.csv”: no rule covers x ≤ 0, y below 0|warning: “r.csv”: no rule covers x above 0, y ≥ 0"},
		{"x,y,o\nx > y,,a\n", ""},
	} {
		e := actiontest.New(t, action.Set(All))
		writeFile(t, e, "r.csv", c.rules)
		e.Vars["t"] = flow.TableOf(flow.NewTable([]flow.Column{{Name: "x"}, {Name: "y"}}))
		if _, err := e.Flow(`table.decide(t, rules="r.csv")`); err != nil {
			t.Error(err)
		}
		got := strings.Join(e.Notes, "|")
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.rules, got, c.want)
		}
	}
}

func writeFile(t *testing.T, e *actiontest.Env, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.Dir, name), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, e *actiontest.Env, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(e.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every kind of chart is a picture of its full size, in every format.
func TestChartFiles(t *testing.T) {
	e := actiontest.New(t, action.Set(All))
	e.Vars["t"] = flow.TableOf(numbered(30, 7))
	for _, kind := range []string{"bar", "line", "pie"} {
		for _, ext := range []string{"png", "svg", "jpg"} {
			name := kind + "." + ext
			if _, err := e.Flow(fmt.Sprintf(`table.chart(t, kind=%q, x="region", y="amount", to=%q)`, kind, name)); err != nil {
				t.Fatal(err)
			}
			data := readFile(t, e, name)
			if ext != "png" {
				continue
			}
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil || img.Bounds().Dx() != 1920 || img.Bounds().Dy() != 1120 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
