package flow

import (
	"sort"
	"strings"
)

// A comment is one that scan found.
type comment struct {
	pos    Pos
	text   string // with #
	own    bool   // it has a line of its own
	inside bool   // it stands in brackets
}

// comment reads from # to the end of the line.
func (s *scanner) comment() {
	c := comment{pos: s.pos, own: strings.TrimSpace(string(s.src[s.lineStart:s.i])) == "", inside: len(s.open) > 0}
	start := s.i
	for s.i < len(s.src) && s.src[s.i] != '\n' {
		s.step()
	}
	c.text = strings.TrimRight(string(s.src[start:s.i]), " \t\r")
	s.comments = append(s.comments, c)
}

// placeComments gives every comment of src to a step of f: one that has a line of its own to
// the step after it, one at the end of a line or inside a statement to that statement. Starlark's parser hangs them
// on whatever node ends nearby, and drops some.
func placeComments(f *Flow, src string) {
	if !strings.Contains(src, "#") {
		return
	}
	var steps []*Step
	f.Walk(func(s *Step) bool { steps = append(steps, s); return true })
	for _, c := range scanComments(src) {
		after := sort.Search(len(steps), func(i int) bool { return steps[i].Pos.Line > c.pos.Line })
		switch {
		case c.own && !c.inside && after < len(steps):
			steps[after].Doc = append(steps[after].Doc, c.text)
		case c.own && !c.inside || after == 0:
			f.Tail = append(f.Tail, c.text)
		case !c.own && steps[after-1].Remark == "":
			steps[after-1].Remark = c.text
		default:
			steps[after-1].Doc = append(steps[after-1].Doc, c.text)
		}
	}
}
