package kern

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
