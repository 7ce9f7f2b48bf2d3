package db

import (
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"daiban/action"
)

// encryption of each kind: the parameter of an address that speaks of it, its values that leave the choice to the
// server, what is demanded of a server on another machine where nothing else is said, and how an address does without.
var encryption = map[string]struct {
	param, demand, without string
	either                 []string
}{
	"postgres":  {"sslmode", "require", "disable", []string{"", "prefer", "allow"}},
	"mysql":     {"tls", "skip-verify", "false", []string{"", "preferred"}},
	"sqlserver": {"encrypt", "true", "disable", []string{""}},
}

// encrypt is the value of that parameter, or "" for the driver's own. What goes to another machine is encrypted, or
// does not go: a server (or who stands between) that says it knows no TLS gets no password.
func (t *target) encrypt() string {
	e := encryption[t.kind]
	value := t.params.Get(e.param)
	if slices.Contains(e.either, strings.ToLower(value)) && !t.local() {
		return e.demand
	}
	return value
}

// local reports whether the address itself says that the server is on this machine, as a file is.
func (t *target) local() bool {
	host, _ := t.hostPort()
	ip := net.ParseIP(host)
	return t.kind == "sqlite" || host == "localhost" || ip != nil && ip.IsLoopback()
}

// noTLS is what a person reads when a server of another machine knows no TLS; nil when err says nothing of that.
func (d *DB) noTLS(err error) error {
	text := err.Error()
	if d.t.local() || !errors.Is(err, mysql.ErrNoTLS) && !strings.Contains(text, "server refused TLS connection") && !strings.Contains(text, "server does not support encryption") {
		return nil
	}
	e := encryption[d.Kind]
	return action.Refused("数据库 %s 的服务器不支持 TLS，没有登录：密码和数据会明着传过去；网络可信的话，在设置里它的地址末尾加上 ?%s=%s",
		"the server of the database %s has no TLS, and was not signed in to: the password and the data would travel in the clear; where the network is trusted, end its address in the settings with ?%s=%s",
		d.Name, e.param, e.without)
}
