package kern

import "math"

// Activations are made into integers, a scale for each run of 32, once for all products of
// one Multiply. In 16-bit lanes the multiplication costs the same for every size of integer,
// so they have nearly 15 bits, and the result is that of float32 arithmetic but for about
// one part in 2^15 of the greatest value in a run.
//
// actsTop is their greatest magnitude. A run adds 32 products with integers of at most 4096:
// 32 · 4096 · 16383 < 2^31.
const actsTop = 16383

// tile is how many positions the kernels take at once.
const tile = 3

// acts are the activations of T positions, in tiles: the rows of the n ≤ 3 positions of one
// are woven, (runs, n, 32), so that a kernel reads them from start to end.
type acts struct {
	T, K, runs int
	integers   []int16
	scale      []float32 // by which an integer is multiplied
	sum        []float32 // of the 32 values, as integers with their scale
	total      []int32   // of the 32 integers
	floats     []float32 // as integers, for weights that are floats; 0 to the end of a run
}

// size makes room for T positions of K values.
func (a *acts) size(T, K int, integers, floats bool) {
	a.T, a.K, a.runs = T, K, (K+run-1)/run
	n := T * a.runs
	a.integers, a.floats = a.integers[:0], a.floats[:0]
	if integers {
		a.integers = grow(a.integers, n*run)
		a.scale, a.sum, a.total = grow(a.scale, n), grow(a.sum, n), grow(a.total, n)
	}
	if floats {
		a.floats = grow(a.floats, n*run)
	}
}

// grow is s with n values of no meaning.
func grow[V any](s []V, n int) []V {
	if cap(s) < n {
		return make([]V, n)
	}
	return s[:n]
}

// tiles is how many there are.
func (a *acts) tiles() int { return (a.T + tile - 1) / tile }

// tile is the first position of tile i and their number.
func (a *acts) tile(i int) (t, n int) { return i * tile, min(tile, a.T-i*tile) }

// at is the place of run r of position t among all runs.
func (a *acts) at(t, r int) int {
	first, n := a.tile(t / tile)
	return first*a.runs + r*n + t - first
}

// quantize makes integers of the tile's rows of x (T, K), K whole runs.
func (a *acts) quantize(i int, x []float32) {
	first, n := a.tile(i)
	for t := first; t < first+n; t++ {
		j, row := a.at(t, 0), x[t*a.K:][:a.K]
		if level == Plain {
			a.quantizePlain(j, n, row)
			continue
		}
		quantizeAVX2(&a.integers[j*run], &a.scale[j], &a.sum[j], &a.total[j], &row[0], a.runs, n, actsTop)
	}
}

// quantizePlain writes x as integers of at most actsTop, from run j on, n runs apart.
// A run whose values are below 2^-100 is 0; one with a value that is not finite is all NaN.
func (a *acts) quantizePlain(j, n int, x []float32) {
	for ; len(x) > 0; x, j = x[run:], j+n {
		to := a.integers[j*run:][:run]
		var top float32
		finite := true
		for _, v := range x[:run] {
			v = max(v, -v)
			finite = finite && v <= math.MaxFloat32
			top = max(top, v)
		}
		clear(to)
		a.total[j] = 0
		switch {
		case !finite:
			a.scale[j] = float32(math.NaN())
		case top < 0x1p-100:
			a.scale[j] = 0
		default:
			a.scale[j] = top / actsTop
			inverse := actsTop / top
			for k, v := range x[:run] {
				q := int16(math.RoundToEven(float64(v * inverse)))
				to[place(k)] = q
				a.total[j] += int32(q)
			}
		}
		a.sum[j] = float32(a.total[j]) * a.scale[j]
	}
}

// weave copies the tile's rows of x (T, K) for weights that are floats.
func (a *acts) weave(i int, x []float32) {
	first, n := a.tile(i)
	for t := first; t < first+n; t++ {
		row := x[t*a.K:][:a.K]
		for r := range a.runs {
			to := a.floats[a.at(t, r)*run:][:run]
			clear(to[copy(to, row[r*run:]):])
		}
	}
}
