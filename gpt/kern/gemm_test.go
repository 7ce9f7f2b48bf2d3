package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// atEveryLevel runs f on each level that this machine has, or only on the one that the
// environment asks for.
func atEveryLevel(t *testing.T, f func(t *testing.T)) {
	best := level
	defer func() { level = best }()
	least := Plain
	if os.Getenv("DAIBAN_KERN") != "" {
		least = best
	}
	for l := least; l <= best; l++ {
		level = l
		t.Run(l.String(), f)
	}
}

const guard = 12345.5

// guarded is a slice of n values at some offset, with guard words around it.
type guarded struct {
	all []float32
	v   []float32
}

func newGuarded(n, offset int) guarded {
	all := make([]float32, offset+n+40)
	for i := range all {
		all[i] = guard
	}
	return guarded{all, all[offset : offset+n : offset+n]}
}

func (g guarded) check(t *testing.T) {
	t.Helper()
	offset := len(g.all) - 40 - len(g.v)
	for i, v := range g.all {
		if (i < offset || i >= offset+len(g.v)) && v != guard {
			t.Fatalf("guard word %d is %v: written outside of [0, %d)", i-offset, v, len(g.v))
		}
	}
}

func fill(r *rand.Rand, s []float32) {
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
}

// A gemmCase is a product of some shape, its operands in larger matrices.
type gemmCase struct {
	ta, tb                bool
	M, N, K, moreA, moreB int
	moreC, offset         int
	beta                  float32
	A, B                  []float32
	lda, ldb, ldc         int
	C                     guarded
}

func (c *gemmCase) make(r *rand.Rand) {
	shape := func(rows, cols, more int, turned bool) ([]float32, int) {
		if turned {
			rows, cols = cols, rows
		}
		ld := cols + more
		s := make([]float32, c.offset+rows*ld)[c.offset:]
		fill(r, s)
		return s[:max(0, (rows-1)*ld+cols)], ld
	}
	c.A, c.lda = shape(c.M, c.K, c.moreA, c.ta)
	c.B, c.ldb = shape(c.K, c.N, c.moreB, c.tb)
	c.ldc = c.N + c.moreC
	c.C = newGuarded((c.M-1)*c.ldc+c.N, c.offset)
	for i := range c.C.v {
		if i%c.ldc < c.N {
			c.C.v[i] = float32(r.NormFloat64())
		}
	}
}

// check compares with sums in float64, within the bound that Gemm states.
func (c *gemmCase) check(t *testing.T, p *Pool) {
	t.Helper()
	before := append([]float32(nil), c.C.v...)
	p.Gemm(c.ta, c.tb, c.M, c.N, c.K, c.A, c.lda, c.B, c.ldb, c.beta, c.C.v, c.ldc)
	c.C.check(t)
	a, b := operand{c.A, c.lda, 1}.turn(c.ta), operand{c.B, c.ldb, 1}.turn(c.tb)
	for i, got := range c.C.v {
		m, n := i/c.ldc, i%c.ldc
		if n >= c.N {
			if got != guard {
				t.Fatalf("%s: between rows, C[%d, %d] is %v", c, m, n, got)
			}
			continue
		}
		want := float64(c.beta) * float64(before[i])
		size := math.Abs(want)
		for k := range c.K {
			v := float64(a.v[m*a.row+k*a.col]) * float64(b.v[k*b.row+n*b.col])
			want += v
			size += math.Abs(v)
		}
		if bound := size * float64(c.K+2) / (1 << 24); math.Abs(float64(got)-want) > bound {
			t.Fatalf("%s: C[%d, %d] = %v, want %v within %.3g", c, m, n, got, want, bound)
		}
	}
}

func (c *gemmCase) String() string {
	return fmt.Sprintf("transA %v, transB %v, (%d×%d)·(%d×%d), beta %v, offset %d, spare %d %d %d",
		c.ta, c.tb, c.M, c.K, c.K, c.N, c.beta, c.offset, c.moreA, c.moreB, c.moreC)
}

func TestGemmShapes(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		sizes := []int{1, 2, 3, 5, 6, 7, 8, 12, 15, 16, 17, 31, 32, 33, 49}
		if testing.Short() { // on an emulated processor
			sizes = []int{1, 5, 12, 13, 32, 33, 49}
		}
		for _, M := range sizes {
			for _, N := range sizes {
				for _, K := range []int{1, 2, 4, 7, 8, 9, 31} {
					c := gemmCase{M: M, N: N, K: K, ta: r.IntN(2) == 0, tb: r.IntN(2) == 0,
						moreA: r.IntN(5), moreB: r.IntN(5), moreC: r.IntN(5), offset: r.IntN(9),
						beta: []float32{0, 1, 0.5, -2}[r.IntN(4)]}
					c.make(r)
					c.check(t, p)
				}
			}
		}
	})
}

// Sizes beyond one block in each dimension, and none.
func TestGemmLarge(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for i, s := range [][3]int{{130, 300, 700}, {27, 70, 350}, {4, 4200, 30}, {4200, 5, 20}, {301, 257, 331}, {0, 3, 3}, {3, 0, 3}, {3, 3, 0}} {
			if testing.Short() && s[0]*s[1]*s[2] > 1e6 {
				continue
			}
			for _, beta := range []float32{0, 1, 3} {
				c := gemmCase{M: s[0], N: s[1], K: s[2], ta: i%2 == 1, tb: i/2%2 == 1, beta: beta, moreC: 1}
				if s[0]*s[1] > 0 {
					c.make(r)
				}
				c.check(t, p)
			}
		}
	})
}

// What C holds is not read with beta 0: it may be memory as it came.
func TestGemmIgnoresC(t *testing.T) {
	p := NewPool(1)
	defer p.Close()
	atEveryLevel(t, func(t *testing.T) {
		for _, K := range []int{0, 3} {
			c := []float32{float32(math.NaN())}
			p.Gemm(false, false, 1, 1, K, []float32{1, 2, 3}, 3, []float32{1, 1, 1}, 1, 0, c, 1)
			if want := float32(2 * K); c[0] != want {
				t.Errorf("K %d: %v, want %v", K, c[0], want)
			}
		}
	})
}

func TestGemmSameOnAnyThreads(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		M, N, K := 150, 330, 700
		if testing.Short() {
			M, N, K = 30, 100, 330
		}
		A, B := make([]float32, M*K), make([]float32, K*N)
		fill(r, A)
		fill(r, B)
		var first []float32
		for _, threads := range []int{1, 2, 5} {
			p := NewPool(threads)
			C := make([]float32, M*N)
			p.Gemm(false, false, M, N, K, A, K, B, N, 0, C, N)
			p.Close()
			if first == nil {
				first = C
			}
			for i, v := range C {
				if v != first[i] {
					t.Fatalf("with %d threads, C[%d] = %v, with one %v", threads, i, v, first[i])
				}
			}
		}
	})
}

func TestGemmAllocatesOnce(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	const n = 100
	A, B, C := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	if got := testing.AllocsPerRun(20, func() { p.Gemm(false, true, n, n, n, A, n, B, n, 0, C, n) }); got >= 1 {
		t.Errorf("%v allocations a product", got)
	}
}

func BenchmarkGemm(b *testing.B) {
	for _, threads := range []int{1, 2} {
		p := NewPool(threads)
		for _, s := range []struct {
			name    string
			ta, tb  bool
			M, N, K int
		}{
			{"NN", false, false, 1024, 1024, 1024},
			{"NN", false, false, 512, 4864, 896},
			{"NT", false, true, 512, 4864, 896},
			{"NN", false, false, 2048, 1536, 576},
			{"TN", true, false, 576, 1536, 2048},
			{"NT", false, true, 2048, 576, 1536},
			{"NT", false, true, 128, 128, 128},
			{"NN", false, false, 1, 4864, 896},
			{"NT", false, true, 1, 4864, 896},
			{"NN", false, false, 8, 4864, 896},
			{"NT", false, true, 8, 4864, 896},
		} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d/threads%d", s.name, s.M, s.N, s.K, threads), func(b *testing.B) {
				A, B, C := make([]float32, s.M*s.K), make([]float32, s.K*s.N), make([]float32, s.M*s.N)
				r := rand.New(rand.NewPCG(1, 1))
				fill(r, A)
				fill(r, B)
				lda, ldb := s.K, s.N
				if s.ta {
					lda = s.M
				}
				if s.tb {
					ldb = s.K
				}
				for b.Loop() {
					p.Gemm(s.ta, s.tb, s.M, s.N, s.K, A, lda, B, ldb, 0, C, s.N)
				}
				b.ReportMetric(2*float64(s.M)*float64(s.N)*float64(s.K)/float64(b.Elapsed().Nanoseconds())*float64(b.N), "GFLOP/s")
			})
		}
		p.Close()
	}
}
