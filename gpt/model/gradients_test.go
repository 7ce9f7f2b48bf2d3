package model

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reference is what PyTorch says (testdata/make_gradients.py).
type reference struct {
	Model, How   string
	Rank, Shared int
	Alpha, Loss  float64
	Batch        []struct {
		IDs     []int
		Weights []float32
	}
	Gradients []struct {
		Name string
		Norm float64
		At   []float64
	}
	Steps []struct {
		Rate, Loss float64
		Texts      [][]int
	}
}

func references(t *testing.T, test func(*testing.T, *reference, *Learner)) {
	files, _ := filepath.Glob("testdata/gradients/*.json")
	if len(files) != 4 {
		t.Fatalf("files %v", files)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var v reference
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatal(err)
			}
			how := Learning{Embed: true}
			if v.How == "lora" {
				how = Learning{Rank: v.Rank, Alpha: v.Alpha}
			}
			l := learner(t, openFolder(t, v.Model, "config.json"), how)
			if v.How == "lora" {
				v.begin(t, l)
			}
			test(t, &v, l)
		})
	}
}

// next is a step of the generator of make_gradients.py.
func next(x uint32) uint32 { return x*1664525 + 1013904223 }

// begin gives adapters the numbers that the reference's begin with. Their order there is that of all
// parameters by name of a model that learns whole, which says their seeds.
func (v *reference) begin(t *testing.T, l *Learner) {
	text, err := os.ReadFile("testdata/gradients/" + v.Model + "-full.json")
	if err != nil {
		t.Fatal(err)
	}
	var full reference
	if err := json.Unmarshal(text, &full); err != nil {
		t.Fatal(err)
	}
	for _, p := range l.Params {
		base, part, _ := strings.Cut(p.Name, ".lora_")
		i := slices.IndexFunc(full.Gradients, func(g struct {
			Name string
			Norm float64
			At   []float64
		}) bool {
			return g.Name == base+".weight"
		})
		if i < 0 {
			t.Fatalf("%s: no such matrix", p.Name)
		}
		x := uint32(2*i + 1)
		if part == "b" {
			x++
		}
		for k := range p.Value {
			x = next(x)
			p.Value[k] = float32((float64(x)/(1<<32) - 0.5) * 0.2)
		}
	}
}

// packed puts the texts of the batch behind each other, the first two as completions of one prompt.
func (v *reference) packed() (b *Batch, scale float64) {
	b = &Batch{}
	add := func(ids []int, w []float32, prefix int) {
		from := len(b.Tokens)
		b.Tokens = append(b.Tokens, ids[:len(w)]...)
		b.Targets = append(b.Targets, ids[1:]...)
		b.Weights = append(b.Weights, w...)
		b.Spans = append(b.Spans, Span{from, len(b.Tokens), prefix})
		for _, x := range w {
			scale += float64(x)
		}
	}
	n := v.Shared
	add(v.Batch[0].IDs[:n+1], v.Batch[0].Weights[:n], -1)
	for _, x := range v.Batch[:2] {
		add(x.IDs[n:], x.Weights[n:], 0)
	}
	add(v.Batch[2].IDs, v.Batch[2].Weights, -1)
	return b, scale
}

// TestReferenceGradients holds the loss and every gradient against PyTorch's.
func TestReferenceGradients(t *testing.T) {
	references(t, func(t *testing.T, v *reference, l *Learner) {
		b, scale := v.packed()
		loss, err := l.Step(b, scale)
		if err != nil || math.Abs(loss/scale-v.Loss) > 1e-5*v.Loss {
			t.Errorf("loss %g, PyTorch's is %g; %v", loss/scale, v.Loss, err)
		}
		if len(l.Params) != len(v.Gradients) {
			t.Errorf("%d parameters, the reference has %d", len(l.Params), len(v.Gradients))
		}
		byName := map[string]*Param{}
		for _, p := range l.Params {
			byName[p.Name] = p
		}
		for i, g := range v.Gradients {
			p := byName[g.Name]
			if p == nil {
				t.Errorf("%s is not a parameter", g.Name)
				continue
			}
			norm, diff, size := 0.0, 0.0, 0.0
			for _, x := range p.Grad {
				norm += float64(x) * float64(x)
			}
			x := uint32(i + 1)
			for _, want := range g.At {
				x = next(x)
				got := float64(p.Grad[uint64(x)*uint64(len(p.Grad))>>32])
				diff += (got - want) * (got - want)
				size += want * want
			}
			// The bias of k has no gradient: softmax does not see what all its scores have in common
			// but for the turning of rope. What is left is rounding.
			const rounding = 1e-6
			if math.Abs(math.Sqrt(norm)-g.Norm) > 1e-4*g.Norm+rounding || math.Sqrt(diff) > 1e-3*math.Sqrt(size)+rounding {
				t.Errorf("%s: norm %g, PyTorch's is %g; entries differ by %g of %g", g.Name, math.Sqrt(norm), g.Norm, math.Sqrt(diff), math.Sqrt(size))
			}
		}
	})
}

// TestReferenceSteps holds the losses of 50 steps of AdamW against PyTorch's.
func TestReferenceSteps(t *testing.T) {
	references(t, func(t *testing.T, v *reference, l *Learner) {
		moments := make([][2][]float64, len(l.Params))
		for i, p := range l.Params {
			moments[i] = [2][]float64{make([]float64, len(p.Value)), make([]float64, len(p.Value))}
		}
		if len(v.Steps) != 50 {
			t.Fatalf("%d steps", len(v.Steps))
		}
		for n, s := range v.Steps {
			b := &Batch{}
			for _, ids := range s.Texts {
				from := len(b.Tokens)
				b.Tokens = append(b.Tokens, ids[:len(ids)-1]...)
				b.Targets = append(b.Targets, ids[1:]...)
				b.Spans = append(b.Spans, Span{from, len(b.Tokens), -1})
			}
			for range b.Tokens {
				b.Weights = append(b.Weights, 1)
			}
			scale := float64(len(b.Tokens))
			loss, err := l.Step(b, scale)
			if err != nil {
				t.Fatal(err)
			}
			if d := math.Abs(loss/scale - s.Loss); d > 1e-3*s.Loss {
				t.Fatalf("step %d: loss %g, PyTorch's is %g", n+1, loss/scale, s.Loss)
			}
			adamW(l.Params, moments, n+1, s.Rate)
		}
	})
}

// adamW is a step of PyTorch's AdamW with the settings of make_gradients.py.
func adamW(params []*Param, moments [][2][]float64, step int, rate float64) {
	const b1, b2, eps, decay = 0.9, 0.99, 1e-8, 0.1
	norm := 0.0
	for _, p := range params {
		for _, g := range p.Grad {
			norm += float64(g) * float64(g)
		}
	}
	clip := math.Min(1, 1/(math.Sqrt(norm)+1e-6))
	c1, c2 := 1-math.Pow(b1, float64(step)), 1-math.Pow(b2, float64(step))
	for i, p := range params {
		for k, g := range p.Grad {
			g := float64(g) * clip
			m, v := &moments[i][0][k], &moments[i][1][k]
			*m += (1 - b1) * (g - *m)
			*v += (1 - b2) * (g*g - *v)
			x := float64(p.Value[k])
			if len(p.Shape) == 2 {
				x -= rate * decay * x
			}
			p.Value[k] = float32(x - rate*(*m/c1)/(math.Sqrt(*v/c2)+eps))
		}
		clear(p.Grad)
	}
}
