package model

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"daiban/flow"
	"daiban/gpt"
	"daiban/gpt/grammar"
	"daiban/plan/flowgrammar"
)

// A Reading is a flow that the model has written.
type Reading struct {
	Flow    string
	LogProb float64 // natural logarithm of the model's own probability of it
	Tokens  int     // that were written for it
	Faults  []string

	tokens []int
	places []gpt.Place // of tokens, and of the end
}

// Readings is what a request may mean, in the order in which it was written.
type Readings struct {
	Readings    []*Reading
	First       Features // of the first alone
	All         Features // of the best among all
	Confidence  float64
	best, other int // indexes; other is -1 where there is none
}

// Best is the likeliest reading among those without faults, else among all.
func (r *Readings) Best() *Reading { return r.Readings[r.best] }

// Second is the next best that means something else and has no fault, or nil.
func (r *Readings) Second() *Reading {
	if r.other < 0 {
		return nil
	}
	return r.Readings[r.other]
}

// writer writes flows for one request.
type writer struct {
	p       *Planner
	request string
	prompt  []int
	lines   *flowgrammar.Lines
	always  bool // other readings are written even where the first is sure
}

// readings is the flow that the model finds likeliest, and others where that one has a fault or is not sure.
func (w *writer) readings(ctx context.Context, sure bool) (*Readings, error) {
	first, err := w.write(ctx, start{}, gpt.Sampling{})
	if err != nil {
		return nil, err
	}
	all := &Readings{Readings: []*Reading{first}}
	w.choose(all)
	all.First = w.features(all)
	if t := w.p.Trust; t != nil {
		all.Confidence = t.First.Probability(all.First)
	}
	enough := len(first.Faults) == 0 && (!sure || w.p.Trust != nil && all.Confidence >= w.p.Trust.High)
	if w.lines == nil || enough && !w.always {
		all.All = all.First
		return all, nil
	}
	if err := w.others(ctx, all); err != nil {
		return nil, err
	}
	w.choose(all)
	all.All = w.features(all)
	if t := w.p.Trust; t != nil {
		all.Confidence = t.All.Probability(all.All)
	}
	return all, nil
}

// choose finds the best reading and the next best.
func (w *writer) choose(all *Readings) {
	order := make([]int, len(all.Readings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return all.Readings[j].compare(all.Readings[i]) })
	all.best, all.other = order[0], -1
	for _, i := range order[1:] {
		if r := all.Readings[i]; len(r.Faults) == 0 && !w.same(r.Flow, all.Best().Flow) {
			all.other = i
			break
		}
	}
}

func (w *writer) same(a, b string) bool { return a == b || w.p.Same != nil && w.p.Same(a, b) }

// compare puts readings without faults, and then likely ones, last.
func (r *Reading) compare(o *Reading) int {
	if (len(r.Faults) == 0) != (len(o.Faults) == 0) {
		if len(r.Faults) == 0 {
			return 1
		}
		return -1
	}
	return cmp.Compare(r.LogProb, o.LogProb)
}

// gapMin is how much less likely than the token that was written another may be, in nats, to begin another reading.
const gapMin = -5

// others writes readings that leave the first one where the model was least sure, all at the same time.
func (w *writer) others(ctx context.Context, all *Readings) error {
	first := all.Readings[0]
	starts := w.branches(first)
	starts = starts[:min(len(starts), cmp.Or(w.p.Candidates, 3)-1)]
	out := make([]*Reading, len(starts))
	errs := make([]error, len(starts))
	var wg sync.WaitGroup
	for i, s := range starts {
		wg.Go(func() { out[i], errs[i] = w.write(ctx, s, gpt.Sampling{}) })
	}
	wg.Wait()
	for i, r := range out {
		if errs[i] != nil {
			return errs[i]
		}
		if r.Flow != "" {
			all.Readings = append(all.Readings, r)
		}
	}
	return nil
}

// A start is where a reading leaves another: the tokens that it begins with, and what is known of them.
type start struct {
	tokens  []int
	places  []gpt.Place
	gap     float64
	end     bool // it ends there
	newLine int  // how many of tokens are whole lines
}

// branches is the places where r could have gone another way, those first where that was nearly as likely.
func (w *writer) branches(r *Reading) []start {
	var out []start
	text, line := "", 0 // what stands before place i, and how many tokens before its line
	for i, p := range r.places {
		if s := p.Second; s != nil && s.LogProb-p.LogProb > gapMin && !w.names(text, r.Flow, s.Token) {
			out = append(out, start{
				tokens: append(slices.Clone(r.tokens[:i]), s.Token),
				places: append(slices.Clone(r.places[:i]), gpt.Place{Choice: *s}),
				gap:    s.LogProb - p.LogProb, end: w.p.Tokens.IsSpecial(s.Token), newLine: line,
			})
		}
		if i < len(r.tokens) {
			if text += string(w.p.Tokens.Bytes(r.tokens[i])); strings.HasSuffix(text, "\n") {
				line = i + 1
			}
		}
	}
	slices.SortStableFunc(out, func(a, b start) int { return cmp.Compare(b.gap, a.gap) })
	return out
}

// beginnings is how lines begin that assign nothing.
var beginnings = append([]string{"for", "if", "cannot", "ensure", "stop", "fail", "count", "every", "when"}, flow.Families...)

// names reports whether a token behind text only calls a variable otherwise than the flow does: what they are called does not count.
func (w *writer) names(text, flow string, token int) bool {
	line := text[strings.LastIndexByte(text, '\n')+1:]
	word := strings.TrimLeft(line, " ")
	if len(text) > len(flow) {
		return false
	}
	rest := flow[len(text):]
	rest = rest[:max(strings.IndexByte(rest, '\n'), 0)]
	next := rest[:min(len(rest), 1)] // a blank may belong to the token
	if name, ok := strings.CutPrefix(word+next, "for "); ok && isName(strings.TrimRight(name, " ")) {
		return true
	}
	if !isName(word) {
		return false
	}
	before, _, assigned := strings.Cut(rest, " = ")
	if !assigned || !isName(before) {
		return false
	}
	other := strings.TrimLeft(string(w.p.Tokens.Bytes(token)), " ")
	return !(word == "" && slices.ContainsFunc(beginnings, func(f string) bool { return other != "" && strings.HasPrefix(f, other) }))
}

func isName(s string) bool {
	for _, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// write is one flow behind a start; its text is empty when it came to no end.
func (w *writer) write(ctx context.Context, from start, s gpt.Sampling) (*Reading, error) {
	r := &Reading{}
	if from.end {
		r.tokens, r.places = from.tokens[:len(from.tokens)-1], from.places
		return w.finish(r, w.text(r.tokens)), nil
	}
	lines, begin := from.tokens[:from.newLine], from.tokens[from.newLine:]
	before := w.text(lines)
	q := gpt.Request{Prompt: slices.Concat(w.prompt, lines), Begin: begin, MaxTokens: tokensMax, LogProbs: true, Seconds: w.lines != nil, Sampling: s}
	if w.lines != nil {
		program, err := w.lines.Next(before)
		if err != nil || program == nil {
			return r, err
		}
		q.Grammar = program
		q.More = func(text string) (*grammar.Program, error) {
			if strings.Count(before+text, "\n") >= linesMax {
				return nil, nil
			}
			return w.lines.Next(before + text)
		}
	}
	out, err := w.p.Engine.Generate(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("plan by the language model: %w", err)
	}
	seq := out.Sequences[0]
	r.Tokens = len(seq.Tokens) - len(begin)
	text := before + seq.Text
	if seq.Finish != gpt.Stopped || strings.Count(text, "\n") >= linesMax {
		r.LogProb, r.Faults = math.Inf(-1), []string{"it came to no end"}
		return r, nil
	}
	r.tokens = slices.Concat(lines, seq.Tokens)
	r.places = slices.Concat(from.places[:from.newLine], seq.Places)
	for i := range begin { // what was known before
		if at := from.newLine + i; at < len(r.places) && r.tokens[at] == begin[i] && r.places[at].LogProb == 0 {
			r.places[at] = from.places[at]
		}
	}
	if w.lines == nil {
		r.LogProb = seq.LogProb
	}
	return w.finish(r, text), nil
}

func (w *writer) text(tokens []int) string {
	var b strings.Builder
	for _, t := range tokens {
		b.Write(w.p.Tokens.Bytes(t))
	}
	return b.String()
}

// finish completes a reading whose text is whole.
func (w *writer) finish(r *Reading, text string) *Reading {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	r.Flow = text
	if len(r.places) > 0 {
		r.LogProb = 0
		for _, p := range r.places {
			r.LogProb += p.LogProb
		}
	}
	switch {
	case text == "":
		r.Faults = []string{"it wrote nothing"}
	case w.p.Check != nil:
		r.Faults = w.p.Check(text)
	}
	return r
}
