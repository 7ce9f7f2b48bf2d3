package run

import (
	"strings"
	"time"

	"daiban/flow"
)

// scope is the variables of the flow, or of one item of a loop.
type scope struct {
	d      *driver
	vars   map[string]flow.Value
	parent *scope
	row    *flow.Row // the loop's item, when it is a row
	n      int       // number of the item, from 1
}

func (d *driver) newScope(parent *scope) *scope {
	return &scope{d: d, vars: map[string]flow.Value{}, parent: parent}
}

// Lookup is the value of a variable; the caller holds d.mu.
func (s *scope) lookup(name string) (flow.Value, bool) {
	for c := s; c != nil; c = c.parent {
		if v, ok := c.vars[name]; ok {
			return v, true
		}
	}
	return flow.Value{}, false
}

// set gives a variable its value where it is known, else here.
func (s *scope) set(name string, v flow.Value) {
	for c := s; c != nil; c = c.parent {
		if _, ok := c.vars[name]; ok {
			c.vars[name] = v
			return
		}
	}
	s.vars[name] = v
}

// view is a scope as one step sees it, at that step's time.
type view struct {
	*scope
	now time.Time
}

// Lookup is the value of a variable.
func (v view) Lookup(name string) (flow.Value, bool) {
	v.d.mu.Lock()
	defer v.d.mu.Unlock()
	return v.lookup(name)
}

// Now is the time of the step.
func (v view) Now() time.Time { return v.now }

// Names is the variables in scope, for errors that name the nearest.
func (v view) Names() []string {
	v.d.mu.Lock()
	defer v.d.mu.Unlock()
	var out []string
	for c := v.scope; c != nil; c = c.parent {
		for name := range c.vars {
			out = append(out, name)
		}
	}
	return out
}

// Hole is the value of {name} in a template: from the rows of the loops around it, inner
// ones first, else a variable, else the event, else today, now and n.
func (v view) Hole(name string) (flow.Value, bool) {
	v.d.mu.Lock()
	defer v.d.mu.Unlock()
	for c := v.scope; c != nil; c = c.parent {
		if c.row != nil {
			if x, ok := c.row.Field(name); ok {
				return x, true
			}
		}
	}
	if x, ok := v.lookup(name); ok {
		return x, true
	}
	if ev, ok := v.lookup("event"); ok {
		if x, ok := eventField(ev, name); ok {
			return x, true
		}
	}
	for c := v.scope; c != nil; c = c.parent {
		if c.row != nil {
			if x, ok := foldedField(c.row, name); ok {
				return x, true
			}
		}
	}
	switch name {
	case "today":
		return flow.Day(v.now), true
	case "now":
		return flow.Clock(v.now.Truncate(time.Second)), true
	case "n":
		for c := v.scope; c != nil; c = c.parent {
			if c.n > 0 {
				return flow.NumInt(int64(c.n)), true
			}
		}
		return flow.NumInt(1), true
	}
	return flow.Value{}, false
}

// eventField is name in what arrived: the event itself, or its item, body or row.
func eventField(ev flow.Value, name string) (flow.Value, bool) {
	if ev.Row() == nil {
		return flow.Value{}, false
	}
	if x, ok := ev.Row().Field(name); ok {
		return x, true
	}
	for _, x := range ev.Row().Values() {
		if r := x.Row(); r != nil {
			if y, ok := r.Field(name); ok {
				return y, true
			}
		}
	}
	return flow.Value{}, false
}

// foldedField is the one field whose name is name but for case, width and spaces.
func foldedField(r *flow.Row, name string) (flow.Value, bool) {
	fold := func(s string) string {
		return strings.ToLower(strings.ReplaceAll(flow.Fold(s), " ", ""))
	}
	found := -1
	for i, c := range r.Columns() {
		if fold(c.Name) == fold(name) {
			if found >= 0 {
				return flow.Value{}, false
			}
			found = i
		}
	}
	if found < 0 {
		return flow.Value{}, false
	}
	return r.Values()[found], true
}

// prefixOf is the innermost loop item that place lies in: "3[5]" of "3[5].1.2"; "" for none.
func prefixOf(place string) string { return place[:strings.LastIndexByte(place, ']')+1] }

// stepOf is the step's id of place: "3.1" of "3[5].1".
func stepOf(place string) string {
	var b strings.Builder
	skip := false
	for _, r := range place {
		switch {
		case r == '[':
			skip = true
		case r == ']':
			skip = false
		case !skip:
			b.WriteRune(r)
		}
	}
	return b.String()
}
