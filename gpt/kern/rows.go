package kern

import "math"

// RMSNorm writes x / rms(x) · weight into out, both (C). out may be x.
// Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
func RMSNorm(out, x, weight []float32, eps float32) {
	var s float64
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	r := float32(1 / math.Sqrt(s/float64(len(x))+float64(eps)))
	for i, v := range x {
		out[i] = v * r * weight[i]
	}
}

// LayerNorm writes (x - mean) / deviation · weight + bias into out, all (C). out may be x.
// Ba, Kiros and Hinton, Layer Normalization, 2016.
func LayerNorm(out, x, weight, bias []float32, eps float32) {
	var s float64
	for _, v := range x {
		s += float64(v)
	}
	mean := s / float64(len(x))
	var q float64
	for _, v := range x {
		d := float64(v) - mean
		q += d * d
	}
	r := float32(1 / math.Sqrt(q/float64(len(x))+float64(eps)))
	for i, v := range x {
		out[i] = (v-float32(mean))*r*weight[i] + bias[i]
	}
}

// Softmax turns x into probabilities, in place; the values -Inf become 0.
func Softmax(x []float32) {
	top := x[0]
	for _, v := range x {
		top = max(top, v)
	}
	var s float64
	for i, v := range x {
		e := float32(math.Exp(float64(v - top)))
		x[i] = e
		s += float64(e)
	}
	r := float32(1 / s)
	for i := range x {
		x[i] *= r
	}
}

// SwiGLU writes silu(gate) · up into out. Shazeer, GLU Variants Improve Transformer, 2020.
func SwiGLU(out, gate, up []float32) {
	for i, g := range gate {
		out[i] = g / (1 + float32(math.Exp(-float64(g)))) * up[i]
	}
}

// GELU applies the tanh form of the Gaussian error linear unit, in place, as GPT-2 does.
// Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
func GELU(x []float32) {
	for i, v := range x {
		f := float64(v)
		x[i] = float32(0.5 * f * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(f+0.044715*f*f*f))))
	}
}

// Add adds y to x.
func Add(x, y []float32) {
	for i, v := range y {
		x[i] += v
	}
}

// Rotate turns every head of x (H, D) by the angles of one position, whose cosines and sines
// are (R/2), R ≤ D the channels that turn. A pair is (i, i + R/2), or with adjacent (2i, 2i+1).
// Su and others, RoFormer, 2021.
func Rotate(x []float32, D int, cos, sin []float32, adjacent bool) {
	half := len(cos)
	for h := 0; h < len(x); h += D {
		for i := range half {
			a, b := h+i, h+i+half
			if adjacent {
				a, b = h+2*i, h+2*i+1
			}
			va, vb := x[a], x[b]
			x[a] = va*cos[i] - vb*sin[i]
			x[b] = vb*cos[i] + va*sin[i]
		}
	}
}
