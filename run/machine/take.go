package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daiban/flow"
)

// ErrUnexpected is an event that does not fit the state: a broken record.
type ErrUnexpected struct{ Event Event }

func (e *ErrUnexpected) Error() string {
	return fmt.Sprintf("event %s at %q does not fit the state of the run", e.Event.Kind, e.Event.Place)
}

// retryPause is the time between attempts when every= is not given.
const retryPause = time.Second

// Take takes an event and gives the commands that follow. After the run has ended, the events
// of what was still under way are taken in silence.
func (m *Machine) Take(e Event) ([]Command, error) {
	m.count++
	m.trace = chain(m.trace, e)
	if e.Kind == Resumed {
		return m.resume(), nil
	}
	t := m.byPlace[e.Place]
	if t == nil {
		if m.status != Running {
			return nil, nil
		}
		return nil, &ErrUnexpected{e}
	}
	cmds, ok := m.take(t, e)
	if !ok {
		return nil, &ErrUnexpected{e}
	}
	return cmds, nil
}

func chain(trace string, e Event) string {
	body, _ := json.Marshal(e)
	sum := sha256.Sum256([]byte(trace + e.Kind + string(body)))
	return hex.EncodeToString(sum[:])
}

func (m *Machine) take(t *task, e Event) (cmds []Command, ok bool) {
	switch e.Kind {
	case Done:
		if t.waiting() {
			return nil, false
		}
		return m.complete(t), true
	case Stopped:
		m.status, m.end = Finished, e
		return nil, true
	case Took:
		if t.step.Kind != flow.IfStep || t.branch {
			return nil, false
		}
		return m.took(t, e.Branch), true
	case Looped:
		if t.step.Kind != flow.EachStep || t.loop != nil {
			return nil, false
		}
		t.loop = &loop{n: e.N, skip: e.Skip}
		return m.iterate(t), true
	case Intended:
		t.intended = true
		return nil, !t.waiting()
	case Failed:
		return m.failed(t, e), true
	case Doubt:
		t.waits = Uncertain
		return nil, true
	case Waits:
		t.waits, t.intended = e.Wait, false
		return nil, true
	case Answered:
		return m.answered(t, e)
	case Refused:
		m.status, m.end = Denied, e
		return nil, t.waits != ""
	case Slept:
		if !t.sleeping {
			return nil, false
		}
		t.sleeping = false
		t.attempt++
		return []Command{t.command(Run)}, true
	}
	return nil, false
}

func (m *Machine) took(t *task, branch bool) []Command {
	steps := t.step.Body
	if !branch {
		steps = t.step.Else
	}
	if len(steps) == 0 {
		return m.complete(t)
	}
	t.branch = true
	return m.advance(&frame{steps: steps, prefix: t.place, owner: t})
}

// answered goes on after a person's word. An uncertain effect that happened is done;
// one that did not is tried again; an answered question runs its step again with the answer at hand.
func (m *Machine) answered(t *task, e Event) ([]Command, bool) {
	was := t.waits
	t.waits = ""
	switch {
	case was == "":
		return nil, false
	case was == Uncertain && e.Branch:
		return m.complete(t), true
	case was == Uncertain:
		t.intended = false
	}
	return []Command{t.command(Run)}, true
}

// hopeless are the kinds of failure that another attempt cannot mend.
var hopeless = []string{"business", "needs", "limit", "outside", "fault"}

func (m *Machine) failed(t *task, e Event) []Command {
	t.intended = false
	o := m.options(t.step)
	switch {
	case t.attempt <= o.Retry && !slices.Contains(hopeless, e.Problem):
		t.sleeping = true
		c := t.command(Sleep)
		if c.Pause = o.Every; c.Pause == 0 {
			c.Pause = retryPause
		}
		return []Command{c}
	case o.Skip && e.Problem != "business":
		return m.complete(t)
	}
	if l := t.loopOf(); l != nil && m.options(l.step).Errors {
		return m.itemFailed(l, t, e)
	}
	m.status, m.end = Broken, e
	return nil
}

// itemFailed ends the item of loop l in which t failed, and goes on with the next.
func (m *Machine) itemFailed(l, t *task, e Event) []Command {
	f := t.in
	for f.owner != l {
		m.drop(f.owner)
		f = f.owner.in
	}
	item := f.item
	prefix := fmt.Sprintf("%s[%d]", l.place, item)
	m.live = slices.DeleteFunc(m.live, func(x *task) bool {
		if !strings.HasPrefix(x.place, prefix+".") {
			return false
		}
		delete(m.byPlace, x.place)
		return true
	})
	l.loop.failures = append(l.loop.failures, Failure{item, t.step.ID, e.Text, e.ZH})
	l.loop.running--
	return m.iterate(l)
}

// resume gives the commands that were out when the last process ended.
func (m *Machine) resume() []Command {
	if m.Over() {
		return nil
	}
	var out []Command
	if m.status == Broken { // the step that failed is still there, and begins anew
		m.status, m.end = Running, Event{}
		stalled := m.stalled
		m.stalled = nil
		live := slices.Clone(m.live)
		for _, f := range stalled {
			f() // their commands are given below, with those of all that is live
		}
		for _, t := range live {
			if !t.waiting() && !t.sleeping && !t.intended {
				t.attempt = 1
			}
		}
	}
	for _, t := range m.live {
		switch {
		case t.waiting():
		case t.sleeping:
			c := t.command(Sleep)
			out = append(out, c)
		case t.loop != nil && t.loop.recording:
			c := t.command(Record)
			if t.intended {
				c.Kind = Recover
			}
			c.Failures = t.loop.failures
			out = append(out, c)
		case t.intended:
			out = append(out, t.command(Recover))
		default:
			out = append(out, t.command(Run))
		}
	}
	return out
}

// Failure tells whether the step at place ended as skipped after e: its value is a failed one.
func Skips(o Options, e Event) bool { return o.Skip && e.Problem != "business" }
