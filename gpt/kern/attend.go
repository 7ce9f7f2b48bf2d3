package kern

// An Attention is what one sequence asks of a layer: the queries of T new positions against
// the keys and values of all positions up to each of them.
type Attention struct {
	Out, Q       []float32   // (T, H, D)
	Keys, Values [][]float32 // a slice for each key-value head, (past + T, D) or longer
	T, Past      int         // row t sees positions 0 … Past + t
}

// Attend computes softmax(scale · q kᵀ) v for every head of every sequence. H is the number
// of query heads; each key-value head serves H / len(Keys) of them.
// Vaswani and others, Attention Is All You Need, 2017; Ainslie and others, GQA, 2023.
func (p *Pool) Attend(H, D int, scale float32, as ...Attention) {
	for _, a := range as {
		p.Run(H, func(h int) { a.plain(h, H, D, scale) })
	}
}

// plain computes head h, the twin of the kernel.
func (a *Attention) plain(h, H, D int, scale float32) {
	kv := h * len(a.Keys) / H
	keys, values := a.Keys[kv], a.Values[kv]
	w := make([]float32, a.Past+a.T)
	for t := range a.T {
		n := a.Past + t + 1
		q := a.Q[(t*H+h)*D:][:D]
		for j := range n {
			w[j] = scale * dotPlain(q, keys[j*D:][:D])
		}
		Softmax(w[:n])
		out := a.Out[(t*H+h)*D:][:D]
		clear(out)
		for j, s := range w[:n] {
			for d, v := range values[j*D:][:D] {
				out[d] += s * v
			}
		}
	}
}
