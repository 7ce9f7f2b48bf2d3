package run

import (
	"context"
	"errors"
	"strings"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
	"daiban/journal"
	"daiban/run/machine"
)

// subDepth bounds how deep flows run flows.
const subDepth = 8

// childMark stands between the run's id and the place of the step that runs another flow.
const childMark = "~"

// subflow runs another flow as a run of its own, under this one's id and place. A run that takes
// over finds it again and goes on with it.
func (d *driver) subflow(ctx context.Context, c machine.Command, sc view) (*entry, error) {
	name, set, err := d.subArgs(c, sc)
	if err != nil {
		return nil, err
	}
	if strings.Count(d.id, childMark) >= subDepth {
		return nil, action.Limit("流程套流程超过 %d 层（%s 是不是又运行了自己？）", "flows run flows more than %d deep (does %s run itself?)", subDepth, name)
	}
	if d.e.Flow == nil {
		return nil, action.Missing("没有流程“%s”", "there is no flow “%s”", name)
	}
	o := Options{Request: "flow.run(" + flow.Quote(name) + ")", Dir: d.o.Dir, Grants: d.o.Grants, Lang: d.o.Lang,
		Yes: d.o.Yes, Set: set, Parent: d.id, Preview: d.o.Preview}
	checked, err := d.e.Flow(name, o)
	if err != nil {
		return nil, err
	}
	id := d.id + childMark + c.Place
	var out *Outcome
	switch entries, ferr := d.childEntries(id); {
	case ferr != nil:
		return nil, ferr
	case len(entries) == 0:
		out, err = d.startChild(ctx, id, c.Place, checked, o)
	default:
		var s *Stored
		if s, err = d.e.Find(id); err != nil {
			return nil, err
		}
		out, err = d.childEngine(c.Place).Resume(ctx, s, checked, d.childInput(c, s))
		if errors.Is(err, ErrOver) {
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	return d.childDone(c, out)
}

func (d *driver) subArgs(c machine.Command, sc view) (name string, set map[string]string, err error) {
	a := d.e.Actions.Find("flow.run")
	if a == nil {
		return "", nil, action.Bad("缺少 flow.run", "flow.run is not there")
	}
	args, err := action.Evaluate(a, c.Step.Call, sc)
	if err != nil {
		return "", nil, err
	}
	v, _ := args["name"].(flow.Value)
	set = map[string]string{}
	if w, ok := args["with_"].(flow.Value); ok && w.Row() != nil {
		for i, col := range w.Row().Columns() {
			set[col.Name] = w.Row().Values()[i].String()
		}
	}
	return v.String(), set, nil
}

// childEntries is what the journal holds of a child; nothing in a preview.
func (d *driver) childEntries(id string) ([]journal.Entry, error) {
	if d.o.Preview {
		return nil, nil
	}
	return d.e.Journal.Entries(id)
}

func (d *driver) startChild(ctx context.Context, id, place string, c *check.Checked, o Options) (*Outcome, error) {
	child, err := d.childEngine(place).newDriver(id, c, o)
	if err != nil {
		return nil, err
	}
	if o.Preview { // what the child stages is what this run's next steps read
		child.over = d.over
		defer func() { d.lent = append(append(d.lent, child.work), child.lent...) }()
		defer child.stop()
	} else {
		defer child.close()
		if err := child.lock(); err != nil {
			return nil, err
		}
	}
	child.begin()
	child.granted = d.granted
	out, err := child.drive(ctx)
	if o.Preview {
		d.over = child.over
	}
	return out, err
}

// childEngine runs the child of the step at place. Nobody watches its steps: their places are not
// places of this flow. It shares the sessions, unless a sister may run at the same time.
func (d *driver) childEngine(place string) *Engine {
	e := *d.e
	e.Watch = nil
	e.sessions = nil
	if !d.abreast(place) {
		e.sessions = d.sessions
	}
	return &e
}

// childInput is the answer that this run got for its child.
func (d *driver) childInput(c machine.Command, s *Stored) Input {
	text, ok := d.answer(c.Place + ".sub")
	if !ok {
		return Input{}
	}
	in := Input{Approve: text.Text() == "yes", Answers: map[string]string{}}
	for _, e := range s.entries {
		if x := decode(e); x != nil && x.Question != nil && !x.Question.Approval {
			in.Answers = map[string]string{x.Question.ID: text.Text()}
			in.Approve = false
		}
	}
	return in
}

// childDone turns where the child stands into this step's event.
func (d *driver) childDone(c machine.Command, out *Outcome) (*entry, error) {
	switch out.Status {
	case machine.Finished, "preview":
		e := d.doneWith(c, out.Result)
		for _, x := range out.Effects {
			x.Step, x.Place = c.Step.ID, c.Place
			e.Effects = append(e.Effects, x)
		}
		for _, n := range out.Notes {
			n.Step = c.Step.ID
			e.Notes = append(e.Notes, n)
		}
		return e, nil
	case machine.Approval, machine.Question, machine.Uncertain:
		q := Question{ID: c.Place + ".sub", Text: out.Run}
		if len(out.Questions) > 0 {
			first := out.Questions[0]
			q.Text, q.Choices, q.Approval, q.By = first.Text, first.Choices, first.Approval, first.By
		}
		kind := machine.Question
		if q.Approval {
			kind = machine.Approval
		}
		return &entry{Event: machine.Event{Kind: machine.Waits, Place: c.Place, Wait: kind}, Question: &q}, nil
	}
	if out.Error != nil && out.Error.Kind == "interrupted" {
		return nil, errInterrupted
	}
	p := &action.Problem{Kind: "business", ZH: "流程没有办成", EN: "the flow failed"}
	if out.Error != nil {
		p.Kind, p.ZH, p.EN = out.Error.Kind, out.Error.ZH, out.Error.EN
	}
	return nil, p
}
