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
		m.pool.Multiply(b.y, all, l.Q.into(b.q), l.K.into(b.k), l.V.into(b.v))
	} else {
		m.pool.Multiply(b.y, all, l.K.into(b.k), l.V.into(b.v))
		b.keepWanted(m.Channels)
		m.pool.Multiply(b.y, b.rows, l.Q.into(b.q))
	}
	m.turnKeys(l, b)
	m.remember(i, b)
	if b.rows == 0 {
		return
	}
	m.turnQueries(l, b)
	m.attend(i, b)
	m.pool.Multiply(b.att, b.rows, l.O.into(b.y))
	m.add(b.x, b.y)
}

// into is the product of this layer that goes into out.
func (l *Linear) into(out []float32) kern.Product {
	return kern.Product{W: l.W, Out: out, Bias: l.Bias}
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
		m.pool.Multiply(b.y, b.rows, l.Gate.into(b.gate), l.Up.into(b.up))
		m.each(b.rows, func(r int) { kern.SwiGLU(b.up[r*F:][:F], b.gate[r*F:][:F], b.up[r*F:][:F]) })
	} else {
		m.pool.Multiply(b.y, b.rows, l.Up.into(b.up))
		m.each(b.rows, func(r int) { m.gelu(b.up[r*F:][:F]) })
	}
	m.pool.Multiply(b.up, b.rows, l.Down.into(b.y))
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
