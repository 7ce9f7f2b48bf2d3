// Package queue is the queues of this machine: rows with a business key, in HOME/queues.db (SQLite), first in,
// first out. An item is added once for ever: its key stays known after it was taken. Every change is
// filed under the effect that made it, so that the same effect, done again after a crash, changes nothing and
// gives the same answer; and so that it can be taken back.
package queue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the database, in Go

	"daiban/action"
	"daiban/flow"
)

// File is the name of the queues in the home.
const File = "queues.db"

const schema = `
create table if not exists items(
	seq integer primary key autoincrement,
	queue text not null,
	key text not null,
	row text not null,        -- a row, as flow.MarshalValue writes it
	added_by text not null,   -- the effect
	added_at integer not null, -- milliseconds since 1970, UTC
	taken_by text,
	taken_at integer,
	unique(queue, key)
) strict;
create index if not exists items_waiting on items(queue, seq) where taken_by is null;
create index if not exists items_added on items(added_by);
create table if not exists effects(
	effect text primary key,
	queue text not null,
	added integer, -- of an effect that added: how many
	took integer   -- of one that took: the item
) strict, without rowid;
`

// Queues is the queues of a home. It may be used by several goroutines and processes.
type Queues struct {
	home string
	Now  func() time.Time // of what is added and taken

	mu sync.Mutex
	db *sql.DB // once it is needed
}

var _ action.Queues = (*Queues)(nil)

// Open is the queues of home. The file is made when something is added.
func Open(home string) *Queues { return &Queues{home: home, Now: time.Now} }

// Close closes the file.
func (q *Queues) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.db == nil {
		return nil
	}
	db := q.db
	q.db = nil
	return db.Close()
}

// open is the database; nil when there is none yet and it is not to be made.
func (q *Queues) open(make bool) (*sql.DB, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.db != nil {
		return q.db, nil
	}
	path := filepath.Join(q.home, File)
	_, err := os.Stat(path)
	if !make && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err := os.MkdirAll(q.home, 0o700); err != nil {
		return nil, q.problem(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite would let others read it
	if err != nil {
		return nil, q.problem(err)
	}
	f.Close()
	db, err := sql.Open("sqlite", "file:"+escape(path)+"?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, q.problem(err)
	}
	db.SetMaxOpenConns(2)
	if _, err := db.Exec(schema); err != nil {
		db.Close()
		return nil, q.problem(err)
	}
	q.db = db
	return db, nil
}

// escape is path for a file: URI.
func escape(path string) string {
	var b []byte
	for _, c := range []byte(path) {
		switch c {
		case '?', '#', '%':
			b = fmt.Appendf(b, "%%%02x", c)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// problem is an error of the file, for a person.
func (q *Queues) problem(err error) error {
	var p *action.Problem
	if err == nil || errors.As(err, &p) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	path := filepath.Join(q.home, File)
	return &action.Problem{Kind: "io", Err: err,
		ZH: "队列文件 " + path + " 用不了：" + action.Explain(err, "zh"), EN: "the file of the queues, " + path + ", cannot be used: " + err.Error()}
}

// change runs f in one transaction, which no other process's comes between.
func (q *Queues) change(ctx context.Context, f func(*sql.Tx) error) error {
	db, err := q.open(true)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return q.problem(err)
	}
	defer tx.Rollback() // fails, as it should, once committed
	if err := f(tx); err != nil {
		return q.problem(err)
	}
	return q.problem(tx.Commit())
}

// done is what an effect has done already; both are null when nothing.
func done(ctx context.Context, tx *sql.Tx, effect string) (added, took sql.NullInt64, err error) {
	err = tx.QueryRowContext(ctx, `select added, took from effects where effect = ?`, effect).Scan(&added, &took)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return added, took, err
}

// Add puts items into a queue and says how many were new.
func (q *Queues) Add(ctx context.Context, effect, queue string, items []action.Item) (added int, err error) {
	rows := make([][]byte, len(items))
	for i, x := range items {
		if rows[i], err = flow.MarshalValue(flow.RowOf(x.Row)); err != nil {
			return 0, err
		}
	}
	err = q.change(ctx, func(tx *sql.Tx) error {
		before, _, err := done(ctx, tx, effect)
		if err != nil || before.Valid {
			added = int(before.Int64)
			return err
		}
		insert, err := tx.PrepareContext(ctx, `insert into items(queue, key, row, added_by, added_at) values(?, ?, ?, ?, ?) on conflict(queue, key) do nothing`)
		if err != nil {
			return err
		}
		defer insert.Close()
		now := q.Now().UnixMilli()
		for i, x := range items {
			res, err := insert.ExecContext(ctx, queue, x.Key, string(rows[i]), effect, now)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			added += int(n)
		}
		_, err = tx.ExecContext(ctx, `insert into effects(effect, queue, added) values(?, ?, ?)`, effect, queue, added)
		return err
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// Take takes the item that was added first of those that wait; ok is false when none does.
func (q *Queues) Take(ctx context.Context, effect, queue string) (item action.Item, ok bool, err error) {
	db, err := q.open(false)
	if err != nil || db == nil {
		return item, false, err
	}
	err = q.change(ctx, func(tx *sql.Tx) error {
		_, took, err := done(ctx, tx, effect)
		if err != nil {
			return err
		}
		if took.Valid {
			item, _, err = scan(tx.QueryRowContext(ctx, `select seq, key, row from items where seq = ?`, took.Int64))
			ok = err == nil
			return err
		}
		var seq int64
		item, seq, err = next(ctx, tx, queue)
		if err != nil || seq == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `update items set taken_by = ?, taken_at = ? where seq = ?`, effect, q.Now().UnixMilli(), seq); err != nil {
			return err
		}
		ok = true
		_, err = tx.ExecContext(ctx, `insert into effects(effect, queue, took) values(?, ?, ?)`, effect, queue, seq)
		return err
	})
	if err != nil {
		return action.Item{}, false, err
	}
	return item, ok, nil
}

// Next is what Take would give, untaken.
func (q *Queues) Next(ctx context.Context, queue string) (item action.Item, ok bool, err error) {
	db, err := q.open(false)
	if err != nil || db == nil {
		return item, false, err
	}
	item, seq, err := next(ctx, db, queue)
	return item, seq != 0 && err == nil, q.problem(err)
}

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// next is the first item that waits; seq is 0 when none does.
func next(ctx context.Context, db rowQuerier, queue string) (item action.Item, seq int64, err error) {
	item, seq, err = scan(db.QueryRowContext(ctx, `select seq, key, row from items where queue = ? and taken_by is null order by seq limit 1`, queue))
	if errors.Is(err, sql.ErrNoRows) {
		return action.Item{}, 0, nil
	}
	return item, seq, err
}

func scan(r *sql.Row) (item action.Item, seq int64, err error) {
	var text string
	if err := r.Scan(&seq, &item.Key, &text); err != nil {
		return item, 0, err
	}
	v, err := flow.UnmarshalValue([]byte(text))
	if err != nil || v.Row() == nil {
		return item, 0, fmt.Errorf("item %d is no row: %w", seq, cmp.Or(err, errors.ErrUnsupported))
	}
	item.Row = v.Row()
	return item, seq, nil
}

// Undo takes back what an effect did. What nobody has taken leaves the queue, also where something was taken,
// which is the error.
func (q *Queues) Undo(ctx context.Context, effect string) error {
	db, err := q.open(false)
	if err != nil || db == nil {
		return err
	}
	var taken int
	var queue string
	err = q.change(ctx, func(tx *sql.Tx) error {
		for _, s := range []string{
			`update items set taken_by = null, taken_at = null where taken_by = ?`,
			`delete from items where added_by = ? and taken_by is null`,
		} {
			if _, err := tx.ExecContext(ctx, s, effect); err != nil {
				return err
			}
		}
		if err := tx.QueryRowContext(ctx, `select count(*), coalesce(max(queue), '') from items where added_by = ?`, effect).Scan(&taken, &queue); err != nil || taken > 0 {
			return err
		}
		_, err := tx.ExecContext(ctx, `delete from effects where effect = ?`, effect)
		return err
	})
	if err == nil && taken > 0 {
		err = action.Refused("队列 %s 里加进去的有 %d 项已经被取走，收不回来；没取走的已经拿出来了", "of what was added to the queue %s, %d were taken since, which cannot be undone; the rest has left it", queue, taken)
	}
	return err
}

// State is how full a queue is.
type State struct {
	Queue   string     `json:"queue"`
	Waiting int        `json:"waiting"`
	Taken   int        `json:"taken"`
	First   *time.Time `json:"first,omitempty"` // when the item was added that waits longest
}

// List is every queue that ever had an item, by name.
func (q *Queues) List(ctx context.Context) ([]State, error) {
	db, err := q.open(false)
	if err != nil || db == nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `select queue, count(*) - count(taken_by), count(taken_by), min(case when taken_by is null then added_at end) from items group by queue order by queue`)
	if err != nil {
		return nil, q.problem(err)
	}
	defer rows.Close()
	var out []State
	for rows.Next() {
		var s State
		var first sql.NullInt64
		if err := rows.Scan(&s.Queue, &s.Waiting, &s.Taken, &first); err != nil {
			return nil, q.problem(err)
		}
		if first.Valid {
			t := time.UnixMilli(first.Int64).UTC()
			s.First = &t
		}
		out = append(out, s)
	}
	return out, q.problem(rows.Err())
}

// A Kept is an item as the queue holds it.
type Kept struct {
	Key   string     `json:"key"`
	Item  flow.Value `json:"item"`
	Added time.Time  `json:"added"`
	Taken *time.Time `json:"taken,omitempty"`
}

// Items is at most limit items of a queue: those that wait, in their order, then the last taken.
func (q *Queues) Items(ctx context.Context, queue string, limit int) ([]Kept, error) {
	db, err := q.open(false)
	if err != nil || db == nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `select key, row, added_at, taken_at from items where queue = ? order by taken_by is not null, case when taken_by is null then seq else -seq end limit ?`, queue, limit)
	if err != nil {
		return nil, q.problem(err)
	}
	defer rows.Close()
	var out []Kept
	for rows.Next() {
		var k Kept
		var text string
		var added int64
		var taken sql.NullInt64
		if err := rows.Scan(&k.Key, &text, &added, &taken); err != nil {
			return nil, q.problem(err)
		}
		if k.Item, err = flow.UnmarshalValue([]byte(text)); err != nil {
			return nil, q.problem(err)
		}
		k.Added = time.UnixMilli(added).UTC()
		if taken.Valid {
			t := time.UnixMilli(taken.Int64).UTC()
			k.Taken = &t
		}
		out = append(out, k)
	}
	return out, q.problem(rows.Err())
}
