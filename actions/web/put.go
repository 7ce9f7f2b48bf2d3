package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// put gives one field its value. again says that the page may have changed by it, so that the other
// fields must be looked for anew.
func (s *session) put(c *action.Call, e *entry, form string) (again bool, err error) {
	f := e.field
	if agrees(f, e.value, f.Value) && f.Kind != "password" || e.value.IsNull() && !textual(f.Kind) {
		return false, nil
	}
	mark, document := s.page.Mark(), s.page.Document()
	for range 3 {
		err = s.set(c, f, e)
		if !errors.Is(err, browser.ErrGone) {
			break
		}
		// The page has drawn its field anew: it is looked for once more.
		found, ferr := s.locate(c, []entry{*e}, form)
		if ferr != nil {
			return false, ferr
		}
		if len(found) != 1 {
			return false, err
		}
		e.field, f = found[0].field, found[0].field
	}
	if err != nil {
		return false, err
	}
	switch f.Kind {
	case "text", "textarea", "number", "email", "tel", "password", "editable", "date":
		return false, nil
	}
	if s.page.Mark() != mark || s.page.Document() != document {
		return true, s.page.Settle(c)
	}
	return f.Kind == "select" || f.Kind == "radios" || f.Kind == "combobox", nil
}

// set does what a person does with a control of this kind.
func (s *session) set(c *action.Call, f *thing, e *entry) error {
	switch f.Kind {
	case "select", "multiple":
		return s.setSelect(c, f, e)
	case "radios", "checkboxs":
		return s.setGroup(c, f, e)
	case "checkbox":
		return s.setBox(c, f, e)
	case "file":
		return s.setFiles(c, f, e)
	case "combobox":
		return s.setCombo(c, f, e)
	case "listbox":
		return s.setList(c, f, e)
	case "date", "datetime-local", "month", "week", "time", "color", "range", "slider":
		return s.setValue(c, f, textFor(f, e.value))
	}
	if f.Readonly {
		return s.setReadonly(c, f, e)
	}
	return s.setText(c, f, textFor(f, e.value))
}

// state is the error of a control that does not take a value.
func state(f *thing, answer string) error {
	switch answer {
	case "":
		return nil
	case "disabled":
		return action.Bad("字段“%s”是灰的，不能填", "the field “%s” is disabled and cannot be filled", f.name())
	}
	return action.Bad("字段“%s”是只读的，不能填", "the field “%s” is read-only and cannot be filled", f.name())
}

// setText replaces what a field holds, as a paste does.
func (s *session) setText(ctx context.Context, f *thing, text string) error {
	if err := s.focus(ctx, f); err != nil {
		return err
	}
	if text == "" {
		return s.page.Press(ctx, "Backspace")
	}
	return s.page.Insert(ctx, line(f, text))
}

func (s *session) focus(ctx context.Context, f *thing) error {
	var answer string
	if err := s.page.Call(ctx, f.ref.Frame, "focus", &answer, f.ref.ID); err != nil {
		return err
	}
	return state(f, answer)
}

func (s *session) setValue(ctx context.Context, f *thing, text string) error {
	var answer string
	if err := s.page.Call(ctx, f.ref.Frame, "setValue", &answer, f.ref.ID, text); err != nil {
		return err
	}
	return state(f, answer)
}

func (s *session) setSelect(c *action.Call, f *thing, e *entry) error {
	if e.value.IsNull() {
		return nil
	}
	chosen, err := s.awaitOptions(c, f, e)
	if err != nil {
		return err
	}
	indexes := make([]int, len(chosen))
	for i, o := range chosen {
		indexes[i] = o.Index
	}
	var answer string
	if err := s.page.Call(c, f.ref.Frame, "choose", &answer, f.ref.ID, indexes); err != nil {
		return err
	}
	return state(f, answer)
}

// awaitOptions is the options of e's value; those of a list that another choice fills are waited for.
func (s *session) awaitOptions(c *action.Call, f *thing, e *entry) ([]option, error) {
	deadline := time.Now().Add(5 * time.Second)
	for {
		chosen, err := s.options(c, f, e.label, e.value)
		if err == nil || !dependent(f) && time.Now().After(deadline.Add(-4*time.Second)) || time.Now().After(deadline) {
			return chosen, err
		}
		if err := pause(c, 100*time.Millisecond); err != nil {
			return nil, err
		}
		fields, gerr := s.gather(c, "fields")
		if gerr != nil {
			return nil, gerr
		}
		for i := range fields {
			if fields[i].ref == f.ref {
				f.Options, f.Disabled = fields[i].Options, fields[i].Disabled
			}
		}
	}
}

// options is the options of a field that a value means: for each item the one that fits best, or a
// question.
func (s *session) options(c *action.Call, f *thing, label string, v flow.Value) ([]option, error) {
	var out []option
	for _, item := range action.Flatten(v) {
		o, err := s.option(c, f, label, item)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func (s *session) option(c *action.Call, f *thing, label string, v flow.Value) (option, error) {
	best, at := noOption, []option(nil)
	for _, o := range f.Options {
		switch fit := optionFits(o, v); {
		case fit < best:
			best, at = fit, []option{o}
		case fit == best && fit < noOption:
			at = append(at, o)
		}
	}
	switch {
	case best < weakOption && (len(at) == 1 || sameOptions(at)):
		if at[0].Off {
			return option{}, action.Bad("“%s”的选项“%s”是灰的，不能选", "the option “%[2]s” of “%[1]s” is disabled", f.name(), at[0].Text)
		}
		return at[0], nil
	case best == noOption || len(at) > choicesMax:
		return option{}, action.Missing("“%s”没有选项“%s”；有：%s", "“%s” has no option “%s”; there are: %s", f.name(), v.String(), optionList(f.Options))
	}
	choices := make([]string, len(at))
	for i, o := range at {
		choices[i] = o.Text
		if o.Group != "" {
			choices[i] = o.Group + " › " + o.Text
		}
	}
	zh, en := fmt.Sprintf("“%s”没有正好叫“%s”的选项，是哪一个？", f.name(), v.String()), fmt.Sprintf("“%s” has no option that is just “%s”. Which one?", f.name(), v.String())
	answer, err := c.Ask(action.Question{ID: "values:" + idOf(label), Text: say(c, zh, en), Choices: choices})
	if err != nil {
		return option{}, err
	}
	for i := range at {
		if choices[i] == answer.String() {
			return at[i], nil
		}
	}
	return option{}, action.Missing("“%s”没有选项“%s”；有：%s", "“%s” has no option “%s”; there are: %s", f.name(), answer.String(), optionList(f.Options))
}

// sameOptions reports whether options say the very same.
func sameOptions(os []option) bool {
	for _, o := range os[1:] {
		if o.Text != os[0].Text || o.Value != os[0].Value {
			return false
		}
	}
	return true
}

func optionList(os []option) string {
	var out []string
	for _, o := range os {
		if o.Text != "" && len(out) < 15 {
			out = append(out, o.Text)
		}
	}
	if len(os) > len(out) && len(out) == 15 {
		out = append(out, "…")
	}
	return strings.Join(out, "、")
}

// setGroup chooses radios or checkboxes of one name.
func (s *session) setGroup(c *action.Call, f *thing, e *entry) error {
	chosen, err := s.options(c, f, e.label, e.value)
	if err != nil || len(chosen) == 0 {
		return err
	}
	for _, o := range f.Options {
		want := false
		for _, x := range chosen {
			want = want || x.ID == o.ID
		}
		if f.Kind == "radios" && !want {
			continue
		}
		if err := s.tick(c, browser.Ref{Frame: f.ref.Frame, ID: o.ID}, want); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) setBox(c *action.Call, f *thing, e *entry) error {
	yes, _ := yesNo(e.value)
	return s.tick(c, f.ref, yes)
}

// tick brings a box into a state: by a click, and where that does not reach it by the page's own way.
func (s *session) tick(c *action.Call, at browser.Ref, want bool) error {
	var on bool
	if err := s.page.Call(c, at.Frame, "isOn", &on, at.ID); err != nil || on == want {
		return err
	}
	err := s.page.Click(c, at)
	var covered *browser.CoveredError
	if err != nil && !errors.As(err, &covered) {
		return err
	}
	if err := s.page.Call(c, at.Frame, "isOn", &on, at.ID); err != nil || on == want {
		return err
	}
	return s.page.Call(c, at.Frame, "force", nil, at.ID)
}

func (s *session) setFiles(c *action.Call, f *thing, e *entry) error {
	var paths []string
	for _, v := range action.Flatten(e.value) {
		p, err := c.Files.Local(v.String())
		if err != nil {
			return err
		}
		paths = append(paths, p)
	}
	return s.page.SetFiles(c, f.ref, paths)
}

// setCombo chooses in a list that opens: what is typed narrows it, and the option is clicked.
func (s *session) setCombo(c *action.Call, f *thing, e *entry) error {
	text := textFor(f, e.value)
	if err := s.page.Click(c, f.ref); err != nil {
		return s.clickError(err, f)
	}
	typed := false
	if !f.Readonly {
		if err := s.focus(c, f); err == nil && text != "" {
			if err := s.page.Insert(c, text); err != nil {
				return err
			}
			typed = true
		}
	}
	o, err := s.awaitChoice(c, f, e)
	if kindOf(err) == "missing" && typed && len(f.Options) == 0 {
		return nil // no list came: a field with free text; it is read back
	}
	if err != nil {
		s.page.Press(c, "Escape")
		return err
	}
	return s.page.Click(c, browser.Ref{Frame: f.ref.Frame, ID: o.ID})
}

// awaitChoice is the option of a list that has opened.
func (s *session) awaitChoice(c *action.Call, f *thing, e *entry) (option, error) {
	deadline := time.Now().Add(choiceTime)
	for {
		var list []option
		if err := s.page.Call(c, f.ref.Frame, "choices", &list, f.ref.ID); err != nil {
			return option{}, err
		}
		f.Options = list
		o, err := s.option(c, f, e.label, e.value)
		if err == nil || kindOf(err) != "missing" || time.Now().After(deadline) {
			return o, err
		}
		if err := pause(c, 80*time.Millisecond); err != nil {
			return option{}, err
		}
	}
}

// setList clicks the options of a list that stands open.
func (s *session) setList(c *action.Call, f *thing, e *entry) error {
	if err := s.page.Call(c, f.ref.Frame, "choices", &f.Options, f.ref.ID); err != nil {
		return err
	}
	chosen, err := s.options(c, f, e.label, e.value)
	if err != nil {
		return err
	}
	for _, o := range chosen {
		if err := s.tick(c, browser.Ref{Frame: f.ref.Frame, ID: o.ID}, true); err != nil {
			return err
		}
	}
	return nil
}

// setReadonly is for a field that takes no typing: one that opens a list when it is clicked.
func (s *session) setReadonly(c *action.Call, f *thing, e *entry) error {
	if f.Disabled {
		return state(f, "disabled")
	}
	if err := s.page.Click(c, f.ref); err != nil {
		return s.clickError(err, f)
	}
	o, err := s.awaitChoice(c, f, e)
	if kindOf(err) == "missing" && len(f.Options) == 0 {
		s.page.Press(c, "Escape")
		return state(f, "readonly")
	}
	if err != nil {
		return err
	}
	return s.page.Click(c, browser.Ref{Frame: f.ref.Frame, ID: o.ID})
}
