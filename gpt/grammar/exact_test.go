package grammar

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var alphabet = []string{"a", "b", "c", "\"", " ", "é", "中", "申", "😀"}

func randText(r *rand.Rand, n int) string {
	var b strings.Builder
	for range r.IntN(n + 1) {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func randClass(r *rand.Rand) Expr {
	var rs []rune
	for range 1 + r.IntN(2) {
		c := []rune(alphabet[r.IntN(len(alphabet))])[0]
		rs = append(rs, c, c+rune(r.IntN(3)))
	}
	if r.IntN(3) == 0 {
		return Not(rs...)
	}
	if r.IntN(6) == 0 {
		return Class(0x20, 0x10FFFF)
	}
	return Class(rs...)
}

func randSpan(r *rand.Rand) Expr {
	o := SpanOptions{Words: r.IntN(3) == 0}
	if r.IntN(3) == 0 {
		o.Min = r.IntN(3)
		o.Max = o.Min + r.IntN(3)
	}
	if r.IntN(3) == 0 {
		o.Exclude = "b\""
	}
	if r.IntN(2) == 0 {
		o.Escape = func(b byte) string {
			if b == '"' {
				return `a"`
			}
			return ""
		}
	}
	text := randText(r, 8)
	if r.IntN(8) == 0 {
		text += "\xe4" + randText(r, 3)
	}
	return Span(text, o)
}

func randExpr(r *rand.Rand, rules, depth int) Expr {
	if depth == 0 || r.IntN(6) == 0 {
		switch r.IntN(10) {
		case 0, 1:
			return randClass(r)
		case 2, 3:
			return Ref(fmt.Sprint(r.IntN(rules)))
		case 4:
			return Empty()
		case 5:
			return randSpan(r)
		case 6:
			var names []string
			for range 1 + r.IntN(4) {
				names = append(names, randText(r, 3))
			}
			return OneOf(names...)
		}
		return Lit(randText(r, 2))
	}
	sub := func() Expr { return randExpr(r, rules, depth-1) }
	switch r.IntN(8) {
	case 0, 1, 2:
		return Seq(sub(), sub())
	case 3, 4, 5:
		return Alt(sub(), sub())
	case 6:
		lo := r.IntN(4)
		return Repeat(sub(), lo, lo+r.IntN(9))
	}
	return []func(Expr) Expr{Opt, Star, Plus}[r.IntN(3)](sub())
}

func randGrammar(r *rand.Rand) *Grammar {
	g := New()
	rules := 1 + r.IntN(4)
	for i := range rules {
		e := randExpr(r, rules, 3)
		if r.IntN(2) == 0 {
			e = Alt(e, Lit(randText(r, 2)))
		}
		g.Define(fmt.Sprint(i), e)
	}
	return g
}

// randShape makes the compiler share, copy and give up determinising at other places.
func randShape(r *rand.Rand) shape {
	if r.IntN(2) == 0 {
		return usualShape
	}
	return shape{states: usualShape.states, edges: usualShape.edges,
		inline: r.IntN(20), once: r.IntN(40), unroll: 1 + r.IntN(12), own: r.IntN(12), grow: []int{1000, 0, -1 << 20}[r.IntN(3)]}
}

// randVocab cuts random texts anywhere, so that tokens end within code points.
func randVocab(r *rand.Rand) [][]byte {
	tokens := [][]byte{nil, {}, {0xff}, {0x80}, []byte("a\x80")}
	for range 25 {
		s := randText(r, 5)
		if len(s) > 0 {
			i := r.IntN(len(s))
			tokens = append(tokens, []byte(s[i:i+1+r.IntN(len(s)-i)]))
		}
	}
	for _, s := range alphabet {
		for i := range len(s) {
			tokens = append(tokens, []byte{s[i]})
		}
	}
	r.Shuffle(len(tokens), func(i, j int) { tokens[i], tokens[j] = tokens[j], tokens[i] })
	return tokens
}

// TestExact compares masks, Accepting and Forced with the oracle along random texts of
// random grammars.
func TestExact(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 300
	}
	states, usable := 0, 0
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 4))
		g := randGrammar(r)
		sh := randShape(r)
		p, err := g.compile("0", sh)
		o := newOracle(g, "0")
		if err != nil {
			if !strings.Contains(err.Error(), "never ends") && len(o.prods[o.start]) > 0 {
				t.Fatalf("seed %d: %v", seed, err)
			}
			continue
		}
		usable++
		tokens := randVocab(r)
		m := NewMatcher(p, NewVocab(tokens))
		p.intern.max = []int{internMax, 20}[r.IntN(2)]
		m.apart = []int{0, 1, itemsApart}[r.IntN(3)]
		m.large = []int32{0, 3, largeNode}[seed%3]
		for range 2 {
			states += walkExact(t, r, fmt.Sprintf("seed %d, %+v%s", seed, sh, showAll(g)), m, o, tokens)
		}
	}
	if usable < n/2 || states < 3*n {
		t.Errorf("only %d grammars of %d were usable, with %d states", usable, n, states)
	}
}

func walkExact(t *testing.T, r *rand.Rand, name string, m *Matcher, o *oracle, tokens [][]byte) int {
	t.Helper()
	s, ch := m.p.Start(), o.begin()
	mask := NewMask(m.v)
	var text []byte
	for n := 1; ; n++ {
		if got, want := s.Accepting(), o.accepting(ch); got != want {
			t.Fatalf("%s: after %q: Accepting is %v", name, text, got)
		}
		if got, want := s.Forced(), o.forced(ch, 20); !bytes.HasPrefix(got, want) || len(want) < 20 && len(got) > len(want) {
			t.Fatalf("%s: after %q: Forced is %q, want %q", name, text, got, want)
		}
		m.Fill(mask, s)
		var allowed []int
		for i, tok := range tokens {
			want := len(tok) > 0 && o.advanceAll(ch, tok) != nil
			if mask.Has(i) != want {
				t.Fatalf("%s: after %q: token %q allowed is %v, want %v", name, text, tok, mask.Has(i), want)
			}
			if _, ok := s.Advance(tok); len(tok) > 0 && ok != want {
				t.Fatalf("%s: after %q: Advance(%q) is %v", name, text, tok, ok)
			}
			if want {
				allowed = append(allowed, i)
			}
		}
		if n > 8 || len(allowed) == 0 {
			return n
		}
		tok := tokens[allowed[r.IntN(len(allowed))]]
		s, _ = s.Advance(tok)
		ch = o.advanceAll(ch, tok)
		text = slices.Concat(text, tok)
	}
}
