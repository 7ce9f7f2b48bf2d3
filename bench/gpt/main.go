// Gpt measures the language model's engine beside llama.cpp and transformers, on the same files, in the same run.
//
//	go run ./bench/gpt [-models DIR] [-python PYTHON] [-rounds 5] speed|quality [NAME.gguf ...]
//
// speed alternates `daiban gpt bench` and llama.cpp (through llama-cpp-python, with its defaults): a
// prompt of 512 tokens in one batch, and 128 tokens decoded one by one, both from an empty
// cache as llama-bench does it. Of several rounds the fastest counts. It also takes the time from
// the start of the program to the first token after a short prompt.
//
// quality compares with two references on the same file: llama.cpp as it is, with 8-bit
// activations and a cache of 16 bits, and transformers in float32 on the dequantized weights.
// Perplexity: text.zh.txt and text.en.txt are encoded without special tokens and cut into windows
// of 512 tokens, each read from an empty cache; the loss is the mean negative log likelihood, in
// nats, of all tokens but the first of each window. Continuations: 50 greedy tokens after each of
// the 40 prompts (a JSON string a line), as plain text, no chat template. The references go
// on after an end token; a text of ours that ends where they have one counts as equal.
//
// The references are kept beside the models and made again when a text or a prompt changed.
// Without -python, the packages are installed by pip into bench/.cache (llama.cpp is built: ten minutes
// on two cores).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var (
	cache   = flag.String("cache", "bench/.cache", "folder of the program and of the Python environment")
	models  = flag.String("models", "bench/.cache/models", "folder with the GGUF files")
	refs    = flag.String("refs", "", "folder of the references (default: refs in -cache)")
	python  = flag.String("python", "", "a Python that has the packages")
	rounds  = flag.Int("rounds", 5, "of each; the fastest counts")
	threads = flag.Int("threads", 2, "threads of each")
)

// here is the folder of the scripts and texts.
const here = "bench/gpt"

// files are measured when none is named: SmolLM2-135M-Instruct and Qwen2.5-Coder-0.5B-Instruct (both
// Apache-2.0), as their makers publish them.
var files = []string{"smollm2-135m-instruct-q4_1.gguf", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"}

// packages is what is installed for the comparison.
var packages = []string{"llama-cpp-python==0.3.36", "torch==2.15.0", "transformers==5.24.0", "gguf==0.19.0", "accelerate"}

func main() {
	log.SetFlags(0)
	flag.Parse()
	if err := bench(flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func bench(args []string) error {
	if len(args) == 0 || *rounds < 1 || *threads < 1 {
		return errors.New("usage: go run ./bench/gpt [flags] speed|quality [NAME.gguf ...]")
	}
	names := args[1:]
	if len(names) == 0 {
		names = files
	}
	for _, name := range names {
		if _, err := os.Stat(modelPath(name)); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is missing: put the file of this name, as its makers publish it, into %s, or say -models DIR", modelPath(name), *models)
		}
	}
	p, err := newPeers()
	if err != nil {
		return err
	}
	switch args[0] {
	case "speed":
		return p.speed(names)
	case "quality":
		return p.quality(names)
	}
	return fmt.Errorf("%q: want speed or quality", args[0])
}

func modelPath(name string) string { return filepath.Join(*models, name) }

// peers are the program measured and the Python that runs the others.
type peers struct {
	daiban string
	python string
}

func newPeers() (p peers, err error) {
	if p.daiban, err = filepath.Abs(filepath.Join(*cache, "daiban")); err != nil {
		return p, err
	}
	if _, err := output("go", "build", "-o", p.daiban, "./cmd/daiban"); err != nil {
		return p, err
	}
	p.python = *python
	if p.python == "" {
		p.python, err = environment()
	}
	return p, err
}

// environment makes the Python environment, once.
func environment() (string, error) {
	dir, err := filepath.Abs(filepath.Join(*cache, "venv-gpt"))
	if err != nil {
		return "", err
	}
	python := filepath.Join(dir, "bin", "python")
	if exec.Command(python, "-c", "import llama_cpp, torch, transformers, gguf, accelerate").Run() == nil {
		return python, nil
	}
	if _, err := output("python3", "-m", "venv", dir); err != nil {
		return "", err
	}
	_, err = output(python, append([]string{"-m", "pip", "install", "--quiet", "--no-binary", "llama-cpp-python"}, packages...)...)
	return python, err
}

// output runs a command and gives what it wrote; an error carries what it said.
func output(name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, said.String())
	}
	return out, nil
}
