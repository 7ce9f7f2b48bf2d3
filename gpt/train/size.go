package train

import (
	"fmt"
	"slices"
	"strings"

	"daiban/gpt/model"
)

// Size is a shape to begin anew with.
type Size struct {
	Name                            string
	Layers, Channels, Heads, Hidden int
	Context, Vocab                  int
}

// Sizes is the shapes that have a name. Rows are multiples of 32, so that every block format fits.
var Sizes = []Size{
	{"1m", 4, 128, 4, 384, 256, 1024},
	{"10m", 9, 256, 4, 768, 512, 8192},
	{"25m", 10, 384, 6, 1024, 512, 16384},
	{"125m", 14, 768, 12, 2048, 1024, 32768},
	{"shakespeare-char", 4, 128, 4, 352, 64, 0},
}

func sizeOf(name string) (Size, error) {
	i := slices.IndexFunc(Sizes, func(s Size) bool { return s.Name == strings.ToLower(name) })
	if i < 0 {
		var names []string
		for _, s := range Sizes {
			names = append(names, s.Name)
		}
		return Size{}, fmt.Errorf("there is no size %q: want one of %s", name, strings.Join(names, ", "))
	}
	return Sizes[i], nil
}

// config is the shape for a vocabulary.
func (z Size) config(arch string, vocab, context int) (model.Config, error) {
	c := model.Config{Arch: arch, Vocab: vocab, Layers: z.Layers, Channels: z.Channels, Heads: z.Heads, KVHeads: z.Heads,
		HeadDim: z.Channels / z.Heads, Hidden: z.Hidden, Context: context, Eps: 1e-5, Act: "silu", Tied: true}
	switch arch {
	case "llama":
		c.Rope = model.Rope{Base: 10000, Dim: c.HeadDim}
	case "gpt2":
		c.Hidden, c.Act = 4*c.Channels, "gelu_new"
	default:
		return c, fmt.Errorf("a new model is a llama or a gpt2, not %q", arch)
	}
	return c, nil
}

// recipe fills in what a named recipe says and the settings leave open: nanoGPT's character-level
// Shakespeare on a CPU (Karpathy), with this project's optimizer.
func (s *Settings) recipe() {
	if s.New != "shakespeare-char" {
		return
	}
	or(&s.Tokenizer, "char")
	or(&s.EvalShare, 0.1)
	or(&s.Context, 64)
	or(&s.BatchTokens, 12*64)
	if s.Steps == 0 && s.Minutes == 0 {
		s.Steps = 2000
	}
	or(&s.EvalTokens, 20*12*64)
}
