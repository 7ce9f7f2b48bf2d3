package check

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// kindOfName is the kind of setting that an argument names; "" for none.
func kindOfName(act string, p *action.Param) string {
	switch {
	case p.Type.Name == "address":
		return "contact"
	case p.Type.Name == "secret":
		return "account"
	case act == "chat.send" && p.Name == "to":
		return "chat"
	case strings.HasPrefix(act, "sql.") && p.Name == "database":
		return "database"
	case isAddressArg(act, p.Name):
		return "site"
	case act == "file.print" && p.Name == "printer":
		return "printer"
	}
	return ""
}

// names binds what an argument names of the settings, and notes who and what is reached.
func (c *checker) names(a *flow.Arg, v static, p *place, k *callStatic) {
	kind := kindOfName(p.action, p.p)
	switch {
	case kind == "contact":
		a.Value = c.addresses(a.Value, v, p, k.a.Later)
	case kind != "":
		a.Value = c.named1(a.Value, v, kind, p, k)
	case p.action == "flow.run" && p.arg == "name":
		c.flowName(a.Value, v)
	case p.action == "web.download" && p.arg == "link":
		c.host(a.Value, v)
	case isStatement(p):
		c.statementText(a.Value, v, p)
	case p.action == "shell.run" && p.arg == "program" && fromContent(a.Value, v):
		c.bad(a.Value.At(), "要运行的程序不能来自数据：写明程序名", "the program to run cannot come from data: name it in the flow")
	}
}

// fromContent reports whether a value is computed from what files, mails or pages say.
func fromContent(e flow.Expr, v static) bool {
	if v.content {
		return true
	}
	l, ok := e.(*flow.Lit)
	return ok && l.Value.IsText() && len(flow.TemplateNames(l.Value.Text())) > 0 && strings.HasPrefix(strings.TrimSpace(l.Value.Text()), "{")
}

// addresses binds recipients: addresses stay, names become the addresses of the contact.
func (c *checker) addresses(e flow.Expr, v static, p *place, later bool) flow.Expr {
	switch e := e.(type) {
	case *flow.Lit:
		if e.Value.IsText() {
			return c.recipient(e, e.Value.Text(), p, later)
		}
	case *flow.List:
		for i, x := range e.Items {
			p.item = i + 1
			e.Items[i] = c.addresses(x, c.staticOf(x), p, later)
			p.item = 0
		}
		e.Items = flat(e.Items)
	case *flow.Name:
		if v.val != nil && v.val.IsText() {
			return c.recipient(&flow.Lit{Pos: e.Pos, Value: flow.Text(v.val.Text())}, v.val.Text(), p, later)
		}
		c.wholeContent(e, v)
		c.reaches(flow.PrintExpr(e))
	case *flow.Missing:
	default:
		c.reaches(flow.PrintExpr(e))
	}
	return e
}

// wholeContent warns where what was read as a whole decides who is sent something.
func (c *checker) wholeContent(e flow.Expr, v static) {
	if v.val == nil && v.content && !v.column && v.kind == flow.TextKind {
		c.warn(e.At(), "收件人 %s 是一整段内容；内容不能决定发给谁，请写明地址或某一列", "the recipient %s is a whole content; content must not decide who is sent something: name an address or a column", flow.PrintExpr(e))
	}
}

// flat is items with the lists among them opened.
func flat(items []flow.Expr) []flow.Expr {
	var out []flow.Expr
	for _, x := range items {
		if l, ok := x.(*flow.List); ok {
			out = append(out, flat(l.Items)...)
		} else {
			out = append(out, x)
		}
	}
	return out
}

func (c *checker) reaches(who string) {
	if !slices.Contains(c.recipients, who) {
		c.recipients = append(c.recipients, who)
	}
}

var (
	address   = regexp.MustCompile(`^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$|^[^\s@<>"]+@localhost$`)
	withName  = regexp.MustCompile(`^[^<>]*<\s*([^\s@<>]+@[^\s@<>]+)\s*>$`)
	addresses = regexp.MustCompile(`[,;，；、]\s*`)
)

func isAddress(s string) bool {
	s = strings.TrimSpace(s)
	if m := withName.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	return address.MatchString(s)
}

func (c *checker) recipient(e *flow.Lit, s string, p *place, later bool) flow.Expr {
	if len(flow.TemplateNames(s)) > 0 {
		c.reaches(s)
		return e
	}
	if isAddress(s) {
		c.reaches(strings.TrimSpace(s))
		return e
	}
	if parts := addresses.Split(strings.TrimSpace(s), -1); len(parts) > 1 && !slices.ContainsFunc(parts, func(x string) bool { return !isAddress(x) }) {
		for _, x := range parts {
			c.reaches(x)
		}
		return texts(e.Pos, parts)
	}
	if c.env.Settings == nil {
		c.reaches(s)
		return e
	}
	if list, ok := c.env.Settings.Contact(s); ok && len(list) > 0 {
		for _, x := range list {
			c.reaches(x)
		}
		c.info(e.Pos, "“%s” → %s", "“%s” → %s", s, strings.Join(list, ", "))
		return texts(e.Pos, list)
	}
	if later {
		c.reaches(s)
		return e
	}
	text := c.say("“%s”不在联系人里，发给谁？（写邮箱地址）", "“%s” is not among the contacts. To whom? (an address)", s)
	if strings.Contains(s, "@") {
		text = c.say("“%s”不是邮箱地址，发给谁？", "“%s” is no mail address. To whom?", s)
	}
	answer, ok := c.ask(c.id(p), text, c.nearNames("contact", s))
	if !ok {
		return e
	}
	c.replaceDraft(e.Pos, flow.Text(answer))
	return c.recipient(&flow.Lit{Pos: e.Pos, Value: flow.Text(answer)}, answer, p, later)
}

// texts is one text, or a list of them.
func texts(pos flow.Pos, ss []string) flow.Expr {
	if len(ss) == 1 {
		return &flow.Lit{Pos: pos, Value: flow.Text(ss[0])}
	}
	l := &flow.List{Pos: pos}
	for _, s := range ss {
		l.Items = append(l.Items, &flow.Lit{Pos: pos, Value: flow.Text(s)})
	}
	return l
}

// nearNames is the names of the settings that a question offers: the near ones, else all.
func (c *checker) nearNames(kind, name string) []string {
	all := c.env.Settings.Names(kind)
	if near := flow.Nearest(name, all); len(near) > 0 {
		return near
	}
	return all[:min(len(all), choicesMax)]
}

var nameQuestions = map[string]two{
	"chat":     {"设置里没有叫“%s”的群，发到哪个群？", "The settings have no group “%s”. Which group?"},
	"database": {"设置里没有叫“%s”的数据库，是哪一个？", "The settings have no database “%s”. Which one?"},
	"site":     {"设置里没有叫“%s”的网站，网址是什么？", "The settings have no site “%s”. What is its address?"},
	"account":  {"设置里没有叫“%s”的账号，用哪个账号？", "The settings have no account “%s”. Which one?"},
}

// named1 binds a group, database, site, account or printer to its own name in the settings.
func (c *checker) named1(e flow.Expr, v static, kind string, p *place, k *callStatic) flow.Expr {
	if kind == "site" {
		if bound, done := c.address(e, v, p); done {
			return bound
		}
	}
	if v.hole || v.val == nil || !v.val.IsText() || strings.TrimSpace(v.val.Text()) == "" || len(flow.TemplateNames(v.val.Text())) > 0 {
		c.fromData(e, v, kind)
		return e
	}
	name := v.val.Text()
	if kind == "account" && c.looksSecret(e, name) {
		return e
	}
	if c.env.Settings != nil {
		if own, ok := c.env.Settings.Find(kind, name); ok {
			return c.own(e, name, own, kind, k)
		}
	}
	if kind == "site" {
		if bound, ok := c.bareHost(e, name); ok {
			return bound
		}
	}
	if kind == "database" && isDatabase(name) {
		c.grantHost(name)
		return e
	}
	if kind == "chat" {
		c.reaches(name)
	}
	q, asks := nameQuestions[kind]
	if c.env.Settings == nil || k.a.Later || !asks {
		return e
	}
	text := c.say(q.zh, q.en, name)
	answer, ok := c.ask(c.id(p), text, c.nearNames(kind, name))
	if !ok {
		return e
	}
	c.replaceDraft(e.At(), flow.Text(answer))
	lit := &flow.Lit{Pos: e.At(), Value: flow.Text(answer)}
	return c.named1(lit, literal(lit.Value), kind, p, k)
}

// isDatabase reports whether name is itself the address of a database, or its file: no name of the settings.
// A file is held to the rules of files when it is opened.
func isDatabase(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".db", ".sqlite", ".sqlite3", ".db3":
		return true
	}
	return strings.Contains(name, "://") || strings.HasPrefix(name, "sqlite:")
}

// fromData looks at a name that is computed: data must choose neither a database nor an account.
func (c *checker) fromData(e flow.Expr, v static, kind string) {
	switch {
	case v.hole:
	case kind == "chat":
		c.wholeContent(e, v)
		c.reaches(words(e))
	case kind == "database" && fromContent(e, v):
		c.bad(e.At(), "用哪个数据库不能来自数据：写明它在设置里的名称", "which database is used cannot come from data: name it as the settings do")
	case kind == "account" && fromContent(e, v):
		c.bad(e.At(), "用哪个账号不能来自数据：写明它在设置里的名称", "which account is used cannot come from data: name it as the settings do")
	}
}

// own puts the settings' own name in place; a site becomes its address, with its account.
func (c *checker) own(e flow.Expr, name, own, kind string, k *callStatic) flow.Expr {
	if own != name {
		c.info(e.At(), "“%s” → %s", "“%s” → %s", name, own)
	}
	lit := &flow.Lit{Pos: e.At(), Value: flow.Text(own)}
	switch kind {
	case "chat":
		c.reaches(own)
	case "site":
		address, account, ok := c.env.Settings.Site(own)
		if !ok {
			return lit
		}
		c.grantHost(address)
		lit.Value = flow.Text(address)
		if k.args["account"] == nil && account != "" && k.a.Name == "web.login" {
			c.step.Call.Args = append(c.step.Call.Args, &flow.Arg{Pos: e.At(), Name: "account", Value: &flow.Lit{Pos: e.At(), Value: flow.Text(account)}})
		}
	}
	return lit
}

func (c *checker) flowName(e flow.Expr, v static) {
	if fromContent(e, v) {
		c.bad(e.At(), "要运行的流程不能来自数据：写明流程名", "the flow to run cannot come from data: name it")
		return
	}
	if c.env.Flow == nil || v.val == nil || !v.val.IsText() || c.env.Flow(v.val.Text()) {
		return
	}
	c.bad(e.At(), "没有叫“%s”的流程；先用 daiban add 加上", "there is no flow “%s”; add it by daiban add", v.val.Text())
}
