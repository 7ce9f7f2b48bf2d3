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
		var dw, db []float32
		if n.weight != nil {
			dw, db = sums[p*2*C:][:C], sums[p*2*C+C:][:C]
		}
		for r := p * R / parts; r < (p+1)*R/parts; r++ {
			n.backwardRow(dx[r*C:][:C], dy[r*C:][:C], x[r*C:][:C], dw, db, add)
		}
	})
	for p := 0; n.weight != nil && p < parts; p++ {
		kern.Add(n.weight.grad(), sums[p*2*C:][:C])
		if n.bias != nil {
			kern.Add(n.bias.grad(), sums[p*2*C+C:][:C])
		}
	}
}

const normParts = 16

func (n *learnNorm) backwardRow(dx, dy, x, dw, db []float32, add bool) {
	if n.Bias == nil {
		kern.RMSNormGrad(dx, dy, x, n.Weight, dw, n.Eps, add)
		return
	}
	if db != nil {
		kern.Add(db, dy) // before dx, which may be dy
	}
	kern.LayerNormGrad(dx, dy, x, n.Weight, dw, n.Eps, add)
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
	kern.GELUGrad(dh, x)
}
