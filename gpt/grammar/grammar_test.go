package grammar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		name   string
		define func(*Grammar)
		want   string
	}{
		{"no start", func(g *Grammar) { g.Define("other", Lit("a")) }, `start rule "root" is not defined`},
		{"undefined", func(g *Grammar) { g.Define("root", Seq(Lit("a"), Opt(Ref("x")))) }, `rule "root": it refers to "x", which is not defined`},
		{"twice", func(g *Grammar) { g.Define("root", Lit("a")); g.Define("root", Lit("b")) }, `rule "root" is defined twice`},
		{"endless", func(g *Grammar) { g.Define("root", Alt(Lit("a"), Ref("x"))); g.Define("x", Seq(Lit("b"), Ref("x"))) }, `rule "x" never ends`},
		{"no text", func(g *Grammar) { g.Define("root", Seq(Lit("a"), Never())) }, `rule "root": no text at all fits it`},
		{"odd class", func(g *Grammar) { g.Define("root", Class('a')) }, "bounds come in pairs"},
		{"bad class", func(g *Grammar) { g.Define("root", Not('b', 'a')) }, "not a range of code points"},
		{"bad repeat", func(g *Grammar) { g.Define("root", Repeat(Lit("a"), 2, 1)) }, "the bounds are out of order"},
		{"large repeat", func(g *Grammar) { g.Define("root", Repeat(Lit("a"), 0, 1<<30)) }, "a count is above"},
		{"bad span", func(g *Grammar) { g.Define("root", Span("abc", SpanOptions{Min: 2, Max: 1})) }, "the bounds are out of order"},
		{"large", func(g *Grammar) {
			g.Define("root", Lit(strings.Repeat("a", 20_001)))
		}, "is too large"},
		{"large spans", func(g *Grammar) {
			r := rand.New(rand.NewPCG(1, 1))
			var b strings.Builder
			for range 2000 {
				b.WriteByte("abc"[r.IntN(3)])
			}
			g.Define("root", Span(b.String(), SpanOptions{Max: 500}))
		}, "too large"},
	}
	for _, tt := range tests {
		g := New()
		tt.define(g)
		small := usualShape
		small.states = 20_000
		if _, err := g.compile("root", small); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestNever has a part that cannot be chosen, which is no mistake.
func TestNever(t *testing.T) {
	g := New()
	g.Define("root", Seq(Lit("a"), Opt(Seq(Lit("b"), Ref("none"))), Lit("c")))
	g.Define("none", OneOf())
	p, err := g.Compile("root")
	if err != nil {
		t.Fatal(err)
	}
	if s := p.Start().Forced(); string(s) != "ac" {
		t.Errorf("forced is %q", s)
	}
}

func TestDepth(t *testing.T) {
	g := New()
	g.Define("root", Alt(Seq(Lit("("), Ref("root"), Lit(")")), Lit("x")))
	p, err := g.Compile("root")
	if err != nil {
		t.Fatal(err)
	}
	open := strings.Repeat("(", depthMax)
	s, ok := p.Start().Advance([]byte(open))
	if !ok {
		t.Fatalf("%d parentheses are refused", depthMax)
	}
	tokens := [][]byte{[]byte("("), []byte("x"), []byte("x)"), []byte("(x"), []byte("x))"), []byte(")")}
	m := NewMatcher(p, NewVocab(tokens))
	for back := range 4 {
		s, _ := p.Start().Advance([]byte(open[back:]))
		mask := NewMask(m.v)
		m.Fill(mask, s)
		for i, tok := range tokens {
			if _, ok := s.Advance(tok); mask.Has(i) != ok {
				t.Errorf("at depth %d: token %q: mask %v, Advance %v", depthMax-back, tok, mask.Has(i), ok)
			}
		}
	}
	if !matches(p, open+"x"+strings.Repeat(")", depthMax)) {
		t.Error("the deepest text is refused")
	}
	if _, err := s.Next([]byte("((")); !errors.Is(err, ErrTooDeep) {
		t.Errorf("one more: %v", err)
	}
	if _, err := s.Next([]byte("xx")); !errors.Is(err, ErrNotInLanguage) || !strings.Contains(err.Error(), "byte 1") {
		t.Errorf("a text that does not fit: %v", err)
	}
}

func TestLargeSpan(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var b strings.Builder
	for b.Len() < 10_000 {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
		b.WriteRune(rune(0x4e00 + r.IntN(500)))
	}
	text := []rune(b.String())
	g := New()
	g.Define("root", Seq(Lit("<"), Span(string(text), SpanOptions{Min: 3}), Lit(">")))
	p, err := g.Compile("root")
	if err != nil {
		t.Fatal(err)
	}
	if n := p.size(); n > 100_000 {
		t.Errorf("%d states for 10 KB", n)
	}
	for range 50 {
		i := r.IntN(len(text) - 40)
		piece := string(text[i : i+3+r.IntN(30)])
		if !matches(p, "<"+piece+">") {
			t.Errorf("%q is refused", piece)
		}
		if matches(p, "<"+piece+"x>") || matches(p, "<"+piece[:1]+">") {
			t.Errorf("%q with more, or too little of it, is matched", piece)
		}
	}
}

// TestCanFinish looks, from states that random tokens lead to, for a way to the end.
func TestCanFinish(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 5))
		g := randGrammar(r)
		p, err := g.compile("0", randShape(r))
		if err != nil {
			continue
		}
		tokens := randVocab(r)
		m := NewMatcher(p, NewVocab(tokens))
		mask := NewMask(m.v)
		s := p.Start()
		for range 12 {
			if !canFinish(s) {
				t.Fatalf("seed %d: a dead end%s", seed, showAll(g))
			}
			m.Fill(mask, s)
			n := mask.Count()
			if n == 0 {
				break
			}
			k := r.IntN(n)
			for i := range tokens {
				if mask.Has(i) {
					if k--; k < 0 {
						s, _ = s.Advance(tokens[i])
						break
					}
				}
			}
		}
	}
}

// canFinish searches breadth first.
func canFinish(s State) bool {
	seen := map[State]bool{s: true}
	todo := []State{s}
	bytes := []byte(strings.Join(alphabet, "") + "d\xe8\xaf\xbf\x80\xbe\xc3\xaa")
	for len(todo) > 0 && len(seen) < 3000 {
		s := todo[0]
		todo = todo[1:]
		if s.Accepting() {
			return true
		}
		for _, b := range bytes {
			if next, ok := s.Advance([]byte{b}); ok && !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return len(seen) >= 3000
}

func TestDeadState(t *testing.T) {
	var s State
	if _, ok := s.Advance([]byte("a")); ok || s.Accepting() || s.Forced() != nil || s.Done() {
		t.Error("the zero state is alive")
	}
	g := New()
	g.Define("root", Lit("a"))
	p, _ := g.Compile("root")
	m := NewMatcher(p, NewVocab([][]byte{[]byte("a")}))
	mask := Mask{^uint64(0)}
	m.Fill(mask, s)
	if mask[0] != 0 {
		t.Error("the zero state allows tokens")
	}
	end, _ := p.Start().Advance([]byte("a"))
	m.Fill(mask, end)
	if mask[0] != 0 || !end.Done() || !end.Accepting() {
		t.Error("the end of the text is not the end")
	}
}

// TestConcurrent walks the same matcher from several goroutines while its caches overflow.
func TestConcurrent(t *testing.T) {
	g, err := ParseGBNF(`root ::= "[" (item ("," item)*)? "]"
item ::= root | "\"" [^"\\\x00-\x1f]{0,30} "\"" | [0-9]+`)
	if err != nil {
		t.Fatal(err)
	}
	p, err := g.Compile("root")
	if err != nil {
		t.Fatal(err)
	}
	tokens := [][]byte{[]byte("["), []byte("]"), []byte("[["), []byte("\""), []byte(","), []byte("\","), []byte("中")}
	for i := range 2000 {
		tokens = append(tokens, fmt.Append(nil, "w", i), fmt.Append(nil, i))
	}
	v := NewVocab(tokens)
	m := NewMatcher(p, v)
	m.large = 0
	m.bytes, v.parts.bytes = savedMax-30_000, sharedMax-10_000
	var wg sync.WaitGroup
	for k := range uint64(4) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(k, 6))
			mask := NewMask(v)
			s := p.Start()
			for range 300 {
				m.Fill(mask, s)
				i := r.IntN(len(tokens))
				next, ok := s.Advance(tokens[i])
				if ok != mask.Has(i) {
					t.Errorf("token %q: mask %v, Advance %v", tokens[i], mask.Has(i), ok)
					return
				}
				if ok {
					s = next
				}
				if i := i % 7; r.IntN(2) == 0 && mask.Has(i) {
					s, _ = s.Advance(tokens[i])
				}
				if s.Done() {
					s = p.Start()
				}
			}
		})
	}
	wg.Wait()
}

func ExampleMatcher() {
	g := New()
	g.Define("root", Seq(Lit(`open("`), Span("请打开 report.xlsx", SpanOptions{Words: true}), Lit(`")`)))
	p, err := g.Compile("root")
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens := [][]byte{[]byte("open"), []byte("report"), []byte("repo"), []byte(".xls"), []byte("\")")}
	m := NewMatcher(p, NewVocab(tokens))
	mask := NewMask(m.Vocab())

	s := p.Start()
	fmt.Printf("%q\n", s.Forced())
	s, _ = s.Advance([]byte(`open("`))
	m.Fill(mask, s)
	for i, t := range tokens {
		if mask.Has(i) {
			fmt.Printf("%q\n", t)
		}
	}
	// Output:
	// "open(\""
	// "report"
	// "repo"
	// ".xls"
}
