package sql_test

import (
	"bytes"
	"context"
	stdsql "database/sql"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"daiban/action"
	"daiban/actions/sql/internal/db"
)

// A wire stands between a client and a server, and breaks when the client says a word.
type wire struct {
	net.Listener
	to string

	mu    sync.Mutex
	word  string // at which it breaks
	pass  bool   // the word still reaches the server
	dead  bool   // nobody gets through any more
	stays bool   // it stays dead
	conns []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	w := &wire{Listener: l, to: to}
	go w.serve()
	t.Cleanup(func() { l.Close() })
	return w
}

func (w *wire) serve() {
	for {
		c, err := w.Accept()
		if err != nil {
			return
		}
		w.mu.Lock()
		dead := w.dead
		w.conns = append(w.conns, c)
		w.mu.Unlock()
		s, err := net.Dial("tcp", w.to)
		if err != nil || dead {
			c.Close()
			continue
		}
		go w.carry(c, s)
		go func() { io.Copy(c, s); c.Close() }()
	}
}

// carry brings what the client says to the server, up to the word.
func (w *wire) carry(c, s net.Conn) {
	defer s.Close()
	defer c.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		w.mu.Lock()
		breaks := w.word != "" && bytes.Contains(bytes.ToLower(buf[:n]), []byte(w.word))
		pass := w.pass
		if breaks {
			w.word, w.dead = "", w.stays
		}
		w.mu.Unlock()
		if !breaks {
			s.Write(buf[:n])
			continue
		}
		c.Close() // first: no answer gets back
		if pass {
			s.Write(buf[:n])
			time.Sleep(100 * time.Millisecond)
		}
		return
	}
}

func (w *wire) breakAt(word string, pass, stays bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.word, w.pass, w.stays = word, pass, stays
}

// TestLost loses the connection before, at and after the commit.
func TestLost(t *testing.T) {
	for _, kind := range []string{"postgres", "mysql"} {
		t.Run(kind, func(t *testing.T) {
			b := open(t, kind)
			b.exec(`create table "件" ("号" integer)`)
			w := newWire(t, servers[kind].Addr)
			b.Env.Databases[0].URL = strings.Replace(b.url, servers[kind].Addr, w.Addr().String(), 1) + map[string]string{"postgres": "?sslmode=disable", "mysql": "?tls=false"}[kind]
			b.Grants = append(b.Grants, w.Addr().String())
			c, view := b.Call()
			defer view.Close()
			d := must(db.Open(c, "仓库", db.Writing))(t)
			schema := must(d.DefaultSchema(c))(t)
			insert := func(key string) (int64, error) {
				return d.Once(c, db.Change{Key: key, At: c.Now, Schema: schema, Patience: 3 * time.Second,
					Do: func(ctx context.Context, tx *stdsql.Tx) (int64, error) {
						return d.Exec(ctx, tx, "insert into "+d.Quote("件")+" values (1)", nil)
					}})
			}
			want := func(what, key string, rows int, kind string) {
				t.Helper()
				before := b.count(`select count(*) from "件"`)
				n, err := insert(key)
				if after := b.count(`select count(*) from "件"`); after-before != rows || kindOf(err) != kind || err == nil && n != 1 {
					t.Errorf("%s: %d rows came in, %d, error %v (%s); want %d rows, error %q", what, after-before, n, err, kindOf(err), rows, kind)
				}
			}
			want("at first", "k0", 1, "")
			w.breakAt(`insert into `+strings.ToLower(d.Quote("件")), false, false)
			want("lost before the commit", "k1", 0, "io")
			w.breakAt("commit", false, false)
			want("lost at the commit, which does not arrive", "k2", 0, "io")
			w.breakAt("commit", true, false)
			want("lost after the commit", "k3", 1, "")
			want("again after that", "k3", 0, "")
			w.breakAt("commit", true, true)
			want("lost after the commit, and nobody to ask", "k4", 1, "doubt")
		})
	}
}

func kindOf(err error) string {
	var p *action.Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return ""
}
