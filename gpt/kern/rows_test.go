package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A rowsCase is a kernel and its twin over the same arguments, all of length n.
type rowsCase struct {
	name       string
	rows       int // arguments that are rows
	kern, twin func(a [][]float32) []float64
	within     float64 // times the rounding of float32, of the sum of magnitudes for results, else of the value
}

func none(f func(a [][]float32)) func(a [][]float32) []float64 {
	return func(a [][]float32) []float64 { f(a); return nil }
}

var rowsCases = []rowsCase{
	{"dot", 2, func(a [][]float32) []float64 { return []float64{float64(Dot(a[0], a[1]))} },
		func(a [][]float32) []float64 { return []float64{float64(dotPlain(a[0], a[1]))} }, 200},
	{"sums", 1, func(a [][]float32) []float64 { s, q := sums(a[0], 0.25); return []float64{s, q} },
		func(a [][]float32) []float64 { s, q := sumsPlain(a[0], 0.25); return []float64{s, q} }, 200},
	{"largest", 1, func(a [][]float32) []float64 { return []float64{float64(largest(a[0]))} },
		func(a [][]float32) []float64 { return []float64{float64(largestPlain(a[0]))} }, 0},
	{"expSum", 1, func(a [][]float32) []float64 { return []float64{expSum(a[0], 1)} },
		func(a [][]float32) []float64 { return []float64{expSumPlain(a[0], 1)} }, 200},
	{"SwiGLU", 3, none(func(a [][]float32) { SwiGLU(a[0], a[1], a[2]) }), none(func(a [][]float32) { swiGLUPlain(a[0], a[1], a[2]) }), 8},
	{"GELU", 1, none(func(a [][]float32) { GELU(a[0]) }), none(func(a [][]float32) { geluPlain(a[0]) }), 64},
	{"Add", 2, none(func(a [][]float32) { Add(a[0], a[1]) }), none(func(a [][]float32) { axpyPlain(a[0], a[1], 1) }), 0},
	{"Axpy", 2, none(func(a [][]float32) { Axpy(a[0], 1.7, a[1]) }), none(func(a [][]float32) { axpyPlain(a[0], a[1], 1.7) }), 8},
	{"Scale", 1, none(func(a [][]float32) { Scale(a[0], 1.7) }), none(func(a [][]float32) { scalePlain(a[0], 1.7) }), 0},
	{"normalize", 4, none(func(a [][]float32) { normalize(a[0], a[1], a[2], a[3], 0.5, 1.5) }),
		none(func(a [][]float32) { normalizePlain(a[0], a[1], a[2], a[3], 0.5, 1.5) }), 8},
	{"normalizeUnbiased", 3, none(func(a [][]float32) { normalize(a[0], a[1], a[2], nil, 0, 1.5) }),
		none(func(a [][]float32) { normalizePlain(a[0], a[1], a[2], nil, 0, 1.5) }), 8},
	{"SwiGLUGrad", 4, none(func(a [][]float32) { SwiGLUGrad(a[0], a[1], a[2], a[3]) }), none(func(a [][]float32) { swiGLUGradPlain(a[0], a[1], a[2], a[3]) }), 16},
	{"GELUGrad", 2, none(func(a [][]float32) { GELUGrad(a[0], a[1]) }), none(func(a [][]float32) { geluGradPlain(a[0], a[1]) }), 64},
	{"softmaxGrad", 2, none(func(a [][]float32) { softmaxGrad(a[0], a[1], 0.5, 0.7) }), none(func(a [][]float32) { softmaxGradPlain(a[0], a[1], 0.5, 0.7) }), 8},
	{"normSums", 3, func(a [][]float32) []float64 { s, p := normSums(a[0], a[1], a[2], 0.5); return []float64{s, p} },
		func(a [][]float32) []float64 { s, p := normSumsPlain(a[0], a[1], a[2], 0.5); return []float64{s, p} }, 400},
	{"normGrad", 5, none(func(a [][]float32) { normGrad(a[0], a[1], a[2], a[3], a[4], 0.5, 1.5, 0.3, 0.1, false) }),
		none(func(a [][]float32) { normGradPlain(a[0], a[1], a[2], a[3], a[4], 0.5, 1.5, 0.3, 0.1, false) }), 32},
	{"normGradAdded", 5, none(func(a [][]float32) { normGrad(a[0], a[1], a[2], a[3], a[4], 0.5, 1.5, 0.3, 0.1, true) }),
		none(func(a [][]float32) { normGradPlain(a[0], a[1], a[2], a[3], a[4], 0.5, 1.5, 0.3, 0.1, true) }), 32},
	{"normGradFixed", 4, none(func(a [][]float32) { normGrad(a[0], a[1], a[2], a[3], nil, 0.5, 1.5, 0.3, 0.1, false) }),
		none(func(a [][]float32) { normGradPlain(a[0], a[1], a[2], a[3], nil, 0.5, 1.5, 0.3, 0.1, false) }), 32},
	{"normGradFixedAdded", 4, none(func(a [][]float32) { normGrad(a[0], a[1], a[2], a[3], nil, 0.5, 1.5, 0.3, 0.1, true) }),
		none(func(a [][]float32) { normGradPlain(a[0], a[1], a[2], a[3], nil, 0.5, 1.5, 0.3, 0.1, true) }), 32},
	{"AdamW", 4, none(func(a [][]float32) { adamTest.step(adamW, a) }), none(func(a [][]float32) { adamTest.step(adamWPlain, a) }), 32},
	{"rotate", 4, none(func(a [][]float32) { rotate(a[0], a[1], a[2], a[3]) }), none(func(a [][]float32) { rotatePlain(a[0], a[1], a[2], a[3]) }), 8},
}

var adamTest = AdamW{Factor: 0.5, Beta1: 0.9, Beta2: 0.99, Keep: 0.999, Rate: 1e-2, Root: 3, Eps: 1e-8}

// step makes second moments of the last row first, which are none where they are negative.
func (o AdamW) step(f func(o *AdamW, w, g, m, v []float32), a [][]float32) {
	for i, v := range a[3] {
		a[3][i] = v * v
	}
	f(&o, a[0], a[1], a[2], a[3])
}

func TestRowsMatchTheirTwins(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		if level == Plain {
			t.Skip("these are the twins")
		}
		for _, c := range rowsCases {
			r := rand.New(rand.NewPCG(7, 8))
			for n := range 131 {
				for offset := range 3 {
					if testing.Short() && offset != n%3 {
						continue
					}
					c.check(t, r, n, offset*(1+n%5))
				}
			}
			c.check(t, r, 5000, 3)
		}
	})
}

func (c *rowsCase) check(t *testing.T, r *rand.Rand, n, offset int) {
	t.Helper()
	var got []guarded
	var a, b [][]float32
	for i := range c.rows {
		g := newGuarded(n, offset+i)
		fill(r, g.v)
		got = append(got, g)
		a = append(a, g.v)
		b = append(b, slices.Clone(g.v))
	}
	results, wants := c.kern(a), c.twin(b)
	where := fmt.Sprintf("%s, %d values at %d", c.name, n, offset)
	for i, w := range wants {
		nearly(t, where, results[i], w, c.within*(1+math.Abs(w)))
	}
	for i, g := range got {
		g.check(t)
		for j, w := range b[i] {
			nearly(t, fmt.Sprintf("%s: row %d at %d", where, i, j), float64(g.v[j]), float64(w), c.within*max(1, math.Abs(float64(w))))
		}
	}
}

// nearly fails where got is further from want than so many roundings of 1.
func nearly(t *testing.T, where string, got, want, roundings float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || got != want && !(math.Abs(got-want) <= roundings/(1<<24)) {
		t.Fatalf("%s: %v, want %v within %.1f roundings", where, got, want, roundings)
	}
}

func TestRotateHeads(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 9))
		for half := range 70 {
			for _, adjacent := range []bool{false, true} {
				const H = 3
				D := 2*half + r.IntN(3) + 1
				g := newGuarded(H*D, r.IntN(9))
				fill(r, g.v)
				want := slices.Clone(g.v)
				cos, sin := make([]float32, half), make([]float32, half)
				fill(r, cos)
				fill(r, sin)
				Rotate(g.v, D, cos, sin, adjacent)
				g.check(t)
				for h := range H {
					for i := range half {
						a, b := h*D+i, h*D+i+half
						if adjacent {
							a, b = h*D+2*i, h*D+2*i+1
						}
						u, v := want[a], want[b]
						want[a], want[b] = u*cos[i]-v*sin[i], v*cos[i]+u*sin[i]
					}
				}
				for i, w := range want {
					nearly(t, fmt.Sprintf("half %d, adjacent %v, at %d", half, adjacent, i), float64(g.v[i]), float64(w), 16)
				}
			}
		}
	})
}

// exp is within 2 units in the last place over its whole range.
func TestExpIsExact(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		var worst float64
		x := make([]float32, 4096)
		step := 0.25
		if testing.Short() {
			step = 6.25
		}
		for lo := -87.0; lo < 88; lo += step {
			for i := range x {
				x[i] = float32(lo + 0.25*float64(i)/float64(len(x)))
			}
			in := slices.Clone(x)
			expSum(x, 0)
			for i, v := range x {
				want := math.Exp(float64(in[i]))
				unit := float64(math.Nextafter32(float32(want), math.MaxFloat32) - float32(want))
				worst = max(worst, math.Abs(float64(v)-want)/unit)
			}
		}
		if worst > 2 {
			t.Errorf("exp is off by %.2f units in the last place", worst)
		}
		t.Logf("worst: %.3f units", worst)
	})
}

func TestSoftmax(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 4))
		for n := 1; n < 131; n++ {
			g := newGuarded(n, n%7)
			fill(r, g.v)
			for i := range g.v {
				g.v[i] *= 30
				if i%3 == 1 {
					g.v[i] = -inf
				}
			}
			in := slices.Clone(g.v)
			Softmax(g.v)
			g.check(t)
			var sum float64
			top := slices.Max(in)
			for _, v := range in {
				sum += math.Exp(float64(v - top))
			}
			for i, v := range in {
				nearly(t, fmt.Sprintf("%d of %d", i, n), float64(g.v[i]), math.Exp(float64(v-top))/sum, 8)
				if v == -inf && g.v[i] != 0 {
					t.Fatalf("-Inf became %v", g.v[i])
				}
			}
		}
		for _, x := range [][]float32{{-inf}, {1, inf, 2}, {1, nan}, {nan, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1, 1, 1, 1, 1}, slices.Repeat([]float32{-inf}, 40)} {
			Softmax(x)
			for _, v := range x[:1] {
				if v == v && v != 0 {
					t.Errorf("softmax of what has none: %v", x)
				}
			}
			if !slices.ContainsFunc(x, func(v float32) bool { return v != v }) {
				t.Errorf("no NaN in %v", x)
			}
		}
		Softmax(nil)
	})
}

// What is not a number, or endless, does what the twin does with it, wherever it stands.
func TestRowsSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	atEveryLevel(t, func(t *testing.T) {
		for _, c := range rowsCases {
			for _, v := range []float32{inf, -inf, nan, 0, float32(math.Copysign(0, -1)), 1e-40, 3e38, -3e38, 100, -100} {
				for at := range 19 {
					var a, b [][]float32
					for row := range c.rows {
						x := slices.Repeat([]float32{0.5}, 19)
						if row == at%c.rows {
							x[at] = v
						}
						a, b = append(a, x), append(b, slices.Clone(x))
					}
					results, wants := c.kern(a), c.twin(b)
					for i, w := range wants {
						if w == w && math.Abs(w) < math.MaxFloat32 {
							nearly(t, fmt.Sprint(c.name, v, at), results[i], w, c.within*(1+math.Abs(w)))
						}
					}
					for i := range a {
						for j, w := range b[i] {
							got := a[i][j]
							if (got != got) != (w != w) || w == w && math.Abs(float64(got-w)) > 1e-5*(1+math.Abs(float64(w))) {
								t.Fatalf("%s with %v at %d: row %d at %d is %v, want %v", c.name, v, at, i, j, got, w)
							}
						}
					}
				}
			}
		}
	})
}

func TestRMSNorm(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for n := 1; n < 131; n++ {
			x, w := make([]float32, n), make([]float32, n)
			fill(r, x)
			fill(r, w)
			var q float64
			for _, v := range x {
				q += float64(v) * float64(v)
			}
			rms := math.Sqrt(q/float64(n) + 1e-5)
			out := newGuarded(n, n%5)
			RMSNorm(out.v, x, w, 1e-5)
			out.check(t)
			for i, got := range out.v {
				want := float64(x[i]) / rms * float64(w[i])
				nearly(t, fmt.Sprintf("RMSNorm of %d at %d", n, i), float64(got), want, 16*(1+math.Abs(want)))
			}
		}
	})
}

func TestLayerNorm(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 3))
		for n := 2; n < 131; n++ {
			x, w, b := make([]float32, n), make([]float32, n), make([]float32, n)
			fill(r, x)
			fill(r, w)
			fill(r, b)
			for i := range x {
				x[i] += 20 // a large mean
			}
			var s, d float64
			for _, v := range x {
				s += float64(v)
			}
			mean := s / float64(n)
			for _, v := range x {
				d += (float64(v) - mean) * (float64(v) - mean)
			}
			dev := math.Sqrt(d/float64(n) + 1e-5)
			in := slices.Clone(x)
			LayerNorm(x, x, w, b, 1e-5)
			for i, got := range x {
				want := (float64(in[i])-mean)/dev*float64(w[i]) + float64(b[i])
				nearly(t, fmt.Sprintf("LayerNorm of %d at %d", n, i), float64(got), want, 100*(1+20/dev))
			}
		}
	})
}

func TestArgMax(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	atEveryLevel(t, func(t *testing.T) {
		for want, x := range map[int][]float32{
			0: {-inf, -inf}, 1: {nan, 3, 3, nan, 2}, 2: {1, 2, inf, inf}, 3: {nan, nan, nan, -inf},
		} {
			if got := ArgMax(x); got != want {
				t.Errorf("ArgMax(%v) = %d, want %d", x, got, want)
			}
		}
		for _, x := range [][]float32{nil, {nan, nan}} {
			if got := ArgMax(x); got != 0 {
				t.Errorf("ArgMax(%v) = %d, want 0", x, got)
			}
		}
		r := rand.New(rand.NewPCG(3, 3))
		for n := 1; n < 5000; n += 1 + n/3 {
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(r.IntN(n))
			}
			want := 0
			for i, v := range x {
				if v > x[want] {
					want = i
				}
			}
			if got := ArgMax(x); got != want {
				t.Errorf("ArgMax of %d values = %d, want %d", n, got, want)
			}
		}
	})
}

func TestLogSumExp(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 3))
		for n := 1; n < 5000; n += 1 + n/3 {
			x := make([]float32, n)
			fill(r, x)
			var sum float64
			for i := range x {
				x[i] += 300
				sum += math.Exp(float64(x[i]) - 300)
			}
			nearly(t, fmt.Sprint(n), LogSumExp(x), 300+math.Log(sum), 16)
		}
	})
}

func TestGELUExact(t *testing.T) {
	for x, want := range map[float32]float64{0: 0, 1: 0.8413447460685429, -1: -0.15865525393145707, 3: 2.99595030927, -6: -5.919e-9} {
		v := []float32{x}
		GELUExact(v)
		nearly(t, fmt.Sprint(x), float64(v[0]), want, 2*(math.Abs(want)+1e-3))
	}
}

func BenchmarkRows(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y, z := make([]float32, 4864), make([]float32, 4864), make([]float32, 4864)
	fill(r, x)
	fill(r, y)
	logits := make([]float32, 151936)
	fill(r, logits)
	for name, f := range map[string]func(){
		"Softmax/4864": func() { Softmax(x) }, "SwiGLU/4864": func() { SwiGLU(z, x, y) }, "GELU/4864": func() { GELU(z) },
		"RMSNorm/896": func() { RMSNorm(z[:896], y[:896], x, 1e-6) }, "ArgMax/151936": func() { ArgMax(logits) },
		"Rotate/14x64": func() { Rotate(z[:14*64], 64, x[:32], y[:32], false) }, "Dot/896": func() { Dot(x[:896], y) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}
