// Package machine is the control of a run as a pure function: it takes events and
// gives commands. It has no clock, no randomness, no input or output, and iterates over no
// map: the same events give the same commands and the same Hash. Values live with
// the driver; the machine sees only what decides where to go (which branch, how many items,
// done, failed, in doubt). The events are the journal, so a run resumes by replay.
package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"daiban/flow"
)

// The kinds of events.
const (
	Done     = "done"     // a step is done
	Took     = "took"     // a condition was decided: Branch
	Looped   = "looped"   // a loop has N items, of which Skip are not to be done
	Failed   = "failed"   // a step failed: Problem, Text
	Intended = "intended" // an effect is about to happen
	Doubt    = "doubt"    // an effect may or may not have happened
	Waits    = "waits"    // a step needs a person: Question
	Answered = "answered" // a person answered
	Slept    = "slept"    // a pause is over
	Resumed  = "resumed"  // a new process takes over
	Stopped  = "stopped"  // the flow ends as done by its own word
	Refused  = "refused"  // a person said no
)

// An Event is what happened. Place is the step's place (see Place).
type Event struct {
	Kind    string `json:"-"`
	Place   string `json:"place,omitempty"`
	Branch  bool   `json:"branch,omitempty"`
	N       int    `json:"n,omitempty"`
	Skip    []int  `json:"skip,omitempty"`    // sorted
	Problem string `json:"problem,omitempty"` // kind of a failure
	Text    string `json:"text,omitempty"`
	ZH      string `json:"zh,omitempty"`   // Text in Chinese
	Wait    string `json:"wait,omitempty"` // of Waits: question or approval
}

// The kinds of commands.
const (
	Run     = "run"     // carry out the step at Place
	Recover = "recover" // its effect was intended when the last process ended: find out, or do it again
	Sleep   = "sleep"   // pause before the next attempt
	Record  = "record"  // write the failures of a loop to its errors file
)

// A Command is what the driver must do; it answers with an event for the same place.
type Command struct {
	Kind     string
	Place    string
	Step     *flow.Step
	Attempt  int           // from 1
	Pause    time.Duration // of Sleep
	Failures []Failure     // of Record
}

// A Failure is an item of a loop that failed.
type Failure struct {
	Item int
	Step string
	Text string
	ZH   string
}

// The states of a whole run.
const (
	Running   = "running"
	Finished  = "done"
	Broken    = "failed"
	Uncertain = "uncertain"
	Question  = "question"
	Approval  = "approval"
	Denied    = "refused"
)

// Options of a step that the machine needs, read once from its call.
type Options struct {
	Retry    int           // further attempts
	Every    time.Duration // between attempts
	Skip     bool          // on_error="skip"
	Errors   bool          // a loop with errors=
	Parallel int           // of a loop; at least 1
}

// A Machine is the state of a run.
type Machine struct {
	flow    *flow.Flow
	options func(*flow.Step) Options
	live    []*task // in the order they began
	byPlace map[string]*task
	status  string
	end     Event              // what ended it
	stalled []func() []Command // what would have followed, had the run not failed meanwhile
	count   int                // events taken
	trace   string             // hash over the events taken
}

type task struct {
	place    string
	step     *flow.Step
	in       *frame
	attempt  int
	intended bool
	sleeping bool
	waits    string // question, approval or uncertain
	loop     *loop
	branch   bool // an if whose branch is being carried out
}

type loop struct {
	n, next, running int
	skip             []int
	failures         []Failure
	recording        bool
}

// A frame is a block being carried out.
type frame struct {
	steps  []*flow.Step
	pc     int
	prefix string
	owner  *task // nil for the whole flow
	item   int
}

// New is the machine of f at its start, and its first commands.
func New(f *flow.Flow, options func(*flow.Step) Options) (*Machine, []Command) {
	m := &Machine{flow: f, options: options, byPlace: map[string]*task{}, status: Running}
	return m, m.advance(&frame{steps: f.Steps})
}

// Place of a step inside a loop names the item: "3[5].1" is step 3.1 for item 5 of loop 3.
func (f *frame) place(s *flow.Step) string {
	if f.owner == nil {
		return s.ID
	}
	return f.prefix + s.ID[len(f.owner.step.ID):]
}

// Status is where the run stands. It is Running while commands are out; when none is, a wait shows.
func (m *Machine) Status() string {
	if m.status != Running || m.Active() > 0 {
		return m.status
	}
	best := m.status
	rank := []string{Running, Approval, Question, Uncertain}
	for _, t := range m.live {
		if slices.Index(rank, t.waits) > slices.Index(rank, best) {
			best = t.waits
		}
	}
	return best
}

// Over reports whether the run has ended for good: done or refused. One that failed can be
// resumed: what failed is tried again.
func (m *Machine) Over() bool { return m.status == Finished || m.status == Denied }

// End is the event that ended the run.
func (m *Machine) End() Event { return m.end }

// Active is the number of commands whose event has not come.
func (m *Machine) Active() int {
	n := 0
	for _, t := range m.live {
		if t.waiting() {
			continue
		}
		n++
	}
	return n
}

// waiting reports whether no command is out for t itself.
func (t *task) waiting() bool {
	return t.waits != "" || t.branch || t.loop != nil && !t.loop.recording
}

// Waiting is the places that wait, and for what, in order.
func (m *Machine) Waiting() (places, kinds []string) {
	for _, t := range m.live {
		if t.waits != "" {
			places, kinds = append(places, t.place), append(kinds, t.waits)
		}
	}
	return places, kinds
}

// Hash is the same for machines that took the same events and are in the same state.
func (m *Machine) Hash() string {
	var b strings.Builder
	fmt.Fprintln(&b, m.status, m.count, m.trace)
	for _, t := range m.live {
		fmt.Fprintln(&b, t.place, t.attempt, t.intended, t.sleeping, t.waits, t.branch)
		if t.loop != nil {
			fmt.Fprintln(&b, t.loop.n, t.loop.next, t.loop.running, t.loop.skip, t.loop.failures)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// advance starts the next step of f, or ends f.
func (m *Machine) advance(f *frame) []Command {
	if m.status == Broken {
		m.stalled = append(m.stalled, func() []Command { return m.advance(f) })
	}
	for m.status == Running {
		if f.pc >= len(f.steps) {
			return m.leave(f)
		}
		s := f.steps[f.pc]
		f.pc++
		if s.Kind == flow.TriggerStep {
			continue
		}
		t := &task{place: f.place(s), step: s, in: f, attempt: 1}
		m.live = append(m.live, t)
		m.byPlace[t.place] = t
		return []Command{t.command(Run)}
	}
	return nil
}

func (t *task) command(kind string) Command {
	return Command{Kind: kind, Place: t.place, Step: t.step, Attempt: t.attempt}
}

// leave ends a block: the flow, a branch, or an item of a loop.
func (m *Machine) leave(f *frame) []Command {
	if f.owner == nil {
		m.status = Finished
		return nil
	}
	if f.owner.step.Kind == flow.EachStep {
		f.owner.loop.running--
		return m.iterate(f.owner)
	}
	return m.complete(f.owner)
}

// complete takes t off and goes on after it.
func (m *Machine) complete(t *task) []Command {
	m.drop(t)
	return m.advance(t.in)
}

func (m *Machine) drop(t *task) {
	delete(m.byPlace, t.place)
	m.live = slices.DeleteFunc(m.live, func(x *task) bool { return x == t })
}

// iterate starts items of t's loop as far as it may, or ends the loop.
func (m *Machine) iterate(t *task) []Command {
	l := t.loop
	var out []Command
	if m.status == Broken {
		m.stalled = append(m.stalled, func() []Command { return m.iterate(t) })
		return nil
	}
	for m.status == Running && l.next < l.n && l.running < max(1, m.options(t.step).Parallel) {
		i := l.next
		l.next++
		if _, skip := slices.BinarySearch(l.skip, i); skip {
			continue
		}
		l.running++
		before := len(out)
		out = append(out, m.advance(&frame{steps: t.step.Body, prefix: fmt.Sprintf("%s[%d]", t.place, i), owner: t, item: i})...)
		if len(out) == before { // an empty body
			continue
		}
	}
	if l.running > 0 || l.next < l.n || m.status != Running {
		return out
	}
	if m.options(t.step).Errors && !l.recording {
		l.recording = true
		c := t.command(Record)
		slices.SortFunc(l.failures, func(a, b Failure) int { return a.Item - b.Item })
		c.Failures = l.failures
		return append(out, c)
	}
	return append(out, m.complete(t)...)
}

// place of the step of a loop's item, for messages.
func (t *task) loopOf() *task {
	for f := t.in; f.owner != nil; f = f.owner.in {
		if f.owner.step.Kind == flow.EachStep {
			return f.owner
		}
	}
	return nil
}

// Holds reports whether something at place, or inside the item that place names ("3[5]"), is under way.
func (m *Machine) Holds(place string) bool {
	for _, t := range m.live {
		if t.place == place || strings.HasPrefix(t.place, place+".") {
			return true
		}
	}
	return false
}

// Places is the places under way, in the order they began.
func (m *Machine) Places() []string {
	out := make([]string, len(m.live))
	for i, t := range m.live {
		out[i] = t.place
	}
	return out
}

// Looping reports whether the loop at place has its items.
func (m *Machine) Looping(place string) bool {
	t := m.byPlace[place]
	return t != nil && t.loop != nil
}

// Items is how many items of the loop at place are over, and how many it has; 0, 0 when it is none.
func (m *Machine) Items(place string) (done, total int) {
	t := m.byPlace[place]
	if t == nil || t.loop == nil {
		return 0, 0
	}
	return t.loop.next - t.loop.running, t.loop.n
}
