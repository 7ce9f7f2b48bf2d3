package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/check"
	"daiban/files"
	"daiban/flow"
	"daiban/journal"
	"daiban/run/machine"
)

// A Stored is a run as the journal holds it, before it is checked again.
type Stored struct {
	ID      string
	Options Options
	Source  string // the flow as planned
	Bound   string // with the names as they were: what is checked again, since the run may have moved what they name
	Actions []string
	Draft   *Draft // of a run that has not started
	entries []journal.Entry
}

// Find reads a run from the journal; id may be the beginning of one.
func (e *Engine) Find(id string) (*Stored, error) {
	id, err := e.Journal.Find(id)
	if err != nil {
		return nil, err
	}
	entries, err := e.Journal.Entries(id)
	if err != nil {
		return nil, err
	}
	s := &Stored{ID: id}
	for i, je := range entries {
		switch je.Kind {
		case kindDraft:
			s.Draft = &Draft{}
			if err := json.Unmarshal(je.Body, s.Draft); err != nil {
				return nil, fmt.Errorf("run %s: %w", id, err)
			}
			s.Options, s.Source = s.Draft.Options, s.Draft.Flow
		case kindStart:
			var b begun
			if err := json.Unmarshal(je.Body, &b); err != nil {
				return nil, fmt.Errorf("run %s: %w", id, err)
			}
			return &Stored{ID: id, Options: b.Options, Source: b.Flow, Bound: b.Bound, Actions: b.Actions, entries: entries[i+1:]}, nil
		}
	}
	if s.Draft == nil {
		return nil, fmt.Errorf("run %s: its record does not begin with a flow", id)
	}
	return s, nil
}

// open replays a stored run. c is its flow, checked again.
func (e *Engine) open(s *Stored, c *check.Checked) (*driver, error) {
	d, err := e.newDriver(s.ID, c, s.Options)
	if err != nil {
		return nil, err
	}
	d.out.Source = s.Source
	d.known = true
	if err := d.replay(s.entries); err != nil {
		d.close()
		return nil, fmt.Errorf("run %s: %w", s.ID, err)
	}
	return d, nil
}

// replay takes the events of the journal, without doing anything.
func (d *driver) replay(entries []journal.Entry) error {
	d.replaying = true
	defer func() { d.replaying = false }()
	for _, je := range entries {
		switch je.Kind {
		case kindEnd, journal.Released:
			continue
		case kindUndone:
			var u undone
			if err := json.Unmarshal(je.Body, &u); err != nil {
				return err
			}
			d.markUndone(u)
			continue
		}
		e := &entry{}
		if err := json.Unmarshal(je.Body, e); err != nil {
			return err
		}
		e.Kind = je.Kind
		if e.Value != nil {
			v, err := d.load(e.Value)
			if err != nil {
				return err
			}
			e.val, e.hasVal = v, true
		}
		if _, err := d.m.Take(e.Event); err != nil { // first: it knows whether the place is one
			return err
		}
		d.absorb(e)
		d.endItem(e)
	}
	return d.rekey()
}

// rekey computes the business keys of the loops that are under way.
func (d *driver) rekey() error {
	for _, place := range d.m.Places() {
		s := d.f.Step(stepOf(place))
		if s.Kind != flow.EachStep || s.Call.Arg("key") == nil || !d.m.Looping(place) {
			continue
		}
		sc, err := d.scopeOf(prefixOf(place), true)
		if err != nil {
			return err
		}
		v, err := flow.Eval(s.Expr, view{sc, d.e.Now()})
		if err != nil {
			return err
		}
		items, err := itemsOf(v)
		if err != nil {
			return err
		}
		if d.keys[place], err = d.itemKeys(machine.Command{Place: place, Step: s}, items); err != nil {
			return err
		}
	}
	return nil
}

// Show is where a stored run stands, without doing anything.
func (e *Engine) Show(s *Stored, c *check.Checked) (*Outcome, error) {
	d, err := e.open(s, c)
	if err != nil {
		return nil, err
	}
	defer d.stop()
	out := d.outcome()
	d.lastTimes(s.entries, out)
	if out.Status == machine.Running {
		out.Status, out.Error = "failed", d.underWay()
	}
	return out, nil
}

// underWay is why a run has neither ended nor waits: another process is at it, or was killed.
func (d *driver) underWay() *Fault {
	if d.lock() != nil {
		return &Fault{Kind: "running", ZH: "另一个进程正在办", EN: "another process is at it"}
	}
	unlock(d.lockF)
	d.lockF = nil
	return interrupted(d.id)
}

func interrupted(id string) *Fault {
	return &Fault{Kind: "interrupted", ZH: "运行被打断；用 daiban resume " + id + " 接着办", EN: "the run was interrupted; go on with daiban resume " + id}
}

// stop lets go of what open and the steps hold, and leaves the disk alone.
func (d *driver) stop() {
	if !d.shared {
		d.sessions.close()
	}
	for _, p := range d.pulls {
		p.stop()
	}
}

// lastTimes takes start and duration from the record.
func (d *driver) lastTimes(entries []journal.Entry, out *Outcome) {
	if len(entries) == 0 {
		return
	}
	out.Started = entries[0].At
	out.Seconds = 0
	for _, e := range entries {
		var end struct{ Seconds float64 }
		if e.Kind == kindEnd && json.Unmarshal(e.Body, &end) == nil {
			out.Seconds += end.Seconds
		}
	}
}

// An Input is what a person gives to a run that waits.
type Input struct {
	Answers map[string]string
	Approve bool // everything that waits for approval
	Yes     bool // the same, and no mistake when nothing waits: approvals are given as they come
	Reject  bool
}

// Resume goes on with a run: after a stop, or with what it waited for. c is its flow, checked again.
func (e *Engine) Resume(ctx context.Context, s *Stored, c *check.Checked, in Input) (*Outcome, error) {
	d, err := e.open(s, c)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if err := d.lock(); err != nil {
		return nil, err
	}
	if len(d.undone) > 0 || d.m.Over() {
		return d.outcome(), ErrOver
	}
	if err := d.input(in); err != nil {
		return d.outcome(), err
	}
	if err := d.event(&entry{Event: machine.Event{Kind: machine.Resumed}, Now: e.Now()}); err != nil {
		return nil, err
	}
	return d.drive(ctx)
}

// input takes what the person gives. Nothing is taken when part of it fits nowhere.
func (d *driver) input(in Input) error {
	ids := map[string]bool{}
	for _, q := range d.out.Questions {
		ids[q.ID] = true
	}
	for id, text := range in.Answers {
		if !ids[id] {
			return fmt.Errorf("%s: %w", id, ErrNothing)
		}
		if err := d.fits(id, text); err != nil {
			return err
		}
	}
	d.o.Yes, d.granted = d.o.Yes || in.Yes, d.granted || in.Yes
	places, kinds := d.m.Waiting()
	taken := 0
	for i, place := range places {
		q := d.question(place)
		answer, answered := in.Answers[q.ID]
		approval := kinds[i] == machine.Approval
		switch {
		case approval && (in.Reject || answered && answer == "no"):
			if err := d.event(&entry{Event: denial(place, q), Now: d.e.Now()}); err != nil {
				return err
			}
			return nil
		case approval && (in.Approve || in.Yes || answered && answer == "yes"):
			answer = "yes"
		case !answered:
			continue
		}
		taken++
		e := &entry{Event: machine.Event{Kind: machine.Answered, Place: place, Branch: answer == "yes", Text: q.ID}, Answer: answer, Now: d.e.Now()}
		if err := d.event(e); err != nil {
			return err
		}
	}
	if taken == 0 && (in.Approve || in.Reject || len(in.Answers) > 0) {
		return ErrNothing
	}
	d.cmds = nil // Resumed gives them again
	return nil
}

// fits reports an answer that is none of the choices of its question.
func (d *driver) fits(id, text string) error {
	for _, q := range d.out.Questions {
		if q.ID == id && q.Approval && text != "yes" && text != "no" {
			return action.Bad("%s 用 yes 或 no 回答", "%s is answered yes or no", id)
		}
		if q.ID == id && len(q.Choices) > 0 && !slices.Contains(q.Choices, text) {
			list := strings.Join(q.Choices, " | ")
			return action.Bad("%s 只能选：%s", "%s must be one of: %s", id, list)
		}
	}
	return nil
}

func (d *driver) question(place string) Question {
	for _, q := range d.out.Questions {
		if placeOfID(q.ID) == place {
			return q
		}
	}
	return Question{ID: place + ".answer"}
}

// recover finds out what became of an effect whose intent is on disk and whose outcome is not.
func (d *driver) recover(ctx context.Context, c machine.Command, sc view) (*entry, error) {
	d.mu.Lock()
	in := d.intents[c.Place]
	d.mu.Unlock()
	if in == nil {
		return nil, action.Bad("记录里没有这一步的意图", "the record has no intent of this step")
	}
	if !in.Until.IsZero() {
		return d.waitUntil(ctx, c, in.Until)
	}
	if err := files.Finish(in.Ops); err != nil {
		return d.recoverOps(c, in, err)
	}
	done := &entry{Event: machine.Event{Kind: machine.Done, Place: c.Place}, val: in.val, hasVal: true,
		Notes: []Note{{c.Step.ID, "info", "接着上次中断的地方办完", "finished what the last process had begun"}}}
	if in.Planned == nil {
		return done, nil
	}
	return d.recoverEffect(ctx, c, sc, in, done)
}

// recoverOps decides when the files are neither as before nor as after.
func (d *driver) recoverOps(c machine.Command, in *entry, err error) (*entry, error) {
	err = d.explainOp(err)
	done := 0
	for i := range in.Ops {
		if ok, _, perr := in.Ops[i].Probe(); perr == nil && ok {
			done++
		}
	}
	if done == 0 && !isChanged(err) {
		return nil, err
	}
	return d.doubt(c, err, nil), nil
}

// recoverEffect does again what may be done again, asks the world where it can be asked, and else says
// that nobody can tell.
func (d *driver) recoverEffect(ctx context.Context, c machine.Command, sc view, in, done *entry) (*entry, error) {
	a := d.e.Actions.Find(c.Step.Call.Name)
	args, err := action.Evaluate(a, c.Step.Call, sc)
	if err != nil {
		return nil, err
	}
	v := d.newView(c.Place, c.Attempt)
	defer v.Close()
	e := &entry{}
	call := d.call(job{ctx, c, sc, a, args}, v, e)
	call.Key = in.Planned.Key
	call.Now = in.Now
	switch action.Again(in.Planned.Again) {
	case action.Same, action.Keyed:
	case action.Probed:
		if a.Probe == nil {
			return d.doubt(c, errUnknown(in), nil), nil
		}
		happened, known, err := a.Probe(call, args)
		switch {
		case err != nil || !known:
			return d.doubt(c, errUnknown(in), nil), nil
		case happened:
			return done, nil
		}
	default:
		return d.doubt(c, errUnknown(in), nil), nil
	}
	val, err := a.Run(call, args)
	if err != nil {
		return nil, err
	}
	p := call.Effect()
	if p == nil {
		done.Memo = e.Memo
		return done, nil
	}
	out, err := p.Do()
	done.Memo, done.Evidence = e.Memo, e.Evidence
	switch {
	case err != nil && isDoubt(err):
		return d.doubt(c, err, e), nil
	case err != nil:
		return e, err
	case !out.IsNull():
		val = out
	}
	done.val = d.clean(val)
	return done, nil
}

func errUnknown(in *entry) error {
	target := ""
	if n := len(in.Effects); n > 0 {
		target = in.Effects[n-1].Target
	}
	at := in.Now.Format("2006-01-02 15:04:05")
	return action.Doubt("程序在 %s 发往“%s”时中断，没有回音", "the process ended at %s while it reached out to “%s”; no answer came back", at, target)
}
