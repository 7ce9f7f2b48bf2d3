package kern

import "daiban/gpt/quant"

// Matrix is a weight of shape (N, K): N rows of K values, each row in blocks of Type.
// Data may be a view into a mapped file.
type Matrix struct {
	Type quant.Type
	N, K int
	Data []byte
}

// Row is the bytes of row i.
func (m *Matrix) Row(i int) []byte {
	n := len(m.Data) / m.N
	return m.Data[i*n : (i+1)*n]
}

// A Product is out (T, N) = x (T, K) · Wᵀ + Bias for the x given to Multiply.
type Product struct {
	W    *Matrix
	Out  []float32
	Bias []float32 // (N), or nil
}

// Multiply computes several products of the same x (T, K), which is made ready once: the
// query, key and value of a layer, or its gate and up projection. All K must be equal.
func (p *Pool) Multiply(x []float32, T int, ps ...Product) {
	const rows = 64
	for _, q := range ps {
		n := (q.W.N + rows - 1) / rows
		p.Run(n, func(i int) { q.plain(x, T, i*rows, min((i+1)*rows, q.W.N)) })
	}
}

// plain computes columns lo to hi of the product in float32, the twin of every kernel.
func (q *Product) plain(x []float32, T, lo, hi int) {
	K, N := q.W.K, q.W.N
	row := make([]float32, K)
	for n := lo; n < hi; n++ {
		quant.Dequantize(q.W.Type, row, q.W.Row(n))
		for t := range T {
			s := dotPlain(row, x[t*K:t*K+K])
			if q.Bias != nil {
				s += q.Bias[n]
			}
			q.Out[t*N+n] = s
		}
	}
}

func dotPlain(a, b []float32) float32 {
	var s float32
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
