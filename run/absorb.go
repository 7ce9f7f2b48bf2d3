package run

import (
	"slices"
	"strings"

	"daiban/flow"
	"daiban/journal"
	"daiban/run/machine"
)

type blob = journal.Blob

// absorb takes what e tells into the variables and the outcome. The caller holds d.mu.
func (d *driver) absorb(e *entry) {
	if e.Kind == machine.Resumed {
		return
	}
	step := d.f.Step(stepOf(e.Place))
	if step == nil {
		return
	}
	rec := d.record(e)
	for _, n := range e.Notes {
		d.note(n)
	}
	d.overwritten(e)
	d.exhibit(e)
	switch e.Kind {
	case machine.Done, machine.Stopped, machine.Took, machine.Looped:
		rec.Status = "done"
		if e.Kind == machine.Looped {
			rec.Status = "running"
			d.sizes[e.Place] = e.N
			if e.N == 0 {
				rec.Status = "done"
			}
		}
		rec.Value = d.show(e.val)
		if e.Kind == machine.Took {
			rec.Value = flow.Bool(e.Branch).String()
		}
		d.settle(e.Place, "done")
		d.remember(step, e)
		d.assign(step, e)
		d.out.Effects = append(d.out.Effects, e.Effects...) // of a preview, or of a flow that was run
	case machine.Intended:
		d.intents[e.Place] = e
		d.planned[e.Place] = len(d.out.Effects)
		d.out.Effects = append(d.out.Effects, e.Effects...)
	case machine.Failed:
		rec.Status, rec.Text, rec.TextZH = "failed", e.Text, e.ZH
		d.settle(e.Place, "failed")
		if machine.Skips(d.options(step), e.Event) && step.Var != "" {
			rec.Status = "skipped"
			d.bind(e.Place, step.Var, flow.Failed(e.Text))
		}
	case machine.Doubt:
		rec.Status, rec.Text, rec.TextZH = "uncertain", e.Text, e.ZH
		d.settle(e.Place, "uncertain")
		d.ask(e)
	case machine.Waits:
		rec.Status = "waiting"
		d.ask(e)
	case machine.Answered:
		d.answered(step, e)
	case machine.Refused:
		rec.Status, rec.Text, rec.TextZH = "refused", e.Text, e.ZH
	}
}

// note adds n, once: a loop says the same of every item.
func (d *driver) note(n Note) {
	if !d.noted[n] {
		d.noted[n] = true
		d.out.Notes = append(d.out.Notes, n)
	}
}

// overwritten warns when an item of a loop replaces the file that an earlier item of the same loop wrote: two
// rows with one name. The trash keeps the first, but nobody would look there.
func (d *driver) overwritten(e *entry) {
	for _, x := range e.Effects {
		change, _ := x.Detail["change"].(string)
		if x.Class != "write" || change != "created" && change != "replaced" || strings.HasSuffix(x.Action, ".append") {
			continue
		}
		before, again := d.wrote[x.Target]
		d.wrote[x.Target] = e.Place
		if again && before != e.Place && stepOf(before) == stepOf(e.Place) {
			d.note(Note{stepOf(e.Place), "warning", "“" + x.Target + "”写了不止一次：后一项盖掉了前一项，名字里可能要加能区分的列",
				"“" + x.Target + "” was written more than once: a later item replaced an earlier one; its name may need a column that tells them apart"})
		}
	}
}

// ask adds the question that e brings.
func (d *driver) ask(e *entry) {
	if e.Question != nil {
		d.out.Questions = slices.DeleteFunc(d.out.Questions, func(q Question) bool { return q.ID == e.Question.ID }) // asked again
		d.out.Questions = append(d.out.Questions, *e.Question)
	}
}

// record is the line of show for e's place.
func (d *driver) record(e *entry) *StepRecord {
	i, ok := d.steps[e.Place]
	if !ok {
		if len(d.out.Steps) >= stepsMax {
			return &StepRecord{}
		}
		i = len(d.out.Steps)
		d.steps[e.Place] = i
		d.out.Steps = append(d.out.Steps, StepRecord{Place: e.Place, Step: stepOf(e.Place), At: e.Now, Status: "running"})
	}
	r := &d.out.Steps[i]
	r.Attempt = max(r.Attempt, e.Attempt)
	r.Seconds += e.Seconds
	return r
}

// stepsMax bounds the lines of show.
const stepsMax = 20000

// settle gives the effects at place that were planned their state.
func (d *driver) settle(place, state string) {
	if d.o.Preview {
		return
	}
	for i := d.planned[place]; i < len(d.out.Effects) && d.out.Effects[i].Place == place; i++ {
		if x := &d.out.Effects[i]; x.State == "planned" || x.State == "uncertain" {
			x.State = state
		}
	}
	if state == "failed" {
		delete(d.intents, place)
	}
}

// showEffects is the effects that happened, are planned or may have happened.
func showEffects(all []Effect) []Effect {
	var out []Effect
	for _, x := range all {
		if x.State != "failed" { // it was taken back at once
			out = append(out, x)
		}
	}
	return out
}

// assign gives the step's variable its value, and remembers the last value.
func (d *driver) assign(step *flow.Step, e *entry) {
	if !e.hasVal || step == nil || step.Kind == flow.EachStep {
		return
	}
	if prefixOf(e.Place) == "" {
		d.out.Result = e.val
	}
	if step.Var != "" {
		d.bind(e.Place, step.Var, e.val)
	}
}

func (d *driver) bind(place, name string, v flow.Value) {
	if sc, err := d.scopeOf(prefixOf(place), false); err == nil {
		sc.set(name, v)
	}
}

// answered takes a person's word into the state.
func (d *driver) answered(step *flow.Step, e *entry) {
	for i, q := range d.out.Questions {
		if placeOfID(q.ID) == e.Place {
			d.out.Questions = slices.Delete(d.out.Questions, i, i+1)
			d.answers[q.ID] = e.Answer
			break
		}
	}
	if strings.HasSuffix(e.Text, ".send") {
		d.granted = true
	}
	if !e.Branch || !strings.HasSuffix(e.Text, ".happened") {
		if strings.HasSuffix(e.Text, ".happened") {
			d.settle(e.Place, "failed")
		}
		return
	}
	d.settle(e.Place, "done")
	if in := d.intents[e.Place]; in != nil && step.Var != "" {
		d.bind(e.Place, step.Var, in.val)
	}
}

// placeOfID is the place of a question's id: "3[5].1" of "3[5].1.happened".
func placeOfID(id string) string { return id[:max(0, strings.LastIndexByte(id, '.'))] }

// outcome is where the run stands. The caller holds d.mu, or nobody else runs.
func (d *driver) outcome() *Outcome {
	out := d.out
	out.Seconds = d.e.Now().Sub(out.Started).Seconds()
	out.Status = d.m.Status()
	if d.o.Preview && out.Status == machine.Finished {
		out.Status = "preview"
	}
	end := d.m.End()
	switch out.Status {
	case machine.Broken:
		out.Error = &Fault{stepOf(end.Place), end.Problem, end.ZH, end.Text}
		if d.o.Preview && end.Problem == "unforeseen" {
			out.Status, out.Error = "preview", nil
			out.Notes = append(out.Notes, Note{stepOf(end.Place), "warning", end.ZH, end.Text})
		}
		out.Questions = nil
	case machine.Denied:
		out.Questions = nil
		out.Error = &Fault{stepOf(end.Place), "refused", end.ZH, end.Text}
	}
	if len(d.undone) > 0 {
		out.Undone = true
	}
	out.Steps = slices.Clone(out.Steps)
	for i := range out.Steps { // a loop ends with its last item, without an event of its own
		s := &out.Steps[i]
		if s.Status != "running" || !d.isLoop(s.Place) {
			continue
		}
		if done, total := d.m.Items(s.Place); done == total {
			s.Status = "done"
		} else if out.Status == machine.Broken {
			s.Status = "failed"
		}
	}
	out.Outputs = d.outputs()
	out.Effects = showEffects(out.Effects)
	return &out
}

func (d *driver) isLoop(place string) bool {
	s := d.f.Step(stepOf(place))
	return s != nil && s.Kind == flow.EachStep
}

// outputs is the files that the run wrote and that are still its own, each once, in order.
func (d *driver) outputs() []string {
	var out []string
	for _, x := range d.out.Effects {
		if x.Class != "write" || x.State == "undone" || x.State == "uncertain" || x.State == "failed" {
			continue
		}
		switch x.Detail["change"] {
		case "created", "replaced", "moved":
			if from, ok := x.Detail["from"].(string); ok {
				out = slices.DeleteFunc(out, func(s string) bool { return s == from })
			}
			if !slices.Contains(out, x.Target) {
				out = append(out, x.Target)
			}
		case "deleted":
			out = slices.DeleteFunc(out, func(s string) bool { return s == x.Target })
		}
	}
	return out
}

// eventValue is what a trigger brought, as the row `event`.
func eventValue(ev map[string]any) flow.Value {
	var cols []flow.Column
	var vals []flow.Value
	for _, name := range slices.Sorted(mapKeys(ev)) {
		v := anyValue(ev[name])
		cols, vals = append(cols, flow.Column{Name: name, Kind: v.Kind()}), append(vals, v)
	}
	return flow.RowOf(flow.NewRow(cols, vals))
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// anyValue is decoded JSON as a value; content from outside.
func anyValue(x any) flow.Value {
	src := &flow.Source{Note: "event"}
	switch x := x.(type) {
	case string:
		return flow.Text(x).From(src)
	case bool:
		return flow.Bool(x)
	case float64:
		n, _ := flow.FromFloat(x)
		return flow.Num(n).From(src)
	case []any:
		vs := make([]flow.Value, len(x))
		for i := range x {
			vs[i] = anyValue(x[i])
		}
		return flow.ListOf(vs...)
	case map[string]any:
		return eventValue(x)
	}
	return flow.Null()
}
