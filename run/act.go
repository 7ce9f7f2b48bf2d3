package run

import (
	"context"
	"errors"

	"daiban/action"
	"daiban/files"
	"daiban/flow"
	"daiban/run/machine"
)

// job is one execution of an action: the command that asked for it, what its arguments may refer to, and the
// arguments.
type job struct {
	context.Context
	machine.Command
	sc   view
	a    *action.Action
	args action.Args
}

// act carries out an action.
func (d *driver) act(ctx context.Context, c machine.Command, sc view) (*entry, error) {
	a := d.e.Actions.Find(c.Step.Call.Name)
	if a == nil {
		return nil, action.Bad("没有动作 %s", "there is no action %s", c.Step.Call.Name)
	}
	if d.o.Preview && a.Effect == action.Reads && asksTheUnknown(c.Step.Call, sc) {
		return d.doneWith(c, flow.Unknown()), nil
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
	e, err := d.execute(job{ctx, c, sc, a, args})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && !isDoubt(err) {
		err = &action.Problem{Kind: "timeout", Err: err, ZH: "超过了时限 " + literalText(c.Step.Call, "timeout"), EN: "took longer than " + literalText(c.Step.Call, "timeout")}
	}
	return e, err
}

// asksTheUnknown reports whether an argument of call is made of what only an effect could tell: in a preview
// there is nothing to read for it.
func asksTheUnknown(call *flow.Call, sc view) bool {
	found := false
	unknown := func(v flow.Value, ok bool) { found = found || ok && v.Kind() == flow.UnknownKind }
	for _, arg := range call.Args {
		flow.WalkExpr(arg.Value, func(e flow.Expr) {
			switch e := e.(type) {
			case *flow.Name:
				unknown(sc.Lookup(e.Name))
			case *flow.Lit:
				if e.Value.IsText() {
					for _, name := range flow.TemplateNames(e.Value.Text()) {
						unknown(sc.Hole(name))
					}
				}
			}
		})
	}
	return found
}

// execute runs an action in two parts: it plans its changes, then, with the intent on disk, makes them.
func (d *driver) execute(j job) (*entry, error) {
	v := d.newView(j.Place, j.Attempt)
	e := &entry{}
	call := d.call(j, v, e)
	defer e.dropTables()
	val, err := j.a.Run(call, j.args)
	if err != nil {
		v.Close()
		return d.waitsFor(j, err, e)
	}
	val = d.clean(val)
	e.Event, e.val, e.hasVal = machine.Event{Kind: machine.Done, Place: j.Place}, val, true
	ops, p := v.Ops(), call.Effect()
	if len(ops) == 0 && p == nil {
		v.Close()
		return e, nil
	}
	e.Effects = d.effects(j, v, ops, p)
	if d.o.Preview {
		if p != nil && val.IsNull() && j.a.Result.Name != "" {
			e.val = flow.Unknown()
		}
		return e, nil
	}
	defer func() {
		if !d.broken.Load() { // else the intent may be on disk, and needs what is staged
			v.Close()
		}
	}()
	if w := d.approval(j, ops, p, e.Effects); w != nil {
		return w, nil
	}
	return d.effect(j, e, ops, p)
}

// effect writes the intent, makes the changes, and gives the outcome e.
func (d *driver) effect(j job, e *entry, ops []files.Op, p *action.Planned) (*entry, error) {
	intent := &entry{Event: machine.Event{Kind: machine.Intended, Place: j.Place}, Now: j.sc.now, Attempt: j.Attempt,
		Ops: ops, Effects: e.Effects, val: e.val, hasVal: true}
	e.Effects = nil // they stand in the intent
	if p != nil {
		intent.Planned = &planned{Key: d.effectKey(j.Place), Action: j.a.Name, Again: uint8(againOf(j.a, p)), Made: p.Made}
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
		return d.doubt(j.Command, err, e), nil
	case err != nil:
		return e, err
	case !val.IsNull():
		e.val = d.clean(val)
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

// doubt is the event of an effect that may or may not have happened; e is what its action noted, or nil.
func (d *driver) doubt(c machine.Command, err error, e *entry) *entry {
	_, zh, en := d.explain(err)
	if e == nil {
		e = &entry{}
	}
	return &entry{Notes: e.Notes, Evidence: e.Evidence, Event: machine.Event{Kind: machine.Doubt, Place: c.Place, ZH: zh, Text: en},
		Question: &Question{ID: c.Place + ".happened", Text: d.say("这一步到底做成了没有？（"+zh+"）", "Did this step happen? ("+en+")"), Choices: []string{"yes", "no"}}}
}

func (d *driver) say(zh, en string) string {
	if d.o.Lang == "zh" {
		return zh
	}
	return en
}

// call is what the action may use.
func (d *driver) call(j job, v *files.View, e *entry) *action.Call {
	c := &action.Call{
		Context: j, Lang: d.o.Lang, Now: j.sc.now, Key: d.effectKey(j.Place), Files: v, Account: d.e.Accounts, Preview: d.o.Preview,
		Table: func(cols []flow.Column) action.Builder {
			b := d.table(cols)
			e.tables = append(e.tables, b)
			return b
		},
		Progress: func(done, total int) { d.progress(j.Command, done, total) },
		Note: func(level, zh, en string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if len(e.Notes) < notesMax {
				e.Notes = append(e.Notes, Note{j.Step.ID, level, d.mask(zh), d.mask(en)})
			}
		},
		Answer:   func(id string) (flow.Value, bool) { return d.answer(j.Place + "." + id) },
		Settings: d.e.Settings,
	}
	d.share(c, e)
	return c
}

// notesMax bounds the findings of one step.
const notesMax = 200

func (d *driver) answer(id string) (flow.Value, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, ok := d.answers[id]
	return flow.Text(text), ok
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

// explain is the kind of an error and its words, without secrets.
func (d *driver) explain(err error) (kind, zh, en string) {
	kind, zh, en = explain(err)
	return kind, d.mask(zh), d.mask(en)
}

func (d *driver) mask(text string) string {
	if d.e.Mask == nil {
		return text
	}
	return d.e.Mask(text)
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
