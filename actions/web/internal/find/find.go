// Package find decides which of the things on a page a name means. It sees what the page script
// reported of each (its labels, and the groups that it stands in) and knows no browser. The answer
// is one candidate, or several that a person must choose from, or none with what is near: never the
// first that fits.
package find

import (
	"slices"
	"strings"
	"unicode/utf8"

	"daiban/action"
	"daiban/flow"
)

// A Candidate is a field or something to click.
type Candidate struct {
	Labels []Label
	Groups []string // the names of the groups, or the row, that it stands in, the inner first
	Same   string   // candidates with the same Same lead to the same; "" for none
	Inside int      // the place in the list, from 1, of the candidate that it lies in; 0 for none
}

// A Label is a sign of what a candidate is called. Kind says where it comes from:
// label, aria, text; cell, head, before, after, placeholder; title, left, over, above; name.
type Label struct{ Kind, Text string }

// A Grade says how well a label answers to a name, best first.
type Grade int

// The grades.
const (
	Exact   Grade = iota
	Folded        // case, width, spaces, marks of required fields, colons
	Part          // punctuation and brackets: 金额(元), 姓名/Name
	Synonym       // the same meaning, in the same or the other language
	Named         // the name says the group too: 联系人 姓名
	Weak          // one contains the other: only a suggestion
	none
)

// A Match is a candidate that a name may mean.
type Match struct {
	Index int
	Grade Grade
	Via   Label // the label that answered
	score int
}

// Verbs says that names are words on buttons, whose synonyms are verbs.
type Verbs bool

// Find is the candidates that name means: all of the best score. None but suggestions when the
// best is Weak; near is the labels that are close then.
func Find(name string, list []Candidate, verbs Verbs) (best []Match, near []string) {
	q := newQuery(name, bool(verbs))
	var all []Match
	for i := range list {
		if m, ok := q.match(&list[i]); ok {
			m.Index = i
			all = append(all, m)
		}
	}
	all = outermostOff(all, list)
	slices.SortStableFunc(all, func(a, b Match) int { return a.score - b.score })
	if len(all) == 0 || all[0].Grade == Weak {
		for _, m := range all {
			near = add(near, m.Via.Text)
		}
		return nil, nearest(name, list, near)
	}
	for _, m := range all {
		if m.score == all[0].score && !sameAs(best, m, list) {
			best = append(best, m)
		}
	}
	return best, nil
}

// sameAs reports whether one of ms leads to the same as m.
func sameAs(ms []Match, m Match, list []Candidate) bool {
	s := list[m.Index].Same
	return s != "" && slices.ContainsFunc(ms, func(x Match) bool { return list[x.Index].Same == s })
}

// outermostOff drops what holds another match of the same label: a list item around its link.
func outermostOff(ms []Match, list []Candidate) []Match {
	holds := map[int]bool{}
	for _, m := range ms {
		for k, n := list[m.Index].Inside, 0; k > 0 && n < 50; k, n = list[k-1].Inside, n+1 {
			holds[k-1] = true
		}
	}
	return slices.DeleteFunc(ms, func(m Match) bool {
		return holds[m.Index] && slices.ContainsFunc(ms, func(x Match) bool { return x.Index != m.Index && x.score <= m.score && inside(x.Index, m.Index, list) })
	})
}

func inside(a, b int, list []Candidate) bool {
	for k, n := list[a].Inside, 0; k > 0 && n < 50; k, n = list[k-1].Inside, n+1 {
		if k-1 == b {
			return true
		}
	}
	return false
}

// Describe is a candidate as a person tells it from others: its group and its label.
func Describe(c *Candidate) string {
	label := ""
	rank := 100
	for _, l := range c.Labels {
		if r := rankOf(l.Kind); r < rank {
			rank, label = r, l.Text
		}
	}
	label = clip(label, 40)
	if len(c.Groups) > 0 {
		return clip(c.Groups[0], 40) + " › " + label
	}
	return label
}

// Distinct is the descriptions of the candidates at places, each another.
func Distinct(places []int, list []Candidate) []string {
	out := make([]string, len(places))
	for n, i := range places {
		c := &list[i]
		text := Describe(c)
		for k := 1; k < len(c.Groups) && slices.Contains(out[:n], text); k++ {
			text = clip(c.Groups[k], 40) + " › " + text
		}
		base := text
		for k := 2; slices.Contains(out[:n], text); k++ {
			text = base + " (" + flow.NumInt(int64(k)).String() + ")"
		}
		out[n] = text
	}
	return out
}

func clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// A query is a name taken apart.
type query struct {
	name   string
	folded string
	letter string
	verbs  bool
	tokens []string // of a name that says its group too
}

func newQuery(name string, verbs bool) *query {
	q := &query{name: strings.Join(strings.Fields(name), " "), folded: Fold(name), letter: letters(name), verbs: verbs}
	q.tokens = tokens(name)
	return q
}

// match is how well c answers, by its best label.
func (q *query) match(c *Candidate) (Match, bool) {
	primary := 100
	for _, l := range c.Labels {
		primary = min(primary, rankOf(l.Kind))
	}
	best := Match{Grade: none, score: 1 << 30}
	for _, l := range c.Labels {
		rank := rankOf(l.Kind)
		if rank == nameRank && primary < nameRank {
			continue // a name in the code says nothing where a person sees another
		}
		g := q.grade(l)
		if g == none {
			continue
		}
		m := Match{Grade: g, Via: l, score: int(g) * 10}
		if rank > primary {
			m.score += 15 // what it is called besides
		}
		if m.score < best.score {
			best = m
		}
	}
	if best.Grade < Named {
		return best, true
	}
	if l, ok := q.grouped(c, primary); ok {
		return Match{Grade: Named, Via: l, score: int(Named) * 10}, true
	}
	return best, best.Grade < none
}

// grade is how well one label answers.
func (q *query) grade(l Label) Grade {
	text := l.Text
	if l.Kind == "placeholder" {
		text = prompt(text)
	}
	f := Fold(text)
	switch {
	case text == q.name:
		return Exact
	case f == "" || q.folded == "":
		return none
	case f == q.folded:
		return Folded
	case q.letter != "" && letters(text) == q.letter:
		return Part
	case q.verbs:
		return q.verb(text, f)
	case apart(q.name, text):
		if contains(f, q.folded) {
			return Weak
		}
		return none
	case action.SameHeading(q.name, text):
		return Part
	case synonym(q.name, text), sameField(q.letter, letters(text)):
		return Synonym
	case contains(f, q.folded):
		return Weak
	}
	return none
}

// verb is the grade of words on a button.
func (q *query) verb(text, folded string) Grade {
	switch {
	case sameVerb(q.letter, letters(text)):
		return Synonym
	case withObject(q.letter, letters(text)):
		return Named
	case contains(folded, q.folded):
		return Weak
	}
	return none
}

// synonym reports whether two names of fields mean the same, by the words of action.Synonyms.
func synonym(a, b string) bool {
	if utf8.RuneCountInString(b) > 60 {
		return false
	}
	_, err := action.Resolve(a, []flow.Column{{Name: strip(b)}})
	return err == nil
}

// grouped reports whether the name says a group and a label in it: 联系人 姓名, 联系人/姓名, the
// choices that Describe makes.
func (q *query) grouped(c *Candidate, primary int) (Label, bool) {
	if len(q.tokens) < 2 {
		return Label{}, false
	}
	last := newQuery(q.tokens[len(q.tokens)-1], q.verbs)
	for i, l := range c.Labels {
		if rankOf(l.Kind) > max(primary, 1) || last.grade(l) > Synonym {
			continue
		}
		if q.places(c, i) {
			return l, true
		}
	}
	return Label{}, false
}

// places reports whether every token but the last is said by a group or another label of c.
func (q *query) places(c *Candidate, label int) bool {
	for _, t := range q.tokens[:len(q.tokens)-1] {
		f := Fold(t)
		said := slices.ContainsFunc(c.Groups, func(g string) bool { return strings.Contains(Fold(g), f) })
		for i, l := range c.Labels {
			said = said || i != label && strings.Contains(Fold(l.Text), f)
		}
		if f == "" || !said {
			return false
		}
	}
	return true
}

// nameRank is the rank of what only the code calls a field.
const nameRank = 9

// rankOf is how close a label is to its field, the closest first.
func rankOf(kind string) int {
	switch kind {
	case "label", "aria", "text":
		return 0
	case "cell", "head", "after":
		return 1
	case "before":
		return 2
	case "placeholder", "left":
		return 3
	case "over", "above", "title":
		return 4
	}
	return nameRank
}

// nearest is labels to suggest: those found near, else those spelled almost alike, else the first.
func nearest(name string, list []Candidate, near []string) []string {
	var labels []string
	for i := range list {
		best, rank := "", 100
		for _, l := range list[i].Labels {
			if r := rankOf(l.Kind); r < rank && r < nameRank {
				best, rank = l.Text, r
			}
		}
		if best != "" {
			labels = add(labels, clip(strip(best), 40))
		}
	}
	for _, l := range flow.Nearest(name, labels) {
		near = add(near, l)
	}
	for _, l := range labels {
		near = add(near, l)
	}
	return near[:min(len(near), 12)]
}

func add(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
