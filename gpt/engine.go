package gpt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"daiban/gpt/grammar"
	"daiban/gpt/kern"
	"daiban/gpt/model"
	"daiban/gpt/token"
	"daiban/gpt/weights"
)

// Options of an engine. The zero value is good for one user.
type Options struct {
	Threads   int // 0: one for each core
	Context   int // the most positions of a sequence; 0: the model's own, at most 32768
	Sequences int // how many are computed together; 0: 8
	Queue     int // how many requests may wait; 0: 64

	Adapter string // a file, or a folder of PEFT, whose low-rank adapter is added; "": none
}

// Engine is a loaded model that answers requests. It is safe for concurrent use: what is asked
// at the same time is computed in the same passes.
type Engine struct {
	Options
	name    string
	file    *weights.File
	pool    *kern.Pool
	model   *model.Model
	tok     *token.Tokenizer
	words   func() *grammar.Vocab
	ends    map[int]bool
	matches matchers
	scratch []float32 // (V), of the loop

	jobs    chan *job
	quit    chan struct{}
	done    chan struct{}
	closing sync.Once
	places  chan struct{} // one for each request that is computed or waits
}

// Open loads a GGUF file or a folder as Hugging Face lays it out. The weights stay in the
// file, mapped into memory. Errors name the file and what is wrong with it.
func Open(path string, o Options) (*Engine, error) {
	e := &Engine{Options: o, name: nameOf(path)}
	c, err := e.openFile(path)
	if err == nil {
		e.setDefaults(c)
		e.pool = kern.NewPool(o.Threads)
		e.model, err = model.New(c, e.file, e.pool)
	}
	if err == nil && o.Adapter != "" {
		if err = AddAdapter(e.model, o.Adapter); err != nil {
			err = fmt.Errorf("the adapter %s: %w", o.Adapter, err)
		}
	}
	if err == nil && e.tok.Size() > c.Vocab {
		err = fmt.Errorf("%s: the tokenizer knows %d tokens and the model %d", path, e.tok.Size(), c.Vocab)
	}
	if err != nil {
		e.release()
		return nil, err
	}
	e.start()
	return e, nil
}

func nameOf(path string) string {
	return strings.TrimSuffix(filepath.Base(filepath.Clean(path)), ".gguf")
}

const configMax = 16 << 20 // bytes of a config.json

// openFile opens the weights, the configuration and the tokenizer.
func (e *Engine) openFile(path string) (c model.Config, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	if !info.IsDir() {
		return e.openGGUF(path)
	}
	text, err := weights.ReadSmall(filepath.Join(path, "config.json"), configMax)
	if errors.Is(err, fs.ErrNotExist) {
		return e.openGGUF(path)
	}
	if err != nil {
		return c, err
	}
	if c, err = model.FromJSON(text); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if e.tok, err = token.OpenDir(path); err != nil {
		return c, err
	}
	e.file, err = weights.OpenSafetensors(path)
	return c, err
}

func (e *Engine) openGGUF(path string) (c model.Config, err error) {
	if e.file, err = weights.Open(path); err != nil {
		return c, err
	}
	if c, err = model.FromGGUF(e.file); err != nil {
		return c, err
	}
	if e.tok, err = token.FromGGUF(e.file.Meta); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return c, err
}

func (e *Engine) setDefaults(c model.Config) {
	if e.Context <= 0 {
		e.Context = min(c.Context, 1<<15)
	}
	if c.Arch == "gpt2" {
		e.Context = min(e.Context, c.Context)
	}
	if e.Sequences <= 0 {
		e.Sequences = 8
	}
	if e.Queue <= 0 {
		e.Queue = 64
	}
}

func (e *Engine) start() {
	e.ends = map[int]bool{}
	for _, t := range e.tok.Stops() {
		e.ends[t] = true
	}
	e.words = sync.OnceValue(e.vocabulary)
	e.jobs = make(chan *job)
	e.quit, e.done = make(chan struct{}), make(chan struct{})
	e.places = make(chan struct{}, e.Queue+e.Sequences)
	go e.loop()
}

// vocabulary is what the tokens are as bytes, for grammars; control tokens are none.
func (e *Engine) vocabulary() *grammar.Vocab {
	words := make([][]byte, e.model.Vocab)
	for i := range e.tok.Size() {
		if !e.tok.IsSpecial(i) {
			words[i] = e.tok.Bytes(i)
		}
	}
	return grammar.NewVocab(words)
}

// Close ends what is running and gives the memory back. Requests that wait end with an error.
func (e *Engine) Close() error {
	var err error
	e.closing.Do(func() {
		close(e.quit)
		<-e.done
		err = e.release()
	})
	return err
}

func (e *Engine) release() error {
	if e.pool != nil {
		e.pool.Close()
	}
	if e.file != nil {
		return e.file.Close()
	}
	return nil
}

// Name is the model's name: that of its file or folder.
func (e *Engine) Name() string { return e.name }

// Config is the model's shape.
func (e *Engine) Config() model.Config { return e.model.Config }

// Tokenizer is the model's own.
func (e *Engine) Tokenizer() *token.Tokenizer { return e.tok }

// File is the model's weights.
func (e *Engine) File() *weights.File { return e.file }

// Generate continues a prompt. It returns when every sequence has ended. When ctx ends first,
// the output holds what there is and the error is ctx's.
func (e *Engine) Generate(ctx context.Context, r Request) (*Output, error) {
	if err := e.checkRequest(&r); err != nil {
		return nil, err
	}
	select {
	case e.places <- struct{}{}:
		defer func() { <-e.places }()
	default:
		return nil, ErrBusy
	}
	j := newJob(ctx, r)
	select {
	case e.jobs <- j:
	case <-e.quit:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return j.wait()
}

func (e *Engine) checkRequest(r *Request) error {
	if len(r.Prompt) == 0 {
		return fmt.Errorf("the prompt is empty: want at least one token")
	}
	for _, t := range slices.Concat(r.Prompt, r.Begin) {
		if t < 0 || t >= e.model.Vocab {
			return fmt.Errorf("the prompt holds token %d: this model has %d", t, e.model.Vocab)
		}
	}
	if n := len(r.Prompt) + len(r.Begin); n >= e.Context {
		return fmt.Errorf("%w: %d tokens of %d", ErrTooLong, n, e.Context)
	}
	if r.N <= 0 {
		r.N = 1
	}
	if r.N > e.Sequences {
		return fmt.Errorf("%d sequences of one prompt: at most %d", r.N, e.Sequences)
	}
	room := e.Context - len(r.Prompt)
	if r.MaxTokens <= 0 || r.MaxTokens > room {
		r.MaxTokens = room
	}
	return r.Sampling.check()
}
