package kern

import "fmt"

// A product is what a Product becomes while it is computed.
type product struct {
	Product
	format *format // nil where the weights are floats
	N      int     // columns of Out
	rows   []int   // those of W that are wanted, or nil for all
}

// buffers is what Multiply keeps from call to call.
type buffers struct {
	acts     acts
	x        []float32
	products []product
	parts    []part
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
	b := p.kept
	b.products, b.parts = b.products[:0], b.parts[:0]
	return b
}

// readyTiles is how many tiles of activations are made ready in one part.
const readyTiles = 8

func (b *buffers) multiply(p *Pool, x []float32, T int) {
	if T > 0 && len(b.products) > 0 {
		b.plan(x, T, p.threads)
		p.Run(ceil(b.acts.tiles(), readyTiles), b.prepare)
		p.Run(len(b.parts), b.run)
	}
	b.x = nil
	clear(b.products)
}

// plan checks the products and divides them into parts.
func (b *buffers) plan(x []float32, T, threads int) {
	b.x = x
	K, rows := b.products[0].W.K, 0
	integers, floats := false, false
	for i := range b.products {
		q := &b.products[i]
		q.check(x, T)
		if q.W.K != K {
			panic(fmt.Sprintf("kern: one x for weights of %d and %d columns", K, q.W.K))
		}
		integers, floats = integers || q.format != nil, floats || q.format == nil
		rows += q.N
	}
	b.acts.size(T, K, integers, floats)
	size := partRows(rows, T, threads)
	for i, q := range b.products {
		for lo := 0; lo < q.N; lo += size {
			b.parts = append(b.parts, part{i, lo, min(lo+size, q.N)})
		}
	}
}

// partRows is how many rows are computed in one part: as few as a kernel takes where that
// keeps all threads busy to the end, since one that is held up leaves its parts to others;
// for few positions some more, since then a part is done in a microsecond.
func partRows(rows, T, threads int) int {
	if T > few {
		return panelRows
	}
	const parts = 16 // for each thread
	return min(max(rows/(threads*parts*panelRows), 1), 4) * panelRows
}

// check panics where a product would leave its slices: the caller cut them wrongly.
func (q *product) check(x []float32, T int) {
	w := q.W
	bytes, err := w.Type.RowBytes(w.K)
	if err != nil || w.N <= 0 || w.K <= 0 || len(w.Data) != w.N*bytes {
		panic(fmt.Sprintf("kern: a weight (%d, %d) of %s has %d bytes", w.N, w.K, w.Type, len(w.Data)))
	}
	if len(x) < T*w.K || len(q.Out) < T*q.N || q.Bias != nil && len(q.Bias) < q.N {
		panic(fmt.Sprintf("kern: (%d, %d) times a weight (%d, %d) from %d values into %d with %d biases",
			T, w.K, q.N, w.K, len(x), len(q.Out), len(q.Bias)))
	}
	for _, i := range q.rows {
		if i < 0 || i >= w.N {
			panic(fmt.Sprintf("kern: row %d of a weight with %d", i, w.N))
		}
	}
}

// ready prepares the i-th tiles of the activations.
func (b *buffers) ready(i int) {
	for tile := i * readyTiles; tile < min((i+1)*readyTiles, b.acts.tiles()); tile++ {
		if len(b.acts.integers) > 0 {
			b.acts.quantize(tile, b.x)
		}
		if len(b.acts.floats) > 0 {
			b.acts.weave(tile, b.x)
		}
	}
}

// part computes part i.
func (b *buffers) part(i int) {
	part := b.parts[i]
	q := &b.products[part.product]
	if level != Plain && q.format != nil && q.rows == nil && b.acts.T <= few && (part.hi-part.lo)%dotRows == 0 {
		m := q.part(part.lo, part.hi)
		q.format.dots(&b.acts, &m, q.Out[part.lo:], q.N) // the usual case needs no scratch
		q.addBias(b.acts.T, part.lo, part.hi)
		return
	}
	s := <-b.free
	defer func() { b.free <- s }()
	for lo := part.lo; lo < part.hi; lo += panelRows {
		hi := min(lo+panelRows, part.hi)
		s.columns(&b.acts, q, b.x, lo, hi)
		q.addBias(b.acts.T, lo, hi)
	}
}

// part is rows lo to hi of the weight as one of their own.
func (q *product) part(lo, hi int) Matrix {
	size := len(q.W.Data) / q.W.N
	return Matrix{Type: q.W.Type, N: hi - lo, K: q.W.K, Data: q.W.Data[lo*size : hi*size]}
}

func (q *product) addBias(T, lo, hi int) {
	if q.Bias == nil {
		return
	}
	bias := q.Bias[lo:hi]
	for t := range T {
		Add(q.Out[t*q.N+lo:][:len(bias)], bias)
	}
}

// some is part for rows from here and there.
func (s *scratch) some(q *product, lo, hi int) Matrix {
	s.gather = s.gather[:0]
	for _, i := range q.rows[lo:hi] {
		s.gather = append(s.gather, q.W.Row(i)...)
	}
	return Matrix{Type: q.W.Type, N: hi - lo, K: q.W.K, Data: s.gather}
}

// columns computes columns lo to hi of the product, at most 32.
func (s *scratch) columns(a *acts, q *product, x []float32, lo, hi int) {
	var m Matrix
	if q.rows == nil {
		m = q.part(lo, hi)
	} else {
		m = s.some(q, lo, hi)
	}
	if level == Plain {
		s.columnsPlain(q.format, a, &m, x, q.Out[lo:], q.N)
		return
	}
	out, stride := q.Out[lo:], q.N
	if m.N < panelRows {
		s.out = grow(s.out, a.T*panelRows)
		out, stride = s.out, panelRows
	}
	switch {
	case q.format == nil:
		s.floatColumns(a, &m, out, stride)
	case a.T <= few:
		s.dots(q.format, a, &m, out, stride)
	default:
		s.integerColumns(q.format, a, &m, out, stride)
	}
	if m.N < panelRows {
		for t := range a.T {
			copy(q.Out[t*q.N+lo:][:m.N], out[t*stride:])
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
	whole := m.N / dotRows * dotRows
	size := len(m.Data) / m.N
	if whole > 0 {
		f.dots(a, &Matrix{N: whole, K: m.K, Data: m.Data[:whole*size]}, out, stride)
	}
	if whole < m.N { // rows that are not there are filled up with what was
		s.eight = grow(s.eight, dotRows*size)
		copy(s.eight, m.Data[whole*size:])
		f.dots(a, &Matrix{N: dotRows, K: m.K, Data: s.eight}, out[whole:], stride)
	}
}

// dots computes out (T, m.N), its rows stride apart, from rows as they are stored, whole eights.
func (f *format) dots(a *acts, m *Matrix, out []float32, stride int) {
	size := len(m.Data) / m.N
	for i := 0; i < m.N; i += dotRows {
		for tile := range a.tiles() {
			t, n := a.tile(tile)
			j := a.at(t, 0)
			f.dot[n-1](&out[t*stride+i], stride*4, &m.Data[i*size], size, &a.integers[j*run], &a.scale[j], &a.sum[j], &a.total[j], a.runs/f.runs)
		}
	}
}
