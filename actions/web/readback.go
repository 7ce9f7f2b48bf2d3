package web

import (
	"errors"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/web/internal/browser"
)

// readBack reads all fields once more, after the page's scripts have had their turn. What the page
// did not take is typed key by key, and given as a script would; what still differs is an error.
func (s *session) readBack(c *action.Call, entries []entry, form string) error {
	if err := s.leave(c); err != nil {
		return err
	}
	ways := []func(e *entry) error{
		func(e *entry) error { return s.typed(c, e) },
		func(e *entry) error { return s.setValue(c, e.field, textFor(e.field, e.value)) },
	}
	for n := 0; ; n++ {
		wrong, err := s.differing(c, entries, form)
		if err != nil || len(wrong) == 0 {
			return err
		}
		if n == len(ways) {
			return notTaken(&wrong[0])
		}
		for i := range wrong {
			e := &wrong[i]
			if !textual(e.field.Kind) || e.field.Readonly || e.field.Kind == "combobox" {
				if _, err := s.put(c, e, form); err != nil {
					return err
				}
				continue
			}
			if err := ways[n](e); err != nil && !errors.Is(err, browser.ErrGone) {
				return err
			}
		}
		if err := s.leave(c); err != nil {
			return err
		}
	}
}

// leave takes the focus away, so that the page looks at what was filled in, and waits for it.
func (s *session) leave(c *action.Call) error {
	frames, err := s.frames(c)
	if err != nil {
		return err
	}
	for _, f := range frames {
		if err := s.page.Call(c, f.ID, "blur", nil); err != nil && !errors.Is(err, browser.ErrGone) {
			return err
		}
	}
	return s.page.Settle(c)
}

// typed types a value key by key.
func (s *session) typed(c *action.Call, e *entry) error {
	if err := s.focus(c, e.field); err != nil {
		return err
	}
	if err := s.page.Press(c, "Backspace"); err != nil {
		return err
	}
	return s.page.Keys(c, textFor(e.field, e.value))
}

// differing is the entries whose field does not hold their value.
func (s *session) differing(c *action.Call, entries []entry, form string) ([]entry, error) {
	found, err := s.locate(c, entries, form)
	if err != nil {
		return nil, err
	}
	var wrong []entry
	for _, e := range found {
		if e.value.IsNull() && (e.field.Kind == "select" || e.field.Kind == "radios" || e.field.Kind == "checkboxs" || e.field.Kind == "checkbox") {
			continue
		}
		if !agrees(e.field, e.value, e.field.Value) {
			wrong = append(wrong, e)
		}
	}
	return wrong, nil
}

// refill fills in again what the page has lost since it was filled in: one that draws its form anew,
// say. Fields that are no longer there, as in a wizard's earlier steps, are left alone.
func (s *session) refill(c *action.Call) (did bool, err error) {
	if len(s.filled) == 0 || c.Preview {
		return false, nil
	}
	fields, err := s.gather(c, "fields")
	if err != nil {
		return false, err
	}
	for i, m := range s.filled {
		if !lost(m, s.filled[i+1:], inForm(fields, m.Form)) {
			continue
		}
		c.Note("warning", "填好的内容后来被网页清掉了，重新填了一次", "the page had lost what was filled in; it was filled in again")
		if err := s.fill(c, m.Values.Row(), m.Form, true); err != nil {
			return did, err
		}
		did = true
	}
	return did, nil
}

// lost reports whether a text that m filled in is gone from its field, and nothing later gave that
// field another.
func lost(m memo, later []memo, fields []thing) bool {
	for _, e := range entriesOf(m.Values.Row()) {
		best, _ := findAll(e.label, fields)
		if len(best) != 1 || slices.ContainsFunc(later, func(l memo) bool { _, ok := l.Values.Row().Field(e.label); return ok }) {
			continue
		}
		f := &fields[best[0]]
		if textual(f.Kind) && f.Value == "" && textFor(f, e.value) != "" && !f.Disabled {
			return true
		}
	}
	return false
}

func notTaken(e *entry) error {
	want, got := textFor(e.field, e.value), e.field.Value
	if got != "" && strings.HasPrefix(want, got) {
		return action.Bad("字段“%s”只收下了“%s”，要填的是“%s”（被截断）", "the field “%s” took only “%s” of “%s”: it was cut", e.field.name(), got, want)
	}
	return action.Bad("字段“%s”填的是“%s”，读回来是“%s”：网页没有收下，或者改了它", "the field “%s” was given “%s” and holds “%s”: the page did not take it, or changed it", e.field.name(), want, got)
}
