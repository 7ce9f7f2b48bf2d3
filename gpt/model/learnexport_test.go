package model

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// TestRecompute: what is computed again is the same to the bit.
func TestRecompute(t *testing.T) {
	b := packed(openFolder(t, "qwen3", "config.json"), rand.New(rand.NewPCG(7, 8)))
	one := learner(t, openFolder(t, "qwen3", "config.json"), Learning{Embed: true})
	two := learner(t, openFolder(t, "qwen3", "config.json"), Learning{Embed: true, Recompute: true})
	for range 2 {
		l1, err1 := one.Step(b, 1)
		l2, err2 := two.Step(b, 1)
		if err1 != nil || err2 != nil || l1 != l2 {
			t.Fatalf("loss %v (%v), recomputed %v (%v)", l1, err1, l2, err2)
		}
	}
	for i, p := range one.Params {
		if !slices.Equal(p.Grad, two.Params[i].Grad) {
			t.Errorf("%s: other gradients", p.Name)
		}
	}
}

// shaken is a learner whose every parameter has moved.
func shaken(t *testing.T, name string, how Learning) *Learner {
	l := learner(t, openFolder(t, name, "config.json"), how)
	r := rand.New(rand.NewPCG(9, 10))
	for _, p := range l.Params {
		for i := range p.Value {
			p.Value[i] += float32(0.05 * r.NormFloat64())
		}
	}
	return l
}

// TestMerged: the model of a learner has the learner's loss, and so has its adapter on the base.
func TestMerged(t *testing.T) {
	for _, name := range []string{"gpt2", "llama", "qwen2", "qwen3"} {
		for how, learning := range map[string]Learning{"full": {Embed: true}, "lora": {Rank: 3, Bodies: true}, "top": {Rank: 2, Top: 1}} {
			t.Run(name+"/"+how, func(t *testing.T) {
				l := shaken(t, name, learning)
				b := packed(openFolder(t, name, "config.json"), rand.New(rand.NewPCG(11, 12)))
				want, err := l.Loss(b)
				if err != nil {
					t.Fatal(err)
				}
				forwardIs(t, l)
				sameLoss(t, "gone on with", l.Model(), b, want, Learning{Rank: learning.Rank, Top: 1})
				m := l.Model()
				if err := m.Merge(quant.F32); err != nil {
					t.Fatal(err)
				}
				sameLoss(t, "merged", m, b, want, Learning{Top: 1})
				if learning.Rank > 0 && name != "gpt2" {
					sameLoss(t, "adapter", withAdapter(t, l, name), b, want, Learning{})
				}
			})
		}
	}
}

// forwardIs: the model that is a view says what the learner says.
func forwardIs(t *testing.T, l *Learner) {
	t.Helper()
	ids := []int{3, 1, 4, 1, 5, 9, 2, 6}
	m := l.Model()
	out, err := m.Forward(Step{Cache: m.NewCache(), Tokens: ids, Want: len(ids)})
	if err != nil {
		t.Fatal(err)
	}
	b := &Batch{Tokens: ids, Targets: make([]int, len(ids)), Weights: make([]float32, len(ids)), Spans: []Span{{0, len(ids), -1}}}
	want := 0.0
	for i := range len(ids) - 1 {
		b.Targets[i], b.Weights[i] = ids[i+1], 1
		want += logSum(out[0][i*m.Vocab:][:m.Vocab]) - float64(out[0][i*m.Vocab+ids[i+1]])
	}
	if got, err := l.Loss(b); err != nil || math.Abs(got-want) > 1e-4*want {
		t.Errorf("loss %g (%v), by the logits of the view %g", got, err, want)
	}
}

func sameLoss(t *testing.T, what string, m *Model, b *Batch, want float64, how Learning) {
	t.Helper()
	got, err := learner(t, m, how).Loss(b)
	if err != nil || got-want > 1e-4*want || want-got > 1e-4*want {
		t.Errorf("%s: loss %g (%v), want %g", what, got, err, want)
	}
}

// withAdapter is the base with the learner's adapter from a file.
func withAdapter(t *testing.T, l *Learner, name string) *Model {
	t.Helper()
	config, tensors, err := l.Adapter("base", quant.F32)
	if err != nil {
		t.Fatal(err)
	}
	scale := config["lora_alpha"].(float64)
	if config["use_rslora"] != true || scale <= 0 {
		t.Fatalf("configuration %v", config)
	}
	dir := t.TempDir()
	meta := map[string]string{"alpha": strconv.FormatFloat(scale, 'g', -1, 64), "use_rslora": "true"}
	if err := weights.WriteSafetensors(dir, meta, tensors, 0); err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenSafetensors(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m := openFolder(t, name, "config.json")
	if err := m.ApplyAdapter(f, 0); err != nil {
		t.Fatal(err)
	}
	other := openFolder(t, "gpt2", "config.json")
	if err := other.ApplyAdapter(f, 0); err == nil {
		t.Error("an adapter of another model was taken")
	}
	return m
}

// TestRound: with rounding, the loss is that of the stored model.
func TestRound(t *testing.T) {
	types := func(name string, shape []int) quant.Type { return quant.Mix(name, quant.Q8_0, shape) }
	l := shaken(t, "llama", Learning{Embed: true})
	b := packed(openFolder(t, "llama", "config.json"), rand.New(rand.NewPCG(13, 14)))
	exact, _ := l.Loss(b)
	l.Round(types)
	rounded, err := l.Loss(b)
	if err != nil || rounded == exact {
		t.Fatalf("rounded %g (%v), exact %g", rounded, err, exact)
	}
	meta, tensors, err := l.GGUF(types)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "m.gguf")
	if err := weights.WriteGGUF(file, meta, tensors, 0); err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenGGUF(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := FromGGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(c, f, l.pool)
	if err != nil {
		t.Fatal(err)
	}
	full := learner(t, m, Learning{Embed: true}) // of floats: its products do not round activations
	if got, err := full.Loss(b); err != nil || got-rounded > 1e-4 || rounded-got > 1e-4 {
		t.Errorf("stored: %g (%v), rounded: %g, exact: %g", got, err, rounded, exact)
	}
	l.Round(nil)
	if again, _ := l.Loss(b); again != exact {
		t.Errorf("without rounding again %g, before %g", again, exact)
	}
}

// TestRandom: a model that has learned nothing knows nothing.
func TestRandom(t *testing.T) {
	for _, arch := range Archs {
		c := Config{Arch: arch, Vocab: 50, Layers: 2, Channels: 32, Heads: 4, KVHeads: 2, HeadDim: 8, Hidden: 64, Context: 64, Eps: 1e-5, Act: "silu", Tied: true,
			Rope: Rope{Base: 10000, Dim: 8}}
		if arch == "gpt2" {
			c.Act, c.Rope, c.KVHeads = "gelu_new", Rope{}, 4
		}
		r := rand.New(rand.NewPCG(1, 1))
		m, err := Random(c, openFolder(t, "gpt2", "config.json").pool, r.NormFloat64)
		if err != nil {
			t.Fatal(err)
		}
		l := learner(t, m, Learning{Embed: true})
		b := packed(m, r)
		loss, err := l.Step(b, 1)
		total := 0.0
		for _, w := range b.Weights {
			total += float64(w)
		}
		if err != nil || loss/total < 3.8 || loss/total > 4.05 {
			t.Errorf("%s: loss %g (%v), want about ln 50", arch, loss/total, err)
		}
		values := int64(0)
		for _, p := range l.Params {
			values += int64(len(p.Value))
		}
		if values != c.Values() {
			t.Errorf("%s: %d values, by the shape %d", arch, values, c.Values())
		}
	}
}
