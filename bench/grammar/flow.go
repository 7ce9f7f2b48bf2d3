package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"daiban/actions"
	"daiban/data"
	"daiban/flow"
	"daiban/gpt/grammar"
	"daiban/gpt/token"
	"daiban/plan/flowgrammar"
)

// flowResult is the figures of the grammar under which flows are decoded.
type flowResult struct {
	result
	first, request, next []time.Duration // masks at the start of a line, Request, Next
	flows                int
}

// measureFlows walks along the right flows of n known pairs as a decoder does: a grammar a
// request, a program and a matcher a line.
func measureFlows(n int, tok *token.Tokenizer, v *grammar.Vocab) (*flowResult, error) {
	pairs, err := data.Pairs()
	if err != nil {
		return nil, err
	}
	set := actions.All()
	g := flowgrammar.New(set, flowgrammar.Options{})
	r := &flowResult{}
	for i := 0; r.flows+r.skipped < n && i < len(pairs); i += max(1, len(pairs)/n) {
		f, err := flow.Parse(pairs[i].Flow)
		if err != nil {
			return nil, err
		}
		flowgrammar.Canonical(f, set)
		start := now()
		lines := g.Request(pairs[i].Request)
		r.request = append(r.request, now()-start)
		ok, err := r.flow(lines, flow.Print(f), tok, v)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", pairs[i].Request, err)
		}
		if ok {
			r.flows++
		} else {
			r.skipped++
		}
	}
	return r, nil
}

// flow walks along text; false if the grammar does not know it.
func (r *flowResult) flow(lines *flowgrammar.Lines, text string, tok *token.Tokenizer, v *grammar.Vocab) (bool, error) {
	for at := 0; at < len(text); {
		start := now()
		p, err := lines.Next(text[:at])
		if err != nil || p == nil {
			return false, err
		}
		r.next = append(r.next, now()-start)
		line := text[at : at+strings.IndexByte(text[at:], '\n')+1]
		if end, ok := p.Start().Advance([]byte(line)); !ok || !end.Accepting() {
			return false, nil
		}
		if err := r.line(p, line, tok, v); err != nil {
			return false, err
		}
		at += len(line)
	}
	return true, nil
}

func (r *flowResult) line(p *grammar.Program, line string, tok *token.Tokenizer, v *grammar.Vocab) error {
	m, mask, s := grammar.NewMatcher(p, v), grammar.NewMask(v), p.Start()
	for i, id := range tok.Encode(line) {
		start := now()
		m.Fill(mask, s)
		took := now() - start
		r.fill = append(r.fill, took)
		if i == 0 {
			r.first = append(r.first, took)
		}
		if !mask.Has(id) {
			return fmt.Errorf("%q: the token %q does not fit the grammar", line, tok.Bytes(id))
		}
		if n := len(r.fill); *check > 0 && n%101 == 0 && n/101 <= *check {
			if err := compare(mask, s, tok); err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
		}
		start = now()
		s, _ = s.Advance(tok.Bytes(id))
		r.advance = append(r.advance, now()-start)
	}
	return nil
}

func (r *flowResult) print(w *tabwriter.Writer) {
	fmt.Fprintf(w, "flow (plan/flowgrammar)\ttimes\tmedian\tp90\tp99\tlargest\tabove 1 ms\t\n")
	for _, row := range []struct {
		name string
		took []time.Duration
	}{{"mask", r.fill}, {"first mask of a line", r.first}, {"advance a token", r.advance}, {"Request", r.request}, {"Next", r.next}} {
		slices.Sort(row.took)
		fmt.Fprintf(w, "%s\t%d", row.name, len(row.took))
		for _, q := range []float64{0.5, 0.9, 0.99, 1} {
			fmt.Fprintf(w, "\t%s", micros(quantile(row.took, q)))
		}
		fmt.Fprintf(w, "\t%.2f %%\t\n", 100*above(row.took, time.Millisecond))
	}
}
