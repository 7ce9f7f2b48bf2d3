package kern

// gemmPlain is the twin of Gemm: it defines the answer.
func gemmPlain(transA, transB bool, M, N, K int, A []float32, lda int, B []float32, ldb int, beta float32, C []float32, ldc int) {
	a, b := operand{A, lda, 1}.turn(transA), operand{B, ldb, 1}.turn(transB)
	for m := range M {
		for n := range N {
			var s float32
			for k := range K {
				s += a.v[m*a.row+k*a.col] * b.v[k*b.row+n*b.col]
			}
			if beta != 0 {
				s += beta * C[m*ldc+n]
			}
			C[m*ldc+n] = s
		}
	}
}

// gemmTilesPlain is the twin of the assembly's gemmTiles, with tiles of 4 × 4.
func gemmTilesPlain(tiles, k int, a []float32, aTile, aRow, aStep int, b []float32, bStep int, c operand, add bool) {
	for t := range tiles {
		gemmTilePlain(k, a[t*aTile:], aRow, aStep, b, bStep, c.from(4*t, 0), add)
	}
}

func gemmTilePlain(k int, a []float32, aRow, aStep int, b []float32, bStep int, c operand, add bool) {
	var s [4][4]float32
	for p := range k {
		x := b[p*bStep:][:4]
		for i := range s {
			v := a[i*aRow+p*aStep]
			s[i][0] += v * x[0]
			s[i][1] += v * x[1]
			s[i][2] += v * x[2]
			s[i][3] += v * x[3]
		}
	}
	for i := range s {
		to := c.v[i*c.row:][:4]
		for j, v := range s[i] {
			if add {
				v += to[j]
			}
			to[j] = v
		}
	}
}

// transposePlain writes src (rows, cols) as dst (cols, rows).
func transposePlain(dst []float32, to int, src []float32, from, rows, cols int) {
	for i := range rows {
		for j := range cols {
			dst[j*to+i] = src[i*from+j]
		}
	}
}
