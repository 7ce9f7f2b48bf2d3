package grammar

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// unit is what a span is cut between: a code point, or with Words a word.
type unit struct {
	text   string
	points int
}

// span adds paths for the pieces of text that o allows.
func (n *nfa) span(text string, o SpanOptions, from, to int32) error {
	auto := newSuffixes()
	for _, u := range spanUnits(text, o) {
		auto.add(u)
	}
	lo, hi := max(o.Min, 1), o.Max
	if hi == 0 {
		return n.spanStates(auto, o, lo, from, to)
	}
	return n.spanCounted(auto, o, lo, hi, from, to)
}

// spanAt is a state of the suffix automaton with the number of code points read,
// as far as that matters.
type spanAt struct{ state, points int32 }

// spanStates counts up to the minimum only.
func (n *nfa) spanStates(a *suffixes, o SpanOptions, lo int, from, to int32) error {
	return n.spanWalk(a, o, from, to, func(points int32) (kept int32, ok, end bool) {
		return min(points, int32(lo)), true, int(points) >= lo
	})
}

// spanCounted counts all code points: as many states as there are different pieces.
func (n *nfa) spanCounted(a *suffixes, o SpanOptions, lo, hi int, from, to int32) error {
	return n.spanWalk(a, o, from, to, func(points int32) (kept int32, ok, end bool) {
		return points, int(points) <= hi, int(points) >= lo
	})
}

func (n *nfa) spanWalk(a *suffixes, o SpanOptions, from, to int32, count func(int32) (kept int32, ok, end bool)) error {
	index := map[spanAt]int32{{}: from}
	todo := []spanAt{{}}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, m := range a.states[at.state].next {
			if a.units[m.unit].text == "" {
				continue // nothing goes across a break
			}
			kept, ok, end := count(at.points + int32(a.units[m.unit].points))
			if !ok {
				continue
			}
			next := spanAt{m.to, kept}
			i, known := index[next]
			if !known {
				i = n.add()
				index[next] = i
				todo = append(todo, next)
				if end {
					n.empty(i, to)
				}
			}
			n.lit(escaped(a.units[m.unit].text, o), index[at], i)
			if err := n.c.tooLarge(); err != nil {
				return err
			}
		}
	}
	return nil
}

func escaped(s string, o SpanOptions) string {
	if o.Escape == nil {
		return s
	}
	var out []byte
	for i := 0; i < len(s); i++ {
		if e := o.Escape(s[i]); e != "" {
			out = append(out, e...)
		} else {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// spanUnits cuts the text. An empty unit is a break, which no span holds. A word
// with an excluded character in it is a break.
func spanUnits(text string, o SpanOptions) []unit {
	var out []unit
	exclude := []rune(o.Exclude)
	joins := false // the next code point goes on with the word before it
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		u := unit{text[:size], 1}
		text = text[size:]
		if r == utf8.RuneError && size == 1 || slices.Contains(exclude, r) {
			u = unit{}
		}
		in := o.Words && inWord(r)
		switch last := len(out) - 1; {
		case !joins || !in:
			out = append(out, u)
		case u.text == "" || out[last].text == "":
			out[last] = unit{}
		default:
			out[last].text += u.text
			out[last].points++
		}
		joins = in
	}
	return out
}

func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_') &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// suffixes is the suffix automaton of a sequence of units: the smallest one that
// reads every contiguous piece of it (Blumer et al., 1985).
type suffixes struct {
	units  []unit
	id     map[string]int32
	states []suffixState
	last   int32
}

type suffixState struct {
	next []suffixMove
	link int32
	len  int32
}

type suffixMove struct{ unit, to int32 }

func newSuffixes() *suffixes {
	return &suffixes{id: map[string]int32{}, states: []suffixState{{link: -1}}}
}

func (s *suffixState) move(u int32) *suffixMove {
	for i := range s.next {
		if s.next[i].unit == u {
			return &s.next[i]
		}
	}
	return nil
}

// unitID numbers the units; every break is a unit by itself, so that no piece
// across one occurs twice.
func (a *suffixes) unitID(u unit) int32 {
	if id, ok := a.id[u.text]; ok && u.text != "" {
		return id
	}
	id := int32(len(a.units))
	a.units = append(a.units, u)
	a.id[u.text] = id
	return id
}

func (a *suffixes) add(u unit) {
	c := a.unitID(u)
	cur := int32(len(a.states))
	a.states = append(a.states, suffixState{len: a.states[a.last].len + 1})
	p := a.last
	a.last = cur
	for ; p >= 0 && a.states[p].move(c) == nil; p = a.states[p].link {
		a.states[p].next = append(a.states[p].next, suffixMove{c, cur})
	}
	if p < 0 {
		return
	}
	q := a.states[p].move(c).to
	if a.states[p].len+1 == a.states[q].len {
		a.states[cur].link = q
		return
	}
	clone := int32(len(a.states))
	a.states = append(a.states, suffixState{
		next: slices.Clone(a.states[q].next), link: a.states[q].link, len: a.states[p].len + 1,
	})
	for ; p >= 0; p = a.states[p].link {
		m := a.states[p].move(c)
		if m == nil || m.to != q {
			break
		}
		m.to = clone
	}
	a.states[q].link = clone
	a.states[cur].link = clone
}
