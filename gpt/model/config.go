package model

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"daiban/gpt/weights"
)

// Config is the shape of a model.
type Config struct {
	Arch     string  // gpt2, llama, qwen2 or qwen3
	Vocab    int     // V
	Layers   int     //
	Channels int     // C
	Heads    int     // H
	KVHeads  int     // G
	HeadDim  int     // D
	Hidden   int     // F
	Context  int     // the most positions that it was made for
	Eps      float32 // of its norms
	Act      string  // silu (with a gate), gelu_new or gelu
	Rope     Rope    // how positions turn queries and keys; Base 0: learned positions instead
	Tied     bool    // the head is the embedding
}

// Archs is the architectures that can be loaded.
var Archs = []string{"gpt2", "llama", "qwen2", "qwen3"}

func (c *Config) check() error {
	if c.Arch == "" {
		return fmt.Errorf("it does not say its architecture (model_type, or in GGUF general.architecture): want one of %s", strings.Join(Archs, ", "))
	}
	if !slices.Contains(Archs, c.Arch) {
		return fmt.Errorf("architecture %q is not known: want one of %s", c.Arch, strings.Join(Archs, ", "))
	}
	for _, f := range []struct {
		name string
		v    int
		max  int
	}{
		{"vocabulary", c.Vocab, 1 << 24}, {"layers", c.Layers, 1 << 12}, {"channels", c.Channels, 1 << 20},
		{"heads", c.Heads, 1 << 12}, {"key-value heads", c.KVHeads, 1 << 12}, {"head width", c.HeadDim, 1 << 14},
		{"feed-forward width", c.Hidden, 1 << 22}, {"context", c.Context, 1 << 28},
	} {
		if f.v <= 0 || f.v > f.max {
			return fmt.Errorf("the configuration says %s %d: want 1 to %d", f.name, f.v, f.max)
		}
	}
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("the configuration says %d heads and %d key-value heads: the first must be a multiple of the second", c.Heads, c.KVHeads)
	}
	if c.Act != "silu" && c.Act != "gelu_new" && c.Act != "gelu" {
		return fmt.Errorf("activation %q is not known: want silu, gelu_new or gelu", c.Act)
	}
	if !(c.Eps > 0 && c.Eps < 1) {
		return fmt.Errorf("the configuration says a norm's epsilon of %g", c.Eps)
	}
	return c.Rope.check(c.HeadDim)
}

// hfConfig is config.json as Hugging Face writes it, for the four families.
type hfConfig struct {
	Type      string `json:"model_type"`
	Vocab     int    `json:"vocab_size"`
	Tie       *bool  `json:"tie_word_embeddings"`
	Layers    int    `json:"num_hidden_layers"`
	Channels  int    `json:"hidden_size"`
	Heads     int    `json:"num_attention_heads"`
	KVHeads   int    `json:"num_key_value_heads"`
	HeadDim   int    `json:"head_dim"`
	Hidden    int    `json:"intermediate_size"`
	Context   int    `json:"max_position_embeddings"`
	Act       string `json:"hidden_act"`
	Quantized any    `json:"quantization_config"`

	RMSEps float32 `json:"rms_norm_eps"`
	Theta  float64 `json:"rope_theta"`
	Old    *hfRope `json:"rope_scaling"`
	New    *hfRope `json:"rope_parameters"`

	Window    *int     `json:"sliding_window"`
	UseWindow *bool    `json:"use_sliding_window"`
	Kinds     []string `json:"layer_types"`

	// GPT-2's own names
	NLayer     int     `json:"n_layer"`
	NEmbd      int     `json:"n_embd"`
	NHead      int     `json:"n_head"`
	NInner     int     `json:"n_inner"`
	NPositions int     `json:"n_positions"`
	GPTAct     string  `json:"activation_function"`
	LNEps      float32 `json:"layer_norm_epsilon"`
	ByLayer    bool    `json:"scale_attn_by_inverse_layer_idx"`
	Scale      *bool   `json:"scale_attn_weights"`
}

// FromJSON reads the configuration in a Hugging Face folder's config.json.
func FromJSON(text []byte) (Config, error) {
	var h hfConfig
	if err := json.Unmarshal(text, &h); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", plain(err))
	}
	c, err := h.config()
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	return c, nil
}

// plain says what encoding/json found in terms of the file: the byte, the field, what it should be.
func plain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("byte %d: this is no JSON: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("byte %d: %s: want %s, not %s", kind.Offset, cmp.Or(kind.Field, "the whole"), wanted(kind.Type.Kind()), kind.Value)
	}
	return err
}

func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Int:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

func (h *hfConfig) config() (Config, error) {
	if h.Quantized != nil {
		return Config{}, fmt.Errorf("its weights are quantized in a way (quantization_config) that is not read: use the GGUF file or the float weights of the same model")
	}
	if h.Type == "gpt2" {
		return h.gpt2()
	}
	if h.windowed() {
		return Config{}, fmt.Errorf("it asks for a sliding window of attention, which is not known here")
	}
	c := Config{
		Arch: h.Type, Vocab: h.Vocab, Layers: h.Layers, Channels: h.Channels, Heads: h.Heads,
		KVHeads: or(h.KVHeads, h.Heads), HeadDim: h.HeadDim, Hidden: h.Hidden, Context: or(h.Context, 2048),
		Eps: h.RMSEps, Act: h.Act, Tied: h.Tie != nil && *h.Tie,
	}
	if c.Eps == 0 {
		c.Eps = 1e-6
	}
	if c.Act == "" {
		c.Act = "silu"
	}
	if c.HeadDim == 0 && c.Heads > 0 {
		c.HeadDim = c.Channels / c.Heads
	}
	var err error
	c.Rope, err = h.rope(c)
	return c, err
}

func (h *hfConfig) windowed() bool {
	if h.UseWindow != nil {
		return *h.UseWindow
	}
	return slices.Contains(h.Kinds, "sliding_attention") || h.Type == "mistral" && h.Window != nil
}

func (h *hfConfig) gpt2() (Config, error) {
	if h.ByLayer || h.Scale != nil && !*h.Scale {
		return Config{}, fmt.Errorf("it scales attention in a way (scale_attn_…) that is not known here")
	}
	c := Config{
		Arch: "gpt2", Vocab: h.Vocab, Layers: h.NLayer, Channels: h.NEmbd, Heads: h.NHead, KVHeads: h.NHead,
		Hidden: or(h.NInner, 4*h.NEmbd), Context: h.NPositions, Eps: h.LNEps, Act: h.GPTAct,
		Tied: h.Tie == nil || *h.Tie,
	}
	if c.Eps == 0 {
		c.Eps = 1e-5
	}
	if c.Act == "" || c.Act == "gelu_pytorch_tanh" {
		c.Act = "gelu_new"
	}
	if c.Heads > 0 {
		c.HeadDim = c.Channels / c.Heads
	}
	return c, nil
}

func or(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// FromGGUF reads the configuration in a GGUF file's metadata.
func FromGGUF(f *weights.File) (Config, error) {
	arch, _ := f.String("general.architecture")
	g := gguf{f, arch}
	c := Config{
		Arch: arch, Vocab: g.vocab(), Layers: g.int("block_count"), Channels: g.int("embedding_length"),
		Heads: g.int("attention.head_count"), Hidden: g.int("feed_forward_length"), Context: g.int("context_length"),
		Act: "silu",
	}
	c.KVHeads = or(g.int("attention.head_count_kv"), c.Heads)
	c.HeadDim = g.int("attention.key_length")
	if c.HeadDim == 0 && c.Heads > 0 {
		c.HeadDim = c.Channels / c.Heads
	}
	if v := g.int("attention.value_length"); v != 0 && v != c.HeadDim {
		return Config{}, fmt.Errorf("%s: keys of %d and values of %d channels a head: want both the same", path(f), c.HeadDim, v)
	}
	c.Eps = float32(g.float("attention.layer_norm_rms_epsilon"))
	if arch == "gpt2" {
		c.Eps, c.Act = float32(g.float("attention.layer_norm_epsilon")), "gelu_new"
	} else {
		c.Rope = g.rope(c)
	}
	if n := g.int("attention.sliding_window"); n != 0 {
		return Config{}, fmt.Errorf("%s: it asks for a sliding window of attention, which is not known here", path(f))
	}
	_, untied := f.Tensor("output.weight")
	c.Tied = !untied
	if err := c.check(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path(f), err)
	}
	return c, nil
}

// gguf reads the keys of one architecture.
type gguf struct {
	f    *weights.File
	arch string
}

func (g gguf) int(key string) int {
	v, _ := g.f.Int(g.arch + "." + key)
	return v
}

func (g gguf) float(key string) float64 {
	v, _ := g.f.Float(g.arch + "." + key)
	return v
}

// vocab is the number of rows of the embedding: what the metadata say may differ by padding.
func (g gguf) vocab() int {
	if t, ok := g.f.Tensor("token_embd.weight"); ok && len(t.Shape) == 2 {
		return t.Shape[0]
	}
	return 0
}
