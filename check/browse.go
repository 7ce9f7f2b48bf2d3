package check

import (
	"net/url"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// browse checks what a step on web pages needs of those before it.
func (c *checker) browse(s *flow.Step, k *callStatic) {
	family, verb, _ := strings.Cut(k.a.Name, ".")
	switch {
	case k.a.Name == "flow.run":
		c.world.page = true // it may open one
	case family != "web":
	case verb == "open":
		c.world.page = true
	case verb == "login":
		c.world.page = true
		c.signIn(s, k)
	case verb == "table" && k.Given("url"):
		c.world.page = true
	case verb == "download" && strings.Contains(k.text("link"), "://"):
	case !c.world.page:
		c.bad(s.Pos, "还没有打开网页：在 %s 之前加一步 web.open(\"网址\")，要登录就用 web.login", "no page is open: before %s add a step web.open(\"address\"), or web.login to sign in", k.a.Name)
		c.world.page = true // said once
	}
}

// signIn gives web.login the account that the settings know for the host, or asks for it.
func (c *checker) signIn(s *flow.Step, k *callStatic) {
	if s.Call.Arg("account") != nil || c.env.Settings == nil || k.a.Later {
		return
	}
	at := s.Call.Arg("url_or_site")
	if pos := s.Call.Positional(); at == nil && len(pos) > 0 {
		at = pos[0]
	}
	if at == nil || c.openSite(at) {
		return // which site is asked first
	}
	if account := c.accountOf(at); account != "" {
		s.Call.Args = append(s.Call.Args, &flow.Arg{Pos: at.Pos, Name: "account", Value: &flow.Lit{Pos: at.Pos, Value: flow.Text(account)}})
		return
	}
	if len(c.env.Settings.Names("account")) == 0 {
		c.bad(s.Pos, "登录要用账号，设置里还没有：加一个账号，再写 account=\"账号的名称\"", "signing in takes an account, and the settings have none: add one, then write account=\"its name\"")
		return
	}
	p := k.a.Param("account")
	arg := c.absent(s, callee{k.a.Name, k.a.Params, true}, p)
	k.args[p.Name] = arg
	c.param1(k, p, arg)
}

// openSite reports whether it is still to be answered which site is meant.
func (c *checker) openSite(at *flow.Arg) bool {
	l, ok := at.Value.(*flow.Lit)
	return !ok || !l.Value.IsText() || !strings.Contains(l.Value.Text(), "://")
}

// accountOf is the account of the one site of the settings that has the host of an address.
func (c *checker) accountOf(at *flow.Arg) string {
	want, err := url.Parse(at.Value.(*flow.Lit).Value.Text())
	if err != nil {
		return ""
	}
	found := ""
	for _, name := range c.env.Settings.Names("site") {
		address, account, ok := c.env.Settings.Site(name)
		u, err := url.Parse(address)
		if !ok || err != nil || account == "" || !strings.EqualFold(u.Host, want.Host) {
			continue
		}
		if found != "" && found != account {
			return ""
		}
		found = account
	}
	return found
}

// oneBrowser warns of items that cannot be done side by side: their steps share a thing of the run.
func (c *checker) oneBrowser(s *flow.Step, parallel bool) {
	if !parallel {
		return
	}
	body := flow.Flow{Steps: s.Body}
	var shared *action.Action
	body.Walk(func(x *flow.Step) bool {
		if x.Call != nil {
			if a := c.env.Actions.Find(x.Call.Name); a != nil && a.Session {
				shared = a
			}
		}
		return shared == nil
	})
	if shared != nil {
		c.warn(s.Call.Arg("parallel").Pos, "循环里有 %s，各项共用一个浏览器：会一项一项地做，parallel 不起作用", "the loop has %s, and its items share one browser: they are done one at a time, whatever parallel says", shared.Name)
	}
}
