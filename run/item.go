package run

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"daiban/action"
	"daiban/flow"
	"daiban/run/machine"
)

// puller gives the items of a loop in order.
type puller struct {
	next func() (flow.Value, error, bool)
	stop func()
	at   int // index of the item that next gives
}

// itemsOf is the items of a loop's list, in order.
func itemsOf(v flow.Value) (iter.Seq2[flow.Value, error], error) {
	switch v.Kind() {
	case flow.TableKind:
		t := v.Table()
		cols := t.Columns()
		return func(yield func(flow.Value, error) bool) {
			for row, err := range t.Rows() {
				var item flow.Value
				if err == nil {
					item = flow.RowOf(flow.NewRow(cols, slices.Clone(row)))
				}
				if !yield(item, err) || err != nil {
					return
				}
			}
		}, nil
	case flow.NullKind:
		return func(func(flow.Value, error) bool) {}, nil
	case flow.ListKind, flow.RowKind, flow.PathKind, flow.MailKind, flow.TextKind:
		items := v.List()
		if v.Kind() != flow.ListKind {
			items = []flow.Value{v}
		}
		return func(yield func(flow.Value, error) bool) {
			for _, x := range items {
				if !yield(x, nil) {
					return
				}
			}
		}, nil
	}
	return nil, action.Bad("each 要一个列表或表，给的是%s", "each takes a list or a table, not a %s", v.Kind())
}

func lenOf(v flow.Value) int {
	switch v.Kind() {
	case flow.TableKind:
		return v.Table().Len()
	case flow.ListKind:
		return len(v.List())
	case flow.NullKind:
		return 0
	}
	return 1
}

// looped evaluates the list of a loop: how many items, and which were done before under their key.
func (d *driver) looped(c machine.Command, sc view) (*entry, error) {
	v, err := flow.Eval(c.Step.Expr, sc)
	if err != nil {
		return nil, err
	}
	items, err := itemsOf(v)
	if err != nil {
		return nil, err
	}
	e := &entry{Event: machine.Event{Kind: machine.Looped, Place: c.Place, N: lenOf(v)}}
	if c.Step.Call.Arg("key") == nil {
		return e, nil
	}
	keys, err := d.itemKeys(c, items)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	before, twice := 0, 0
	for i, k := range keys {
		run, done, err := "", false, error(nil)
		if !d.o.Preview || d.e.Journal != nil {
			run, done, err = d.e.Journal.KeyDone(k)
		}
		switch {
		case err != nil:
			return nil, err
		case done && run != d.id:
			before++
			e.Skip = append(e.Skip, i)
		case seen[k]:
			twice++
			e.Skip = append(e.Skip, i)
		}
		seen[k] = true
	}
	if before > 0 {
		e.Notes = append(e.Notes, Note{c.Step.ID, "info", fmt.Sprintf("%d 项以前已经办过（按 %s），这次跳过", before, keyName(c.Step)), fmt.Sprintf("%d items were done before (by %s) and are skipped", before, keyName(c.Step))})
	}
	if twice > 0 {
		e.Notes = append(e.Notes, Note{c.Step.ID, "warning", fmt.Sprintf("%d 项的 %s 重复，只办第一项", twice, keyName(c.Step)), fmt.Sprintf("%d items repeat a %s; only the first is done", twice, keyName(c.Step))})
	}
	d.mu.Lock()
	d.keys[c.Place] = keys
	d.mu.Unlock()
	return e, nil
}

func keyName(s *flow.Step) string { return literalText(s.Call, "key") }

// itemKeys is the business key of each item: a hash of the flow, the loop and the item's own key.
func (d *driver) itemKeys(c machine.Command, items iter.Seq2[flow.Value, error]) ([]string, error) {
	name := keyName(c.Step)
	var keys []string
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		k := item
		if r := item.Row(); r != nil && name != "" {
			i, err := action.Resolve(name, r.Columns())
			if err != nil {
				return nil, err
			}
			k = r.Values()[i]
		}
		if strings.TrimSpace(k.String()) == "" {
			return nil, action.Bad("第 %d 项的 %s 是空的，不能当业务主键", "item %d has no %s, which is the key", len(keys)+1, name)
		}
		keys = append(keys, digest(d.hash, stepOf(c.Place), k.Key()))
	}
	return keys, nil
}

// prepare gives the scope of a command; the item of its loop is read when it is new.
func (d *driver) prepare(c machine.Command) (view, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sc, err := d.scopeOf(prefixOf(c.Place), true)
	if err != nil {
		return view{}, err
	}
	return view{sc, d.e.Now()}, nil
}

// scopeOf is the scope of a loop's item, made when it is new; load reads the item itself.
func (d *driver) scopeOf(prefix string, load bool) (*scope, error) {
	if prefix == "" {
		return d.root, nil
	}
	open := strings.LastIndexByte(prefix, '[')
	place := prefix[:open]
	i, err := strconv.Atoi(prefix[open+1 : len(prefix)-1])
	if err != nil {
		return nil, err
	}
	sc := d.items[prefix]
	if sc == nil {
		parent, err := d.scopeOf(prefixOf(place), load)
		if err != nil {
			return nil, err
		}
		sc = d.newScope(parent)
		sc.n = i + 1
		d.items[prefix] = sc
	}
	step := d.f.Step(stepOf(place))
	if _, loaded := sc.vars[step.Var]; loaded || !load {
		return sc, nil
	}
	item, err := d.item(place, step, sc.parent, i)
	if err != nil {
		return nil, err
	}
	sc.vars[step.Var] = item
	sc.row = item.Row()
	if m := item.Mail(); m != nil {
		sc.row = action.MailRow(m)
	}
	return sc, nil
}

// item is item i of the loop at place.
func (d *driver) item(place string, step *flow.Step, outer *scope, i int) (flow.Value, error) {
	p := d.pulls[place]
	if p == nil || p.at > i {
		if p != nil {
			p.stop()
		}
		v, err := d.evalLocked(step.Expr, outer)
		if err != nil {
			return flow.Value{}, err
		}
		items, err := itemsOf(v)
		if err != nil {
			return flow.Value{}, err
		}
		p = &puller{}
		p.next, p.stop = pull(items)
		d.pulls[place] = p
	}
	for {
		v, err, ok := p.next()
		if err != nil {
			return flow.Value{}, err
		}
		if !ok {
			return flow.Value{}, action.Bad("列表只有 %d 项", "the list has only %d items", p.at)
		}
		p.at++
		if p.at > i {
			return v, nil
		}
	}
}

func pull(seq iter.Seq2[flow.Value, error]) (func() (flow.Value, error, bool), func()) {
	next, stop := iter.Pull2(seq)
	return next, stop
}

// evalLocked is flow.Eval while d.mu is held.
func (d *driver) evalLocked(e flow.Expr, sc *scope) (flow.Value, error) {
	d.mu.Unlock()
	defer d.mu.Lock()
	return flow.Eval(e, view{sc, d.e.Now()})
}

// endItem forgets the scope of an item that has ended, and marks its business key as done.
func (d *driver) endItem(e *entry) {
	for prefix := prefixOf(e.Place); prefix != ""; prefix = prefixOf(prefix[:strings.LastIndexByte(prefix, '[')]) {
		if d.m.Holds(prefix) {
			return
		}
		place := prefix[:strings.LastIndexByte(prefix, '[')]
		i, _ := strconv.Atoi(prefix[len(place)+1 : len(prefix)-1])
		d.itemsTold(place)
		step := d.f.Step(stepOf(e.Place))
		good := e.Kind != machine.Failed || machine.Skips(d.options(step), e.Event)
		if keys := d.keys[place]; i < len(keys) && good && d.m.Status() != machine.Broken && len(d.buffer) > 0 {
			d.buffer[len(d.buffer)-1].Key = keys[i]
		}
		delete(d.items, prefix)
		if p := d.pulls[place]; p != nil && !d.m.Holds(place) {
			p.stop()
			delete(d.pulls, place)
		}
	}
}

// itemsTold shows how far the loop at place is.
func (d *driver) itemsTold(place string) {
	if d.e.Watch == nil || d.replaying {
		return
	}
	done, total := d.m.Items(place)
	if total == 0 { // it has ended
		if keys, ok := d.sizes[place]; ok {
			done, total = keys, keys
		}
	}
	if total > 0 {
		d.e.Watch.Progress(place, done, total)
	}
}
