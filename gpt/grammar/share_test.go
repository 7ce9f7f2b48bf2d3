package grammar

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestSharedExact compares with the oracle the masks of many programs that share a
// vocabulary, and with it the parts of one another.
func TestSharedExact(t *testing.T) {
	tokens := randVocab(rand.New(rand.NewPCG(1, 7)))
	v := NewVocab(tokens)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 8))
		g := randGrammar(r)
		p, err := g.compile("0", randShape(r))
		if err != nil {
			continue
		}
		m := NewMatcher(p, v)
		m.large = 0
		walkExact(t, r, fmt.Sprintf("seed %d%s", seed, showAll(g)), m, newOracle(g, "0"), tokens)
	}
	if len(v.parts.of) < 100 {
		t.Errorf("only %d parts are shared", len(v.parts.of))
	}
}

// TestShared looks at what is shared by programs of which one rule is the same.
func TestShared(t *testing.T) {
	v := NewVocab([][]byte{[]byte("a"), []byte("ab"), []byte(" a"), []byte("ab,"), []byte("b")})
	compile := func(other Expr) *Program {
		g := New()
		g.Define("name", Plus(Class('a', 'b')))
		g.Define("other", other)
		g.Keep("name")
		g.Keep("other")
		g.Define("root", Seq(Ref("other"), Alt(Seq(Ref("name"), Lit(",")), Seq(Ref("name"), Lit(";")))))
		p, err := g.Compile("root")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p, q := compile(Lit("x")), compile(Lit("yy"))
	after := func(p *Program, text string) item {
		s, _ := p.Start().Advance([]byte(text))
		for _, it := range s.s.items {
			if it.n != nil {
				return it
			}
		}
		t.Fatalf("after %q no rule is called", text)
		return item{}
	}
	a := NewMatcher(p, v).inRule(after(p, "x"), root)
	b := NewMatcher(q, v).inRule(after(q, "yy"), root)
	if a != b {
		t.Error("the same rule of two programs is walked twice")
	}
	c := NewMatcher(p, v).inRule(after(p, ""), root)
	d := NewMatcher(q, v).inRule(after(q, ""), root)
	if c == d {
		t.Error("two rules are taken for the same")
	}
	v.parts.bytes = sharedMax
	NewMatcher(q, v).inRule(after(q, "yya"), root)
	if n := len(v.parts.of); n != 1 {
		t.Errorf("%d parts are kept beyond the bound", n)
	}
}

// TestPrint gives rules that differ in one thing only.
func TestPrint(t *testing.T) {
	k, l, a := Ref("k"), Ref("l"), Lit("a")
	round := func(to int, move func(n *nfa, from, to int32)) Expr { // from its last state to one of its states
		return Expr{&expr{kind: kBuilt, count: 3, built: func(n *nfa, from, end int32) error {
			at := []int32{n.add(), n.add()}
			n.edge(from, 'x', 'x', at[0])
			n.edge(at[0], 'y', 'y', at[1])
			move(n, at[1], at[to])
			n.empty(at[1], end)
			return nil
		}}}
	}
	byEdge := func(n *nfa, from, to int32) { n.edge(from, 'z', 'z', to) }
	byCall := func(n *nfa, from, to int32) {
		r, err := n.c.namedRule("k")
		if err != nil {
			t.Error(err)
		}
		n.call(from, r, to)
	}
	names := map[string]string{}
	for name, e := range map[string]Expr{
		"a then b":           Seq(a, Lit("b")),
		"a, perhaps b":       Seq(a, Opt(Lit("b"))),
		"a then b or c":      Seq(a, Class('b', 'c')),
		"b, then b":          Seq(Lit("b"), Lit("b")),
		"a k":                Seq(a, k),
		"a l":                Seq(a, l),
		"k":                  k,
		"back by an edge":    round(0, byEdge),
		"on by an edge":      round(1, byEdge),
		"back by a call":     round(0, byCall),
		"on by a call":       round(1, byCall),
		"k before l":         Seq(k, l, k),
		"l after k":          Seq(k, l, l),
		"a, some b":          Seq(a, Star(Lit("b"))),
		"a, any number of k": Seq(a, Star(k)),
	} {
		for _, other := range []string{"z", "zzz"} {
			p := printed(t, e, other)
			if old, ok := names[p]; ok && old != name {
				t.Errorf("%q has the print of %q", name, old)
			}
			names[p] = name
		}
	}
	if len(names) != 15 {
		t.Errorf("%d prints for 15 rules", len(names))
	}
}

// printed is the print of e in a grammar with another rule of this text.
func printed(t *testing.T, e Expr, other string) string {
	t.Helper()
	g := New()
	g.Define("root", Seq(Ref("other"), Ref("e"), Lit("."), Opt(Alt(Ref("k"), Ref("l")))))
	g.Define("other", Lit(other))
	g.Define("e", e)
	g.Define("k", Lit("k"))
	g.Define("l", Lit("l"))
	for _, name := range g.Names() {
		g.Keep(name)
	}
	p, err := g.Compile("root")
	if err != nil {
		t.Fatal(err)
	}
	return string(p.print(2)[:]) // rules are numbered as they are called
}
