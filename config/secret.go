package config

import (
	"fmt"
	"os"
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

// Secret is the user and password of an account: from its variable, else from the vault.
func (c *Config) Secret(account string) (user, password string, err error) {
	a, known := c.Account(account)
	if !known {
		a = Account{Name: account}
	}
	name := a.Env
	if name == "" {
		name = SecretEnv(a.Name)
	}
	if password = c.getenv(name); password != "" {
		return a.User, password, nil
	}
	if c.Vault != nil {
		password, ok, err := c.Vault(a.Name)
		if ok || err != nil {
			return a.User, password, err
		}
	}
	if !known {
		p := action.Missing("设置里没有账号 %s%s", "the settings have no account %s%s", account, near(c.near(account, accountNames(c))))
		return "", "", p
	}
	return "", "", action.Missing("账号 %s 没有密码：用 daiban account set %[1]s 存入，或设置变量 %s",
		"the account %s has no password: store it with daiban account set %[1]s, or set the variable %s", a.Name, name)
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
