package phrasebook

import (
	"cmp"
	"maps"
	"slices"
)

// Costs of a reading: what is said in known words is cheap, what is taken as a
// name is dear, so that the reading with the fewest assumptions wins.
const (
	costFiller = 0.15
	costPhrase = 0.3
	waysMax    = 6   // readings kept of one phrase from one place to another
	waysAllMax = 120 // and in all
	workMax    = 400_000
)

// A capture is what one slot of a phrase caught.
type capture struct {
	name string
	v    value
	next *capture
}

func (c *capture) get(name string) value {
	for ; c != nil; c = c.next {
		if c.name == name {
			return c.v
		}
	}
	return value{}
}

// A state is a phrase half read.
type state struct {
	cost float32
	caps *capture
	used bool // something of the phrase has been read
}

// A way is one reading of a phrase or slot: it ends before token end.
type way struct {
	end  int
	cost float32
	v    value
}

// A parser reads one request.
type parser struct {
	g     *grammar
	text  string
	ts    []token
	spans [][]span
	solid []bool // tokens inside a file, address or quoted text
	memo  map[memoKey][]way
	work  int
	loose bool // any word is a name: what stands beside it says so
}

type memoKey struct {
	name string
	at   int
}

// tired reports whether the request has cost more work than it may.
func (p *parser) tired() bool { p.work++; return p.work > workMax }

// ways is the readings of phrase or slot name at token i, cheapest first.
func (p *parser) ways(name string, i int) []way {
	key := memoKey{name, i}
	if w, ok := p.memo[key]; ok {
		return w
	}
	p.memo[key] = nil // a phrase that begins with itself reads nothing
	var out []way
	if f := p.g.slots[name]; f != nil {
		out = f(p, i)
	} else {
		out = p.phraseWays(name, i)
	}
	out = cheapest(out, waysMax)
	p.memo[key] = out
	return out
}

func (p *parser) phraseWays(name string, i int) []way {
	var out []way
	text, alt := "", ""
	if i < len(p.ts) {
		text, alt = p.ts[i].text, p.ts[i].alt
	}
	for _, ph := range p.g.rules[name] {
		if ph.first != nil && !ph.first[text] && (alt == "" || !ph.first[alt]) {
			continue
		}
		ph.body.match(p, i, state{}, func(j int, s state) {
			if j == i || p.tired() {
				return
			}
			if v, ok := ph.output.build(s.caps); ok {
				p.work += 4 * len(v.list)
				out = append(out, way{end: j, cost: s.cost + ph.cost, v: v})
			}
		})
	}
	return out
}

// cheapest keeps the n cheapest ways to every end, one of those that mean the same.
func cheapest(ws []way, n int) []way {
	if len(ws) < 2 {
		return ws
	}
	slices.SortStableFunc(ws, func(a, b way) int { return cmp.Compare(a.cost, b.cost) })
	type same struct {
		end int
		key string
	}
	seen := map[same]bool{}
	ends := map[int]int{}
	out := ws[:0]
	for _, w := range ws {
		k := same{w.end, w.v.key()}
		if seen[k] || ends[w.end] == n {
			continue
		}
		seen[k] = true
		ends[w.end]++
		if out = append(out, w); len(out) == waysAllMax {
			break
		}
	}
	return out
}

func (l lit) match(p *parser, i int, s state, next func(int, state)) {
	if i < len(p.ts) && (p.ts[i].text == l.text || p.ts[i].alt == l.text && l.text != "") {
		if p.ts[i].solid && !l.noun {
			return // part of a noun: the 发 of 发票
		}
		s.used = true
		next(i+1, s)
	}
}

func (q seq) match(p *parser, i int, s state, next func(int, state)) {
	q.from(p, 0, i, s, next)
}

// from matches the elements from k on; between two elements fillers may stand.
func (q seq) from(p *parser, k, i int, s state, next func(int, state)) {
	if k == len(q) {
		next(i, s)
		return
	}
	if p.tired() {
		return
	}
	step := func(j int, t state) { q.from(p, k+1, j, t, next) }
	q[k].match(p, i, s, step)
	if !s.used {
		return
	}
	if _, ok := q[k].(maybe); ok {
		return // what follows it skips the same fillers
	}
	for n := 0; n < 3 && i < len(p.ts) && innerFillers[p.ts[i].text]; n++ {
		i++
		s.cost += costFiller
		q[k].match(p, i, s, step)
	}
}

func (c choice) match(p *parser, i int, s state, next func(int, state)) {
	for _, x := range c {
		x.match(p, i, s, next)
	}
}

func (m maybe) match(p *parser, i int, s state, next func(int, state)) {
	m.x.match(p, i, s, next)
	if s.used { // fillers before what may be left out
		j, t := i, s
		for n := 0; n < 2 && j < len(p.ts) && innerFillers[p.ts[j].text]; n++ {
			j++
			t.cost += costFiller
			m.x.match(p, j, t, next)
		}
	}
	next(i, s)
}

func (sl slot) match(p *parser, i int, s state, next func(int, state)) {
	name := sl.kind
	if name[0] == '$' {
		name = name[1:]
	}
	for _, w := range p.ways(name, i) {
		t := state{cost: s.cost + w.cost, caps: s.caps, used: true}
		if sl.name != "" {
			t.caps = &capture{sl.name, w.v, s.caps}
		}
		next(w.end, t)
	}
}

func (l lit) firsts(_ *grammar, set map[string]bool) (any, empty bool) {
	set[l.text] = true
	return false, false
}

func (q seq) firsts(g *grammar, set map[string]bool) (any, empty bool) {
	for _, x := range q {
		a, e := x.firsts(g, set)
		if a || !e {
			return a, false
		}
	}
	return false, true
}

func (c choice) firsts(g *grammar, set map[string]bool) (any, empty bool) {
	for _, x := range c {
		a, e := x.firsts(g, set)
		any, empty = any || a, empty || e
	}
	return any, empty
}

func (m maybe) firsts(g *grammar, set map[string]bool) (any, empty bool) {
	a, _ := m.x.firsts(g, set)
	return a, true
}

func (sl slot) firsts(*grammar, map[string]bool) (any, empty bool) { return true, false }

// index notes with which tokens every phrase can start.
func (g *grammar) index() {
	for _, ps := range g.rules {
		for _, ph := range ps {
			set := map[string]bool{}
			if any, empty := ph.body.firsts(g, set); !any && !empty {
				ph.first = set
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
