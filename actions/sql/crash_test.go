package sql_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/actions/sql"
	"daiban/flow"
)

const crashEnv = "DAIBAN_SQL_CRASH" // KIND URL LOG ITEMS: this process is one that is killed

// TestCrashChild inserts the items that its log does not know as done, each with the intent written before
// and the outcome after, as the engine does.
func TestCrashChild(t *testing.T) {
	spec := strings.Fields(os.Getenv(crashEnv))
	if len(spec) != 4 {
		t.Skip("runs as a child of TestKill")
	}
	kind, url, log := spec[0], strings.ReplaceAll(spec[1], "%20", " "), spec[2]
	e := actiontest.New(t, sql.All)
	e.Databases = []action.Database{{Name: "仓库", Kind: kind, URL: url, Path: strings.TrimPrefix(url, "sqlite:")}}
	e.Grants = []string{"127.0.0.1"}
	known, _ := os.ReadFile(log)
	out := must(os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600))(t)
	items, _ := strconv.Atoi(spec[3])
	for i := range items {
		if strings.Contains(string(known), fmt.Sprintf("done %d\n", i)) {
			continue
		}
		f, _ := flow.Parse(fmt.Sprintf(`sql.insert("仓库", into="件", rows={"号": %d, "名": "第%d件"})`, i, i))
		a := e.Set.Find("sql.insert")
		args := must(action.Evaluate(a, f.Steps[0].Call, e))(t)
		c, _ := e.Call()
		c.Key = fmt.Sprintf("item %d", i)
		if _, err := a.Run(c, args); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "intent %d\n", i)
		if _, err := c.Effect().Do(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond) // as the record takes to be on disk
		fmt.Fprintf(out, "done %d\n", i)
	}
}

// TestKill kills a process that inserts, at random moments, until one gets to the end: every item is
// there once. DAIBAN_SQL_KILLS is how many kills there are at most.
func TestKill(t *testing.T) {
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("DAIBAN_SQL_KILLS")); err == nil {
		kills = n
	}
	each(t, func(b *base) {
		b.exec(`create table "件" ("号" integer, "名" varchar(20))`)
		log := filepath.Join(b.TempDir(), "log")
		r := rand.New(rand.NewPCG(uint64(len(b.kind)), 6))
		killed, early, between, items := 0, 0, 0, 10*kills
		for run := 0; ; run++ {
			cmd := exec.Command(os.Args[0], "-test.run", "^TestCrashChild$")
			cmd.Env = append(os.Environ(), crashEnv+"="+b.kind+" "+strings.ReplaceAll(b.url, " ", "%20")+" "+log+" "+strconv.Itoa(items))
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			if killed < kills {
				b.killLater(cmd, log, r, &killed, &early)
				text, _ := os.ReadFile(log)
				if b.count(`select count(*) from "件"`) > strings.Count(string(text), "done") {
					between++
				}
				continue
			}
			if err := cmd.Wait(); err != nil {
				text, _ := os.ReadFile(log)
				b.Fatalf("the last process: %v\n%s", err, text)
			}
			break
		}
		if n := b.count(`select count(*) from "件"`)*1000 + b.count(`select count(distinct "号") from "件"`); n != items*1001 {
			b.Errorf("rows and different items are %d after %d kills (%d before the first intent), want %d", n, killed, early, items*1001)
		}
		b.Logf("%d kills: %d before the first intent of the process, %d with a row in and its outcome not written", killed, early, between)
	})
}

// killLater kills cmd a random while after it has begun with an item; it counts the kills that met the
// process before that.
func (b *base) killLater(cmd *exec.Cmd, log string, r *rand.Rand, killed, early *int) {
	size := func() int64 {
		if i, err := os.Stat(log); err == nil {
			return i.Size()
		}
		return 0
	}
	was, until := size(), time.Now().Add(10*time.Second)
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	for size() == was && time.Now().Before(until) {
		select {
		case <-exited:
			until = time.Now()
		case <-time.After(time.Millisecond):
		}
	}
	if size() == was {
		*early++
	}
	time.Sleep(time.Duration(r.IntN(150_000)) * time.Microsecond)
	cmd.Process.Kill()
	<-exited
	*killed++
}
