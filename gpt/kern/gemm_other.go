//go:build !amd64

package kern

const gemmTileMax = 4 * 4

func (l Level) tileSize() (rows, cols int) { return 4, 4 }

func gemmTiles(tiles, k int, a []float32, aTile, aRow, aStep int, b []float32, bStep int, c operand, add bool) {
	gemmTilesPlain(tiles, k, a, aTile, aRow, aStep, b, bStep, c, add)
}

func packColumns(dst []float32, o operand, width, k int) int { return 0 }

func packInterleaved(dst []float32, panel int, o operand, panels, width, k int) bool { return false }

func transpose(dst []float32, to int, src []float32, from, rows, cols int) {
	transposePlain(dst, to, src, from, rows, cols)
}
