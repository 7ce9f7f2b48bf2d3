package kern

import "math"

// The twins of the kernels over rows: each defines the answer.

// sumsPlain is the sum of x - mean and of its square.
func sumsPlain(x []float32, mean float32) (sum, squares float64) {
	for _, v := range x {
		d := float64(v - mean)
		sum += d
		squares += d * d
	}
	return sum, squares
}

// normalizePlain writes (x - mean) · r · w + b; b may be nil, for 0.
func normalizePlain(out, x, w, b []float32, mean, r float32) {
	for i, v := range x {
		out[i] = (v - mean) * r * w[i]
	}
	for i, v := range b {
		out[i] += v
	}
}

// largestPlain is the largest value that is not NaN, -Inf where there is none.
func largestPlain(x []float32) float32 {
	top := float32(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	return top
}

// expSumPlain replaces x by the exponential of x - top, and gives the sum.
func expSumPlain(x []float32, top float32) (sum float64) {
	for i, v := range x {
		e := float32(math.Exp(float64(v - top)))
		x[i] = e
		sum += float64(e)
	}
	return sum
}

func swiGLUPlain(out, gate, up []float32) {
	for i, g := range gate {
		out[i] = g / (1 + float32(math.Exp(-float64(g)))) * up[i]
	}
}

func geluPlain(x []float32) {
	for i, v := range x {
		f := float64(v)
		x[i] = float32(0.5 * f * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(f+0.044715*f*f*f))))
	}
}

func axpyPlain(y, x []float32, a float32) {
	for i, v := range x {
		y[i] += a * v
	}
}

func scalePlain(x []float32, a float32) {
	for i := range x {
		x[i] *= a
	}
}

// rotatePlain turns the pairs (a[i], b[i]).
func rotatePlain(a, b, cos, sin []float32) {
	for i, c := range cos {
		u, v := a[i], b[i]
		a[i] = u*c - v*sin[i]
		b[i] = v*c + u*sin[i]
	}
}

// rotatePairsPlain turns the pairs (x[2i], x[2i+1]).
func rotatePairsPlain(x, cos, sin []float32) {
	for i, c := range cos {
		u, v := x[2*i], x[2*i+1]
		x[2*i] = u*c - v*sin[i]
		x[2*i+1] = v*c + u*sin[i]
	}
}
