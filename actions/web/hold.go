package web

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// A filling is what a step has given the page, and what the fields made of it.
type filling struct {
	memo
	held []held
}

// A held is a field that has taken a value: what it showed then is what it is to hold until a click.
type held struct {
	label string
	want  flow.Value
	ref   browser.Ref
	kind  string
	shown string
}

// heldBy is what the fields of entries hold.
func heldBy(found []entry) []held {
	out := make([]held, 0, len(found))
	for _, e := range found {
		out = append(out, held{e.label, e.value, e.field.ref, e.field.Kind, e.field.Value})
	}
	return out
}

// A watched is an element of a frame and what it must hold when something is clicked.
type watched struct {
	ref   browser.Ref
	value string
}

// fillIn fills in and remembers it.
func (s *session) fillIn(c *action.Call, m memo) error {
	found, err := s.fill(c, m.Values.Row(), m.Form)
	if err != nil {
		return err
	}
	return s.hold(c, m, found)
}

// hold remembers what the fields have taken. What an earlier step had filled in, and the page has
// changed on account of this one, is the page's answer to it: a sum that is worked out anew, a field
// that a choice takes away. Only what was emptied stays as it was, to be filled in again.
func (s *session) hold(c *action.Call, m memo, found []entry) error {
	f := filling{memo: m, held: heldBy(found)}
	if len(s.filled) > 0 {
		fields, err := s.gather(c, "fields")
		if err != nil && !errors.Is(err, browser.ErrGone) {
			return err
		}
		for i := range s.filled {
			s.filled[i].answered(fields)
		}
	}
	s.filled = append(s.filled, f)
	return nil
}

func (f *filling) answered(fields []thing) {
	f.held = slices.DeleteFunc(f.held, func(h held) bool { return fieldOf(h, f.Form, fields) == nil })
	for i := range f.held {
		if now := fieldOf(f.held[i], f.Form, fields); now.ref == f.held[i].ref && now.Value != "" {
			f.held[i].shown = now.Value
		}
	}
}

// fieldOf is the field of h: the very one, or where the page has drawn it anew the one of its label.
// Nil when there is none, or more than one.
func fieldOf(h held, form string, fields []thing) *thing {
	for i := range fields {
		if fields[i].ref == h.ref && fields[i].Kind == h.kind { // a box, and the group that begins with it
			return &fields[i]
		}
	}
	inside := inForm(fields, form)
	if best, _ := findAll(h.label, inside); len(best) == 1 {
		return &inside[best[0]]
	}
	return nil
}

// prepared is what is to be clicked, on a page that holds what was filled in.
func (s *session) prepared(c *action.Call, words string) (*thing, error) {
	for range 3 {
		t, err := s.button(c, words, "text")
		if err != nil {
			return nil, err
		}
		did, err := s.refill(c)
		if err == nil && !did {
			return t, nil
		}
		if err != nil && !errors.Is(err, browser.ErrGone) {
			return nil, err
		}
	}
	return nil, loses()
}

// loses is the error of a page that does not keep what is filled in.
func loses() error {
	return broken("网页一再清掉填好的内容，没有点", "the page keeps losing what was filled in; nothing was clicked")
}

// refill fills in again what the page has lost since it was filled in: one that draws its form anew,
// say. When nothing was lost, what is looked at now is what a click is to send.
func (s *session) refill(c *action.Call) (did bool, err error) {
	s.watched = nil
	if len(s.filled) == 0 || c.Preview {
		return false, nil
	}
	fields, err := s.present(c)
	if err != nil {
		return false, err
	}
	for i := range s.filled {
		f := &s.filled[i]
		lost := f.lost(s.filled[i+1:], fields)
		if lost == "" {
			continue
		}
		if f.Do != "fill" {
			return did, broken("网页清掉了“%s”里给的文件，没有点", "the page has lost the file that was given to “%s”; nothing was clicked", lost)
		}
		c.Note("warning", "填好的内容后来被网页清掉了，重新填了一次", "the page had lost what was filled in; it was filled in again")
		found, err := s.fill(c, f.Values.Row(), f.Form)
		if err != nil {
			return did, err
		}
		f.held = heldBy(found)
		did = true
	}
	if !did {
		s.watched = s.toWatch(fields)
	}
	return did, nil
}

// present is the fields of the page. One that was filled in and has gone from the document by itself
// is waited for: a page that draws its form anew may take its time. One that is only out of sight, as
// behind a dialog, is there.
func (s *session) present(c *action.Call) ([]thing, error) {
	deadline := time.Now().Add(quietTime)
	for {
		fields, err := s.gather(c, "fields")
		if err != nil {
			return nil, err
		}
		gone := s.vanished(c, fields)
		if gone == "" {
			return fields, nil
		}
		if time.Now().After(deadline) {
			return nil, broken("填好的字段“%s”从网页上消失了，没有点", "the field “%s” that was filled in has gone from the page; nothing was clicked", gone)
		}
		if err := pause(c, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// vanished is the label of a field that was filled in and is no more; "" when there is none.
func (s *session) vanished(c *action.Call, fields []thing) string {
	for _, f := range s.filled {
		for _, h := range f.held {
			if fieldOf(h, f.Form, fields) != nil {
				continue
			}
			if err := s.page.Call(c, h.ref.Frame, "value", nil, h.ref.ID); errors.Is(err, browser.ErrGone) {
				return h.label
			}
		}
	}
	return ""
}

// lost is the label of a field that no longer holds what it had taken; "" when all do. What a later
// step gave another value is that step's.
func (f *filling) lost(later []filling, fields []thing) string {
	for _, h := range f.held {
		now := fieldOf(h, f.Form, fields)
		if now != nil && !given(h, later) && changed(now, h) {
			return h.label
		}
	}
	return ""
}

// given reports whether a later step has filled in the same field.
func given(h held, later []filling) bool {
	return slices.ContainsFunc(later, func(f filling) bool {
		return slices.ContainsFunc(f.held, func(x held) bool { return x.ref == h.ref && x.kind == h.kind || x.label == h.label })
	})
}

// changed reports whether a field holds something else than it had taken, and than what it was given:
// a text that the page has only written out further is no loss.
func changed(now *thing, was held) bool {
	want := textFor(now, was.want)
	switch {
	case now.Disabled, now.Value == was.shown:
		return false
	case was.want.IsNull():
		return textual(now.Kind) && now.ref != was.ref && was.shown == ""
	case agrees(now, was.want, now.Value):
		return false
	case textual(now.Kind) && now.Kind != "number" && now.Kind != "combobox":
		return now.Value == "" || !strings.Contains(now.Value, want)
	}
	return true
}

// toWatch is the elements that hold what was filled in, with what they hold.
func (s *session) toWatch(fields []thing) []watched {
	var out []watched
	for i, f := range s.filled {
		for _, h := range f.held {
			now := fieldOf(h, f.Form, fields)
			if now == nil || given(h, s.filled[i+1:]) {
				continue
			}
			if now.Kind != "radios" && now.Kind != "checkboxs" {
				out = append(out, watched{now.ref, now.Value})
				continue
			}
			for _, o := range now.Options {
				out = append(out, watched{browser.Ref{Frame: now.ref.Frame, ID: o.ID}, map[bool]string{true: "true", false: "false"}[o.On]})
			}
		}
	}
	return out
}

// strike clicks on t. The page script lets the click through only while the fields hold what they held
// when the page was last looked at; else, or when t was drawn anew, all is made ready once more and
// clicked once more.
func (s *session) strike(c *action.Call, words string, t *thing, o *outlook) (*thing, error) {
	for n := 0; ; n++ {
		through, err := s.clickHeld(c, t)
		if through || err != nil && !errors.Is(err, browser.ErrGone) {
			return t, err
		}
		switch {
		case o.sent(s) || s.page.Document() != o.document:
			return t, browser.ErrGone
		case n == 1 && err == nil:
			return t, loses()
		case n == 1:
			return t, err
		case err == nil:
			c.Note("warning", "点的当口网页换掉了填好的内容，这一下没有放过去，看过再点", "the page changed what was filled in at the very click; the click was held back, and made again")
		}
		again, err := s.prepared(c, words)
		if err != nil {
			return t, err
		}
		t = again
	}
}

// clickHeld clicks on t and reports whether the click got through to the page.
func (s *session) clickHeld(c *action.Call, t *thing) (through bool, err error) {
	err = s.reach(c, t, func() error {
		if err := s.arm(c, t); err != nil {
			return err
		}
		return s.page.Click(c, t.ref)
	})
	var stopped bool
	if lost := s.page.Call(c, t.ref.Frame, "disarm", &stopped); lost != nil {
		stopped = false // the document has gone, as after a click that leads elsewhere
	}
	return err == nil && !stopped, err
}

// arm tells the page script what must hold at the next click on t.
func (s *session) arm(c *action.Call, t *thing) error {
	if s.sign == "" {
		var raw [16]byte
		rand.Read(raw[:])
		s.sign = hex.EncodeToString(raw[:])
	}
	byFrame := map[string][][2]any{t.ref.Frame: {}}
	for _, w := range s.watched {
		byFrame[w.ref.Frame] = append(byFrame[w.ref.Frame], [2]any{w.ref.ID, w.value})
	}
	for frame, list := range byFrame {
		if frame == t.ref.Frame {
			continue
		}
		if err := s.page.Call(c, frame, "watch", nil, list, s.sign); err != nil {
			return err
		}
	}
	return s.page.Call(c, t.ref.Frame, "arm", nil, t.ref.ID, byFrame[t.ref.Frame], s.sign, len(byFrame) > 1)
}
