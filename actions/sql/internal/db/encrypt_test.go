package db

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daiban/action"
	"daiban/network"
)

// plainServer is a server of a kind that says it knows no TLS; stop ends it, and reports whether a client said more
// after that.
func plainServer(t *testing.T, kind string) (port string, stop func() bool) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var more atomic.Bool
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(10 * time.Second))
				buf := make([]byte, 1)
				if !greet(c, kind) {
					more.Store(true)
				} else if n, _ := c.Read(buf); n > 0 {
					more.Store(true)
				}
			})
		}
	})
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, func() bool { l.Close(); all.Wait(); return more.Load() }
}

// greet is the beginning of each protocol, up to the answer that there is no TLS; false when the client does not ask for it.
func greet(c net.Conn, kind string) bool {
	switch kind {
	case "postgres":
		head := make([]byte, 8)
		if _, err := io.ReadFull(c, head); err != nil || binary.BigEndian.Uint32(head[4:]) != 80877103 { // not a request for TLS: it signs in at once
			return false
		}
		c.Write([]byte{'N'})
	case "mysql":
		hello := "\x0a8.0.0\x00\x01\x00\x00\x00saltsalt\x00" + "\x00\x82" /* protocol 4.1, secure connection; no TLS */ + "\x2d\x02\x00" + "\x08\x00\x15" +
			strings.Repeat("\x00", 10) + "saltsaltsalt\x00mysql_native_password\x00"
		c.Write(append([]byte{byte(len(hello)), 0, 0, 0}, hello...))
	case "sqlserver":
		head := make([]byte, 8)
		if _, err := io.ReadFull(c, head); err != nil {
			return false
		}
		io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint16(head[2:]))-8)
		options := "\x00\x00\x0b\x00\x06" + "\x01\x00\x11\x00\x01" + "\xff" + "\x10\x00\x00\x00\x00\x00" + "\x02" // a version; encryption is not supported
		c.Write(append([]byte{4, 1, 0, byte(8 + len(options)), 0, 0, 1, 0}, options...))
	}
	return true
}

// TestEncrypt: to a server on another machine that knows no TLS nothing is said that holds a password, unless its
// address wants that. On Linux 0.0.0.0 leads to this machine, and is no address of it by its name.
func TestEncrypt(t *testing.T) {
	for kind, param := range map[string]string{"postgres": "sslmode=disable", "mysql": "tls=false", "sqlserver": "encrypt=disable"} {
		for _, test := range []struct {
			host, query string
			refused     bool
		}{
			{"0.0.0.0", "", true},
			{"0.0.0.0", "either", true},
			{"127.0.0.1", "", false},
			{"localhost", "", false},
			{"0.0.0.0", param, false},
		} {
			query := test.query
			if query == "either" {
				if query = map[string]string{"postgres": "sslmode=prefer", "mysql": "tls=preferred"}[kind]; query == "" {
					continue
				}
			}
			port, stop := plainServer(t, kind)
			tg := &target{kind: kind, name: "仓库"}
			if err := tg.server(kind + "://robot:pass-word@" + test.host + ":" + port + "/x?" + query); err != nil {
				t.Fatal(err)
			}
			d := &DB{Dialect: dialects[kind], Name: "仓库", t: tg}
			c := &action.Call{Context: t.Context(), Net: network.New(nil, []string{test.host}), Now: time.Now()}
			pool, err := d.open(d, c, Reading)
			if err != nil {
				t.Fatal(err)
			}
			pool.SetMaxOpenConns(1)
			err = d.Problem(pool.PingContext(t.Context()))
			pool.Close()
			if more := stop(); more == test.refused {
				t.Errorf("%s at %s?%s: the client goes on without TLS: %v", kind, test.host, query, more)
			}
			if zh, en := action.Explain(err, "zh"), action.Explain(err, "en"); test.refused != (strings.Contains(en, "has no TLS") && strings.Contains(en, "?"+param) && strings.Contains(zh, "不支持 TLS")) {
				t.Errorf("%s at %s?%s: %s; %s", kind, test.host, query, zh, en)
			}
		}
	}
}

// TestEncryptKept: what an address asks for beyond that is kept.
func TestEncryptKept(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://db.example.com/x":                         "require",
		"postgres://db.example.com/x?sslmode=allow":           "require",
		"postgres://db.example.com/x?sslmode=verify-full":     "verify-full",
		"postgres://[::1]/x":                                  "",
		"postgres://localhost.example.com/x":                  "require",
		"mysql://db.example.com/x":                            "skip-verify",
		"mysql://db.example.com/x?tls=true":                   "true",
		"sqlserver://db.example.com?database=x":               "true",
		"sqlserver://db.example.com?encrypt=strict":           "strict",
		"sqlserver://127.0.0.1?database=x":                    "",
		"postgres://db.example.com/x?sslmode=disable":         "disable",
		"postgres://db.example.com/x?SSLMode=PREFER&x=ignore": "bad",
	} {
		u, _ := url.Parse(address)
		tg := &target{kind: u.Scheme}
		got := "bad"
		if err := tg.server(address); err == nil {
			got = tg.encrypt()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
