package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// bank is a site with a sign-in: sessions of n pages each.
func bank(t *testing.T, pages int) *site {
	s := newSite(t, nil)
	left := 0
	s.expire = func() { left = 0 }
	s.handle("/login", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if r.FormValue("u") == "robot" && r.FormValue("p") == "geheim-7" {
				left = pages
				http.Redirect(w, r, "/", http.StatusSeeOther)
				return
			}
			html(w, `<p class=error>用户名或密码错误</p>`+loginForm)
			return
		}
		html(w, loginForm)
	})
	guarded := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if left <= 0 {
				http.Redirect(w, r, "/login", http.StatusSeeOther)
				return
			}
			left--
			h(w, r)
		}
	}
	s.handle("/{$}", guarded(func(w http.ResponseWriter, r *http.Request) { html(w, `<h1>欢迎</h1><a href=/new>新订单</a>`) }))
	s.handle("/new", guarded(func(w http.ResponseWriter, r *http.Request) { html(w, form(`<label>姓名 <input name=v></label>`)) }))
	s.handle("/save", func(w http.ResponseWriter, r *http.Request) { html(w, "已保存 "+r.FormValue("v")) })
	return s
}

const loginForm = `<title>登录</title><form method=post action=/login><label>用户名 <input name=u></label><label>密码 <input type=password name=p></label><button>登 录</button></form>`

func TestLogin(t *testing.T) {
	s := bank(t, 100)
	e := s.env()
	e.Secrets = map[string]action.Credential{"bank": {User: "robot", Password: "geheim-7"}, "wrong": {User: "robot", Password: "falsch-9"}}
	e.Vars["start"] = flow.Text(s.URL + "/")
	s.flow(e, `web.login(start, account="bank")
web.click("新订单")
web.fill({"姓名": "张三"})
web.click("提交", expect="已保存 张三")`)
	for name, png := range e.Evidence {
		if len(png) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	for _, p := range e.Effects {
		for k, v := range p.Detail {
			if text, ok := v.(string); ok && strings.Contains(text, "geheim") {
				t.Errorf("the password stands in %s", k)
			}
		}
	}
}

func TestLoginRefused(t *testing.T) {
	s := bank(t, 100)
	e := s.env()
	e.Secrets = map[string]action.Credential{"wrong": {User: "robot", Password: "falsch-9"}}
	e.Vars["start"] = flow.Text(s.URL + "/")
	if kind := s.fails(e, `web.login(start, account="wrong")`, "用户名或密码错误"); kind != "refused" {
		t.Errorf("kind %s", kind)
	}
}

func TestLoginInTwoSteps(t *testing.T) {
	s := newSite(t, map[string]string{"/": `<form action=/pw><label>Email <input type=email name=u></label><button>Next</button></form>`,
		"/pw": `<form method=post action=/in><label>Password <input type=password name=p></label><button>Sign in</button></form>`, "/in": `<h1>Welcome</h1>`})
	e := s.env()
	e.Secrets = map[string]action.Credential{"a": {User: "a@example.com", Password: "geheim-7"}}
	s.flow(e, `web.login(site, account="a")`)
	if got := s.posts(); len(got) != 1 || !strings.Contains(got[0], "geheim-7") {
		t.Errorf("sent %q", got)
	}
}

// A session that expires half-way is renewed, and what was filled in is filled in again.
func TestSessionExpires(t *testing.T) {
	s := bank(t, 2)
	e := s.env()
	e.Secrets = map[string]action.Credential{"bank": {User: "robot", Password: "geheim-7"}}
	e.Vars["start"], e.Vars["new"] = flow.Text(s.URL+"/"), flow.Text(s.URL+"/new")
	s.flow(e, `web.login(start, account="bank")
web.open(new)
web.open(new)
web.fill({"姓名": "张三"})
web.click("提交", expect="已保存 张三")`)
	if !strings.Contains(strings.Join(e.Notes, " "), "signed in again") {
		t.Errorf("notes %q", e.Notes)
	}
}

// A new process signs in and fills in again; a click that sent something is not done again.
func TestRebuild(t *testing.T) {
	s := bank(t, 100)
	s.page("/next", form(`<label>电话 <input name=v></label>`))
	e := s.env()
	e.Secrets = map[string]action.Credential{"bank": {User: "robot", Password: "geheim-7"}}
	e.Vars["start"] = flow.Text(s.URL + "/")
	s.flow(e, `web.login(start, account="bank")
web.click("新订单")
web.fill({"姓名": "张三"})`)
	s.expire()
	e.CloseSessions()
	blank(t)
	s.flow(e, `web.click("提交", expect="已保存 张三")`)
	if got := s.posts(); len(got) != 3 { // two sign-ins and one order
		t.Errorf("sent %q", got)
	}
	e.CloseSessions()
	blank(t)
	s.fails(e, `web.fill({"姓名": "李四"})`, "no such fields")
	saved := 0
	for _, p := range s.posts() {
		if strings.HasPrefix(p, "POST /save") {
			saved++
		}
	}
	if saved != 1 {
		t.Errorf("saved %d times: %q", saved, s.posts())
	}
}

// A preview fills in off the network, and ends where only a click could tell.
func TestPreview(t *testing.T) {
	s := newSite(t, map[string]string{"/": form(`<label>姓名 <input name=v onchange="navigator.sendBeacon('/auto','x')"></label>`), "/save": "已保存", "/auto": ""})
	e := s.env()
	e.Preview = true
	t.Cleanup(func() { // the browser is lent: the next test needs its network
		if err := lent.page.Offline(context.Background(), false); err != nil {
			t.Error(err)
		}
	})
	s.flow(e, "web.open(site)\nweb.fill({\"姓名\": \"张三\"})\nweb.click(\"提交\", expect=\"已保存\")")
	if kind := s.fails(e, `web.read()`, "the preview does not make"); kind != "unforeseen" {
		t.Errorf("kind %s", kind)
	}
	if got := s.posts(); len(got) != 0 {
		t.Errorf("the preview sent %q", got)
	}
}

// blank leaves the page that a test had open.
func blank(t *testing.T) {
	t.Helper()
	if err := lent.page.Open(t.Context(), "about:blank"); err != nil {
		t.Fatal(err)
	}
}
