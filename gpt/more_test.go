package gpt

import (
	"math"
	"slices"
	"testing"

	"daiban/gpt/grammar"
)

// words is a program of a few texts.
func words(t *testing.T, texts ...string) *grammar.Program {
	t.Helper()
	g := grammar.New()
	g.Define("s", grammar.OneOf(texts...))
	p, err := g.Compile("s")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMore: what goes on under grammar after grammar is what separate requests give.
func TestMore(t *testing.T) {
	e := open(t, article, Options{})
	prompt := e.tok.Encode("请把文件夹里的照片改名，")
	programs := []*grammar.Program{words(t, "上班\n", "下班了\n"), words(t, "表格\n"), words(t, "好\n", "不好\n", "很好\n")}
	for _, scored := range []bool{false, true} {
		want, tokens, score := "", slices.Clone(prompt), 0.0
		for _, p := range programs {
			s := e.mustGenerate(t, Request{Prompt: tokens, Grammar: p, LogProbs: scored}).Sequences[0]
			want, tokens, score = want+s.Text, append(tokens, s.Tokens...), score+s.LogProb
		}
		var asked []string
		s := e.mustGenerate(t, Request{Prompt: prompt, Grammar: programs[0], LogProbs: scored, Seconds: scored, More: func(text string) (*grammar.Program, error) {
			asked = append(asked, text)
			if len(asked) == len(programs) {
				return nil, nil
			}
			return programs[len(asked)], nil
		}}).Sequences[0]
		if s.Text != want || s.Finish != Stopped {
			t.Errorf("%q (%s), line by line %q", s.Text, s.Finish, want)
		}
		if len(asked) != 3 || asked[2] != want {
			t.Errorf("asked after %q", asked)
		}
		if scored && math.Abs(s.LogProb-score) > 1e-3 {
			t.Errorf("LogProb %g, line by line %g", s.LogProb, score)
		}
		if scored && len(s.Places) != len(s.Tokens) {
			t.Errorf("%d places of %d tokens", len(s.Places), len(s.Tokens))
		}
	}
}

// TestSecond: a sequence that begins with the second choice of another goes on from there, and is as likely as it was said to be.
func TestSecond(t *testing.T) {
	e := open(t, article, Options{})
	prompt := e.tok.Encode("请把文件夹里的照片改名，")
	p := words(t, "a\n", "bc\n", "x\n")
	best := e.mustGenerate(t, Request{Prompt: prompt, Grammar: p, Seconds: true}).Sequences[0]
	second := best.Places[0].Second
	if second == nil || second.Token == best.Tokens[0] || second.LogProb > best.Places[0].LogProb {
		t.Fatalf("first %v, second %v", best.Places[0].Choice, second)
	}
	if got := e.logProb(t, prompt, []int{second.Token}); math.Abs(got-second.LogProb) > 1e-3 {
		t.Errorf("the second is said to have %g, the model says %g", second.LogProb, got)
	}
	s := e.mustGenerate(t, Request{Prompt: prompt, Grammar: p, Seconds: true, Begin: []int{second.Token}}).Sequences[0]
	if s.Tokens[0] != second.Token || s.Finish != Stopped || s.Text == best.Text || s.Text[len(s.Text)-1] != '\n' {
		t.Errorf("%q (%s) with %v", s.Text, s.Finish, s.Tokens)
	}
	if rest := e.logProb(t, append(slices.Clone(prompt), second.Token), s.Tokens[1:]); math.Abs(rest-s.LogProb) > 1e-3 {
		t.Errorf("behind the beginning %g, the model says %g", s.LogProb, rest)
	}
	none := e.mustGenerate(t, Request{Prompt: prompt, Grammar: p, Begin: e.tok.Encode("z")}).Sequences[0]
	if none.Text != "" || none.Finish != Stopped {
		t.Errorf("a beginning that is not allowed gave %q (%s)", none.Text, none.Finish)
	}
}
