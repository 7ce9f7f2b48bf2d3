package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"

	"daiban/gpt"
	"daiban/gpt/shipped"
	"daiban/plan"
	"daiban/plan/flowgrammar"
	"daiban/plan/model"
	"daiban/plan/phrasebook"
	"daiban/plan/score"
)

// usualPlanner answers where neither --model nor the settings name one: builtin, the language model of this machine where
// its weights are here and else the phrasebook; or phrasebook.
const usualPlanner = "builtin"

// plannerAdapter is the name of the adapter that makes the base model a planner.
const plannerAdapter = "planner"

// plannerContext is how many tokens a request has at most, with its flow and a lesson.
const plannerContext = 3072

// shippedModels is the weights that come with the program.
func (a *app) shippedModels() (shipped.Models, bool) {
	return shipped.Find(shipped.Dirs(a.home))
}

// builtinPlanner is the planner by the model of this machine; nil where its weights are not here.
func (a *app) builtinPlanner(book func() (*phrasebook.Book, error)) (plan.Planner, error) {
	m, ok := a.shippedModels()
	adapter := m.Adapter(plannerAdapter)
	if !ok || adapter == "" {
		return nil, nil
	}
	p := &model.Planner{Same: score.New(a.actions).Same}
	p.Check = func(src string) []string { return a.mistakes(src, a.tongue()) }
	if file := m.Beside(plannerAdapter); file != "" {
		text, err := os.ReadFile(file)
		if err == nil {
			p.Trust, err = model.ReadTrust(text)
		}
		if err != nil {
			return nil, unreadable(file, err)
		}
	}
	e, err := gpt.Open(m.Base, gpt.Options{Adapter: adapter, Context: plannerContext, Sequences: 4})
	if err != nil {
		return nil, unreadable(m.Base, err)
	}
	a.planning = e
	p.Engine, p.Tokens = e, e.Tokenizer()
	p.Grammar = flowgrammar.New(a.actions, flowgrammar.Options{})
	return &builtin{p, sync.OnceValues(book)}, nil
}

// builtin is the planner by the model, with what the phrasebook knows to be like a request.
type builtin struct {
	*model.Planner
	book func() (*phrasebook.Book, error)
}

// Plan is the model's answer; the nearest known requests where it has none.
func (b *builtin) Plan(ctx context.Context, r plan.Request) (plan.Draft, error) {
	d, err := b.Planner.Plan(ctx, r)
	if err != nil || d.Understood {
		return d, err
	}
	book, err := b.book()
	if err != nil {
		return d, err
	}
	d.Like = book.Like(r.Text, 3)
	return d, nil
}

// local is the planner of this machine by the name builtin or phrasebook, and what it is called.
func (a *app) local(name string) (plan.Planner, string, error) {
	if name == "builtin" {
		p, err := a.builtinPlanner(phrases)
		if p != nil || err != nil {
			return p, "builtin", err
		}
		if a.flags.model == name {
			fmt.Fprintf(a.err, "daiban: %s\n", say(cmp.Or(a.spoken, a.tongue()), "没有找到内置的语言模型，这次由短语手册来听", "the built-in language model is not here; the phrasebook answers instead"))
		}
	}
	book, err := phrases()
	return book, "phrasebook", err
}
