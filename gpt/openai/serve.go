package openai

import (
	"context"
	"net/http"
	"sync"

	"daiban/gpt"
)

// promptsAtOnce bounds how many places of the engine's queue one request takes.
const promptsAtOnce = 4

// serve generates and answers, whole or as a stream.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, a *ask, s interface {
	shape
	withUsage()
}) *Error {
	if a.usage {
		s.withUsage()
	}
	if a.stream {
		return h.streamed(w, r, a, s)
	}
	seqs, u, err := h.generate(r.Context(), a, nil)
	if err != nil {
		return err
	}
	answer(w, s.whole(seqs, u))
	return nil
}

// generate continues every prompt, some at once. Sequence j of prompt i is choice i·n + j; on
// is called with pieces of all of them, by several goroutines.
func (h *Handler) generate(ctx context.Context, a *ask, on func(index int, p gpt.Piece) error) ([]gpt.Sequence, usage, *Error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		n    = a.base.N
		seqs = make([]gpt.Sequence, len(a.prompts)*n)
		mu   sync.Mutex
		sum  usage
		bad  *Error
		free = make(chan struct{}, promptsAtOnce)
		wg   sync.WaitGroup
	)
	for i := range a.prompts {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			out, err := h.one(ctx, a, i, on)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				if bad == nil { // what follows is because of the first
					bad = h.ofEngine(err, len(a.prompts[i].ids))
				}
				cancel()
				return
			}
			copy(seqs[i*n:(i+1)*n], out.Sequences)
			sum.add(out)
		})
	}
	wg.Wait()
	return seqs, sum, bad
}

func (h *Handler) one(ctx context.Context, a *ask, i int, on func(int, gpt.Piece) error) (*gpt.Output, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := a.base
	r.Prompt = a.prompts[i].ids
	if a.nothing {
		out := &gpt.Output{PromptTokens: len(r.Prompt)}
		for range r.N {
			out.Sequences = append(out.Sequences, gpt.Sequence{Finish: gpt.Length})
		}
		return out, nil
	}
	if on != nil {
		r.On = func(p gpt.Piece) error { return on(i*r.N+p.Sequence, p) }
	}
	out, err := h.model.Generate(ctx, r)
	if err == nil { // canceled is no answer for anyone
		err = ctx.Err()
	}
	return out, err
}
