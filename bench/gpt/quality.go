package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const context = 512

var texts = []string{"text.zh.txt", "text.en.txt"}

// A reference is what one peer says of a file.
type reference struct {
	By    string `json:"by"`
	Ends  []int  `json:"ends"` // tokens that end a text
	Texts map[string]struct {
		Counted int     `json:"counted"`
		Loss    float64 `json:"loss"`
	} `json:"texts"`
	Prompts []continuation `json:"prompts"`
}

type continuation struct {
	Text   string    `json:"text"`
	IDs    []int     `json:"ids"`
	Greedy []int     `json:"greedy"`
	Gaps   []float64 `json:"gaps"` // by how much the best logit beat the second
}

func (p peers) quality(names []string) error {
	for _, name := range names {
		llama, exact, err := p.references(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Println(name)
		if err := p.perplexity(name, llama, exact); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := p.continuations(name, llama, exact); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// references gives both, made first where they are missing or older than the texts.
func (p peers) references(name string) (llama, exact reference, err error) {
	dir := *refs
	if dir == "" {
		dir = filepath.Join(*cache, "refs")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return llama, exact, err
	}
	base := filepath.Join(dir, strings.TrimSuffix(name, ".gguf"))
	l, e := base+".llama.json", base+".exact.json"
	inputs := []string{filepath.Join(here, "prompts.txt"), filepath.Join(here, texts[0]), filepath.Join(here, texts[1])}
	if older(l, inputs...) {
		if _, err := output(p.python, filepath.Join(here, "llama.py"), "refs", modelPath(name), strconv.Itoa(*threads), strconv.Itoa(context), l); err != nil {
			return llama, exact, err
		}
	}
	if older(e, l) {
		if _, err := output(p.python, filepath.Join(here, "exact.py"), modelPath(name), l, e); err != nil {
			return llama, exact, err
		}
	}
	return llama, exact, errors.Join(readJSON(l, &llama), readJSON(e, &exact))
}

// older says whether a file is missing, or older than one that it was made from.
func older(path string, from ...string) bool {
	made, err := os.Stat(path)
	if err != nil {
		return true
	}
	for _, f := range from {
		if s, err := os.Stat(f); errors.Is(err, fs.ErrNotExist) || err == nil && s.ModTime().After(made.ModTime()) {
			return true
		}
	}
	return false
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (p peers) perplexity(name string, llama, exact reference) error {
	fmt.Printf("  %-14s %8s %12s %12s %9s %12s %9s\n", "perplexity", "tokens", "daiban", "float32", "", "llama.cpp", "")
	for _, text := range texts {
		var ours struct {
			Tokens     int     `json:"tokens"`
			Perplexity float64 `json:"perplexity"`
		}
		out, err := output(p.daiban, "gpt", "eval", "--model", modelPath(name), "--text", filepath.Join(here, text), "--context", strconv.Itoa(context),
			"--threads", strconv.Itoa(*threads), "--json")
		if err != nil {
			return err
		}
		if err := json.Unmarshal(out, &ours); err != nil {
			return fmt.Errorf("eval printed %q: %w", out, err)
		}
		e, l := math.Exp(exact.Texts[text].Loss), math.Exp(llama.Texts[text].Loss)
		fmt.Printf("  %-14s %8d %12.3f %12.3f %+8.3f%% %12.3f %+8.3f%%\n", text, ours.Tokens, ours.Perplexity, e, 100*(ours.Perplexity/e-1), l, 100*(ours.Perplexity/l-1))
		if want := exact.Texts[text].Counted; ours.Tokens != want {
			fmt.Printf("  %s: daiban counts %d tokens, the references %d: the tokenizers differ\n", text, ours.Tokens, want)
		}
	}
	return nil
}

func (p peers) continuations(name string, llama, exact reference) error {
	var toExact, toLlama, between, encoded int
	var lines []string
	for i, want := range exact.Prompts {
		prompt, got, err := p.greedy(name, want.Text, len(want.Greedy))
		if err != nil {
			return err
		}
		if slices.Equal(prompt, want.IDs) {
			encoded++
		}
		if at := parting(got, want.Greedy, llama.Ends); at < 0 {
			toExact++
		} else {
			lines = append(lines, fmt.Sprintf("    %-24.24q parts at token %d, where float32's best two are %.4f apart", want.Text, at, want.Gaps[at]))
		}
		if parting(got, llama.Prompts[i].Greedy, llama.Ends) < 0 {
			toLlama++
		}
		if slices.Equal(want.Greedy, llama.Prompts[i].Greedy) {
			between++
		}
	}
	n := len(exact.Prompts)
	fmt.Printf("  %d greedy tokens equal: daiban and float32 %d of %d, daiban and llama.cpp %d, llama.cpp and float32 %d; prompts encoded alike %d\n",
		len(exact.Prompts[0].Greedy), toExact, n, toLlama, between, encoded)
	for _, l := range lines {
		fmt.Println(l)
	}
	return nil
}

func (p peers) greedy(name, text string, n int) (prompt, tokens []int, err error) {
	out, err := output(p.daiban, "gpt", "generate", "--model", modelPath(name), "--max-tokens", strconv.Itoa(n), "--temperature", "0",
		"--threads", strconv.Itoa(*threads), "--json", text)
	if err != nil {
		return nil, nil, err
	}
	var r struct {
		Prompt []int `json:"prompt_tokens"`
		Tokens []int `json:"tokens"`
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, nil, fmt.Errorf("generate printed %q: %w", out, err)
	}
	return r.Prompt, r.Tokens, nil
}

// parting is where got leaves want, or -1. got may stop before, or at, a token that ends a text.
func parting(got, want, ends []int) int {
	for i, w := range want {
		if i == len(got) {
			if slices.Contains(ends, w) {
				return -1
			}
			return i
		}
		if got[i] != w {
			return i
		}
		if slices.Contains(ends, w) && i+1 == len(got) {
			return -1
		}
	}
	return -1
}
