package registry

import (
	"daiban/gpt/machine"
	"daiban/gpt/quant"
)

// An Estimate is what a model would do on a machine.
type Estimate struct {
	Decode float64 `json:"decode_tokens_per_second"`
	Prompt float64 `json:"prompt_tokens_per_second"`
	Train  float64 `json:"train_tokens_per_second,omitempty"`
	Memory int64   `json:"memory_bytes"` // with the context that the task needs
	Job    float64 `json:"job_seconds"`  // a typical job of the task
}

const (
	// reach is how much of the measured speed of single products a whole pass keeps: the rest
	// goes to norms, attention, sampling and waiting between them.
	decodeReach = 0.85
	promptReach = 0.80
	trainReach  = 0.55
	scratch     = 150 << 20 // of the program itself and its buffers
)

// weightBits is how many bits a weight takes in a file of the format, and in its head: files
// named Q4_K_M hold some of their tensors in Q6_K.
func weightBits(format string) (body, head float64) {
	switch format {
	case "q4_k":
		return 4.85, 6.5625
	case "q5_k":
		return 5.7, 6.5625
	}
	t, err := quant.Parse(format)
	if err != nil {
		return 16, 16
	}
	n, b := t.Block()
	bits := 8 * float64(b) / float64(n)
	return bits, bits
}

// matmul is how many weights of the layers and of the head a token is multiplied with.
func (m *Model) matmul() (layers, head float64) {
	s := m.Shape
	attention := 2*s.Channels*s.Heads*s.HeadDim + 2*s.Channels*s.KVHeads*s.HeadDim
	feed := 3 * s.Channels * s.Hidden
	if m.Family == "gpt2" { // no gate
		feed = 2 * s.Channels * s.Hidden
	}
	return float64(s.Layers) * float64(attention+feed), float64(s.Vocab) * float64(s.Channels)
}

// Reads is how many bytes of weights a token reads.
func (m *Model) Reads() float64 {
	if m.ReadBytes > 0 {
		return float64(m.ReadBytes)
	}
	layers, head := m.matmul()
	body, top := weightBits(m.Quant)
	return (layers*body + head*top) / 8
}

// Weights is how many bytes all weights take.
func (m *Model) Weights() float64 {
	if n := m.Bytes(); n > 0 {
		return float64(n)
	}
	_, head := m.matmul()
	if m.Shape.Tied {
		return m.Reads()
	}
	body, _ := weightBits(m.Quant)
	return m.Reads() + head*body/8
}

// cache is how many bytes keys and values of a position take, in float32.
func (m *Model) cache() float64 {
	s := m.Shape
	return 2 * 4 * float64(s.Layers*s.KVHeads*s.HeadDim)
}

// On estimates a task on a machine. Decoding is bounded by reading the weights, with the speed
// that products in their format were measured at, and by reading the cache; a prompt by
// arithmetic. Training is that of LoRA over float32 weights: a forward pass and a backward pass
// for the activations, four operations a weight, and a fifth for the adapters.
func (m *Model) On(pc *machine.Machine, t *Task) Estimate {
	layers, head := m.matmul()
	speed := pc.For(m.Quant)
	if m.ReadBytes > 0 { // a file that is known mixes formats
		speed = pc.Near(8 * m.Reads() / (layers + head))
	}
	middle := float64(t.Prompt) + float64(t.Answer)/2
	if t.Name == "train" {
		middle = 0
	}
	var e Estimate
	e.Decode = decodeReach / (m.Reads()/speed.Decode + m.cache()*middle/pc.Bandwidth)
	s := m.Shape
	attention := 2 * 2 * float64(s.Layers*s.Heads*s.HeadDim) * float64(t.Prompt) / 2
	e.Prompt = promptReach / (2*layers/speed.Prompt + attention/pc.Flops)
	if t.Name == "train" {
		e.Train = trainReach * pc.Flops / (5 * (layers + head))
		e.Memory = int64(4*(layers+head)) + 4*scratch
		e.Job = float64(t.Answer) / e.Train
		return e
	}
	e.Memory = int64(m.Weights()+m.cache()*float64(t.Prompt+t.Answer)) + scratch
	e.Job = float64(t.Prompt)/e.Prompt + float64(t.Answer)/e.Decode
	return e
}
