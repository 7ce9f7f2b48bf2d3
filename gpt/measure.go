package gpt

import (
	"context"
	"fmt"
	"math"
	"time"

	"daiban/gpt/kern"
	"daiban/gpt/model"
)

// alone runs f in the loop, where nothing else uses the model, and returns its error.
func (e *Engine) alone(ctx context.Context, f func() error) error {
	var failed error
	j := newJob(ctx, Request{})
	j.run = func() { failed = f() }
	select {
	case e.jobs <- j:
	case <-e.quit:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, err := j.wait(); err != nil {
		return err
	}
	return failed
}

// Loss is the mean negative log likelihood, in nats a token, of a text that is cut into windows
// of so many tokens, each from an empty cache: every token of a window but its first is
// predicted. progress, if not nil, is told how many tokens are done.
func (e *Engine) Loss(ctx context.Context, ids []int, context int, progress func(done int)) (loss float64, tokens int, err error) {
	if context < 2 || context > e.model.Context && e.model.Positions != nil {
		return 0, 0, fmt.Errorf("a context of %d tokens: want 2 to %d", context, e.model.Context)
	}
	var sum float64
	for at := 0; at+1 < len(ids); at += context {
		window := ids[at:min(at+context, len(ids))]
		var s float64
		if err := e.alone(ctx, func() (err error) { s, err = e.windowLoss(window); return err }); err != nil {
			return 0, 0, err
		}
		if math.IsNaN(s) || math.IsInf(s, 0) {
			return 0, 0, e.notNumber()
		}
		sum, tokens = sum+s, tokens+len(window)-1
		if progress != nil {
			progress(at + len(window))
		}
	}
	if tokens == 0 {
		return 0, 0, fmt.Errorf("the text has %d tokens: want at least two", len(ids))
	}
	return sum / float64(tokens), tokens, nil
}

// windowLoss is the sum of one window, fed in parts so that the logits stay small.
func (e *Engine) windowLoss(ids []int) (sum float64, err error) {
	const part = 64
	cache, V := e.model.NewCache(), e.model.Vocab
	for at := 0; at < len(ids); at += part {
		tokens := ids[at:min(at+part, len(ids))]
		out, err := e.model.Forward(model.Step{Cache: cache, Tokens: tokens, Want: len(tokens)})
		if err != nil {
			return 0, err
		}
		losses := make([]float64, len(tokens))
		e.pool.Run(len(tokens), func(i int) {
			if at+i+1 < len(ids) {
				row := out[0][i*V : (i+1)*V]
				losses[i] = kern.LogSumExp(row) - float64(row[ids[at+i+1]])
			}
		})
		for _, l := range losses {
			sum += l
		}
	}
	return sum, nil
}

// Speed is how fast a model reads and writes.
type Speed struct {
	Prompt float64 // tokens a second, all in one pass
	Decode float64 // tokens a second, one by one behind an empty cache
}

// Bench measures a prompt of so many tokens and then so many single ones, each from an empty
// cache as llama-bench does, and keeps the best of rounds.
func (e *Engine) Bench(ctx context.Context, prompt, decode, rounds int) (Speed, error) {
	if prompt < 1 || decode < 1 || rounds < 1 || max(prompt, decode) > e.Context {
		return Speed{}, fmt.Errorf("a bench of %d and %d tokens: want 1 to %d", prompt, decode, e.Context)
	}
	var best Speed
	for range rounds + 1 { // the first warms up: the file comes into memory
		var s Speed
		if err := e.alone(ctx, func() (err error) { s, err = e.bench(prompt, decode); return err }); err != nil {
			return Speed{}, err
		}
		best.Prompt, best.Decode = max(best.Prompt, s.Prompt), max(best.Decode, s.Decode)
	}
	return best, nil
}

func (e *Engine) bench(prompt, decode int) (s Speed, err error) {
	V := e.model.Vocab
	tokens := make([]int, prompt)
	for i := range tokens {
		tokens[i] = i * 7919 % V
	}
	start := time.Now()
	cache := e.model.NewCache()
	for at := 0; at < prompt; at += passRows {
		part := tokens[at:min(at+passRows, prompt)]
		if _, err := e.model.Forward(model.Step{Cache: cache, Tokens: part, Want: 1}); err != nil {
			return s, err
		}
	}
	s.Prompt = float64(prompt) / time.Since(start).Seconds()
	cache.Truncate(0)
	start = time.Now()
	next := 0
	for range decode {
		out, err := e.model.Forward(model.Step{Cache: cache, Tokens: []int{next}, Want: 1})
		if err != nil {
			return s, err
		}
		next = kern.ArgMax(out[0])
	}
	s.Decode = float64(decode) / time.Since(start).Seconds()
	return s, nil
}
