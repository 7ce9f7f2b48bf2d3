package train

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"daiban/gpt/kern"
	"daiban/gpt/model"
)

type optimizerCase struct {
	Shape  []int       `json:"shape"`
	Start  []float32   `json:"start"`
	Grads  [][]float32 `json:"grads"`
	Values [][]float32 `json:"values"`
}

// TestOptimizers holds each step against PyTorch's.
func TestOptimizers(t *testing.T) {
	text, err := os.ReadFile("testdata/optimizers.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]optimizerCase
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	rates := map[string]float64{"adamw": 0.01, "muon": 0.02}
	for name, cases := range all {
		for _, c := range cases {
			p := &model.Param{Name: "blk.0.ffn_up.weight", Shape: c.Shape, Value: c.Start}
			o := testOptimizer(t, name, false, p)
			for i, g := range c.Grads {
				p.Grad = g
				o.step(stepSize{rate: rates[name] / float64(i+1), factor: 1, decay: 0.1, beta1: 0.9, beta2: 0.99, momenta: 0.95})
				for j, want := range c.Values[i] {
					if d := math.Abs(float64(p.Value[j] - want)); d > 2e-6+2e-5*math.Abs(float64(want)) {
						t.Fatalf("%s %v: step %d, value %d: %g, PyTorch %g", name, c.Shape, i, j, p.Value[j], want)
					}
				}
			}
		}
	}
}

func testOptimizer(t *testing.T, name string, bits8 bool, ps ...*model.Param) *optimizer {
	t.Helper()
	pool := kern.NewPool(2)
	t.Cleanup(pool.Close)
	o, err := newOptimizer(name, bits8, ps, pool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.close)
	return o
}

// TestOrthogonal: all singular values of what comes out are near 1, on either side.
func TestOrthogonal(t *testing.T) {
	pool := kern.NewPool(1)
	defer pool.Close()
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][2]int{{40, 96}, {96, 40}, {64, 64}} {
		n, k := s[0], s[1]
		w := newtonWork{pool: pool, x: make([]float32, n*k)}
		for i := range w.x {
			w.x[i] = float32(r.NormFloat64())
		}
		w.orthogonal(n, k)
		if n != k { // of a square matrix the least singular value may be next to nothing
			v := make([]float64, min(n, k))
			for range 20 { // |x·v| of random directions lies between the extreme singular values
				length := 0.0
				for i := range v {
					v[i] = r.NormFloat64()
					length += v[i] * v[i]
				}
				if got := math.Sqrt(squareOf(w.x, v, n, k) / length); got < 0.65 || got > 1.3 {
					t.Errorf("%d by %d: a direction is stretched by %g", n, k, got)
				}
			}
		}
	}
}

// squareOf is |vᵀ·x|² or, with fewer columns than rows, |x·v|².
func squareOf(x []float32, v []float64, n, k int) (sum float64) {
	if n <= k {
		for j := range k {
			s := 0.0
			for i := range n {
				s += v[i] * float64(x[i*k+j])
			}
			sum += s * s
		}
		return sum
	}
	for i := range n {
		s := 0.0
		for j := range k {
			s += v[j] * float64(x[i*k+j])
		}
		sum += s * s
	}
	return sum
}

// TestCode8: the codes are the dynamic tree's, and each value comes back as near as its step allows.
func TestCode8(t *testing.T) {
	for _, signed := range []bool{true, false} {
		c := makeCode(signed)
		for i := 1; i < 256; i++ {
			if c.values[i] <= c.values[i-1] {
				t.Fatalf("value %d is %g after %g", i, c.values[i], c.values[i-1])
			}
		}
		if c.values[255] != 1 || c.values[c.nearest(0)] != 0 {
			t.Errorf("the largest is %g, zero is %g", c.values[255], c.values[c.nearest(0)])
		}
		r := rand.New(rand.NewPCG(2, 2))
		for range 2000 {
			x := float32(math.Pow(10, -6*r.Float64()))
			if signed && r.IntN(2) == 0 {
				x = -x
			}
			best := math.Inf(1)
			for _, v := range c.values {
				best = min(best, math.Abs(float64(v-x)))
			}
			if got := math.Abs(float64(c.values[c.nearest(x)] - x)); got > best+1e-9 {
				t.Fatalf("%g becomes %g, which is not the nearest", x, c.values[c.nearest(x)])
			}
		}
	}
	// the greatest of the signed code below 1, from the published construction: 0.1 + 0.9·63.5/64
	if got := makeCode(true).values[254]; math.Abs(float64(got)-(0.1+0.9*63.5/64)) > 1e-6 {
		t.Errorf("the last value below 1 is %g", got)
	}
}

// TestBits8: with its memory in 8 bits AdamW goes nearly the same way.
func TestBits8(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	n := 1000
	var ps [2]*model.Param
	for i := range ps {
		ps[i] = &model.Param{Name: "blk.0.x.weight", Shape: []int{n / 10, 10}, Value: make([]float32, n), Grad: make([]float32, n)}
	}
	exact, coded := testOptimizer(t, "adamw", false, ps[0]), testOptimizer(t, "adamw", true, ps[1])
	for range 50 {
		for i := range n {
			g := float32(r.NormFloat64() + 1)
			ps[0].Grad[i], ps[1].Grad[i] = g, g
		}
		s := stepSize{rate: 0.01, factor: 1, beta1: 0.9, beta2: 0.99}
		exact.step(s)
		coded.step(s)
	}
	moved, apart := 0.0, 0.0
	for i, v := range ps[0].Value {
		moved += math.Abs(float64(v))
		apart += math.Abs(float64(v - ps[1].Value[i]))
	}
	if apart > 0.02*moved || apart == 0 {
		t.Errorf("moved %g, %g apart", moved, apart)
	}
}

func TestClip(t *testing.T) {
	pool := kern.NewPool(2)
	defer pool.Close()
	ps := []*model.Param{{Grad: []float32{3, 0}}, {Grad: []float32{4}}}
	if n := gradNorm(pool, ps); n != 5 {
		t.Errorf("norm %g", n)
	}
	for _, c := range []struct{ norm, most, want float64 }{{5, 1, 0.2}, {0.5, 1, 1}, {5, -1, 1}} {
		if got := clipFactor(c.norm, c.most); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("norm %g, at most %g: %g", c.norm, c.most, got)
		}
	}
}

func TestSchedule(t *testing.T) {
	wsd, err := newSchedule("wsd", 100, 0.1, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	cos, _ := newSchedule("cosine", 100, 0.1, 0)
	for _, c := range []struct {
		s       schedule
		x, want float64
	}{
		{wsd, 1, 0.1}, {wsd, 10, 1}, {wsd, 70, 1}, {wsd, 85, 0.5}, {wsd, 100, 0}, {wsd, 200, 0},
		{cos, 5, 0.5}, {cos, 10, 1}, {cos, 55, 0.55}, {cos, 100, 0.1},
		// goes on: the decay begins at the place, or later, but never before it
		{wsd.extended(60, 80, 0.3), 60, 1}, {wsd.extended(60, 80, 0.3), 70, 0.5}, {wsd.extended(60, 200, 0.3), 140, 1}, {wsd.extended(60, 100, 0.3), 85, 0.5},
	} {
		if got := c.s.at(c.x); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s to %g, decay at %g: at %g %g, want %g", c.s.Kind, c.s.End, c.s.DecayAt, c.x, got, c.want)
		}
	}
	for _, bad := range []struct {
		kind             string
		end, warm, decay float64
	}{{"sine", 1, 0, 0}, {"wsd", 0, 0, 0}, {"wsd", 1, 0.6, 0.6}, {"wsd", 1, -1, 0}} {
		if _, err := newSchedule(bad.kind, bad.end, bad.warm, bad.decay); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

func TestHalfLife(t *testing.T) {
	if got := math.Pow(halfLife(1000, 100), 10); math.Abs(got-0.5) > 1e-9 {
		t.Errorf("after a half-life %g is left", got)
	}
}
