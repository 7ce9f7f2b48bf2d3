package kern

// Parts of the packing: multiples of every panel's height and width.
const packRows, packCols = 48, 128

// pack packs some rows of the block of A, or columns of the block of B, into panels. What a
// panel has beyond the matrix is zero.
func (g *gemm) pack(part int) {
	if part < g.aParts {
		a := g.A.from(g.m0, g.k0)
		for i := part * packRows; i < min((part+1)*packRows, g.mb); i += g.mr {
			packPanel(g.a[i/g.mr*(g.mr*g.kb+slack):], a.from(i, 0), min(g.mr, g.mb-i), g.mr, g.kb)
		}
		return
	}
	b := g.B.from(g.k0, g.n0).turn(true) // (N, K)
	for j := (part - g.aParts) * packCols; j < min((part-g.aParts+1)*packCols, g.nb); j += g.nr {
		packPanel(g.b[j*g.kb:], b.from(j, 0), min(g.nr, g.nb-j), g.nr, g.kb)
	}
}

// packPanel interleaves rows of o, of k values each: value p of row i goes to dst[p*width+i].
func packPanel(dst []float32, o operand, rows, width, k int) {
	dst = dst[:k*width]
	switch {
	case rows < width:
		packEdge(dst, o, rows, width, k)
	case o.row == 1: // they are interleaved already
		packCopy(dst, o, width, k)
	default:
		done := packColumns(dst, o, width, k)
		packEdge(dst[done*width:], operand{o.v[min(done*o.col, len(o.v)):], o.row, o.col}, rows, width, k-done)
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

// packCopy is packPanel where the values of one column lie side by side.
func packCopy(dst []float32, o operand, width, k int) {
	switch width {
	case 6:
		for p := range k {
			*(*[6]float32)(dst[p*6:]) = [6]float32(o.v[p*o.col:])
		}
	case 16:
		for p := range k {
			*(*[16]float32)(dst[p*16:]) = [16]float32(o.v[p*o.col:])
		}
	default:
		for p := range k {
			copy(dst[p*width:][:width], o.v[p*o.col:])
		}
	}
}
