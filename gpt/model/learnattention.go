package model

import (
	"math"

	"daiban/gpt/kern"
)

// A Span is the rows of a batch that are one text: From to before To. It sees itself, up to each
// of its own positions, and, with a Prefix, all of the span of that index before it, whose
// positions it continues: one prompt, many completions.
type Span struct {
	From, To int
	Prefix   int // index of an earlier span that has no prefix itself; -1: none
}

// families is the indices of spans that share keys: a span without a prefix and those that continue it.
func families(spans []Span) [][]int {
	var out [][]int
	at := map[int]int{}
	for i, s := range spans {
		root := i
		if s.Prefix >= 0 {
			root = s.Prefix
		}
		if _, ok := at[root]; !ok {
			at[root] = len(out)
			out = append(out, nil)
		}
		out[at[root]] = append(out[at[root]], i)
	}
	return out
}

// spread runs f for every family and key-value head, each with a pool of one thread.
func (l *Learner) spread(fs [][]int, f func(solo *kern.Pool, family []int, g int)) {
	l.pool.Run(len(fs)*l.KVHeads, func(i int) {
		solo := <-l.solo
		f(solo, fs[i/l.KVHeads], i%l.KVHeads)
		l.solo <- solo
	})
}

// A sight is what one span sees in one query head: views into the rows of the batch.
type sight struct {
	T, P       int       // its own rows, those of its prefix
	q, o       []float32 // (T, ·) from its first row
	keys, vals [2][]float32
	at         [2]int // columns of the scores where prefix and own begin
	n          [2]int // how many
	w          []float32
}

func (l *Learner) sight(b *Batch, a *blockActs, span, h, g int, w []float32) sight {
	s, D := b.Spans[span], l.HeadDim
	H, G := l.Heads*D, l.KVHeads*D
	v := sight{T: s.To - s.From}
	parts := [2]Span{{From: s.From, To: s.From}, s}
	if s.Prefix >= 0 {
		parts[0] = b.Spans[s.Prefix]
		v.P = parts[0].To - parts[0].From
	}
	v.q, v.o = a.q[s.From*H+h*D:], a.att[s.From*H+h*D:]
	for i, p := range parts {
		v.keys[i], v.vals[i] = a.k[p.From*G+g*D:], a.v[p.From*G+g*D:]
		v.n[i] = p.To - p.From
	}
	v.at[1] = v.P
	v.w = w[:v.T*(v.P+v.T)]
	return v
}

// weigh fills w (T, P+T) with the attention of every row: softmax(q·kᵀ/√D), causal.
func (v *sight) weigh(solo *kern.Pool, l *Learner) {
	D, n := l.HeadDim, v.P+v.T
	scale := float32(1 / math.Sqrt(float64(D)))
	for i, k := range v.keys {
		if v.n[i] > 0 {
			solo.Gemm(false, true, v.T, v.n[i], D, v.q, l.Heads*D, k, l.KVHeads*D, 0, v.w[v.at[i]:], n)
		}
	}
	for t := range v.T {
		row := v.w[t*n : (t+1)*n]
		seen := row[:v.P+t+1]
		kern.Scale(seen, scale)
		kern.Softmax(seen)
		clear(row[v.P+t+1:])
	}
}

// attend fills att from q, k and v.
func (l *Learner) attend(b *Batch, a *blockActs) {
	D, per := l.HeadDim, l.Heads/l.KVHeads
	l.spread(b.families, func(solo *kern.Pool, family []int, g int) {
		w := make([]float32, b.scoresMax(family))
		for _, span := range family {
			for h := g * per; h < (g+1)*per; h++ {
				v := l.sight(b, a, span, h, g, w)
				v.weigh(solo, l)
				beta := float32(0)
				for i, val := range v.vals {
					if v.n[i] > 0 {
						solo.Gemm(false, false, v.T, D, v.n[i], v.w[v.at[i]:], v.P+v.T, val, l.KVHeads*D, beta, v.o, l.Heads*D)
						beta = 1
					}
				}
			}
		}
	})
}

// scoresMax is the most scores that a span of the family has.
func (b *Batch) scoresMax(family []int) int {
	most := 0
	for _, i := range family {
		s := b.Spans[i]
		T, P := s.To-s.From, 0
		if s.Prefix >= 0 {
			P = b.Spans[s.Prefix].To - b.Spans[s.Prefix].From
		}
		most = max(most, T*(P+T))
	}
	return most
}

// attendBackward writes the gradients of q, k and v, given that of att, datt (R, H·D).
//
//	dV = wᵀ·do    dw = do·Vᵀ    ds = w·(dw - Σ w·dw)/√D    dQ = ds·K    dK = dsᵀ·Q
func (l *Learner) attendBackward(b *Batch, a *blockActs, dq, dk, dv, datt []float32) {
	D, per := l.HeadDim, l.Heads/l.KVHeads
	H, G := l.Heads*D, l.KVHeads*D
	clear(dk)
	clear(dv)
	scale := float32(1 / math.Sqrt(float64(D)))
	l.spread(b.families, func(solo *kern.Pool, family []int, g int) {
		n := b.scoresMax(family)
		w, dw := make([]float32, n), make([]float32, n)
		for _, span := range family {
			s := b.Spans[span]
			froms := [2]int{s.From, s.From}
			if s.Prefix >= 0 {
				froms[0] = b.Spans[s.Prefix].From
			}
			for h := g * per; h < (g+1)*per; h++ {
				v := l.sight(b, a, span, h, g, w)
				v.weigh(solo, l)
				n, do := v.P+v.T, datt[s.From*H+h*D:]
				for i := range v.n {
					if v.n[i] == 0 {
						continue
					}
					solo.Gemm(true, false, v.n[i], D, v.T, v.w[v.at[i]:], n, do, H, 1, dv[froms[i]*G+g*D:], G)
					solo.Gemm(false, true, v.T, v.n[i], D, do, H, v.vals[i], G, 0, dw[v.at[i]:v.T*n], n)
				}
				for t := range v.T {
					seen, d := v.P+t+1, dw[t*n:(t+1)*n]
					kern.SoftmaxGrad(d[:seen], v.w[t*n:], scale)
					clear(d[seen:])
				}
				beta := float32(0)
				for i := range v.n {
					if v.n[i] == 0 {
						continue
					}
					solo.Gemm(false, false, v.T, D, v.n[i], dw[v.at[i]:v.T*n], n, v.keys[i], G, beta, dq[s.From*H+h*D:], H)
					beta = 1
					solo.Gemm(true, false, v.n[i], D, v.T, dw[v.at[i]:v.T*n], n, v.q, H, 1, dk[froms[i]*G+g*D:], G)
				}
			}
		}
	})
}
