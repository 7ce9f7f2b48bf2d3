package config

import (
	"net/url"
	"slices"
	"strings"

	"daiban/flow"
)

// endings are words after a name that do not count, the longer first.
var endings = []string{"数据库", "打印机", "机器人", "群聊", "网站", "群", "库",
	"database", "channel", "website", "printer", "robot", "group", "site"}

// fold is a name as it is compared: case, width and spaces do not count.
func fold(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(flow.Fold(name))), " ")
}

// bare is fold without # or @ before and the endings after the name.
func bare(name string) string {
	s := strings.TrimSpace(strings.TrimLeft(fold(name), "#@"))
	for _, e := range endings {
		rest := strings.TrimSpace(strings.TrimSuffix(s, e))
		if rest != s && rest != "" && (e[0] >= 0x80 || strings.HasSuffix(s, " "+e)) {
			return rest
		}
	}
	return s
}

// find is the entry that name means: exactly, then folded, then without endings on
// either side, then on both; each only when one entry fits.
func find[T any](entries []T, nameOf func(T) string, name string) (T, bool) {
	var zero T
	for _, same := range []func(entry string) bool{
		func(e string) bool { return e == name },
		func(e string) bool { return fold(e) == fold(name) },
		func(e string) bool { return fold(e) == bare(name) || bare(e) == fold(name) },
		func(e string) bool { return bare(e) == bare(name) },
	} {
		var hits []T
		for _, e := range entries {
			if same(nameOf(e)) {
				hits = append(hits, e)
			}
		}
		if len(hits) == 1 {
			return hits[0], true
		}
		if len(hits) > 1 {
			return zero, false
		}
	}
	return zero, false
}

// Contact is the addresses of a person or a list of people.
func (c *Config) Contact(name string) (addresses []string, ok bool) {
	x, ok := find(c.Contacts, func(x Contact) string { return x.Name }, name)
	return x.Addresses, ok
}

// Site is the address of a web site and the account that signs in there.
func (c *Config) Site(name string) (url, account string, ok bool) {
	x, ok := find(c.Sites, func(x Site) string { return x.Name }, name)
	return x.URL, x.Account, ok
}

// Database finds a database.
func (c *Config) Database(name string) (Database, bool) {
	return find(c.Databases, func(x Database) string { return x.Name }, name)
}

// Chat finds a group.
func (c *Config) Chat(name string) (Chat, bool) {
	return find(c.Chats, func(x Chat) string { return x.Name }, name)
}

// Printer finds a printer.
func (c *Config) Printer(name string) (Printer, bool) {
	return find(c.Printers, func(x Printer) string { return x.Name }, name)
}

// Account finds an account.
func (c *Config) Account(name string) (Account, bool) {
	return find(c.Accounts, func(x Account) string { return x.Name }, name)
}

// LanguageModel finds a model of the settings.
func (c *Config) LanguageModel(name string) (Model, bool) {
	return find(c.Models, func(x Model) string { return x.Name }, name)
}

// Find is the settings' own name for what a person calls name; kind is as in Names.
func (c *Config) Find(kind, name string) (own string, ok bool) {
	return find(c.Names(kind), func(s string) string { return s }, name)
}

// Names is the names that the settings give to one kind of thing: contact, site,
// database, chat, printer, account or model.
func (c *Config) Names(kind string) []string {
	switch kind {
	case "contact":
		return names(c.Contacts, func(x Contact) string { return x.Name })
	case "site":
		return names(c.Sites, func(x Site) string { return x.Name })
	case "database":
		return names(c.Databases, func(x Database) string { return x.Name })
	case "chat":
		return names(c.Chats, func(x Chat) string { return x.Name })
	case "printer":
		return names(c.Printers, func(x Printer) string { return x.Name })
	case "account":
		return names(c.Accounts, func(x Account) string { return x.Name })
	case "model":
		return append([]string{"builtin"}, names(c.Models, func(x Model) string { return x.Name })...)
	}
	panic("config: no kind of name: " + kind)
}

// Near is at most three names of kind that are close to name.
func (c *Config) Near(kind, name string) []string { return c.near(name, c.Names(kind)) }

func (c *Config) near(name string, all []string) []string { return flow.Nearest(bare(name), all) }

func names[T any](entries []T, nameOf func(T) string) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = nameOf(e)
	}
	return out
}

// Hosts is the hosts that the settings name and so grant, each host or host:port,
// in the order of the file. A host without a port means every port.
func (c *Config) Hosts() []string {
	var out []string
	add := func(raw string) {
		if u, err := url.Parse(raw); err == nil && u.Host != "" && !slices.Contains(out, u.Host) {
			out = append(out, u.Host)
		}
	}
	add(c.Mailbox.SMTP)
	add(c.Mailbox.IMAP)
	for _, d := range c.Databases {
		if d.Kind != "sqlite" {
			add(d.URL)
		}
	}
	for _, x := range c.Chats {
		add(x.URL)
	}
	for _, x := range c.Sites {
		add(x.URL)
	}
	for _, a := range c.Accounts {
		for _, h := range a.Hosts {
			add("//" + h)
		}
	}
	for _, m := range c.Models {
		add(m.URL)
	}
	return out
}
