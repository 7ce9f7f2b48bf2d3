// Command planner measures planners on pairs of request and flow, all in the same way: the phrasebook, a language
// model of this machine under the grammar of flows, one behind an API. README.md says how, and what the columns mean.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/pprof"

	"daiban/data"
)

func main() {
	log.SetFlags(0)
	var b bench
	flag.StringVar(&b.pairs, "pairs", "", "the test: a jsonl file of pairs")
	flag.IntVar(&b.limit, "limit", 0, "only so many pairs, spread over the file; 0: all")
	flag.StringVar(&b.model, "model", "", "a GGUF file, or builtin: the one of models/; none: the phrasebook")
	flag.StringVar(&b.adapter, "adapter", "", "an adapter over the model")
	flag.StringVar(&b.trust, "trust", "", "what the planner knows of its own confidence, as -calibrate prints it; none: it always goes on")
	flag.StringVar(&b.url, "url", "", "the base of an API of the form of OpenAI's, whose model is measured")
	flag.StringVar(&b.name, "name", "", "the name of the API's model; the key is in DAIBAN_BENCH_KEY")
	flag.IntVar(&b.threads, "threads", 0, "of the model; 0: one for each core")
	flag.IntVar(&b.candidates, "candidates", 3, "readings that the model may write for a request")
	flag.BoolVar(&b.free, "free", false, "without the grammar")
	flag.BoolVar(&b.unspanned, "no-spans", false, "texts and numbers are free, not copied from the request")
	flag.StringVar(&b.lessons, "lessons", "", "the nearest known pair stands in the prompt: near; one at random: mislead")
	flag.BoolVar(&b.wrong, "wrong", false, "print what is wrong")
	flag.BoolVar(&b.asJSON, "json", false, "print the figures as JSON")
	flag.BoolVar(&b.calibrate, "calibrate", false, "fit the planner's trust on these pairs, and print it")
	flag.Float64Var(&b.aim, "aim", 0.9, "of -calibrate: the share of right flows among those that it goes on with")
	flag.IntVar(&b.decode, "decode", 0, "draw so many flows at temperature 1, and count those that break a rule of the grammar")
	flag.StringVar(&b.profile, "profile", "", "write a profile of the processor's time to this file")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	pairs, model, adapter, trust, url, name, lessons, profile string
	limit, threads, candidates, decode                        int
	free, unspanned, wrong, asJSON, calibrate                 bool
	aim                                                       float64
}

func (b *bench) run(ctx context.Context) error {
	pairs, err := b.read()
	if err != nil {
		return err
	}
	if b.profile != "" {
		f, err := os.Create(b.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	switch {
	case b.calibrate:
		return b.fit(ctx, pairs)
	case b.decode > 0:
		return b.draw(ctx, pairs)
	}
	p, err := b.planner()
	if err != nil {
		return err
	}
	all, err := b.measure(ctx, p, pairs)
	if err != nil {
		return err
	}
	t := summarize(all)
	if b.asJSON {
		return t.json(os.Stdout)
	}
	t.print(os.Stdout)
	return nil
}

// read is the pairs, or -limit of them spread over the file.
func (b *bench) read() ([]data.Pair, error) {
	f, err := os.Open(b.pairs)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, err := data.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.pairs, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no pair", b.pairs)
	}
	if n := len(out); b.limit > 0 && b.limit < n {
		some := make([]data.Pair, b.limit)
		for i := range some {
			some[i] = out[i*n/b.limit]
		}
		out = some
	}
	return out, nil
}
