package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"daiban/journal"
)

// dying is a journal whose process dies at its n-th write: from then on nothing is written, and so
// nothing may be done. With kept the n-th write still reaches the disk.
type dying struct {
	*journal.Journal
	left int
	kept bool
	dead bool
}

func (d *dying) Append(records ...journal.Record) error {
	if d.dead {
		return journal.ErrClosed
	}
	if d.left--; d.left >= 0 {
		return d.Journal.Append(records...)
	}
	d.dead = true
	if d.kept {
		if err := d.Journal.Append(records...); err != nil {
			return err
		}
	}
	return journal.ErrClosed
}

const crashFlow = `file.write("a.txt", "a")
rows = table.read(3)
for row in each(rows):
    file.append("log.txt", "{name} ")
    mail.send("{name}")
file.move("a.txt", to="b.txt")
http.post("x")
chat.send("last")
if count(rows) > 2:
    file.append("b.txt", "!")
`

// The process dies at every write of the journal, before and after it reaches the disk. The run is
// resumed until it ends; in doubt, a person looks and says what is true.
func TestDieAtEveryWrite(t *testing.T) {
	for _, kept := range []bool{false, true} {
		for n := 0; ; n++ {
			w := newWorld(t)
			e := w.engine()
			j := w.store.(*journal.Journal)
			store := &dying{Journal: j, left: n, kept: kept}
			e.Journal = store
			c := w.check(crashFlow)
			_, err := e.Start(context.Background(), c, Options{Dir: w.dir, Lang: "en"})
			if !store.dead {
				if err != nil {
					t.Fatal(err)
				}
				if n < 5 {
					t.Fatalf("only %d writes", n)
				}
				break
			}
			if err == nil {
				t.Fatalf("died at write %d, and no error", n)
			}
			w.finish(n, kept)
		}
	}
}

// flaky is a journal on a disk that is full for one write, and then has room again.
type flaky struct {
	*journal.Journal
	left int
}

func (f *flaky) Append(records ...journal.Record) error {
	if f.left--; f.left == -1 {
		return errors.New("no space left on device")
	}
	return f.Journal.Append(records...)
}

// After a write that failed nothing more is written: the record would have a hole, and could not be resumed.
func TestFullAtEveryWrite(t *testing.T) {
	for n := 0; ; n++ {
		w := newWorld(t)
		e := w.engine()
		store := &flaky{Journal: w.store.(*journal.Journal), left: n}
		e.Journal = store
		_, err := e.Start(context.Background(), w.check(crashFlow), Options{Dir: w.dir, Lang: "en"})
		if store.left >= 0 {
			break
		}
		var u *Unrecorded
		if !errors.As(err, &u) || (u.Run == "") != (n == 0) {
			t.Fatalf("full at write %d: %v", n, err)
		}
		w.finish(n, false)
	}
}

// finish resumes the run, if there is a trace of it, and compares its end with an undisturbed one.
func (w *world) finish(n int, kept bool) {
	t, name := w.t, fmt.Sprintf("died at write %d (kept %v)", n, kept)
	t.Helper()
	e := w.engine()
	runs, err := e.Runs()
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) == 0 { // died before anything was meant: nothing may have been done
		if entries, _ := os.ReadDir(w.dir); len(entries) > 0 || len(w.got) > 0 {
			t.Fatalf("%s: done without a record: %v %v", name, entries, w.got)
		}
		return
	}
	in := Input{}
	for range 4 {
		out, err := w.tryResume(e, runs[0].Run, in)
		if err != nil && !errors.Is(err, ErrOver) { // it had ended, and its end reached the disk
			t.Fatalf("%s: %v", name, err)
		}
		if out.Status == "uncertain" {
			q := out.Questions[0]
			if q.ID != "6.happened" {
				t.Fatalf("%s: in doubt about %s, which can be probed or done again", name, q.ID)
			}
			truth := "no"
			for _, g := range w.got {
				if g == "last" {
					truth = "yes"
				}
			}
			in = Input{Answers: map[string]string{q.ID: truth}}
			continue
		}
		status(t, out, "done")
		w.want("log.txt", "n1 n2 n3 ")
		w.want("b.txt", "a!")
		w.want("a.txt", "(no such file or directory)")
		count := map[string]int{}
		for _, g := range w.got {
			count[g]++
		}
		for _, g := range []string{"n1", "n2", "n3", "last"} {
			if count[g] != 1 {
				t.Fatalf("%s: %q was sent %d times: %v", name, g, count[g], w.got)
			}
		}
		if len(w.got) != 5 {
			t.Fatalf("%s: sent %v", name, w.got)
		}
		return
	}
	t.Fatalf("%s: it does not end", name)
}
