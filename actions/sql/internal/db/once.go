package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"daiban/action"
)

// A Change is what Once does.
type Change struct {
	Key    string // of the effect
	At     time.Time
	Schema string // where the key table stands
	// Do makes the change in the transaction and says how many rows it changed.
	Do func(ctx context.Context, tx *sql.Tx) (int64, error)
	// Alone is a statement that no transaction can hold; Do gets a nil transaction. It is marked as begun
	// before, and as done after it.
	Alone bool
	// Stable sees the rows as they are at its begin, where a database makes that a choice.
	Stable bool
	// Patience bounds the asking what became of a commit without an answer; 0 is a minute.
	Patience time.Duration
	// Denied says that a person knows that an earlier attempt did not happen.
	Denied bool
}

// Bounds of the attempts when another program holds a lock, and of looking for what became of a commit.
const (
	tries     = 4
	pause     = 50 * time.Millisecond
	askedTime = 60 * time.Second
	askedEach = 2 * time.Second
)

// Once makes a change one time, however often it is called with the same key: a row with the key goes into
// the key table in the same transaction, and where it stands already the number of rows stored in it is
// the answer. Its error is a Doubt when nobody can tell whether the change is in the database; after any
// other error nothing has happened.
func (d *DB) Once(ctx context.Context, ch Change) (int64, error) {
	if err := d.keyTable(ctx, ch.Schema); err != nil {
		return 0, err
	}
	if ch.Alone {
		return d.alone(ctx, ch)
	}
	for try := 1; ; try++ {
		n, err := d.attempt(ctx, ch)
		if err == nil || !Retry(err) || try == tries {
			return n, d.Problem(err)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(pause << (2 * try)):
		}
	}
}

// keyTable makes the key table when it is missing.
func (d *DB) keyTable(ctx context.Context, schema string) error {
	there, err := d.hasKeyTable(ctx, schema)
	if err != nil || there {
		return err
	}
	ddl := d.KeyTableDDL(schema)
	_, err = d.pool.ExecContext(ctx, ddl)
	if err == nil {
		return nil
	}
	if there, again := d.hasKeyTable(ctx, schema); again == nil && there { // another process was faster
		return nil
	}
	if _, ok := faultOf(err); !ok {
		return d.Problem(err)
	}
	p := action.Refused("数据库 %s 里要有一张表 %s，用来保证只做一次，但建不了（%s）；请管理员执行：%s；再给账号读写它的权限",
		"the database %s needs a table %s, by which what is done is done once, and it could not be made (%s); ask its administrator to run: %s; and to let the account read and write it",
		d.Name, KeyTable, d.clean(err.Error()), ddl)
	p.Err = d.Problem(err)
	return p
}

// KeyTableDDL is the statement that makes the key table.
func (d *DB) KeyTableDDL(schema string) string {
	text := d.effects
	name := d.QuoteIn(schema, KeyTable)
	for i := 0; i+1 < len(text); i++ {
		if text[i:i+2] == "%s" {
			return text[:i] + name + text[i+2:]
		}
	}
	return text
}

func (d *DB) hasKeyTable(ctx context.Context, schema string) (bool, error) {
	t := Table{Schema: schema, Name: KeyTable}
	err := d.Describe(ctx, &t)
	var p *action.Problem
	if errors.As(err, &p) && p.Kind == "missing" {
		return false, nil
	}
	return err == nil, err
}

// DefaultSchema is the schema of names that have none.
func (d *DB) DefaultSchema(ctx context.Context) (string, error) {
	s := ""
	err := d.Rows(ctx, nil, F(d.schema), func(v []any) error { s = word(v[0]); return nil })
	return s, err
}

// attempt is one transaction. An error that is not a Doubt means that nothing happened.
func (d *DB) attempt(ctx context.Context, ch Change) (int64, error) {
	level := sql.LevelDefault
	if ch.Stable && d.Kind == "postgres" {
		level = sql.LevelRepeatableRead
	}
	tx, err := d.begin(ctx, level)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	if n, done, err := d.marked(ctx, tx, ch); err != nil || done {
		return n, err
	}
	if err := d.mark1(ctx, tx, ch, nil); err != nil {
		return 0, err
	}
	n, err := ch.Do(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := d.exec(ctx, tx, F("update "+d.QuoteIn(ch.Schema, KeyTable)+" set "+d.Quote("changed")+" = "+d.int()+" where "+d.Quote("key")+" = "+d.text(), n, ch.Key)); err != nil {
		return 0, err
	}
	return d.commit(ctx, tx, ch, n)
}

// begin starts a transaction whose waits for locks are bounded.
func (d *DB) begin(ctx context.Context, level sql.IsolationLevel) (*sql.Tx, error) {
	tx, err := d.pool.BeginTx(ctx, &sql.TxOptions{Isolation: level})
	if err != nil {
		return nil, err
	}
	if d.lockTimeout != "" {
		if _, err := tx.ExecContext(ctx, d.lockTimeout); err != nil {
			tx.Rollback()
			return nil, err
		}
	}
	return tx, nil
}

// int and text are parameters of these types, where a database would not find out.
func (d *Dialect) int() string {
	if d.Kind == "postgres" {
		return Param + "::bigint"
	}
	return Param
}

func (d *Dialect) text() string {
	if d.Kind == "postgres" {
		return Param + "::text"
	}
	return Param
}

func (d *DB) exec(ctx context.Context, tx *sql.Tx, q Frag) error {
	text, args := d.Render(q)
	_, err := tx.ExecContext(ctx, text, args...)
	return err
}

// marked looks for the key. A key without a number is of something that was begun alone.
func (d *DB) marked(ctx context.Context, r Reader, ch Change) (n int64, done bool, err error) {
	q := F("select "+d.Quote("changed")+" from "+d.QuoteIn(ch.Schema, KeyTable)+" where "+d.Quote("key")+" = "+d.text(), ch.Key)
	n = -1
	err = d.Rows(ctx, r, q, func(v []any) error {
		done = true
		if v[0] != nil {
			n = int64(whole(v[0]))
		}
		return nil
	})
	return n, done, err
}

func (d *DB) mark1(ctx context.Context, tx *sql.Tx, ch Change, n any) error {
	q := F("insert into "+d.QuoteIn(ch.Schema, KeyTable)+" ("+d.Quote("key")+", "+d.Quote("at")+", "+d.Quote("changed")+") values ("+d.text()+", "+d.text()+", "+d.int()+")",
		ch.Key, ch.At.UTC().Format("2006-01-02T15:04:05Z"), n)
	return d.exec(ctx, tx, q)
}

// commit ends the transaction. When no answer comes, the key table is asked.
func (d *DB) commit(ctx context.Context, tx *sql.Tx, ch Change, n int64) (int64, error) {
	err := tx.Commit()
	if err == nil {
		return n, nil
	}
	if _, said := faultOf(err); said { // a constraint that is checked at the end, a lock: rolled back
		tx.Rollback()
		return 0, err
	}
	return d.resolve(context.WithoutCancel(ctx), ch, n, err)
}

// resolve finds out what became of a commit without an answer. It tries to mark the key itself: where
// the commit is under way still, the database holds that back until it has ended one way or the other.
func (d *DB) resolve(ctx context.Context, ch Change, n int64, lost error) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(ch.Patience, askedTime))
	defer cancel()
	for {
		known, happened := d.ask(ctx, ch)
		switch {
		case known && happened:
			return n, nil
		case known:
			return 0, d.Problem(lost)
		}
		select {
		case <-ctx.Done():
			return 0, action.Doubt("向数据库 %s 提交时断了，没有回音，现在也连不上它去查（%s）", "the connection broke while the change went to the database %s; no answer came, and it cannot be asked now (%s)", d.Name, d.clean(lost.Error()))
		case <-time.After(askedEach):
		}
	}
}

func (d *DB) ask(ctx context.Context, ch Change) (known, happened bool) {
	tx, err := d.begin(ctx, sql.LevelDefault)
	if err != nil {
		return false, false
	}
	defer tx.Rollback()
	if _, done, err := d.marked(ctx, tx, ch); err != nil || done {
		return err == nil, done
	}
	err = d.mark1(ctx, tx, ch, nil)
	switch {
	case err == nil:
		return true, false
	case d.is(err, "unique"):
		return true, true
	}
	return false, false
}

// Done reports whether the effect of key has happened, and how many rows it changed.
func (d *DB) Done(ctx context.Context, schema, key string) (n int64, done bool, err error) {
	there, err := d.hasKeyTable(ctx, schema)
	if err != nil || !there {
		return 0, false, err
	}
	n, done, err = d.marked(ctx, d.pool, Change{Schema: schema, Key: key})
	return max(n, 0), done && n >= 0, err
}

// alone runs a change that no transaction holds.
func (d *DB) alone(ctx context.Context, ch Change) (int64, error) {
	n, begun, err := d.marked(ctx, d.pool, ch)
	switch {
	case err != nil:
		return 0, err
	case begun && n >= 0:
		return n, nil
	case begun && !ch.Denied:
		return 0, action.Doubt("上次在数据库 %s 里执行这条语句时中断了，它不能放在事务里，查不出做成没有", "the statement was begun in the database %s before and broke off; no transaction can hold it, so nobody can tell whether it was done", d.Name)
	}
	if !begun {
		if err := d.inOwn(ctx, func(tx *sql.Tx) error { return d.mark1(ctx, tx, ch, nil) }); err != nil {
			return 0, d.Problem(err)
		}
	}
	if n, err = ch.Do(ctx, nil); err != nil {
		return 0, d.failedAlone(ctx, ch, err)
	}
	set := F("update "+d.QuoteIn(ch.Schema, KeyTable)+" set "+d.Quote("changed")+" = "+d.int()+" where "+d.Quote("key")+" = "+d.text(), n, ch.Key)
	if err := d.inOwn(ctx, func(tx *sql.Tx) error { return d.exec(ctx, tx, set) }); err != nil {
		return n, nil // it is done; only a repetition after a crash would ask
	}
	return n, nil
}

// failedAlone takes the mark back when the database said no; without its answer nobody can tell.
func (d *DB) failedAlone(ctx context.Context, ch Change, err error) error {
	if _, said := faultOf(err); !said {
		return action.Doubt("语句发到数据库 %s 后断了，没有回音，可能已经做了（%s）", "the connection broke after the statement went to the database %s; no answer came, it may have been done (%s)", d.Name, d.clean(err.Error()))
	}
	drop := F("delete from "+d.QuoteIn(ch.Schema, KeyTable)+" where "+d.Quote("key")+" = "+d.text(), ch.Key)
	if lost := d.inOwn(context.WithoutCancel(ctx), func(tx *sql.Tx) error { return d.exec(ctx, tx, drop) }); lost != nil {
		return d.Problem(errors.Join(err, lost))
	}
	return d.Problem(err)
}

func (d *DB) inOwn(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := d.begin(ctx, sql.LevelDefault)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// ReadOnly runs do in a transaction that cannot change anything where the database can promise it, and
// that is rolled back in any case.
func (d *DB) ReadOnly(ctx context.Context, do func(r Reader) error) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return d.Problem(err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: d.Kind == "postgres" || d.Kind == "mysql"})
	if err != nil {
		return d.Problem(err)
	}
	defer tx.Rollback()
	return do(tx)
}

// Exec runs a statement that a person wrote, in tx or, where that is nil, by itself.
func (d *DB) Exec(ctx context.Context, tx *sql.Tx, text string, args []any) (int64, error) {
	var res sql.Result
	var err error
	if tx == nil {
		res, err = d.pool.ExecContext(ctx, text, args...)
	} else {
		res, err = tx.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil { // a database that does not count: DDL
		return 0, nil
	}
	return n, nil
}
