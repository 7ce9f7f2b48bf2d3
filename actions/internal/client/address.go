package client

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"

	"daiban/action"
)

// addressMax bounds an address, in bytes.
const addressMax = 16 << 10

// Parse reads the address of a service: http or https, without a user in it. What stands raw in it
// (Chinese, spaces) is encoded.
func Parse(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	if len(address) > addressMax {
		return nil, action.Limit("网址太长（%d 字节）", "the address is too long (%d bytes)", len(address))
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, action.Bad("“%s”不是网址", "“%s” is not an address", cut(bareQuery(address), 100))
	}
	switch {
	case u.Scheme == "" || u.Opaque != "" || strings.Contains(u.Scheme, "."):
		return nil, action.Bad("网址要写全，如 https://example.com/…，这里是“%s”", "the address must be whole, such as https://example.com/…, not “%s”", cut(bareQuery(address), 100))
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, action.Refused("只能访问 http 和 https 网址，不能是 %s:", "only http and https addresses are reached, not %s:", u.Scheme)
	case u.Hostname() == "":
		return nil, action.Bad("网址里没有主机：“%s”", "the address has no host: “%s”", cut(bareQuery(address), 100))
	case u.User != nil:
		return nil, action.Refused("网址里不能写用户名和密码；写成 account，密码用 daiban account set 存", "a user and password must not stand in the address; name an account, whose password daiban account set stores")
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = encodeRaw(u.RawQuery)
	return u, nil
}

// encodeRaw encodes what may not stand in a query as it is, and leaves the rest alone.
func encodeRaw(q string) string {
	var b strings.Builder
	for i := range len(q) {
		if c := q[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// bareQuery is an address without its query, which may hold a secret.
func bareQuery(address string) string {
	lead, _, _ := strings.Cut(address, "?")
	if _, rest, ok := strings.Cut(lead, "@"); ok && strings.Contains(lead, "://") {
		return rest
	}
	return lead
}

// secretNames is the parameters that are secrets by their name.
var secretNames = []string{"key", "token", "secret", "sign", "password", "passwd", "pwd", "auth", "credential", "ticket"}

// Shown is u for people: readable, and without the values of parameters that look like secrets.
func Shown(u *url.URL) string {
	s := u.Scheme + "://" + u.Host + u.Path
	for i, part := range strings.Split(u.RawQuery, "&") {
		if u.RawQuery == "" {
			break
		}
		name, value, _ := strings.Cut(part, "=")
		if secretName(name) {
			value = "***"
		}
		s += map[bool]string{true: "?", false: "&"}[i == 0] + readable(name)
		if value != "" {
			s += "=" + readable(value)
		}
	}
	return cut(s, 300)
}

func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, s := range secretNames {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

// readable is a part of a query decoded, where that is text.
func readable(s string) string {
	if t, err := url.QueryUnescape(s); err == nil && utf8.ValidString(t) && !strings.ContainsFunc(t, control) {
		return t
	}
	return s
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// HostPort is the host and port that u leads to, as Call.Net takes them.
func HostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// SameHost reports whether b is the host of a: what a was told may be told to b. From http to https of
// one host, each at its usual port, it is.
func SameHost(a, b *url.URL) bool {
	if !strings.EqualFold(a.Hostname(), b.Hostname()) {
		return false
	}
	_, pa, _ := net.SplitHostPort(HostPort(a))
	_, pb, _ := net.SplitHostPort(HostPort(b))
	return pa == pb || pa == "80" && pb == "443" && b.Scheme == "https"
}

// cut is s of at most n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
