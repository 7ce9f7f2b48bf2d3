package pdfdoc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdfiumerr "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// theEngine is the one pool of the process: compiling the module costs
// hundreds of megabytes, so there is never a second.
var theEngine engine

type engine struct {
	mu   sync.Mutex
	pool pdfium.Pool
}

const (
	instancesMax   = 2         // documents read at a time
	memoryPagesMax = 1 << 14   // of 64 KiB: 1 GiB an instance
	startMax       = time.Hour // to wait for an instance; the context ends it sooner
)

// start compiles the module on the first use. A cache folder that cannot be
// used (read-only, full, damaged) is done without.
func (e *engine) start(cache string) (pdfium.Pool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pool != nil {
		return e.pool, nil
	}
	pool, err := newPool(cache)
	if err != nil && cache != "" {
		pool, err = newPool("")
	}
	if err != nil {
		return nil, fmt.Errorf("start the PDF reader: %w", err)
	}
	e.pool = pool
	return pool, nil
}

func newPool(cache string) (pdfium.Pool, error) {
	rc := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(memoryPagesMax).
		WithCloseOnContextDone(true)
	if cache != "" {
		if err := os.MkdirAll(cache, 0o700); err != nil {
			return nil, err
		}
		c, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, err
		}
		rc = rc.WithCompilationCache(c)
	}
	return webassembly.Init(webassembly.Config{
		MaxTotal:      instancesMax,
		RuntimeConfig: rc,
		FSConfig:      wazero.NewFSConfig().WithFSMount(fontFolder{}, "/"), // nothing of this machine
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
}

// read gives each document an instance of its own, killed when its time is
// over: nothing of one document is left for the next.
func (e *engine) read(ctx context.Context, data []byte, o Options) (*Doc, error) {
	pool, err := e.start(o.Cache)
	if err != nil {
		return nil, err
	}
	waiting, stopWaiting := context.WithTimeout(ctx, startMax)
	defer stopWaiting()
	in, err := pool.GetInstanceWithContext(waiting)
	if err != nil {
		return nil, fmt.Errorf("wait for the PDF reader: %w", errors.Join(err, ctx.Err()))
	}
	type result struct {
		doc *Doc
		err error
	}
	done := make(chan result, 1)
	go func() {
		r := reader{in: in, limits: o.Limits, rules: o.Rules, end: time.Now().Add(o.Limits.Time)}
		doc, err := r.read(data)
		done <- result{doc, err}
	}()
	timer := time.NewTimer(o.Limits.Time)
	defer timer.Stop()
	select {
	case r := <-done:
		in.Close()
		return r.doc, r.err
	case <-timer.C:
		in.Kill()
		return nil, &Error{TooSlow, o.Limits.Time.String()}
	case <-ctx.Done():
		in.Kill()
		return nil, ctx.Err()
	}
}

// A reader reads one document with one instance.
type reader struct {
	in     pdfium.Pdfium
	limits Limits
	rules  bool
	end    time.Time
	chars  int
}

func (r *reader) read(data []byte) (*Doc, error) {
	open, err := r.in.OpenDocument(&requests.OpenDocument{File: &data})
	switch {
	case errors.Is(err, pdfiumerr.ErrPassword), errors.Is(err, pdfiumerr.ErrSecurity):
		return nil, &Error{Kind: Encrypted}
	case err != nil:
		return nil, &Error{Corrupt, err.Error()}
	}
	n, err := r.in.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: open.Document})
	switch {
	case err != nil:
		return nil, &Error{Corrupt, err.Error()}
	case n.PageCount == 0:
		return nil, &Error{Corrupt, "no pages"}
	case n.PageCount > r.limits.Pages:
		return nil, &Error{TooBig, fmt.Sprintf("%d > %d pages", n.PageCount, r.limits.Pages)}
	}
	doc := &Doc{Pages: make([]Page, 0, n.PageCount)}
	for i := range n.PageCount {
		if time.Now().After(r.end) {
			return nil, &Error{TooSlow, r.limits.Time.String()}
		}
		p, err := r.page(open.Document, i)
		if err != nil {
			return nil, err
		}
		doc.Pages = append(doc.Pages, p)
	}
	return doc, nil
}

// page reads page i, from 0.
func (r *reader) page(doc references.FPDF_DOCUMENT, i int) (Page, error) {
	damaged := func(err error) (Page, error) {
		return Page{}, &Error{Corrupt, fmt.Sprintf("page %d: %v", i+1, err)}
	}
	loaded, err := r.in.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: doc, Index: i})
	if err != nil {
		return damaged(err)
	}
	defer r.in.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	ref := requests.Page{ByReference: &loaded.Page}
	view, err := r.view(ref)
	if err != nil {
		return damaged(err)
	}
	glyphs, err := r.glyphs(ref, view)
	if turn := mostTurned(glyphs); err == nil && turn != 0 {
		view = view.rotate(turn)
		glyphs, err = r.glyphs(ref, view)
	}
	p := Page{Number: i + 1, Width: view.width, Height: view.height}
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			return Page{}, err
		}
		return damaged(err)
	}
	p.Words = words(glyphs, p.Number)
	if r.rules {
		if p.Rules, err = r.ruled(ref, view); err != nil {
			return damaged(err)
		}
	}
	return p, nil
}
