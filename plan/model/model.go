// Package model is the planner by a language model on this machine: the request is its prompt,
// and it writes the flow line by line under the grammar of flows (package flowgrammar), so that
// what it writes parses, names only actions and variables that exist and takes its values from
// the request. Nothing leaves the machine, and nothing but the request reaches the model.
package model

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"daiban/gpt"
	"daiban/gpt/grammar"
	"daiban/plan"
	"daiban/plan/flowgrammar"
)

// Engine is what the planner needs of a language model: *gpt.Engine.
type Engine interface {
	Generate(ctx context.Context, r gpt.Request) (*gpt.Output, error)
}

// A Planner writes flows with a language model that was trained to.
type Planner struct {
	Engine  Engine
	Encode  func(text string) []int // of the engine's tokenizer
	Grammar *flowgrammar.Grammar    // nil: the model writes freely, for measuring what the grammar is worth
	// Check says what is wrong with a flow; nil accepts all. A candidate with a fault loses to one without.
	Check func(flow string) []string
	// Candidates is how many flows are written at most when the first is not accepted; 0 means 3.
	Candidates int
}

// Bounds of a flow.
const (
	requestMax = 4000 // bytes
	linesMax   = 48
	lineMax    = 256 // tokens
)

// Prompt is what the model sees of a request; what follows it is the flow. Training uses the same.
func Prompt(request string) string { return "# " + strings.Join(strings.Fields(request), " ") + "\n" }

// A Candidate is a flow that the model has written.
type Candidate struct {
	Flow    string
	LogProb float64 // natural logarithm of the model's own probability of it
	Tokens  int
	Faults  []string
}

// Plan writes a flow. The likeliest is taken when nothing is wrong with it; else others are tried, and the best
// of those is given.
func (p *Planner) Plan(ctx context.Context, r plan.Request) (plan.Draft, error) {
	lang := r.Lang
	if lang == "" {
		lang = plan.Language(r.Text)
	}
	if text := strings.TrimSpace(r.Text); text == "" || len(text) > requestMax {
		return plan.Draft{Why: say(lang, "请求是空的，或者太长", "the request is empty, or too long")}, nil
	}
	w := writer{p: p, prompt: p.Encode(Prompt(r.Text))}
	if p.Grammar != nil {
		w.lines = p.Grammar.Request(r.Text)
	}
	all, err := w.candidates(ctx)
	if err != nil {
		return plan.Draft{}, err
	}
	d := plan.Draft{TokensIn: len(w.prompt)}
	for _, c := range all {
		d.TokensOut += c.Tokens
	}
	best := slices.MaxFunc(all, func(a, b Candidate) int { return a.compare(b) })
	if best.Flow == "" {
		d.Why = say(lang, "没有听懂这句话", "the request was not understood")
		return d, nil
	}
	d.Flow, d.Understood = best.Flow, true
	return d, nil
}

// compare puts candidates without faults, and then likely ones, last.
func (c Candidate) compare(o Candidate) int {
	switch {
	case (len(c.Faults) == 0) != (len(o.Faults) == 0):
		if len(c.Faults) == 0 {
			return 1
		}
		return -1
	case c.LogProb < o.LogProb:
		return -1
	case c.LogProb > o.LogProb:
		return 1
	}
	return 0
}

func say(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}

// candidates is the flows for a request, the likeliest path first. Once one has no fault no more are written.
func (w *writer) candidates(ctx context.Context) ([]Candidate, error) {
	p := w.p
	n := cmp.Or(p.Candidates, 3)
	var out []Candidate
	for i := range n {
		sampling := gpt.Sampling{}
		if i > 0 {
			sampling = gpt.Sampling{Temperature: 0.8, TopP: 0.95, Seed: uint64(i)}
		}
		c, err := w.write(ctx, sampling)
		if err != nil {
			return nil, err
		}
		if p.Check != nil && c.Flow != "" {
			c.Faults = p.Check(c.Flow)
		}
		if c.Flow == "" {
			c.Faults = append(c.Faults, "it wrote nothing whole")
		}
		if slices.ContainsFunc(out, func(o Candidate) bool { return o.Flow == c.Flow }) {
			continue
		}
		out = append(out, c)
		if len(c.Faults) == 0 {
			break
		}
	}
	return out, nil
}

// writer writes flows for one request.
type writer struct {
	p      *Planner
	prompt []int
	lines  *flowgrammar.Lines
}

// write is one flow; its text is empty when it came to no end.
func (w *writer) write(ctx context.Context, s gpt.Sampling) (Candidate, error) {
	var c Candidate
	for range linesMax {
		program, more, err := w.next(c.Flow)
		if err != nil || !more {
			return c, err
		}
		r := gpt.Request{Prompt: append(slices.Clone(w.prompt), w.p.Encode(c.Flow)...), MaxTokens: lineMax, Grammar: program, LogProbs: true, Sampling: s}
		if program == nil {
			r.MaxTokens = linesMax * 24
		}
		out, err := w.p.Engine.Generate(ctx, r)
		if err != nil {
			return Candidate{}, fmt.Errorf("plan by the language model: %w", err)
		}
		line := out.Sequences[0]
		c.LogProb += line.LogProb
		c.Tokens += len(line.Tokens)
		if line.Finish != gpt.Stopped {
			return Candidate{LogProb: math.Inf(-1), Tokens: c.Tokens}, nil
		}
		c.Flow += line.Text
		if program == nil || line.Text == "" {
			return c, nil
		}
	}
	return Candidate{LogProb: math.Inf(-1), Tokens: c.Tokens}, nil
}

// next is the grammar of the next line, and whether there may be one; without a grammar all is one line.
func (w *writer) next(text string) (p *grammar.Program, more bool, err error) {
	if w.lines == nil {
		return nil, true, nil
	}
	p, err = w.lines.Next(text)
	return p, p != nil, err
}
