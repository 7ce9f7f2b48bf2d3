// Package journal is the append-only record of runs: what was meant, what was done,
// what came back. It is one SQLite file; each entry carries the hash of the one before,
// so that a change anywhere shows (Verify). The entries that let a run resume are the evidence
// that a person reads. Large values lie beside it as files named by their hash (Blobs).
package journal

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite" // the database, in Go
	sqlite3 "modernc.org/sqlite/lib"
)

// File is the name of the record in the home.
const File = "daiban.db"

// headFile keeps the last entry's number and hash, so that a cut-off end shows.
const headFile = "daiban.head"

const schema = `
create table if not exists entries(
	seq integer primary key,
	run text not null,
	at integer not null,   -- milliseconds since 1970, UTC
	kind text not null,
	body text not null,    -- JSON
	hash text not null     -- sha256 over the hash before and this entry, hex
) strict;
create index if not exists entries_run on entries(run, seq);
create table if not exists keys(key text primary key, run text not null) strict, without rowid;
`

// A Journal is an open record. It may be used by several goroutines, and by
// several processes at once.
type Journal struct {
	home string
	db   *sql.DB
	Blobs

	add    chan *batch
	done   chan struct{}
	closed sync.Once
}

// An Entry is one line of the record. The business key that it marks as done is in its body, under "key".
type Entry struct {
	Seq  int64
	Run  string
	At   time.Time
	Kind string
	Body json.RawMessage
	Hash string
}

// A Record is an entry to be appended. Key, when given, marks a business key as done in the same transaction.
type Record struct {
	Run  string
	Kind string
	Body any
	Key  string
}

// Released is the kind of an entry that takes back the business keys of its run: what they stand for was undone.
const Released = "released"

// ErrClosed is returned after Close, and after a write that failed: what is on disk is then known only
// to the next Open.
var ErrClosed = errors.New("the record is closed")

// Open opens or makes the record in the folder home.
func Open(home string) (*Journal, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(home, File)
	db, err := sql.Open("sqlite", "file:"+escape(path)+"?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2) // one writes, one reads
	if _, err := db.Exec(schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	j := &Journal{home: home, db: db, Blobs: Blobs{filepath.Join(home, "blobs")}, add: make(chan *batch, 64), done: make(chan struct{})}
	go j.write()
	return j, nil
}

// Damaged reports whether an error of Open says that the file is no sound database.
func Damaged(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
		return true
	}
	return false
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

// Home is the folder of the record.
func (j *Journal) Home() string { return j.home }

// Close waits for what is being written and closes the record.
func (j *Journal) Close() error {
	var err error
	j.closed.Do(func() {
		close(j.add)
		<-j.done
		j.saveHead()
		err = j.db.Close()
	})
	return err
}

// batch is records that are to be on disk together.
type batch struct {
	records []Record
	err     chan error
}

// Append writes records, in order, and returns once they are on disk. Concurrent calls
// share one transaction.
func (j *Journal) Append(records ...Record) (err error) {
	if len(records) == 0 {
		return nil
	}
	defer func() {
		if recover() != nil { // the channel is closed
			err = ErrClosed
		}
	}()
	b := &batch{records, make(chan error, 1)}
	j.add <- b
	return <-b.err
}

// groupMax bounds the batches of one transaction.
const groupMax = 256

// write is the one goroutine that writes: it takes all that waits into one transaction.
func (j *Journal) write() {
	defer close(j.done)
	w := &writer{db: j.db}
	defer w.close()
	for b := range j.add {
		group := []*batch{b}
	gather:
		for len(group) < groupMax {
			select {
			case more, ok := <-j.add:
				if !ok {
					break gather
				}
				group = append(group, more)
			default:
				break gather
			}
		}
		err := w.failed
		if err == nil {
			if err = w.commit(group); err != nil {
				err = fmt.Errorf("%w: %w", ErrClosed, err)
				w.failed = err
			}
		}
		for _, g := range group {
			g.err <- err
		}
	}
}

// writer is the end of the chain as this process last saw it. Should another process have written
// since, the number is taken and the end is read again.
type writer struct {
	db     *sql.DB
	known  bool
	seq    int64
	hash   string
	head   *sql.Stmt
	insert *sql.Stmt
	mark   *sql.Stmt
	failed error // a later entry must not be written when an earlier one was lost
}

func (w *writer) close() {
	for _, s := range []*sql.Stmt{w.head, w.insert, w.mark} {
		if s != nil {
			s.Close()
		}
	}
}

func (w *writer) prepare() (err error) {
	if w.insert != nil {
		return nil
	}
	if w.head, err = w.db.Prepare("select seq, hash from entries order by seq desc limit 1"); err != nil {
		return err
	}
	if w.mark, err = w.db.Prepare("insert or ignore into keys(key, run) values(?,?)"); err != nil {
		return err
	}
	w.insert, err = w.db.Prepare("insert into entries(seq, run, at, kind, body, hash) values(?,?,?,?,?,?)")
	return err
}

// commit writes group in one transaction.
func (w *writer) commit(group []*batch) error {
	err := w.try(group)
	var taken *sqlite.Error
	if errors.As(err, &taken) && taken.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY {
		w.known = false
		err = w.try(group)
	}
	return err
}

func (w *writer) try(group []*batch) error {
	if err := w.prepare(); err != nil {
		return err
	}
	tx, err := w.db.Begin() // immediate: the end that is read stays the end
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if !w.known {
		w.seq, w.hash = 0, ""
		if err := tx.Stmt(w.head).QueryRow().Scan(&w.seq, &w.hash); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	w.known = false // until this is on disk
	seq, hash := w.seq, w.hash
	insert, at := tx.Stmt(w.insert), time.Now().UnixMilli()
	for _, b := range group {
		for _, r := range b.records {
			body, err := bodyOf(r)
			if err != nil {
				return err
			}
			seq++
			hash = chain(hash, seq, r.Run, at, r.Kind, body)
			if _, err := insert.Exec(seq, r.Run, at, r.Kind, string(body), hash); err != nil {
				return err
			}
			if r.Key != "" {
				if _, err := tx.Stmt(w.mark).Exec(r.Key, r.Run); err != nil {
					return err
				}
			}
			if r.Kind == Released {
				if _, err := tx.Exec("delete from keys where run = ?", r.Run); err != nil {
					return err
				}
			}
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	w.known, w.seq, w.hash = true, seq, hash
	return nil
}

// bodyOf is the body of r as JSON, an object, with its business key.
func bodyOf(r Record) ([]byte, error) {
	body, err := json.Marshal(r.Body)
	if err != nil || r.Key == "" {
		return body, err
	}
	key, err := json.Marshal(r.Key)
	if err != nil {
		return nil, err
	}
	if n := len(body); n > 2 && body[n-1] == '}' {
		return append(append(append(body[:n-1], `,"key":`...), key...), '}'), nil
	}
	return append(append([]byte(`{"key":`), key...), '}'), nil
}

// chain is the hash of an entry: sha256 over the hash before it and its fields, each with its length.
func chain(prev string, seq int64, run string, at int64, kind string, body []byte) string {
	h := sha256.New()
	var n [8]byte
	field := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	field([]byte(prev))
	binary.BigEndian.PutUint64(n[:], uint64(seq))
	h.Write(n[:])
	binary.BigEndian.PutUint64(n[:], uint64(at))
	h.Write(n[:])
	field([]byte(run))
	field([]byte(kind))
	field(body)
	return hex.EncodeToString(h.Sum(nil))
}
