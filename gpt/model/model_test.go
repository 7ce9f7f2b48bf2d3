package model

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"daiban/gpt/kern"
	"daiban/gpt/weights"
)

// expectation is what the reference says of a tiny model; testdata/README.md tells how it was made.
type expectation struct {
	Prompts []struct {
		IDs    []int
		Logits []struct {
			At     int
			Values []float32
		}
		Greedy []int
	}
}

func expected(t *testing.T, name string) expectation {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name, "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e expectation
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func openFolder(t *testing.T, name, config string) *Model {
	t.Helper()
	dir := filepath.Join("testdata", name)
	text, err := os.ReadFile(filepath.Join(dir, config))
	if err != nil {
		t.Fatal(err)
	}
	c, err := FromJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenSafetensors(dir)
	if err != nil {
		t.Fatal(err)
	}
	return bind(t, c, f)
}

func openGGUF(t *testing.T, file string) *Model {
	t.Helper()
	f, err := weights.OpenGGUF(filepath.Join("testdata", "gguf", file))
	if err != nil {
		t.Fatal(err)
	}
	c, err := FromGGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	return bind(t, c, f)
}

func bind(t *testing.T, c Config, f *weights.File) *Model {
	t.Helper()
	p := kern.NewPool(2)
	t.Cleanup(func() { p.Close(); f.Close() })
	m, err := New(c, f, p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestReference holds every architecture against the reference's logits and continuations.
func TestReference(t *testing.T) {
	folders, _ := filepath.Glob("testdata/*/config*.json")
	if len(folders) < 20 {
		t.Fatalf("only %d configurations", len(folders))
	}
	for _, c := range folders {
		name := filepath.Base(filepath.Dir(c))
		t.Run(name+"/"+filepath.Base(c), func(t *testing.T) {
			agrees(t, openFolder(t, name, filepath.Base(c)), expected(t, name))
		})
	}
	files, _ := filepath.Glob("testdata/gguf/*.gguf")
	for _, f := range files {
		base := filepath.Base(f)
		name := base[:len(base)-len(".gguf")]
		if i := len("llama-split"); len(name) > i && name[:i] == "llama-split" {
			name = "llama"
		}
		t.Run("gguf/"+base, func(t *testing.T) {
			m := openGGUF(t, base)
			if name == "gpt2-untied" {
				m.Act = "gelu" // GGUF cannot say it: a gpt2 there has the tanh form
			}
			agrees(t, m, expected(t, name))
		})
	}
}

func agrees(t *testing.T, m *Model, e expectation) {
	for _, p := range e.Prompts {
		cache := m.NewCache()
		out, err := m.Forward(Step{Cache: cache, Tokens: p.IDs, Want: len(p.IDs)})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Logits {
			if d := distance(out[0][l.At*m.Vocab:][:m.Vocab], l.Values); d > 1e-4 {
				t.Errorf("prompt of %d: logits at %d differ by %g", len(p.IDs), l.At, d)
			}
		}
		next := argmax(out[0][(len(p.IDs)-1)*m.Vocab:])
		var got []int
		for len(got) < len(p.Greedy) {
			got = append(got, next)
			out, err := m.Forward(Step{Cache: cache, Tokens: []int{next}, Want: 1})
			if err != nil {
				t.Fatal(err)
			}
			next = argmax(out[0])
		}
		if !slices.Equal(got, p.Greedy) {
			t.Errorf("prompt of %d goes on\n%v, want\n%v", len(p.IDs), got, p.Greedy)
		}
	}
}

func distance(a, b []float32) (d float64) {
	for i := range a {
		d = max(d, math.Abs(float64(a[i])-float64(b[i])))
	}
	return d
}

func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// TestRows: steps of one pass that want all logits, some rows of them, or none, get what they
// would get alone.
func TestRows(t *testing.T) {
	m := openFolder(t, "qwen2", "config.json")
	p := expected(t, "qwen2").Prompts
	alone := make([][]float32, len(p))
	for i := range p {
		out, err := m.Forward(Step{Cache: m.NewCache(), Tokens: p[i].IDs, Want: 1})
		if err != nil {
			t.Fatal(err)
		}
		alone[i] = slices.Clone(out[0])
	}
	rows := []int{5, 17, 0, m.Vocab - 1}
	out, err := m.Forward(
		Step{Cache: m.NewCache(), Tokens: p[0].IDs, Want: 1, Rows: rows},
		Step{Cache: m.NewCache(), Tokens: p[1].IDs, Want: 1},
		Step{Cache: m.NewCache(), Tokens: p[2].IDs, Want: 0},
		Step{Cache: m.NewCache(), Tokens: p[2].IDs, Want: 1},
		Step{Cache: m.NewCache(), Tokens: p[1].IDs, Want: 1, Rows: rows},
		Step{Cache: m.NewCache(), Tokens: p[0].IDs, Want: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, which := range []int{0, 1, -1, 2, 1, 0} {
		if which < 0 {
			if len(out[i]) != 0 {
				t.Errorf("step %d: %d logits, none wanted", i, len(out[i]))
			}
			continue
		}
		for v, got := range out[i] {
			want := alone[which][v]
			if (i == 0 || i == 4) && !slices.Contains(rows, v) {
				want = float32(math.Inf(-1))
			}
			if got != want && math.Abs(float64(got-want)) > 1e-5 {
				t.Fatalf("step %d: logit %d is %g, alone %g", i, v, got, want)
			}
		}
	}
}
