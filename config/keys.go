package config

import (
	"net/url"
	"slices"
	"strings"
)

// A Key is a secret that stands in an address of the settings, and the user it belongs to, "" for none.
type Key struct{ User, Secret string }

// keyParams is the parameters of addresses that hold a secret.
var keyParams = []string{"key", "access_token", "token", "sig", "signature", "sign", "secret", "password", "pwd", "api_key", "apikey", "code"}

// Keys is the secrets that stand in addresses of the settings: passwords before an @, keys of robots, tokens.
// They must not be told, though they are no accounts'.
func (c *Config) Keys() []Key {
	var out []Key
	add := func(user, secret string) {
		if k := (Key{user, secret}); secret != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	address := func(raw string) *url.URL {
		u, err := url.Parse(raw)
		if err != nil {
			return &url.URL{}
		}
		if password, ok := u.User.Password(); ok {
			add(u.User.Username(), password)
		}
		for name, values := range u.Query() {
			if slices.Contains(keyParams, strings.ToLower(name)) {
				for _, v := range values {
					add("", v)
				}
			}
		}
		return u
	}
	address(c.Mailbox.SMTP)
	address(c.Mailbox.IMAP)
	for _, x := range c.Databases {
		address(x.URL)
	}
	for _, x := range c.Chats { // Feishu, Slack and Teams have the key in the path
		u := address(x.URL)
		for _, part := range strings.Split(u.Path, "/") {
			if len(part) >= pathKeyMin {
				add("", part)
			}
		}
	}
	for _, x := range c.Sites {
		address(x.URL)
	}
	for _, x := range c.Models {
		address(x.URL)
	}
	slices.SortFunc(out, func(a, b Key) int { return strings.Compare(a.User+"\x00"+a.Secret, b.User+"\x00"+b.Secret) })
	return out
}

// pathKeyMin is the shortest part of a robot's path that is taken for its key, in bytes.
const pathKeyMin = 16
