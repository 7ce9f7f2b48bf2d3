package journal

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Entries is every entry of a run, in order.
func (j *Journal) Entries(run string) ([]Entry, error) {
	return j.query("select seq, run, at, kind, body, hash from entries where run = ? order by seq", run)
}

// Kinds is the entries of the given kinds of all runs, in order.
func (j *Journal) Kinds(kinds ...string) ([]Entry, error) {
	args := make([]any, len(kinds))
	for i, k := range kinds {
		args[i] = k
	}
	marks := strings.TrimSuffix(strings.Repeat("?,", len(kinds)), ",")
	return j.query("select seq, run, at, kind, body, hash from entries where kind in ("+marks+") order by seq", args...)
}

func (j *Journal) query(q string, args ...any) ([]Entry, error) {
	rows, err := j.db.Query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Entry
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	var at int64
	var body string
	if err := rows.Scan(&e.Seq, &e.Run, &at, &e.Kind, &body, &e.Hash); err != nil {
		return e, err
	}
	e.At, e.Body = time.UnixMilli(at).UTC(), json.RawMessage(body)
	return e, nil
}

// Under is the entries of all runs whose id begins with prefix, in order.
func (j *Journal) Under(prefix string) ([]Entry, error) {
	return j.query("select seq, run, at, kind, body, hash from entries where run >= ? and run < ? order by seq", prefix, prefix+"\U0010ffff")
}

// KeyDone tells whether a business key was marked as done, and by which run.
func (j *Journal) KeyDone(key string) (run string, done bool, err error) {
	err = j.db.QueryRow("select run from keys where key = ?", key).Scan(&run)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return run, err == nil, err
}

// Find is the run that id names, whole or by an unambiguous beginning.
func (j *Journal) Find(id string) (string, error) {
	rows, err := j.db.Query("select distinct run from entries where run >= ? and run < ? order by run limit 2", id, id+"\U0010ffff")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var run string
		if err := rows.Scan(&run); err != nil {
			return "", err
		}
		if run == id {
			return run, nil
		}
		found = append(found, run)
	}
	if len(found) != 1 || id == "" {
		return "", fmt.Errorf("run %q: %w", id, os.ErrNotExist)
	}
	return found[0], rows.Err()
}

// A Fault is the first place where the record is not what was written.
type Fault struct {
	Seq int64  // the bad entry; 0 when it is not one
	Run string // its run, as it says
	ZH  string
	EN  string
}

// Verify goes through the whole chain, and sees whether the rest of the database agrees with it. count is the
// number of sound entries; fault is nil when all are.
func (j *Journal) Verify() (count int64, fault *Fault, err error) {
	keys := map[string]string{}
	if count, fault, err = j.verifyChain(keys); fault != nil || err != nil {
		return count, fault, err
	}
	if fault = j.verifyKeys(keys); fault == nil {
		fault = j.verifyIndex()
	}
	return count, fault, nil
}

// verifyKeys compares the table of business keys with those that the entries have marked.
func (j *Journal) verifyKeys(want map[string]string) *Fault {
	rows, err := j.db.Query("select key, run from keys")
	if err != nil {
		return unreadable(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var key, run string
		if err := rows.Scan(&key, &run); err != nil {
			return unreadable(err)
		}
		if want[key] != run {
			return &Fault{Run: run, ZH: "办过的项目的记号，和各条记录对不上", EN: "a mark of an item as done is not one that an entry made"}
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return unreadable(err)
	}
	if n != len(want) {
		return &Fault{ZH: "办过的项目的记号少了", EN: "marks of items as done are gone"}
	}
	return nil
}

// verifyIndex has the database look at itself: what a run reads by its index must be what is in the chain.
func (j *Journal) verifyIndex() *Fault {
	var text string
	if err := j.db.QueryRow("pragma integrity_check(1)").Scan(&text); err != nil {
		return unreadable(err)
	}
	if text != "ok" {
		return &Fault{ZH: "数据库文件被改过：" + text, EN: "the database file was changed: " + text}
	}
	return nil
}

func unreadable(err error) *Fault {
	return &Fault{ZH: "读不出来：" + err.Error(), EN: "cannot be read: " + err.Error()}
}

// keyed takes the business key of e into keys; the first run that marked one keeps it.
func keyed(e Entry, keys map[string]string) {
	if e.Kind == Released {
		maps.DeleteFunc(keys, func(_, run string) bool { return run == e.Run })
		return
	}
	if !bytes.Contains(e.Body, []byte(`"key":`)) {
		return
	}
	var b struct {
		Key string `json:"key"`
	}
	if json.Unmarshal(e.Body, &b) == nil && b.Key != "" && keys[b.Key] == "" {
		keys[b.Key] = e.Run
	}
}

func (j *Journal) verifyChain(keys map[string]string) (count int64, fault *Fault, err error) {
	head, headHash := j.savedHead()
	rows, err := j.db.Query("select seq, run, at, kind, body, hash from entries order by seq")
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	prev, headSeen := "", head == 0
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return count, &Fault{Seq: count + 1, ZH: "读不出来", EN: "cannot be read"}, nil
		}
		switch {
		case e.Seq != count+1:
			return count, &Fault{count + 1, e.Run, "这一条不见了", "this entry is gone"}, nil
		case chain(prev, e.Seq, e.Run, e.At.UnixMilli(), e.Kind, e.Body) != e.Hash:
			return count, &Fault{e.Seq, e.Run, "内容和当时写下的不一样", "it is not what was written"}, nil
		case e.Seq == head:
			headSeen = true
			if e.Hash != headHash {
				return count, &Fault{e.Seq, e.Run, "整个记录被换过", "the record was replaced"}, nil
			}
		}
		prev, count = e.Hash, e.Seq
		keyed(e, keys)
	}
	if err := rows.Err(); err != nil {
		return count, &Fault{Seq: count + 1, ZH: "读不出来：" + err.Error(), EN: "cannot be read: " + err.Error()}, nil
	}
	if !headSeen {
		return count, &Fault{Seq: count + 1, ZH: "记录的末尾被截掉了", EN: "the end of the record was cut off"}, nil
	}
	return count, nil, nil
}

// saveHead notes the last entry beside the record. It may lag behind after a crash, never run ahead.
func (j *Journal) saveHead() {
	var seq int64
	var hash string
	if j.db.QueryRow("select seq, hash from entries order by seq desc limit 1").Scan(&seq, &hash) != nil {
		return
	}
	if old, _ := j.savedHead(); old >= seq {
		return
	}
	path := filepath.Join(j.home, headFile)
	temp := fmt.Sprintf("%s.%d", path, os.Getpid())
	if os.WriteFile(temp, fmt.Appendf(nil, "%d %s\n", seq, hash), 0o600) == nil {
		os.Rename(temp, path)
	}
}

func (j *Journal) savedHead() (seq int64, hash string) {
	b, err := os.ReadFile(filepath.Join(j.home, headFile))
	if err != nil {
		return 0, ""
	}
	n, hash, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
	seq, err = strconv.ParseInt(n, 10, 64)
	if err != nil {
		return 0, ""
	}
	return seq, hash
}
