package web

import (
	"errors"
	"strings"

	"daiban/action"
	"daiban/actions/web/internal/browser"
)

// readBack reads all fields once more, after the page's scripts have had their turn. What the page
// did not take is typed key by key, and given as a script would; what still differs is an error. The
// entries come back with their fields as they are then.
func (s *session) readBack(c *action.Call, entries []entry, form string) ([]entry, error) {
	if err := s.leave(c); err != nil {
		return nil, err
	}
	ways := []func(e *entry) error{
		func(e *entry) error { return s.typed(c, e) },
		func(e *entry) error { return s.setValue(c, e.field, textFor(e.field, e.value)) },
	}
	for n := 0; ; n++ {
		found, wrong, err := s.differing(c, entries, form)
		if err != nil || len(wrong) == 0 {
			return found, err
		}
		if n == len(ways) {
			return nil, notTaken(&wrong[0])
		}
		for i := range wrong {
			e := &wrong[i]
			if !textual(e.field.Kind) || e.field.Readonly || e.field.Kind == "combobox" {
				if _, err := s.put(c, e, form); err != nil {
					return nil, err
				}
				continue
			}
			if err := ways[n](e); err != nil && !errors.Is(err, browser.ErrGone) {
				return nil, err
			}
		}
		if err := s.leave(c); err != nil {
			return nil, err
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

// differing is the entries with their fields, and those whose field does not hold their value.
func (s *session) differing(c *action.Call, entries []entry, form string) (found, wrong []entry, err error) {
	if found, err = s.locate(c, entries, form); err != nil {
		return nil, nil, err
	}
	for _, e := range found {
		if e.value.IsNull() && (e.field.Kind == "select" || e.field.Kind == "radios" || e.field.Kind == "checkboxs" || e.field.Kind == "checkbox") {
			continue
		}
		if !agrees(e.field, e.value, e.field.Value) {
			wrong = append(wrong, e)
		}
	}
	return found, wrong, nil
}

func notTaken(e *entry) error {
	want, got := textFor(e.field, e.value), e.field.Value
	if got != "" && strings.HasPrefix(want, got) {
		return action.Bad("字段“%s”只收下了“%s”，要填的是“%s”（被截断）", "the field “%s” took only “%s” of “%s”: it was cut", e.field.name(), got, want)
	}
	return action.Bad("字段“%s”填的是“%s”，读回来是“%s”：网页没有收下，或者改了它", "the field “%s” was given “%s” and holds “%s”: the page did not take it, or changed it", e.field.name(), want, got)
}
