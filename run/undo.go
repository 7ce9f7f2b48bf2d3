package run

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"daiban/action"
	"daiban/check"
	"daiban/files"
	"daiban/flow"
	"daiban/journal"
	"daiban/run/machine"
)

// undone is the entry of an effect that was taken back, or could not be.
type undone struct {
	Place string `json:"place"`
	ZH    string `json:"zh,omitempty"` // why not
	EN    string `json:"en,omitempty"`
}

func (d *driver) markUndone(u undone) {
	d.undone[u.Place] = u.EN == ""
	for i := range d.out.Effects {
		x := &d.out.Effects[i]
		if x.Place != u.Place || x.State != "done" {
			continue
		}
		if u.EN == "" && x.Class == "write" {
			x.State = "undone"
		}
	}
	if u.EN != "" {
		d.out.Notes = append(d.out.Notes, Note{stepOf(u.Place), "warning", u.ZH, u.EN})
	}
}

// Undo takes back the writes of a run, the last first. What somebody has changed since stays, and is
// said; what was sent cannot be taken back, and is said.
func (e *Engine) Undo(s *Stored, c *check.Checked) (*Outcome, error) {
	d, err := e.open(s, c)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if err := d.lock(); err != nil {
		return nil, err
	}
	under, err := e.Journal.Under(s.ID + childMark)
	if err != nil {
		return nil, err
	}
	intents := allIntents(s, under)
	conflicts := 0
	before := maps.Clone(d.undone)
	for _, in := range slices.Backward(intents) {
		if before[in.Place] {
			continue
		}
		u := d.undo(in)
		if u == nil {
			continue
		}
		if u.EN != "" {
			conflicts++
		}
		d.mu.Lock()
		d.markUndone(*u)
		d.add(kindUndone, u)
		d.mu.Unlock()
		if err := d.flush(); err != nil {
			return nil, err
		}
	}
	out := d.outcome()
	if err := d.release(out, conflicts); err != nil {
		return nil, err
	}
	d.lastTimes(s.entries, out)
	out.Status, out.Error, out.Questions, out.Undone = "done", nil, nil, true
	if conflicts > 0 {
		out.Status = "failed"
		out.Error = &Fault{Kind: "changed", ZH: "有的改动没有撤回，因为后来又被改过", EN: "some changes were not taken back, because they were changed since"}
	}
	for _, x := range out.Effects {
		if x.Class == "send" && x.State == "done" {
			out.Notes = append(out.Notes, Note{x.Step, "warning", "已经发出的收不回来：" + x.Target, "what was sent cannot be taken back: " + x.Target})
		}
	}
	return out, nil
}

// release lets the items of a run that was taken back whole be done again.
func (d *driver) release(out *Outcome, conflicts int) error {
	sent := slices.ContainsFunc(out.Effects, func(x Effect) bool { return x.Class == "send" && x.State != "planned" })
	if conflicts > 0 || sent || !d.keyed() {
		return nil
	}
	d.mu.Lock()
	d.add(journal.Released, struct{}{})
	d.mu.Unlock()
	return d.flush()
}

// keyed reports whether the flow has a loop with a business key.
func (d *driver) keyed() bool {
	found := false
	d.f.Walk(func(s *flow.Step) bool {
		found = found || s.Kind == flow.EachStep && s.Call.Arg("key") != nil
		return !found
	})
	return found
}

// allIntents is the intents that took effect, of the run and the flows that it ran, in order. Those of
// the latter count for the step that ran them.
func allIntents(s *Stored, under []journal.Entry) []*entry {
	entries := append(slices.Clone(s.entries), under...)
	slices.SortFunc(entries, func(a, b journal.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	type where struct{ run, place string }
	at := map[*entry]where{}
	var out []*entry
	for _, je := range entries {
		e := decode(je)
		if e == nil {
			continue
		}
		here := where{je.Run, e.Place}
		switch je.Kind {
		case machine.Intended:
			out = append(out, e)
			at[e] = here
		case machine.Failed: // its changes were rolled back
			out = slices.DeleteFunc(out, func(x *entry) bool { return at[x] == here })
		}
	}
	for e, w := range at {
		if rest, ok := strings.CutPrefix(w.run, s.ID+childMark); ok {
			e.Place, _, _ = strings.Cut(rest, childMark)
		}
	}
	return out
}

// undo takes one intent back; nil when there is nothing to take back.
func (d *driver) undo(in *entry) *undone {
	u := &undone{Place: in.Place}
	var first error
	keep := func(err error) {
		if err != nil && first == nil {
			first = err
		}
	}
	for i := len(in.Ops) - 1; i >= 0; i-- {
		done, _, err := in.Ops[i].Probe()
		if in.Ops[i].Do == files.Mkdir && !done {
			continue
		}
		if err == nil {
			err = in.Ops[i].Undo()
		}
		if in.Ops[i].Do == files.Mkdir && errors.Is(err, files.ErrChanged) {
			continue // somebody put something into the folder: it stays
		}
		keep(err)
	}
	taken := d.takeBack(in)
	if taken != nil {
		keep(taken())
	}
	if in.Planned != nil && in.Planned.Made != "" {
		if err := os.Remove(in.Planned.Made); err != nil && !os.IsNotExist(err) {
			keep(err)
		}
	}
	if first != nil {
		err := d.explainOp(first)
		u.ZH, u.EN = action.Explain(err, "zh"), action.Explain(err, "en")
	} else if len(in.Ops) == 0 && taken == nil && (in.Planned == nil || in.Planned.Made == "") {
		return nil
	}
	return u
}

// takeBack is how the action of in takes its effect back by itself; nil where it does not.
func (d *driver) takeBack(in *entry) func() error {
	if in.Planned == nil {
		return nil
	}
	a := d.e.Actions.Find(in.Planned.Action)
	if a == nil || a.Undo == nil {
		return nil
	}
	return func() error {
		c := machine.Command{Place: in.Place, Step: &flow.Step{ID: stepOf(in.Place)}}
		v := d.newView(in.Place, 0)
		defer v.Close()
		return a.Undo(d.call(job{context.Background(), c, view{d.root, d.e.Now()}, a, nil}, v, &entry{}), in.Planned.Key)
	}
}

func decode(je journal.Entry) *entry {
	e := &entry{}
	if json.Unmarshal(je.Body, e) != nil || e.Place == "" {
		return nil
	}
	e.Kind = je.Kind
	return e
}

func isChanged(err error) bool { return errors.Is(err, files.ErrChanged) }
