package main

import (
	"fmt"
	"math/rand/v2"
	"os"

	"daiban/actions"
	"daiban/bench/internal/known"
	"daiban/check"
	"daiban/data"
	"daiban/gpt"
	"daiban/gpt/shipped"
	"daiban/plan"
	"daiban/plan/flowgrammar"
	"daiban/plan/model"
	"daiban/plan/near"
	"daiban/plan/remote"
	"daiban/plan/score"
)

// faults is what the checker says against a flow, without looking at the world.
func faults(src string) []string {
	return check.Check(src, check.Env{Actions: actions.All(), Lang: "en", Static: true}).Mistakes()
}

// planner is the one that the flags name.
func (b *bench) planner() (plan.Planner, error) {
	switch {
	case b.url != "":
		return b.remote()
	case b.model != "":
		return b.local()
	}
	return known.Book()
}

func (b *bench) remote() (plan.Planner, error) {
	book, err := known.Book()
	if err != nil {
		return nil, err
	}
	return &remote.Planner{URL: b.url, Model: b.name, Catalogue: actions.All().Catalogue(), Check: faults,
		Key: func() (string, error) { return os.Getenv("DAIBAN_BENCH_KEY"), nil },
		Examples: func(request string, n int) []remote.Example {
			var out []remote.Example
			for _, p := range book.Nearest(request, n) {
				out = append(out, remote.Example{Request: p.Request, Flow: p.Flow})
			}
			return out
		}}, nil
}

// local is the planner by a model of this machine.
func (b *bench) local() (*model.Planner, error) {
	base, adapter := b.model, b.adapter
	trust := b.trust
	if base == "builtin" {
		m, ok := shipped.Find(shipped.Dirs(""))
		if !ok {
			return nil, fmt.Errorf("no models/ with a base here; DAIBAN_MODELS may name the folder")
		}
		base = m.Base
		if adapter == "" {
			adapter = m.Adapter("planner")
		}
		if trust == "" && !b.calibrate {
			trust = m.Beside("planner")
		}
	}
	e, err := gpt.Open(base, gpt.Options{Adapter: adapter, Context: 2048, Threads: b.threads})
	if err != nil {
		return nil, err
	}
	p := &model.Planner{Engine: e, Tokens: e.Tokenizer(), Check: faults, Same: score.New(actions.All()).Same, Candidates: b.candidates}
	if !b.free {
		p.Grammar = flowgrammar.New(actions.All(), flowgrammar.Options{FreeTexts: b.unspanned, FreeNumbers: b.unspanned})
	}
	if p.Lessons, err = b.teacher(); err != nil {
		return nil, err
	}
	if trust != "" {
		text, err := os.ReadFile(trust)
		if err == nil {
			p.Trust, err = model.ReadTrust(text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", trust, err)
		}
	}
	return p, nil
}

// teacher gives the lesson for a prompt.
func (b *bench) teacher() (func(string) []plan.Lesson, error) {
	if b.lessons == "" {
		return nil, nil
	}
	known, err := data.Pairs()
	if err != nil {
		return nil, err
	}
	lesson := func(i int) []plan.Lesson { return []plan.Lesson{{Request: known[i].Request, Flow: known[i].Flow}} }
	switch b.lessons {
	case "mislead":
		r := rand.New(rand.NewPCG(1, 1))
		return func(string) []plan.Lesson { return lesson(r.IntN(len(known))) }, nil
	case "near":
		x := near.New(len(known), func(i int) string { return known[i].Request })
		return func(request string) []plan.Lesson {
			for _, i := range x.Near(request, 1) {
				return lesson(i)
			}
			return nil
		}, nil
	}
	return nil, fmt.Errorf("-lessons: near or mislead, not %q", b.lessons)
}
