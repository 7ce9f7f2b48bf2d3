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

// EmbedRow writes the values of row i into dst (K).
func EmbedRow(dst []float32, m *Matrix, i int) { quant.Dequantize(m.Type, dst, m.Row(i)) }

// A Product is out (T, N) = x (T, K) · Wᵀ + Bias for the x given to Multiply.
type Product struct {
	W    *Matrix
	Out  []float32
	Bias []float32 // (N), or nil
}

// Multiply computes several products of the same x (T, K), which is made ready once: the
// query, key and value of a layer, or its gate and up projection. All K must be equal.
//
// A row of weights times a position of quantized type is
//
//	sum over the runs of 32 values: (Σ integers · integers) · scales + minimum · (Σ integers · scale)
//
// with float32 sums in the order of the runs. It is the same to the bit for every number of
// threads and of positions, for every processor and for the plain twin. With weights that are
// floats it is the same for every number of threads and of positions.
func (p *Pool) Multiply(x []float32, T int, ps ...Product) {
	b := p.buffers()
	for _, q := range ps {
		b.products = append(b.products, product{Product: q, format: formats[q.W.Type], N: q.W.N})
	}
	b.multiply(p, x, T)
}

// MultiplyRows computes out (T, len(rows)) = x (T, K) · Wᵀ for some rows of W only.
func (p *Pool) MultiplyRows(x []float32, T int, w *Matrix, rows []int, out []float32) {
	if len(rows) == 0 {
		return
	}
	b := p.buffers()
	b.products = append(b.products, product{
		Product: Product{W: w, Out: out}, format: formats[w.Type], N: len(rows), rows: rows,
	})
	b.multiply(p, x, T)
}
