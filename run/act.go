package run

import (
	"context"
	"errors"
	"strings"

	"daiban/action"
	"daiban/files"
	"daiban/flow"
	"daiban/run/machine"
)

// act carries out an action.
func (d *driver) act(ctx context.Context, c machine.Command, sc view) (*entry, error) {
	a := d.e.Actions.Find(c.Step.Call.Name)
	if a == nil {
		return nil, action.Bad("没有动作 %s", "there is no action %s", c.Step.Call.Name)
	}
	args, err := action.Evaluate(a, c.Step.Call, sc)
	if err != nil {
		return nil, err
	}
	if t := literalDuration(c.Step.Call, "timeout"); t > 0 && !d.o.Preview {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	e, err := d.execute(ctx, c, sc, a, args)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && !isDoubt(err) {
		err = &action.Problem{Kind: "timeout", Err: err, ZH: "超过了时限 " + literalText(c.Step.Call, "timeout"), EN: "took longer than " + literalText(c.Step.Call, "timeout")}
	}
	return e, err
}

// execute runs an action in two parts: it plans its changes, then, with the intent on disk, makes them.
func (d *driver) execute(ctx context.Context, c machine.Command, sc view, a *action.Action, args action.Args) (*entry, error) {
	v := d.newView(c.Place, c.Attempt)
	e := &entry{}
	call := d.call(ctx, c, sc, v, e)
	defer e.dropTables()
	val, err := a.Run(call, args)
	if err != nil {
		v.Close()
		return d.waitsFor(ctx, c, sc, a, err, e)
	}
	e.Event, e.val, e.hasVal = machine.Event{Kind: machine.Done, Place: c.Place}, val, true
	ops, p := v.Ops(), call.Effect()
	if len(ops) == 0 && p == nil {
		v.Close()
		return e, nil
	}
	effects := d.effects(c, a, args, v, ops, p)
	if d.o.Preview {
		e.Effects = effects
		if p != nil && val.IsNull() && a.Result.Name != "" {
			e.val = flow.Unknown()
		}
		return e, nil
	}
	defer func() {
		if !d.broken.Load() { // else the intent may be on disk, and needs what is staged
			v.Close()
		}
	}()
	if w := d.approval(c, sc, a, ops, p, effects); w != nil {
		return w, nil
	}
	return d.effect(ctx, c, sc, e, ops, p, effects, a)
}

// effect writes the intent, makes the changes, and gives the outcome.
func (d *driver) effect(ctx context.Context, c machine.Command, sc view, e *entry, ops []files.Op, p *action.Planned, effects []Effect, a *action.Action) (*entry, error) {
	intent := &entry{Event: machine.Event{Kind: machine.Intended, Place: c.Place}, Now: sc.now, Attempt: c.Attempt,
		Ops: ops, Effects: effects, val: e.val, hasVal: true}
	if p != nil {
		intent.Planned = &planned{Key: d.effectKey(c.Place), Again: uint8(againOf(a, p)), Made: p.Made}
	}
	if err := d.event(intent); err != nil {
		return nil, err
	}
	if err := d.flush(); err != nil {
		return nil, err
	}
	if err := files.Apply(ops); err != nil {
		return e, d.explainOp(err)
	}
	if p == nil {
		return e, nil
	}
	val, err := p.Do()
	switch {
	case err != nil && isDoubt(err):
		return d.doubt(c, err), nil
	case err != nil:
		return e, err
	case !val.IsNull():
		e.val = val
	}
	return e, nil
}

// againOf is what doing p again means: what only makes a file of our own is the same twice.
func againOf(a *action.Action, p *action.Planned) action.Again {
	if p.Class == action.Writes && p.Made != "" {
		return action.Same
	}
	return a.Again
}

func isDoubt(err error) bool {
	var p *action.Problem
	return errors.As(err, &p) && p.Kind == "doubt"
}

// doubt is the event of an effect that may or may not have happened.
func (d *driver) doubt(c machine.Command, err error) *entry {
	_, zh, en := explain(err)
	return &entry{Event: machine.Event{Kind: machine.Doubt, Place: c.Place, ZH: zh, Text: en},
		Question: &Question{ID: c.Place + ".happened", Text: d.say("这一步到底做成了没有？（"+zh+"）", "Did this step happen? ("+en+")"), Choices: []string{"yes", "no"}}}
}

func (d *driver) say(zh, en string) string {
	if d.o.Lang == "zh" {
		return zh
	}
	return en
}

// call is what the action may use.
func (d *driver) call(ctx context.Context, c machine.Command, sc view, v *files.View, e *entry) *action.Call {
	return &action.Call{
		Context: ctx, Lang: d.o.Lang, Now: sc.now, Key: d.effectKey(c.Place), Files: v, Account: d.e.Accounts, Preview: d.o.Preview,
		Table: func(cols []flow.Column) action.Builder {
			b := d.table(cols)
			e.tables = append(e.tables, b)
			return b
		},
		Progress: func(done, total int) { d.progress(c, done, total) },
		Note: func(level, zh, en string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if len(e.Notes) < notesMax {
				e.Notes = append(e.Notes, Note{c.Step.ID, level, zh, en})
			}
		},
		Answer:   func(id string) (flow.Value, bool) { return d.answer(c.Place + "." + id) },
		Settings: d.e.Settings,
	}
}

// notesMax bounds the findings of one step.
const notesMax = 200

func (d *driver) answer(id string) (flow.Value, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, ok := d.answers[id]
	return flow.Text(text), ok
}

// waitsFor turns an action's question into a wait, unless the answer can be had at once.
func (d *driver) waitsFor(ctx context.Context, c machine.Command, sc view, a *action.Action, err error, e *entry) (*entry, error) {
	var w *action.Waiting
	if !errors.As(err, &w) {
		return e, err
	}
	q := Question{ID: c.Place + "." + w.Question.ID, Text: w.Question.Text, Choices: w.Question.Choices, Approval: w.Question.Approval, By: w.Question.By, Show: w.Question.Show}
	if d.o.Preview && !q.Approval {
		return d.doneWith(c, flow.Unknown()), nil
	}
	return d.askOr(c, q, func() (*entry, error) {
		d.newAnswer(q.ID, "yes")
		args, err := action.Evaluate(a, c.Step.Call, sc)
		if err != nil {
			return nil, err
		}
		return d.execute(ctx, c, sc, a, args)
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
		if text, ok := d.e.Person.Ask(q); ok {
			if q.Approval && text != "yes" {
				return d.denied(c, q), nil
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

func (d *driver) denied(c machine.Command, q Question) *entry {
	return &entry{Event: denial(c.Place, q)}
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
func (d *driver) approval(c machine.Command, sc view, a *action.Action, ops []files.Op, p *action.Planned, effects []Effect) *entry {
	d.mu.Lock()
	granted := d.granted
	if _, ok := d.answers[c.Place+".send"]; ok {
		granted, d.granted = true, true // confirmed once
	}
	d.mu.Unlock()
	sends := p != nil && p.Class == action.Sends
	if granted || d.e.Approve == "flow" || !sends && d.e.Approve != "all" {
		return nil
	}
	text := d.sayEffects(c.Step, effects)
	q := Question{ID: c.Place + ".send", Approval: true, Text: d.say(mayZH+text, mayEN+text)}
	e, _ := d.askOr(c, q, func() (*entry, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.granted = true
		return nil, nil
	})
	return e
}

func (d *driver) explainOp(err error) error {
	var p *action.Problem
	if errors.As(err, &p) {
		return err
	}
	path := pathOf(err)
	if path == "" {
		return err
	}
	return files.Explain(d.space.Rel(path), err)
}

func (d *driver) began(c machine.Command) {
	if d.e.Watch != nil && c.Step != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.e.Watch.Began(c.Place, c.Step, c.Attempt)
	}
}

func (d *driver) progress(c machine.Command, done, total int) {
	if d.e.Watch != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.e.Watch.Progress(c.Place, done, total)
	}
}

func (d *driver) ended(c machine.Command, e *entry) {
	if d.e.Watch == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e.Kind {
	case machine.Failed, machine.Doubt:
		d.e.Watch.Ended(c.Place, c.Step, flow.Value{}, errors.New(d.say(e.ZH, e.Text)))
	case machine.Waits:
	default:
		d.e.Watch.Ended(c.Place, c.Step, e.val, nil)
	}
}

// explain is the kind of an error and its words.
func explain(err error) (kind, zh, en string) {
	kind = "io"
	var p *action.Problem
	var ev *flow.EvalError
	switch {
	case errors.As(err, &p):
		kind = p.Kind
	case errors.As(err, &ev):
		kind = "input"
	case errors.Is(err, context.DeadlineExceeded):
		kind = "timeout"
	}
	return kind, action.Explain(err, "zh"), action.Explain(err, "en")
}
