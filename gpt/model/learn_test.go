package model

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// packed is three texts in one batch, the last two behind the first as their prefix, and one alone.
func packed(m *Model, r *rand.Rand) *Batch {
	b := &Batch{}
	for i, n := range []int{7, 5, 9, 12} {
		from := len(b.Tokens)
		for range n {
			b.Tokens = append(b.Tokens, r.IntN(m.Vocab))
			b.Targets = append(b.Targets, r.IntN(m.Vocab))
			w := float32(r.IntN(3)) / 2
			b.Weights = append(b.Weights, w)
		}
		prefix := -1
		if i == 1 || i == 2 {
			prefix = 0
		}
		b.Spans = append(b.Spans, Span{from, from + n, prefix})
	}
	return b
}

func learner(t *testing.T, m *Model, how Learning) *Learner {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	l, err := NewLearner(m, how, r.Float64)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// TestGradients holds every gradient against the slope of the loss along a random direction.
func TestGradients(t *testing.T) {
	folders, _ := filepath.Glob("testdata/*/config.json")
	for _, c := range folders {
		name := filepath.Base(filepath.Dir(c))
		for how, learning := range map[string]Learning{
			"full": {Embed: true}, "frozen embedding": {}, "lora": {Rank: 3, Bodies: true}, "top": {Top: 1}, "lora top": {Rank: 2, Top: 1},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				r := rand.New(rand.NewPCG(3, 4))
				m := openFolder(t, name, "config.json")
				l := learner(t, m, learning)
				for _, p := range l.Params { // B begins as 0, where A has no gradient
					if filepath.Ext(p.Name) == ".lora_b" {
						for i := range p.Value {
							p.Value[i] = float32(r.NormFloat64() * 0.1)
						}
					}
				}
				gradientsAgree(t, l, packed(m, r), r)
			})
		}
	}
}

func gradientsAgree(t *testing.T, l *Learner, b *Batch, r *rand.Rand) {
	const scale = 3
	if _, err := l.Step(b, scale); err != nil {
		t.Fatal(err)
	}
	loss := func() float64 {
		s, err := l.Loss(b)
		if err != nil {
			t.Fatal(err)
		}
		return s / scale
	}
	for _, p := range l.Params {
		norm := 0.0
		for _, g := range p.Grad {
			norm += float64(g) * float64(g)
		}
		norm = math.Sqrt(norm)
		if norm == 0 {
			t.Errorf("%s: no gradient at all", p.Name)
			continue
		}
		// half along the gradient, where the slope is steepest, half at random
		d, slope := make([]float64, len(p.Grad)), 0.0
		for i, g := range p.Grad {
			d[i] = float64(g)/norm + r.NormFloat64()/math.Sqrt(float64(len(d)))
			slope += d[i] * float64(g)
		}
		was := append([]float32(nil), p.Value...)
		at := func(e float64) float64 {
			for i := range d {
				p.Value[i] = was[i] + float32(e*d[i])
			}
			return loss()
		}
		e := math.Min(0.02, 0.02/math.Abs(slope)*4)
		if math.Abs(slope) < 1e-4 { // a key's bias without rotation changes nothing: a wide step, to rise above rounding
			e = 0.2
		}
		// Richardson: the error of a central difference falls by four at half the step
		s1 := (at(e) - at(-e)) / (2 * e)
		s2 := (at(e/2) - at(-e/2)) / e
		measured := (4*s2 - s1) / 3
		copy(p.Value, was)
		if math.Abs(measured-slope) > 5e-3*math.Abs(slope)+2e-4 { // the rounding of a loss, over e
			t.Errorf("%s: slope %g, by differences %g (%g, %g)", p.Name, slope, measured, s1, s2)
		}
	}
}

// TestPrefix: one prompt with many completions is what the same texts are when each has its own prompt.
func TestPrefix(t *testing.T) {
	m := openFolder(t, "qwen2", "config.json")
	r := rand.New(rand.NewPCG(5, 6))
	b := packed(m, r)
	for i := range b.Weights[:7] {
		b.Weights[i] = 0
	}
	apart := &Batch{}
	for _, s := range b.Spans[1:] {
		from := len(apart.Tokens)
		rows := [][2]int{{s.From, s.To}}
		if s.Prefix >= 0 {
			rows = [][2]int{{0, 7}, {s.From, s.To}}
		}
		for _, x := range rows {
			apart.Tokens = append(apart.Tokens, b.Tokens[x[0]:x[1]]...)
			apart.Targets = append(apart.Targets, b.Targets[x[0]:x[1]]...)
			apart.Weights = append(apart.Weights, b.Weights[x[0]:x[1]]...)
		}
		apart.Spans = append(apart.Spans, Span{from, len(apart.Tokens), -1})
	}
	one, two := learner(t, m, Learning{Embed: true}), learner(t, openFolder(t, "qwen2", "config.json"), Learning{Embed: true})
	l1, err1 := one.Step(b, 1)
	l2, err2 := two.Step(apart, 1)
	if err1 != nil || err2 != nil || math.Abs(l1-l2) > 1e-4 {
		t.Fatalf("shared: %g (%v), each its own: %g (%v)", l1, err1, l2, err2)
	}
	for i, p := range one.Params {
		if d := distance(p.Grad, two.Params[i].Grad); d > 1e-4 {
			t.Errorf("%s: gradients differ by %g", p.Name, d)
		}
	}
}

// TestLossIsForward: the learner's loss is what the model's own logits say.
func TestLossIsForward(t *testing.T) {
	for _, name := range []string{"gpt2", "llama-yarn", "qwen3"} {
		m := openFolder(t, name, "config.json")
		ids := expected(t, name).Prompts[1].IDs
		out, err := m.Forward(Step{Cache: m.NewCache(), Tokens: ids, Want: len(ids)})
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		b := &Batch{Tokens: ids, Targets: make([]int, len(ids)), Weights: make([]float32, len(ids)), Spans: []Span{{0, len(ids), -1}}}
		for i := range len(ids) - 1 {
			b.Targets[i], b.Weights[i] = ids[i+1], 1
			want += logSum(out[0][i*m.Vocab:][:m.Vocab]) - float64(out[0][i*m.Vocab+ids[i+1]])
		}
		got, err := learner(t, m, Learning{Embed: true}).Loss(b)
		if err != nil || math.Abs(got-want) > 1e-4*want {
			t.Errorf("%s: loss %g (%v), by the logits %g", name, got, err, want)
		}
	}
}

func logSum(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += math.Exp(float64(v))
	}
	return math.Log(s)
}

func TestBadBatch(t *testing.T) {
	l := learner(t, openFolder(t, "gpt2", "config.json"), Learning{})
	for name, b := range map[string]*Batch{
		"lengths": {Tokens: []int{1}, Targets: []int{1}},
		"spans":   {Tokens: []int{1, 2}, Targets: []int{1, 2}, Weights: []float32{1, 1}, Spans: []Span{{0, 1, -1}}},
		"prefix":  {Tokens: []int{1}, Targets: []int{1}, Weights: []float32{1}, Spans: []Span{{0, 1, 0}}},
		"token":   {Tokens: []int{-1}, Targets: []int{1}, Weights: []float32{1}, Spans: []Span{{0, 1, -1}}},
		"target":  {Tokens: []int{1}, Targets: []int{1 << 20}, Weights: []float32{1}, Spans: []Span{{0, 1, -1}}},
	} {
		if _, err := l.Step(b, 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
