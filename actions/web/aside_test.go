package web

import (
	"strings"
	"testing"
)

// What lies over a page and was not asked for is closed where it can be without agreeing to anything.
func TestPutAside(t *testing.T) {
	over := func(style, inside string) string {
		return form(`<label>姓名 <input name=v></label>`) + `<div id=o ` + style + `>` + inside + `</div>`
	}
	const (
		banner = `style="position:fixed;left:0;right:0;bottom:0;height:100%;background:#ffd"`
		low    = `style="position:fixed;left:0;right:0;bottom:0;height:85%;background:#ffd"`
		modal  = `role=dialog aria-modal=true style="position:fixed;inset:0;background:#0008"`
		away   = ` onclick="o.remove()"`
		evil   = ` onclick="fetch('/save',{method:'POST'})"`
	)
	for _, c := range []struct{ name, page, note, fails string }{
		{"a newsletter with a cross", over(modal, `Join our newsletter <input placeholder=mail><button`+evil+`>Join</button><button aria-label=Close`+away+`>×</button>`), "closed by “×”", ""},
		{"a banner that can be refused", over(banner, `本站使用 Cookie <button`+evil+`>同意</button><button`+away+`>拒绝</button>`), "closed by “拒绝”", ""},
		{"a banner that refuses by sending", over(banner, `Cookies <button onclick="fetch('/save',{method:'POST'}).finally(()=>o.remove())">Reject all</button>`), "closed by “Reject all”", ""},
		{"a dialog of the browser", strings.Replace(form(`<label>姓名 <input name=v></label>`), "<h1>", `<dialog id=d>新功能上线了 <form method=dialog><button>关闭</button></form></dialog><script>d.showModal()</script><h1>`, 1), "closed by “关闭”", ""},
		{"a banner that only asks to agree, in a taller window", over(low, `本站使用 Cookie <button`+evil+`>同意</button>`), "in a taller window", ""},
		{"only to agree", over(modal, `本站使用 Cookie <button`+evil+`>同意</button>`), "", "no such fields"},
		{"a cross that agrees", over(modal, `Cookies <button aria-label="Accept and close"`+evil+`>×</button>`), "", "no such fields"},
		{"a way out that leads elsewhere", over(modal, `Cookies <a href=/save>Close</a>`), "", "no such fields"},
		{"something went wrong", over(modal, `保存失败：库存不足 <button`+away+`>关闭</button>`), "", "no such fields"},
		{"what is looked for is not behind it", `<div id=o ` + modal + `>新功能 <button` + away + `>关闭</button></div>`, "", "no such fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"/": c.page, "/save": "已保存"})
			e := s.env()
			_, err := e.Flow("web.open(site)\nweb.fill({\"姓名\": \"张三\"})\nweb.click(\"提交\", expect=\"已保存\")")
			want := "v=张三"
			if c.fails != "" {
				want = ""
			}
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%v; want %q; notes %q", err, c.fails, e.Notes)
			}
			if got := valuesOf(s.posts()); got != want {
				t.Errorf("sent %q, want %q; notes %q", got, want, e.Notes)
			}
			if notes := strings.Join(e.Notes, " "); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

// A dialog that a click of the flow has brought is not closed: the flow is to say what to do with it.
func TestOwnDialogStays(t *testing.T) {
	s := newSite(t, map[string]string{"/": `<a href=#x>别的</a><button onclick="d.showModal()">删除</button><dialog id=d>真的删除吗？<button onclick="d.close()">关闭</button><button>删</button></dialog>`})
	s.fails(s.env(), "web.open(site)\nweb.click(\"删除\")\nweb.click(\"别的\")", "nothing to click that says “别的”")
}
