// Challenge runs the program on a page like rpachallenge.com, from a workbook: ten forms of seven fields
// whose order, ids and bindings of labels change at every submission. It counts the fields and runs that
// came out right, and the time a round beside a chromedp script on the same page with fixed ids.
//
//	go run ./bench/web/challenge [-runs 20] [-lang zh,en] [-how flow,do] [-peer 5] [-daiban FILE] [-serve]
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daiban/bench/web/robot"
)

var (
	runs   = flag.Int("runs", 20, "runs of each kind")
	langs  = flag.String("lang", "zh,en", "editions of the page")
	hows   = flag.String("how", "flow,do", "flow: daiban run of a flow; do: daiban do of one sentence")
	peers  = flag.Int("peer", 5, "runs of the chromedp script; 0 for none")
	daiban = flag.String("daiban", "", "the program (built when left out)")
	seed   = flag.Uint64("seed", 1, "of rows, order and ids")
	only   = flag.Bool("serve", false, "only serve the page, to look at")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if *only {
		look()
	}
	dir, err := os.MkdirTemp("", "challenge")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	bin, err := robot.Build(*daiban, dir)
	if err != nil {
		log.Fatal(err)
	}
	var ours []time.Duration
	for _, e := range []edition{chinese, english} {
		if !strings.Contains(*langs, e.lang) {
			continue
		}
		for how := range strings.SplitSeq(*hows, ",") {
			ours = append(ours, series(e, how, bin, dir)...)
		}
	}
	fmt.Printf("time a round, median of %d runs: %v\n", len(ours), median(ours))
	for _, typed := range []bool{true, false} {
		if *peers > 0 {
			compare(typed, median(ours))
		}
	}
}

// series makes the runs of one kind and prints how they came out; it gives the times of a round of the right ones.
func series(e edition, how, bin, dir string) []time.Duration {
	var times []time.Duration
	fields, good := 0, 0
	for i := range *runs {
		s := fresh(e, uint64(i), false)
		right, why := once(s, how, bin, filepath.Join(dir, fmt.Sprintf("%s-%s-%d", e.lang, how, i)))
		_, round := s.result()
		s.stop()
		fields += right
		if right == rounds*len(keys) && why == "" {
			good++
			times = append(times, round)
		} else {
			fmt.Printf("  %s %s run %d: %d of %d fields; %s\n", e.lang, how, i, right, rounds*len(keys), why)
		}
	}
	fmt.Printf("%s %-4s fields right %d of %d, runs right %d of %d, a round %v\n",
		e.lang, how, fields, *runs*rounds*len(keys), good, *runs, median(times))
	return times
}

func fresh(e edition, i uint64, fixed bool) *site {
	rnd := rand.New(rand.NewPCG(*seed, i))
	s, err := serve(e, people(e.lang, rnd), fixed, *seed+i)
	if err != nil {
		log.Fatal(err)
	}
	return s
}

// once is one run of the program; why says what was not as it should be.
func once(s *site, how, bin, dir string) (right int, why string) {
	r, err := robot.New(bin, dir, "approve: flow\n")
	if err != nil {
		log.Fatal(err)
	}
	r.Args = []string{"--yes"}
	if err := workbook(filepath.Join(r.Dir, s.file), s.edition, s.want); err != nil {
		log.Fatal(err)
	}
	var rep robot.Report
	if how == "do" {
		rep, err = r.Do(fmt.Sprintf(s.say, s.addr))
	} else {
		rep, err = r.Run(fmt.Sprintf(s.flow, s.addr))
	}
	right, _ = s.result()
	if err != nil {
		return right, err.Error()
	}
	if rep.Status != "done" {
		return right, rep.Status + ": " + rep.Why() + " on " + s.drawn()
	}
	return right, ""
}

// compare times the chromedp script on the same page with fixed ids, and prints the ratio.
func compare(typed bool, ours time.Duration) {
	var times []time.Duration
	for i := range *peers {
		s := fresh(english, uint64(i), true)
		if err := script(s, s.want, typed); err != nil {
			log.Fatalf("chromedp: %v", err)
		}
		right, round := s.result()
		s.stop()
		if right != rounds*len(keys) {
			log.Fatalf("chromedp: %d fields right", right)
		}
		times = append(times, round)
	}
	name := "values set"
	if typed {
		name = "keys typed"
	}
	m := median(times)
	fmt.Printf("chromedp, fixed selectors, %s: %v; ratio %.2f\n", name, m, float64(ours)/float64(m))
}

func median(t []time.Duration) time.Duration {
	if len(t) == 0 {
		return 0
	}
	t = slices.Sorted(slices.Values(t))
	return t[len(t)/2].Round(time.Millisecond)
}

func look() {
	for _, e := range []edition{chinese, english} {
		fmt.Println(e.lang, fresh(e, 1, false).addr)
	}
	select {}
}
