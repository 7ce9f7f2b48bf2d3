// Kills ends the program (kill -9) at random moments, and at the moment an effect arrives at the other side,
// while it enters forms, sends mails, posts to a service and inserts into a database; it goes on with resume,
// and answers what is uncertain as someone with the other side's log would. Nothing may be lost, and nothing
// done twice.
//
//	go run ./bench/web/kills [-n 500] [-only form,mail,post,insert] [-daiban FILE] [-seed N]
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"daiban/bench/web/post"
	"daiban/bench/web/robot"
)

var (
	total  = flag.Int("n", 500, "kills in all, shared by the families")
	only   = flag.String("only", "form,mail,post,insert", "families")
	daiban = flag.String("daiban", "", "the program (built when left out)")
	seed   = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the moments")
)

// A tally is what came of a scene.
type tally struct {
	name                                              string
	offices, kills, uncertain, lost, doubled, stopped int
	early                                             int // killed before anything was on record: not counted among kills
	struck                                            int // of the kills, those just after an effect had arrived
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	dir, err := os.MkdirTemp("", "kills")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	bin, err := robot.Build(*daiban, dir)
	if err != nil {
		log.Fatal(err)
	}
	os.Setenv("DAIBAN_SECRET_MAIL", post.Password)
	os.Setenv(marker, fmt.Sprint(os.Getpid()))
	os.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	os.Mkdir(filepath.Join(dir, "tmp"), 0o700)
	fmt.Printf("seed %d\n", *seed)
	families := strings.Split(*only, ",")
	bad, kills := 0, 0
	for i, f := range families {
		n := *total / len(families)
		if i < *total%len(families) {
			n++
		}
		for _, t := range family(f, n, bin, dir) {
			fmt.Printf("%-22s %3d kills in %3d runs (%d just after an effect had arrived; %d more before the run was on record): lost %d, doubled %d, uncertain %d, stopped otherwise %d\n",
				t.name, t.kills, t.offices, t.struck, t.early, t.lost, t.doubled, t.uncertain, t.stopped)
			bad += t.lost + t.doubled
			kills += t.kills
		}
	}
	fmt.Printf("%d kills\n", kills)
	time.Sleep(2 * time.Second)
	fmt.Printf("browsers left running: %d; temporary folders left: %d\n", leftBrowsers(), leftFolders(filepath.Join(dir, "tmp")))
	if bad > 0 {
		os.Exit(1)
	}
}

// family makes n kills in the scenes of a family.
func family(name string, n int, bin, dir string) []tally {
	worlds := map[string][]func(string) *scene{
		"form":   {func(string) *scene { return form() }},
		"mail":   {func(string) *scene { return send(false) }, func(string) *scene { return send(true) }},
		"post":   {func(string) *scene { return call(false) }, func(string) *scene { return call(true) }},
		"insert": {insert},
	}[name]
	var out []tally
	for i, m := range worlds {
		share := n / len(worlds)
		if i < n%len(worlds) {
			share++
		}
		var t tally
		for t.kills < share {
			*seed++
			d := filepath.Join(dir, fmt.Sprintf("%s-%d-%d", name, i, t.offices))
			if err := os.MkdirAll(d, 0o700); err != nil {
				log.Fatal(err)
			}
			s := m(d)
			t.name = s.name
			work(s, &t, share, bin, d)
			s.close()
			if t.stopped > 20 {
				fmt.Printf("  %s: given up\n", s.name)
				break
			}
		}
		out = append(out, t)
	}
	return out
}

// An office is one run that is killed and goes on until it ends.
type office struct {
	*scene
	r    *robot.Robot
	rnd  *rand.Rand
	args []string
}

// work lets one run come to its end, killed on the way, and adds what came of it.
func work(s *scene, t *tally, max int, bin, dir string) {
	r, err := robot.New(bin, dir, s.config+"approve: flow\n")
	if err != nil {
		log.Fatal(err)
	}
	r.Args = []string{"--lang", "en"}
	if err := r.Write("in.csv", s.csv()); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "job.flow"), []byte(s.flow), 0o666); err != nil {
		log.Fatal(err)
	}
	o := &office{s, r, rand.New(rand.NewPCG(*seed, 1)), []string{"run", filepath.Join(dir, "job.flow"), "--in", r.Dir}}
	t.offices++
	why := o.through(t, max)
	if why == "" {
		why = o.verify()
	}
	if why != "" {
		t.stopped++
		fmt.Printf("  %s, seed %d: %s\n", s.name, *seed, why)
	}
	o.audit(t, why == "")
}

// through starts, kills, resumes and answers until the run is done; why says how else it ended.
func (o *office) through(t *tally, max int) (why string) {
	for range 1000 {
		rep, end, err := o.start(t.kills < max)
		switch {
		case err != nil:
			return err.Error()
		case end.killed:
			o.killed(t, end)
		case rep.Status == "done":
			return ""
		case rep.Status == "uncertain" && len(rep.Questions) > 0:
			t.uncertain++
			o.args = []string{"answer", rep.Run}
			for _, q := range rep.Questions {
				o.args = append(o.args, q.ID+"="+o.truth(q.ID))
			}
		default:
			return fmt.Sprintf("%s: %s (after %s)", rep.Status, rep.Why(), o.args[0])
		}
	}
	return "it does not end"
}

// killed counts a kill, and goes on with the run if it is on record.
func (o *office) killed(t *tally, end ending) {
	id := o.run()
	if id == "" {
		t.early++
		return
	}
	t.kills++
	if end.struck {
		t.struck++
	}
	o.args = []string{"resume", id}
}

// truth is what the other side's log says of the row that a question is about.
func (o *office) truth(id string) string {
	name := "all"
	if _, rest, ok := strings.Cut(id, "["); ok {
		var i int
		fmt.Sscanf(rest, "%d]", &i)
		name = number(i)
	}
	if o.counts()[name] > 0 {
		return "yes"
	}
	return "no"
}

// run is the id of the run, "" when none was recorded.
func (o *office) run() string {
	id, err := robot.Latest(o.r)
	if err != nil {
		log.Fatal(err)
	}
	return id
}

// verify is what is wrong with the record, "" when it is sound.
func (o *office) verify() string {
	if out, err := exec.Command(o.r.Bin, "verify", "--home", o.r.Home).CombinedOutput(); err != nil {
		return "verify: " + string(out)
	}
	return ""
}

// audit counts rows that are not there after a run that is done, and those that are there twice or otherwise.
func (o *office) audit(t *tally, done bool) {
	got := o.counts()
	for i := range o.rows {
		n := got[number(i)]
		delete(got, number(i))
		switch {
		case n == 0 && done:
			t.lost++
			fmt.Printf("  %s, seed %d: %s is lost\n", o.name, *seed, number(i))
		case n > 1:
			t.doubled++
			fmt.Printf("  %s, seed %d: %s %d times\n", o.name, *seed, number(i), n)
		}
	}
	delete(got, "all")
	for k := range got {
		t.doubled++
		fmt.Printf("  %s, seed %d: not asked: %s\n", o.name, *seed, k)
	}
}
