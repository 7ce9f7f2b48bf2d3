package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"daiban/action"
	"daiban/files"
	"daiban/flow"
	"daiban/run/machine"
)

// perform carries out one command and gives the event that it ends with; nil when the
// process is being stopped and the journal says all there is to say.
func (d *driver) perform(ctx context.Context, c machine.Command, sc view) (e *entry) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			e = d.failure(c, &action.Problem{Kind: "fault", ZH: fmt.Sprintf("程序出错：%v", p), EN: fmt.Sprintf("fault of the program: %v\n%s", p, debug.Stack())})
		}
		if e != nil {
			e.Now, e.Attempt, e.Seconds = sc.now, c.Attempt, time.Since(began).Seconds()
			d.ended(c, e)
		}
	}()
	if ctx.Err() != nil {
		return nil
	}
	if c.Kind == machine.Sleep {
		if !d.o.Preview && !sleep(ctx, c.Pause) {
			return nil
		}
		return &entry{Event: machine.Event{Kind: machine.Slept, Place: c.Place}}
	}
	d.began(c)
	e, err := d.dispatch(ctx, c, sc)
	if errors.Is(err, errInterrupted) || err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		f := d.failure(c, err)
		if e != nil {
			f.Notes, f.Evidence = e.Notes, e.Evidence
		}
		return f
	}
	return e
}

func (d *driver) dispatch(ctx context.Context, c machine.Command, sc view) (*entry, error) {
	if c.Kind == machine.Record {
		return d.recordFailures(ctx, c, sc)
	}
	if c.Kind == machine.Recover {
		return d.recover(ctx, c, sc)
	}
	switch c.Step.Kind {
	case flow.LetStep:
		v, err := action.EvalFilled(c.Step.Expr, sc)
		return d.doneWith(c, v), err
	case flow.ParamStep:
		v, err := d.param(c.Step, sc)
		return d.doneWith(c, v), err
	case flow.IfStep:
		return d.took(c, sc)
	case flow.EachStep:
		return d.looped(c, sc)
	case flow.StopStep, flow.FailStep, flow.EnsureStep:
		return d.verdict(c, sc)
	case flow.DoStep:
		switch c.Step.Call.Name {
		case "wait":
			return d.wait(ctx, c, sc)
		case "flow.run":
			return d.subflow(ctx, c, sc)
		}
		return d.act(ctx, c, sc)
	}
	return nil, action.Bad("%s 不能运行", "%s cannot be run", c.Step.Call.Name)
}

func (d *driver) doneWith(c machine.Command, v flow.Value) *entry {
	return &entry{Event: machine.Event{Kind: machine.Done, Place: c.Place}, val: v, hasVal: true}
}

// took decides a condition.
func (d *driver) took(c machine.Command, sc view) (*entry, error) {
	v, err := flow.Eval(c.Step.Expr, sc)
	if err != nil {
		return nil, err
	}
	if v.Kind() == flow.UnknownKind {
		return nil, errUnforeseen
	}
	yes, err := flow.Truth(v)
	if err != nil {
		return nil, err
	}
	return &entry{Event: machine.Event{Kind: machine.Took, Place: c.Place, Branch: yes}}, nil
}

// errUnforeseen ends a preview where the way depends on what only an effect can tell.
var errUnforeseen = action.Unforeseen("往后要看前面一步实际得到什么，预览到此为止", "from here it depends on what an earlier step will give; the preview ends here")

// verdict carries out stop, fail and ensure.
func (d *driver) verdict(c machine.Command, sc view) (*entry, error) {
	args := c.Step.Call.Positional()
	if c.Step.Kind == flow.EnsureStep && len(args) > 0 {
		v, err := flow.Eval(args[0].Value, sc)
		if err != nil {
			return nil, err
		}
		if v.Kind() == flow.UnknownKind {
			return nil, errUnforeseen
		}
		yes, err := flow.Truth(v)
		if err != nil {
			return nil, err
		}
		if yes {
			return d.doneWith(c, flow.Null()), nil
		}
		args = args[1:]
	}
	reason := ""
	if len(args) > 0 {
		v, err := action.EvalFilled(args[0].Value, sc)
		if err != nil {
			return nil, err
		}
		reason = v.String()
	} else if c.Step.Kind == flow.EnsureStep {
		reason = flow.PrintExpr(c.Step.Call.Args[0].Value)
	}
	if c.Step.Kind == flow.StopStep {
		return &entry{Event: machine.Event{Kind: machine.Stopped, Place: c.Place, Text: reason, ZH: reason}, val: flow.Text(reason), hasVal: true}, nil
	}
	return nil, &action.Problem{Kind: "business", ZH: reason, EN: reason}
}

// param is the value of an input of the flow: as set, in the type of its default, else the default.
func (d *driver) param(s *flow.Step, sc view) (flow.Value, error) {
	name := s.Var
	if p := s.Call.Positional(); len(p) > 0 {
		if l, ok := p[0].Value.(*flow.Lit); ok {
			name = l.Value.Text()
		}
	}
	var def flow.Value
	if a := s.Call.Arg("default"); a != nil {
		v, err := action.EvalFilled(a.Value, sc)
		if err != nil {
			return v, err
		}
		def = v
	}
	text, ok := d.o.Set[name]
	if !ok {
		return def, nil
	}
	switch def.Kind() {
	case flow.NumberKind:
		if n, ok := flow.ReadNumber(text); ok {
			return flow.Num(n), nil
		}
		return def, action.Bad("参数 %s 要一个数字，给的是“%s”", "the input %s takes a number, not “%s”", name, text)
	case flow.BoolKind:
		if b, ok := flow.AsBool(flow.Text(text)); ok {
			return flow.Bool(b), nil
		}
		return def, action.Bad("参数 %s 要是或否，给的是“%s”", "the input %s takes yes or no, not “%s”", name, text)
	case flow.DateKind:
		if v, ok := flow.ReadDate(text); ok {
			return v, nil
		}
		return def, action.Bad("参数 %s 要一个日期，给的是“%s”", "the input %s takes a date, not “%s”", name, text)
	case flow.ListKind:
		return flow.Texts(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，;；、", r) })...), nil
	}
	return flow.Text(text), nil
}

// wait pauses; a process that takes over waits only for what is left.
func (d *driver) wait(ctx context.Context, c machine.Command, sc view) (*entry, error) {
	a := d.e.Actions.Find("wait")
	if a == nil || len(c.Step.Call.Args) == 0 {
		return nil, action.Bad("wait 要一个时长", "wait takes a duration")
	}
	v, err := flow.Eval(c.Step.Call.Args[0].Value, sc)
	if err != nil {
		return nil, err
	}
	pause, months := v.Duration()
	if v.Kind() != flow.DurationKind {
		var ok bool
		if pause, ok = flow.ParseDuration(v.String()); !ok {
			return nil, action.Bad("时长“%s”读不懂，写成 \"30s\"、\"10m\"、\"2h\"、\"1d\"", "cannot read the duration “%s”: write \"30s\", \"10m\", \"2h\", \"1d\"", v.String())
		}
	}
	until := sc.now.Add(pause)
	if months > 0 {
		until = sc.now.AddDate(0, int(months), 0)
	}
	if d.o.Preview {
		return d.doneWith(c, flow.Null()), nil
	}
	if err := d.event(&entry{Event: machine.Event{Kind: machine.Intended, Place: c.Place}, Until: until, Now: sc.now, Attempt: c.Attempt}); err != nil {
		return nil, err
	}
	if err := d.flush(); err != nil {
		return nil, err
	}
	return d.waitUntil(ctx, c, until)
}

func (d *driver) waitUntil(ctx context.Context, c machine.Command, until time.Time) (*entry, error) {
	if !sleep(ctx, until.Sub(d.e.Now())) {
		return nil, errInterrupted
	}
	return d.doneWith(c, flow.Null()), nil
}

func sleep(ctx context.Context, pause time.Duration) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// recordFailures writes the items that failed to the errors file of a loop: their columns and `error`.
func (d *driver) recordFailures(ctx context.Context, c machine.Command, sc view) (*entry, error) {
	to, err := action.EvalFilled(c.Step.Call.Arg("errors").Value, sc)
	if err != nil {
		return nil, err
	}
	t, err := d.failureTable(c, sc)
	if err != nil {
		return nil, err
	}
	save := d.e.Actions.Find("table.save")
	if save == nil {
		return nil, action.Bad("缺少 table.save", "table.save is not there")
	}
	return d.execute(job{ctx, c, sc, save, action.Args{"table": flow.TableOf(t), "to": to}})
}

// failureTable is the failed items of a loop and why they failed.
func (d *driver) failureTable(c machine.Command, sc view) (flow.Table, error) {
	list, err := flow.Eval(c.Step.Expr, sc)
	if err != nil {
		return nil, err
	}
	items, err := itemsOf(list)
	if err != nil {
		return nil, err
	}
	t := &flow.MemTable{}
	if list.Kind() == flow.TableKind {
		t.Cols = append(t.Cols, list.Table().Columns()...)
	} else {
		t.Cols = append(t.Cols, flow.Column{Name: c.Step.Var, Kind: flow.TextKind})
	}
	width := len(t.Cols)
	name := "error"
	for flow.ColumnIndex(t.Cols, name) >= 0 {
		name += "_2"
	}
	t.Cols = append(t.Cols, flow.Column{Name: name, Kind: flow.TextKind})
	i, next := -1, 0
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		i++
		if next >= len(c.Failures) {
			break
		}
		if c.Failures[next].Item != i {
			continue
		}
		row := make([]flow.Value, 0, width+1)
		if r := item.Row(); r != nil && len(r.Values()) == width {
			row = append(row, r.Values()...)
		} else {
			row = append(row, item)
		}
		text := c.Failures[next].Text
		if d.o.Lang == "zh" && c.Failures[next].ZH != "" {
			text = c.Failures[next].ZH
		}
		t.Data = append(t.Data, append(row, flow.Text(text)))
		next++
	}
	return t, nil
}

// digest is a hash of its parts, in hex.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// effectKey is the same for the same effect: of the run, or where an item has a business key, of the
// flow and that key, whatever the run.
func (d *driver) effectKey(place string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var keys []string
	for prefix := prefixOf(place); prefix != ""; {
		loop := prefix[:strings.LastIndexByte(prefix, '[')]
		if ks := d.keys[loop]; ks != nil {
			var i int
			fmt.Sscanf(prefix[len(loop):], "[%d]", &i)
			if i < len(ks) {
				keys = append(keys, ks[i])
			}
		}
		prefix = prefixOf(loop)
	}
	if len(keys) > 0 {
		return digest(append(keys, d.hash, stepOf(place))...)
	}
	return digest(d.id, place)
}

// newView is the file system for the step at place.
func (d *driver) newView(place string, attempt int) *files.View {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nViews++
	name := fmt.Sprintf("%s-%d-%d", safeName(place), attempt, d.nViews)
	work := filepath.Join(d.work, "steps", fmt.Sprintf("%s-%d", name, time.Now().UnixNano()))
	trash := filepath.Join(d.work, "trash", fmt.Sprintf("%s-%d", name, time.Now().UnixNano()))
	if !d.o.Preview {
		return files.NewView(d.space, work, trash)
	}
	if d.over == nil {
		d.over = files.NewView(d.space, work, trash)
	} else {
		d.over = d.over.Next(work, trash)
	}
	return d.over
}

func safeName(place string) string {
	return strings.NewReplacer("[", "_", "]", "_").Replace(place)
}
