package web

import (
	"bytes"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/action/actiontest"
)

func TestRead(t *testing.T) {
	s := newSite(t, map[string]string{"/": `<h1>订单 17</h1><table><tr><th>客户</th><td>海蓝公司</td></tr><tr><th>金额</th><td>￥1,200.00</td></tr></table>
<dl><dt>状态</dt><dd>已付款</dd></dl><p>经办人：王五</p><label>备注 <input value="急"></label><div style="display:none">隐藏的</div><p style="position:absolute;left:-5000px">挪走的</p><iframe src=/in></iframe>`, "/in": `<p>框架里的字</p>`})
	e := s.env()
	s.flow(e, "web.open(site)")
	for what, want := range map[string]string{"客户": "海蓝公司", "金额": "￥1,200.00", "状态": "已付款", "经办人": "王五", "备注": "急", "customer": "海蓝公司"} {
		if got := s.flow(e, `web.read("`+what+`")`); got.String() != want {
			t.Errorf("beside %s: %q, want %q", what, got, want)
		}
	}
	all := s.flow(e, "web.read()").String()
	if !strings.Contains(all, "框架里的字") || !strings.Contains(all, "金额\t￥1,200.00") || strings.Contains(all, "隐藏的") || strings.Contains(all, "挪走的") {
		t.Errorf("the page reads\n%s", all)
	}
	s.fails(e, `web.read("电话")`, "has no “电话”")
}

func TestTable(t *testing.T) {
	s := newSite(t, map[string]string{"/": `
<table><thead><tr><th rowspan=2>编号</th><th colspan=2>金额</th><th rowspan=2>日期</th></tr><tr><th>本月</th><th>上月</th></tr></thead>
<tbody><tr><td>001</td><td>1,200.50</td><td>3</td><td>2026-03-01</td></tr><tr><td>002</td><td rowspan=2>7</td><td>-4</td><td>2026-03-02</td></tr><tr><td>003</td><td></td><td></td></tr></tbody><tfoot><tr><td>合计</td><td>9</td></tr></tfoot></table>
<div role=table><div role=row><span role=columnheader>姓名</span><span role=columnheader>年龄</span></div><div role=row><span role=cell>张三</span><span role=cell>30</span></div></div>
<div><div><table><thead><tr><th>品名</th><th>数量</th></tr></thead></table></div><div><table><tbody><tr><td>纸</td><td>5</td></tr></tbody></table></div></div>`})
	e := s.env()
	for n, want := range []string{
		"编号 | 金额 本月 | 金额 上月 | 日期\n001 | 1200.50 | 3 | 2026-03-01\n002 | 7 | -4 | 2026-03-02\n003 | 7 |  |",
		"姓名 | 年龄\n张三 | 30",
		"品名 | 数量\n纸 | 5",
	} {
		got := actiontest.Show(s.flow(e, `web.table(site, n=`+string(rune('1'+n))+`)`))
		if got != want {
			t.Errorf("table %d:\n%s\nwant\n%s", n+1, got, want)
		}
	}
	s.fails(e, "web.table(n=9)", "has 3 tables only")
}

func TestDownload(t *testing.T) {
	s := newSite(t, map[string]string{"/": `<a href=/f1>报表</a><a href=/f2>旧报表</a><a href=/gone>没了</a>
<button onclick="const a=document.createElement('a');a.href=window.URL.createObjectURL(new Blob(['a,b']));a.download='导出.csv';a.click()">导出</button>
<form method=post action=/make><button>生成</button></form>`})
	send := func(disposition, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Disposition"] = []string{disposition}
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Write([]byte(body))
		}
	}
	s.handle("/f1", send(`attachment; filename="x.xlsx"; filename*=UTF-8''%E6%8A%A5%E8%A1%A8.xlsx`, "eins"))
	s.handle("/f2", send("attachment; filename=\xbe\xc9\xb1\xa8\xb1\xed.xls", "zwei"))
	s.handle("/make", send(`attachment; filename="made.txt"`, "drei"))
	s.handle("/gone", http.NotFound)
	e := s.env()
	s.flow(e, "web.open(site)")
	for src, want := range map[string]string{
		`web.download("报表")`: "报表.xlsx=eins", `web.download("旧报表")`: "旧报表.xls=zwei", `web.download("导出")`: "导出.csv=a,b",
		`web.download(site+"/f1", to="x/")`: "x/报表.xlsx=eins", `web.download("报表", to="a.bin")`: "a.bin=eins",
	} {
		v := s.flow(e, src)
		raw, err := os.ReadFile(filepath.Join(e.Dir, v.String()))
		if err != nil || v.String()+"="+string(raw) != want {
			t.Errorf("%s: %s=%s (%v), want %s", src, v, raw, err, want)
		}
	}
	s.fails(e, `web.download("没了")`, "answers 404")
	if kind := s.fails(e, `web.download("生成")`, "held back"); kind != "refused" || len(s.posts()) != 0 {
		t.Errorf("kind %s, sent %q", kind, s.posts())
	}
	s.flow(e, "web.open(site)\nweb.click(\"生成\")")
	if got := s.flow(e, `web.download("生成")`).String(); got != "made.txt" {
		t.Errorf("after the click: %s", got)
	}
}

// A picture shows the whole page, and black where a password stands.
func TestScreenshot(t *testing.T) {
	s := newSite(t, map[string]string{"/": `<body style="margin:0;background:#fff"><input type=password value=geheim-7 style="position:absolute;left:100px;top:1500px;width:200px;height:40px;border:0;background:#f00"><div style="height:2000px">`})
	e := s.env()
	s.flow(e, "web.open(site)\nweb.screenshot(to=\"p.png\")\nweb.pdf(to=\"p.pdf\")")
	raw, err := os.ReadFile(filepath.Join(e.Dir, "p.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if h := img.Bounds().Dy(); h < 2000 {
		t.Errorf("the picture is %d high", h)
	}
	for _, x := range []int{105, 200, 295} {
		if r, g, b, _ := img.At(x, 1520).RGBA(); r+g+b != 0 {
			t.Errorf("at %d the password field is not black", x)
		}
	}
	if r, _, _, _ := img.At(400, 1520).RGBA(); r == 0 {
		t.Error("beside the field it is black too")
	}
	if raw, err := os.ReadFile(filepath.Join(e.Dir, "p.pdf")); err != nil || !bytes.HasPrefix(raw, []byte("%PDF")) {
		t.Errorf("the pdf: %v", err)
	}
}

func TestWait(t *testing.T) {
	s := newSite(t, map[string]string{"/": `<p id=o>处理中</p><script>setTimeout(()=>o.textContent='处理完毕',300)</script>`})
	e := s.env()
	s.flow(e, "web.open(site)\nweb.wait(\"处理完毕\")")
	if kind := s.fails(e, `web.wait("别的", timeout="300ms")`, "did not appear"); kind != "timeout" {
		t.Errorf("kind %s", kind)
	}
}

func TestServedName(t *testing.T) {
	for _, c := range []struct{ disposition, link, kind, want string }{
		{`attachment; filename="a b.pdf"`, "", "", "a b.pdf"},
		{`attachment; filename*=GBK''%B1%A8%B1%ED.xls`, "", "", "报表.xls"},
		{"attachment; filename=\"\xe6\x8a\xa5\xe8\xa1\xa8.xlsx\"", "", "", "报表.xlsx"},
		{`attachment; filename="%E6%8A%A5%E8%A1%A8.xlsx"`, "", "", "报表.xlsx"},
		{`attachment; filename="../../etc/passwd"`, "", "", "passwd"},
		{"", "https://example.com/files/r%C3%A9sum%C3%A9.pdf?x=1", "", "résumé.pdf"},
		{"", "https://example.com/export", "text/csv; charset=utf-8", "export.csv"},
		{"", "https://example.com/", "", "download"},
	} {
		if got := servedName(c.disposition, c.link, c.kind); got != c.want {
			t.Errorf("%q %s: %q, want %q", c.disposition, c.link, got, c.want)
		}
	}
}
