package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// A site whose server asks for the sign-in itself gets the account, and no other host does.
func TestBasicSignIn(t *testing.T) {
	secured := func(pages map[string]string) (*site, *[]string) {
		s, seen := newSite(t, nil), &[]string{}
		s.handle("/", func(w http.ResponseWriter, r *http.Request) {
			user, password, ok := r.BasicAuth()
			if ok {
				*seen = append(*seen, user+":"+password)
			}
			if user != "robot" || password != "geheim-7" {
				w.Header().Set("WWW-Authenticate", `Basic realm="intranet"`)
				w.WriteHeader(http.StatusUnauthorized)
				html(w, "nobody")
				return
			}
			html(w, pages[r.URL.Path])
		})
		return s, seen
	}
	other, stolen := secured(nil)
	s, seen := secured(map[string]string{"/": `<h1>欢迎</h1><img src=` + other.URL + `/x.png><a href=/new>新订单</a>`, "/new": form(`<label>姓名 <input name=v></label>`), "/save": "已保存"})
	e := s.env()
	e.Vars["other"] = flow.Text(other.URL)
	s.fails(e, `web.open(site)`, "asks for a sign-in (401)")
	e.Secrets = map[string]action.Credential{"intranet": {User: "robot", Password: "geheim-7"}, "wrong": {User: "robot", Password: "falsch-9"}}
	if kind := s.fails(e, `web.login(site, account="wrong")`, "does not take the user and password of the account wrong"); kind != "refused" || len(*seen) != 1 {
		t.Errorf("kind %s; seen %q", kind, *seen)
	}
	s.flow(e, `web.login(site, account="intranet")
web.click("新订单")
web.fill({"姓名": "张三"})
web.click("提交", expect="已保存")`)
	if len(s.posts()) != 1 {
		t.Errorf("sent %q", s.posts())
	}
	if got := s.flow(e, "web.open(site)\nweb.read()").String(); !strings.Contains(got, "欢迎") {
		t.Errorf("opened again: %q", got)
	}
	if len(*stolen) > 0 {
		t.Errorf("another host got %q", *stolen)
	}
	for _, p := range e.Effects {
		if strings.Contains(fmt.Sprint(p.Target, p.Detail), "geheim") {
			t.Errorf("the password stands in %v", p)
		}
	}

	// The account is bound to hosts by the settings: one that refuses is not signed in to.
	third, got := secured(nil)
	e = third.env()
	third.fails(e, `web.login(site, account="nobody")`, "no account nobody")
	if len(*got) > 0 {
		t.Errorf("it got %q", *got)
	}
}
