package kern

import "math"

// The functions of this file work on rows of channels, in the caller's thread. Sums are taken
// in the order of the level's registers, partly in float32: they differ from the twins' by
// some times the rounding of float32 on the sum of magnitudes.

// RMSNorm writes x / rms(x) · weight into out, both (C). out may be x.
// Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
func RMSNorm(out, x, weight []float32, eps float32) {
	n := len(x)
	_, s := sums(x, 0)
	r := float32(1 / math.Sqrt(s/float64(n)+float64(eps)))
	normalize(out[:n], x, weight[:n], nil, 0, r)
}

// LayerNorm writes (x - mean) / deviation · weight + bias into out, all (C). out may be x.
// Ba, Kiros and Hinton, Layer Normalization, 2016.
func LayerNorm(out, x, weight, bias []float32, eps float32) {
	n := len(x)
	s, _ := sums(x, 0)
	mean := float32(s / float64(n))
	rest, q := sums(x, mean) // rest is what rounding has left in the mean
	off := rest / float64(n)
	r := float32(1 / math.Sqrt(q/float64(n)-off*off+float64(eps)))
	normalize(out[:n], x, weight[:n], bias[:n], mean, r)
}

// Softmax turns x into probabilities, in place; the values -Inf become 0. Where all are -Inf,
// or one is +Inf or NaN, the result is NaN.
// The exponential is within 2 units in the last place, and 0 where it is below the smallest
// normal number.
func Softmax(x []float32) {
	if len(x) == 0 {
		return
	}
	Scale(x, float32(1/expSum(x, largest(x))))
}

// SwiGLU writes silu(gate) · up into out, silu(x) = x / (1 + exp(-x)).
// Shazeer, GLU Variants Improve Transformer, 2020.
func SwiGLU(out, gate, up []float32) { swiGLU(out[:len(gate)], gate, up[:len(gate)]) }

// GELU applies the tanh form of the Gaussian error linear unit, in place, as GPT-2 does.
// Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
func GELU(x []float32) { gelu(x) }

// GELUExact applies x Φ(x), Φ the normal distribution, in place: the form called "gelu" in
// configurations. It runs in plain Go at every level.
func GELUExact(x []float32) {
	for i, v := range x {
		x[i] = float32(0.5 * float64(v) * math.Erfc(-float64(v)/math.Sqrt2))
	}
}

// Add adds y to x.
func Add(x, y []float32) { axpy(x[:len(y)], y, 1) }

// Axpy adds a · x to y.
func Axpy(y []float32, a float32, x []float32) { axpy(y[:len(x)], x, a) }

// Scale multiplies x by a, in place.
func Scale(x []float32, a float32) { scale(x, a) }

// Dot is the sum of the products of a and b.
func Dot(a, b []float32) float32 { return dot(a, b[:len(a)]) }

// ArgMax is the place of the largest value, the first of equals, NaN passed over; 0 where there
// is nothing else.
func ArgMax(x []float32) int {
	const part = 1024 // searched for its place only when it has a larger value
	best, at := float32(math.Inf(-1)), -1
	for lo := 0; lo < len(x); lo += part {
		v := x[lo:min(lo+part, len(x))]
		if top := largest(v); at < 0 || top > best {
			if i := first(v, top); i >= 0 {
				best, at = top, lo+i
			}
		}
	}
	return max(at, 0)
}

// first is where v is, or -1.
func first(x []float32, v float32) int {
	for i, w := range x {
		if w == v {
			return i
		}
	}
	return -1
}

// LogSumExp is the logarithm of the sum of exp(x), which is what turns logits into log
// probabilities.
func LogSumExp(x []float32) float64 {
	var part [1024]float32
	top, sum := largest(x), 0.0
	for lo := 0; lo < len(x); lo += len(part) {
		sum += expSum(part[:copy(part[:], x[lo:])], top)
	}
	return float64(top) + math.Log(sum)
}

// Rotate turns every head of x (H, D) by the angles of one position, whose cosines and sines
// are (R/2), R ≤ D the channels that turn. A pair is (i, i + R/2), or with adjacent (2i, 2i+1).
// Su and others, RoFormer, 2021.
func Rotate(x []float32, D int, cos, sin []float32, adjacent bool) {
	half := len(cos)
	sin = sin[:half]
	for h := 0; h < len(x); h += D {
		head := x[h : h+D][:2*half]
		if adjacent {
			rotatePairs(head, cos, sin)
		} else {
			rotate(head[:half], head[half:], cos, sin)
		}
	}
}
