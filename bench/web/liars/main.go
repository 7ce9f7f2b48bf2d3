// Liars lets the program send an order to servers that do not do what they say: they confirm and store
// nothing, store twice, store another value, answer late or not at all, show an error with status 200, or
// the confirmation of another order. Where the flow looks (expect=, or a read-back), done must never be
// said. Cells are the status of the run; ! marks a done that something contradicted, ? a refusal although
// the server stored.
//
//	go run ./bench/web/liars [-only stale] [-daiban FILE]
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"daiban/bench/web/robot"
)

var (
	only   = flag.String("only", "", "the name of a liar; all when left out")
	part   = flag.String("part", "", "page or http.post; both when left out")
	daiban = flag.String("daiban", "", "the program (built when left out)")
	why    = flag.Bool("why", false, "print the reason of every run that is not done")
	serves = flag.Bool("serve", false, "only serve, to look at")
)

// A look is a flow with its way of looking at the outcome.
type look struct{ name, flow string }

const fill = `rows = table.read("order.csv")
for row in each(rows):
    web.open("{url}/new")
    web.fill(row)
`

var webLooks = []look{
	{"plain", fill + `    web.click("Submit", timeout="5s")
`},
	{"expect", fill + `    web.click("Submit", expect="Order saved", timeout="5s")
`},
	{"number", fill + `    web.click("Submit", expect="Order saved: {Order}", timeout="5s")
`},
	{"readback", fill + `    web.click("Submit", expect="Order saved", timeout="5s")
    all = web.table("{url}/list")
    mine = table.filter(all, where=Order == "SO-1001" and Amount == 120)
    ensure(count(mine) == 1, "the order is not there as sent")
`},
	{"api", fill + `    web.click("Submit", timeout="5s")
    there = http.get("{url}/api/SO-1001")
    ensure(there.stored == 1 and there.amount == "120", "the order is not there as sent")
`},
}

const post = `rows = table.read("order.csv")
for row in each(rows):
`

var httpLooks = []look{
	{"plain", post + `    http.post("{url}/api", data=row, timeout="5s")
`},
	{"expect", post + `    http.post("{url}/api", data=row, expect=status == "saved", timeout="5s")
`},
	{"number", post + `    http.post("{url}/api", data=row, expect=status == "saved" and no == "SO-1001", timeout="5s")
`},
	{"readback", post + `    http.post("{url}/api", data=row, expect=status == "saved", timeout="5s")
    there = http.get("{url}/api/SO-1001")
    ensure(there.stored == 1 and there.amount == "120", "the order is not there as sent")
`},
	{"api", post + `    http.post("{url}/api", data=row, timeout="5s")
    there = http.get("{url}/api/SO-1001")
    ensure(there.stored == 1 and there.amount == "120", "the order is not there as sent")
`},
}

// blindPost is where http.post differs from the page: what has nothing to see the lie by.
var blindPost = map[string]string{"errtext": "plain", "preset": "plain", "hidden": "plain", "title": "plain", "flash": "plain", "asked": "plain"}

func main() {
	log.SetFlags(0)
	flag.Parse()
	s, err := serve()
	if err != nil {
		log.Fatal(err)
	}
	if *serves {
		fmt.Println(s.addr)
		select {}
	}
	dir, err := os.MkdirTemp("", "liars")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	bin, err := robot.Build(*daiban, dir)
	if err != nil {
		log.Fatal(err)
	}
	bad := 0
	if *part != "http.post" {
		bad += table(s, bin, filepath.Join(dir, "web"), "a page", webLooks, false)
	}
	if *part != "page" {
		bad += table(s, bin, filepath.Join(dir, "http"), "http.post", httpLooks, true)
	}
	if bad > 0 {
		os.Exit(1)
	}
}

// table prints how the runs ended, a line a liar, and gives the number of those that must not be so.
func table(s *site, bin, dir, title string, looks []look, isPost bool) (bad int) {
	fmt.Printf("%-10s", title)
	for _, l := range looks {
		fmt.Printf("%-12s", l.name)
	}
	fmt.Println()
	runs, false_, denied, honest := 0, 0, 0, 0
	for _, l := range liars {
		if *only != "" && l.name != *only {
			continue
		}
		if b, ok := blindPost[l.name]; ok && isPost {
			l.blind = b
		}
		fmt.Printf("%-10s", l.name)
		for _, k := range looks {
			rep := send(s, bin, filepath.Join(dir, l.name+k.name), l, k)
			mark := judge(l, k, rep, len(s.stored(l.name)))
			runs++
			switch mark {
			case "!":
				false_++
			case "?":
				denied++
			}
			if l.name == "honest" && rep.Status == "done" {
				honest++
			}
			fmt.Printf("%-12s", rep.Status+mark)
			if *why && rep.Status != "done" {
				fmt.Printf("[%s] ", rep.Why())
			}
		}
		fmt.Println(l.what)
	}
	fmt.Printf("%s: %d runs; done where something contradicts: %d; no effect said although the server stored: %d; honest server done: %d of %d\n\n",
		title, runs, false_, denied, honest, len(looks))
	return false_ + denied
}

func send(s *site, bin, dir string, l liar, k look) robot.Report {
	s.clear(l.name)
	r, err := robot.New(bin, dir, "approve: flow\n")
	if err != nil {
		log.Fatal(err)
	}
	r.Args = []string{"--yes", "--lang", "en"}
	if err := r.Write("order.csv", "Order,Customer,Amount\nSO-1001,Contoso,120\n"); err != nil {
		log.Fatal(err)
	}
	rep, err := r.Run(strings.ReplaceAll(k.flow, "{url}", "http://"+s.addr+"/"+l.name))
	if err != nil {
		log.Print(err)
	}
	return rep
}

// judge marks what must not be: a done that something contradicts, and a send that is said not to have
// happened although the server has it.
func judge(l liar, k look, rep robot.Report, stored int) string {
	if rep.Status == "done" && !l.blindTo(k.name) {
		return "!"
	}
	sent := false
	for _, e := range rep.Effects {
		sent = sent || e.Class == "send" && (e.State == "done" || e.State == "uncertain")
	}
	if rep.Status != "done" && rep.Status != "uncertain" && stored > 0 && !sent {
		return "?"
	}
	return ""
}
