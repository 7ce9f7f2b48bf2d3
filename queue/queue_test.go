package queue

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"daiban/action"
	"daiban/flow"
)

func TestMain(m *testing.M) {
	if home := os.Getenv("QUEUE_TEST_HOME"); home != "" {
		worker(home, os.Getenv("QUEUE_TEST_NAME"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var ctx = context.Background()

var cols = []flow.Column{{Name: "单号", Kind: flow.TextKind}, {Name: "金额", Kind: flow.NumberKind}}

func item(key string, n int64) action.Item {
	return action.Item{Key: key, Row: flow.NewRow(cols, []flow.Value{flow.Text(key), flow.NumInt(n)})}
}

func open(t testing.TB, home string) *Queues {
	q := Open(home)
	t.Cleanup(func() { q.Close() })
	return q
}

func add(t *testing.T, q *Queues, effect, queue string, want int, keys ...string) {
	t.Helper()
	var items []action.Item
	for i, k := range keys {
		items = append(items, item(k, int64(i)))
	}
	if n, err := q.Add(ctx, effect, queue, items); n != want || err != nil {
		t.Errorf("%s added %d to %s, want %d (%v)", effect, n, queue, want, err)
	}
}

func take(t *testing.T, q *Queues, effect, queue, want string) {
	t.Helper()
	if x, ok, err := q.Take(ctx, effect, queue); x.Key != want || ok != (want != "") || err != nil {
		t.Errorf("%s took %q of %s, want %q (%v)", effect, x.Key, queue, want, err)
	}
}

func comes(t *testing.T, q *Queues, queue, want string) {
	t.Helper()
	if x, ok, err := q.Next(ctx, queue); x.Key != want || ok != (want != "") || err != nil {
		t.Errorf("next of %s is %q, want %q (%v)", queue, x.Key, want, err)
	}
}

func TestQueue(t *testing.T) {
	home := filepath.Join(t.TempDir(), "家 #1?")
	q := open(t, home)
	comes(t, q, "订单", "")
	take(t, q, "t0", "订单", "")
	if err := q.Undo(ctx, "t0"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(home); err == nil {
		t.Error("looking made the home")
	}
	add(t, q, "a1", "订单", 3, "A1", "A2", "A3")
	add(t, q, "a1", "订单", 3, "A1", "A2", "A3") // the same effect again
	add(t, q, "a2", "订单", 1, "A2", "B1", "B1") // known, new, twice
	add(t, q, "a3", "other", 1, "A1")          // keys are of one queue
	comes(t, q, "订单", "A1")
	take(t, q, "t1", "订单", "A1")
	take(t, q, "t1", "订单", "A1") // the same effect again
	add(t, q, "a4", "订单", 0, "A1")
	q.Close()
	q = open(t, home)
	take(t, q, "t1", "订单", "A1")
	take(t, q, "t2", "订单", "A2")
	take(t, q, "t3", "订单", "A3")
	take(t, q, "t4", "订单", "B1")
	take(t, q, "t5", "订单", "")
	take(t, q, "t6", "other", "A1")
	add(t, q, "a5", "订单", 0, "A3", "B1") // taken ones too
	add(t, q, "a6", "订单", 1, "C1")
	take(t, q, "t5", "订单", "C1") // took nothing before, so it may take now
	x, _, err := q.Take(ctx, "t2", "订单")
	if err != nil || x.Row.String() != item("A2", 1).Row.String() || x.Row.Values()[1].Kind() != flow.NumberKind {
		t.Errorf("%v, %v", x.Row, err)
	}
	if info, err := os.Stat(filepath.Join(home, File)); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Error(info.Mode(), err)
	}
}

func TestUndo(t *testing.T) {
	q := open(t, t.TempDir())
	add(t, q, "a1", "q", 3, "1", "2", "3")
	take(t, q, "t1", "q", "1")
	take(t, q, "t2", "q", "2")
	if err := q.Undo(ctx, "t1"); err != nil {
		t.Error(err)
	}
	if err := q.Undo(ctx, "t1"); err != nil {
		t.Error("undone twice:", err)
	}
	comes(t, q, "q", "1") // before 3
	err := q.Undo(ctx, "a1")
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != "refused" || !strings.Contains(p.ZH, "1 项已经被取走") {
		t.Error(err)
	}
	comes(t, q, "q", "")
	add(t, q, "a1", "q", 3, "1", "2", "3") // it is still known: the same answer, and nothing done
	comes(t, q, "q", "")
	if err := q.Undo(ctx, "t2"); err != nil {
		t.Error(err)
	}
	if err := q.Undo(ctx, "a1"); err != nil {
		t.Error(err)
	}
	add(t, q, "a1", "q", 3, "1", "2", "3") // forgotten: done anew
	take(t, q, "t1", "q", "1")
	if err := q.Undo(ctx, "never was"); err != nil {
		t.Error(err)
	}
}

func TestListed(t *testing.T) {
	q := open(t, t.TempDir())
	if l, err := q.List(ctx); len(l) > 0 || err != nil {
		t.Error(l, err)
	}
	when := time.Date(2026, 3, 6, 9, 30, 0, 0, time.UTC)
	q.Now = func() time.Time { return when }
	add(t, q, "a1", "甲", 3, "1", "2", "3")
	add(t, q, "a2", "乙", 1, "x")
	take(t, q, "t1", "甲", "1")
	take(t, q, "t2", "甲", "2")
	take(t, q, "t3", "乙", "x")
	l, err := q.List(ctx)
	if err != nil || len(l) != 2 || l[0].Queue != "乙" || l[0].Waiting != 0 || l[0].Taken != 1 || l[0].First != nil || l[1].Waiting != 1 || l[1].Taken != 2 || !l[1].First.Equal(when) {
		t.Errorf("%+v, %v", l, err)
	}
	items, err := q.Items(ctx, "甲", 2)
	if err != nil || len(items) != 2 || items[0].Key != "3" || items[0].Taken != nil || items[1].Key != "2" || !items[1].Taken.Equal(when) {
		t.Errorf("%+v, %v", items, err)
	}
}

func TestBroken(t *testing.T) {
	home := t.TempDir()
	os.WriteFile(filepath.Join(home, File), []byte(strings.Repeat("no database at all", 1000)), 0o600)
	q := open(t, home)
	for i, err := range []error{
		func() error { _, err := q.Add(ctx, "a", "q", []action.Item{item("1", 1)}); return err }(),
		func() error { _, _, err := q.Take(ctx, "t", "q"); return err }(),
		func() error { _, _, err := q.Next(ctx, "q"); return err }(),
		q.Undo(ctx, "a"),
	} {
		var p *action.Problem
		if !errors.As(err, &p) || p.Kind != "io" || !strings.Contains(p.ZH, File) {
			t.Errorf("%d: %v", i, err)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := open(t, t.TempDir()).Add(stopped, "a", "q", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// worker takes what there is, adding some itself, and says each item on standard output after it was taken. An
// effect that a killed worker began is done again, as the engine would.
func worker(home, name string) {
	q := Open(home)
	progress := filepath.Join(home, name)
	from := 0
	if b, err := os.ReadFile(progress); err == nil {
		from, _ = strconv.Atoi(string(b))
	}
	for i := from; ; i++ {
		os.WriteFile(progress+".new", []byte(strconv.Itoa(i)), 0o600)
		os.Rename(progress+".new", progress)
		if i%3 == 0 {
			if _, err := q.Add(ctx, fmt.Sprint(name, "-a", i), "q", []action.Item{item(fmt.Sprint(name, "-", i), 1), item(fmt.Sprint("common-", i), 1)}); err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
		}
		x, ok, err := q.Take(ctx, fmt.Sprint(name, "-t", i), "q")
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		if i >= 150 && !ok {
			return
		}
		if ok {
			fmt.Println(i, x.Key)
		}
	}
}

// Several processes at once, killed at random moments and begun again, take every item exactly once: what one effect took
// is what it took, and no two took the same.
func TestKilledWorkers(t *testing.T) {
	home := t.TempDir()
	var mu sync.Mutex
	took := map[string]string{} // item -> who took it
	var wg sync.WaitGroup
	for w := range 3 {
		name := fmt.Sprint("w", w)
		random := rand.New(rand.NewSource(int64(w)))
		wg.Go(func() {
			for round := 0; ; round++ {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), "QUEUE_TEST_HOME="+home, "QUEUE_TEST_NAME="+name)
				out, _ := cmd.StdoutPipe()
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				lines, stop := 0, 1+random.Intn(20)
				killed := false
				for sc := bufio.NewScanner(out); sc.Scan(); {
					effect, key, _ := strings.Cut(sc.Text(), " ")
					if effect == "error" {
						t.Error(sc.Text())
					}
					mu.Lock()
					if by, ok := took[key]; ok && by != name+" "+effect {
						t.Errorf("%s was taken by %s and by %s", key, by, name+" "+effect)
					}
					took[key] = name + " " + effect
					mu.Unlock()
					if lines++; lines == stop && round < 8 {
						cmd.Process.Kill()
						killed = true
					}
				}
				if cmd.Wait(); !killed {
					return
				}
			}
		})
	}
	wg.Wait()
	q := open(t, home)
	l, err := q.List(ctx)
	if err != nil || len(l) != 1 || l[0].Waiting != 0 {
		t.Fatalf("%+v, %v", l, err)
	}
	items, err := q.Items(ctx, "q", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, k := range items {
		keys = append(keys, k.Key)
		if _, ok := took[k.Key]; !ok { // also a worker that was killed between taking and saying so must say it when it takes again
			t.Errorf("%s was taken and is lost", k.Key)
		}
	}
	slices.Sort(keys)
	if len(keys) < 200 || len(slices.Compact(keys)) != len(items) {
		t.Errorf("%d items", len(items))
	}
	for key := range took {
		if !slices.Contains(keys, key) {
			t.Errorf("%s came from nowhere", key)
		}
	}
}
