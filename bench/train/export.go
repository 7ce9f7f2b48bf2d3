package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"daiban/gpt"
	"daiban/gpt/kern"
	"daiban/gpt/model"
	"daiban/gpt/train"
)

// exports are small trainings of each kind whose models are opened by others.
func (b *bench) exports() []struct {
	name string
	s    train.Settings
} {
	smol, qwen := filepath.Join(b.models, kinds[0].file), filepath.Join(b.models, kinds[1].file)
	return []struct {
		name string
		s    train.Settings
	}{
		{"a new llama", train.Settings{New: "1m", Vocab: 600, Steps: 5}},
		{"a new gpt2", train.Settings{New: "1m", Vocab: 600, Arch: "gpt2", Steps: 5}},
		{"SmolLM2-135M, all weights, masters bf16", train.Settings{Base: smol, Masters: "bf16", Optimizer: "adamw", Steps: 2, BatchTokens: 64}},
		{"Qwen2.5-Coder-0.5B, adapters merged", train.Settings{Base: qwen, Method: "lora", Steps: 2, BatchTokens: 64, Rate: 1e-3}},
	}
}

// export trains, ships, and holds the logits of what was shipped against transformers and llama.cpp.
func (b *bench) export() error {
	fmt.Println("largest difference of a logit from this project's, on the same file; shipped in float32")
	for _, x := range b.exports() {
		if err := b.exportOne(x.name, x.s); err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
	}
	return nil
}

func (b *bench) exportOne(name string, s train.Settings) error {
	dir, err := os.MkdirTemp("", "bench-train-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(data, words(1<<17), 0o666); err != nil {
		return err
	}
	s.Data, s.Out, s.Threads, s.Context, s.Evals, s.EvalTokens = []string{data}, filepath.Join(dir, "out"), b.threads, 64, 1, 64
	s.Quant, s.Ship = "f32", []string{"folder", "gguf"}
	if _, err := train.Run(context.Background(), s, train.Watch{}); err != nil {
		return err
	}
	var ids []int
	own := map[string][]float32{}
	for _, path := range []string{s.Out, filepath.Join(s.Out, "model.gguf")} {
		if ids, own[path], err = logitsOf(path, b.threads); err != nil {
			return err
		}
	}
	given := filepath.Join(dir, "given.json")
	text, err := json.Marshal(map[string]any{"folder": s.Out, "gguf": filepath.Join(s.Out, "model.gguf"), "ids": ids,
		"folder_logits": own[s.Out], "gguf_logits": own[filepath.Join(s.Out, "model.gguf")]})
	if err != nil {
		return err
	}
	if err := os.WriteFile(given, text, 0o666); err != nil {
		return err
	}
	if b.python == "" {
		return fmt.Errorf("want -python")
	}
	cmd := exec.Command(b.python, filepath.Join(b.scripts, "exported.py"), given)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	fmt.Printf("%-42s %s", name, out)
	return err
}

// logitsOf is the logits of every position of a text of ids that any vocabulary has.
func logitsOf(path string, threads int) (ids []int, logits []float32, err error) {
	e, err := gpt.Open(path, gpt.Options{Threads: threads})
	if err != nil {
		return nil, nil, err
	}
	defer e.Close()
	pool := kern.NewPool(threads)
	defer pool.Close()
	m, err := model.New(e.Config(), e.File(), pool)
	if err != nil {
		return nil, nil, err
	}
	for i := range 24 {
		ids = append(ids, 5+(i*37)%(min(m.Vocab, 4000)-10))
	}
	out, err := m.Forward(model.Step{Cache: m.NewCache(), Tokens: ids, Want: len(ids)})
	if err != nil {
		return nil, nil, err
	}
	return ids, append([]float32(nil), out[0]...), nil
}
