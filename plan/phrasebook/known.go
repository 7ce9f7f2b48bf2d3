package phrasebook

import (
	"cmp"
	"slices"
	"strings"

	"daiban/flow"
)

// A mold is a known request with its values taken out: read as a phrase, it says which
// words of another request take their place.
type mold struct {
	pattern seq
	values  []string // what stood in slot i, as the flow writes it
	words   int      // words that must be there
	flow    string
}

// newMold takes the values of p's flow out of its request; ok is false when too little
// would be left to know it by.
func newMold(g *grammar, p Pair) (m mold, ok bool) {
	f, err := flow.Parse(p.Flow)
	if err != nil || len(f.Steps) == 0 || f.Steps[0].Kind == flow.CannotStep {
		return m, false
	}
	m.flow = p.Flow
	q := newParser(g, p.Request)
	values := flowValues(f)
	for i := 0; i < len(q.ts); {
		kind, end, v := q.valueAt(i, values)
		if kind == "" {
			m.literal(q.ts[i].text)
			i++
			continue
		}
		m.pattern = append(m.pattern, slot{string(rune('A' + len(m.values))), kind})
		m.values = append(m.values, v)
		i = end
	}
	return m, m.words >= 2 && len(m.values) < 20
}

// literal adds a word; marks and fillers are left to chance.
func (m *mold) literal(word string) {
	switch {
	case clauseEnds[word] || outerFillers[word] && kindOf([]rune(word)[0]) == markToken:
		m.pattern = append(m.pattern, maybe{choice{lit{text: word}, lit{text: "，"}, lit{text: ","}}})
	case innerFillers[word]:
		m.pattern = append(m.pattern, maybe{lit{text: word, noun: true}})
	default:
		m.words++
		m.pattern = append(m.pattern, lit{text: word, noun: true})
	}
}

// flowValues is the texts, numbers and names of columns that a flow holds.
func flowValues(f *flow.Flow) map[string]bool {
	vars, out := map[string]bool{}, map[string]bool{}
	f.Walk(func(s *flow.Step) bool { vars[s.Var] = true; return true })
	eachExpr(f, func(e flow.Expr) {
		switch e := e.(type) {
		case *flow.Lit:
			if e.Value.Kind() != flow.BoolKind {
				out[e.Value.String()] = true
			}
		case *flow.Name:
			if !vars[e.Name] && e.Name != "event" {
				out[e.Name] = true
			}
		case *flow.Field:
			if x, ok := e.X.(*flow.Name); !ok || x.Name != "event" {
				out[e.Name] = true
			}
		}
	})
	return out
}

// valueAt is the longest value of the flow that is said at token i.
func (p *parser) valueAt(i int, values map[string]bool) (kind string, end int, v string) {
	for _, s := range p.spans[i] {
		text := s.v.s
		if d, ok := strings.CutPrefix(text, `date("`); ok {
			text = strings.TrimSuffix(d, `")`)
		}
		if values[text] && s.end > end && s.kind != "tmpl" && s.kind != "time" {
			kind, end, v = s.kind, s.end, text
			if kind == "quote" {
				kind = "quote"
			}
		}
	}
	if end > 0 {
		return kind, end, v
	}
	for _, w := range p.bareNamesLoose(i) {
		if values[w.v.s] && w.end > end {
			kind, end, v = "name", w.end, w.v.s
		}
	}
	return kind, end, v
}

// bareNamesLoose is the names at token i, if one may start there.
func (p *parser) bareNamesLoose(i int) []way {
	if p.ts[i].kind == markToken || p.midword(i) {
		return nil
	}
	return p.bareNames(i)
}

// known reads text as the known request that it is like but for its values.
func (b *Book) known(text string, lessons []Pair) (string, float32) {
	p := newParser(b.g, text)
	best, cost := "", float32(1e9)
	try := func(pair Pair, extra float32) {
		m, ok := newMold(b.g, pair)
		if !ok {
			return
		}
		for _, w := range p.whole(m.pattern) {
			if c := w.cost + extra; c < cost {
				if f, ok := m.fill(w.caps); ok {
					best, cost = f, c
				}
			}
		}
	}
	for _, l := range lessons {
		try(l, 0)
	}
	for _, i := range b.index().Near(text, 24) {
		try(b.pairs[i], 0.1)
	}
	return best, cost
}

// whole is the readings of the whole request by pattern, the cheapest first.
func (p *parser) whole(pattern seq) []state {
	var out []state
	pattern.match(p, 0, state{used: true}, func(j int, s state) {
		for j < len(p.ts) && (outerFillers[p.ts[j].text]) {
			j++
			s.cost += costFiller
		}
		if j == len(p.ts) {
			out = append(out, s)
		}
	})
	slices.SortStableFunc(out, func(a, b state) int { return cmp.Compare(a.cost, b.cost) })
	return out[:min(len(out), 3)]
}

// fill writes the flow with the values that caps caught.
func (m mold) fill(caps *capture) (string, bool) {
	f, err := flow.Parse(m.flow)
	if err != nil {
		return "", false
	}
	swap := map[string]value{}
	for i, old := range m.values {
		v := caps.get(string(rune('A' + i)))
		if was, ok := swap[old]; ok && was.s != v.s {
			return "", false // one value said in two ways
		}
		if ext(old) != "" && ext(v.s) != ext(old) && v.kind == fileValue {
			return "", false // another kind of file is another task
		}
		swap[old] = v
	}
	ok := true
	eachArg(f, func(e flow.Expr) flow.Expr {
		x, good := swapped(e, swap)
		ok = ok && good
		return x
	})
	return flow.Print(f), ok
}

// swapped is e with its value replaced.
func swapped(e flow.Expr, swap map[string]value) (flow.Expr, bool) {
	switch x := e.(type) {
	case *flow.Lit:
		v, ok := swap[x.Value.String()]
		if !ok {
			return e, true
		}
		if x.Value.Kind() == flow.NumberKind {
			n, ok := flow.ParseNumber(v.s)
			return &flow.Lit{Value: flow.Num(n)}, ok
		}
		if d, isDate := strings.CutPrefix(v.s, `date("`); isDate {
			v.s = strings.TrimSuffix(d, `")`)
		}
		return &flow.Lit{Value: flow.Text(v.s)}, true
	case *flow.Name:
		if v, ok := swap[x.Name]; ok {
			if !isIdent(v.s) {
				return &flow.Apply{Func: "col", Args: []flow.Expr{&flow.Lit{Value: flow.Text(v.s)}}}, true
			}
			return &flow.Name{Name: v.s}, true
		}
	case *flow.Field:
		if v, ok := swap[x.Name]; ok {
			if !isIdent(v.s) {
				return &flow.Index{X: x.X, Key: &flow.Lit{Value: flow.Text(v.s)}}, true
			}
			return &flow.Field{X: x.X, Name: v.s}, true
		}
	}
	return e, true
}
