// Orders lets the program enter three orders into one site in sixty shapes, and compares what the site
// stored with what was asked. For every shape: the right record, a clear stop, or a wrong record, which
// must not be.
//
//	go run ./bench/web/orders [-only 7,13] [-daiban FILE] [-serve] [-shots FOLDER]
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daiban/bench/web/chrome"
	"daiban/bench/web/robot"

	"github.com/chromedp/chromedp"
)

const password = "pa55-w0rd"

var (
	only   = flag.String("only", "", "numbers of variants; all when left out")
	daiban = flag.String("daiban", "", "the program (built when left out)")
	look   = flag.Bool("serve", false, "only serve the variants, to look at")
	shots  = flag.String("shots", "", "only draw every variant into this folder")
	keep   = flag.String("keep", "", "keep the folders and records here")
)

// The classes of outcomes.
const (
	right = "right record"
	stop  = "clear stop"
	hang  = "no end"
	lie   = "done, but not all stored"
	wrong = "WRONG RECORD"
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	s, err := serve(1)
	if err != nil {
		log.Fatal(err)
	}
	vs := chosen()
	for _, v := range vs {
		s.show(v)
	}
	switch {
	case *look:
		for _, v := range vs {
			fmt.Printf("http://%s/%d/new  %s\n", s.addr, v.n, v)
		}
		select {}
	case *shots != "":
		draw(s, vs)
		return
	}
	dir := *keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "orders"); err != nil {
			log.Fatal(err)
		}
		defer os.RemoveAll(dir)
	}
	bin, err := robot.Build(*daiban, dir)
	if err != nil {
		log.Fatal(err)
	}
	os.Setenv("DAIBAN_SECRET_ERP", password)
	count := map[string]int{}
	for _, v := range vs {
		class, why := try(s, v, bin, filepath.Join(dir, fmt.Sprint(v.n)))
		count[class]++
		fmt.Printf("%2d  %-68s %-3s %d/3  %-12s  %s\n", v.n, v.name, v.lang, len(s.got(v.n)), class, why)
	}
	fmt.Printf("%d variants:", len(vs))
	for _, c := range []string{right, stop, hang, lie, wrong} {
		fmt.Printf(" %s %d;", c, count[c])
	}
	fmt.Println()
	if count[wrong]+count[lie] > 0 {
		os.Exit(1)
	}
}

func chosen() []variant {
	all := variants()
	if *only == "" {
		return all
	}
	return slices.DeleteFunc(all, func(v variant) bool { return !slices.Contains(strings.Split(*only, ","), fmt.Sprint(v.n)) })
}

// try runs the flow on one variant; where the page was another before, on that one first.
func try(s *site, v variant, bin, dir string) (class, why string) {
	os.RemoveAll(dir)
	r, err := robot.New(bin, dir, fmt.Sprintf("approve: flow\naccounts: {erp: {user: robot, hosts: [%q]}}\n", s.addr))
	if err != nil {
		log.Fatal(err)
	}
	r.Args = []string{"--yes", "--lang", "en"}
	if v.has("cross") {
		r.Args = append(r.Args, "--grant", s.other)
	}
	url := fmt.Sprintf("http://%s/%d", s.addr, v.n)
	script := v
	if v.before != nil {
		script = *v.before
		s.show(script)
		write(r, script)
		if rep, err := r.Run(script.script(url)); err != nil || rep.Status != "done" {
			return stop, fmt.Sprintf("on the page as it was: %s: %s", rep.Status, rep.Why())
		}
	}
	s.show(v)
	write(r, v)
	rep, err := r.Run(script.script(url))
	if err != nil {
		return stop, err.Error()
	}
	return judge(s.got(v.n), v.wanted(), rep)
}

func write(r *robot.Robot, v variant) {
	if err := r.Write("orders.csv", v.csv()); err != nil {
		log.Fatal(err)
	}
}

// judge compares what was stored with what was asked, and both with what the program says.
func judge(got, want []map[string]string, rep robot.Report) (class, why string) {
	left := slices.Clone(want)
	for _, g := range got {
		i := slices.IndexFunc(left, func(w map[string]string) bool { return maps.Equal(g, w) })
		if i < 0 {
			return wrong, fmt.Sprintf("%s: stored %s", rep.Status, differs(g, want))
		}
		left = slices.Delete(left, i, i+1)
	}
	switch {
	case rep.Status == "timeout":
		return hang, ""
	case rep.Status != "done":
		return stop, rep.Status + ": " + rep.Why()
	case len(left) > 0:
		return lie, ""
	}
	return right, fmt.Sprintf("%.1f s", rep.Seconds)
}

// differs says in which fields a record is not the one asked for under its number.
func differs(got map[string]string, want []map[string]string) string {
	for _, w := range want {
		if w["no"] != got["no"] {
			continue
		}
		var out []string
		for _, k := range slices.Sorted(maps.Keys(got)) {
			if got[k] != w[k] {
				out = append(out, fmt.Sprintf("%s %q for %q", k, got[k], w[k]))
			}
		}
		if len(out) == 0 {
			return "twice " + got["no"]
		}
		return got["no"] + ": " + strings.Join(out, ", ")
	}
	return fmt.Sprint(got)
}

// draw takes a picture of every variant as it opens and three seconds later.
func draw(s *site, vs []variant) {
	ctx, end := chrome.Open(5 * time.Minute)
	defer end()
	if err := os.MkdirAll(*shots, 0o777); err != nil {
		log.Fatal(err)
	}
	for _, v := range vs {
		if v.has("alert") || v.has("login") {
			continue
		}
		if err := chromedp.Do(ctx, chromedp.Navigate(fmt.Sprintf("http://%s/%d/new", s.addr, v.n))); err != nil {
			log.Fatal(v, err)
		}
		if v.has("late") || v.has("disabled") || v.has("spinner") {
			time.Sleep(2500 * time.Millisecond)
		}
		png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			log.Fatal(v, err)
		}
		if err := os.WriteFile(filepath.Join(*shots, fmt.Sprintf("%02d.png", v.n)), png, 0o666); err != nil {
			log.Fatal(err)
		}
	}
}
