package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// lowRank is scale · B·A, which is added to a weight (N, K).
type lowRank struct {
	a, b  []float32 // (rank, K), (N, rank)
	rank  int
	scale float32

	turned []float32 // b as (rank, N), made when it is first run: a sum of long rows is faster than many short products
}

// across is b as (rank, N).
func (d *lowRank) across() []float32 {
	if d.turned == nil {
		N := len(d.b) / d.rank
		d.turned = make([]float32, len(d.b))
		for i := range N {
			for r := range d.rank {
				d.turned[r*N+i] = d.b[i*d.rank+r]
			}
		}
	}
	return d.turned
}

// addRow adds row i of it to dst (K).
func (d *lowRank) addRow(dst []float32, i int) {
	K := len(dst)
	for r := range d.rank {
		kern.Axpy(dst, d.scale*d.b[i*d.rank+r], d.a[r*K:][:K])
	}
}

// row writes row i of the weight into dst, with what is added to it.
func (l *Linear) row(dst []float32, i int) {
	quant.Dequantize(l.W.Type, dst, l.W.Row(i))
	if l.add != nil {
		l.add.addRow(dst, i)
	}
}

// floats is the weight (N, K) with what is added to it.
func (l *Linear) floats() []float32 {
	x := make([]float32, l.W.N*l.W.K)
	for i := range l.W.N {
		l.row(x[i*l.W.K:][:l.W.K], i)
	}
	return x
}

// merge makes the weight with what is added to it a matrix of its own.
func (l *Linear) merge(pool *kern.Pool, typ quant.Type) error {
	if l.add == nil {
		return nil
	}
	if values, _ := typ.Block(); values == 0 || l.W.K%values != 0 {
		return fmt.Errorf("rows of %d values are no blocks of %s", l.W.K, typ)
	}
	size, err := typ.RowBytes(l.W.K)
	if err != nil {
		return err
	}
	m := &kern.Matrix{Type: typ, N: l.W.N, K: l.W.K, Data: make([]byte, size*l.W.N)}
	const part = 32
	pool.Run((m.N+part-1)/part, func(p int) {
		row := make([]float32, m.K)
		for i := p * part; i < min((p+1)*part, m.N); i++ {
			l.row(row, i)
			quant.Quantize(typ, m.Data[i*size:][:size], row)
		}
	})
	l.W, l.add = m, nil
	return nil
}

// ApplyAdapter adds a low-rank adapter to the model and replaces the biases and norms that the
// file has, under the names of Hugging Face's PEFT or without its prefix. The weights stay as they
// are: the adapter runs beside them until it is merged. scale is by what B·A is multiplied; 0: as the file's metadata say
// (alpha over rank, "use_rslora" over its root). Errors name the tensor. The model must not be in use.
//
// Hu and others, LoRA, 2021.
func (m *Model) ApplyAdapter(f *weights.File, scale float64) error {
	d := adapterFile{m: m, f: f, at: map[string]*Linear{}, norms: map[string][]float32{}}
	d.list()
	for _, name := range f.Names() {
		if err := d.take(name, scale); err != nil {
			return fmt.Errorf("%s: %w", path(f), err)
		}
	}
	for name, l := range d.at {
		if l.add != nil && (l.add.a == nil || l.add.b == nil) {
			return fmt.Errorf("%s: %s has only one half of its adapter", path(f), name)
		}
	}
	return nil
}

// Merge makes adapters one with the weights that they are added to, as matrices of type typ in memory.
func (m *Model) Merge(typ quant.Type) error {
	for i := range m.Blocks {
		for stem, l := range m.Blocks[i].linears() {
			if err := l.merge(m.pool, typ); err != nil {
				return fmt.Errorf("%s: %w", fmt.Sprintf(stem, i), err)
			}
		}
	}
	return nil
}

// adapterFile finds the places of the tensors of an adapter.
type adapterFile struct {
	m     *Model
	f     *weights.File
	at    map[string]*Linear // by Hugging Face's stem
	norms map[string][]float32
}

func (d *adapterFile) list() {
	hf := hfNames(d.m.Arch)
	name := func(stem string, i int) string {
		s := hf[stem]
		if strings.Contains(s, "%d") {
			s = fmt.Sprintf(s, i)
		}
		return s
	}
	for i := range d.m.Blocks {
		b := &d.m.Blocks[i]
		for stem, l := range b.linears() {
			if l.W != nil && hf[stem] != "" {
				d.at[name(stem, i)] = l
			}
		}
		for stem, n := range b.norms() {
			d.norm(name(stem, i), n)
		}
	}
	d.norm(name("output_norm", 0), &d.m.Norm)
}

func (d *adapterFile) norm(name string, n *Norm) {
	if n.Weight != nil && name != "" {
		d.norms[name+".weight"] = n.Weight
		d.norms[name+".bias"] = n.Bias
	}
}

// linears is the block's linear layers by the stem of their GGUF names.
func (b *Block) linears() map[string]*Linear {
	return map[string]*Linear{"blk.%d.attn_q": &b.Q, "blk.%d.attn_k": &b.K, "blk.%d.attn_v": &b.V, "blk.%d.attn_output": &b.O,
		"blk.%d.ffn_gate": &b.Gate, "blk.%d.ffn_up": &b.Up, "blk.%d.ffn_down": &b.Down}
}

func (b *Block) norms() map[string]*Norm {
	return map[string]*Norm{"blk.%d.attn_norm": &b.AttnNorm, "blk.%d.ffn_norm": &b.MLPNorm, "blk.%d.attn_q_norm": &b.QNorm, "blk.%d.attn_k_norm": &b.KNorm}
}

// take puts one tensor where it belongs.
func (d *adapterFile) take(name string, scale float64) error {
	t, _ := d.f.Tensor(name)
	stem := strings.TrimPrefix(name, "base_model.model.")
	for _, half := range []string{".lora_A.weight", ".lora_B.weight", ".lora_A.default.weight", ".lora_B.default.weight"} {
		if s, ok := strings.CutSuffix(stem, half); ok {
			l := d.at[s]
			if l == nil {
				return fmt.Errorf("tensor %s: this model has no %s", name, s)
			}
			if err := d.half(t, l, half[6] == 'A', scale); err != nil {
				return err
			}
			if half[6] == 'B' && d.turned(s) {
				l.add.b = rowsFrom(l.add.b, t.Shape, pairsFrom(d.m.HeadDim))
			}
			return nil
		}
	}
	if s, ok := strings.CutSuffix(stem, ".bias"); ok && d.at[strings.TrimSuffix(s, ".base_layer")] != nil {
		s = strings.TrimSuffix(s, ".base_layer")
		bias := d.at[s].Bias
		if err := replace(t, bias); err != nil {
			return err
		}
		if d.turned(s) {
			copy(bias, rowsFrom(bias, t.Shape, pairsFrom(d.m.HeadDim)))
		}
		return nil
	}
	to, ok := d.norms[stem]
	if !ok {
		return fmt.Errorf("tensor %s has no place in this model", name)
	}
	return replace(t, to)
}

// turned reports whether the rows of a layer, by Hugging Face's name, lie here in neighbouring pairs.
func (d *adapterFile) turned(name string) bool {
	return d.m.Rope.Adjacent && (strings.HasSuffix(name, ".q_proj") || strings.HasSuffix(name, ".k_proj"))
}

func replace(t *weights.Tensor, to []float32) error {
	if to == nil || t.Len() != len(to) {
		return fmt.Errorf("tensor %s has %d values: want %d", t.Name, t.Len(), len(to))
	}
	copy(to, t.Floats())
	return nil
}

func (d *adapterFile) half(t *weights.Tensor, l *Linear, first bool, scale float64) error {
	if len(t.Shape) != 2 {
		return fmt.Errorf("tensor %s has the shape %v: want a matrix", t.Name, t.Shape)
	}
	rank, side := t.Shape[0], t.Shape[1]
	want := l.W.K
	if !first {
		rank, side, want = side, rank, l.W.N
	}
	if side != want || rank < 1 {
		return fmt.Errorf("tensor %s has the shape %v: the layer is %d by %d", t.Name, t.Shape, l.W.N, l.W.K)
	}
	if l.add == nil {
		l.add = &lowRank{rank: rank}
	}
	if l.add.rank != rank {
		return fmt.Errorf("tensor %s is of rank %d, its other half of %d", t.Name, rank, l.add.rank)
	}
	if scale == 0 {
		scale = d.scale(rank)
	}
	l.add.scale = float32(scale)
	if first {
		l.add.a = t.Floats()
	} else {
		l.add.b = t.Floats()
	}
	return nil
}

// scale is what the metadata say: alpha over rank, or over its root; without alpha 1.
func (d *adapterFile) scale(rank int) float64 {
	s, _ := d.f.String("alpha")
	alpha, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(alpha) < 1e6) {
		return 1
	}
	if v, _ := d.f.String("use_rslora"); v == "true" {
		return alpha / math.Sqrt(float64(rank))
	}
	return alpha / float64(rank)
}
