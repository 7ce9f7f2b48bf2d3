package client

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"daiban/action"
)

// Hide has Mask take s out of what people see.
func (c *Client) Hide(s string) {
	if len(s) >= 4 && !slices.Contains(c.hide, s) {
		c.hide = append(c.hide, s)
		slices.SortStableFunc(c.hide, func(a, b string) int { return len(b) - len(a) })
	}
}

// HideAddress hides an address that is a secret itself: its query, the values in it, and long parts
// of its path.
func (c *Client) HideAddress(u *url.URL) {
	c.Hide(u.String())
	c.Hide(u.RequestURI())
	c.Hide(u.RawQuery)
	for _, vs := range u.Query() {
		for _, v := range vs {
			c.hideSecret(v)
		}
	}
	for _, part := range strings.Split(u.Path, "/") {
		if len(part) >= 8 {
			c.hideSecret(part)
		}
	}
}

// hideSecret hides s in the forms in which a server may echo it.
func (c *Client) hideSecret(s string) {
	c.Hide(s)
	c.Hide(url.QueryEscape(s))
	c.Hide(url.PathEscape(s))
	c.Hide(base64.StdEncoding.EncodeToString([]byte(s)))
}

// Mask is s without the secrets that this client has used: a server may echo them.
func (c *Client) Mask(s string) string {
	for _, x := range c.hide {
		s = strings.ReplaceAll(s, x, "***")
	}
	return s
}

// sign adds the secret of account to the head of a request to host.
func (c *Client) sign(h http.Header, account string, u *url.URL) error {
	if account == "" {
		return nil
	}
	cred, err := c.call.Account.Secret(account, HostPort(u))
	if err != nil {
		return err
	}
	c.hideSecret(cred.Password)
	c.warnPlain(account, u)
	if strings.ContainsAny(cred.Password+cred.User, "\r\n\x00") {
		return action.Bad("账号 %s 的密码里有换行，不能用于 HTTP", "the password of the account %s has a line end, which HTTP cannot carry", account)
	}
	kind, name, _ := strings.Cut(cred.Auth, ":")
	switch strings.ToLower(kind) {
	case "", "basic":
		pair := base64.StdEncoding.EncodeToString([]byte(cred.User + ":" + cred.Password))
		c.Hide(pair)
		h.Set("Authorization", "Basic "+pair)
	case "bearer":
		h.Set("Authorization", "Bearer "+cred.Password)
	case "header":
		if name = textproto.TrimString(name); !token(name) {
			return action.Bad("账号 %s 的 auth 没有写对报头名", "the setting auth of the account %s names no header", account)
		}
		h.Set(name, cred.Password)
	default:
		return action.Bad("账号 %s 的 auth 要写 basic、bearer 或 header:名称", "the setting auth of the account %s must be basic, bearer or header:NAME", account)
	}
	return nil
}

// warnPlain says once that a secret goes to another machine in the clear.
func (c *Client) warnPlain(account string, u *url.URL) {
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Scheme != "http" || u.Hostname() == "localhost" || err == nil && ip.IsLoopback() || c.plain || c.call.Note == nil {
		return
	}
	c.plain = true
	c.call.Note("warning", "账号 "+account+" 的密码不加密就发给了 "+u.Host+"；能用 https 就用 https", "the password of the account "+account+" goes to "+u.Host+" without encryption; use https where it can be had")
}

// token reports whether s can be the name of a header (RFC 9110, 5.6.2).
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("()<>@,;:\\\"/[]?={}", r)
	})
}
