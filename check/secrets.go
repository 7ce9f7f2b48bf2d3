package check

import (
	"net/url"
	"regexp"
	"strings"

	"daiban/flow"
)

// Secrets have no place in a flow: it is stored, printed and sent to planners. What looks like
// one is a finding, whose text does not repeat it.

// secretForms are how tokens of well-known services begin.
var secretForms = regexp.MustCompile(`^(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abpr]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{12,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]+|SEC[0-9a-f]{32,})$`)

// likeSecret reports whether s looks like a password or token rather than the name of an account.
func likeSecret(s string) bool {
	s = strings.TrimSpace(s)
	if isAddress(s) || len(s) < 6 || strings.ContainsAny(s, " \t") || strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e }) {
		return false
	}
	if secretForms.MatchString(s) {
		return true
	}
	letter := strings.ContainsAny(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz")
	digit := strings.ContainsAny(s, "0123456789")
	mark := strings.ContainsAny(s, "!#$%^&*+=?~|<>;:@")
	return letter && digit && (mark || len(s) >= 24 && !strings.ContainsAny(s, "-_."))
}

// looksSecret finds a password where the name of an account belongs.
func (c *checker) looksSecret(e flow.Expr, name string) bool {
	if c.env.Settings != nil {
		if _, ok := c.env.Settings.Find("account", name); ok {
			return false
		}
	}
	if !likeSecret(name) || c.env.Settings == nil && !secretForms.MatchString(name) {
		return false // without the settings only what is certainly no name
	}
	c.bad(e.At(), "account 要的是设置里账号的名称，这里像是密码：密码不能写在流程里", "account takes the name of an account of the settings, and this looks like a password: a password has no place in a flow")
	return true
}

// secretLabel is the names of fields that hold secrets.
var secretLabel = regexp.MustCompile(`(?i)密码|口令|密钥|passwort|pass(word|code|phrase|wd)|\bpwd\b|^(access[_ -]?)?token$|secret|api[_ -]?key`)

// secrets finds passwords that are written in a flow: in what fills a form or goes to a service.
func (c *checker) secrets(a *flow.Arg, p *place) {
	switch p.action + "." + p.arg {
	case "web.fill.values", "http.post.data", "http.get.query":
	default:
		return
	}
	d, ok := a.Value.(*flow.Dict)
	if !ok {
		return
	}
	for i := range d.Keys {
		k, isLit := d.Keys[i].(*flow.Lit)
		if !isLit || !secretLabel.MatchString(k.Value.String()) || !c.writtenOut(d.Values[i]) {
			continue
		}
		if p.action == "web.fill" {
			c.bad(d.Values[i].At(), "“%s”写明了值：密码不能写在流程里，登录用 web.login(网址, account=\"设置里账号的名称\")", "“%s” has its value written out: a password has no place in a flow; to sign in write web.login(address, account=\"name of an account of the settings\")", k.Value.String())
		} else {
			c.bad(d.Values[i].At(), "“%s”写明了值：密钥不能写在流程里，用 account=\"设置里账号的名称\"", "“%s” has its value written out: a secret has no place in a flow; use account=\"name of an account of the settings\"", k.Value.String())
		}
	}
}

// writtenOut reports whether a value is a text or number that is written in the flow.
func (c *checker) writtenOut(e flow.Expr) bool {
	v := c.staticOf(e).val
	if v == nil || v.String() == "" {
		return false
	}
	return !v.IsText() || len(flow.TemplateNames(v.Text())) == 0
}

// secretQuery is the parameters of addresses that hold secrets.
var secretQuery = []string{"password", "passwd", "pwd", "token", "access_token", "secret", "api_key", "apikey"}

// userInfo finds secrets in an address.
func (c *checker) userInfo(e flow.Expr, address string) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return
	}
	if _, has := u.User.Password(); has {
		c.bad(e.At(), "网址里带着密码：密码不能写在流程里，用 account=\"设置里账号的名称\"", "the address holds a password: it has no place in a flow; use account=\"name of an account of the settings\"")
		return
	}
	q := u.Query()
	for _, name := range secretQuery {
		if v := q.Get(name); v != "" && len(flow.TemplateNames(v)) == 0 {
			c.warn(e.At(), "网址的参数 %s 像是密钥：流程会被保存和显示，密钥最好放进账号，用 account=\"账号的名称\"", "the parameter %s of the address looks like a secret: a flow is stored and shown; keep it in an account, with account=\"its name\"", name)
		}
	}
}
