package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// Fill fills a form.
var Fill = action.Define(action.Spec{
	Name:    "web.fill",
	Effect:  action.Reads,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc: "Fills a form: each name of values is a label on the page, of any control, in frames too. A name that fits two fields says its group first: “contact name”. " +
		"Reads back and compares; all or an error.",
	DocZH: "填表单：values 的每个名称是页面上的标签，控件不限，内嵌框架里的也行。同名的字段前面写上它的组：“联系人 姓名”。" +
		"填完读回核对；要么全填好，要么报错。",
	Says: action.Sentence{ZH: "[在“{form}”里]填写 {values}", EN: "Fill[ the form “{form}”] with {values}"},
}, func(c *action.Call, in fillIn) (struct{}, error) { return struct{}{}, fill(c, in) })

type fillIn struct {
	Values *flow.Row `arg:"values,positional" doc:"label and value" zh:"标签和值"`
	Form   string    `arg:"form,optional" doc:"its title on the page, or what opens it" zh:"表单在页面上的标题，或打开它的文字"`
}

func fill(c *action.Call, in fillIn) error {
	s, err := resume(c)
	if err != nil {
		return err
	}
	if c.Preview { // nothing that a page saves by itself may leave
		if err := s.page.Offline(c, true); err != nil {
			return err
		}
	}
	m := memo{Do: "fill", Values: flow.RowOf(in.Values), Form: in.Form}
	if err := s.fillIn(c, m); err != nil {
		return explain(err)
	}
	c.Memo(m)
	return nil
}

// explain gives an error of the browser words.
func explain(err error) error {
	switch {
	case errors.Is(err, browser.ErrClosed):
		return broken("浏览器意外退出了", "the browser has ended unexpectedly")
	case errors.Is(err, browser.ErrGone):
		return broken("网页在操作中跳走了", "the page went elsewhere meanwhile")
	}
	return err
}

// An entry is one label and its value, and the field that it goes to.
type entry struct {
	label string
	value flow.Value
	field *thing
}

// fill fills values into the fields of their labels. Every label and option that is unknown is
// reported before anything is filled, except what may only appear once another field is chosen. The
// entries come back with their fields, as these hold them at the end.
func (s *session) fill(c *action.Call, values *flow.Row, form string) ([]entry, error) {
	entries := entriesOf(values)
	if len(entries) == 0 {
		return nil, action.Bad("没有要填的内容", "there is nothing to fill in")
	}
	if form != "" {
		if err := s.openForm(c, form); err != nil {
			return nil, err
		}
	}
	rest := entries
	for len(rest) > 0 {
		found, err := s.locate(c, rest, form)
		if err != nil {
			return nil, err
		}
		if err := s.check(c, found); err != nil {
			return nil, err
		}
		found = lateLast(found)
		filled, err := s.putAll(c, found, form)
		if err != nil {
			return nil, err
		}
		done, known := labelsOf(found[:filled]), labelsOf(found)
		rest = slices.DeleteFunc(slices.Clone(rest), func(e entry) bool {
			return slices.Contains(done, e.label) || e.value.IsNull() && !slices.Contains(known, e.label)
		})
	}
	return s.readBack(c, entries, form)
}

// putAll gives the fields their values, in their order, and says how many have theirs: not all when the
// page has changed meanwhile, and the rest must be looked for anew.
func (s *session) putAll(c *action.Call, found []entry, form string) (filled int, err error) {
	for i := 0; i < len(found); {
		n, err := s.enter(c, found[i:])
		if err != nil && !errors.Is(err, browser.ErrGone) {
			return i, err
		}
		if i += n; n > 0 {
			continue
		}
		again, err := s.put(c, &found[i], form)
		if err != nil {
			return i, err
		}
		if i++; again {
			return i, nil
		}
	}
	return len(found), nil
}

func entriesOf(values *flow.Row) []entry {
	var out []entry
	if values == nil {
		return nil
	}
	for i, col := range values.Columns() {
		if v := values.Values()[i]; strings.TrimSpace(col.Name) != "" {
			out = append(out, entry{label: strings.TrimSpace(col.Name), value: v})
		}
	}
	return out
}

// filledOf is the entries that have a value.
func filledOf(es []entry) []entry {
	return slices.DeleteFunc(slices.Clone(es), func(e entry) bool { return e.value.IsNull() })
}

func labelsOf(es []entry) []string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = e.label
	}
	return out
}

// locate finds the fields of all labels. Those that are missing may appear once a field that is there
// has been chosen; then the ones before it are given first.
func (s *session) locate(c *action.Call, entries []entry, form string) ([]entry, error) {
	var found []entry
	look := func(ctx context.Context) (string, bool, error) {
		fields, err := s.gather(ctx, "fields")
		if err != nil {
			return "", false, err
		}
		found = found[:0]
		err = s.assign(c, entries, inForm(fields, form), &found)
		if kindOf(err) == "missing" && s.shutOff(c, "fields", labelsOf(filledOf(entries))) {
			return "put aside", false, err
		}
		if err == nil && grey(found) {
			err = stillGrey
		}
		return fmt.Sprint(len(fields), err == stillGrey, s.page.Document()), err == nil, err
	}
	err := s.settled(c, look)
	if err == nil || err == stillGrey {
		return found, nil
	}
	if kindOf(err) == "missing" {
		if early := switches(found); len(early) > 0 {
			return early, nil
		}
	}
	return nil, err
}

// stillGrey is why locate looks again: a page may enable its fields a moment later. What stays grey is
// for check to judge.
var stillGrey error = action.Bad("字段还是灰的", "a field is still disabled")

// grey reports whether a field is disabled that no choice before it could enable.
func grey(found []entry) bool {
	for _, e := range found {
		f := e.field
		if f.Disabled && !agrees(f, e.value, f.Value) {
			return true
		}
		if f.Kind == "select" || f.Kind == "radios" || f.Kind == "combobox" {
			return false
		}
	}
	return false
}

// switches is the entries that may make others appear; none when there is none that is not set yet.
func switches(found []entry) []entry {
	var out []entry
	for _, e := range found {
		switch e.field.Kind {
		case "select", "radios", "checkbox", "checkboxs", "combobox", "listbox":
			if !agrees(e.field, e.value, e.field.Value) {
				out = append(out, e)
			}
		}
	}
	return out
}

// assign gives every entry its field. All labels that are unknown are in one error.
func (s *session) assign(c *action.Call, entries []entry, fields []thing, found *[]entry) error {
	var lost, near []string
	taken := map[browser.Ref]string{}
	common := commonForm(entries, fields)
	for _, e := range entries {
		t, how, err := s.pick(c, e.label, "values:"+idOf(e.label), common(e.label), false)
		if kindOf(err) == "missing" {
			if e.value.IsNull() {
				continue // an empty cell for which the page has no place
			}
			lost = append(lost, e.label)
			near = nearOf(near, e.label, fields)
			continue
		}
		if err != nil {
			return err
		}
		if other, ok := taken[t.ref]; ok && (t.Kind != "radios" && t.Kind != "checkboxs") {
			return action.Bad("“%s”和“%s”是网页上的同一个字段“%s”", "“%s” and “%s” are the same field of the page, “%s”", other, e.label, t.name())
		}
		taken[t.ref] = e.label
		s.repaired(c, e.label, t, how)
		e.field = t
		*found = append(*found, e)
	}
	switch {
	case len(lost) == 0:
		return nil
	case len(near) == 0:
		return action.Missing("网页上没有这些字段：%s", "the page has no such fields: %s", strings.Join(lost, "、"))
	}
	return action.Missing("网页上没有这些字段：%s；有：%s", "the page has no such fields: %s; there are: %s", strings.Join(lost, "、"), strings.Join(near, "、"))
}

// commonForm gives the fields that a label is looked for among: where several bear it, and all the
// labels that one field alone bears stand in one form, those of that form, if one of them is there.
func commonForm(entries []entry, fields []thing) func(label string) []thing {
	var form browser.Ref
	for _, e := range entries {
		best, _ := findAll(e.label, fields)
		if len(best) != 1 {
			continue
		}
		f := formRef(&fields[best[0]])
		if f.ID == 0 || form.ID != 0 && f != form {
			return func(string) []thing { return fields }
		}
		form = f
	}
	return func(label string) []thing {
		best, _ := findAll(label, fields)
		if len(best) < 2 || form.ID == 0 {
			return fields
		}
		inside := slices.DeleteFunc(slices.Clone(fields), func(t thing) bool { return formRef(&t) != form })
		if in, _ := findAll(label, inside); len(in) != 1 {
			return fields
		}
		return inside
	}
}

func formRef(t *thing) browser.Ref { return browser.Ref{Frame: t.ref.Frame, ID: t.Form} }

// idOf is a label as part of the id of a question.
func idOf(label string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '=' || r <= ' ' {
			return '_'
		}
		return r
	}, label)
}

func nearOf(near []string, label string, fields []thing) []string {
	_, more := findAll(label, fields)
	for _, m := range more {
		if !slices.Contains(near, m) && len(near) < 15 {
			near = append(near, m)
		}
	}
	return near
}

// inForm is the fields in the form, or group, of this title; all when none is.
func inForm(fields []thing, form string) []thing {
	if form == "" {
		return fields
	}
	out := slices.DeleteFunc(slices.Clone(fields), func(t thing) bool { return !inGroup(&t, form) })
	if len(out) == 0 {
		return fields
	}
	return out
}

// openForm opens a form by what opens it, where no field stands under its title. Nothing but a GET
// can leave meanwhile.
func (s *session) openForm(c *action.Call, form string) error {
	if err := s.page.Settle(c); err != nil {
		return err
	}
	fields, err := s.gather(c, "fields")
	if err != nil && !errors.Is(err, browser.ErrGone) {
		return err
	}
	if slices.ContainsFunc(fields, func(t thing) bool { return inGroup(&t, form) }) {
		return nil
	}
	things, err := s.gather(c, "clickables")
	if err != nil {
		return err
	}
	best, _ := findAllVerbs(form, things)
	if len(best) != 1 {
		if len(fields) > 0 {
			return nil // a title that the page does not bind to its fields
		}
		return missing(form, nil, true)
	}
	if err := s.page.ReadOnly(c, true); err != nil {
		return err
	}
	defer s.page.ReadOnly(c, false)
	return s.follow(c, &things[best[0]])
}

// check reports, before anything is filled, what cannot be.
func (s *session) check(c *action.Call, found []entry) error {
	chosen := false
	for _, e := range found {
		f := e.field
		switch {
		case f.Disabled && !agrees(f, e.value, f.Value) && !chosen:
			return action.Bad("字段“%s”是灰的，不能填", "the field “%s” is disabled and cannot be filled", f.name())
		case f.Kind == "password" && e.value.Kind() == flow.SecretKind:
			return action.Bad("密码只能由 web.login 输入", "only web.login types a password")
		case f.Max > 0 && textual(f.Kind) && len([]rune(textFor(f, e.value))) > f.Max:
			return action.Bad("字段“%s”最多 %d 个字，要填的“%s”太长", "the field “%s” takes at most %d characters; “%s” is too long", f.name(), f.Max, textFor(f, e.value))
		}
		if err := fits(f, e.value); err != nil {
			return err
		}
		if len(f.Options) > 0 && !chosen && !e.value.IsNull() {
			if _, err := s.options(c, f, e.label, e.value); err != nil && !(f.Kind == "select" && dependent(f)) {
				return err
			}
		}
		chosen = chosen || f.Kind == "select" || f.Kind == "radios" || f.Kind == "combobox"
	}
	return nil
}

// lateLast is the entries in their order, those last whose list has not got their option yet: the
// choice of another may bring it.
func lateLast(found []entry) []entry {
	late := func(e entry) bool {
		return e.field.Kind == "select" && dependent(e.field) && !slices.ContainsFunc(e.field.Options, func(o option) bool { return optionFits(o, e.value) < weakOption })
	}
	slices.SortStableFunc(found, func(a, b entry) int {
		switch x, y := late(a), late(b); {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	})
	return found
}

// dependent reports whether a list looks as if another choice fills it.
func dependent(f *thing) bool { return len(f.Options) <= 1 }
