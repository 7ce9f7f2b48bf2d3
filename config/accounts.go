package config

import (
	"net/url"
	"slices"
)

// AccountNames is every account that the settings describe or name, in the order of the file: those of
// `accounts` first.
func (c *Config) AccountNames() []string {
	out := accountNames(c)
	for _, u := range c.uses() {
		if own, ok := c.Account(u.account); ok {
			u.account = own.Name
		}
		if u.account != "" && !slices.Contains(out, u.account) {
			out = append(out, u.account)
		}
	}
	return out
}

// HostsOf is the hosts that the password of an account may go to: those that it names itself, and those
// of what uses it.
func (c *Config) HostsOf(account string) []string {
	a, ok := c.Account(account)
	if !ok {
		a.Name = account
	}
	out := slices.Clone(a.Hosts)
	for _, u := range c.uses() {
		if u.account != a.Name {
			continue
		}
		if to, err := url.Parse(u.address); err == nil && to.Host != "" && !slices.Contains(out, to.Host) {
			out = append(out, to.Host)
		}
	}
	return out
}

// a use is an address at which an account signs in.
type use struct{ account, address string }

func (c *Config) uses() []use {
	out := []use{{c.Mailbox.Account, c.Mailbox.SMTP}, {c.Mailbox.Account, c.Mailbox.IMAP}}
	for _, x := range c.Databases {
		out = append(out, use{x.Account, x.URL})
	}
	for _, x := range c.Chats {
		out = append(out, use{x.Account, x.URL})
	}
	for _, x := range c.Sites {
		out = append(out, use{x.Account, x.URL})
	}
	for _, x := range c.Models {
		out = append(out, use{x.Account, x.URL})
	}
	return out
}
