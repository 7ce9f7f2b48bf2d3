package words

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"daiban/action"
	"daiban/gpt"
)

// tiny is a GPT-2 with random weights.
func tiny(t *testing.T, context int) *Local {
	t.Helper()
	e, err := gpt.Open("../gpt/model/testdata/gpt2-article", gpt.Options{Threads: 1, Context: context})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return &Local{Engine: e}
}

// Whatever the model would say, its answer is of the form, and the same again.
func TestAnswer(t *testing.T) {
	l := tiny(t, 512)
	for _, f := range []action.Form{
		{Fields: []string{"名称", "b"}, Of: "表 5"}, {Numbers: []string{"5", "60"}, NoHan: true, Lines: 1}, {Numbers: []string{}}, {},
	} {
		talk := action.Talk{System: "s", Turns: []string{"请完成", "好", "请改名"}, Tokens: 60, Form: f}
		a, err := l.Answer(context.Background(), talk)
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := program(f); p != nil && !a.Cut && !accepts(t, f, a.Text) {
			t.Errorf("%+v: %q", f, a.Text)
		}
		if b, err := l.Answer(context.Background(), talk); err != nil || b != a || a.Sent != 0 {
			t.Errorf("%+v, then %+v, %v", a, b, err)
		}
	}
	if name, host := l.Model(); name != "gpt2-article" || host != "" {
		t.Error(name, host)
	}
}

// The weights of all single tokens are the probabilities of a distribution.
func TestWeigh(t *testing.T) {
	l := tiny(t, 512)
	var all []string
	for i := range 128 {
		if s := string(rune(i)); l.Size(s) == 1 {
			all = append(all, s)
		}
	}
	w, a, err := l.Weigh(context.Background(), action.Talk{Turns: []string{"请"}, Begin: "类别："}, all)
	if err != nil || len(w) != len(all) || a.Sent != 0 {
		t.Fatal(len(w), a, err)
	}
	sum := 0.0
	for i, x := range w {
		if x.Tokens != 1 || x.LogProb >= 0 || math.IsNaN(x.LogProb) {
			t.Errorf("%q: %+v", all[i], x)
		}
		sum += math.Exp(x.LogProb)
	}
	if sum <= 0 || sum > 1+1e-4 {
		t.Errorf("they sum to %g", sum)
	}
}

func TestTooLong(t *testing.T) {
	l := tiny(t, 64)
	_, err := l.Answer(context.Background(), action.Talk{Turns: []string{strings.Repeat("长", 100)}, Tokens: 5})
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != "limit" {
		t.Errorf("%v", err)
	}
}

func TestCircles(t *testing.T) {
	again := "我们非常感谢您对我们的信任和理解，期待您的回复。"
	for text, want := range map[string]bool{strings.Repeat(again, 2): false, strings.Repeat(again, 4): true, "短": false, "开头。" + strings.Repeat(again, 4): true} {
		if circles(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
