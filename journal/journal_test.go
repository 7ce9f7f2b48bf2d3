package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func open(t *testing.T) *Journal {
	t.Helper()
	j, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func fill(t *testing.T, j *Journal, runs, each int) {
	t.Helper()
	var wg sync.WaitGroup
	for r := range runs {
		wg.Go(func() {
			for i := range each {
				if err := j.Append(Record{Run: fmt.Sprintf("run%d", r), Kind: "done", Body: map[string]int{"n": i}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAppendKeepsOrderOfEachRun(t *testing.T) {
	j := open(t)
	fill(t, j, 4, 50)
	for r := range 4 {
		es, err := j.Entries(fmt.Sprintf("run%d", r))
		if err != nil || len(es) != 50 {
			t.Fatalf("run%d: %d entries, %v", r, len(es), err)
		}
		for i, e := range es {
			if string(e.Body) != fmt.Sprintf(`{"n":%d}`, i) {
				t.Fatalf("run%d entry %d is %s", r, i, e.Body)
			}
		}
	}
	if n, fault, err := j.Verify(); n != 200 || fault != nil || err != nil {
		t.Errorf("Verify: %d %v %v", n, fault, err)
	}
}

func TestVerifyFindsEveryKindOfChange(t *testing.T) {
	for name, c := range map[string]struct {
		sql string
		bad int64
	}{
		"body":     {"update entries set body = '{\"n\":99}' where seq = 3", 3},
		"run":      {"update entries set run = 'x' where seq = 3", 3},
		"kind":     {"update entries set kind = 'x' where seq = 3", 3},
		"time":     {"update entries set at = at + 1 where seq = 3", 3},
		"hash":     {"update entries set hash = 'x' where seq = 3", 3},
		"deleted":  {"delete from entries where seq = 3", 3},
		"the end":  {"delete from entries where seq >= 4", 4},
		"all gone": {"delete from entries", 1},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			j, err := Open(home)
			if err != nil {
				t.Fatal(err)
			}
			fill(t, j, 1, 5)
			j.Close()
			if j, err = Open(home); err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			if _, err := j.db.Exec(c.sql); err != nil {
				t.Fatal(err)
			}
			_, fault, err := j.Verify()
			if err != nil || fault == nil || fault.Seq != c.bad {
				t.Errorf("fault %+v, %v; want entry %d", fault, err, c.bad)
			}
		})
	}
}

// A bit is changed all over the file: verify finds it, or what a run would read is still the same.
func TestVerifyFindsChangedBytes(t *testing.T) {
	home := t.TempDir()
	j, err := Open(home)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, j, 1, 40)
	if err := j.Append(Record{Run: "keyed", Kind: "item", Body: map[string]int{"n": 1}, Key: "k1"}, Record{Run: "keyed", Kind: "item", Key: "k2"}); err != nil {
		t.Fatal(err)
	}
	want := readAll(t, j)
	if _, fault, err := j.Verify(); fault != nil || err != nil {
		t.Fatal(fault, err)
	}
	j.Close()
	sound, err := os.ReadFile(filepath.Join(home, File))
	if err != nil {
		t.Fatal(err)
	}
	head, err := os.ReadFile(filepath.Join(home, headFile))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i := 0; i < len(sound); i += 41 {
		bad := bytes.Clone(sound)
		bad[i] ^= 0x11
		home := t.TempDir()
		os.WriteFile(filepath.Join(home, File), bad, 0o600)
		os.WriteFile(filepath.Join(home, headFile), head, 0o600)
		j, err := Open(home)
		if err != nil {
			found++
			continue
		}
		if _, fault, err := j.Verify(); fault != nil || err != nil {
			found++
		} else if got := readAll(t, j); got != want {
			t.Errorf("byte %d: what is read differs, and the record is called sound", i)
		}
		j.Close()
	}
	if found == 0 {
		t.Error("nothing was found")
	}
}

// readAll is what a run can read of j.
func readAll(t *testing.T, j *Journal) string {
	t.Helper()
	var b strings.Builder
	entries, err := j.Under("")
	for _, e := range entries {
		fmt.Fprintf(&b, "%d %s %s %s %s\n", e.Seq, e.Run, e.At, e.Kind, e.Body)
	}
	for _, k := range []string{"k1", "k2", "k3"} {
		run, done, kerr := j.KeyDone(k)
		fmt.Fprintln(&b, k, run, done, kerr)
	}
	fmt.Fprintln(&b, err)
	return b.String()
}

func TestAppendAfterClose(t *testing.T) {
	j := open(t)
	j.Close()
	if err := j.Append(Record{Run: "r", Kind: "k"}); err != ErrClosed {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestKeysAreMarkedWithTheirEntry(t *testing.T) {
	j := open(t)
	if err := j.Append(Record{Run: "r1", Kind: "item", Key: "k"}); err != nil {
		t.Fatal(err)
	}
	if run, done, err := j.KeyDone("k"); run != "r1" || !done || err != nil {
		t.Errorf("KeyDone: %q %v %v", run, done, err)
	}
	if _, done, _ := j.KeyDone("other"); done {
		t.Error("a key that nobody marked is done")
	}
}

func TestBlobs(t *testing.T) {
	j := open(t)
	b, err := j.Create()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(b, "content")
	digest, err := b.Keep()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Check(digest); err != nil {
		t.Error(err)
	}
	if _, err := j.Blobs.Open("../../etc/passwd"); err == nil {
		t.Error("a path was taken for a digest")
	}
}

// Two processes may write to one record: here two journals of the same home.
func TestTwoWriters(t *testing.T) {
	home := t.TempDir()
	var js []*Journal
	for range 2 {
		j, err := Open(home)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		js = append(js, j)
	}
	var wg sync.WaitGroup
	for i, j := range js {
		wg.Go(func() {
			for range 40 {
				if err := j.Append(Record{Run: fmt.Sprint("r", i), Kind: "done", Body: 1}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, fault, err := js[0].Verify(); n != 80 || fault != nil || err != nil {
		t.Errorf("Verify: %d %+v %v", n, fault, err)
	}
}
