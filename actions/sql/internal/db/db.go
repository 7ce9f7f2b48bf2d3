// Package db is a database as the actions of the sql family see it: where it is and how it is reached
// (Open), what is in it (Find, Describe), its values as the language's and back (Read, Param), and
// changes that happen once (Once). Four kinds are known: SQLite, PostgreSQL, MySQL and SQL Server; what
// differs between them is their Dialect.
package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"daiban/action"
	"daiban/flow"
)

// A DB is an open database: a pool of connections that the steps of a run share.
type DB struct {
	*Dialect
	Name string // as a person calls it
	pool *sql.DB
	t    *target

	mu      sync.Mutex
	refused error // why the network refused to connect, last
}

// Mode is what a DB is opened for.
type Mode uint8

// Reading never changes the database; Writing may.
const (
	Reading Mode = iota
	Writing
)

// Open gives the database that a flow calls name: one of the settings, or an address or file that the
// flow itself names. The pool is a session of the run.
func Open(c *action.Call, name string, mode Mode) (*DB, error) {
	t, err := locate(c, name)
	if err != nil {
		return nil, err
	}
	key := "sql:" + t.key()
	if t.kind == "sqlite" && mode == Reading {
		key += ":reading"
	}
	s, err := c.Session(key, func() (io.Closer, error) { return connect(c, t, mode) })
	if err != nil {
		return nil, err
	}
	return s.(*DB), nil
}

// connect makes the pool; connections are made when they are needed.
func connect(c *action.Call, t *target, mode Mode) (*DB, error) {
	d := &DB{Dialect: dialects[t.kind], Name: t.name, t: t}
	if err := t.signIn(c); err != nil {
		return nil, err
	}
	pool, err := d.open(d, c, mode)
	if err != nil {
		return nil, d.Problem(err)
	}
	pool.SetMaxOpenConns(poolMax)
	pool.SetMaxIdleConns(2)
	pool.SetConnMaxIdleTime(time.Minute)
	d.pool = pool
	return d, nil
}

// poolMax bounds the connections of a run to one database.
const poolMax = 4

// connectTime bounds one attempt to connect and sign in.
const connectTime = 20 * time.Second

// timed is a Connector with that bound.
type timed struct{ driver.Connector }

// Connect connects and signs in.
func (t timed) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	return t.Connector.Connect(ctx)
}

// Close closes the connections.
func (d *DB) Close() error { return d.pool.Close() }

// A Reader runs queries: a DB by itself, or a transaction.
type Reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Rows runs a query and calls each for every row, whose values are its own only until it returns.
func (d *DB) Rows(ctx context.Context, r Reader, q Frag, each func(vals []any) error) error {
	if r == nil {
		r = d.pool
	}
	text, args := d.Render(q)
	rows, err := r.QueryContext(ctx, text, args...)
	if err != nil {
		return d.Problem(err)
	}
	defer rows.Close()
	return d.scan(rows, each)
}

func (d *DB) scan(rows *sql.Rows, each func(vals []any) error) error {
	cols, err := rows.Columns()
	if err != nil {
		return d.Problem(err)
	}
	vals, at := make([]any, len(cols)), make([]any, len(cols))
	for i := range vals {
		at[i] = &vals[i]
	}
	for rows.Next() {
		if err := rows.Scan(at...); err != nil {
			return d.Problem(err)
		}
		if err := each(vals); err != nil {
			return err
		}
	}
	return d.Problem(rows.Err())
}

// Answer runs a query that a person wrote: head gets its columns, each every row.
func (d *DB) Answer(ctx context.Context, r Reader, text string, args []any, head func([]Column), each func(vals []any) error) error {
	rows, err := r.QueryContext(ctx, text, args...)
	if err != nil {
		return d.Problem(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return d.Problem(err)
	}
	cols := make([]Column, len(types))
	for i, t := range types {
		cols[i] = d.Typed(t.Name(), t.DatabaseTypeName())
	}
	head(cols)
	return d.scan(rows, each)
}

// Count is the number in the only cell of a query's answer.
func (d *DB) Count(ctx context.Context, r Reader, q Frag) (int64, error) {
	n := int64(-1)
	err := d.Rows(ctx, r, q, func(vals []any) error {
		if x, ok := flow.AsNumber(plain(vals[0])); ok {
			n, _ = x.Int64()
		}
		return nil
	})
	if err == nil && n < 0 {
		err = d.Problem(errors.New("no count came back"))
	}
	return n, err
}

// Frag is a piece of SQL with the values of its parameters, each marked by Param.
type Frag struct {
	Text string
	Args []any
}

// Param stands in a Frag's text where a parameter goes. No name or text of ours holds it.
const Param = "\x00"

// F is a Frag of text and args.
func F(text string, args ...any) Frag { return Frag{text, args} }

// Join is parts with sep between.
func Join(parts []Frag, sep string) Frag {
	var out Frag
	for i, p := range parts {
		if i > 0 {
			out.Text += sep
		}
		out.Text += p.Text
		out.Args = append(out.Args, p.Args...)
	}
	return out
}

// Add is f with the parts after it.
func (f Frag) Add(parts ...Frag) Frag { return Join(append([]Frag{f}, parts...), "") }

// Render is f as the database takes it.
func (d *Dialect) Render(f Frag) (string, []any) {
	var b strings.Builder
	n, rest := 0, f.Text
	for {
		i := strings.IndexByte(rest, 0)
		if i < 0 {
			b.WriteString(rest)
			return b.String(), f.Args
		}
		n++
		b.WriteString(rest[:i])
		b.WriteString(d.mark(n))
		rest = rest[i+1:]
	}
}

// Location is the zone in which instants are shown: that of the step.
func Location(c *action.Call) *time.Location { return c.Now.Location() }
