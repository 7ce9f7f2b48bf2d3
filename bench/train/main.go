// Command train measures training against PyTorch: each part is one run in which both take turns.
//
//	train -python PYTHON -models DIR step         whole steps: SmolLM2-135M, and adapters on Qwen2.5-Coder-0.5B
//	train -python PYTHON -text FILE shakespeare   nanoGPT's characters of Shakespeare
//
//	train -python PYTHON -models DIR export       what was trained here, opened by transformers and llama.cpp
//
// Without -python it measures ours alone.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/pprof"
	"time"

	"daiban/gpt/kern"
)

type bench struct {
	python, models, text, scripts, out string
	threads, tokens, length, turns     int
	only                               string
	rate                               float64
	seed                               uint64
	peak                               float64 // float32 operations a second of all threads
}

func main() {
	log.SetFlags(0)
	var b bench
	flag.StringVar(&b.python, "python", "", "a Python that has torch, transformers and gguf")
	flag.StringVar(&b.models, "models", "bench/.cache/models", "the folder of the two GGUF files")
	flag.StringVar(&b.text, "text", "tinyshakespeare.txt", "the plays")
	flag.StringVar(&b.scripts, "scripts", "bench/train", "the folder of the peers' scripts")
	flag.StringVar(&b.out, "out", "", "of shakespeare: a file for the curves")
	flag.Float64Var(&b.rate, "lr", 0, "of shakespeare: another learning rate for all")
	flag.Uint64Var(&b.seed, "seed", 1, "of shakespeare: the seed of ours")
	flag.StringVar(&b.only, "only", "", "of step: full or lora; of shakespeare: a part of a name")
	flag.IntVar(&b.threads, "threads", 2, "threads")
	flag.IntVar(&b.tokens, "tokens", 1024, "of step: tokens of a step")
	flag.IntVar(&b.length, "length", 256, "of step: tokens of a text")
	flag.IntVar(&b.turns, "turns", 3, "turns that each takes beside each peer")
	profile := flag.String("profile", "", "a file for a profile of the processor")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			log.Fatal(err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	b.peak = kern.Peak(200*time.Millisecond) * float64(b.threads)
	fmt.Printf("kernels %s, %d threads, measured peak %.0f GFLOP/s of float32\n", kern.Using(), b.threads, b.peak/1e9)
	var err error
	switch flag.Arg(0) {
	case "step":
		err = b.steps()
	case "export":
		err = b.export()
	case "shakespeare":
		err = b.shakespeare()
	default:
		err = fmt.Errorf("want step, shakespeare or export, not %q", flag.Arg(0))
	}
	if err != nil {
		log.Fatal(err)
	}
}
