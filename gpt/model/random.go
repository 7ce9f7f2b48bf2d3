package model

import (
	"fmt"
	"math"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
)

// Random is a model that has learned nothing. Matrices are normal with a deviation of 0.02, those
// that write to the residual stream with that over √(2·layers), norms are 1 and biases 0: as GPT-2
// begins (Radford and others, 2019). normal gives standard normal numbers.
func Random(c Config, pool *kern.Pool, normal func() float64) (*Model, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	n := beginner{&c, normal}
	m := &Model{Config: c, pool: pool}
	m.rope.rope = &m.Config.Rope
	m.Embed = n.matrix(c.Vocab, c.Channels, 1)
	if c.Arch == "gpt2" {
		m.Positions = n.matrix(c.Context, c.Channels, 1)
	}
	for range c.Layers {
		m.Blocks = append(m.Blocks, n.block())
	}
	m.Norm = n.norm(c.Channels)
	m.Head = m.Embed
	if !c.Tied {
		m.Head = n.matrix(c.Vocab, c.Channels, 1)
	}
	return m, nil
}

// beginner makes the first weights of a model.
type beginner struct {
	*Config
	normal func() float64
}

func (n beginner) matrix(rows, cols int, scale float64) *kern.Matrix {
	x := make([]float32, rows*cols)
	for i := range x {
		x[i] = float32(0.02 * scale * n.normal())
	}
	return floatMatrix(x, rows, cols)
}

func floatMatrix(x []float32, rows, cols int) *kern.Matrix {
	return &kern.Matrix{Type: quant.F32, N: rows, K: cols, Data: kern.Bytes(x)}
}

func (n beginner) linear(rows, cols int, bias bool, scale float64) Linear {
	l := Linear{W: n.matrix(rows, cols, scale)}
	if bias {
		l.Bias = make([]float32, rows)
	}
	return l
}

func (n beginner) norm(width int) Norm {
	m := Norm{Weight: make([]float32, width), Eps: n.Eps}
	for i := range m.Weight {
		m.Weight[i] = 1
	}
	if n.Arch == "gpt2" {
		m.Bias = make([]float32, width)
	}
	return m
}

func (n beginner) block() Block {
	C, H, G := n.Channels, n.Heads*n.HeadDim, n.KVHeads*n.HeadDim
	all := n.Arch == "gpt2"
	some := all || n.Arch == "qwen2"
	out := 1 / math.Sqrt(2*float64(n.Layers))
	b := Block{
		AttnNorm: n.norm(C), MLPNorm: n.norm(C),
		Q: n.linear(H, C, some, 1), K: n.linear(G, C, some, 1), V: n.linear(G, C, some, 1), O: n.linear(C, H, all, out),
		Up: n.linear(n.Hidden, C, all, 1), Down: n.linear(C, n.Hidden, all, out),
	}
	if !all {
		b.Gate = n.linear(n.Hidden, C, false, 1)
	}
	if n.Arch == "qwen3" {
		b.QNorm, b.KNorm = n.norm(n.HeadDim), n.norm(n.HeadDim)
	}
	return b
}

// Values is how many numbers a model of this shape has.
func (c *Config) Values() int64 {
	C, H, G, F, L := int64(c.Channels), int64(c.Heads*c.HeadDim), int64(c.KVHeads*c.HeadDim), int64(c.Hidden), int64(c.Layers)
	block := C*(2*H+2*G) + 2*C + 3*C*F
	n := int64(c.Vocab)*C + C
	if c.Arch == "gpt2" {
		block = 4*C*C + 4*C + 2*C*F + F + C + 4*C
		n += int64(c.Context)*C + C
	}
	if c.Arch == "qwen2" {
		block += H + 2*G
	}
	if c.Arch == "qwen3" {
		block += 2 * int64(c.HeadDim)
	}
	if !c.Tied {
		n += int64(c.Vocab) * C
	}
	return n + L*block
}

// String says the shape in a few words.
func (c *Config) String() string {
	return fmt.Sprintf("%s, %d layers of %d channels, %d heads, %d tokens", c.Arch, c.Layers, c.Channels, c.Heads, c.Vocab)
}
