// Steps measures durable steps a second: a run whose every step has an effect, so
// that its intent is on disk before it and its outcome after it, beside a bare SQLite journal (one
// row a transaction, the same settings) on the same disk, in turn.
//
//	go run ./bench/steps [-n 3000] [-rounds 3] [-dir FOLDER]
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
	"daiban/journal"
	"daiban/run"
)

var (
	n      = flag.Int("n", 3000, "steps of a run")
	rounds = flag.Int("rounds", 3, "rounds; the medians are printed")
	dir    = flag.String("dir", "", "folder on the disk to measure (default: the current one)")
)

func main() {
	flag.Parse()
	log.SetFlags(0)
	work, err := os.MkdirTemp(*dir, ".bench-steps-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	var bare, one, eight, pure []float64
	for i := range *rounds {
		bare = append(bare, rate(*n, func() error { return bareJournal(filepath.Join(work, fmt.Sprintf("bare%d.db", i)), *n) }))
		one = append(one, rate(*n, func() error { return runs(filepath.Join(work, fmt.Sprintf("one%d", i)), 1, effectFlow(*n)) }))
		eight = append(eight, rate(8**n, func() error { return runs(filepath.Join(work, fmt.Sprintf("eight%d", i)), 8, effectFlow(*n)) }))
		pure = append(pure, rate(*n, func() error { return runs(filepath.Join(work, fmt.Sprintf("pure%d", i)), 1, pureFlow(*n)) }))
	}
	b := median(bare)
	fmt.Printf("%-46s %9s %8s\n", "", "steps/s", "ratio")
	for _, row := range []struct {
		name string
		x    []float64
	}{
		{"bare SQLite journal, one row a transaction", bare},
		{"one run, a step with an effect", one},
		{"8 runs at once, steps with effects", eight},
		{"one run, steps without effects", pure},
	} {
		fmt.Printf("%-46s %9.0f %8.2f\n", row.name, median(row.x), median(row.x)/b)
	}
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return s[len(s)/2]
}

func rate(n int, f func() error) float64 {
	began := time.Now()
	if err := f(); err != nil {
		log.Fatal(err)
	}
	return float64(n) / time.Since(began).Seconds()
}

// bareJournal writes n rows of the size of ours, each in its own durable transaction.
func bareJournal(path string, n int) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("create table e(seq integer primary key, run text, at integer, kind text, body text)"); err != nil {
		return err
	}
	st, err := db.Prepare("insert into e(run, at, kind, body) values(?,?,?,?)")
	if err != nil {
		return err
	}
	defer st.Close()
	body := fmt.Sprintf("%0200d", 0)
	for range n {
		if _, err := st.Exec("01JD00000000000000000000AA", time.Now().UnixMilli(), "done", body); err != nil {
			return err
		}
	}
	return nil
}

func effectFlow(n int) string {
	return fmt.Sprintf("rows = table.read(%d)\nfor row in each(rows):\n    queue.add(\"{id}\")\n", n)
}
func pureFlow(n int) string {
	return fmt.Sprintf("rows = table.read(%d)\nfor row in each(rows):\n    x = row.id * 2\n", n)
}

// set is an action whose effect costs nothing, and one that gives rows.
func set() action.Set {
	type addIn struct {
		Text string `arg:"text,positional"`
	}
	type rowsIn struct {
		N int `arg:"n,positional"`
	}
	return action.Set{
		action.Define(action.Spec{Name: "queue.add", Effect: action.Sends, Again: action.Keyed}, func(c *action.Call, in addIn) (struct{}, error) {
			c.Do(action.Planned{Target: in.Text, Class: action.Sends, Do: func() (flow.Value, error) { return flow.Null(), nil }})
			return struct{}{}, nil
		}),
		action.Define(action.Spec{Name: "table.read"}, func(c *action.Call, in rowsIn) (flow.Table, error) {
			t := flow.NewTable([]flow.Column{{Name: "id", Kind: flow.NumberKind}})
			for i := range in.N {
				t.Data = append(t.Data, []flow.Value{flow.NumInt(int64(i))})
			}
			return t, nil
		}),
	}
}

// runs carries out src as count runs at once on one record.
func runs(home string, count int, src string) error {
	j, err := journal.Open(home)
	if err != nil {
		return err
	}
	defer j.Close()
	e := &run.Engine{Journal: j, Actions: set(), Approve: "flow", Now: time.Now}
	res := check.Check(src, check.Env{Actions: e.Actions, Static: true, Lang: "en"})
	if !res.OK() {
		return fmt.Errorf("check: %v", res.Findings)
	}
	errs := make([]error, count)
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() {
			out, err := e.Start(context.Background(), res.Checked, run.Options{Dir: home, Lang: "en"})
			if err == nil && out.Status != "done" {
				err = fmt.Errorf("%s: %v", out.Status, out.Error)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
