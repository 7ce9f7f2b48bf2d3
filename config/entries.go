package config

import (
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"daiban/flow"
)

func (d *decoder) mail(n *yaml.Node) {
	m := &d.cfg.Mailbox
	d.mapping(n, "mail", fields{
		"from":    func(n *yaml.Node) { d.address(n, "mail.from", &m.From) },
		"smtp":    func(n *yaml.Node) { d.url(n, "mail.smtp", &m.SMTP, "smtp", "smtps") },
		"imap":    func(n *yaml.Node) { d.url(n, "mail.imap", &m.IMAP, "imap", "imaps") },
		"account": func(n *yaml.Node) { d.text(n, "mail.account", &m.Account) },
	})
}

// databaseKinds maps the scheme of an address to the kind of database.
var databaseKinds = map[string]string{
	"sqlite": "sqlite", "postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "sqlserver": "sqlserver", "mssql": "sqlserver",
}

func (d *decoder) database(name string, n *yaml.Node) {
	where, db := "databases."+name, Database{Name: name}
	readURL := func(n *yaml.Node) { d.databaseURL(n, where, &db) }
	if n.Kind == yaml.MappingNode {
		d.mapping(n, where, fields{
			"url":     readURL,
			"account": func(n *yaml.Node) { d.text(n, where+".account", &db.Account) },
		})
		d.need(n, where+".url", db.URL)
	} else {
		readURL(n)
	}
	d.cfg.Databases = append(d.cfg.Databases, db)
}

func (d *decoder) databaseURL(n *yaml.Node, where string, db *Database) {
	if !d.text(n, where, &db.URL) {
		return
	}
	scheme, rest, ok := strings.Cut(db.URL, ":")
	db.Kind = databaseKinds[strings.ToLower(scheme)]
	switch {
	case !ok || db.Kind == "":
		d.fail(n, "%s 要的是数据库地址：sqlite:、postgres://、mysql:// 或 sqlserver://，这里是 %s",
			"%s must be the address of a database (sqlite:, postgres://, mysql:// or sqlserver://), not %s", where, mask(db.URL))
	case db.Kind != "sqlite":
		d.url(n, where, &db.URL, "postgres", "postgresql", "mysql", "sqlserver", "mssql")
	default:
		db.Path = d.sqlitePath(rest)
		if db.Path == "" {
			d.fail(n, "%s 没有说数据库文件；写成 sqlite:///data/erp.db（绝对路径）或 sqlite:erp.db（在数据文件夹里）",
				"%s names no file; write sqlite:///data/erp.db (absolute) or sqlite:erp.db (in the home)", where)
		}
	}
}

// sqlitePath is the file of "sqlite:" + rest: absolute after three slashes, else in the home.
func (d *decoder) sqlitePath(rest string) string {
	path := strings.TrimPrefix(rest, "//")
	switch {
	case path == "" || path == "/":
		return ""
	case filepath.VolumeName(strings.TrimPrefix(path, "/")) != "": // sqlite:///C:/data/erp.db
		return filepath.FromSlash(strings.TrimPrefix(path, "/"))
	case strings.HasPrefix(path, "/"):
		return filepath.Clean(filepath.FromSlash(path))
	}
	return filepath.Join(d.cfg.home, filepath.FromSlash(path))
}

// ChatKinds is the kinds of groups.
var ChatKinds = []string{"wecom", "dingtalk", "feishu", "slack", "teams", "plain"}

func (d *decoder) chat(name string, n *yaml.Node) {
	where, c := "chat."+name, Chat{Name: name}
	if n.Kind != yaml.MappingNode {
		d.fail(n, "%s 要写成 {kind: wecom, url: …}", "%s must be {kind: wecom, url: …}", where)
		return
	}
	d.mapping(n, where, fields{
		"kind":    func(n *yaml.Node) { d.choice(n, where+".kind", &c.Kind, ChatKinds) },
		"url":     func(n *yaml.Node) { d.url(n, where+".url", &c.URL, "http", "https") },
		"account": func(n *yaml.Node) { d.text(n, where+".account", &c.Account) },
	})
	d.need(n, where+".kind", c.Kind)
	d.need(n, where+".url", c.URL)
	d.cfg.Chats = append(d.cfg.Chats, c)
}

func (d *decoder) contact(name string, n *yaml.Node) {
	where, c := "contacts."+name, Contact{Name: name}
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, x := range items {
		var s string
		if d.address(x, where, &s) {
			c.Addresses = append(c.Addresses, s)
		}
	}
	if len(items) == 0 {
		d.fail(n, "%s 没有地址", "%s has no address", where)
	}
	d.cfg.Contacts = append(d.cfg.Contacts, c)
}

func (d *decoder) site(name string, n *yaml.Node) {
	where, s := "sites."+name, Site{Name: name}
	readURL := func(n *yaml.Node) { d.url(n, where+".url", &s.URL, "http", "https") }
	if n.Kind == yaml.MappingNode {
		d.mapping(n, where, fields{
			"url":     readURL,
			"account": func(n *yaml.Node) { d.text(n, where+".account", &s.Account) },
		})
		d.need(n, where+".url", s.URL)
	} else {
		readURL(n)
	}
	d.cfg.Sites = append(d.cfg.Sites, s)
}

func (d *decoder) printer(name string, n *yaml.Node) {
	p := Printer{Name: name}
	d.text(n, "printers."+name, &p.Queue)
	d.cfg.Printers = append(d.cfg.Printers, p)
}

func (d *decoder) account(name string, n *yaml.Node) {
	where, a := "accounts."+name, Account{Name: name}
	d.mapping(n, where, fields{
		"user":  func(n *yaml.Node) { d.text(n, where+".user", &a.User) },
		"hosts": func(n *yaml.Node) { d.hosts(n, where+".hosts", &a.Hosts) },
		"auth":  func(n *yaml.Node) { d.auth(n, where+".auth", &a.Auth) },
		"env":   func(n *yaml.Node) { d.envName(n, where+".env", &a.Env) },
	})
	d.cfg.Accounts = append(d.cfg.Accounts, a)
}

func (d *decoder) model(name string, n *yaml.Node) {
	where, m := "models."+name, Model{Name: name}
	if n.Kind != yaml.MappingNode {
		d.fail(n, "%s 要写成 {url: …, name: …}", "%s must be {url: …, name: …}", where)
		return
	}
	if fold(name) == "builtin" {
		d.fail(n, "builtin 是自带模型的名字，换一个", "builtin is the name of the built-in model; take another")
	}
	d.mapping(n, where, fields{
		"url":     func(n *yaml.Node) { d.url(n, where+".url", &m.URL, "http", "https") },
		"name":    func(n *yaml.Node) { d.text(n, where+".name", &m.Model) },
		"account": func(n *yaml.Node) { d.text(n, where+".account", &m.Account) },
	})
	d.need(n, where+".url", m.URL)
	d.cfg.Models = append(d.cfg.Models, m)
}

func (d *decoder) approve(n *yaml.Node) {
	var s string
	if d.choice(n, "approve", &s, []string{"sends", "all", "flow"}) {
		d.cfg.Approve = Approve(s)
	}
}

func (d *decoder) limits(n *yaml.Node) {
	l := &d.cfg.Limits
	d.mapping(n, "limits", fields{
		"unpacked": func(n *yaml.Node) { d.size(n, "limits.unpacked", &l.Unpacked) },
		"ratio":    func(n *yaml.Node) { d.whole(n, "limits.ratio", &l.Ratio) },
	})
}

// checkModel holds `model` against the models that are named.
func (d *decoder) checkModel(root *yaml.Node) {
	if root.Kind != yaml.MappingNode || d.cfg.Model == "builtin" {
		return
	}
	if _, ok := d.cfg.LanguageModel(d.cfg.Model); ok {
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		// A file or folder is a model too; it is looked for when it is used.
		if root.Content[i].Value == "model" && !strings.ContainsAny(d.cfg.Model, `/\.`) {
			e := d.fail(root.Content[i+1], "models 里没有 %s", "models has no %s", d.cfg.Model)
			e.Near = flow.Nearest(d.cfg.Model, d.cfg.Names("model"))
		}
	}
}

// checkSecrets finds accounts whose passwords would come from one variable.
func (d *decoder) checkSecrets() {
	owner := map[string]string{}
	for _, a := range d.cfg.Accounts {
		name := a.Env
		if name == "" {
			name = SecretEnv(a.Name)
		}
		if other, ok := owner[name]; ok && a.Env == "" {
			d.errs = append(d.errs, &Error{File: d.file,
				ZH: "账号 " + other + " 和 " + a.Name + " 的密码都会从 " + name + " 取；给其中一个写上 env: 变量名",
				EN: "the accounts " + other + " and " + a.Name + " would both take their password from " + name + "; give one of them env: NAME"})
		}
		owner[name] = a.Name
	}
	slices.SortStableFunc(d.errs, func(a, b *Error) int { return a.Line - b.Line })
}

func (d *decoder) need(n *yaml.Node, where, value string) {
	for _, e := range d.errs { // it is there, and wrong: said already
		if e.Line >= n.Line && strings.Contains(e.EN, where) {
			return
		}
	}
	if value == "" {
		d.fail(n, "缺少 %s", "%s is missing", where)
	}
}
