package gpt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"daiban/gpt/model"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// Conversion says what Convert writes.
type Conversion struct {
	Folder bool       // a folder as Hugging Face lays it out; else a GGUF file
	Type   quant.Type // of the matrices: any in GGUF, a float type in a folder
	Keep   bool       // in GGUF from GGUF: each tensor keeps its type, Type does not count
	Split  int64      // parts of at most so many bytes; 0: one file
	Types  []TypeOf   // of tensors that get a type of their own: the last that fits counts
	Trim   *Trim      // a smaller vocabulary, in GGUF from GGUF; nil: all of it

	Progress func(name string, done, all int) // or nil: before each tensor
}

// Convert writes the model at from, a GGUF file or a folder, to another file or folder. Nothing
// is left at to when it fails. The forms that a target cannot express are errors that name them.
func Convert(from, to string, c Conversion) error {
	var e Engine
	defer e.release()
	config, err := e.openFile(from)
	if err != nil {
		return err
	}
	if c.Trim != nil && (c.Folder || e.file.Format != "gguf") {
		return errors.New("only a GGUF file can be trimmed, into another one")
	}
	if c.Folder {
		return e.toFolder(config, to, c)
	}
	if e.file.Format == "gguf" {
		return e.requantize(to, c)
	}
	return e.toGGUF(config, to, c)
}

// TypeOf gives the tensors whose GGUF name matches Pattern (as path.Match has it) a type.
type TypeOf struct {
	Pattern string
	Type    quant.Type
}

// typeOf is the type that a tensor is written in; was is the one it has.
func (c *Conversion) typeOf(name string, shape []int, was quant.Type) quant.Type {
	for _, x := range slices.Backward(c.Types) {
		if ok, _ := path.Match(x.Pattern, name); ok {
			return x.Type.Fallback(shape[len(shape)-1])
		}
	}
	if c.Keep {
		return was
	}
	return quant.Mix(name, c.Type, shape)
}

// requantize copies a GGUF file, its metadata as they are, the tensors in another type.
func (e *Engine) requantize(to string, c Conversion) error {
	var tensors []*weights.Tensor
	for _, name := range e.file.Names() {
		t, _ := e.file.Tensor(name)
		tensors = append(tensors, t)
	}
	meta := e.file.Pairs()
	if c.Trim != nil {
		var err error
		if meta, tensors, err = e.trim(meta, tensors, c.Trim); err != nil {
			return err
		}
	}
	var out []weights.Entry
	for _, t := range tensors {
		out = append(out, t.As(c.typeOf(t.Name, t.Shape, t.Type)))
	}
	if !c.Keep {
		meta = slices.DeleteFunc(meta, func(p weights.KV) bool {
			return p.Key == "general.file_type" || p.Key == "general.quantization_version"
		})
	}
	return weights.WriteGGUF(to, c.withType(meta), c.watched(out), c.Split)
}

func (e *Engine) toGGUF(config model.Config, to string, c Conversion) error {
	m, err := model.New(config, e.file, nil)
	if err != nil {
		return err
	}
	meta, tensors, err := m.GGUF(func(name string, shape []int) quant.Type { return c.typeOf(name, shape, quant.F32) })
	if err != nil {
		return err
	}
	words, err := e.tok.GGUF(config.Vocab)
	if err != nil {
		return err
	}
	meta = slices.Insert(meta, 1, weights.KV{Key: "general.name", Value: strings.TrimSuffix(filepath.Base(to), ".gguf")})
	return weights.WriteGGUF(to, append(c.withType(meta), words...), c.watched(tensors), c.Split)
}

// toFolder writes into a new folder, which takes its name once all is there.
func (e *Engine) toFolder(config model.Config, to string, c Conversion) error {
	if c.Type != quant.F32 && c.Type != quant.F16 && c.Type != quant.BF16 {
		return fmt.Errorf("a folder of safetensors holds f32, f16 or bf16, not %s", c.Type)
	}
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("%s is there already: name a new folder", to)
	}
	m, err := model.New(config, e.file, nil)
	if err != nil {
		return err
	}
	text, tensors, err := m.Safetensors(c.Type)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), ".convert-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), text, 0o666); err != nil {
		return err
	}
	if err := e.tok.WriteDir(dir); err != nil {
		return err
	}
	if err := weights.WriteSafetensors(dir, map[string]string{"format": "pt"}, c.watched(tensors), c.Split); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	return os.Rename(dir, to)
}

// fileTypes is ggml's number for what a file mostly holds (llama.cpp's llama_ftype).
var fileTypes = map[quant.Type]uint32{quant.F32: 0, quant.F16: 1, quant.Q4_0: 2, quant.Q4_1: 3, quant.Q8_0: 7, quant.Q5_0: 8, quant.Q5_1: 9,
	quant.Q4_K: 15, quant.Q5_K: 17, quant.Q6_K: 18, quant.BF16: 32}

func (c *Conversion) withType(meta []weights.KV) []weights.KV {
	if c.Keep {
		return meta
	}
	at := min(1, len(meta))
	return slices.Insert(meta, at, weights.KV{Key: "general.file_type", Value: fileTypes[c.Type]},
		weights.KV{Key: "general.quantization_version", Value: uint32(2)})
}

// watched tells Progress of each tensor.
func (c *Conversion) watched(tensors []weights.Entry) []weights.Entry {
	if c.Progress == nil {
		return tensors
	}
	for i, t := range tensors {
		write := t.Write
		tensors[i].Write = func(w io.Writer) error {
			c.Progress(t.Name, i, len(tensors))
			return write(w)
		}
	}
	return tensors
}
