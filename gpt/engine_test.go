package gpt

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"daiban/gpt/grammar"
)

const article = "model/testdata/gpt2-article"

func open(t *testing.T, path string, o Options) *Engine {
	t.Helper()
	e, err := Open(filepath.FromSlash(path), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func (e *Engine) mustGenerate(t *testing.T, r Request) *Output {
	t.Helper()
	out, err := e.Generate(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTogether: what is asked at the same time gets the answers that it would get alone.
func TestTogether(t *testing.T) {
	e := open(t, article, Options{Threads: 2, Sequences: 4, Queue: 64})
	var requests []Request
	for i, p := range []string{"请帮我完成以下任务：", "请把文件夹里的照片改名", "Please send the table to finance.", "表", "请帮我完成以下", "Please send"} {
		requests = append(requests,
			Request{Prompt: e.tok.Encode(p), MaxTokens: 30 + i},
			Request{Prompt: e.tok.Encode(p), MaxTokens: 20, N: 2, Sampling: Sampling{Temperature: 1, TopP: 0.9, Seed: uint64(i)}})
	}
	alone := make([]*Output, len(requests))
	for i, r := range requests {
		alone[i] = e.mustGenerate(t, r)
	}
	for range 3 {
		var wg sync.WaitGroup
		for i, r := range requests {
			wg.Go(func() {
				out, err := e.Generate(context.Background(), r)
				if err != nil {
					t.Errorf("request %d: %v", i, err)
					return
				}
				for k, s := range out.Sequences {
					if !slices.Equal(s.Tokens, alone[i].Sequences[k].Tokens) {
						t.Errorf("request %d, sequence %d: %v, alone %v", i, k, s.Tokens, alone[i].Sequences[k].Tokens)
					}
				}
			})
		}
		wg.Wait()
	}
}

// TestPrefix: a prompt that begins like an earlier one is not computed again, and goes on the same.
func TestPrefix(t *testing.T) {
	e := open(t, article, Options{})
	long := e.tok.Encode("请把文件夹里的照片改名，请帮我完成以下任务：")
	fresh := open(t, article, Options{}).mustGenerate(t, Request{Prompt: long, MaxTokens: 10})
	e.mustGenerate(t, Request{Prompt: long[:len(long)-4], MaxTokens: 5})
	out := e.mustGenerate(t, Request{Prompt: long, MaxTokens: 10})
	if out.ReusedTokens != len(long)-4 {
		t.Errorf("reused %d tokens of %d, want %d", out.ReusedTokens, len(long), len(long)-4)
	}
	again := e.mustGenerate(t, Request{Prompt: long, MaxTokens: 10})
	if again.ReusedTokens != len(long)-1 {
		t.Errorf("the same prompt: reused %d tokens of %d", again.ReusedTokens, len(long))
	}
	for _, o := range []*Output{out, again} {
		if !slices.Equal(o.Sequences[0].Tokens, fresh.Sequences[0].Tokens) {
			t.Errorf("%v, from nothing %v", o.Sequences[0].Tokens, fresh.Sequences[0].Tokens)
		}
	}
}

func TestStop(t *testing.T) {
	e := open(t, article, Options{})
	p := Request{Prompt: e.tok.Encode("请把文件夹里的照片改名"), MaxTokens: 40, PastEnd: true}
	whole := e.mustGenerate(t, p).Sequences[0].Text
	at := strings.Index(whole, "上")
	if at < 0 {
		t.Fatalf("the model says %q", whole)
	}
	p.Stop = []string{"never said", "上"}
	var got strings.Builder
	p.On = func(piece Piece) error {
		if !utf8.ValidString(piece.Text) {
			t.Errorf("a piece is cut: %q", piece.Text)
		}
		got.WriteString(piece.Text)
		return nil
	}
	s := e.mustGenerate(t, p).Sequences[0]
	if s.Text != whole[:at] || s.Finish != Stopped || got.String() != s.Text {
		t.Errorf("%q (%s), in pieces %q; want %q", s.Text, s.Finish, got.String(), whole[:at])
	}
}

func TestStopAcrossTokens(t *testing.T) {
	for _, c := range []struct {
		text  string
		stops []string
		open  int
	}{{"abc", []string{"cd"}, 1}, {"abcd", []string{"x", "bcde"}, 3}, {"abc", []string{"abc"}, 0}, {"", []string{"a"}, 0}, {"ab", nil, 0}} {
		if got := openStop(c.text, c.stops); got != c.open {
			t.Errorf("openStop(%q, %q) = %d, want %d", c.text, c.stops, got, c.open)
		}
	}
}

// TestGrammar: whatever the model would say, its text is of the grammar, forced stretches
// included, and the tokens are those of the text.
func TestGrammar(t *testing.T) {
	e := open(t, article, Options{})
	g := grammar.New()
	g.Define("root", grammar.Seq(grammar.Lit(`{"任务": "`), grammar.OneOf("完成", "改名", "send the table"), grammar.Lit(`", "n": `),
		grammar.Repeat(grammar.Class('0', '9'), 1, 3), grammar.Lit("}\n")))
	p, err := g.Compile("root")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(20) {
		for _, logProbs := range []bool{false, true} {
			r := Request{Prompt: e.tok.Encode("请帮我"), MaxTokens: 60, Grammar: p, LogProbs: logProbs,
				Sampling: Sampling{Temperature: float32(seed) / 5, Seed: seed}}
			s := e.mustGenerate(t, r).Sequences[0]
			state, ok := p.Start().Advance([]byte(s.Text))
			if !ok || !state.Accepting() || s.Finish != Stopped {
				t.Fatalf("seed %d: %q (%s) is not of the grammar", seed, s.Text, s.Finish)
			}
			if text := string(e.bytesOf(s.Tokens)); text != s.Text {
				t.Errorf("tokens say %q, text %q", text, s.Text)
			}
			if logProbs {
				if want := e.logProb(t, r.Prompt, s.Tokens); math.Abs(want-s.LogProb) > 1e-3*math.Abs(want) {
					t.Errorf("seed %d: log probability %g, computed anew %g", seed, s.LogProb, want)
				}
			}
		}
	}
}

// logProb is the model's own for tokens behind prompt, computed in one pass.
func (e *Engine) logProb(t *testing.T, prompt, tokens []int) float64 {
	t.Helper()
	all := append(slices.Clone(prompt), tokens...)
	loss, n, err := e.Loss(context.Background(), all, len(all), nil)
	if err != nil {
		t.Fatal(err)
	}
	before := 0.0
	if len(prompt) > 1 {
		l, m, err := e.Loss(context.Background(), prompt, len(prompt), nil)
		if err != nil {
			t.Fatal(err)
		}
		before = l * float64(m)
	}
	return before - loss*float64(n)
}

func TestTopLogProbs(t *testing.T) {
	e := open(t, article, Options{})
	s := e.mustGenerate(t, Request{Prompt: e.tok.Encode("请"), MaxTokens: 5, TopLogProbs: 3}).Sequences[0]
	if len(s.Places) != len(s.Tokens) {
		t.Fatalf("%d places for %d tokens", len(s.Places), len(s.Tokens))
	}
	for i, p := range s.Places {
		if p.Token != s.Tokens[i] || len(p.Top) != 3 || p.Top[0] != p.Choice || p.Top[1].LogProb > p.Top[0].LogProb {
			t.Errorf("place %d of greedy: %+v", i, p)
		}
	}
}

func TestLimits(t *testing.T) {
	e := open(t, article, Options{Sequences: 2})
	one := e.tok.Encode("请")
	for name, r := range map[string]Request{
		"empty": {}, "unknown token": {Prompt: []int{1 << 20}}, "negative": {Prompt: []int{-1}},
		"sequences": {Prompt: one, N: 3}, "temperature": {Prompt: one, Sampling: Sampling{Temperature: -1}},
		"not a number": {Prompt: one, Sampling: Sampling{TopP: float32(math.NaN())}},
	} {
		if _, err := e.Generate(context.Background(), r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := e.Generate(context.Background(), Request{Prompt: make([]int, 500)}); !errors.Is(err, ErrTooLong) {
		t.Errorf("a prompt of 500 in a context of 128: %v", err)
	}
	s := e.mustGenerate(t, Request{Prompt: make([]int, 100), PastEnd: true}).Sequences[0]
	if len(s.Tokens) != 28 || s.Finish != Length {
		t.Errorf("%d tokens (%s) behind 100 of 128", len(s.Tokens), s.Finish)
	}
}

func TestBusy(t *testing.T) {
	e := open(t, article, Options{Sequences: 1, Queue: 1})
	hold := make(chan struct{})
	var wg sync.WaitGroup
	first := make(chan struct{}, 10)
	for range 2 {
		wg.Go(func() {
			e.Generate(context.Background(), Request{Prompt: []int{1}, MaxTokens: 5, PastEnd: true, On: func(Piece) error {
				first <- struct{}{}
				<-hold
				return nil
			}})
		})
	}
	<-first // both have their place once one has begun and the other was let in
	for len(e.places) < 2 {
	}
	if _, err := e.Generate(context.Background(), Request{Prompt: []int{1}}); !errors.Is(err, ErrBusy) {
		t.Errorf("a third request: %v", err)
	}
	close(hold)
	wg.Wait()
}

func TestCancel(t *testing.T) {
	e := open(t, article, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	out, err := e.Generate(ctx, Request{Prompt: []int{1, 2}, PastEnd: true, On: func(Piece) error { cancel(); return nil }})
	switch s := out.Sequences[0]; { // the last token may have come before the end of ctx was seen
	case err == nil && s.Finish == Length && len(s.Tokens) == 126:
	case errors.Is(err, context.Canceled) && s.Finish == Canceled:
	default:
		t.Errorf("%v, %+v", err, out)
	}
	if _, err := e.Generate(ctx, Request{Prompt: []int{1, 2}}); !errors.Is(err, context.Canceled) {
		t.Errorf("under a context that has ended: %v", err)
	}
	mine := errors.New("enough")
	if _, err := e.Generate(context.Background(), Request{Prompt: []int{1, 2}, PastEnd: true, On: func(Piece) error { return mine }}); !errors.Is(err, mine) {
		t.Errorf("an error of On: %v", err)
	}
	e.Close()
	if _, err := e.Generate(context.Background(), Request{Prompt: []int{1}}); err == nil {
		t.Error("a closed engine answers")
	}
}

// TestSampling: bounds and penalties by hand.
func TestSampling(t *testing.T) {
	logits := func() []float32 { return []float32{0, 1, 2, 3} }
	drawn := func(s Sampling) map[int]int {
		p, count := newSampler(s, 0), map[int]int{}
		for range 2000 {
			count[p.pick(logits(), nil, nil)]++
		}
		return count
	}
	keys := func(m map[int]int) (k []int) {
		for t := range m {
			k = append(k, t)
		}
		slices.Sort(k)
		return k
	}
	for _, c := range []struct {
		s    Sampling
		want []int
	}{
		{Sampling{}, []int{3}},
		{Sampling{Temperature: 1}, []int{0, 1, 2, 3}},
		{Sampling{Temperature: 1, TopK: 2}, []int{2, 3}},
		{Sampling{Temperature: 1, TopP: 0.65}, []int{2, 3}}, // 0.64 is the likeliest alone
		{Sampling{Temperature: 1, TopP: 0.6}, []int{3}},
		{Sampling{Temperature: 1, MinP: 0.2}, []int{2, 3}}, // e^-1 = 0.37, e^-2 = 0.14
		{Sampling{Temperature: 0.01}, []int{3}},
	} {
		if got := keys(drawn(c.s)); !slices.Equal(got, c.want) {
			t.Errorf("%+v chooses of %v, want %v", c.s, got, c.want)
		}
	}
	if n := drawn(Sampling{Temperature: 1})[3]; n < 1180 || n > 1390 { // 0.644 of 2000, 5 sigma
		t.Errorf("the likeliest came %d times of 2000, want about 1288", n)
	}
	p := newSampler(Sampling{RepeatPenalty: 4}, 0)
	if got := p.pick(logits(), []int{3}, []int{2}); got != 1 {
		t.Errorf("with 2 and 3 said before: %d, want 1", got)
	}
	if a, b := newSampler(Sampling{Temperature: 1, Seed: 7}, 0), newSampler(Sampling{Temperature: 1, Seed: 7}, 0); !reflect.DeepEqual(pickMany(a), pickMany(b)) {
		t.Error("the same seed gives different texts")
	}
}

func pickMany(s *sampler) (ts []int) {
	for range 50 {
		ts = append(ts, s.pick([]float32{0, 1, 2, 3}, nil, nil))
	}
	return ts
}

func TestOpenErrors(t *testing.T) {
	for _, path := range []string{"nothing", "testdata", "engine_test.go", "model/testdata/gpt2"} {
		_, err := Open(path, Options{})
		if err == nil {
			t.Errorf("%s was opened", path)
			continue
		}
		if !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("the error does not name %s: %v", path, err)
		}
	}
}
