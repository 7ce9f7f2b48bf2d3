package model

import (
	"fmt"
	"math"
	"strings"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// Model is the model as it is now, for inference: a view, which changes as the learner goes on.
// Both use the same pool: one at a time.
func (l *Learner) Model() *Model { return l.model() }

// GGUF is the model as it is now, adapters merged: see Model.GGUF. The learner must not go on
// until the tensors are written.
func (l *Learner) GGUF(types Types) ([]weights.KV, []weights.Entry, error) {
	return l.model().GGUF(types)
}

// Safetensors is the model as it is now, adapters merged: see Model.Safetensors. The learner must
// not go on until the tensors are written.
func (l *Learner) Safetensors(typ quant.Type) (config []byte, tensors []weights.Entry, err error) {
	return l.model().Safetensors(typ)
}

// model is a Model whose adapters run beside their layers.
func (l *Learner) model() *Model {
	m := &Model{Config: l.Config, pool: l.pool}
	m.rope.rope = &m.Config.Rope
	m.Embed = l.embed.now()
	if l.places.N > 0 {
		m.Positions = l.places.now()
	}
	for i := range l.blocks {
		b := &l.blocks[i]
		m.Blocks = append(m.Blocks, Block{
			AttnNorm: b.attnNorm.Norm, MLPNorm: b.mlpNorm.Norm, QNorm: b.qNorm.Norm, KNorm: b.kNorm.Norm,
			Q: b.q.linear(l), K: b.k.linear(l), V: b.v.linear(l), O: b.o.linear(l),
			Gate: b.gate.linear(l), Up: b.up.linear(l), Down: b.down.linear(l),
		})
	}
	m.Norm, m.Head = l.norm.Norm, m.Embed
	if !l.Tied {
		m.Head = l.head.now()
	}
	return m
}

// now is the table as a matrix: a view of what it has learned.
func (t *table) now() *kern.Matrix {
	if t.Param == nil {
		return t.fixed
	}
	return t.matrix(t.N, t.K)
}

func (n *learnLinear) linear(l *Learner) Linear {
	x := Linear{W: n.fixed, Bias: n.bias}
	if n.w != nil {
		x.W = n.w.matrix(n.N, n.K)
	}
	if n.a != nil {
		x.add = &lowRank{a: n.a.Value, b: n.b.Value, rank: l.Rank, scale: n.scale}
	}
	return x
}

// Adapter is what learned beside a base that stays: the halves of the adapters, and the biases and
// norms that changed, under the names of Hugging Face's PEFT, with its adapter_config.json. base is
// what the configuration says the base is.
func (l *Learner) Adapter(base string, typ quant.Type) (config map[string]any, tensors []weights.Entry, err error) {
	if l.Rank == 0 {
		return nil, nil, fmt.Errorf("nothing here is an adapter: the weights themselves were trained")
	}
	if l.Arch == "gpt2" {
		return nil, nil, fmt.Errorf("an adapter of a gpt2 has no names in PEFT, whose query, key and value are one layer: merge it")
	}
	hf := hfNames(l.Arch)
	modules := map[string]bool{}
	for _, p := range l.Params {
		name, module := adapterName(hf, p.Name)
		if module != "" {
			modules[module] = true
		}
		value := p.Value
		if l.pairsLie(p.Name) && !strings.HasSuffix(p.Name, ".lora_a") {
			value = rowsFrom(value, p.Shape, halvesFrom(l.HeadDim))
		}
		tensors = append(tensors, weights.FromFloats("base_model.model."+name, typ, p.Shape, value))
	}
	var list, norms []string
	for _, name := range []string{"input_layernorm", "post_attention_layernorm", "q_norm", "k_norm", "norm"} {
		if l.Bodies && (l.Arch == "qwen3" || name[1:] != "_norm") {
			norms = append(norms, name)
		}
	}
	for _, part := range llamaParts {
		if i := strings.LastIndexByte(part.hf, '.'); modules[part.hf[i+1:]] {
			list = append(list, part.hf[i+1:])
		}
	}
	return map[string]any{
		"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": base, "r": l.Rank, "lora_alpha": l.alpha(),
		"use_rslora": true, "lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": false, "inference_mode": true, "target_modules": list, "modules_to_save": norms,
	}, tensors, nil
}

// alpha is Alpha, or its default.
func (l *Learner) alpha() float64 {
	if l.Alpha != 0 {
		return l.Alpha
	}
	return 2 * math.Sqrt(float64(l.Rank))
}

// adapterName turns a Param's name into PEFT's; module is the layer's last name, for an adapter.
func adapterName(hf map[string]string, name string) (peft, module string) {
	layer, stem := 0, name
	if rest, ok := strings.CutPrefix(name, "blk."); ok {
		number, part, _ := strings.Cut(rest, ".")
		fmt.Sscan(number, &layer)
		stem = "blk.%d." + part
	}
	i := strings.LastIndexByte(stem, '.')
	stem, kind := stem[:i], stem[i+1:]
	out := hf[stem]
	if strings.Contains(out, "%d") {
		out = fmt.Sprintf(out, layer)
	}
	switch kind {
	case "lora_a", "lora_b":
		return out + ".lora_" + strings.ToUpper(kind[5:]) + ".weight", out[strings.LastIndexByte(out, '.')+1:]
	case "bias": // of a layer that PEFT has wrapped
		return out + ".base_layer.bias", ""
	}
	return out + "." + kind, ""
}

// pairsLie reports whether the rows of a part, by its GGUF name, are a query's or key's that turn
// in neighbouring pairs: Hugging Face has them half a head apart.
func (c *Config) pairsLie(name string) bool {
	return c.Rope.Adjacent && (strings.Contains(name, ".attn_q.") || strings.Contains(name, ".attn_k."))
}

// halvesFrom is from which row each comes when neighbouring pairs are put half a head apart,
// pairsFrom the way back.
func halvesFrom(D int) func(int) int {
	return func(i int) int { h, r := i/D*D, i%D; return h + r%(D/2)*2 + r/(D/2) }
}

func pairsFrom(D int) func(int) int {
	return func(i int) int { h, r := i/D*D, i%D; return h + r%2*(D/2) + r/2 }
}

// rowsFrom is x, a matrix or vector of shape, with its rows in another order.
func rowsFrom(x []float32, shape []int, from func(int) int) []float32 {
	out, K := make([]float32, len(x)), len(x)/shape[0]
	for i := range shape[0] {
		copy(out[i*K:][:K], x[from(i)*K:])
	}
	return out
}
