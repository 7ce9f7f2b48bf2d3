package train

import (
	"math"

	"daiban/gpt/kern"
)

// newtonWork is what orthogonalising needs, kept from matrix to matrix. Its pool has one thread.
type newtonWork struct {
	pool          *kern.Pool
	x, y, a, b, c []float32
}

// muon is a step of Muon (Jordan and others, 2024): the momentum, made orthogonal, is what is
// stepped along. The step is multiplied by 0.2·√max(N, K), so that it is about as large as AdamW's
// and the same rate and decay serve both (Liu and others, Muon is Scalable for LLM Training, 2025).
//
//	m = μ m + g    w = w - rate·decay·w - rate · 0.2·√max(N, K) · orthogonal(g + μ m)
func (w *newtonWork) muon(p *part, s stepSize, key uint64) {
	N, K := p.Shape[0], p.Shape[1]
	x := grow(&w.x, N*K)
	mu, f := float32(s.momenta), float32(s.factor)
	var mb [momentBlock]float32
	for lo := 0; lo < N*K; lo += momentBlock {
		end := min(lo+momentBlock, N*K)
		m, g := p.m.get(lo, end, &mb), p.Grad[lo:end]
		for i := range m {
			d := g[i] * f
			m[i] = mu*m[i] + d
			x[lo+i] = d + mu*m[i]
		}
		p.m.put(lo, m)
	}
	w.orthogonal(N, K)
	keep, step := float32(1-s.rate*s.decay), float32(s.rate*0.2*math.Sqrt(float64(max(N, K))))
	for lo := 0; lo < N*K; lo += momentBlock {
		end := min(lo+momentBlock, N*K)
		v := p.Floats(lo, end, mb[:])
		kern.Scale(v, keep)
		kern.Axpy(v, -step, w.x[lo:end])
		p.Put(lo, v, key)
	}
}

func grow(s *[]float32, n int) []float32 {
	if cap(*s) < n {
		*s = make([]float32, n)
	}
	*s = (*s)[:n]
	return *s
}

// orthogonal moves all singular values of x (N, K) near 1, by five steps of a Newton–Schulz
// iteration whose coefficients were chosen for speed: they end between about 0.7 and 1.2.
//
//	x = x/‖x‖    x = a·x + (b·A + c·A²)·x, A = x·xᵀ; with fewer columns than rows A = xᵀ·x, from the right
func (w *newtonWork) orthogonal(N, K int) {
	const a, b, c = 3.4445, -4.7750, 2.0315
	x, y := w.x[:N*K], grow(&w.y, N*K)
	norm := float32(1 / (lengthOf(w.pool, x) + 1e-7))
	kern.Scale(x, norm)
	n := min(N, K)
	A, B, C := grow(&w.a, n*n), grow(&w.b, n*n), grow(&w.c, n*n)
	for range 5 {
		if N <= K {
			w.pool.Gemm(false, true, n, n, K, x, K, x, K, 0, A, n)
		} else {
			w.pool.Gemm(true, false, n, n, N, x, K, x, K, 0, A, n)
		}
		copy(B, A)
		kern.Scale(B, b)
		copy(C, A)
		kern.Scale(C, c)
		w.pool.Gemm(false, false, n, n, n, A, n, C, n, 1, B, n)
		copy(y, x)
		kern.Scale(y, a)
		if N <= K {
			w.pool.Gemm(false, false, N, K, N, B, n, x, K, 1, y, K)
		} else {
			w.pool.Gemm(false, false, N, K, K, x, K, B, n, 1, y, K)
		}
		x, y = y, x
	}
	w.x, w.y = x[:cap(x)], y[:cap(y)]
}

func lengthOf(pool *kern.Pool, x []float32) float64 {
	sums := make([]float64, (len(x)+strip-1)/strip)
	strips(pool, len(x), func(i, lo, hi int) {
		sums[i] = kern.SumSquares(x[lo:hi])
	})
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return math.Sqrt(total)
}
