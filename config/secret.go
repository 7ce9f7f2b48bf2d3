package config

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"

	"daiban/action"
)

// SecretEnv is the variable that holds the password of an account: DAIBAN_SECRET_
// and its name in upper case, every sign that is no letter or digit as `_`. Letters
// of any script stay: DAIBAN_SECRET_财务. A shell cannot set such a variable (env,
// containers and services can); an account may say `env: NAME` instead.
func SecretEnv(account string) string {
	return "DAIBAN_SECRET_" + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return '_'
	}, account)
}

// Secret is what an account signs in with at host: from its variable, else from the vault.
// It is refused for a host that the settings do not bind the account to.
func (c *Config) Secret(account, host string) (action.Credential, error) {
	a, known := c.Account(account)
	if !known {
		a = Account{Name: account}
	}
	if !c.bound(a, host) {
		if !known {
			return action.Credential{}, action.Missing("设置里没有账号 %s%s", "the settings have no account %s%s", account, near(c.near(account, accountNames(c))))
		}
		return action.Credential{}, action.Refused("账号 %s 不能用在 %s：在设置 accounts.%[1]s.hosts 里写上这台主机才行",
			"the account %s must not be used at %s: the setting accounts.%[1]s.hosts does not name that host", a.Name, host)
	}
	cred := action.Credential{User: a.User, Auth: a.Auth}
	name := cmp.Or(a.Env, SecretEnv(a.Name))
	if cred.Password = c.getenv(name); cred.Password != "" {
		return cred, nil
	}
	if c.Vault != nil {
		password, ok, err := c.Vault(a.Name)
		if ok || err != nil {
			cred.Password = password
			return cred, err
		}
	}
	return action.Credential{}, action.Missing("账号 %s 没有密码：用 daiban account set %[1]s 存入，或设置变量 %s",
		"the account %s has no password: store it with daiban account set %[1]s, or set the variable %s", a.Name, name)
}

// bound reports whether the settings let the account's secret go to host: a host of the account itself,
// or of what names it (the mailbox, a database, a group, a site, a model).
func (c *Config) bound(a Account, host string) bool {
	for _, h := range a.Hosts {
		if sameHost(h, host) {
			return true
		}
	}
	return slices.ContainsFunc(c.uses(), func(u use) bool {
		to, err := url.Parse(u.address)
		return u.account == a.Name && err == nil && to.Host != "" && sameHost(to.Host, host)
	})
}

// sameHost reports whether bound (host or host:port) covers host: without a port every port.
func sameHost(bound, host string) bool {
	bh, bp := splitHost(bound)
	h, p := splitHost(host)
	return strings.EqualFold(bh, h) && (bp == "" || p == "" || bp == p)
}

// splitHost is the name and the port, "" for none, of host.
func splitHost(host string) (name, port string) {
	if h, p, err := net.SplitHostPort(host); err == nil {
		return h, p
	}
	return strings.Trim(host, "[]"), ""
}

func accountNames(c *Config) []string {
	return names(c.Accounts, func(a Account) string { return a.Name })
}

func (c *Config) getenv(name string) string {
	if c.env != nil {
		return c.env(name)
	}
	return os.Getenv(name)
}

// near is the part of a message that offers names, in each language.
type near []string

// Name is what action's messages print of it.
func (n near) Name(lang string) string {
	switch {
	case len(n) == 0:
		return ""
	case lang == "zh":
		return "；是不是 " + strings.Join(n, "、") + "？"
	}
	return fmt.Sprintf("; did you mean %s?", strings.Join(n, ", "))
}
