package action

import (
	"slices"
	"strings"
	"testing"

	"daiban/flow"
)

func colsOf(names string) []flow.Column {
	var cols []flow.Column
	for _, n := range strings.Split(names, "|") {
		cols = append(cols, flow.Column{Name: strings.ReplaceAll(n, `\n`, "\n")})
	}
	return cols
}

func TestResolve(t *testing.T) {
	for _, c := range []struct{ name, cols, want string }{
		{"金额", "金额|金额(元)", "金额"},
		{"金额", "日期|金额(元)", "金额(元)"},
		{"金额", "日期|金额（元）", "金额（元）"},
		{"金额", "单价/元|金额/元", "金额/元"},
		{"金额(元)", "单价(元)|日期", ""},
		{"金额(元)", "单价|金额", "金额"},
		{"amount", "Amount|AMOUNT", ""},
		{"amount", "Date|AMOUNT ", "AMOUNT "},
		{"order_no", "Order No|Date", "Order No"},
		{"Order No", "order_no.|date", "order_no."},
		{"sales", "地区|销售额", "销售额"},
		{"sales", "地区|销售额(万元)", "销售额(万元)"},
		{"region", "地区|销售额", "地区"},
		{"region", "大区|区域|销售额", ""},
		{"日期", "Date|Amount", "Date"},
		{"姓名", "部门|Name/姓名", "Name/姓名"},
		{"name", `编号|姓名\nName`, `姓名\nName`},
		{"dept", "部门 Department|Total", "部门 Department"},
		{"department", "部门|科目", "部门"},
		{"客户", "customer_name|qty", "customer_name"},
		{"数量", "customer_name|qty", "qty"},
		{"units", "区域|数量|金额", "数量"},
		{"邮箱", "E-mail|Name", "E-mail"},
		{"电话", "手机号|姓名", "手机号"},
		{"电话", "电话|手机号", "电话"},
		{"order amount", "订单号|订单金额", "订单金额"},
		{"发票金额", "Invoice no|Invoice amount", "Invoice amount"},
		{"Orders", "order|date", "order"},
		{"日期", "下单日期|发货日期", ""},
		{"利润", "地区|销售额", ""},
		{"ＡＢＣ", "abc|d", "abc"},
		{"%", "增长%|占比%", ""},
		{"", "a|b", ""},
	} {
		cols := colsOf(c.cols)
		i, err := Resolve(c.name, cols)
		got := ""
		if err == nil {
			got = cols[i].Name
		}
		if got != strings.ReplaceAll(c.want, `\n`, "\n") {
			t.Errorf("Resolve(%q, %s) = %q (%v), want %q", c.name, c.cols, got, err, c.want)
		}
	}
}

func TestResolveError(t *testing.T) {
	for _, c := range []struct{ name, cols, kind, zh, en string }{
		{"区域", "大区|片区|金额", "input", "列“区域”可能是：大区、片区。请写清楚是哪一列", "column “区域” could be: 大区, 片区. Say which one"},
		{"日期", "下单日期|发货日期|客户", "missing", "没有“日期”这一列；相近的有：下单日期、发货日期", "there is no column “日期”; near it: 下单日期, 发货日期"},
		{"利润", "地区|销售额", "missing", "没有“利润”这一列；有这些列：地区、销售额", "there is no column “利润”; there are: 地区, 销售额"},
	} {
		_, err := Resolve(c.name, colsOf(c.cols))
		p, ok := err.(*Problem)
		if !ok || p.Kind != c.kind || p.ZH != c.zh || p.EN != c.en {
			t.Errorf("Resolve(%q, %s): %+v", c.name, c.cols, err)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ name, cols, want string }{
		{"sales", "Q1销售额|地区|销售额", "销售额|Q1销售额"},
		{"日期", "客户|发货日期|下单日期", "发货日期|下单日期"},
		{"amuont", "amount|region", "amount"},
		{"利润", "地区|销售额", ""},
	} {
		if got := strings.Join(Match(c.name, colsOf(c.cols)), "|"); got != c.want {
			t.Errorf("Match(%q, %s) = %q, want %q", c.name, c.cols, got, c.want)
		}
	}
}

// A word twice in a group, or a header that is a word and does not resolve by it, is a slip of the list.
func TestSynonyms(t *testing.T) {
	for _, group := range Synonyms {
		var seen []string
		for _, w := range group {
			if slices.Contains(seen, w) {
				t.Errorf("%s: %s twice", group[0], w)
			}
			seen = append(seen, w)
			if _, err := Resolve(w, []flow.Column{{Name: group[0]}}); err != nil {
				t.Errorf("%s does not lead to %s", w, group[0])
			}
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("金额", "金额(元)|[")
	f.Fuzz(func(t *testing.T, name, cols string) {
		cs := colsOf(cols)
		if i, err := Resolve(name, cs); err == nil && (i < 0 || i >= len(cs)) {
			t.Errorf("place %d of %d", i, len(cs))
		}
	})
}

// TestNoResultYet: an action whose effect gives the result returns a nil pointer before it.
func TestNoResultYet(t *testing.T) {
	type in struct{}
	page := Define(Spec{Name: "web.open"}, func(*Call, in) (*flow.Page, error) { return nil, nil })
	row := Define(Spec{Name: "queue.take"}, func(*Call, in) (*flow.Row, error) { return nil, nil })
	for _, a := range []*Action{page, row} {
		if v, err := a.Run(&Call{}, Args{}); err != nil || !v.IsNull() {
			t.Errorf("%s gives %v, %v; want nothing", a.Name, v.Kind(), err)
		}
	}
}
