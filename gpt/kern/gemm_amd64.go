package kern

// gemmTileMax is the largest tile.
const gemmTileMax = 12 * 32

// tileSize is the height and width of the tile at a level.
func (l Level) tileSize() (rows, cols int) { return [...]int{4, 6, 12}[l], [...]int{4, 16, 32}[l] }

// gemmTiles computes tiles of C, each of tileSize, one below the other, over k products: row p
// of B lies at b[p*bStep], element (i, p) of A for tile t at a[t*aTile + i*aRow + p*aStep].
func gemmTiles(tiles, k int, a []float32, aTile, aRow, aStep int, b []float32, bStep int, c operand, add bool) {
	switch level {
	case AVX512:
		gemmTileAVX512(tiles, k, &a[0], aTile, aRow, aStep, &b[0], bStep, &c.v[0], c.row, add)
	case AVX2:
		gemmTileAVX2(tiles, k, &a[0], aTile, aRow, aStep, &b[0], bStep, &c.v[0], c.row, add)
	default:
		gemmTilesPlain(tiles, k, a, aTile, aRow, aStep, b, bStep, c, add)
	}
}

// packColumns packs a panel where the values of a row lie side by side, as many columns as
// it can, and says how many.
func packColumns(dst []float32, o operand, width, k int) int {
	n := k / 8 * 8
	if level == Plain || n == 0 {
		return 0
	}
	switch width {
	case 6:
		columns6(&dst[0], width, &o.v[0], o.row, n)
	case 12:
		columns8(&dst[0], width, &o.v[0], o.row, n)
		columns4(&dst[8], width, &o.v[8*o.row], o.row, n)
	default:
		for i := 0; i < width; i += 8 {
			columns8(&dst[i], width, &o.v[i*o.row], o.row, n)
		}
	}
	return n
}

// packInterleaved packs panels whose values lie as they are wanted, and says whether it can.
func packInterleaved(dst []float32, panel int, o operand, panels, width, k int) bool {
	if level == Plain {
		return false
	}
	var f func(dst *float32, panel int, src *float32, row, panels, k int)
	switch width {
	case 6:
		f = interleaved6
	case 12:
		f = interleaved12
	case 16:
		f = interleaved16
	case 32:
		f = interleaved32
	}
	f(&dst[0], panel, &o.v[0], o.col, panels, k)
	return true
}

// transpose writes src (rows, cols), its rows from apart, as dst (cols, rows), its rows to
// apart. As a level's kernels go by eights, up to seven rows and columns after the last must
// be there on both sides.
func transpose(dst []float32, to int, src []float32, from, rows, cols int) {
	if level == Plain {
		transposePlain(dst, to, src, from, rows, cols)
		return
	}
	for i := 0; i < rows; i += 8 {
		columns8(&dst[i], to, &src[i*from], from, ceil(cols, 8)*8)
	}
}
