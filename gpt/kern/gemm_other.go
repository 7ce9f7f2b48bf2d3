//go:build !amd64

package kern

const gemmTileMax = 4 * 4

func (l Level) tileSize() (rows, cols int) { return 4, 4 }

func gemmTile(k int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, cRow int, add bool) {
	gemmTilePlain(k, a, aRow, aStep, b, bStep, c, cRow, add)
}

func packColumns(dst []float32, o operand, width, k int) int { return 0 }
