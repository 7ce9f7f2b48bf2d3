package train

import "math"

// adamw is a step of AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019):
//
//	m = β1 m + (1-β1) g    v = β2 v + (1-β2) g²
//	w = w - rate·decay·w - rate · (m / (1-β1ᵗ)) / (√(v / (1-β2ᵗ)) + ε)
func (o *optimizer) adamw(p *part, s stepSize) {
	const eps = 1e-8
	t := float64(o.count)
	rate := s.rate / (1 - math.Pow(s.beta1, t))
	root := float32(1 / math.Sqrt(1-math.Pow(s.beta2, t)))
	keep := float32(1)
	if isMatrix(p.Param) {
		keep = float32(1 - s.rate*s.decay)
	}
	b1, b2, f, r := float32(s.beta1), float32(s.beta2), float32(s.factor), float32(rate)
	strips(o.pool, len(p.Value), func(_, lo, hi int) {
		var mb, vb [momentBlock]float32
		for ; lo < hi; lo += momentBlock {
			end := min(lo+momentBlock, hi)
			m, v := p.m.get(lo, end, &mb), p.v.get(lo, end, &vb)
			w, g := p.Value[lo:end], p.Grad[lo:end]
			for i := range w {
				d := g[i] * f
				m[i] = b1*m[i] + (1-b1)*d
				v[i] = b2*v[i] + (1-b2)*d*d
				w[i] = keep*w[i] - r*m[i]/(float32(math.Sqrt(float64(v[i])))*root+eps)
			}
			p.m.put(lo, m)
			p.v.put(lo, v)
		}
	})
}

// halfLife is β2 such that a gradient's weight in the second moment halves after so many tokens,
// whatever the batch. Marek and others, Small Batch Size Training for Language Models, 2025.
func halfLife(tokens, batch float64) float64 {
	return min(max(math.Exp2(-batch/tokens), 0.8), 0.9999)
}
