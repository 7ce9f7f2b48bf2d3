package train

import (
	"math"

	"daiban/gpt/kern"
)

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
	how := kern.AdamW{Factor: float32(s.factor), Beta1: float32(s.beta1), Beta2: float32(s.beta2), Keep: keep, Rate: float32(rate), Root: root, Eps: eps}
	key := o.key(p)
	strips(o.pool, p.Len(), func(_, lo, hi int) {
		if p.m.code == nil && p.Half == nil {
			how.Step(p.Value[lo:hi], p.Grad[lo:hi], p.m.floats[lo:hi], p.v.floats[lo:hi])
			return
		}
		var wb, mb, vb [momentBlock]float32
		for ; lo < hi; lo += momentBlock {
			end := min(lo+momentBlock, hi)
			w, m, v := p.Floats(lo, end, wb[:]), p.m.get(lo, end, &mb), p.v.get(lo, end, &vb)
			how.Step(w, p.Grad[lo:end], m, v)
			p.Put(lo, w, key)
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
