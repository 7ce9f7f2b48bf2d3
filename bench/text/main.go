// Command text measures the actions of text.* on cases written by other hands (README.md says how they are written and scored),
// each figure with the 95 % interval of Wilson (1927).
//
//	go run ./bench/text -model BASE.gguf                        every kind that has cases
//	go run ./bench/text -model BASE.gguf -kind extract -show    one kind, with what is wrong
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/gpt"
	"daiban/words"
)

func main() {
	log.SetFlags(0)
	var b bench
	flag.StringVar(&b.model, "model", "", "a GGUF file")
	flag.StringVar(&b.adapter, "adapter", "", "an adapter over the model")
	flag.StringVar(&b.cases, "cases", "bench/text/cases", "a folder with KIND.jsonl, or one file")
	flag.StringVar(&b.kind, "kind", "", "only this kind: classify, extract, summarize, write, translate")
	flag.IntVar(&b.threads, "threads", 0, "threads of the model; 0: one for each core")
	flag.IntVar(&b.limit, "limit", 0, "only so many cases a kind, spread over its file; 0: all")
	flag.BoolVar(&b.show, "show", false, "print what is wrong")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	model, adapter, cases, kind string
	threads, limit              int
	show                        bool
}

func (b *bench) run(ctx context.Context) error {
	all, err := b.read()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("%s: no cases", b.cases)
	}
	e, err := gpt.Open(b.model, gpt.Options{Adapter: b.adapter, Context: 8192, Threads: b.threads, Sequences: 1})
	if err != nil {
		return err
	}
	defer e.Close()
	model := &words.Local{Engine: e}
	for _, kind := range kinds {
		cases := slices.DeleteFunc(slices.Clone(all), func(c tcase) bool { return c.Kind != kind.name })
		if cases = spread(cases, b.limit); len(cases) == 0 {
			continue
		}
		results := make([]result, len(cases))
		for i, c := range cases {
			r, err := measure(ctx, model, kind, c)
			if err != nil {
				return fmt.Errorf("%s, case %d: %w", kind.name, i+1, err)
			}
			results[i] = r
			if b.show && !r.right {
				fmt.Printf("# %s %s: %s\n  got:  %s\n  want: %s\n", kind.name, c.Lang, flat(c.question(), 300), flat(r.got, 400), flat(r.want, 300))
			}
		}
		tell(kind, results)
	}
	return nil
}

func flat(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// measure carries one case out and scores it.
func measure(ctx context.Context, w action.Words, k kind, c tcase) (result, error) {
	call := &action.Call{Context: ctx, Lang: c.Lang, Words: func() (action.Words, error) { return w, nil }}
	start := time.Now()
	v, err := k.ask(call, c)
	seconds := time.Since(start).Seconds()
	if err != nil {
		return result{}, err
	}
	r := k.score(c, v)
	r.lang, r.seconds = c.Lang, seconds
	return r, nil
}

// read is the cases of the file, or of every kind's file in the folder.
func (b *bench) read() ([]tcase, error) {
	files := []string{b.cases}
	if info, err := os.Stat(b.cases); err != nil {
		return nil, err
	} else if info.IsDir() {
		files = nil
		for _, k := range kinds {
			files = append(files, filepath.Join(b.cases, k.name+".jsonl"))
		}
	}
	var out []tcase
	for _, f := range files {
		cases, err := readCases(f)
		if os.IsNotExist(err) && len(files) > 1 {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, cases...)
	}
	if b.kind != "" {
		out = slices.DeleteFunc(out, func(c tcase) bool { return c.Kind != b.kind })
	}
	return out, nil
}

// spread is n of the cases, evenly; all for 0.
func spread(cases []tcase, n int) []tcase {
	if n <= 0 || n >= len(cases) {
		return cases
	}
	out := make([]tcase, n)
	for i := range out {
		out[i] = cases[i*len(cases)/n]
	}
	return out
}
