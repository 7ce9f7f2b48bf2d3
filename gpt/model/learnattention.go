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

// attendWork is what a thread needs for attention, kept from layer to layer.
type attendWork struct {
	pool              *kern.Pool // of one thread
	w, dw             []float32  // scores
	q, att, datt, dst []float32  // rows of the query heads of one key-value head, close together
}

// spread runs f for every family and key-value head, each in one thread.
func (l *Learner) spread(fs [][]int, f func(s *attendWork, family []int, g int)) {
	l.pool.Run(len(fs)*l.KVHeads, func(i int) {
		s := <-l.solo
		f(s, fs[i/l.KVHeads], i%l.KVHeads)
		l.solo <- s
	})
}

// attendRows is about how many rows of queries go at once: all query heads of some positions. As later
// positions see more than earlier ones, more rows would compute more that is not seen, and fewer read
// keys and values more often.
const attendRows = 96

// A sight is what some positions of a span see in the query heads of one key-value head. Row i of it is
// query head i%per of position t0 + i/per.
type sight struct {
	*attendWork
	per, D     int
	first      int    // row of the batch where it begins
	t0, m      int    // its first position in the span, and how many rows it has
	P, n       int    // what the span's prefix has, and with it the positions that its last row sees
	from       [2]int // rows of the batch where prefix and own keys begin
	at, count  [2]int // columns of the scores where they begin, and how many
	keys, vals [2][]float32
	q, w       []float32 // (m, D), times 1/√D; (m, n)
}

// sights calls f for all positions of a span, some at a time.
func (l *Learner) sights(s *attendWork, b *Batch, a *blockActs, span, g int, f func(v *sight)) {
	x, D, per := b.Spans[span], l.HeadDim, l.Heads/l.KVHeads
	G, step := l.KVHeads*D, max(attendRows/per, 1)
	v := sight{attendWork: s, per: per, D: D}
	v.from = [2]int{x.From, x.From}
	if x.Prefix >= 0 {
		v.from[0] = b.Spans[x.Prefix].From
		v.P = b.Spans[x.Prefix].To - v.from[0]
	}
	for i, r := range v.from {
		v.keys[i], v.vals[i] = a.k[r*G+g*D:], a.v[r*G+g*D:]
	}
	scale := float32(1 / math.Sqrt(float64(D)))
	for t := 0; t < x.To-x.From; t += step {
		end := min(t+step, x.To-x.From)
		v.first, v.t0, v.m, v.n = x.From+t, t, (end-t)*per, v.P+end
		v.at[1], v.count = v.P, [2]int{v.P, end}
		v.q = v.gather(&s.q, a.q, l.Heads*D, g)
		kern.Scale(v.q, scale)
		v.w = grow(&s.w, v.m*v.n)
		v.weigh(G)
		f(&v)
	}
}

// gather brings rows of x (R, w) that are of the sight's heads together: (m, D).
func (v *sight) gather(to *[]float32, x []float32, w, g int) []float32 {
	out, n := grow(to, v.m*v.D), v.per*v.D
	for i := 0; i < v.m/v.per; i++ {
		copy(out[i*n:][:n], x[(v.first+i)*w+g*n:])
	}
	return out
}

// scatter is the way back.
func (v *sight) scatter(x, from []float32, w, g int) {
	n := v.per * v.D
	for i := 0; i < v.m/v.per; i++ {
		copy(x[(v.first+i)*w+g*n:][:n], from[i*n:])
	}
}

// each calls f for the prefix, if there is one, and for the span's own keys.
func (v *sight) each(f func(i, n int)) {
	for i, n := range v.count {
		if n > 0 {
			f(i, n)
		}
	}
}

// weigh fills w (m, n) with the attention of every row: softmax(q·kᵀ/√D), causal.
func (v *sight) weigh(G int) {
	v.each(func(i, n int) {
		v.pool.Gemm(false, true, v.m, n, v.D, v.q, v.D, v.keys[i], G, 0, v.w[v.at[i]:], v.n)
	})
	for i := range v.m {
		row, seen := v.w[i*v.n:][:v.n], v.seen(i)
		kern.Softmax(row[:seen])
		clear(row[seen:])
	}
}

// seen is how many positions row i sees.
func (v *sight) seen(i int) int { return v.P + v.t0 + i/v.per + 1 }

// attend fills att from q, k and v.
func (l *Learner) attend(b *Batch, a *blockActs) {
	D := l.HeadDim
	H, G := l.Heads*D, l.KVHeads*D
	l.spread(b.families, func(s *attendWork, family []int, g int) {
		for _, span := range family {
			l.sights(s, b, a, span, g, func(v *sight) {
				out, beta := grow(&s.att, v.m*D), float32(0)
				v.each(func(i, n int) {
					s.pool.Gemm(false, false, v.m, D, n, v.w[v.at[i]:], v.n, v.vals[i], G, beta, out, D)
					beta = 1
				})
				v.scatter(a.att, out, H, g)
			})
		}
	})
}

// attendBackward writes the gradients of q, k and v, given that of att, datt (R, H·D).
//
//	dV = wᵀ·do    dw = do·Vᵀ    ds = w·(dw - Σ w·dw)    dQ = ds·K/√D    dK = dsᵀ·Q/√D
func (l *Learner) attendBackward(b *Batch, a *blockActs, dq, dk, dv, datt []float32) {
	D := l.HeadDim
	H, G := l.Heads*D, l.KVHeads*D
	clear(dk)
	clear(dv)
	scale := float32(1 / math.Sqrt(float64(D)))
	l.spread(b.families, func(s *attendWork, family []int, g int) {
		for _, span := range family {
			l.sights(s, b, a, span, g, func(v *sight) {
				do, dw := v.gather(&s.datt, datt, H, g), grow(&s.dw, v.m*v.n)
				v.each(func(i, n int) {
					s.pool.Gemm(true, false, n, D, v.m, v.w[v.at[i]:], v.n, do, D, 1, dv[v.from[i]*G+g*D:], G)
					s.pool.Gemm(false, true, v.m, n, D, do, D, v.vals[i], G, 0, dw[v.at[i]:], v.n)
				})
				for i := range v.m {
					seen, d := v.seen(i), dw[i*v.n:][:v.n]
					kern.SoftmaxGrad(d[:seen], v.w[i*v.n:], 1)
					clear(d[seen:])
				}
				out, beta := grow(&s.dst, v.m*D), float32(0)
				v.each(func(i, n int) {
					s.pool.Gemm(false, false, v.m, D, n, dw[v.at[i]:], v.n, v.keys[i], G, beta, out, D)
					beta = 1
					s.pool.Gemm(true, false, n, D, v.m, dw[v.at[i]:], v.n, v.q, D, 1, dk[v.from[i]*G+g*D:], G)
				})
				kern.Scale(out, scale)
				v.scatter(dq, out, H, g)
			})
		}
	})
}
