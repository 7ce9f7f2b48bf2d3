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
