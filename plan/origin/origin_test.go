package origin_test

import (
	"slices"
	"strings"
	"testing"

	"daiban/actions"
	"daiban/flow"
	"daiban/plan/origin"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		request, flow string
		want          []string // "VALUE ← WORDS, WORDS"
	}{
		{"把 invoices 目录里的发票 PDF 汇总到 summary.xlsx，发给 finance@example.com",
			"files = file.list(\"invoices\", pattern=\"*.pdf\")\nrows = pdf.read(files)\ntable.save(rows, to=\"summary.xlsx\")\nmail.send(to=\"finance@example.com\", attach=\"summary.xlsx\")\n",
			[]string{`"invoices" ← invoices`, `"*.pdf" ← PDF`, `"summary.xlsx" ← summary.xlsx`, `"finance@example.com" ← finance@example.com`, `"summary.xlsx" ← summary.xlsx`}},
		{"桌面上的 ａ.xlsx 里金额超过三千五的，按部门求和画柱状图",
			"rows = table.read(\"桌面/a.xlsx\")\nbig = table.filter(rows, where=金额 > 3500)\nsums = table.group(big, by=\"部门\", sum=\"金额\")\ntable.chart(sums, kind=\"bar\", x=\"部门\", y=\"金额\", to=\"chart.png\")\n",
			[]string{`"桌面/a.xlsx" ← 桌面, ａ.xlsx`, "金额 ← 金额", "3500 ← 三千五", `"部门" ← 部门`, `"金额" ← 金额`, `"部门" ← 部门`, `"金额" ← 金额`, `"chart.png" ← `}},
		{"Every weekday at 5:30pm send last month's Sales over 5k from sales.csv to Boss",
			"every(\"weekdays 17:30\")\nrows = table.read(\"sales.csv\")\nbig = table.filter(rows, where=Sales > 5000 and date >= month_start(-1))\nmail.send(to=\"Boss\", attach=big)\n",
			[]string{`"weekdays 17:30" ← weekday, 5:30pm`, `"sales.csv" ← sales.csv`, "Sales ← Sales", "5000 ← 5k", "date ← ", "month_start(-1) ← last month", `"Boss" ← Boss`}},
		{"给 名单.xlsx 里每个人发邮件，标题写 你好{姓名}",
			"rows = table.read(\"名单.xlsx\")\nfor row in each(rows):\n    mail.send(to=missing, subject=\"你好{姓名}\", body=row.姓名)\n",
			[]string{`"名单.xlsx" ← 名单.xlsx`, `"你好{姓名}" ← 你好{姓名}`, "姓名 ← 姓名"}},
	} {
		f, err := flow.Parse(c.flow)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range origin.Find(c.request, f, actions.All()) {
			got = append(got, v.Text+" ← "+strings.Join(v.Words(c.request), ", "))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.request, got, c.want)
		}
	}
}

func TestUnused(t *testing.T) {
	const request = "把 a.xlsx 和 b.xlsx 合并，前 20 行发给 x@y.cn，标题“月报”"
	f, err := flow.Parse("rows = table.read(\"a.xlsx\")\ntop = table.top(rows, n=20)\nmail.send(to=\"x@y.cn\", attach=top)\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := origin.Unused(request, origin.Find(request, f, actions.All())); !slices.Equal(got, []string{"b.xlsx", "月报"}) {
		t.Errorf("unused are %q", got)
	}
}

// FuzzFind: whatever the request, spans lie in it.
func FuzzFind(f *testing.F) {
	f.Add("三千五 下午五点半\xff ａ", "x = 3500\nevery(\"daily 17:30\")\n")
	f.Fuzz(func(t *testing.T, request, text string) {
		fl, err := flow.Parse(text)
		if err != nil {
			return
		}
		for _, v := range origin.Find(request, fl, nil) {
			for _, s := range v.Spans {
				if s.From < 0 || s.From >= s.To || s.To > len(request) {
					t.Fatalf("%q: span %v of %q", request, s, v.Text)
				}
			}
		}
	})
}
