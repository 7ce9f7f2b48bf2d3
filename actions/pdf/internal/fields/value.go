package fields

import (
	"math"
	"strings"

	"daiban/actions/pdf/internal/pdfdoc"
)

// gapMax is the gap, in heights, at which a value on a line ends.
const gapMax = 2.2

// right is the text after a label on its line: to the next label, to a wall,
// or to a wide gap. Empty when something else stands there.
func (h located) right() span {
	s := h.rest().trim()
	if s.empty() {
		return span{}
	}
	return s.chunks(gapMax)[0].trim()
}

// rest is everything after a label on its line up to the next label or wall.
// When that is nothing, it is what stands there a little higher or lower:
// values printed into a form do not always keep to its lines.
func (h located) rest() span {
	end, wall := len(h.l.gs), h.s.wall(h.box())
	for _, o := range h.l.labels {
		if o.from >= h.to {
			end, wall = o.from, math.Min(wall, h.l.gs[o.from].box.X0)
			break
		}
	}
	s := span{h.l, h.to, end}.before(wall)
	if s.trim().empty() {
		return h.beside(wall)
	}
	return s
}

// before is the part of the span that begins left of x.
func (s span) before(x float64) span {
	for i := s.from; i < s.to; i++ {
		if s.l.gs[i].box.X0 >= x {
			s.to = i
			break
		}
	}
	return s
}

// beside is what stands between the label and wall on a line that overlaps the
// label's by a good part, the closest such line.
func (h located) beside(wall float64) span {
	b := h.box()
	height := b.Y1 - b.Y0
	best, at := span{}, 0.8*height
	for _, l := range h.s.lines {
		off := math.Abs(l.mid - (b.Y0+b.Y1)/2)
		if l == h.l || off >= at {
			continue
		}
		from := 0
		for from < len(l.gs) && l.gs[from].box.X0 < b.X1-0.2*height {
			from++
		}
		end := len(l.gs)
		for _, o := range l.labels {
			if o.from >= from {
				end = o.from
				break
			}
		}
		if s := (span{l, from, end}).before(wall); !s.trim().empty() {
			best, at = s, off
		}
	}
	return best
}

// belowMax is how far below a label, in heights, its value may begin.
const belowMax = 3.2

// below is the text under a label: the first line below it that has something
// in its column, unless that is a label itself.
func (h located) below() span {
	b := h.box()
	height := b.Y1 - b.Y0
	for _, l := range h.s.lines {
		if l.mid <= b.Y1 {
			continue
		}
		if l.mid-b.Y1 > belowMax*height {
			return span{}
		}
		for _, c := range (span{l, 0, len(l.gs)}).chunks(0.9) {
			cb := c.box()
			if math.Min(cb.X1, b.X1)-math.Max(cb.X0, b.X0) <= 0 {
				continue
			}
			if startsWithLabel(l, c) {
				return span{}
			}
			return c.trim()
		}
	}
	return span{}
}

// allBelow is what stands under the heading of a column, line by line.
func (h located) allBelow() []span {
	var out []span
	for at := h; ; {
		v := at.below()
		if v.empty() {
			return out
		}
		out = append(out, v)
		// The next is looked for under this line, but in the heading's column.
		at = located{h.s, hit{otherKind, v, false}}
		if b := v.box(); b.X1 < h.box().X0 || b.X0 > h.box().X1 {
			return out
		}
	}
}

func startsWithLabel(l *line, c span) bool {
	for _, o := range l.labels {
		if o.from == c.from {
			return true
		}
	}
	return false
}

// A place is where a value stands.
type place struct {
	page int
	box  pdfdoc.Box
}

// wrapped adds to a name what continues it on the next lines: text that begins
// where the name began, with no label, close below.
func (s *sheet) wrapped(v span) (string, place) {
	text, box := v.text(), v.box()
	if v.units() < wrapMin {
		return text, place{v.l.page, box}
	}
	left, height := box.X0, box.Y1-box.Y0
	for range 3 {
		next, ok := s.continuation(v, left, box.Y1, height)
		if !ok {
			break
		}
		text, box = join(text, next.text()), box.Union(next.box())
	}
	return text, place{v.l.page, box}
}

// wrapMin is the length of the shortest line that is broken, a Chinese
// character counting two.
const wrapMin = 20

func (s span) units() (n float64) {
	for _, g := range s.glyphs() {
		n += units(g.r)
	}
	return n
}

// labelBefore reports whether c is the value of a label on its line.
func labelBefore(l *line, c span) bool {
	for _, o := range l.labels {
		if o.to <= c.from && strings.Trim((span{l, o.to, c.from}).folded(), ":") == "" {
			return true
		}
	}
	return false
}

func (s *sheet) continuation(v span, left, bottom, height float64) (span, bool) {
	for _, l := range s.lines {
		top := l.mid - height/2
		if l.mid <= bottom || top-bottom > 0.55*height {
			continue
		}
		for _, c := range (span{l, 0, len(l.gs)}).chunks(gapMax) {
			if math.Abs(c.box().X0-left) > 0.35*height || startsWithLabel(l, c) || strings.ContainsAny(c.folded(), ":") || labelBefore(l, c) || !isName(c) {
				continue
			}
			return c, true
		}
	}
	return span{}, false
}

// join adds a further line to a text; Chinese needs no blank.
func join(a, b string) string {
	last, first := []rune(a), []rune(b)
	if len(last) == 0 || len(first) == 0 {
		return a + b
	}
	if last[len(last)-1] > 0x2E80 && first[0] > 0x2E80 {
		return a + b
	}
	return a + " " + b
}
