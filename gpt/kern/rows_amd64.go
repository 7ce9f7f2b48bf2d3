package kern

import "math"

// The kernels take a multiple of the lanes. What is over goes through once more, filled up,
// so that a value's result does not depend on where in the row it stands.

// lanes is how many float32 a register of the level has.
func (l Level) lanes() int { return [...]int{1, 8, 16}[l] }

// whole is how many of n values the kernels take at once.
func whole(n int) int { return n / level.lanes() * level.lanes() }

// A tail is the rest of a row, filled up.
type tail [16]float32

func dot(a, b []float32) float32 {
	if level == Plain {
		return dotPlain(a, b)
	}
	n := whole(len(a))
	var s float32
	if n > 0 {
		s = dotLevel(&a[0], &b[0], n)
	}
	for i := n; i < len(a); i++ {
		s += a[i] * b[i]
	}
	return s
}

func dotLevel(a, b *float32, n int) float32 {
	if level == AVX512 {
		return dotAVX512(a, b, n)
	}
	return dotAVX2(a, b, n)
}

// sumPart bounds how many values are added up in float32.
const sumPart = 1024

func sums(x []float32, mean float32) (sum, squares float64) {
	if level == Plain {
		return sumsPlain(x, mean)
	}
	n := whole(len(x))
	for lo := 0; lo < n; lo += sumPart {
		s, q := squaresLevel(&x[lo], min(sumPart, n-lo), mean)
		sum += float64(s)
		squares += float64(q)
	}
	s, q := sumsPlain(x[n:], mean)
	return sum + s, squares + q
}

func squaresLevel(x *float32, n int, mean float32) (sum, squares float32) {
	if level == AVX512 {
		return squaresAVX512(x, n, mean)
	}
	return squaresAVX2(x, n, mean)
}

func normalize(out, x, w, b []float32, mean, r float32) {
	if level == Plain {
		normalizePlain(out, x, w, b, mean, r)
		return
	}
	n := whole(len(x))
	var bias *float32
	if n > 0 {
		if b != nil {
			bias = &b[0]
		}
		normalizeLevel(&out[0], &x[0], &w[0], bias, n, mean, r)
	}
	if n == len(x) {
		return
	}
	var tx, tw, tb tail
	copy(tx[:], x[n:])
	copy(tw[:], w[n:])
	if b != nil {
		copy(tb[:], b[n:])
		bias = &tb[0]
	}
	normalizeLevel(&tx[0], &tx[0], &tw[0], bias, level.lanes(), mean, r)
	copy(out[n:], tx[:])
}

func normalizeLevel(out, x, w, b *float32, n int, mean, r float32) {
	if level == AVX512 {
		normalizeAVX512(out, x, w, b, n, mean, r)
	} else {
		normalizeAVX2(out, x, w, b, n, mean, r)
	}
}

func largest(x []float32) float32 {
	n := 0
	top := float32(math.Inf(-1))
	if level != Plain {
		n = whole(len(x))
	}
	if n > 0 {
		if level == AVX512 {
			top = largestAVX512(&x[0], n)
		} else {
			top = largestAVX2(&x[0], n)
		}
	}
	return max(top, largestPlain(x[n:]))
}

func expSum(x []float32, top float32) (sum float64) {
	if level == Plain {
		return expSumPlain(x, top)
	}
	n := whole(len(x))
	for lo := 0; lo < n; lo += sumPart {
		sum += float64(expSumLevel(&x[lo], min(sumPart, n-lo), top))
	}
	if n == len(x) {
		return sum
	}
	var t tail
	for i := copy(t[:], x[n:]); i < len(t); i++ {
		t[i] = float32(math.Inf(-1))
	}
	expSumLevel(&t[0], level.lanes(), top)
	for _, v := range t[:copy(x[n:], t[:])] {
		sum += float64(v)
	}
	return sum
}

func expSumLevel(x *float32, n int, top float32) float32 {
	if level == AVX512 {
		return expSumAVX512(x, n, top)
	}
	return expSumAVX2(x, n, top)
}

func swiGLU(out, gate, up []float32) {
	if level == Plain {
		swiGLUPlain(out, gate, up)
		return
	}
	n := whole(len(gate))
	if n > 0 {
		swiGLULevel(&out[0], &gate[0], &up[0], n)
	}
	if n < len(gate) {
		var g, u tail
		copy(g[:], gate[n:])
		copy(u[:], up[n:])
		swiGLULevel(&g[0], &g[0], &u[0], level.lanes())
		copy(out[n:], g[:])
	}
}

func swiGLULevel(out, gate, up *float32, n int) {
	if level == AVX512 {
		swiGLUAVX512(out, gate, up, n)
	} else {
		swiGLUAVX2(out, gate, up, n)
	}
}

func gelu(x []float32) {
	if level == Plain {
		geluPlain(x)
		return
	}
	n := whole(len(x))
	if n > 0 {
		geluLevel(&x[0], n)
	}
	if n < len(x) {
		var t tail
		copy(t[:], x[n:])
		geluLevel(&t[0], level.lanes())
		copy(x[n:], t[:])
	}
}

func geluLevel(x *float32, n int) {
	if level == AVX512 {
		geluAVX512(x, n)
	} else {
		geluAVX2(x, n)
	}
}

func axpy(y, x []float32, a float32) {
	n := 0
	if level != Plain {
		n = whole(len(x))
	}
	if n > 0 {
		if level == AVX512 {
			axpyAVX512(&y[0], &x[0], n, a)
		} else {
			axpyAVX2(&y[0], &x[0], n, a)
		}
	}
	axpyPlain(y[n:], x[n:], a)
}

func scale(x []float32, a float32) {
	n := 0
	if level != Plain {
		n = whole(len(x))
	}
	if n > 0 {
		if level == AVX512 {
			scaleAVX512(&x[0], n, a)
		} else {
			scaleAVX2(&x[0], n, a)
		}
	}
	scalePlain(x[n:], a)
}

func rotate(a, b, cos, sin []float32) {
	n := 0
	if level != Plain {
		n = whole(len(cos))
	}
	if n > 0 {
		if level == AVX512 {
			rotateAVX512(&a[0], &b[0], &cos[0], &sin[0], n)
		} else {
			rotateAVX2(&a[0], &b[0], &cos[0], &sin[0], n)
		}
	}
	rotatePlain(a[n:], b[n:], cos[n:], sin[n:])
}

func rotatePairs(x, cos, sin []float32) {
	n := 0
	if level != Plain {
		n = whole(2 * len(cos))
	}
	if n > 0 {
		if level == AVX512 {
			rotatePairsAVX512(&x[0], &cos[0], &sin[0], n)
		} else {
			rotatePairsAVX2(&x[0], &cos[0], &sin[0], n)
		}
	}
	rotatePairsPlain(x[n:], cos[n/2:], sin[n/2:])
}
