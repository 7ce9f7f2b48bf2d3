package gpt

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/gpt/grammar"
	"daiban/gpt/weights"
)

// TestPickRefuses holds that no token is drawn from logits that are not numbers, nor one that a mask excludes.
func TestPickRefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, logits := range map[string][]float32{
		"NaN": {nan, nan, nan}, "infinite": {0, inf, 0}, "masked but NaN": {-inf, nan, -inf}, "all masked": {-inf, -inf, -inf},
	} {
		for _, s := range []Sampling{{}, {Temperature: 1}, {Temperature: 1, TopK: 2}, {Temperature: 1, TopP: 0.5, MinP: 0.1}, {RepeatPenalty: 1.3}} {
			if got := newSampler(s, 0).pick(append([]float32(nil), logits...), []int{1}, nil); got != -1 {
				t.Errorf("%s, %+v: token %d", name, s, got)
			}
		}
	}
}

// TestBrokenWeights holds that a model whose weights are not numbers says so, however it is asked.
func TestBrokenWeights(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"config.json", "vocab.json", "merges.txt"} {
		data, err := os.ReadFile(filepath.Join(article, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f, err := weights.OpenSafetensors(article)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []weights.Entry
	for _, name := range f.Names() {
		x, _ := f.Tensor(name)
		e := x.As(x.Type)
		if name == "transformer.ln_f.weight" {
			values := x.Floats()
			values[0] = float32(math.NaN())
			e = weights.FromFloats(name, x.Type, x.Shape, values)
		}
		out = append(out, e)
	}
	if err := weights.WriteSafetensors(dir, nil, out, 0); err != nil {
		t.Fatal(err)
	}
	e := open(t, dir, Options{Threads: 1})
	g, err := grammar.ParseGBNF(`root ::= "yes" | "no"`)
	if err != nil {
		t.Fatal(err)
	}
	rule, err := g.Compile("root")
	if err != nil {
		t.Fatal(err)
	}
	ids := e.tok.Encode("hello")
	for _, r := range []Request{{}, {Sampling: Sampling{Temperature: 1}}, {Grammar: rule}, {Grammar: rule, Sampling: Sampling{Temperature: 1, TopK: 3}}} {
		r.Prompt, r.MaxTokens = ids, 4
		if out, err := e.Generate(context.Background(), r); err == nil || !strings.Contains(err.Error(), "not a number") {
			t.Errorf("%+v: %+v %v", r.Sampling, out, err)
		}
	}
	if loss, _, err := e.Loss(context.Background(), ids, 16, nil); err == nil || !strings.Contains(err.Error(), "not a number") {
		t.Errorf("loss %g: %v", loss, err)
	}
}
