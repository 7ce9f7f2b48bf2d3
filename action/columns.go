package action

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"daiban/flow"
)

// A fit is how well a header answers to a name, best first.
type fit uint8

const (
	exactFit  fit = iota // the same signs
	foldedFit            // case, width, spaces and underscores do not count
	partFit              // punctuation and what stands in brackets do not: 金额(元), 姓名/Name
	wordFit              // the same meaning by Synonyms, or word by word by them (order amount, 订单金额)
	weakFit              // one contains the other, or is spelled almost alike: only a suggestion
	noFit
)

// Resolve is the place in cols of the column that a flow calls name: the only one of the best
// class of fit, a weak fit excepted. The error lists the columns that it could have been.
func Resolve(name string, cols []flow.Column) (int, error) {
	found, best := candidates(name, cols)
	if best < weakFit && len(found[best]) == 1 {
		return found[best][0], nil
	}
	if best < weakFit {
		names := namesAt(found[best], cols)
		return -1, Bad("列“%s”可能是：%s。请写清楚是哪一列", "column “%s” could be: %s. Say which one", name, listed(names))
	}
	p := Missing("没有“%s”这一列；有这些列：%s", "there is no column “%s”; there are: %s", name, listed(namesOf(cols)))
	if best == weakFit {
		p = Missing("没有“%s”这一列；相近的有：%s", "there is no column “%s”; near it: %s", name, listed(namesAt(found[weakFit], cols)))
	}
	return -1, p
}

// Match is the headers that name could mean, the better fit first and then in the order of
// cols, at most eight; none when nothing is near.
func Match(name string, cols []flow.Column) []string {
	found, _ := candidates(name, cols)
	var out []string
	for _, places := range found {
		out = append(out, namesAt(places, cols)...)
	}
	return out[:min(len(out), 8)]
}

// candidates is the places in cols by their fit to name, and the best fit that occurs.
func candidates(name string, cols []flow.Column) (found [noFit][]int, best fit) {
	best = noFit
	want := newHeading(name)
	near := flow.Nearest(name, namesOf(cols))
	for i, c := range cols {
		f := want.fits(c.Name)
		if f == noFit && slices.Contains(near, c.Name) {
			f = weakFit
		}
		if f == noFit {
			continue
		}
		found[f] = append(found[f], i)
		best = min(best, f)
	}
	return found, best
}

// namesAt is the names of the columns at places.
func namesAt(places []int, cols []flow.Column) []string {
	out := make([]string, len(places))
	for n, i := range places {
		out[n] = cols[i].Name
	}
	return out
}

func namesOf(cols []flow.Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return out
}

// listed is names in a message: joined as the language does, cut when there are many.
type listed []string

// Name is the list in lang.
func (l listed) Name(lang string) string {
	sep, more := ", ", " …"
	if lang == "zh" {
		sep, more = "、", "……"
	}
	if len(l) > 20 {
		return strings.Join(l[:20], sep) + more
	}
	return strings.Join(l, sep)
}

func (l listed) String() string { return l.Name("en") }

// A heading is a name of a column, taken apart.
type heading struct {
	text   string
	folded string
	parts  []string // letters and digits of the whole, without brackets, and of its alternatives
	groups []int    // the groups of Synonyms that a part belongs to
	own    []int    // those of the whole: what stands in brackets is often a unit
	words  [][]int  // the groups of each word, when the whole is made of known words
}

func newHeading(s string) heading {
	h := heading{text: s, folded: foldHeading(s)}
	h.parts = headingParts(s)
	v := vocabulary()
	for _, p := range h.parts {
		h.groups = append(h.groups, v.groups[stem(p)]...)
	}
	if len(h.parts) > 0 {
		h.own = v.groups[stem(h.parts[0])]
		h.words = v.spell(h.parts[0])
	}
	return h
}

// fits is how well the header other answers to h.
func (h heading) fits(other string) fit {
	if h.text == other {
		return exactFit
	}
	o := newHeading(other)
	switch {
	case h.folded == o.folded && h.folded != "":
		return foldedFit
	case len(h.parts) == 0 || len(o.parts) == 0:
		return noFit
	case slices.Contains(o.parts, h.parts[0]), slices.Contains(h.parts, o.parts[0]):
		return partFit
	case overlap(h.own, o.groups), overlap(h.groups, o.own), sameWords(h.words, o.words):
		return wordFit
	case h.within(o), o.within(h):
		return weakFit
	}
	return noFit
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// sameWords reports whether two headings of at least two known words mean the same word by word.
func sameWords(a, b [][]int) bool {
	if len(a) < 2 || len(a) != len(b) {
		return false
	}
	for i := range a {
		if !overlap(a[i], b[i]) {
			return false
		}
	}
	return true
}

// within reports whether h, or a word that means the same, is a part of o.
func (h heading) within(o heading) bool {
	if long(h.parts[0]) && strings.Contains(o.parts[0], h.parts[0]) {
		return true
	}
	for _, g := range h.own {
		for _, w := range Synonyms[g] {
			if w = lettersOf(w); long(w) && strings.Contains(o.parts[0], w) {
				return true
			}
		}
	}
	return false
}

// long reports whether w is long enough to tell something as a part of a word.
func long(w string) bool {
	n := len([]rune(w))
	return n >= 4 || n >= 2 && len(w) >= 3*n
}

func foldHeading(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '_' {
			return -1
		}
		return r
	}, strings.ToLower(flow.Fold(s)))
}

// lettersOf is the letters and digits of s, folded.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '%' {
			return r
		}
		return -1
	}, foldHeading(s))
}

// headingParts is s without what stands in brackets, then the alternatives in it: what stands in
// brackets, beside a stroke or on another line, and its Chinese and Latin halves (部门 Dept).
func headingParts(s string) []string {
	s = strings.ToLower(flow.Fold(s))
	var parts []string
	add := func(p string) {
		if p = lettersOf(p); p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	outer, inner := cutBrackets(s)
	add(outer)
	pieces := strings.FieldsFunc(outer, func(r rune) bool { return strings.ContainsRune("/|\n\r、:：", r) })
	for _, p := range append(pieces, inner...) {
		add(p)
		if han, latin, ok := halves(p); ok {
			add(han)
			add(latin)
		}
	}
	if len(parts) == 0 {
		add(s)
	}
	return parts
}

// cutBrackets splits s into what stands outside and inside of brackets.
func cutBrackets(s string) (outer string, inner []string) {
	var out, in strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune("([{【〔《<「", r):
			depth++
		case strings.ContainsRune(")]}】〕》>」", r) && depth > 0:
			if depth--; depth == 0 {
				inner = append(inner, in.String())
				in.Reset()
			}
		case depth > 0:
			in.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	if depth > 0 {
		inner = append(inner, in.String())
	}
	return out.String(), inner
}

// halves splits a text that says the same in Chinese and in Latin letters, in either order.
func halves(s string) (han, latin string, ok bool) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	j := strings.IndexFunc(s, func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) })
	if i < 0 || j < 0 {
		return "", "", false
	}
	han, latin = s[:max(i, j)], s[max(i, j):]
	if i > j {
		han, latin = latin, han
	}
	hanOnly := !strings.ContainsFunc(han, func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) })
	latinOnly := !strings.ContainsFunc(latin, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	g := vocabulary().groups
	same := overlap(g[stem(lettersOf(han))], g[stem(lettersOf(latin))]) // not VIP客户
	return han, latin, hanOnly && latinOnly && same
}

// stem drops a plural s.
func stem(w string) string {
	if len(w) > 3 && w[len(w)-1] == 's' && w[len(w)-2] != 's' {
		return w[:len(w)-1]
	}
	return w
}

// words is Synonyms the other way round.
type words struct {
	groups map[string][]int // by the letters of a word, stemmed
	most   int              // bytes of the longest
}

var vocabulary = sync.OnceValue(func() words {
	v := words{groups: map[string][]int{}}
	for g, group := range Synonyms {
		for _, w := range group {
			w = stem(lettersOf(w))
			v.groups[w] = append(v.groups[w], g)
			v.most = max(v.most, len(w))
		}
	}
	return v
})

// spell is the groups of the words that s is made of, the longest word first; nil when some of it is unknown.
func (v words) spell(s string) [][]int {
	var out [][]int
	for s != "" && len(out) < 8 {
		n := min(v.most+1, len(s))
		for ; n > 0; n-- {
			if g, ok := v.groups[stem(s[:n])]; ok && (n >= 3 || n == len(s) || s[0] < 0x80 && n >= 2) {
				out = append(out, g)
				break
			}
		}
		if n == 0 {
			return nil
		}
		s = s[n:]
	}
	if s != "" {
		return nil
	}
	return out
}

// SameHeading reports whether two names of columns are the same but for case, width, spaces,
// punctuation and what stands in brackets.
func SameHeading(a, b string) bool { return newHeading(a).fits(b) <= partFit }
