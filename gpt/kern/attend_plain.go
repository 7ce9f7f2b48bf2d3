package kern

import "math"

// plain computes head h of H, the twin of Attend.
func (a *Attention) plain(h, H, D int, scale float32) {
	kv := h * len(a.Keys) / H
	keys, values := a.Keys[kv], a.Values[kv]
	w := make([]float64, a.Past+a.T)
	for t := range a.T {
		n := a.Past + t + 1
		q := a.Q[(t*H+h)*D:][:D]
		top := math.Inf(-1)
		for j := range n {
			w[j] = float64(scale * dotPlain(q, keys[j*D:][:D]))
			top = max(top, w[j])
		}
		var sum float64
		for j, v := range w[:n] {
			w[j] = math.Exp(v - top)
			sum += w[j]
		}
		out := make([]float64, D)
		for j, s := range w[:n] {
			for d, v := range values[j*D:][:D] {
				out[d] += s / sum * float64(v)
			}
		}
		for d, v := range out {
			a.Out[(t*H+h)*D+d] = float32(v)
		}
	}
}
