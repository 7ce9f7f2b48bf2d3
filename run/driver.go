package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"daiban/action"
	"daiban/check"
	"daiban/files"
	"daiban/flow"
	"daiban/journal"
	"daiban/run/machine"
)

// The kinds of entries beside the machine's events.
const (
	kindStart  = "start"  // the flow and its options
	kindUndone = "undone" // an effect was taken back, or could not be
	kindEnd    = "end"    // where the run stands; more than one when it waited
)

// entry is one event as the journal holds it: what the machine needs, and what else is known.
type entry struct {
	machine.Event
	Now      time.Time       `json:"now,omitzero"`
	Attempt  int             `json:"attempt,omitempty"`
	Seconds  float64         `json:"seconds,omitempty"`
	Value    *stored         `json:"value,omitempty"`
	Notes    []Note          `json:"notes,omitempty"`
	Ops      []files.Op      `json:"ops,omitempty"`
	Effects  []Effect        `json:"effects,omitempty"`
	Planned  *planned        `json:"planned,omitempty"`
	Until    time.Time       `json:"until,omitzero"` // of a wait
	Question *Question       `json:"question,omitempty"`
	Answer   string          `json:"answer,omitempty"`
	Memo     json.RawMessage `json:"memo,omitempty"` // for later steps of the family
	Evidence []evidence      `json:"evidence,omitempty"`

	val    flow.Value
	hasVal bool
	tables []*builder // that its action started
}

// planned is an effect outside the files, as the intent tells it.
type planned struct {
	Key    string `json:"key"`
	Action string `json:"action,omitempty"`
	Again  uint8  `json:"again"`
	Made   string `json:"made,omitempty"`
}

// begun is the first entry of a run.
type begun struct {
	Options Options  `json:"options"`
	Flow    string   `json:"flow"`  // as planned
	Bound   string   `json:"bound"` // with the names as they are
	Actions []string `json:"actions"`
}

// driver carries out one run in this process.
type driver struct {
	e        *Engine
	id       string
	c        *check.Checked
	o        Options
	f        *flow.Flow
	live     *liveness
	hash     string // of the flow
	space    *files.Space
	net      action.Network
	sessions *sessions
	shared   bool   // the sessions are the parent's
	work     string // the run's folder in the home
	lockF    *os.File

	mu        sync.Mutex // all below
	m         *machine.Machine
	cmds      []machine.Command
	root      *scope
	items     map[string]*scope
	pulls     map[string]*puller
	keys      map[string][]string // loop place -> business key of each item
	intents   map[string]*entry
	planned   map[string]int // place -> its first effect in out.Effects
	buffer    []journal.Record
	pending   []*entry // of buffer, same places
	out       Outcome
	steps     map[string]int // place -> index in out.Steps
	granted   bool           // sends are approved
	answers   map[string]string
	undone    map[string]bool
	noted     map[Note]bool
	memos     map[string][]json.RawMessage // family -> what its steps wrote
	wrote     map[string]string            // target -> place that wrote it last
	sizes     map[string]int               // loop place -> number of items
	replaying bool
	over      *files.View // of a preview
	lent      []string    // of a preview: folders of the flows that it ran
	nViews    int

	flushMu sync.Mutex
	broken  atomic.Bool // the journal cannot be written any more
	fault   error       // why; under flushMu
	known   bool        // the journal has the run; under flushMu
}

func (e *Engine) newDriver(id string, c *check.Checked, o Options) (*driver, error) {
	space, err := files.NewSpace(o.Dir, o.Grants...)
	if err != nil {
		return nil, err
	}
	work, err := e.workDir(id, o)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(flow.Print(c.Flow())))
	d := &driver{e: e, id: id, c: c, o: o, f: c.Flow(), live: live(c.Flow()), hash: hex.EncodeToString(sum[:]), space: space, work: work,
		items: map[string]*scope{}, pulls: map[string]*puller{}, keys: map[string][]string{}, intents: map[string]*entry{}, planned: map[string]int{}, steps: map[string]int{},
		answers: map[string]string{}, undone: map[string]bool{}, noted: map[Note]bool{}, memos: map[string][]json.RawMessage{}, wrote: map[string]string{}, sizes: map[string]int{}, granted: o.Yes || o.Preview}
	for k, v := range o.Answers {
		d.answers[k] = v
	}
	d.net = e.reach(c.Hosts(), o.Grants)
	if d.sessions, d.shared = e.sessions, e.sessions != nil; !d.shared {
		d.sessions = &sessions{}
	}
	d.root = d.newScope(nil)
	if len(o.Event) > 0 {
		d.root.vars["event"] = eventValue(o.Event)
	}
	d.out = Outcome{Run: id, Options: o, Source: c.Source(), Started: e.Now()}
	d.m, d.cmds = machine.New(d.f, d.options)
	return d, nil
}

// workDir is the run's folder in the home; a preview's is temporary.
func (e *Engine) workDir(id string, o Options) (string, error) {
	if o.Preview {
		return os.MkdirTemp("", "daiban-preview-")
	}
	dir := filepath.Join(e.Journal.Home(), "runs", id)
	return dir, os.MkdirAll(dir, 0o700)
}

func (d *driver) close() {
	d.stop()
	if d.lockF != nil {
		unlock(d.lockF) // the file stays: removed, two processes could hold two of it
	}
	if d.o.Preview {
		os.RemoveAll(d.work)
		for _, dir := range d.lent {
			os.RemoveAll(dir)
		}
		return
	}
	if d.m.Over() && !d.broken.Load() {
		os.RemoveAll(filepath.Join(d.work, "steps"))
	}
}

const lockName = "lock"

func (d *driver) lock() error {
	f, err := lock(filepath.Join(d.work, lockName))
	var pe *os.PathError
	if errors.As(err, &pe) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d.id, ErrBusy)
	}
	d.lockF = f
	return nil
}

// begin records what is about to be run.
func (d *driver) begin() {
	d.add(kindStart, begun{d.o, d.c.Source(), flow.Print(d.f), d.c.Actions()})
}

// options of a step, from its call.
func (d *driver) options(s *flow.Step) machine.Options {
	o := machine.Options{Parallel: 1}
	if s.Call == nil {
		return o
	}
	if s.Kind == flow.EachStep {
		o.Errors = s.Call.Arg("errors") != nil
		if !d.o.Preview && !d.alone(s) { // what a preview shows has one order
			o.Parallel = min(max(1, literalInt(s.Call, "parallel", 1)), 64)
		}
		return o
	}
	if s.Kind != flow.DoStep {
		return o
	}
	o.Retry = literalInt(s.Call, "retry", 0)
	o.Every = literalDuration(s.Call, "every")
	o.Skip = literalText(s.Call, "on_error") == "skip"
	return o
}

func literalInt(c *flow.Call, name string, or int) int {
	if a := c.Arg(name); a != nil {
		if l, ok := a.Value.(*flow.Lit); ok {
			if n, ok := l.Value.Number().Int64(); ok && n >= 0 && n < 1<<20 {
				return int(n)
			}
		}
	}
	return or
}

func literalText(c *flow.Call, name string) string {
	if a := c.Arg(name); a != nil {
		if l, ok := a.Value.(*flow.Lit); ok {
			return l.Value.Text()
		}
	}
	return ""
}

func literalDuration(c *flow.Call, name string) time.Duration {
	d, _ := flow.ParseDuration(literalText(c, name))
	return d
}

// add puts a record into the buffer; it is on disk after flush.
func (d *driver) add(kind string, body any) {
	if d.o.Preview {
		return
	}
	r := journal.Record{Run: d.id, Kind: kind, Body: body}
	e, _ := body.(*entry)
	d.buffer = append(d.buffer, r)
	d.pending = append(d.pending, e)
}

// event takes e into the state, the outcome and the buffer, and gives the commands that follow.
func (d *driver) event(e *entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	cmds, err := d.m.Take(e.Event)
	if err != nil {
		return err
	}
	d.absorb(e)
	d.add(e.Kind, e)
	d.cmds = append(d.cmds, cmds...)
	d.endItem(e)
	return nil
}

// flush returns once everything in the buffer is on disk. Values that a later step reads go with it.
func (d *driver) flush() error {
	if d.o.Preview {
		return nil
	}
	d.flushMu.Lock()
	defer d.flushMu.Unlock()
	if d.fault == nil {
		if d.fault = d.write(); d.fault != nil {
			d.broken.Store(true)
		}
	}
	return d.fault
}

// write puts the buffer on disk. Once it has failed, entries are missing, and none may follow.
func (d *driver) write() error {
	d.mu.Lock()
	buffer, pending := d.buffer, d.pending
	d.buffer, d.pending = nil, nil
	d.mu.Unlock()
	for _, e := range pending {
		if e == nil || !e.hasVal {
			continue
		}
		s, err := d.store(e)
		if err != nil {
			return err
		}
		e.Value = s
	}
	if err := d.maskAll(buffer); err != nil {
		return err
	}
	if err := d.e.Journal.Append(buffer...); err != nil {
		return err
	}
	d.known = true
	return nil
}

// unrecorded is the end of a run whose record cannot be written any more.
func (d *driver) unrecorded(err error) error {
	if !d.known {
		return &Unrecorded{Err: err}
	}
	return &Unrecorded{d.id, err}
}

// drive carries out commands until none is left: the run has ended, or waits.
func (d *driver) drive(ctx context.Context) (*Outcome, error) {
	results := make(chan *entry)
	active := 0
	for {
		for _, c := range d.takeCommands() {
			sc, err := d.prepare(c)
			active++
			go func() {
				if err != nil {
					results <- d.failure(c, err)
					return
				}
				results <- d.perform(ctx, c, sc)
			}()
		}
		if active == 0 {
			break
		}
		e := <-results
		active--
		if e == nil || d.broken.Load() { // interrupted: the next process finds out
			continue
		}
		if err := d.event(e); err != nil {
			return nil, err
		}
	}
	if d.broken.Load() {
		return nil, d.unrecorded(d.flush())
	}
	if err := ctx.Err(); err != nil && d.m.Status() == machine.Running {
		if ferr := d.flush(); ferr != nil {
			return nil, d.unrecorded(ferr)
		}
		out := d.outcome()
		out.Status = "failed"
		out.Error = interrupted(d.id)
		return out, nil
	}
	return d.finish()
}

// takeCommands is the commands that wait to be carried out.
func (d *driver) takeCommands() []machine.Command {
	if d.broken.Load() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	cmds := d.cmds
	d.cmds = nil
	return cmds
}

// finish records where the run stands.
func (d *driver) finish() (*Outcome, error) {
	d.mu.Lock()
	out := d.outcome()
	body := map[string]any{"status": out.Status, "seconds": out.Seconds}
	if s := d.show(out.Result); s != "" {
		body["result"] = s
	}
	d.add(kindEnd, body)
	d.mu.Unlock()
	if err := d.flush(); err != nil {
		return nil, d.unrecorded(err)
	}
	return out, nil
}

// failure is the event of an error at c.
func (d *driver) failure(c machine.Command, err error) *entry {
	kind, zh, en := d.explain(err)
	return &entry{Event: machine.Event{Kind: machine.Failed, Place: c.Place, Problem: kind, ZH: zh, Text: en}, Now: d.e.Now(), Attempt: c.Attempt}
}

var errInterrupted = errors.New("interrupted")
