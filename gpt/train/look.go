package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Report is what the data are.
type Report struct {
	Pairs      int     `json:"pairs"`
	Texts      int     `json:"texts,omitempty"` // plain ones, cut into windows
	Tokens     int64   `json:"tokens"`
	Learned    int64   `json:"learned_tokens"`                  // that the loss is on, without those of weight 0
	Prompts    Lengths `json:"prompt_tokens"`                   // of pairs
	Answers    Lengths `json:"completion_tokens"`               // of pairs, with the end token
	Duplicates int     `json:"duplicates,omitempty"`            // pairs that are there already, token by token
	Shared     int     `json:"shared_prompts,omitempty"`        // pairs that share the prompt of another
	Cut        int     `json:"cut,omitempty"`                   // pairs that are too long and lost their end
	Lost       int     `json:"lost,omitempty"`                  // pairs whose prompt alone is too long
	Bad        []Bad   `json:"bad_lines,omitempty"`             //
	Eval       int64   `json:"eval_tokens"`                     // of the evaluation set
	EvalPairs  int     `json:"eval_pairs,omitempty"`            //
	HeldOut    bool    `json:"held_out,omitempty"`              // the evaluation set is a part of the data
	Overlap    float64 `json:"eval_overlap"`                    // share of the evaluation set's 8-grams that the data have
	Leaks      []Leak  `json:"leaks,omitempty"`                 //
	NoEnd      bool    `json:"tokenizer_has_no_end,omitempty"`  // completions have no end token
	Estimate   int64   `json:"memory_bytes_estimate,omitempty"` // of the training
}

// Lengths says how long texts are, in tokens.
type Lengths struct {
	Least  int `json:"min"`
	Median int `json:"p50"`
	P90    int `json:"p90"`
	P99    int `json:"p99"`
	Most   int `json:"max"`
}

func lengthsOf(n []int) Lengths {
	if len(n) == 0 {
		return Lengths{}
	}
	slices.Sort(n)
	at := func(p int) int { return n[(len(n)-1)*p/100] }
	return Lengths{n[0], at(50), at(90), at(99), n[len(n)-1]}
}

// look counts what the data are.
func look(c *corpus, items []item, p *packer) Report {
	r := Report{Tokens: count(items), Cut: p.cut, Lost: p.lost, Bad: c.bad}
	var prompts, answers []int
	seen, prompt := map[uint64]bool{}, map[uint64]bool{}
	for i := range items {
		x := &items[i]
		if x.Plain != 0 {
			r.Texts++
			r.Learned += max(0, int64(x.Length)-1)
			continue
		}
		r.Pairs++
		prompts, answers = append(prompts, int(x.Prompt)), append(answers, int(x.Length-x.Prompt))
		r.Learned += int64(x.Length) - int64(max(x.Prompt, 1))
		h := mix(c.hash(x.Start, x.Length) + uint64(x.Prompt))
		if seen[h] {
			r.Duplicates++
		}
		seen[h] = true
		if x.Prompt > 0 {
			h = c.promptHash(x)
			if prompt[h] {
				r.Shared++
			}
			prompt[h] = true
		}
	}
	r.Prompts, r.Answers = lengthsOf(prompts), lengthsOf(answers)
	return r
}

// Leak is a text of the evaluation set that the training data have nearly whole.
type Leak struct {
	File  string  `json:"file"`
	Line  int     `json:"line"`
	Share float64 `json:"share"` // of its 8-grams
}

// ErrLeak is in the chain of the error that the evaluation set is in the data.
var ErrLeak = errors.New("the evaluation set is in the training data")

const (
	gram      = 8
	leakShare = 0.8 // of the 8-grams of a text: then it is known
	leakPiece = 128 // tokens of a plain text that are judged together
)

// overlap is the share of the evaluation set's 8-grams that are in the training data, and the
// texts of it that are there nearly whole: a pair when its prompt is and all of it together, a
// plain text by pieces. A shorter text counts as one gram.
func overlap(c *corpus, items []item, e *corpus, eval []item) (share float64, leaks []Leak) {
	seen := map[uint64]bool{}
	for i := range eval {
		x := &eval[i]
		e.grams(x.Start, x.Length, func(h uint64) { seen[h] = false })
		e.grams(x.Start, x.Prompt, func(h uint64) { seen[h] = false })
	}
	for i := range items {
		x := &items[i]
		mark := func(h uint64) {
			if _, ok := seen[h]; ok {
				seen[h] = true
			}
		}
		c.grams(x.Start, x.Length, mark)
		if x.Prompt < gram {
			c.grams(x.Start, x.Prompt, mark)
		}
	}
	known := 0
	for _, v := range seen {
		if v {
			known++
		}
	}
	if len(seen) > 0 {
		share = float64(known) / float64(len(seen))
	}
	for i := range eval {
		leaks = append(leaks, e.leaks(&eval[i], seen)...)
	}
	return share, leaks
}

// grams calls f with a hash of every run of 8 tokens, or of all where there are fewer.
func (c *corpus) grams(start uint64, n uint32, f func(uint64)) {
	if n == 0 {
		return
	}
	if n < gram {
		f(c.hash(start, n) + uint64(n))
		return
	}
	for i := uint64(0); i+gram <= uint64(n); i++ {
		f(c.hash(start+i, gram))
	}
}

func (c *corpus) leaks(x *item, seen map[uint64]bool) []Leak {
	if x.Plain == 0 {
		s := c.seenShare(x.Start, x.Length, seen)
		if x.Prompt > 0 {
			s = min(s, c.seenShare(x.Start, x.Prompt, seen))
		}
		if s >= leakShare {
			return []Leak{{c.files[x.File], int(x.Line), s}}
		}
		return nil
	}
	pieces, bad, most := 0, 0, 0.0
	for at := uint64(0); at+gram < uint64(x.Length); at += leakPiece {
		s := c.seenShare(x.Start+at, uint32(min(leakPiece, uint64(x.Length)-at)), seen)
		pieces++
		if s >= leakShare {
			bad++
			most = max(most, s)
		}
	}
	if bad*20 > pieces { // a saying here and there is no leak
		return []Leak{{c.files[x.File], int(x.Line), float64(bad) / float64(pieces)}}
	}
	return nil
}

func (c *corpus) seenShare(start uint64, n uint32, seen map[uint64]bool) float64 {
	all, known := 0, 0
	c.grams(start, n, func(h uint64) {
		all++
		if seen[h] {
			known++
		}
	})
	if all == 0 {
		return 0
	}
	return float64(known) / float64(all)
}

func leakError(leaks []Leak) error {
	var b strings.Builder
	for _, l := range leaks[:min(10, len(leaks))] {
		fmt.Fprintf(&b, "\n%s:%d: %.0f %% of its 8-grams", l.File, l.Line, 100*l.Share)
	}
	if len(leaks) > 10 {
		fmt.Fprintf(&b, "\nand %d more", len(leaks)-10)
	}
	return fmt.Errorf("%w, so that its loss would say nothing: take these lines out of one of them, or allow it:%s", ErrLeak, b.String())
}
