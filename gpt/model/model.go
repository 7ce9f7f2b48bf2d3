package model

import (
	"fmt"
	"math"

	"daiban/gpt/kern"
	"daiban/gpt/weights"
)

// Model is a transformer that can be run. Its methods must not be called by two goroutines
// at once: a pass uses all threads of its pool, and its buffers are kept for the next.
type Model struct {
	Config
	Weights
	pool *kern.Pool
	rope angles
	buf  buffers
}

// New binds the weights in f to a configuration. The model holds views into f, which must
// stay open as long as the model is used. Errors name the file and the tensor.
func New(c Config, f *weights.File, pool *kern.Pool) (*Model, error) {
	w, err := newSource(f, &c).read()
	if err != nil {
		return nil, err
	}
	m := &Model{Config: c, Weights: w, pool: pool}
	m.rope.rope = &m.Config.Rope
	return m, nil
}

// A Step is what one sequence brings to a pass: its next tokens, which are appended to its
// cache, and of how many of them, counted from the last, the logits are wanted. Rows, if not
// nil, is the only tokens whose logits are wanted; the others come as -Inf.
type Step struct {
	Cache  *Cache
	Tokens []int
	Want   int
	Rows   []int
}

// Forward runs a pass over the tokens of all steps together. The result has, for each step,
// its wanted logits (Want, V), valid until the next pass. On an error no cache has changed.
func (m *Model) Forward(steps ...Step) ([][]float32, error) {
	b, err := m.batch(steps)
	if err != nil {
		return nil, err
	}
	m.embed(b)
	for i := range m.Layers {
		m.attention(i, b)
		m.feedForward(i, b)
	}
	for _, s := range steps {
		s.Cache.tokens = append(s.Cache.tokens, s.Tokens...)
	}
	return m.head(b), nil
}

// batch is the rows of a pass.
type batch struct {
	steps []Step
	ask   []int // of each step, how many of its tokens still go on, counted from the last
	rows  int   // their sum, B
	*buffers
}

// keepWanted takes out of x and y the rows whose logits nobody wants.
func (b *batch) keepWanted(C int) {
	from, to := 0, 0
	for i, s := range b.steps {
		from += len(s.Tokens) - s.Want
		copy(b.x[to*C:], b.x[from*C:(from+s.Want)*C])
		copy(b.y[to*C:], b.y[from*C:(from+s.Want)*C])
		from, to = from+s.Want, to+s.Want
		b.ask[i] = s.Want
	}
	b.setRows(to, C)
}

// setRows cuts what goes on to rows; keys and values stay.
func (b *batch) setRows(rows, C int) {
	wide := func(s []float32) []float32 { return s[:len(s)/b.rows*rows] }
	b.q, b.att, b.up, b.gate = wide(b.q), wide(b.att), wide(b.up), wide(b.gate)
	b.x, b.y, b.rows = b.x[:rows*C], b.y[:rows*C], rows
}

// buffers are kept from pass to pass.
type buffers struct {
	x, y       []float32 // (B, C): the residual stream, and what is added to it
	q, att     []float32 // (B, H·D)
	k, v       []float32 // (B, G·D)
	gate, up   []float32 // (B, F)
	logits     []float32 // (want, V)
	low        []float32 // (B, rank), of adapters
	attentions []kern.Attention
}

func grow(s *[]float32, n int) []float32 {
	if cap(*s) < n {
		*s = make([]float32, n)
	}
	*s = (*s)[:n]
	return *s
}

func (m *Model) batch(steps []Step) (*batch, error) {
	b := &batch{steps: steps, buffers: &m.buf}
	span := 0
	for _, s := range steps {
		n := s.Cache.Len() + len(s.Tokens)
		if len(s.Tokens) == 0 || s.Want < 0 || s.Want > len(s.Tokens) {
			return nil, fmt.Errorf("a step of %d tokens that wants the logits of %d", len(s.Tokens), s.Want)
		}
		if m.Positions != nil && n > m.Context {
			return nil, fmt.Errorf("%d positions: this model has %d", n, m.Context)
		}
		for _, t := range s.Tokens {
			if t < 0 || t >= m.Vocab {
				return nil, fmt.Errorf("token %d: this model has %d", t, m.Vocab)
			}
		}
		span = max(span, n)
		b.rows += len(s.Tokens)
		b.ask = append(b.ask, len(s.Tokens))
	}
	if m.Rope.Base != 0 {
		m.rope.upTo(span)
	}
	C, kv := b.rows*m.Channels, b.rows*m.KVHeads*m.HeadDim
	grow(&b.x, C)
	grow(&b.y, C)
	grow(&b.q, b.rows*m.Heads*m.HeadDim)
	grow(&b.att, b.rows*m.Heads*m.HeadDim)
	grow(&b.k, kv)
	grow(&b.v, kv)
	grow(&b.up, b.rows*m.Hidden)
	if m.Act == "silu" {
		grow(&b.gate, b.rows*m.Hidden)
	}
	return b, nil
}

// embed fills x with the tokens' rows of the embedding, and of the positions where they are learned.
func (m *Model) embed(b *batch) {
	C, r := m.Channels, 0
	for _, s := range b.steps {
		for i, t := range s.Tokens {
			x := b.x[r*C:][:C]
			kern.EmbedRow(x, m.Embed, t)
			if m.Positions != nil {
				kern.EmbedRow(b.y[:C], m.Positions, s.Cache.Len()+i)
				kern.Add(x, b.y[:C])
			}
			r++
		}
	}
}

// norm writes norm(x) into out, row by row of width len(n.Weight).
func (m *Model) norm(n *Norm, out, x []float32) {
	C := len(n.Weight)
	m.each(len(x)/C, func(r int) {
		if n.Bias != nil {
			kern.LayerNorm(out[r*C:][:C], x[r*C:][:C], n.Weight, n.Bias, n.Eps)
		} else {
			kern.RMSNorm(out[r*C:][:C], x[r*C:][:C], n.Weight, n.Eps)
		}
	})
}

// each calls f for every row: on the pool where there are enough of them to pay for it.
func (m *Model) each(rows int, f func(r int)) {
	const part = 8
	if rows <= part {
		for r := range rows {
			f(r)
		}
		return
	}
	m.pool.Run((rows+part-1)/part, func(p int) {
		for r := p * part; r < min((p+1)*part, rows); r++ {
			f(r)
		}
	})
}

// head is the logits of the wanted rows, one slice for each step.
func (m *Model) head(b *batch) [][]float32 {
	out := make([][]float32, len(b.steps))
	if b.rows == 0 {
		return out
	}
	m.norm(&m.Norm, b.y, b.x)
	C, V := m.Channels, m.Vocab
	l, y := grow(&b.logits, b.rows*V), b.y
	for from := 0; from < len(b.steps); {
		to := from + 1
		if b.steps[from].Rows == nil { // those that want all of it together
			for to < len(b.steps) && b.steps[to].Rows == nil {
				to++
			}
		}
		n := 0
		for i, s := range b.steps[from:to] {
			out[from+i] = l[n*V : (n+s.Want)*V : (n+s.Want)*V]
			n += s.Want
		}
		if rows := b.steps[from].Rows; rows != nil {
			m.headRows(out[from], y[:n*C], rows)
		} else if n > 0 {
			m.pool.Multiply(y[:n*C], n, kern.Product{W: m.Head, Out: l[:n*V]})
		}
		y, l, from = y[n*C:], l[n*V:], to
	}
	return out
}

// headRows is the logits of some tokens; those of the others are -Inf.
func (m *Model) headRows(out, x []float32, rows []int) {
	none := float32(math.Inf(-1))
	for i := range out {
		out[i] = none
	}
	T, V := len(x)/m.Channels, m.Vocab
	some := make([]float32, T*len(rows))
	m.pool.MultiplyRows(x, T, m.Head, rows, some)
	for i, v := range some {
		out[i/len(rows)*V+rows[i%len(rows)]] = v
	}
}
