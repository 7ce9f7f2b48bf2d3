package kern

// Gemm computes C = op(A)·op(B) + beta·C over float32, row-major: op(A) is (M, K), op(B) is
// (K, N), C is (M, N), and a leading dimension is the distance between rows of what is stored.
// With transA, A is stored as (K, M); with transB, B as (N, K). With beta 0, C is not read.
//
// The order of the sums depends on K alone, not on the number of threads: results are the
// same to the bit from run to run. The error of an element is at most about K times the
// rounding of float32 on the sum of the magnitudes of its products.
func (p *Pool) Gemm(transA, transB bool, M, N, K int, A []float32, lda int, B []float32, ldb int, beta float32, C []float32, ldc int) {
	if M <= 0 || N <= 0 {
		return
	}
	g := &p.gemm
	g.C = operand{C, ldc, 1}.check(M, N)
	if K <= 0 {
		g.scale(beta, M, N)
		return
	}
	g.A, g.B = operand{A, lda, 1}.turn(transA).check(M, K), operand{B, ldb, 1}.turn(transB).check(K, N)
	g.mr, g.nr = level.tileSize()
	if M <= fewRows && (g.B.row == 1 || g.B.col == 1) {
		g.few(p, M, N, K, beta)
	} else {
		g.multiply(p, M, N, K, beta)
	}
	g.A, g.B, g.C = operand{}, operand{}, operand{}
}

// An operand is a matrix whose element (i, j) lies at v[i*row + j*col].
type operand struct {
	v        []float32
	row, col int
}

// turn is the matrix with rows and columns exchanged, or as it is.
func (o operand) turn(yes bool) operand {
	if yes {
		o.row, o.col = o.col, o.row
	}
	return o
}

// check cuts the matrix to rows × cols, and panics as an index does where it has not so many.
func (o operand) check(rows, cols int) operand {
	o.v = o.v[:(rows-1)*o.row+(cols-1)*o.col+1]
	return o
}

// A gemm is what a product keeps from step to step: the blocks of A and B now in work, packed
// into panels as the tile reads them. B's panels are nr columns wide, A's are mr rows high.
type gemm struct {
	A, B, C      operand
	a, b         []float32
	mr, nr       int
	m0, n0, k0   int // where the block begins
	mb, nb, kb   int // its size
	am, bn       int // rows and columns of a part of the work
	mode         mode
	beta         float32
	aParts       int
	asIs         bool      // A is read where it lies, the values of a row side by side
	alone        bool      // the product is too small to share
	packF, tileF func(int) // g.pack and g.tiles, made once
	fewF         func(int)
}

// A mode is what happens to what is in C.
type mode int

const (
	set     mode = iota // it is not read
	add                 // it stays
	scaling             // it is multiplied by beta
)

// The blocks: a panel of B (kMax × nr) stays in the first cache, a part's rows of A (mPart ×
// kMax) in the second, the block of B in the third.
const (
	kMax, mMax, nMax = 448, 4096, 4096
	mPart, nPart     = 96, 256
	seldom           = 640 // columns of B for which packing rows of A does not pay
	slack            = 8   // floats after a panel of A, which packing may overwrite
	small            = 1 << 16
)

func (g *gemm) multiply(p *Pool, M, N, K int, beta float32) {
	if g.packF == nil {
		g.packF, g.tileF = g.pack, g.tiles
	}
	g.beta, g.alone, g.asIs = beta, M*N*K < small, g.A.col == 1 && N <= seldom
	mb, nb, kb := even(M, mMax, g.mr), even(N, nMax, g.nr), even(K, kMax, 8)
	for g.n0 = 0; g.n0 < N; g.n0 += nb {
		g.nb = min(nb, N-g.n0)
		for g.k0 = 0; g.k0 < K; g.k0 += kb {
			g.kb = min(kb, K-g.k0)
			g.mode = modeOf(beta, g.k0)
			for g.m0 = 0; g.m0 < M; g.m0 += mb {
				g.mb = min(mb, M-g.m0)
				g.block(p)
			}
		}
	}
}

func modeOf(beta float32, k0 int) mode {
	switch {
	case k0 > 0 || beta == 1:
		return add
	case beta == 0:
		return set
	}
	return scaling
}

// block packs a block of A, and one of B where that is new, and multiplies them.
func (g *gemm) block(p *Pool) {
	if g.asIs { // of A only the last rows, which are too few for a tile, are packed
		g.aParts = min(g.mb%g.mr, 1)
		g.a = growFloats(g.a, g.panel())
	} else {
		g.aParts = ceil(g.mb, packRows)
		g.a = growFloats(g.a, ceil(g.mb, g.mr)*g.panel())
	}
	g.b = growFloats(g.b, ceil(g.nb, g.nr)*g.nr*g.kb)
	n := g.aParts
	if g.m0 == 0 {
		n += ceil(g.nb, packCols)
	}
	g.run(p, n, g.packF)

	g.am, g.bn = mPart, nPart
	for ceil(g.mb, g.am)*ceil(g.nb, g.bn) < 4*p.threads && g.am > 24 {
		g.am /= 2
		g.bn = max(g.bn/2, 64)
	}
	g.run(p, ceil(g.mb, g.am)*ceil(g.nb, g.bn), g.tileF)
}

// run is Run, or where the whole product is too small to share, a loop.
func (g *gemm) run(p *Pool, n int, f func(int)) {
	if !g.alone {
		p.Run(n, f)
		return
	}
	for i := range n {
		f(i)
	}
}

// tiles computes one part of the block: panel by panel of B, all its rows of A.
func (g *gemm) tiles(part int) {
	across := ceil(g.nb, g.bn)
	i0, j0 := part/across*g.am, part%across*g.bn
	i1, j1 := min(i0+g.am, g.mb), min(j0+g.bn, g.nb)
	if g.mode == scaling {
		g.C.from(g.m0+i0, g.n0+j0).scale(g.beta, i1-i0, j1-j0)
	}
	whole := (i1 - i0) / g.mr
	for j := j0; j < j1; j += g.nr {
		b := g.b[j*g.kb:]
		i := i0
		if j1-j >= g.nr && whole > 0 {
			a, next := g.rowsOfA(i)
			gemmTiles(whole, g.kb, a.v, next, a.row, a.col, b, g.nr, g.C.from(g.m0+i, g.n0+j), g.mode != set)
			i += whole * g.mr
		}
		for ; i < i1; i += g.mr {
			a, _ := g.rowsOfA(i)
			g.edge(a, b, g.C.from(g.m0+i, g.n0+j), min(i1-i, g.mr), min(j1-j, g.nr))
		}
	}
}

// rowsOfA is the block of A from row i on, a multiple of a tile's, and where the next tile's begins.
func (g *gemm) rowsOfA(i int) (a operand, next int) {
	if !g.asIs {
		return operand{g.a[i/g.mr*g.panel():], 1, g.mr}, g.panel()
	}
	if g.mb-i < g.mr {
		return operand{g.a, 1, g.mr}, 0
	}
	return g.A.from(g.m0+i, g.k0), g.mr * g.A.row
}

// panel is the size of a panel of A.
func (g *gemm) panel() int { return g.mr*g.kb + slack }

// edge computes a tile that reaches beyond C, of which only rows × cols count.
func (g *gemm) edge(a operand, b []float32, c operand, rows, cols int) {
	var t [gemmTileMax]float32
	gemmTiles(1, g.kb, a.v, 0, a.row, a.col, b, g.nr, operand{t[:], g.nr, 1}, false)
	for i := range rows {
		from, to := t[i*g.nr:][:cols], c.v[i*c.row:][:cols]
		if g.mode == set {
			copy(to, from)
			continue
		}
		for j, v := range from {
			to[j] += v
		}
	}
}

func (o operand) from(i, j int) operand {
	return operand{o.v[i*o.row+j*o.col:], o.row, o.col}
}

// scale multiplies rows × cols of C by beta; with 0 it clears them, whatever was there.
func (o operand) scale(beta float32, rows, cols int) {
	for i := range rows {
		row := o.v[i*o.row:][:cols]
		if beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= beta
		}
	}
}

func (g *gemm) scale(beta float32, M, N int) { g.C.scale(beta, M, N) }

// even is the size of equal blocks of n, a multiple of unit, of at most limit.
func even(n, limit, unit int) int { return ceil(ceil(n, ceil(n, limit)), unit) * unit }

func ceil(a, b int) int { return (a + b - 1) / b }

// growFloats is a buffer of n values, s where that is large enough.
func growFloats(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
