package model

import (
	"encoding/json"
	"fmt"
	"strings"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// Types says in which type a tensor of shape, known by its GGUF name, is written.
type Types func(name string, shape []int) quant.Type

// GGUF is the model as a GGUF file has it: metadata of the shape (those of the tokenizer are
// the tokenizer's) and the tensors.
func (m *Model) GGUF(types Types) ([]weights.KV, []weights.Entry, error) {
	if m.Rope.Scaling == "dynamic" {
		return nil, nil, fmt.Errorf("GGUF cannot say rope scaling %q", m.Rope.Scaling)
	}
	if m.Arch == "gpt2" && m.Act != "gelu_new" {
		return nil, nil, fmt.Errorf("GGUF cannot say activation %q of a gpt2", m.Act)
	}
	x := exporter{m: m, types: types}
	x.all()
	if f := m.Rope.ggufFactors(); f != nil {
		x.out = append(x.out, weights.FromFloats("rope_freqs.weight", quant.F32, []int{len(f)}, f))
	}
	return m.ggufMeta(), x.out, nil
}

// Safetensors is the model as a Hugging Face folder has it: config.json and the tensors, all of
// one float type.
func (m *Model) Safetensors(typ quant.Type) (config []byte, tensors []weights.Entry, err error) {
	if m.Rope.Factors != nil {
		return nil, nil, fmt.Errorf("config.json cannot say this model's rope factors")
	}
	config, err = json.MarshalIndent(m.hfMap(typ), "", "  ")
	if err != nil {
		return nil, nil, err
	}
	x := exporter{m: m, types: func(string, []int) quant.Type { return typ }, hf: hfNames(m.Arch)}
	x.all()
	return append(config, '\n'), x.out, nil
}

// exporter lists the tensors of a model under the names of a format.
type exporter struct {
	m     *Model
	types Types
	hf    map[string]string // nil: GGUF
	out   []weights.Entry
}

func (x *exporter) all() {
	m := x.m
	x.matrix("token_embd", 0, &Linear{W: m.Embed}, nil)
	if m.Positions != nil {
		x.matrix("position_embd", 0, &Linear{W: m.Positions}, nil)
	}
	for i := range m.Blocks {
		x.block(i, &m.Blocks[i])
	}
	x.norm("output_norm", 0, &m.Norm)
	if !m.Tied {
		x.matrix("output", 0, &Linear{W: m.Head}, nil)
	}
}

func (x *exporter) block(i int, b *Block) {
	x.norm("blk.%d.attn_norm", i, &b.AttnNorm)
	if x.m.Arch == "gpt2" {
		x.fused(i, b)
	} else {
		x.linear("blk.%d.attn_q", i, &b.Q, x.pairing())
		x.linear("blk.%d.attn_k", i, &b.K, x.pairing())
		x.linear("blk.%d.attn_v", i, &b.V, nil)
		x.linear("blk.%d.ffn_gate", i, &b.Gate, nil)
	}
	x.norm("blk.%d.attn_q_norm", i, &b.QNorm)
	x.norm("blk.%d.attn_k_norm", i, &b.KNorm)
	x.linear("blk.%d.attn_output", i, &b.O, nil)
	x.norm("blk.%d.ffn_norm", i, &b.MLPNorm)
	x.linear("blk.%d.ffn_up", i, &b.Up, nil)
	x.linear("blk.%d.ffn_down", i, &b.Down, nil)
}

// pairing is from which row each row of a query or key comes: GGUF keeps Llama's turning pairs
// side by side, Hugging Face half a head apart. Nil where they lie right.
func (x *exporter) pairing() func(i int) int {
	adjacent := x.hf == nil && x.m.Arch == "llama"
	switch {
	case adjacent == x.m.Rope.Adjacent:
		return nil
	case adjacent:
		return pairsFrom(x.m.HeadDim)
	}
	return halvesFrom(x.m.HeadDim)
}

func (x *exporter) name(stem string, layer int, kind string) string {
	if x.hf != nil {
		stem = x.hf[stem]
	}
	if strings.Contains(stem, "%d") {
		stem = fmt.Sprintf(stem, layer)
	}
	return stem + "." + kind
}

func (x *exporter) typeOf(stem string, layer int, shape []int) quant.Type {
	name := stem
	if strings.Contains(name, "%d") {
		name = fmt.Sprintf(name, layer)
	}
	return x.types(name+".weight", shape)
}

func (x *exporter) matrix(stem string, layer int, l *Linear, from func(int) int) {
	w := l.W
	if x.hf != nil && x.m.Arch == "gpt2" && strings.HasPrefix(stem, "blk.") {
		x.transposed(stem, layer, l)
		return
	}
	shape := []int{w.N, w.K}
	typ := x.typeOf(stem, layer, shape)
	name := x.name(stem, layer, "weight")
	if typ == w.Type && from == nil && l.add == nil {
		t := &weights.Tensor{Name: name, Type: w.Type, Shape: shape, Data: w.Data}
		x.out = append(x.out, t.As(typ))
		return
	}
	x.out = append(x.out, weights.FromRows(name, typ, shape, func(i int, dst []float32) error {
		if from != nil {
			i = from(i)
		}
		l.row(dst, i)
		return nil
	}))
}

// transposed writes a weight as (in, out), as Hugging Face's GPT-2 has it.
func (x *exporter) transposed(stem string, layer int, l *Linear) {
	w := l.W
	var all []float32
	x.out = append(x.out, weights.FromRows(x.name(stem, layer, "weight"), x.typeOf(stem, layer, []int{w.K, w.N}), []int{w.K, w.N},
		func(i int, dst []float32) error {
			if i == 0 {
				all = make([]float32, w.N*w.K)
				for r := range w.N {
					l.row(all[r*w.K:][:w.K], r)
				}
			}
			for n := range dst {
				dst[n] = all[n*w.K+i]
			}
			return nil
		}))
}

func (x *exporter) linear(stem string, layer int, l *Linear, from func(int) int) {
	x.matrix(stem, layer, l, from)
	if l.Bias == nil {
		return
	}
	bias := l.Bias
	if from != nil {
		bias = make([]float32, len(l.Bias))
		for i := range bias {
			bias[i] = l.Bias[from(i)]
		}
	}
	x.vector(stem, layer, "bias", bias)
}

func (x *exporter) norm(stem string, layer int, n *Norm) {
	if n.Weight != nil {
		x.vector(stem, layer, "weight", n.Weight)
	}
	if n.Bias != nil {
		x.vector(stem, layer, "bias", n.Bias)
	}
}

// vector writes biases and norms, which stay float32 in GGUF.
func (x *exporter) vector(stem string, layer int, kind string, v []float32) {
	typ := quant.F32
	if x.hf != nil {
		typ = x.types("", nil)
	}
	x.out = append(x.out, weights.FromFloats(x.name(stem, layer, kind), typ, []int{len(v)}, v))
}

// fused joins query, key and value of GPT-2 in one weight.
func (x *exporter) fused(i int, b *Block) {
	all := Linear{W: &kern.Matrix{Type: quant.F32, N: 3 * b.Q.W.N, K: b.Q.W.K}}
	for _, l := range []*Linear{&b.Q, &b.K, &b.V} {
		rows := make([]float32, l.W.N*l.W.K)
		for r := range l.W.N {
			l.row(rows[r*l.W.K:][:l.W.K], r)
		}
		all.W.Data = append(all.W.Data, kern.Bytes(rows)...)
		all.Bias = append(all.Bias, l.Bias...)
	}
	x.linear("blk.%d.attn_qkv", i, &all, nil)
}

// ggufFactors is by how much each frequency of llama3's scaling is divided, which GGUF keeps as a tensor.
func (r *Rope) ggufFactors() []float32 {
	if r.Scaling != "llama3" && r.Factors == nil {
		return nil
	}
	plain := Rope{Base: r.Base, Dim: r.Dim}
	was, is := plain.frequencies(1), r.frequencies(1)
	f := make([]float32, len(is))
	for i := range f {
		f[i] = float32(was[i] / is[i])
	}
	return f
}

func (m *Model) ggufMeta() []weights.KV {
	c := &m.Config
	a := c.Arch + "."
	kv := []weights.KV{
		{Key: "general.architecture", Value: c.Arch},
		{Key: a + "block_count", Value: uint32(c.Layers)},
		{Key: a + "context_length", Value: uint32(c.Context)},
		{Key: a + "embedding_length", Value: uint32(c.Channels)},
		{Key: a + "feed_forward_length", Value: uint32(c.Hidden)},
		{Key: a + "attention.head_count", Value: uint32(c.Heads)},
		{Key: a + "attention.head_count_kv", Value: uint32(c.KVHeads)},
	}
	if c.Arch == "gpt2" {
		return append(kv, weights.KV{Key: a + "attention.layer_norm_epsilon", Value: c.Eps})
	}
	kv = append(kv,
		weights.KV{Key: a + "attention.layer_norm_rms_epsilon", Value: c.Eps},
		weights.KV{Key: a + "attention.key_length", Value: uint32(c.HeadDim)},
		weights.KV{Key: a + "attention.value_length", Value: uint32(c.HeadDim)},
		weights.KV{Key: a + "vocab_size", Value: uint32(c.Vocab)},
		weights.KV{Key: a + "rope.dimension_count", Value: uint32(c.Rope.Dim)},
		weights.KV{Key: a + "rope.freq_base", Value: float32(c.Rope.Base)})
	if s := c.Rope.Scaling; s == "linear" || s == "yarn" {
		kv = append(kv,
			weights.KV{Key: a + "rope.scaling.type", Value: s},
			weights.KV{Key: a + "rope.scaling.factor", Value: float32(c.Rope.Factor)},
			weights.KV{Key: a + "rope.scaling.original_context_length", Value: uint32(c.Rope.Original)})
		if s == "yarn" {
			kv = append(kv,
				weights.KV{Key: a + "rope.scaling.yarn_beta_fast", Value: float32(c.Rope.BetaFast)},
				weights.KV{Key: a + "rope.scaling.yarn_beta_slow", Value: float32(c.Rope.BetaSlow)})
		}
		if c.Rope.Attention != 0 {
			kv = append(kv, weights.KV{Key: a + "rope.scaling.attn_factor", Value: float32(c.Rope.Attention)})
		}
	}
	return kv
}

var hfClass = map[string]string{"gpt2": "GPT2LMHeadModel", "llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"}

// hfMap is config.json in the spelling that published models have.
func (m *Model) hfMap(typ quant.Type) map[string]any {
	c := &m.Config
	dtype := map[quant.Type]string{quant.F32: "float32", quant.F16: "float16", quant.BF16: "bfloat16"}[typ]
	h := map[string]any{
		"model_type": c.Arch, "architectures": []string{hfClass[c.Arch]}, "vocab_size": c.Vocab,
		"tie_word_embeddings": c.Tied, "torch_dtype": dtype,
	}
	if c.Arch == "gpt2" {
		h["n_layer"], h["n_embd"], h["n_head"], h["n_inner"], h["n_positions"] = c.Layers, c.Channels, c.Heads, c.Hidden, c.Context
		h["activation_function"], h["layer_norm_epsilon"] = c.Act, c.Eps
		return h
	}
	h["num_hidden_layers"], h["hidden_size"], h["num_attention_heads"], h["num_key_value_heads"] = c.Layers, c.Channels, c.Heads, c.KVHeads
	h["head_dim"], h["intermediate_size"], h["max_position_embeddings"], h["hidden_act"] = c.HeadDim, c.Hidden, c.Context, c.Act
	h["rms_norm_eps"], h["rope_theta"] = c.Eps, c.Rope.Base
	if c.Arch == "llama" {
		h["attention_bias"], h["mlp_bias"] = m.Blocks[0].Q.Bias != nil, m.Blocks[0].Up.Bias != nil
	}
	if s := c.Rope.scalingMap(); s != nil {
		h["rope_scaling"] = s
	}
	return h
}

func (r *Rope) scalingMap() map[string]any {
	if r.Scaling == "" {
		return nil
	}
	s := map[string]any{"rope_type": r.Scaling, "factor": r.Factor, "original_max_position_embeddings": r.Original}
	switch r.Scaling {
	case "llama3":
		s["low_freq_factor"], s["high_freq_factor"] = r.LowFreq, r.HighFreq
	case "yarn":
		s["beta_fast"], s["beta_slow"] = r.BetaFast, r.BetaSlow
		if r.Attention != 0 {
			s["attention_factor"] = r.Attention
		}
	}
	return s
}
