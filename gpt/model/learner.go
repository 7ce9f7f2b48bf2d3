package model

import (
	"fmt"
	"math"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
)

// Param is an array that training changes.
type Param struct {
	Name  string // as GGUF names it, with .lora_a or .lora_b behind an adapter's
	Shape []int  // a matrix or a vector
	Value []float32
	Half  []uint16  // in place of Value: bfloat16
	Grad  []float32 // Backward adds to it

	rounded []float32 // what the passes use instead of Value; nil: Value
	blank   bool      // Grad counts as 0, whatever it holds
}

// grad is Grad, to be added to.
func (p *Param) grad() []float32 {
	if p.blank {
		clear(p.Grad)
		p.blank = false
	}
	return p.Grad
}

// product adds a matrix product to Grad (M, N): op(A)·op(B) as kern.Gemm has it.
func (p *Param) product(pool *kern.Pool, M, N, K int, A []float32, lda int, B []float32, ldb int) {
	beta := float32(1)
	if p.blank {
		beta, p.blank = 0, false
	}
	pool.Gemm(true, false, M, N, K, A, lda, B, ldb, beta, p.Grad, N)
}

// Learning says which weights a Learner changes; the others stay as they are, quantized ones too.
type Learning struct {
	Rank   int     // above 0: an adapter of so many dimensions on every linear layer, the weights themselves stay (LoRA)
	Alpha  float64 // an adapter counts Alpha/√Rank (rank-stabilised); 0: 2·√Rank
	Top    int     // only the last so many blocks; 0: all
	Bodies bool    // with Rank: also biases and norms of these blocks
	Embed  bool    // without Rank: also the embedding, the positions and the head

	Half      bool // matrices that learn are kept as bfloat16; not with Rank
	Recompute bool // of each block only what comes in is kept, and its forward pass is run again for its backward pass
}

// Learner is a model whose weights are changed by training. Its forward pass keeps what its
// backward pass needs. Not for use by two goroutines at once.
type Learner struct {
	Config
	Learning
	Params []*Param

	pool   *kern.Pool
	solo   chan *attendWork // one for each thread
	rope   angles
	embed  table
	places table // of GPT-2
	blocks []learnBlock
	norm   learnNorm
	head   table // the same as embed where they are tied
	buf    learnBuffers
}

// table is a matrix of rows by token or position.
type table struct {
	*Param              // nil: it stays
	fixed  *kern.Matrix //
	floats []float32    // of fixed, (N, K), made when first needed
	N, K   int
}

type learnBlock struct {
	attnNorm, mlpNorm, qNorm, kNorm learnNorm
	q, k, v, o, gate, up, down      learnLinear
}

type learnNorm struct {
	Norm
	weight, bias *Param // nil: they stay
}

// learnLinear is x·Wᵀ + bias, and with an adapter + scale · (x·Aᵀ)·Bᵀ.
// Hu and others, LoRA, 2021; Kalajdzievski, Rank-Stabilized LoRA, 2023.
type learnLinear struct {
	N, K  int
	w     *Param       // (N, K); nil: fixed stays
	fixed *kern.Matrix //
	bias  []float32    // (N) or nil
	biasP *Param       // the same, where it is changed
	a, b  *Param       // (Rank, K), (N, Rank)
	scale float32
}

// NewLearner makes a model trainable. What is changed is copied as float32; m is not used any
// more but for what stays.
func NewLearner(m *Model, how Learning, random func() float64) (*Learner, error) {
	if how.Rank < 0 || how.Top < 0 || how.Top > m.Layers {
		return nil, fmt.Errorf("a rank of %d over the last %d of %d layers", how.Rank, how.Top, m.Layers)
	}
	l := &Learner{Config: m.Config, Learning: how, pool: m.pool, solo: make(chan *attendWork, m.pool.Threads())}
	for range m.pool.Threads() {
		l.solo <- &attendWork{pool: kern.NewPool(1)}
	}
	l.rope.rope = &l.Config.Rope
	if err := l.mergeOthers(m); err != nil {
		return nil, err
	}
	free := how.Rank == 0
	l.embed = l.table("token_embd.weight", m.Embed, free && how.Embed)
	if m.Positions != nil {
		l.places = l.table("position_embd.weight", m.Positions, free && how.Embed)
	}
	first := 0
	if how.Top > 0 {
		first = m.Layers - how.Top
	}
	for i := range m.Blocks {
		l.blocks = append(l.blocks, l.block(&m.Blocks[i], i, i >= first, random))
	}
	l.norm = l.learnNorm("output_norm", m.Norm, free || how.Bodies)
	l.head = l.embed
	if !m.Tied && m.Head != m.Embed {
		l.head = l.table("output.weight", m.Head, free && how.Embed)
	}
	return l, nil
}

// mergeOthers merges the adapters of m that are not gone on with: of layers that stay, or of another rank.
func (l *Learner) mergeOthers(m *Model) error {
	for i := range m.Blocks {
		free := l.Top == 0 || i >= m.Layers-l.Top
		for _, x := range m.Blocks[i].linears() {
			if x.add == nil || free && (l.Rank == 0 || x.add.rank == l.Rank) {
				continue
			}
			if err := x.merge(m.pool, quant.F16); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close gives back what the learner holds beside its arrays.
func (l *Learner) Close() {
	for range cap(l.solo) {
		(<-l.solo).pool.Close()
	}
}

func (l *Learner) param(name string, shape []int, value []float32) *Param {
	p := &Param{Name: name, Shape: shape, Value: value, Grad: make([]float32, len(value))}
	l.Params = append(l.Params, p)
	if l.Half && l.Rank == 0 && len(shape) == 2 {
		p.halve()
	}
	return p
}

// floatsOf is all of w as floats, a copy.
func floatsOf(w *kern.Matrix) []float32 {
	x := make([]float32, w.N*w.K)
	quant.Dequantize(w.Type, x, w.Data)
	return x
}

func (l *Learner) table(name string, w *kern.Matrix, free bool) table {
	t := table{fixed: w, N: w.N, K: w.K}
	if free {
		t.Param = l.param(name, []int{w.N, w.K}, floatsOf(w))
	}
	return t
}

// values is the table as (N, K).
func (t *table) values(l *Learner) []float32 {
	if t.Param != nil {
		return t.used(l)
	}
	if t.floats == nil {
		t.floats = floatsOf(t.fixed)
	}
	return t.floats
}

func (l *Learner) learnNorm(name string, n Norm, free bool) learnNorm {
	out := learnNorm{Norm: n}
	if n.Weight == nil || !free {
		return out
	}
	out.weight = l.param(name+".weight", []int{len(n.Weight)}, append([]float32(nil), n.Weight...))
	out.Weight = out.weight.Value
	if n.Bias != nil {
		out.bias = l.param(name+".bias", []int{len(n.Bias)}, append([]float32(nil), n.Bias...))
		out.Bias = out.bias.Value
	}
	return out
}

func (l *Learner) block(b *Block, i int, free bool, random func() float64) learnBlock {
	name := func(part string) string { return fmt.Sprintf("blk.%d.%s", i, part) }
	bodies := free && (l.Rank == 0 || l.Bodies)
	lin := func(part string, x Linear) learnLinear { return l.linear(name(part), x, free, bodies, random) }
	out := learnBlock{
		attnNorm: l.learnNorm(name("attn_norm"), b.AttnNorm, bodies),
		q:        lin("attn_q", b.Q), k: lin("attn_k", b.K), v: lin("attn_v", b.V),
		qNorm: l.learnNorm(name("attn_q_norm"), b.QNorm, bodies),
		kNorm: l.learnNorm(name("attn_k_norm"), b.KNorm, bodies),
		o:     lin("attn_output", b.O),
	}
	out.mlpNorm = l.learnNorm(name("ffn_norm"), b.MLPNorm, bodies)
	if b.Gate.W != nil {
		out.gate = lin("ffn_gate", b.Gate)
	}
	out.up, out.down = lin("ffn_up", b.Up), lin("ffn_down", b.Down)
	return out
}

func (l *Learner) linear(name string, x Linear, free, bodies bool, random func() float64) learnLinear {
	n := learnLinear{N: x.W.N, K: x.W.K, fixed: x.W, bias: x.Bias}
	switch {
	case free && l.Rank == 0:
		n.w = l.param(name+".weight", []int{n.N, n.K}, x.floats())
	case free:
		n.scale = float32(l.alpha() / math.Sqrt(float64(l.Rank)))
		a := make([]float32, l.Rank*n.K)
		bound := 1 / math.Sqrt(float64(n.K)) // as PEFT begins: Kaiming's uniform with √5; B is 0
		for i := range a {
			a[i] = float32((2*random() - 1) * bound)
		}
		b := make([]float32, n.N*l.Rank)
		if x.add != nil { // goes on from the adapter that is there
			copy(a, x.add.a)
			kern.Axpy(b, x.add.scale/n.scale, x.add.b)
		}
		n.a = l.param(name+".lora_a", []int{l.Rank, n.K}, a)
		n.b = l.param(name+".lora_b", []int{n.N, l.Rank}, b)
	}
	if x.Bias != nil && bodies {
		n.biasP = l.param(name+".bias", []int{n.N}, append([]float32(nil), x.Bias...))
		n.bias = n.biasP.Value
	}
	return n
}
