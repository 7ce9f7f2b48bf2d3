package kern

import (
	"fmt"

	"daiban/gpt/quant"
)

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

// check panics where a product would leave its slices: the caller cut them wrongly.
func (m *Matrix) check(x []float32, T int, out []float32, N int, bias []float32) {
	bytes, err := m.Type.RowBytes(m.K)
	if err != nil || m.N <= 0 || m.K <= 0 || len(m.Data) != m.N*bytes {
		panic(fmt.Sprintf("kern: a weight (%d, %d) of %s has %d bytes", m.N, m.K, m.Type, len(m.Data)))
	}
	if len(x) < T*m.K || len(out) < T*N || bias != nil && len(bias) < N {
		panic(fmt.Sprintf("kern: (%d, %d) times a weight (%d, %d) from %d values into %d with %d biases",
			T, m.K, N, m.K, len(x), len(out), len(bias)))
	}
}

// A Product is out (T, N) = x (T, K) · Wᵀ + Bias for the x given to Multiply.
type Product struct {
	W    *Matrix
	Out  []float32
	Bias []float32 // (N), or nil
	rows []int     // those of W that are wanted; nil for all
}

// width is the number of columns of Out.
func (q *Product) width() int {
	if q.rows != nil {
		return len(q.rows)
	}
	return q.W.N
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
	b.products = append(b.products[:0], ps...)
	b.multiply(p, x, T)
}

// MultiplyRows computes out (T, len(rows)) = x (T, K) · Wᵀ for some rows of W only.
func (p *Pool) MultiplyRows(x []float32, T int, w *Matrix, rows []int, out []float32) {
	if len(rows) == 0 {
		return
	}
	b := p.buffers()
	b.products = append(b.products[:0], Product{W: w, Out: out, rows: rows})
	b.multiply(p, x, T)
}

// buffers is what Multiply keeps from call to call.
type buffers struct {
	acts     acts
	x        []float32
	products []Product
	parts    []part
	integers bool // whether a product has quantized weights
	floats   bool // whether one has others
	free     chan *scratch
	prepare  func(int)
	run      func(int)
}

// A part is rows lo to hi of a product.
type part struct{ product, lo, hi int }

func (p *Pool) buffers() *buffers {
	if p.kept == nil {
		b := &buffers{free: make(chan *scratch, p.threads)}
		for range p.threads {
			b.free <- new(scratch)
		}
		b.prepare, b.run = b.ready, b.part
		p.kept = b
	}
	return p.kept
}

func (b *buffers) multiply(p *Pool, x []float32, T int) {
	if T == 0 || len(b.products) == 0 {
		return
	}
	K := b.products[0].W.K
	b.x, b.integers, b.floats, b.parts = x, false, false, b.parts[:0]
	for i := range b.products {
		q := &b.products[i]
		q.W.check(x, T, q.Out, q.width(), q.Bias)
		if q.W.K != K {
			panic(fmt.Sprintf("kern: one x for weights of %d and %d columns", K, q.W.K))
		}
		_, integers := formats[q.W.Type]
		b.integers, b.floats = b.integers || integers, b.floats || !integers
		b.cut(i, T)
	}
	b.acts.size(T, K, b.integers, b.floats)
	if tiles := b.acts.tiles(); tiles > 1 {
		p.Run(tiles, b.prepare)
	} else {
		b.ready(0)
	}
	p.Run(len(b.parts), b.run)
	b.x = nil
	clear(b.products)
}

// cut divides a product into parts: large enough to be worth a hand-over and to read
// memory in stretches, small enough that a thread that is held up leaves them to others.
func (b *buffers) cut(product, T int) {
	const work = 1 << 20 // products of two numbers
	q := &b.products[product]
	n := work / q.W.K / (T + 7) / panelRows
	rows := min(max(n, 1), 4) * panelRows
	for lo := 0; lo < q.width(); lo += rows {
		b.parts = append(b.parts, part{product, lo, min(lo+rows, q.width())})
	}
}

// ready prepares the activations of tile i.
func (b *buffers) ready(i int) {
	if b.integers {
		b.acts.quantize(i, b.x)
	}
	if b.floats {
		b.acts.weave(i, b.x)
	}
}

// part computes part i.
func (b *buffers) part(i int) {
	s := <-b.free
	defer func() { b.free <- s }()
	part := b.parts[i]
	q := &b.products[part.product]
	for lo := part.lo; lo < part.hi; lo += panelRows {
		hi := min(lo+panelRows, part.hi)
		m := s.rowsOf(q, lo, hi)
		s.columns(&b.acts, m, b.x, q, lo)
		q.addBias(b.acts.T, lo, hi)
	}
}

// rowsOf is rows lo to hi of the product as a matrix of their own.
func (s *scratch) rowsOf(q *Product, lo, hi int) Matrix {
	m := Matrix{Type: q.W.Type, N: hi - lo, K: q.W.K}
	size := len(q.W.Data) / q.W.N
	if q.rows == nil {
		m.Data = q.W.Data[lo*size : hi*size]
		return m
	}
	s.some = s.some[:0]
	for _, i := range q.rows[lo:hi] {
		s.some = append(s.some, q.W.Row(i)...)
	}
	m.Data = s.some
	return m
}

func (q *Product) addBias(T, lo, hi int) {
	if q.Bias == nil {
		return
	}
	N := q.width()
	bias := q.Bias[lo:hi]
	for t := range T {
		Add(q.Out[t*N+lo:][:len(bias)], bias)
	}
}

// columns computes out (T, n) from column lo on, for the n ≤ 32 rows of m.
func (s *scratch) columns(a *acts, m Matrix, x []float32, q *Product, lo int) {
	N, n := q.width(), m.N
	if level == Plain {
		s.columnsPlain(a, &m, x, q.Out[lo:], N)
		return
	}
	out, stride := q.Out[lo:], N
	if n < panelRows {
		s.out = grow(s.out, a.T*panelRows)
		out, stride = s.out, panelRows
	}
	f := formats[m.Type]
	switch {
	case f == nil:
		s.floatColumns(a, &m, out, stride)
	case a.T <= few:
		s.dots(f, a, &m, out, stride)
	default:
		s.integerColumns(f, a, &m, out, stride)
	}
	if n < panelRows {
		for t := range a.T {
			copy(q.Out[t*N+lo:][:n], out[t*stride:])
		}
	}
}

// integerColumns adds up out (T, 32), its rows stride apart, piece by piece.
func (s *scratch) integerColumns(f *format, a *acts, m *Matrix, out []float32, stride int) {
	clearColumns(out, a.T, stride)
	for from := 0; from < a.runs; from += stepRuns {
		to := min(from+stepRuns, a.runs)
		s.unpack(f, m, from, to)
		s.turn(to - from)
		for i := range a.tiles() {
			t, n := a.tile(i)
			j := a.at(t, from)
			s.multiplyTile(n, f.mins, a, j, to-from, &out[t*stride], stride*4)
		}
	}
}

// floatColumns is integerColumns for weights that are floats.
func (s *scratch) floatColumns(a *acts, m *Matrix, out []float32, stride int) {
	clearColumns(out, a.T, stride)
	for from := 0; from < a.runs; from += floatRuns {
		to := min(from+floatRuns, a.runs)
		s.floatPanel(m, from, to)
		for i := range a.tiles() {
			t, n := a.tile(i)
			s.multiplyFloatTile(n, &a.floats[a.at(t, from)*run], to-from, &out[t*stride], stride*4)
		}
	}
}

func clearColumns(out []float32, T, stride int) {
	for t := range T {
		clear(out[t*stride:][:panelRows])
	}
}

// dots computes out (T, 32), its rows stride apart, from rows as they are stored.
func (s *scratch) dots(f *format, a *acts, m *Matrix, out []float32, stride int) {
	size := len(m.Data) / m.N
	for i := 0; i < m.N; i += dotRows {
		rows := m.Data[i*size:]
		if i+dotRows > m.N {
			s.eight = grow(s.eight, dotRows*size)
			copy(s.eight, rows)
			rows = s.eight
		}
		for tile := range a.tiles() {
			t, n := a.tile(tile)
			j := a.at(t, 0)
			f.dot[n-1](&out[t*stride+i], stride*4, &rows[0], size, &a.integers[j*run], &a.scale[j], &a.sum[j], &a.total[j], a.runs/f.runs)
		}
	}
}
