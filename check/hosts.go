package check

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"daiban/flow"
)

// isAddressArg reports whether an argument is the address of a page or service, or the name
// of a site of the settings.
func isAddressArg(act, arg string) bool {
	switch {
	case strings.HasPrefix(act, "web."):
		return arg == "url" || arg == "url_or_site"
	case strings.HasPrefix(act, "http."):
		return arg == "url"
	}
	return false
}

// address looks at what stands where an address or the name of a site may stand. done is
// false for a name, which has still to be found in the settings.
func (c *checker) address(e flow.Expr, v static, p *place) (bound flow.Expr, done bool) {
	if v.hole {
		return e, true
	}
	if v.val == nil || !v.val.IsText() || len(flow.TemplateNames(v.val.Text())) > 0 {
		if p.action == "web.login" && fromContent(e, v) {
			c.bad(e.At(), "登录哪个网站不能来自数据：写明网址或设置里的名称", "which site is signed in to cannot come from data: write its address, or its name in the settings")
			return e, true
		}
		c.host(e, v)
		return e, true
	}
	text := strings.TrimSpace(v.val.Text())
	if strings.Contains(text, "://") {
		c.host(e, v)
		return e, true
	}
	return e, text == "" || c.world.page && strings.HasPrefix(text, "/") // a path on the site that is open
}

var hostLike = regexp.MustCompile(`^(?i)(localhost|\d{1,3}(\.\d{1,3}){3}|([a-z0-9-]+\.)+[a-z]{2,})(:\d{1,5})?([/?#]\S*)?$`)

// bareHost is an address that was written without its https://.
func (c *checker) bareHost(e flow.Expr, name string) (flow.Expr, bool) {
	name = strings.TrimSpace(name)
	m := hostLike.FindStringSubmatch(name)
	if m == nil {
		return e, false
	}
	full := "https://" + name
	if strings.EqualFold(m[1], "localhost") || strings.HasPrefix(m[1], "127.") {
		full = "http://" + name
	}
	c.info(e.At(), "“%s” → %s", "“%s” → %s", name, full)
	c.grantHost(full)
	return &flow.Lit{Pos: e.At(), Value: flow.Text(full)}, true
}

// host grants the hosts that an address names. One that comes from data is not granted.
func (c *checker) host(e flow.Expr, v static) {
	if v.val != nil && v.val.IsText() {
		c.userInfo(e, v.val.Text())
		if c.grantHost(c.known(v.val.Text())) || !fromContent(e, v) {
			return
		}
	} else if c.grantLead(e) {
		return
	}
	if fromContent(e, v) || v.val != nil {
		c.info(e.At(), "网址来自数据：只能访问流程或设置里写明的主机，其他的要用 --grant 允许", "the address comes from data: only hosts named in the flow or the settings are reached, others need --grant")
	}
}

// known is a template with the variables filled in whose values are written in the flow.
func (c *checker) known(text string) string {
	for _, name := range flow.TemplateNames(text) {
		if v, ok := c.scope.vars[name]; ok && v.val != nil && v.val.IsText() {
			text = strings.ReplaceAll(text, "{"+name+"}", v.val.Text())
		}
	}
	return text
}

// grantLead grants the host of a template's beginning, and those of the list that a loop goes
// through.
func (c *checker) grantLead(e flow.Expr) bool {
	switch e := e.(type) {
	case *flow.Lit:
		return e.Value.IsText() && c.grantHost(c.known(e.Value.Text()))
	case *flow.Name:
		if v, ok := c.scope.vars[e.Name]; ok && v.val != nil && v.val.IsText() {
			return c.grantHost(v.val.Text())
		}
		for _, l := range c.loops {
			if l.name == e.Name && l.list != nil && l.list.Kind() == flow.ListKind {
				all := true
				for _, x := range l.list.List() {
					all = x.IsText() && c.grantHost(x.Text()) && all
				}
				return all
			}
		}
	}
	return false
}

// grantHost grants the host of an address, and reports whether it names one.
func (c *checker) grantHost(address string) bool {
	lead, _, _ := strings.Cut(address, "{")
	u, err := url.Parse(strings.TrimSpace(lead))
	if err != nil || u.Host == "" || len(lead) < len(address) && strings.Count(lead, "/") < 3 {
		return false // a template may stand in the host itself
	}
	if !slices.Contains(c.hosts, u.Host) {
		c.hosts = append(c.hosts, u.Host)
	}
	return true
}
