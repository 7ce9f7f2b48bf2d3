package model

import (
	"fmt"
	"strings"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// Weights is everything that a model has learned. What it does not have is nil.
type Weights struct {
	Embed     *kern.Matrix // (V, C)
	Positions *kern.Matrix // (Context, C), of GPT-2
	Blocks    []Block
	Norm      Norm
	Head      *kern.Matrix // (V, C); the embedding itself where they are tied
}

// Block is one layer: attention, then the feed-forward part, each behind its norm.
type Block struct {
	AttnNorm   Norm
	Q, K, V, O Linear // (H·D, C), (G·D, C), (G·D, C), (C, H·D)
	QNorm      Norm   // (D), of Qwen3
	KNorm      Norm
	MLPNorm    Norm
	Gate       Linear // (F, C), of SwiGLU
	Up, Down   Linear // (F, C), (C, F)
}

// Linear is x·Wᵀ + Bias.
type Linear struct {
	W    *kern.Matrix
	Bias []float32 // or nil

	add *lowRank // to W, where it has not been merged yet; nil: nothing
}

// Norm is a layer norm, or without Bias an RMS norm.
type Norm struct {
	Weight, Bias []float32
	Eps          float32
}

// A part is one tensor by its two names; %d is the layer. Names in code are GGUF's.
type part struct{ gguf, hf string }

var llamaParts = []part{
	{"token_embd", "model.embed_tokens"}, {"output_norm", "model.norm"}, {"output", "lm_head"},
	{"blk.%d.attn_norm", "model.layers.%d.input_layernorm"},
	{"blk.%d.attn_q", "model.layers.%d.self_attn.q_proj"}, {"blk.%d.attn_k", "model.layers.%d.self_attn.k_proj"},
	{"blk.%d.attn_v", "model.layers.%d.self_attn.v_proj"}, {"blk.%d.attn_output", "model.layers.%d.self_attn.o_proj"},
	{"blk.%d.attn_q_norm", "model.layers.%d.self_attn.q_norm"}, {"blk.%d.attn_k_norm", "model.layers.%d.self_attn.k_norm"},
	{"blk.%d.ffn_norm", "model.layers.%d.post_attention_layernorm"}, {"blk.%d.ffn_gate", "model.layers.%d.mlp.gate_proj"},
	{"blk.%d.ffn_up", "model.layers.%d.mlp.up_proj"}, {"blk.%d.ffn_down", "model.layers.%d.mlp.down_proj"},
}

var gpt2Parts = []part{
	{"token_embd", "transformer.wte"}, {"position_embd", "transformer.wpe"}, {"output_norm", "transformer.ln_f"}, {"output", "lm_head"},
	{"blk.%d.attn_norm", "transformer.h.%d.ln_1"}, {"blk.%d.attn_qkv", "transformer.h.%d.attn.c_attn"},
	{"blk.%d.attn_output", "transformer.h.%d.attn.c_proj"}, {"blk.%d.ffn_norm", "transformer.h.%d.ln_2"},
	{"blk.%d.ffn_up", "transformer.h.%d.mlp.c_fc"}, {"blk.%d.ffn_down", "transformer.h.%d.mlp.c_proj"},
}

// parts is the tensors of an architecture.
func parts(arch string) []part {
	if arch == "gpt2" {
		return gpt2Parts
	}
	return llamaParts
}

// source finds the tensors of one file by their GGUF names.
type source struct {
	file *weights.File
	c    *Config
	hf   map[string]string // GGUF stem -> Hugging Face stem; nil for a GGUF file
}

func newSource(f *weights.File, c *Config) *source {
	s := &source{file: f, c: c}
	if f.Format != "gguf" {
		s.hf = hfNames(c.Arch)
	}
	return s
}

// hfNames is Hugging Face's name for each of GGUF's.
func hfNames(arch string) map[string]string {
	names := map[string]string{}
	for _, p := range parts(arch) {
		names[p.gguf] = p.hf
	}
	return names
}

// path is the file's name for errors: the first part's.
func path(f *weights.File) string {
	if p := f.Parts(); len(p) > 0 {
		return p[0]
	}
	return f.Format + " file"
}

func (s *source) path() string { return path(s.file) }

// tensor is the one of stem ("blk.%d.attn_q"), layer and kind ("weight" or "bias").
// A folder may leave out the outermost module's name, as the first GPT-2 does.
func (s *source) tensor(stem string, layer int, kind string) (*weights.Tensor, bool) {
	if s.hf != nil {
		stem = s.hf[stem]
	}
	name := stem + "." + kind
	if strings.Contains(name, "%d") {
		name = fmt.Sprintf(name, layer)
	}
	t, ok := s.file.Tensor(name)
	if !ok && s.hf != nil {
		_, short, _ := strings.Cut(name, ".")
		t, ok = s.file.Tensor(short)
	}
	return t, ok
}

func (s *source) missing(stem string, layer int) error {
	end := ": is the file complete, and of this configuration?"
	if s.hf != nil {
		stem, end = s.hf[stem], ": is the folder complete, and the configuration this model's?"
	}
	if strings.Contains(stem, "%d") {
		stem = fmt.Sprintf(stem, layer)
	}
	return fmt.Errorf("%s: it has no tensor %s%s", s.path(), stem, end)
}

func (s *source) misshapen(t *weights.Tensor, want ...int) error {
	return fmt.Errorf("%s: tensor %s has the shape %v: the configuration wants %v", s.path(), t.Name, t.Shape, want)
}

// matrix is a weight of shape (n, k), a view into the file where it can be one.
func (s *source) matrix(stem string, layer, n, k int) (*kern.Matrix, error) {
	t, ok := s.tensor(stem, layer, "weight")
	if !ok {
		return nil, s.missing(stem, layer)
	}
	if s.conv(stem) {
		if len(t.Shape) != 2 || t.Shape[0] != k || t.Shape[1] != n {
			return nil, s.misshapen(t, k, n)
		}
		return transposed(t, n, k), nil
	}
	if len(t.Shape) != 2 || t.Shape[0] != n || t.Shape[1] != k {
		return nil, s.misshapen(t, n, k)
	}
	return &kern.Matrix{Type: t.Type, N: n, K: k, Data: t.Data}, nil
}

// conv says whether a weight lies as (in, out): Hugging Face's GPT-2 calls its linear layers Conv1D.
func (s *source) conv(stem string) bool {
	return s.hf != nil && s.c.Arch == "gpt2" && strings.HasPrefix(stem, "blk.")
}

func transposed(t *weights.Tensor, n, k int) *kern.Matrix {
	from, to := t.Floats(), make([]float32, n*k)
	for i := range k {
		for j := range n {
			to[j*k+i] = from[i*n+j]
		}
	}
	return &kern.Matrix{Type: quant.F32, N: n, K: k, Data: kern.Bytes(to)}
}

// vector is n floats; nil where there is none.
func (s *source) vector(stem string, layer int, kind string, n int) ([]float32, error) {
	t, ok := s.tensor(stem, layer, kind)
	if !ok {
		return nil, nil
	}
	if len(t.Shape) != 1 || t.Shape[0] != n {
		return nil, s.misshapen(t, n)
	}
	return t.Floats(), nil
}

func (s *source) linear(stem string, layer, n, k int) (l Linear, err error) {
	if l.W, err = s.matrix(stem, layer, n, k); err != nil {
		return l, err
	}
	l.Bias, err = s.vector(stem, layer, "bias", n)
	return l, err
}

func (s *source) norm(stem string, layer, n int) (m Norm, err error) {
	m.Eps = s.c.Eps
	if m.Weight, err = s.vector(stem, layer, "weight", n); err != nil {
		return m, err
	}
	if m.Weight == nil {
		return m, s.missing(stem, layer)
	}
	if s.c.Arch == "gpt2" {
		if m.Bias, err = s.vector(stem, layer, "bias", n); err == nil && m.Bias == nil {
			err = s.missing(stem, layer)
		}
	}
	return m, err
}

// read takes every tensor of the model from the file.
func (s *source) read() (w Weights, err error) {
	c := s.c
	if w.Embed, err = s.matrix("token_embd", 0, c.Vocab, c.Channels); err != nil {
		return w, err
	}
	if c.Arch == "gpt2" {
		if w.Positions, err = s.matrix("position_embd", 0, c.Context, c.Channels); err != nil {
			return w, err
		}
	}
	if w.Norm, err = s.norm("output_norm", 0, c.Channels); err != nil {
		return w, err
	}
	w.Head = w.Embed
	if _, own := s.tensor("output", 0, "weight"); own && !c.Tied {
		if w.Head, err = s.matrix("output", 0, c.Vocab, c.Channels); err != nil {
			return w, err
		}
	} else if !c.Tied {
		return w, s.missing("output", 0)
	}
	const layer = "blk.%d.attn_norm"
	if _, more := s.tensor(layer, c.Layers, "weight"); more { // without them it would run, and talk nonsense
		return w, fmt.Errorf("%s: it has a layer %d, and the configuration says %d layers: are they of one model?", s.path(), c.Layers, c.Layers)
	}
	w.Blocks = make([]Block, c.Layers)
	for i := range w.Blocks {
		if w.Blocks[i], err = s.layer(i); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (s *source) layer(i int) (l Block, err error) {
	c := s.c
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	if l.AttnNorm, err = s.norm("blk.%d.attn_norm", i, c.Channels); err != nil {
		return l, err
	}
	if c.Arch == "gpt2" {
		err = s.fused(&l, i)
	} else {
		err = firstError(
			load(&l.Q, s.linear, "blk.%d.attn_q", i, q, c.Channels),
			load(&l.K, s.linear, "blk.%d.attn_k", i, kv, c.Channels),
			load(&l.V, s.linear, "blk.%d.attn_v", i, kv, c.Channels),
			load(&l.Gate, s.linear, "blk.%d.ffn_gate", i, c.Hidden, c.Channels))
	}
	if err == nil && c.Arch == "qwen2" && (l.Q.Bias == nil || l.K.Bias == nil || l.V.Bias == nil) {
		err = fmt.Errorf("%s: layer %d has no biases on its query, key and value, which qwen2 has", s.path(), i)
	}
	if err == nil && c.Arch == "qwen3" {
		if l.QNorm, err = s.norm("blk.%d.attn_q_norm", i, c.HeadDim); err == nil {
			l.KNorm, err = s.norm("blk.%d.attn_k_norm", i, c.HeadDim)
		}
	}
	if err != nil {
		return l, err
	}
	if l.MLPNorm, err = s.norm("blk.%d.ffn_norm", i, c.Channels); err != nil {
		return l, err
	}
	return l, firstError(
		load(&l.O, s.linear, "blk.%d.attn_output", i, c.Channels, q),
		load(&l.Up, s.linear, "blk.%d.ffn_up", i, c.Hidden, c.Channels),
		load(&l.Down, s.linear, "blk.%d.ffn_down", i, c.Channels, c.Hidden))
}

func load(into *Linear, from func(string, int, int, int) (Linear, error), stem string, layer, n, k int) (err error) {
	*into, err = from(stem, layer, n, k)
	return err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// fused takes GPT-2's query, key and value out of the one weight that holds them below each other.
func (s *source) fused(l *Block, i int) error {
	C := s.c.Channels
	all, err := s.linear("blk.%d.attn_qkv", i, 3*C, C)
	if err != nil {
		return err
	}
	for j, to := range []*Linear{&l.Q, &l.K, &l.V} {
		n := len(all.W.Data) / 3
		to.W = &kern.Matrix{Type: all.W.Type, N: C, K: C, Data: all.W.Data[j*n : (j+1)*n]}
		if all.Bias != nil {
			to.Bias = all.Bias[j*C : (j+1)*C]
		}
	}
	return nil
}
