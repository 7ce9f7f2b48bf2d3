package kern

import "math"

// The functions of this file are of training: backward passes over rows of values, and the step
// of an optimizer. They run in the caller's thread.

// ExpSum replaces x by exp(x - top), top its largest value, and gives top and the sum. The logarithm
// of what softmax divides by is top + log(sum). Where all are -Inf, or one is +Inf or NaN, the sum is NaN.
func ExpSum(x []float32) (top float32, sum float64) {
	top = largest(x)
	return top, expSum(x, top)
}

// SumSquares is the sum of the squares of x, in float32 for 1024 of them at a time.
func SumSquares(x []float32) float64 {
	_, q := sums(x, 0)
	return q
}

// SwiGLUGrad turns dh, the gradient of h = silu(gate)·up, into that of up, and writes that of gate into dg:
//
//	du = dh·g·σ(g)    dg = dh·u·σ(g)·(1 + g·(1 - σ(g)))
func SwiGLUGrad(dh, dg, gate, up []float32) {
	swiGLUGrad(dh, dg[:len(dh)], gate[:len(dh)], up[:len(dh)])
}

// GELUGrad turns dh, the gradient of GELU(x), into that of x.
func GELUGrad(dh, x []float32) {
	geluGrad(dh, x[:len(dh)])
}

// SoftmaxGrad turns d, the gradient of a row of probabilities p, into a times that of what they were made of:
//
//	d = a·p·(d - Σ p·d)
func SoftmaxGrad(d, p []float32, a float32) {
	p = p[:len(d)]
	softmaxGrad(d, p, dot(p, d), a)
}

// RMSNormGrad is the backward pass of RMSNorm: dy and x (C) are the gradient of what it gave and what it
// was given. It writes the gradient of x into dx, or adds it, and adds that of the weight to dw,
// unless that is nil. dx may be dy.
//
//	x̂ = x·s    dx = s·(g - x̂·mean(g·x̂)), g = dy·weight    dw = dy·x̂
func RMSNormGrad(dx, dy, x, weight, dw []float32, eps float32, add bool) {
	C := float64(len(x))
	_, q := sums(x, 0)
	s := 1 / math.Sqrt(q/C+float64(eps))
	_, gx := normSums(dy[:len(x)], weight[:len(x)], x, 0)
	normGrad(dx[:len(x)], dy[:len(x)], weight[:len(x)], x, dw, 0, float32(s), float32(-s*s*s*gx/C), 0, add)
}

// LayerNormGrad is the same of LayerNorm; the gradient of its bias is dy.
//
//	x̂ = (x - mean)·s    dx = s·(g - mean(g) - x̂·mean(g·x̂)), g = dy·weight    dw = dy·x̂
func LayerNormGrad(dx, dy, x, weight, dw []float32, eps float32, add bool) {
	C := float64(len(x))
	sum, _ := sums(x, 0)
	mean := float32(sum / C)
	rest, q := sums(x, mean)
	s := 1 / math.Sqrt(q/C-rest/C*rest/C+float64(eps))
	g, gx := normSums(dy[:len(x)], weight[:len(x)], x, mean)
	normGrad(dx[:len(x)], dy[:len(x)], weight[:len(x)], x, dw, mean, float32(s), float32(-s*s*s*gx/C), float32(-s*g/C), add)
}

// AdamW is what a step of AdamW is told: with d = Factor·g,
//
//	m = β1·m + (1-β1)·d    v = β2·v + (1-β2)·d²    w = Keep·w - Rate·m / (√v·Root + Eps)
//
// where Rate and Root hold the corrections of the first steps.
// Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
type AdamW struct {
	Factor, Beta1, Beta2, Keep, Rate, Root, Eps float32
}

// Step changes w, m and v by the gradient g, all of one length.
func (o *AdamW) Step(w, g, m, v []float32) {
	adamW(o, w, g[:len(w)], m[:len(w)], v[:len(w)])
}
