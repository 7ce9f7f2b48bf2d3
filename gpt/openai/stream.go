package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"daiban/gpt"
)

// writeTime is how long a client may take to read an event before it is given up.
const writeTime = 30 * time.Second

// streamed answers with server-sent events. The engine is never held up by a slow client: what
// is generated waits in a queue, which max_tokens bounds. An error before the first event is an
// ordinary answer; after it, an event.
func (h *Handler) streamed(w http.ResponseWriter, r *http.Request, a *ask, s shape) *Error {
	ctx, cancel := context.WithCancel(r.Context())
	q := newQueue(a, s)
	done := make(chan *Error, 1)
	go func() {
		seqs, u, err := h.generate(ctx, a, q.piece)
		if err == nil {
			q.end(seqs, u)
		}
		done <- err
	}()
	out := &events{w: w, control: http.NewResponseController(w)}
	var err *Error
	for running := true; running; {
		select {
		case <-q.ready:
		case err = <-done:
			running = false
		}
		if out.write(q.take()) != nil {
			cancel()
			if running {
				<-done
			}
			return nil // the client is gone
		}
	}
	cancel()
	if err != nil && !out.began {
		return err
	}
	last := []any{doneEvent}
	if err != nil {
		last = []any{err}
	}
	out.write(last)
	return nil
}

// doneEvent stands for the end of a stream.
var doneEvent = json.RawMessage("[DONE]")

// A queue holds the chunks that are generated and not yet written.
type queue struct {
	ask   *ask
	shape shape
	ready chan struct{}

	mu    sync.Mutex
	list  []any
	begun bool
	told  map[int]int // places told of a choice
}

func newQueue(a *ask, s shape) *queue {
	return &queue{ask: a, shape: s, ready: make(chan struct{}, 1), told: map[int]int{}}
}

// begin adds what comes before any text. The caller holds mu.
func (q *queue) begin() {
	if q.begun {
		return
	}
	q.begun = true
	for i := range len(q.ask.prompts) * q.ask.base.N {
		if c := q.shape.first(i); c != nil {
			q.list = append(q.list, c)
		}
	}
}

func (q *queue) piece(index int, p gpt.Piece) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begin()
	if p.Text != "" {
		q.list = append(q.list, q.shape.piece(index, p.Text, nil))
	}
	q.signal()
	return nil
}

// end adds the reasons and the usage.
func (q *queue) end(seqs []gpt.Sequence, u usage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begin()
	for i, s := range seqs {
		if rest := s.Places[min(q.told[i], len(s.Places)):]; len(rest) > 0 {
			q.list = append(q.list, q.shape.piece(i, "", rest))
		}
		q.list = append(q.list, q.shape.last(i, s.Finish))
	}
	if q.ask.usage {
		q.list = append(q.list, q.shape.total(u))
	}
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *queue) take() []any {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list = nil
	return list
}

// events writes server-sent events.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	began   bool
}

func (e *events) write(list []any) error {
	if len(list) == 0 {
		return nil
	}
	if !e.began {
		e.began = true
		e.w.Header().Set("Content-Type", "text/event-stream")
		e.w.Header().Set("Cache-Control", "no-cache")
		e.w.Header().Set("X-Accel-Buffering", "no")
	}
	var b bytes.Buffer
	for _, v := range list {
		b.WriteString("data: ")
		if raw, ok := v.(json.RawMessage); ok {
			b.Write(raw)
			b.WriteByte('\n')
		} else {
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(v); err != nil {
				return err
			}
		}
		b.WriteByte('\n')
	}
	e.control.SetWriteDeadline(time.Now().Add(writeTime)) // not every writer has one
	if _, err := e.w.Write(b.Bytes()); err != nil {
		return err
	}
	return e.control.Flush()
}
