package machine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"daiban/flow"
)

// world answers commands as a driver would, with failures drawn from a seed; the same place and
// attempt always get the same answer.
type world struct {
	seed  uint64
	calm  bool // nothing fails
	doing []string
}

func (w *world) rng(c Command) *rand.Rand {
	h := w.seed
	for _, b := range []byte(fmt.Sprint(c.Place, c.Attempt)) {
		h = h*1099511628211 + uint64(b)
	}
	return rand.New(rand.NewPCG(h, h>>7))
}

// answer is the events that a command leads to; the last one is its outcome.
func (w *world) answer(c Command) []Event {
	r := w.rng(c)
	switch {
	case c.Kind == Sleep:
		return []Event{{Kind: Slept, Place: c.Place}}
	case c.Kind == Record:
		w.doing = append(w.doing, "record "+c.Place+fmt.Sprint(len(c.Failures)))
		return []Event{{Kind: Done, Place: c.Place}}
	case c.Step.Kind == flow.IfStep:
		return []Event{{Kind: Took, Place: c.Place, Branch: r.IntN(2) == 0}}
	case c.Step.Kind == flow.EachStep:
		e := Event{Kind: Looped, Place: c.Place, N: r.IntN(5)}
		for i := range e.N {
			if r.IntN(6) == 0 {
				e.Skip = append(e.Skip, i)
			}
		}
		return []Event{e}
	case c.Step.Kind == flow.StopStep:
		return []Event{{Kind: Stopped, Place: c.Place}}
	case c.Step.Kind == flow.FailStep:
		return []Event{{Kind: Failed, Place: c.Place, Problem: "business"}}
	case !w.calm && r.IntN(7) == 0:
		return []Event{{Kind: Failed, Place: c.Place, Problem: "io", Text: "no luck"}}
	}
	w.doing = append(w.doing, c.Place)
	if r.IntN(2) == 0 {
		return []Event{{Kind: Intended, Place: c.Place}, {Kind: Done, Place: c.Place}}
	}
	return []Event{{Kind: Done, Place: c.Place}}
}

func options(s *flow.Step) Options {
	o := Options{Parallel: 1}
	if s.Call == nil {
		return o
	}
	if a := s.Call.Arg("retry"); a != nil {
		o.Retry = 2
	}
	o.Skip = s.Call.Arg("on_error") != nil
	o.Errors = s.Call.Arg("errors") != nil
	if s.Call.Arg("parallel") != nil {
		o.Parallel = 3
	}
	return o
}

// script draws a flow.
func script(r *rand.Rand, depth int, indent string) string {
	var b strings.Builder
	for range 1 + r.IntN(4) {
		switch k := r.IntN(10); {
		case k == 0 && depth > 0:
			opts := []string{"", `, errors="e.csv"`, ", parallel=3", `, errors="e.csv", parallel=3`}[r.IntN(4)]
			fmt.Fprintf(&b, "%sfor row in each(rows%s):\n%s", indent, opts, script(r, depth-1, indent+"    "))
		case k == 1 && depth > 0:
			fmt.Fprintf(&b, "%sif ok:\n%s", indent, script(r, depth-1, indent+"    "))
			if r.IntN(2) == 0 {
				fmt.Fprintf(&b, "%selse:\n%s", indent, script(r, depth-1, indent+"    "))
			}
		case k == 2 && r.IntN(4) == 0:
			fmt.Fprintf(&b, "%sstop(\"enough\")\n", indent)
		case k == 3:
			fmt.Fprintf(&b, "%sfile.read(\"a\", retry=2)\n", indent)
		case k == 4:
			fmt.Fprintf(&b, "%sfile.read(\"a\", on_error=\"skip\")\n", indent)
		default:
			fmt.Fprintf(&b, "%sx = file.read(\"a\")\n", indent)
		}
	}
	return b.String()
}

func parse(t *testing.T, src string) *flow.Flow {
	t.Helper()
	f, err := flow.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// play runs f to its end: commands are answered in an order drawn from r. stop says after which event to
// end the process and take over by replay; -1 for never. It gives the record and the last machine.
func play(t *testing.T, f *flow.Flow, w *world, r *rand.Rand, stop int) ([]Event, *Machine) {
	t.Helper()
	m, out := New(f, options)
	var record []Event
	var queue [][]Event // the events still to come of commands that are out
	send := func(cmds []Command) {
		for _, c := range cmds {
			if c.Kind == Recover {
				queue = append(queue, []Event{{Kind: Done, Place: c.Place}})
				continue
			}
			queue = append(queue, w.answer(c))
		}
	}
	send(out)
	take := func(e Event) {
		record = append(record, e)
		cmds, err := m.Take(e)
		if err != nil {
			t.Fatalf("seed %d: %v\nafter %v", w.seed, err, record)
		}
		send(cmds)
	}
	for n := 0; len(queue) > 0; n++ {
		if n > 5000 {
			t.Fatal("it does not end")
		}
		if n == stop { // the process ends here; the next one replays
			m2, first := New(f, options)
			var last []Command = first
			for _, e := range record {
				cmds, err := m2.Take(e)
				if err != nil {
					t.Fatal(err)
				}
				last = append(last, cmds...)
			}
			if m2.Hash() != m.Hash() {
				t.Fatalf("seed %d: replay of %d events gives another state", w.seed, len(record))
			}
			m, queue = m2, nil
			take(Event{Kind: Resumed})
			continue
		}
		i := r.IntN(len(queue))
		e := queue[i][0]
		if queue[i] = queue[i][1:]; len(queue[i]) == 0 {
			queue = slices.Delete(queue, i, i+1)
		}
		take(e)
	}
	return record, m
}

func TestStopAtEveryEvent(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := parse(t, script(r, 2, ""))
		_, whole := play(t, f, &world{seed: seed}, rand.New(rand.NewPCG(seed, 2)), -1)
		events, _ := play(t, f, &world{seed: seed}, rand.New(rand.NewPCG(seed, 2)), -1)
		for stop := range min(len(events), 60) {
			_, m := play(t, f, &world{seed: seed}, rand.New(rand.NewPCG(seed, 2)), stop)
			// Which of several parallel failures comes first may differ; the verdict may not while all runs one by one.
			if m.Status() != whole.Status() && !strings.Contains(flow.Print(f), "parallel") {
				t.Fatalf("seed %d stop %d: %s, undisturbed %s\n%s", seed, stop, m.Status(), whole.Status(), flow.Print(f))
			}
		}
	}
}

func TestSameEventsSameHash(t *testing.T) {
	for seed := range uint64(40) {
		f := parse(t, script(rand.New(rand.NewPCG(seed, 1)), 3, ""))
		events, a := play(t, f, &world{seed: seed}, rand.New(rand.NewPCG(seed, 2)), -1)
		b, _ := New(f, options)
		for _, e := range events {
			if _, err := b.Take(e); err != nil {
				t.Fatal(err)
			}
		}
		if a.Hash() != b.Hash() {
			t.Fatalf("seed %d: the same events give another hash", seed)
		}
	}
}

func TestCalmRunDoesEveryStepOnce(t *testing.T) {
	f := parse(t, "a = file.read(\"a\")\nfor row in each(rows):\n    file.read(\"b\")\n    file.read(\"c\")\nfile.read(\"d\")\n")
	w := &world{seed: 3, calm: true}
	m, cmds := New(f, options)
	var order []string
	for len(cmds) > 0 {
		c := cmds[0]
		order = append(order, c.Place)
		e := Event{Kind: Done, Place: c.Place}
		if c.Step.Kind == flow.EachStep {
			e = Event{Kind: Looped, Place: c.Place, N: 3, Skip: []int{1}}
		}
		next, err := m.Take(e)
		if err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds[1:], next...)
	}
	_ = w
	want := "1 2 2[0].1 2[0].2 2[2].1 2[2].2 3"
	if got := strings.Join(order, " "); got != want || m.Status() != Finished {
		t.Errorf("order %s (%s), want %s", got, m.Status(), want)
	}
}

func TestParallelKeepsToItsNumber(t *testing.T) {
	f := parse(t, "for row in each(rows, parallel=3):\n    file.read(\"b\")\n")
	m, _ := New(f, options)
	cmds, _ := m.Take(Event{Kind: Looped, Place: "1", N: 10})
	if len(cmds) != 3 {
		t.Fatalf("%d commands at once, want 3", len(cmds))
	}
	cmds, _ = m.Take(Event{Kind: Done, Place: cmds[1].Place})
	if len(cmds) != 1 || cmds[0].Place != "1[3].1" {
		t.Errorf("next is %v", cmds)
	}
}

func TestRetryThenErrorsFile(t *testing.T) {
	f := parse(t, "for row in each(rows, errors=\"e.csv\"):\n    file.read(\"b\", retry=2)\n    file.read(\"c\")\n")
	m, _ := New(f, options)
	cmds, _ := m.Take(Event{Kind: Looped, Place: "1", N: 2})
	fail := Event{Kind: Failed, Place: cmds[0].Place, Problem: "io", Text: "busy"}
	for i := range 2 {
		cmds, _ = m.Take(fail)
		if len(cmds) != 1 || cmds[0].Kind != Sleep || cmds[0].Pause != time.Second {
			t.Fatalf("after failure %d: %v", i+1, cmds)
		}
		cmds, _ = m.Take(Event{Kind: Slept, Place: fail.Place})
		if cmds[0].Attempt != i+2 {
			t.Fatalf("attempt %d, want %d", cmds[0].Attempt, i+2)
		}
	}
	cmds, _ = m.Take(fail)
	if len(cmds) != 1 || cmds[0].Place != "1[1].1" {
		t.Fatalf("the next item does not follow: %v", cmds)
	}
	m.Take(Event{Kind: Done, Place: "1[1].1"})
	cmds, _ = m.Take(Event{Kind: Done, Place: "1[1].2"})
	if len(cmds) != 1 || cmds[0].Kind != Record || len(cmds[0].Failures) != 1 || cmds[0].Failures[0].Item != 0 {
		t.Fatalf("want the record of item 0, got %v", cmds)
	}
	m.Take(Event{Kind: Done, Place: "1"})
	if m.Status() != Finished {
		t.Errorf("status %s", m.Status())
	}
}

func TestBusinessErrorIsNeverRetried(t *testing.T) {
	f := parse(t, "file.read(\"b\", retry=2)\n")
	m, cmds := New(f, options)
	cmds, _ = m.Take(Event{Kind: Failed, Place: cmds[0].Place, Problem: "business"})
	if len(cmds) != 0 || m.Status() != Broken {
		t.Errorf("commands %v, status %s", cmds, m.Status())
	}
}

func TestUncertainWaitsForAWord(t *testing.T) {
	for _, happened := range []bool{true, false} {
		f := parse(t, "file.read(\"b\")\nfile.read(\"c\")\n")
		m, _ := New(f, options)
		m.Take(Event{Kind: Intended, Place: "1"})
		cmds, _ := m.Take(Event{Kind: Resumed})
		if len(cmds) != 1 || cmds[0].Kind != Recover {
			t.Fatalf("after a stop: %v", cmds)
		}
		m.Take(Event{Kind: Doubt, Place: "1"})
		if m.Status() != Uncertain {
			t.Fatalf("status %s", m.Status())
		}
		cmds, _ = m.Take(Event{Kind: Answered, Place: "1", Branch: happened})
		want := map[bool]string{true: "2", false: "1"}[happened]
		if len(cmds) != 1 || cmds[0].Place != want || cmds[0].Kind != Run {
			t.Errorf("happened %v: %v, want step %s", happened, cmds, want)
		}
	}
}

func TestUnfittingEventIsRefused(t *testing.T) {
	f := parse(t, "file.read(\"b\")\n")
	for _, e := range []Event{{Kind: Done, Place: "9"}, {Kind: Slept, Place: "1"}, {Kind: Looped, Place: "1"}, {Kind: Took, Place: "1"}, {Kind: "nonsense", Place: "1"}} {
		m, _ := New(f, options)
		if _, err := m.Take(e); err == nil {
			t.Errorf("%v was taken", e)
		}
	}
}

func TestResumeAfterFailureTriesAgain(t *testing.T) {
	f := parse(t, "for row in each(rows, parallel=2):\n    file.read(\"b\")\n    file.read(\"c\")\nfile.read(\"d\")\n")
	m, _ := New(f, options)
	m.Take(Event{Kind: Looped, Place: "1", N: 3})
	m.Take(Event{Kind: Failed, Place: "1[0].1", Problem: "io"})
	m.Take(Event{Kind: Done, Place: "1[1].1"}) // was under way when the other failed
	if m.Status() != Broken {
		t.Fatalf("status %s", m.Status())
	}
	cmds, _ := m.Take(Event{Kind: Resumed})
	var places []string
	for len(cmds) > 0 {
		c := cmds[0]
		places = append(places, c.Place)
		next, err := m.Take(Event{Kind: Done, Place: c.Place})
		if err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds[1:], next...)
	}
	slices.Sort(places)
	if got, want := strings.Join(places, " "), "1[0].1 1[0].2 1[1].2 1[2].1 1[2].2 2"; got != want || m.Status() != Finished {
		t.Errorf("after resume %s (%s), want %s", got, m.Status(), want)
	}
}
