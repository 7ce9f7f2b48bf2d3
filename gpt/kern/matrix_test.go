package kern

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"daiban/gpt/quant"
)

// randomMatrix has random integers and scales of a usual size in its blocks.
func randomMatrix(r *rand.Rand, typ quant.Type, N, K int) *Matrix {
	bytes, err := typ.RowBytes(K)
	if err != nil {
		panic(err)
	}
	m := &Matrix{Type: typ, N: N, K: K, Data: make([]byte, N*bytes)}
	values, size := typ.Block()
	for b := range N * K / values {
		randomBlock(r, typ, m.Data[b*size:][:size])
	}
	return m
}

func randomBlock(r *rand.Rand, typ quant.Type, b []byte) {
	v := float32(r.NormFloat64() / 16)
	switch typ {
	case quant.F32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(v))
		return
	case quant.F16:
		binary.LittleEndian.PutUint16(b, quant.ToF16(v))
		return
	case quant.BF16:
		binary.LittleEndian.PutUint16(b, quant.ToBF16(v))
		return
	}
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	for _, i := range scales[typ] {
		binary.LittleEndian.PutUint16(b[i:], quant.ToF16(v))
	}
}

// scales are where the halves lie in a block.
var scales = map[quant.Type][]int{
	quant.Q4_0: {0}, quant.Q4_1: {0, 2}, quant.Q5_0: {0}, quant.Q5_1: {0, 2}, quant.Q8_0: {0},
	quant.Q4_K: {0, 2}, quant.Q5_K: {0, 2}, quant.Q6_K: {208},
}

func normal(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// multiplied is one Multiply on a level and a number of threads.
func multiplied(t *testing.T, l Level, threads int, x []float32, T int, w *Matrix, bias []float32) []float32 {
	t.Helper()
	was := level
	level = l
	defer func() { level = was }()
	p := NewPool(threads)
	defer p.Close()
	out := newGuarded(T*w.N, 16)
	p.Multiply(x, T, Product{W: w, Out: out.v, Bias: bias})
	out.check(t)
	return out.v
}

// same reports whether two results are the same numbers; NaN is NaN.
func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(a, b float32) bool { return a == b || a != a && b != b })
}

// shapes are small, and around every size that the kernels take at once.
func shapes(typ quant.Type) (ks, ns, ts []int) {
	block, _ := typ.Block()
	if block == 1 {
		ks = []int{1, 7, 8, 33, 256, 300}
	} else {
		ks = []int{block, 2 * block, 3 * block, 19 * block}
	}
	if testing.Short() { // on an emulated processor
		return ks[len(ks)-2:], []int{33}, []int{1, 2, 3, 7, 9}
	}
	return ks, []int{1, 15, 32, 33, 70}, []int{1, 2, 3, 6, 7, 13, 40}
}

func TestMultiply(t *testing.T) {
	for _, typ := range quant.Types {
		levels := supported()
		t.Run(typ.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(typ)))
			ks, ns, ts := shapes(typ)
			for _, K := range ks {
				for _, N := range ns {
					w, bias := randomMatrix(r, typ, N, K), normal(r, N)
					x := normal(r, ts[len(ts)-1]*K)
					for _, T := range ts {
						want := multiplied(t, Plain, 1, x, T, w, bias)
						near(t, w, x, T, bias, want)
						for l := AVX2; l <= levels; l++ {
							got := multiplied(t, l, 2, x, T, w, bias)
							_, exact := formats[typ]
							if exact && !same(got, want) {
								t.Fatalf("%s (%d, %d), T = %d: not what the twin has", l, N, K, T)
							}
							near(t, w, x, T, bias, got)
						}
					}
				}
			}
		})
	}
}

// near fails where out is not x · Wᵀ + bias in float64, but for the rounding of activations
// and, in float32, of sums.
func near(t *testing.T, w *Matrix, x []float32, T int, bias, out []float32) {
	t.Helper()
	row := make([]float32, w.K)
	for n := range w.N {
		EmbedRow(row, w, n)
		for i := range T {
			sum, size := float64(bias[n]), math.Abs(float64(bias[n]))
			for k, v := range row {
				sum += float64(v) * float64(x[i*w.K+k])
				size += math.Abs(float64(v)) * 4
			}
			if got := float64(out[i*w.N+n]); math.Abs(got-sum) > size/actsTop {
				t.Fatalf("(%d, %d) position %d row %d: %g, want %g ± %g", w.N, w.K, i, n, got, sum, size/actsTop)
			}
		}
	}
}

// A position has the same result alone, among others and on any number of threads.
func TestMultiplyIsReproducible(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		for _, typ := range quant.Types {
			r := rand.New(rand.NewPCG(2, uint64(typ)))
			const N, K, T = 200, 512, 9
			w := randomMatrix(r, typ, N, K)
			x := normal(r, T*K)
			want := multiplied(t, level, 1, x, T, w, nil)
			for threads := 2; threads <= 3; threads++ {
				if !same(multiplied(t, level, threads, x, T, w, nil), want) {
					t.Errorf("%s: %d threads differ from one", typ, threads)
				}
			}
			for i := range T {
				if !same(multiplied(t, level, 2, x[i*K:], 1, w, nil), want[i*N:(i+1)*N]) {
					t.Errorf("%s: position %d alone differs", typ, i)
				}
			}
		}
	})
}

func TestMultiplySeveral(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		const K, T = 512, 3
		x := normal(r, T*K)
		p := NewPool(2)
		defer p.Close()
		var ps []Product
		for _, typ := range quant.Types {
			w := randomMatrix(r, typ, 20+int(typ), K)
			ps = append(ps, Product{W: w, Out: make([]float32, T*w.N), Bias: normal(r, w.N)})
		}
		for range 2 {
			p.Multiply(x, T, ps...)
			for _, q := range ps {
				if !same(q.Out, multiplied(t, level, 1, x, T, q.W, q.Bias)) {
					t.Errorf("%s among others differs from alone", q.W.Type)
				}
			}
		}
	})
}

func TestMultiplyRows(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 4))
		const N, K, T = 300, 256, 2
		x := normal(r, T*K)
		p := NewPool(2)
		defer p.Close()
		for _, typ := range quant.Types {
			w := randomMatrix(r, typ, N, K)
			all := multiplied(t, level, 1, x, T, w, nil)
			for _, n := range []int{0, 1, 16, 37, 200} {
				rows := r.Perm(N)[:n]
				out := newGuarded(T*n, 16)
				p.MultiplyRows(x, T, w, rows, out.v)
				out.check(t)
				for i := range T {
					for j, row := range rows {
						if out.v[i*n+j] != all[i*N+row] {
							t.Fatalf("%s: row %d is %g, want %g", typ, row, out.v[i*n+j], all[i*N+row])
						}
					}
				}
			}
		}
	})
}

// Files may hold any bits: infinite and undefined scales, and activations that they led to.
func TestMultiplyHostile(t *testing.T) {
	values := []float32{0, float32(math.Inf(1)), float32(math.NaN()), math.MaxFloat32, 1e-38, 1e-45, -1}
	for _, typ := range quant.Types {
		r := rand.New(rand.NewPCG(5, uint64(typ)))
		const N, K, T = 33, 768, 8
		w := randomMatrix(r, typ, N, K)
		for i := range w.Data {
			w.Data[i] = byte(r.Uint32())
			if r.IntN(4) == 0 {
				w.Data[i] = 0xff
			}
		}
		x := normal(r, T*K)
		for t := range T - 1 {
			for range t {
				x[t*K+r.IntN(K)] = values[t]
			}
		}
		want := multiplied(t, Plain, 1, x, T, w, nil)
		for l := AVX2; l <= supported(); l++ {
			got := multiplied(t, l, 2, x, T, w, nil)
			if _, exact := formats[typ]; exact && !same(got, want) {
				t.Errorf("%s %s: not what the twin has", typ, l)
			}
		}
	}
}

func TestFMA(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	bits := func() float32 {
		return math.Float32frombits(r.Uint32()&^(0xff<<23) | (100+r.Uint32N(50))<<23)
	}
	for range 100000 {
		x, y, z := bits(), bits(), bits()
		if r.IntN(2) == 0 { // a sum that nearly vanishes, or a tie
			z = -x * y * float32(1+r.IntN(3)-1)
		}
		// 400 bits hold every such product and sum exactly.
		wide := func(v float32) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(float64(v)) }
		a := wide(x)
		want, _ := a.Add(a.Mul(a, wide(y)), wide(z)).Float32()
		if got := fma(x, y, z); got != want {
			t.Fatalf("fma(%g, %g, %g) = %g, want %g", x, y, z, got, want)
		}
	}
}

func TestMultiplyDoesNotAllocate(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 7))
		w := randomMatrix(r, quant.Q5_0, 100, 256)
		x, out := normal(r, 8*256), make([]float32, 8*100)
		p := NewPool(2)
		defer p.Close()
		for _, T := range []int{1, 8} {
			f := func() { p.Multiply(x, T, Product{W: w, Out: out}) }
			for range 20 {
				f()
			}
			if n := testing.AllocsPerRun(20, f); n > 0.5 {
				t.Errorf("T = %d: %.1f allocations", T, n)
			}
		}
	})
}

// What would read or write outside of its slices is refused, and leaves the pool usable.
func TestMultiplyChecks(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	w := randomMatrix(rand.New(rand.NewPCG(8, 8)), quant.Q8_0, 4, 64)
	short := &Matrix{Type: quant.Q8_0, N: 4, K: 64, Data: w.Data[:len(w.Data)-1]}
	narrow := randomMatrix(rand.New(rand.NewPCG(8, 8)), quant.Q8_0, 4, 32)
	x, out := make([]float32, 64), make([]float32, 4)
	for name, f := range map[string]func(){
		"weight": func() { p.Multiply(x, 1, Product{W: short, Out: out}) },
		"x":      func() { p.Multiply(x[1:], 1, Product{W: w, Out: out}) },
		"out":    func() { p.Multiply(x, 1, Product{W: w, Out: out[1:]}) },
		"bias":   func() { p.Multiply(x, 1, Product{W: w, Out: out, Bias: out[1:]}) },
		"K":      func() { p.Multiply(x, 1, Product{W: w, Out: out}, Product{W: narrow, Out: out}) },
		"row":    func() { p.MultiplyRows(x, 1, w, []int{4}, out) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: not refused", name)
				}
			}()
			f()
		}()
		p.Multiply(x, 1, Product{W: w, Out: out})
	}
}

func ExamplePool_Multiply() {
	p := NewPool(0)
	defer p.Close()
	w := &Matrix{Type: quant.F32, N: 2, K: 1, Data: make([]byte, 8)}
	binary.LittleEndian.PutUint32(w.Data[4:], math.Float32bits(3))
	out := make([]float32, 2)
	p.Multiply([]float32{2}, 1, Product{W: w, Out: out, Bias: []float32{1, 1}})
	fmt.Println(out)
	// Output: [1 7]
}
