package model

import (
	"math"

	"daiban/gpt/kern"
)

// forward writes norm(x) into out, row by row.
func (n *learnNorm) forward(l *Learner, out, x []float32) {
	C := len(n.Weight)
	l.each(len(x)/C, func(r int) {
		if n.Bias != nil {
			kern.LayerNorm(out[r*C:][:C], x[r*C:][:C], n.Weight, n.Bias, n.Eps)
		} else {
			kern.RMSNorm(out[r*C:][:C], x[r*C:][:C], n.Weight, n.Eps)
		}
	})
}

// backward adds the gradient of x to dx, or writes it there, given dy and the x of the forward
// pass. dx may be dy.
//
//	x̂ = (x - mean)·s    dx = s·(g - mean(g) - x̂·mean(g·x̂)), g = dy·weight    dweight = Σ dy·x̂    dbias = Σ dy
//
// An RMS norm is the same without the means of x and g.
func (n *learnNorm) backward(l *Learner, dx, dy, x []float32, add bool) {
	C := len(n.Weight)
	R := len(x) / C
	parts := 1
	if n.weight != nil {
		parts = min(normParts, R) // each sums by itself, then in order: the same for any number of threads
	} else {
		parts = (R + 7) / 8
	}
	sums := grow(&l.buf.sums, parts*2*C)
	clear(sums)
	l.pool.Run(parts, func(p int) {
		dw, db := sums[p*2*C:][:C], sums[p*2*C+C:][:C]
		for r := p * R / parts; r < (p+1)*R/parts; r++ {
			n.backwardRow(dx[r*C:][:C], dy[r*C:][:C], x[r*C:][:C], dw, db, add)
		}
	})
	for p := 0; n.weight != nil && p < parts; p++ {
		kern.Add(n.weight.Grad, sums[p*2*C:][:C])
		if n.bias != nil {
			kern.Add(n.bias.Grad, sums[p*2*C+C:][:C])
		}
	}
}

const normParts = 16

func (n *learnNorm) backwardRow(dx, dy, x, dw, db []float32, add bool) {
	C := float64(len(x))
	mean, q := 0.0, 0.0
	if n.Bias != nil {
		for _, v := range x {
			mean += float64(v)
		}
		mean /= C
	}
	for _, v := range x {
		q += (float64(v) - mean) * (float64(v) - mean)
	}
	s := 1 / math.Sqrt(q/C+float64(n.Eps))
	var g1, gx float64
	for i, v := range x {
		h, g := (float64(v)-mean)*s, float64(dy[i])*float64(n.Weight[i])
		g1 += g
		gx += g * h
	}
	if n.Bias == nil {
		g1 = 0
	}
	g1, gx = g1/C, gx/C
	for i, v := range x {
		h, d := (float64(v)-mean)*s, float64(dy[i])
		dw[i] += float32(d * h)
		db[i] += dy[i]
		y := float32(s * (d*float64(n.Weight[i]) - g1 - h*gx))
		if add {
			dx[i] += y
		} else {
			dx[i] = y
		}
	}
}

// chunk is how many values the backward passes of activations take at a time, in the cache next to them.
const chunk = 256

var ones = func() (x [chunk]float32) {
	for i := range x {
		x[i] = 1
	}
	return x
}()

// swiGLUBackward turns dh into the gradient of up, and writes that of gate into gate.
//
//	h = silu(g)·u    du = dh·silu(g)    dg = dh·u·(σ(g) + silu(g)·(1 - σ(g)))
//
// silu comes from the kernel, and σ(g) = silu(g)/g from it.
func swiGLUBackward(dh, gate, up []float32) {
	var buf [chunk]float32
	for at := 0; at < len(dh); at += chunk {
		n := min(chunk, len(dh)-at)
		silu, d, g, u := buf[:n], dh[at:at+n], gate[at:at+n], up[at:at+n]
		kern.SwiGLU(silu, g, ones[:n])
		for i, t := range silu {
			s := 0.5 + 0.25*g[i] // near 0
			if g[i] > 1e-3 || g[i] < -1e-3 {
				s = t / g[i]
			}
			g[i] = d[i] * u[i] * (s + t*(1-s))
			d[i] *= t
		}
	}
}

// geluBackward turns dh into the gradient of x.
func geluBackward(dh, x []float32, exact bool) {
	if exact {
		for i, v := range x {
			f := float64(v)
			dh[i] *= float32(0.5*(1+math.Erf(f/math.Sqrt2)) + f*math.Exp(-f*f/2)/math.Sqrt(2*math.Pi))
		}
		return
	}
	const k = 0.7978845608028654 // √(2/π)
	var buf [chunk]float32
	for at := 0; at < len(dh); at += chunk {
		n := min(chunk, len(dh)-at)
		y, d := buf[:n], dh[at:at+n]
		copy(y, x[at:])
		kern.GELU(y)
		for i, v := range x[at : at+n] {
			t := k * v // tanh of it, near 0
			if v > 1e-3 || v < -1e-3 {
				t = 2*y[i]/v - 1 // y = x·(1 + tanh)/2
			}
			d[i] *= 0.5*(1+t) + 0.5*v*(1-t*t)*k*(1+3*0.044715*v*v)
		}
	}
}
