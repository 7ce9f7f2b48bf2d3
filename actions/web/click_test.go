package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"daiban/flow"
)

// What comes of a click, as the page and the server say it.
func TestClickOutcomes(t *testing.T) {
	post := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status); html(w, body) }
	}
	fetching := `<title>x</title><button onclick="fetch('/save',{method:'POST'}).then(async r=>{out.textContent=await r.text()})">保存</button><p id=out></p>`
	for _, c := range []struct {
		name, page, click string
		save              http.HandlerFunc
		kind, want        string // of the error
		sent              int
	}{
		{"proven", form(``), `web.click("提交", expect="已保存")`, post(200, "已保存"), "", "", 1},
		{"nothing speaks against it", form(``), `web.click("提交")`, post(200, "谢谢"), "", "", 1},
		{"confirmed by a dialog", form(``), `web.click("提交", expect="保存成功")`, post(200, "<script>alert('保存成功')</script>"), "", "", 1},
		{"refused", form(``), `web.click("提交")`, post(422, "不行"), "refused", "answers 422", 1},
		{"fault of the server", form(``), `web.click("提交")`, post(500, "oops"), "doubt", "answers 500", 1},
		{"not what was expected", form(``), `web.click("提交", expect="已保存")`, post(500, "oops"), "doubt", "answers 500", 1},
		{"expected words and a refusal", form(``), `web.click("提交", expect="已保存")`, post(409, "已保存"), "doubt", "answers 409", 1},
		{"said no in an alert", form(``), `web.click("提交")`, post(200, "<script>alert('保存失败：金额错误')</script>"), "refused", "保存失败", 1},
		{"an alert that says neither", form(``), `web.click("提交")`, post(200, "<script>alert('编号 17')</script>"), "doubt", "编号 17", 1},
		{"validation of the server", form(``), `web.click("提交")`, post(200, `<p class="field-error">金额不能为空</p>`), "refused", "金额不能为空", 1},
		{"validation of the browser", form(`<label>金额 <input required name=v></label>`), `web.click("提交")`, nil, "refused", "did not submit: 金额", 0},
		{"validation of the page", `<button onclick="m.textContent='请填写金额'">提交</button><p id=m class=error></p>`, `web.click("提交")`, nil, "refused", "请填写金额", 0},
		{"by a script", fetching, `web.click("保存", expect="好了")`, post(200, "好了"), "", "", 1},
		{"by a script, refused", fetching, `web.click("保存")`, post(403, "不行"), "refused", "answers 403", 1},
		{"confirmation asked for", `<button onclick="if(confirm('确定删除？'))fetch('/save',{method:'POST'}).then(()=>out.textContent='已删除')">删除</button><p id=out>`, `web.click("删除", expect="已删除")`, post(200, ""), "", "", 1},
		{"no answer", fetching, `web.click("保存")`, func(w http.ResponseWriter, r *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Close()
		}, "doubt", "no answer came", 1},
		{"slow", fetching, `web.click("保存", expect="好了")`, func(w http.ResponseWriter, r *http.Request) { time.Sleep(700 * time.Millisecond); html(w, "好了") }, "", "", 1},
		{"disabled for good", `<button disabled>提交</button>`, `web.click("提交")`, nil, "refused", "is disabled", 0},
		{"not there", `<button>保存</button>`, `web.click("提交")`, nil, "missing", "there are: 保存", 0},
		{"two", `<button>编辑</button><button>编辑</button>`, `web.click("编辑")`, nil, "", "Which one?", 0},
		{"in a row", `<table><tr><td>张三<td><button onclick="out.textContent='改张三'">编辑</button><tr><td>李四<td><button onclick="out.textContent='改李四'">编辑</button></table><p id=out>`, `web.click("李四 编辑", expect="改李四")`, nil, "", "", 0},
		{"words that only a script listens to", `<div id=d>展开</div><p id=o><script>d.addEventListener('click',()=>o.textContent='开了')</script>`, `web.click("展开", expect="开了")`, nil, "", "", 0},
		{"translated", `<button onclick="this.textContent='ok'">Save</button>`, `web.click("保存")`, nil, "", "", 0},
		{"another deed", `<button onclick="this.textContent='ok'">Delete</button>`, `web.click("保存")`, nil, "missing", "Delete", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"/": c.page})
			if c.save != nil {
				s.handle("/save", c.save)
			}
			e := s.env()
			_, err := e.Flow("web.open(site)\n" + c.click)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("%s: %v", kindOf(err), err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || kindOf(err) != c.kind):
				t.Errorf("%s %v; want %s %q", kindOf(err), err, c.kind, c.want)
			}
			if got := s.posts(); len(got) != c.sent {
				t.Errorf("sent %q", got)
			}
		})
	}
}

// Words that stood there before prove nothing.
func TestClickOldWordsAreNoProof(t *testing.T) {
	long(t)
	s := newSite(t, map[string]string{"/": `<p>已保存的草稿</p>` + form(``), "/save": `<p>已保存的草稿</p>`})
	if kind := s.fails(s.env(), "web.open(site)\nweb.click(\"提交\", expect=\"已保存\")", "was there 1 times before"); kind != "doubt" {
		t.Errorf("kind %s", kind)
	}
}

// A click keeps pictures of before and after, and says in its detail what the form holds.
func TestClickRecord(t *testing.T) {
	s := newSite(t, map[string]string{"/": form(`<label>姓名 <input name=v></label><label>口令 <input type=password name=p value=geheim1></label>`), "/save": "已保存"})
	e := s.env()
	s.flow(e, `web.open(site)
web.fill({"姓名": "张三"})
web.click("提交", expect="已保存")`)
	p := e.Effects[0]
	values, _ := p.Detail["values"].(map[string]any)
	if values["姓名"] != "张三" || values["口令"] == "geheim1" || values["口令"] == nil {
		t.Errorf("detail %v", p.Detail)
	}
	if !strings.Contains(p.Target, s.host()) || !strings.Contains(p.Target, "提交") {
		t.Errorf("target %q", p.Target)
	}
	if len(e.Evidence["before.png"]) == 0 || len(e.Evidence["after.png"]) == 0 {
		t.Errorf("evidence %d", len(e.Evidence))
	}
}

// A popup is the page from then on; when it closes, the page that opened it is.
func TestPopup(t *testing.T) {
	s := newSite(t, map[string]string{
		"/":    `<title>主页</title><a href=/pop target=_blank>打开</a>`,
		"/pop": `<title>弹窗</title><label>姓名 <input></label><button onclick="window.close()">关闭</button>`,
	})
	e := s.env()
	s.flow(e, `web.open(site)
web.click("打开")
web.fill({"姓名": "张三"})`)
	if got := lent.page.URL(); !strings.HasSuffix(got, "/pop") {
		t.Errorf("the page is %s", got)
	}
	s.flow(e, `web.click("关闭")`)
	if got := s.flow(e, `web.read()`); !strings.Contains(got.String(), "打开") {
		t.Errorf("after the popup closed: %q", got)
	}
}

// A page leads nowhere that the flow does not name.
func TestOtherHosts(t *testing.T) {
	other := newSite(t, map[string]string{"/": `<title>anderswo</title>`})
	s := newSite(t, map[string]string{"/": `<a href="` + other.URL + `/">外站</a><a href="` + other.URL + `/" target=_blank>外窗</a>`})
	s.handle("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	e := s.env()
	s.fails(e, "web.open(site)\nweb.click(\"外站\")", "neither the flow nor the settings name")
	e.Vars["away"] = flow.Text(s.URL + "/away")
	s.fails(e, "web.open(away)", "neither the flow nor the settings name")
	s.flow(e, "web.open(site)\nweb.click(\"外窗\")")
	if !strings.Contains(strings.Join(e.Notes, " "), "not opened") {
		t.Errorf("notes %q", e.Notes)
	}
	if got := other.posts(); len(got) > 0 {
		t.Errorf("sent %q", got)
	}
}

// An element that what moves or covers it is clicked when it stands free.
func TestClickWaits(t *testing.T) {
	s := newSite(t, map[string]string{"/": `<style>@keyframes a{from{margin-left:0}to{margin-left:200px}}#b{animation:a .3s}</style>
<div id=o style="position:fixed;inset:0;background:#fff8">加载中</div><button id=b onclick="this.textContent='点到了'">点我</button><script>setTimeout(()=>o.remove(),400)</script>`})
	s.flow(s.env(), "web.open(site)\nweb.click(\"点我\", expect=\"点到了\")")
}

func long(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the bound of a proof")
	}
}
