package config

import (
	"cmp"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"daiban/flow"
)

// address reads a mail address, without a name.
func (d *decoder) address(n *yaml.Node, where string, to *string) bool {
	var s string
	if !d.text(n, where, &s) {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || !strings.Contains(s, "@") {
		d.fail(n, "%s 不是邮箱地址：%s", "%s is not a mail address: %s", where, s)
		return false
	}
	*to = s
	return true
}

// url reads an address with one of the schemes, a host and, where it is given, a port from 1 to 65535.
func (d *decoder) url(n *yaml.Node, where string, to *string, schemes ...string) {
	var s string
	if !d.text(n, where, &s) {
		return
	}
	u, err := url.Parse(s)
	switch {
	case err != nil && strings.Contains(err.Error(), "invalid port"), err == nil && !goodPort(u.Port()):
		d.fail(n, "%s 的端口不对（1 到 65535）：%s", "%s has a bad port (1 to 65535): %s", where, mask(s))
	case err != nil || u.Host == "" && !slices.Contains(schemes, u.Scheme):
		d.fail(n, "%s 不是地址：%s；要写成 %s://主机", "%s is not an address: %s; write %s://HOST", where, mask(s), schemes[0])
	case !slices.Contains(schemes, strings.ToLower(u.Scheme)):
		d.fail(n, "%s 要以 %s 开头，不是 %s", "%s must begin with %s, not %s", where, strings.Join(schemes, ":// | ")+"://", u.Scheme+"://").Near = flow.Nearest(u.Scheme, schemes)
	case u.Hostname() == "":
		d.fail(n, "%s 里没有主机：%s", "%s has no host: %s", where, mask(s))
	default:
		*to = s
	}
}

func goodPort(p string) bool {
	if p == "" {
		return true
	}
	n, err := strconv.Atoi(p)
	return err == nil && n >= 1 && n <= 65535
}

var userInfo = regexp.MustCompile(`(//[^/@:]*:)[^/@]*@`)

// mask hides the password in an address.
func mask(s string) string { return userInfo.ReplaceAllString(s, "$1…@") }

// hosts reads host or host:port, one or a list.
func (d *decoder) hosts(n *yaml.Node, where string, to *[]string) {
	var all []string
	d.texts(n, where, &all)
	for _, h := range all {
		host, port, err := net.SplitHostPort(h)
		if err != nil {
			host, port = h, ""
		}
		if host == "" || !goodPort(port) || strings.ContainsAny(host, "/@ ?#") || err == nil && port == "" {
			d.fail(n, "%s 要的是主机，或者主机:端口，不是 %s", "%s must be a host or host:port, not %s", where, h)
			continue
		}
		*to = append(*to, h)
	}
}

var headerName = regexp.MustCompile(`^header:[A-Za-z0-9-]+$`)

func (d *decoder) auth(n *yaml.Node, where string, to *string) {
	var s string
	if !d.text(n, where, &s) {
		return
	}
	if s != "basic" && s != "bearer" && !headerName.MatchString(s) {
		d.fail(n, "%s 只能是 basic、bearer 或 header:名字（如 header:X-Api-Key），不是 %s", "%s must be basic, bearer or header:NAME (header:X-Api-Key), not %s", where, s)
		return
	}
	*to = s
}

func (d *decoder) envName(n *yaml.Node, where string, to *string) {
	var s string
	if d.text(n, where, &s) {
		if strings.ContainsAny(s, "= $\x00\n") {
			d.fail(n, "%s 要的是环境变量的名字，不是 %s", "%s must be the name of an environment variable, not %s", where, s)
			return
		}
		*to = s
	}
}

func (d *decoder) choice(n *yaml.Node, where string, to *string, choices []string) bool {
	var s string
	if !d.text(n, where, &s) {
		return false
	}
	if !slices.Contains(choices, s) {
		d.fail(n, "%s 只能是 %s，不是 %s", "%s must be one of %s, not %s", where, strings.Join(choices, ", "), s).Near = flow.Nearest(s, choices)
		return false
	}
	*to = s
	return true
}

// whole reads a whole number above 0.
func (d *decoder) whole(n *yaml.Node, where string, to *int64) {
	x, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yaml.ScalarNode || err != nil || x < 1 {
		d.fail(n, "%s 要的是大于 0 的整数，这里是%s", "%s must be a whole number above 0, not %s", where, kindOf(n))
		return
	}
	*to = x
}

var sizePattern = regexp.MustCompile(`^(\d{1,12}) ?(?:([KMGT])(i?)B?|B)?$`)

// size reads a number of bytes: 500000, 200MB (10^6), 1GiB (2^30).
func (d *decoder) size(n *yaml.Node, where string, to *int64) {
	m := sizePattern.FindStringSubmatch(n.Value)
	if n.Kind != yaml.ScalarNode || m == nil {
		d.fail(n, "%s 要的是大小，如 500MB 或 1GiB，这里是%s", "%s must be a size like 500MB or 1GiB, not %s", where, kindOf(n))
		return
	}
	x, _ := strconv.ParseInt(m[1], 10, 64)
	unit, step := int64(1), int64(1000)
	if m[3] == "i" {
		step = 1024
	}
	for range strings.Index("BKMGT", cmp.Or(m[2], "B")) {
		unit *= step
	}
	if x < 1 || x > (1<<50)/unit {
		d.fail(n, "%s 太大或太小：%s（1B 到 1024TiB）", "%s is too large or too small: %s (1B to 1024TiB)", where, n.Value)
		return
	}
	*to = x * unit
}
