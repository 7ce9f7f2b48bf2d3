package kern

// Parts of the packing: multiples of every panel's height and width.
const packRows, packCols = 48, 128

// pack packs some rows of the block of A, or columns of the block of B, into panels. What a
// panel has beyond the matrix is zero.
func (g *gemm) pack(part int) {
	if part < g.aParts {
		lo, hi := part*packRows, min((part+1)*packRows, g.mb)
		if g.asIs {
			lo = g.mb - g.mb%g.mr
			packPanels(g.a, g.panel(), g.A.from(g.m0+lo, g.k0), g.mb-lo, g.mr, g.kb)
			return
		}
		packPanels(g.a[lo/g.mr*g.panel():], g.panel(), g.A.from(g.m0+lo, g.k0), hi-lo, g.mr, g.kb)
		return
	}
	lo := (part - g.aParts) * packCols
	hi := min(lo+packCols, g.nb)
	packPanels(g.b[lo*g.kb:], g.nr*g.kb, g.B.from(g.k0, g.n0+lo).turn(true), hi-lo, g.nr, g.kb)
}

// packPanels interleaves rows of o, of k values each, width of them to a panel: value p of
// row i goes to dst[i/width*panel + p*width + i%width].
func packPanels(dst []float32, panel int, o operand, rows, width, k int) {
	whole := rows / width
	done := 0
	if o.row == 1 && whole > 0 && packInterleaved(dst, panel, o, whole, width, k) {
		done = whole
	}
	for q := done; q*width < rows; q++ {
		packPanel(dst[q*panel:][:k*width], o.from(q*width, 0), min(width, rows-q*width), width, k)
	}
}

func packPanel(dst []float32, o operand, rows, width, k int) {
	done := 0
	if rows == width && o.col == 1 {
		done = packColumns(dst, o, width, k)
	}
	if done < k {
		packEdge(dst[done*width:], o.from(0, done), rows, width, k-done)
	}
}

// packEdge is packPanel for any panel, value by value.
func packEdge(dst []float32, o operand, rows, width, k int) {
	for p := range k {
		to := dst[p*width:][:width]
		for i := range rows {
			to[i] = o.v[i*o.row+p*o.col]
		}
		clear(to[rows:])
	}
}
