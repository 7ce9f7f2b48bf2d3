package kern

// gemmTileMax is the largest tile.
const gemmTileMax = 12 * 32

// tileSize is the height and width of the tile at a level.
func (l Level) tileSize() (rows, cols int) { return [...]int{4, 6, 12}[l], [...]int{4, 16, 32}[l] }

// gemmTile computes rows × cols of C over k products; the stride of a row of B is bStep, and
// element (i, p) of A lies at a[i*aRow + p*aStep].
func gemmTile(k int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, cRow int, add bool) {
	switch level {
	case AVX512:
		gemmTileAVX512(k, &a[0], aRow, aStep, &b[0], bStep, &c[0], cRow, add)
	case AVX2:
		gemmTileAVX2(k, &a[0], aRow, aStep, &b[0], bStep, &c[0], cRow, add)
	default:
		gemmTilePlain(k, a, aRow, aStep, b, bStep, c, cRow, add)
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
