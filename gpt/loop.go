package gpt

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"daiban/gpt/model"
)

var errClosed = errors.New("the engine is closed")

// passRows is how many tokens one pass takes at most: a long prompt is fed in such parts, so
// that others are not kept waiting for it.
const passRows = 512

// A job is a request on its way through the loop. The loop writes; wait reads.
type job struct {
	Request
	ctx   context.Context
	run   func() // instead of a request: something that needs the model for itself
	start time.Time
	first time.Time
	out   Output
	seqs  []*sequence

	mu     sync.Mutex
	pieces []Piece
	wake   chan struct{} // cap 1: there are pieces
	done   chan struct{}
	err    error
}

func newJob(ctx context.Context, r Request) *job {
	return &job{Request: r, ctx: ctx, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// wait hands pieces to the caller as they come, until the job is done.
func (j *job) wait() (*Output, error) {
	var failed error
	for {
		select {
		case <-j.wake:
		case <-j.done:
		}
		j.mu.Lock()
		pieces := j.pieces
		j.pieces = nil
		j.mu.Unlock()
		for _, p := range pieces {
			if failed == nil && j.On != nil {
				if failed = j.On(p); failed != nil {
					j.cancel(failed)
				}
			}
		}
		select {
		case <-j.done:
			if len(pieces) > 0 {
				continue
			}
			return &j.out, j.err
		default:
		}
	}
}

// cancel makes the loop end the job at its next pass.
func (j *job) cancel(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
}

// canceled is why the job shall end early, or nil.
func (j *job) canceled() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = j.ctx.Err()
	}
	return j.err
}

func (j *job) say(p Piece) {
	if j.On == nil || p.Text == "" {
		return
	}
	j.mu.Lock()
	j.pieces = append(j.pieces, p)
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// finish hands the job back to its caller.
func (j *job) finish() {
	now := time.Now()
	if j.first.IsZero() {
		j.first = now
	}
	j.out.PromptTokens = len(j.Prompt)
	j.out.SecondsPrompt = j.first.Sub(j.start).Seconds()
	j.out.SecondsDecode = now.Sub(j.first).Seconds()
	for _, s := range j.seqs {
		j.out.Sequences = append(j.out.Sequences, s.Sequence)
	}
	close(j.done)
}

// loop is the one goroutine that uses the model.
func (e *Engine) loop() {
	l := &looping{Engine: e}
	defer close(e.done)
	for {
		if !l.receive() {
			for _, j := range append(l.waiting, l.working...) {
				j.cancel(errClosed)
				j.finish()
			}
			return
		}
		l.admit()
		l.pass()
	}
}

// looping is the state of the loop.
type looping struct {
	*Engine
	waiting []*job // in the order that they came
	working []*job
	kept    keptCaches
}

// receive takes new jobs: it waits for one when there is nothing to do. It is false at the end.
func (l *looping) receive() bool {
	if len(l.working)+len(l.waiting) == 0 {
		select {
		case j := <-l.jobs:
			l.waiting = append(l.waiting, j)
		case <-l.quit:
			return false
		}
	}
	for {
		select {
		case j := <-l.jobs:
			l.waiting = append(l.waiting, j)
		case <-l.quit:
			return false
		default:
			return true
		}
	}
}

// admit takes up waiting jobs while there is room for their sequences.
func (l *looping) admit() {
	active := 0
	for _, j := range l.working {
		active += max(j.N, 1)
	}
	for len(l.waiting) > 0 {
		j := l.waiting[0]
		if active > 0 && active+max(j.N, 1) > l.Sequences {
			return
		}
		l.waiting = l.waiting[1:]
		j.start = time.Now()
		if j.run != nil {
			j.run()
			j.finish()
			continue
		}
		if j.canceled() != nil {
			j.finish()
			continue
		}
		active += j.N
		l.begin(j)
		l.working = append(l.working, j)
	}
}

// begin gives the job its first sequence, on a cache that holds as much of the prompt as is known.
func (l *looping) begin(j *job) {
	all := j.Prompt
	if len(j.Begin) > 0 {
		all = slices.Concat(j.Prompt, j.Begin)
	}
	cache := l.kept.take(all, l.running(), l.model.NewCache)
	j.out.ReusedTokens = min(cache.Len(), len(j.Prompt))
	s := newSequence(l.Engine, j, 0, cache)
	s.pending = all[cache.Len():]
	j.seqs = append(j.seqs, s)
}

func (l *looping) running() (caches []*model.Cache) {
	for _, j := range l.working {
		for _, s := range j.seqs {
			if !s.ended() {
				caches = append(caches, s.cache)
			}
		}
	}
	return caches
}

// pass runs one forward pass over what all sequences have pending, and lets each go on.
func (l *looping) pass() {
	l.dropCanceled()
	steps, who := l.steps()
	if len(steps) == 0 {
		return
	}
	logits, err := l.model.Forward(steps...)
	for i, s := range who {
		if err != nil {
			s.job.cancel(err)
			continue
		}
		s.pending = s.pending[len(steps[i].Tokens):]
		s.score(steps[i].Tokens, logits[i])
		if len(s.pending) == 0 {
			l.goOn(s, logits[i][len(logits[i])-l.model.Vocab:])
		}
	}
	l.dropCanceled()
	l.reap()
}

// steps is what the next pass takes: those with one token first, then parts of prompts.
func (l *looping) steps() (steps []model.Step, who []*sequence) {
	room := passRows
	for _, long := range []bool{false, true} {
		for _, j := range l.working {
			for _, s := range j.seqs {
				if s.ended() || (len(s.pending) > 1) != long || room == 0 {
					continue
				}
				n := min(len(s.pending), room)
				step := model.Step{Cache: s.cache, Tokens: s.pending[:n]}
				if step.Want = s.wants(n); n < len(s.pending) && step.Want == 1 {
					step.Want = 0
				}
				if n == len(s.pending) {
					step.Rows = s.rows()
				}
				steps, who = append(steps, step), append(who, s)
				room -= n
			}
		}
	}
	return steps, who
}

// goOn chooses the next token of a sequence. At the end of the prompt the job's other sequences begin.
func (l *looping) goOn(s *sequence, logits []float32) {
	j := s.job
	if j.first.IsZero() {
		j.first = time.Now()
		for i := 1; i < j.N; i++ {
			c := l.model.NewCache()
			c.CopyFrom(s.cache, s.cache.Len())
			j.seqs = append(j.seqs, newSequence(l.Engine, j, i, c))
		}
		for _, s := range j.seqs[1:] {
			s.next(append([]float32(nil), logits...))
		}
	}
	s.next(logits)
}

func (l *looping) dropCanceled() {
	for _, j := range l.working {
		if !j.allEnded() && j.canceled() != nil {
			for _, s := range j.seqs {
				s.end(Canceled)
			}
		}
	}
	l.reap()
}

// reap hands back jobs whose sequences have all ended, and keeps their caches for later prompts.
func (l *looping) reap() {
	rest := l.working[:0]
	for _, j := range l.working {
		if !j.allEnded() {
			rest = append(rest, j)
			continue
		}
		for _, s := range j.seqs {
			l.kept.put(s.cache)
		}
		j.finish()
	}
	clear(l.working[len(rest):])
	l.working = rest
}

func (j *job) allEnded() bool {
	for _, s := range j.seqs {
		if !s.ended() {
			return false
		}
	}
	return len(j.seqs) > 0
}
