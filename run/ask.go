package run

import (
	"errors"
	"slices"
	"strings"

	"daiban/action"
	"daiban/files"
	"daiban/flow"
	"daiban/run/machine"
)

// waitsFor turns an action's question into a wait, unless the answer can be had at once.
func (d *driver) waitsFor(j job, err error, e *entry) (*entry, error) {
	var w *action.Waiting
	if !errors.As(err, &w) {
		return e, err
	}
	q := Question{ID: j.Place + "." + w.Question.ID, Text: w.Question.Text, Choices: w.Question.Choices, Approval: w.Question.Approval, By: w.Question.By, Show: w.Question.Show}
	if d.o.Preview && !q.Approval {
		return d.doneWith(j.Command, flow.Unknown()), nil
	}
	return d.askOr(j.Command, q, func() (*entry, error) {
		d.newAnswer(q.ID, "yes")
		return d.execute(j)
	})
}

func (d *driver) newAnswer(id, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.answers[id]; !ok {
		d.answers[id] = text
	}
}

// askOr goes on at once when q is an approval that is given, or a person sits there and answers; else it waits.
func (d *driver) askOr(c machine.Command, q Question, goOn func() (*entry, error)) (*entry, error) {
	if q.Approval && d.o.Preview {
		return goOn()
	}
	if q.Approval && d.o.Yes {
		return noted(c, "yes", "已批准（--yes）："+q.Text, "approved (--yes): "+q.Text, goOn)
	}
	if d.e.Person != nil && !d.o.Preview {
		if text, ok := d.askPerson(q); ok {
			if q.Approval && text != "yes" {
				return d.denied(c, q)
			}
			d.newAnswer(q.ID, text)
			if q.Approval {
				return noted(c, text, "在终端上批准："+q.Text, "approved at the terminal: "+q.Text, goOn)
			}
			return noted(c, text, "在终端上回答："+text, "answered at the terminal: "+text, goOn)
		}
	}
	kind := machine.Question
	if q.Approval {
		kind = machine.Approval
	}
	return &entry{Event: machine.Event{Kind: machine.Waits, Place: c.Place, Wait: kind}, Question: &q}, nil
}

// askPerson asks until the answer is one of the choices, or long enough.
func (d *driver) askPerson(q Question) (text string, ok bool) {
	for range 5 {
		text, ok = d.e.Person.Ask(q)
		if !ok || q.Approval || len(q.Choices) == 0 || slices.Contains(q.Choices, text) {
			return text, ok
		}
	}
	return "", false
}

// noted is goOn, with the person's word in the record.
func noted(c machine.Command, answer, zh, en string, goOn func() (*entry, error)) (*entry, error) {
	e, err := goOn()
	if e != nil && e.Kind == machine.Done {
		e.Answer = answer
		e.Notes = append(e.Notes, Note{c.Step.ID, "info", zh, en})
	}
	return e, err
}

// sayEffects is the sentence of a step, and what it would reach that the sentence does not name.
func (d *driver) sayEffects(s *flow.Step, effects []Effect) string {
	text := flow.SaySteps(d.f, d.o.Lang, d.e.Actions)[s.ID]
	var more []string
	for _, x := range effects {
		if x.Target == "" || strings.Contains(text, x.Target) {
			continue
		}
		if more = append(more, x.Target); len(more) == 5 {
			break
		}
	}
	if len(more) > 0 {
		text += d.say("（"+strings.Join(more, "、")+"）", " ("+strings.Join(more, ", ")+")")
	}
	return text
}

// denied is a person's no at the terminal: in the record the step waits first, as it does without a terminal.
func (d *driver) denied(c machine.Command, q Question) (*entry, error) {
	wait := &entry{Event: machine.Event{Kind: machine.Waits, Place: c.Place, Wait: machine.Approval}, Question: &q, Now: d.e.Now()}
	if err := d.event(wait); err != nil {
		return nil, err
	}
	return &entry{Event: denial(c.Place, q)}, nil
}

// denial is the event of an approval that was refused.
func denial(place string, q Question) machine.Event {
	what := strings.TrimPrefix(strings.TrimPrefix(q.Text, mayZH), mayEN)
	return machine.Event{Kind: machine.Refused, Place: place, ZH: "没有批准：" + what, Text: "not approved: " + what}
}

// How the question before an effect begins.
const (
	mayZH = "可以这样做吗？"
	mayEN = "May this be done? "
)

// approval is the wait before an effect that the settings want confirmed; nil when it may go on.
func (d *driver) approval(j job, ops []files.Op, p *action.Planned, effects []Effect) *entry {
	d.mu.Lock()
	granted := d.granted
	if _, ok := d.answers[j.Place+".send"]; ok {
		granted, d.granted = true, true // confirmed once
	}
	d.mu.Unlock()
	sends := p != nil && p.Class == action.Sends
	if granted || d.e.Approve == "flow" || !sends && d.e.Approve != "all" {
		return nil
	}
	text := d.sayEffects(j.Step, effects)
	q := Question{ID: j.Place + ".send", Approval: true, Text: d.say(mayZH+text, mayEN+text)}
	e, _ := d.askOr(j.Command, q, func() (*entry, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.granted = true
		return nil, nil
	})
	return e
}
