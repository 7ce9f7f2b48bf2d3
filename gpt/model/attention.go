package model

import (
	"math"

	"daiban/gpt/kern"
)

// attention adds to x what each position takes from those up to it, and appends their keys
// and values to the caches. In the last block only the wanted rows ask, and only they go on.
func (m *Model) attention(i int, b *batch) {
	l := &m.Blocks[i]
	m.norm(&l.AttnNorm, b.y, b.x)
	all := b.rows
	if i < m.Layers-1 {
		m.multiply(b.y, all, into{&l.Q, b.q}, into{&l.K, b.k}, into{&l.V, b.v})
	} else {
		m.multiply(b.y, all, into{&l.K, b.k}, into{&l.V, b.v})
		b.keepWanted(m.Channels)
		m.multiply(b.y, b.rows, into{&l.Q, b.q})
	}
	m.turnKeys(l, b)
	m.remember(i, b)
	if b.rows == 0 {
		return
	}
	m.turnQueries(l, b)
	m.attend(i, b)
	m.multiply(b.att, b.rows, into{&l.O, b.y})
	m.add(b.x, b.y)
}

// into is a layer with the place of its answer.
type into struct {
	l   *Linear
	out []float32
}

// multiply runs layers over the same x of so many rows, with what is added to their weights.
func (m *Model) multiply(x []float32, rows int, to ...into) {
	var products [3]kern.Product
	for i, t := range to {
		products[i] = kern.Product{W: t.l.W, Out: t.out, Bias: t.l.Bias}
	}
	m.pool.Multiply(x, rows, products[:len(to)]...)
	for _, t := range to {
		if a := t.l.add; a != nil {
			low := grow(&m.buf.low, rows*a.rank)
			m.pool.Gemm(false, true, rows, a.rank, t.l.W.K, x, t.l.W.K, a.a, t.l.W.K, 0, low, a.rank)
			kern.Scale(low, a.scale)
			m.pool.Gemm(false, false, rows, t.l.W.N, a.rank, low, a.rank, a.across(), t.l.W.N, 1, t.out, t.l.W.N)
		}
	}
}

// turnKeys and turnQueries norm every head where the model does so (Qwen3), and turn it by its position.
func (m *Model) turnKeys(l *Block, b *batch) {
	r := 0
	for _, s := range b.steps {
		m.turn(&l.KNorm, b.k[r*m.KVHeads*m.HeadDim:], m.KVHeads, s.Cache.Len(), len(s.Tokens))
		r += len(s.Tokens)
	}
}

func (m *Model) turnQueries(l *Block, b *batch) {
	r := 0
	for i, s := range b.steps {
		n := b.ask[i]
		m.turn(&l.QNorm, b.q[r*m.Heads*m.HeadDim:], m.Heads, s.Cache.Len()+len(s.Tokens)-n, n)
		r += n
	}
}

// turn works on n rows of x (heads, D), whose first stands at position pos.
func (m *Model) turn(norm *Norm, x []float32, heads, pos, n int) {
	w, D := heads*m.HeadDim, m.HeadDim
	if norm.Weight == nil && m.Rope.Base == 0 {
		return
	}
	m.each(n, func(t int) {
		row := x[t*w : (t+1)*w]
		if norm.Weight != nil {
			for h := 0; h < w; h += D {
				kern.RMSNorm(row[h:h+D], row[h:h+D], norm.Weight, norm.Eps)
			}
		}
		if m.Rope.Base != 0 {
			cos, sin := m.rope.at(pos + t)
			kern.Rotate(row, D, cos, sin, m.Rope.Adjacent)
		}
	})
}

// remember appends the keys and values of all rows to the caches.
func (m *Model) remember(i int, b *batch) {
	w := m.KVHeads * m.HeadDim
	r := 0
	for _, s := range b.steps {
		n := len(s.Tokens)
		s.Cache.put(i, s.Cache.Len(), b.k[r*w:(r+n)*w], b.v[r*w:(r+n)*w])
		r += n
	}
}

// attend fills att with what each asking row takes from the cache.
func (m *Model) attend(i int, b *batch) {
	w := m.Heads * m.HeadDim
	b.attentions = b.attentions[:0]
	r := 0
	for j, s := range b.steps {
		n := b.ask[j]
		if n == 0 {
			continue
		}
		b.attentions = append(b.attentions, kern.Attention{
			Out: b.att[r*w : (r+n)*w], Q: b.q[r*w : (r+n)*w],
			Keys: s.Cache.keys[i], Values: s.Cache.values[i],
			T: n, Past: s.Cache.Len() + len(s.Tokens) - n,
		})
		r += n
	}
	m.pool.Attend(m.Heads, m.HeadDim, float32(1/math.Sqrt(float64(m.HeadDim))), b.attentions...)
}

// feedForward adds to x what the feed-forward part makes of it.
func (m *Model) feedForward(i int, b *batch) {
	if b.rows == 0 {
		return
	}
	l, F := &m.Blocks[i], m.Hidden
	m.norm(&l.MLPNorm, b.y, b.x)
	if m.Act == "silu" {
		m.multiply(b.y, b.rows, into{&l.Gate, b.gate}, into{&l.Up, b.up})
		m.each(b.rows, func(r int) { kern.SwiGLU(b.up[r*F:][:F], b.gate[r*F:][:F], b.up[r*F:][:F]) })
	} else {
		m.multiply(b.y, b.rows, into{&l.Up, b.up})
		m.each(b.rows, func(r int) { m.gelu(b.up[r*F:][:F]) })
	}
	m.multiply(b.up, b.rows, into{&l.Down, b.y})
	m.add(b.x, b.y)
}

func (m *Model) gelu(x []float32) {
	if m.Act == "gelu" {
		kern.GELUExact(x)
	} else {
		kern.GELU(x)
	}
}

// add adds y to x, row by row.
func (m *Model) add(x, y []float32) {
	C := m.Channels
	m.each(len(x)/C, func(r int) { kern.Add(x[r*C:][:C], y[r*C:][:C]) })
}
