package web

import (
	"slices"
	"strings"

	"daiban/action"
)

// enter gives plain text fields that follow each other in one frame their values in one pass of the page
// script, and says how many of the entries have theirs. What it leaves, and what the page takes
// otherwise, put and readBack do one by one.
func (s *session) enter(c *action.Call, found []entry) (done int, err error) {
	var list [][2]any
	for done < len(found) && plain(found[done].field) && found[done].field.ref.Frame == found[0].field.ref.Frame {
		e := &found[done]
		if f := e.field; !agrees(f, e.value, f.Value) {
			list = append(list, [2]any{f.ID, line(f, textFor(f, e.value))})
		}
		done++
	}
	if len(list) < 2 {
		return 0, nil
	}
	var ids []int
	if err := s.page.Call(c, found[0].field.ref.Frame, "enter", &ids, list); err != nil {
		return 0, err
	}
	for i := range done {
		e := &found[i]
		if f := e.field; !slices.Contains(ids, f.ID) && !agrees(f, e.value, f.Value) {
			return i, nil
		}
	}
	return done, nil
}

// plain reports whether a field is one that text is typed into and nothing opens at.
func plain(f *thing) bool {
	switch f.Kind {
	case "text", "email", "tel", "number", "textarea":
		return !f.Readonly && !f.Disabled
	}
	return false
}

// line is a text as a field of this kind holds it: on one line, but in a textarea.
func line(f *thing, text string) string {
	if f.Kind == "textarea" || f.Kind == "editable" {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", " "), "\n", " ")
}
