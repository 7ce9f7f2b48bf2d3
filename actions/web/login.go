package web

import (
	"daiban/action"
	"daiban/flow"
)

// Login signs in to a site.
var Login = action.Define(action.Spec{
	Name:    "web.login",
	Effect:  action.Sends,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc: "Signs in to a site with an account of the settings; a site named there knows its account. It finds the fields by itself, in one step or two, " +
		"and is done when the page asks for no password any more.",
	DocZH: "用设置里的账号登录网站；设置里有名称的网站知道自己的账号。用户名和密码的位置自己找，一步或两步都行；" +
		"页面不再要密码才算登录成功。",
	Says: action.Sentence{ZH: "登录 {url_or_site}[，账号 {account}]", EN: "Sign in to {url_or_site}[ as {account}]"},
}, login)

type loginIn struct {
	Site    string        `arg:"url_or_site,positional" doc:"address, or name of a site of the settings" zh:"网址，或设置里网站的名称"`
	Account action.Secret `arg:"account,optional" doc:"name of the account" zh:"账号的名称"`
}

func login(c *action.Call, in loginIn) (*flow.Page, error) {
	link, account, err := address(c, in.Site)
	if err != nil {
		return nil, err
	}
	if in.Account != "" {
		account = string(in.Account)
	}
	if account == "" {
		return nil, action.Bad("网站 %s 用哪个账号登录？写上 account，或在设置的 sites 里给它一个", "which account signs in to %s? Give account, or set one for it under sites in the settings", in.Site)
	}
	s, err := start(c)
	if err != nil {
		return nil, err
	}
	who := signed{link, account}
	s.login, s.unmade = c.Preview, c.Preview
	c.Do(action.Planned{Target: hostOf(link), Detail: map[string]any{"url": short(link), "account": account}, Class: action.Sends, Do: func() (flow.Value, error) {
		s.net.use(c, account)
		if err := s.visit(c, link); err != nil {
			return flow.Null(), explain(err)
		}
		if err := s.signIn(c, who); err != nil {
			return flow.Null(), explain(err)
		}
		s.begun = true
		c.Memo(memo{Do: "login", URL: link, Account: account})
		s.shoot(c, "login.png")
		return flow.PageOf(s.view(c)), nil
	}})
	return nil, nil
}
