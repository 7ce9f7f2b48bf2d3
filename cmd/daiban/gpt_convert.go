package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/gpt/kern"
	"daiban/gpt/model"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// converting are the flags of daiban gpt convert.
type converting struct{ quant, format, out, split string }

func (a *app) convertCommand() *cobra.Command {
	var c converting
	cmd := &cobra.Command{Use: "convert MODEL --quant TYPE --out FILE.gguf", Short: "write a model in another format of its weights, or as a Hugging Face folder", Args: cobra.MaximumNArgs(1)}
	f := cmd.Flags()
	f.StringVar(&c.quant, "quant", "", "the format: f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q4_k, q5_k, q6_k, or the mixtures q4_k_m, q5_k_m")
	f.StringVar(&c.format, "format", "gguf", "gguf, or safetensors: a Hugging Face folder, of f32, f16 or bf16")
	f.StringVar(&c.out, "out", "", "the file, or the folder, to write")
	f.StringVar(&c.split, "split", "", "parts of at most so many bytes, such as 95M or 2G")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			a.flags.model = args[0]
		}
		return a.convert(cmd.Context(), c)
	}
	return cmd
}

func (a *app) convert(ctx context.Context, c converting) error {
	recipe, most, err := c.read()
	if err != nil {
		return err
	}
	m, err := a.named(a.flags.model)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.out); err == nil {
		return action.Refused("%s 已经在了；先移走它，或者换个名字", "%s is there already: move it away, or choose another name", c.out)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return unreadable(c.out, err)
	}
	src, err := openSource(m.Path)
	if err != nil {
		return unreadable(m.Path, err)
	}
	defer src.close()
	if c.format == "gguf" {
		err = src.writeGGUF(c.out, recipe, most)
	} else {
		err = src.writeFolder(c.out, recipe.base, most)
	}
	if err != nil {
		return &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("转换不了：%s", err), EN: fmt.Sprintf("cannot convert: %s", err)}
	}
	if ctx.Err() != nil {
		return engineError(ctx.Err())
	}
	return a.tellConverted(src, c)
}

// read checks the flags.
func (c *converting) read() (r recipe, most int64, err error) {
	if c.out == "" || c.quant == "" {
		return r, 0, usage("daiban gpt convert：要 模型 --quant 格式 --out 文件", "daiban gpt convert: want MODEL --quant TYPE --out FILE")
	}
	if r, err = recipeOf(c.quant); err != nil {
		return r, 0, usage("--quant：没有格式 %q；有 f32、f16、bf16、q8_0、q4_0、q4_1、q5_0、q5_1、q4_k、q5_k、q6_k、q4_k_m、q5_k_m",
			"--quant: no format %q; there are f32, f16, bf16, q8_0, q4_0, q4_1, q5_0, q5_1, q4_k, q5_k, q6_k, q4_k_m, q5_k_m", c.quant)
	}
	switch c.format {
	case "gguf":
		if !strings.HasSuffix(c.out, ".gguf") {
			return r, 0, usage("--out：GGUF 文件的名字要以 .gguf 结尾", "--out: the name of a GGUF file ends in .gguf")
		}
	case "safetensors":
		if !slices.Contains([]quant.Type{quant.F32, quant.F16, quant.BF16}, r.base) {
			return r, 0, usage("safetensors 只能用 f32、f16、bf16", "safetensors holds f32, f16 or bf16 only")
		}
	default:
		return r, 0, usage("--format：用 gguf 或 safetensors", "--format: gguf or safetensors")
	}
	if c.split != "" {
		if most, err = bytesOf(c.split); err != nil {
			return r, 0, usage("--split：要像 95M、2G 这样的大小，不能是 %q", "--split: want a size such as 95M or 2G, not %q", c.split)
		}
	}
	return r, most, nil
}

// bytesOf reads 95M.
func bytesOf(s string) (int64, error) {
	unit := int64(1)
	for suffix, u := range map[string]int64{"K": 1e3, "M": 1e6, "G": 1e9} {
		if rest, ok := strings.CutSuffix(strings.ToUpper(s), suffix); ok {
			s, unit = rest, u
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || n > 1<<50/unit {
		return 0, errors.New("no size")
	}
	return n * unit, nil
}

// A recipe says which format each tensor of a model gets.
type recipe struct {
	base  quant.Type
	mixed bool // as llama.cpp's _M mixtures: more bits where they count most
	file  uint32
}

// fileTypes are the values of general.file_type.
var fileTypes = map[string]uint32{"f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q8_0": 7, "q5_0": 8, "q5_1": 9, "q4_k": 14, "q4_k_m": 15, "q5_k": 16, "q5_k_m": 17, "q6_k": 18, "bf16": 32}

func recipeOf(name string) (recipe, error) {
	name = strings.ToLower(name)
	base, mixed := strings.CutSuffix(name, "_k_m")
	if mixed {
		base += "_k"
	}
	t, err := quant.Parse(base)
	file, ok := fileTypes[name]
	if err == nil && !ok {
		err = errors.New("no such mixture")
	}
	return recipe{t, mixed, file}, err
}

// types is the recipe for a model of so many layers. A row that is not whole blocks of a format
// gets the next finer one; the head, or the embedding that serves as one, has six bits at least.
func (r recipe) types(layers int, tied bool) model.Types {
	return func(name string, shape []int) quant.Type {
		t := r.base
		switch {
		case name == "position_embd.weight":
			return quant.F32
		case t != quant.Q4_K && t != quant.Q5_K:
		case name == "output.weight", name == "token_embd.weight" && tied:
			t = quant.Q6_K
		case r.mixed && (strings.Contains(name, ".attn_v.") || strings.Contains(name, ".ffn_down.")) && moreBits(name, layers):
			t = quant.Q6_K
		}
		for {
			values, _ := t.Block()
			if len(shape) == 0 || shape[len(shape)-1]%values == 0 {
				return t
			}
			t = finer[t]
		}
	}
}

// finer is what takes the place of a format whose blocks do not fit a row.
var finer = map[quant.Type]quant.Type{quant.Q4_K: quant.Q5_0, quant.Q5_K: quant.Q5_1, quant.Q6_K: quant.Q8_0,
	quant.Q4_0: quant.F16, quant.Q4_1: quant.F16, quant.Q5_0: quant.F16, quant.Q5_1: quant.F16, quant.Q8_0: quant.F16}

// moreBits picks the first and last eighth of the layers and a third of the others, as
// llama.cpp's use_more_bits does.
func moreBits(name string, layers int) bool {
	var i int
	if _, err := fmt.Sscanf(name, "blk.%d.", &i); err != nil {
		return false
	}
	return i < layers/8 || i >= 7*layers/8 || (i-layers/8)%3 == 2
}

// A source is a model that is converted.
type source struct {
	path string
	file *weights.File
	pool *kern.Pool
	*model.Model
}

func openSource(path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	open := weights.OpenGGUF
	if info.IsDir() {
		open = weights.OpenSafetensors
	}
	s := &source{path: path}
	if s.file, err = open(path); err != nil {
		return nil, err
	}
	s.pool = kern.NewPool(1)
	c, err := configOf(path, s.file)
	if err == nil {
		s.Model, err = model.New(c, s.file, s.pool)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *source) close() {
	s.pool.Close()
	s.file.Close()
}

// writeGGUF writes a GGUF file. From a GGUF file its metadata are kept; from a folder they are made.
func (s *source) writeGGUF(out string, r recipe, most int64) error {
	meta, tensors, err := s.GGUF(r.types(s.Layers, s.Tied))
	if err != nil {
		return err
	}
	if s.file.Format == "gguf" {
		meta = s.file.Pairs()
	} else {
		t, err := tokenizerOf(s.path, s.file)
		if err != nil {
			return err
		}
		words, err := t.GGUF(s.Vocab)
		if err != nil {
			return err
		}
		meta = append(meta, weights.KV{Key: "general.name", Value: filepath.Base(filepath.Clean(s.path))})
		meta = append(meta, words...)
	}
	meta = slices.DeleteFunc(slices.Clone(meta), func(p weights.KV) bool {
		return p.Key == "general.file_type" || p.Key == "general.quantization_version"
	})
	meta = append(meta, weights.KV{Key: "general.file_type", Value: r.file}, weights.KV{Key: "general.quantization_version", Value: uint32(2)})
	return weights.WriteGGUF(out, meta, tensors, most)
}

// besides are the files of a Hugging Face folder that go with its weights.
var besides = []string{"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "generation_config.json", "chat_template.jinja", "LICENSE", "README.md"}

// writeFolder writes a Hugging Face folder.
func (s *source) writeFolder(out string, t quant.Type, most int64) error {
	config, tensors, err := s.Safetensors(t)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := weights.WriteSafetensors(out, map[string]string{"format": "pt"}, tensors, most); err != nil {
		os.Remove(out) // only if it is empty
		return err
	}
	if err := s.writeTokenizer(out); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "config.json"), config, 0o644)
}

// writeTokenizer copies the tokenizer's files, or makes them of a GGUF file.
func (s *source) writeTokenizer(out string) error {
	if s.file.Format == "gguf" {
		t, err := tokenizerOf(s.path, s.file)
		if err != nil {
			return err
		}
		return t.WriteDir(out)
	}
	for _, name := range besides {
		text, err := os.ReadFile(filepath.Join(s.path, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(out, name), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *app) tellConverted(s *source, c converting) error {
	paths := []string{c.out}
	if c.format == "gguf" && c.split != "" {
		parts, _ := filepath.Glob(strings.TrimSuffix(c.out, ".gguf") + "-*-of-*.gguf")
		if len(parts) > 0 {
			paths = parts
		}
	}
	var bytes int64
	for _, p := range paths {
		filepath.WalkDir(p, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if info, err := d.Info(); err == nil {
					bytes += info.Size()
				}
			}
			return nil
		})
	}
	if a.flags.json {
		return a.printJSON(map[string]any{"files": paths, "bytes": bytes, "bytes_before": s.file.Bytes(), "quant": strings.ToLower(c.quant)})
	}
	fmt.Fprintf(a.out, say(a.tongue(), "%s：%s，原来 %s\n", "%s: %s, before %s\n"), strings.Join(paths, ", "), size(bytes), size(s.file.Bytes()))
	return nil
}
