package registry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	stateSuffix = ".state"
	attemptsMax = 5        // without a new byte, once there was one
	deafMax     = 2        // where nothing ever came
	spare       = 64 << 20 // of the disk, that a download leaves free
)

// A sum is a SHA-256 in the making.
type sum struct{ hash.Hash }

func newSum() sum         { return sum{sha256.New()} }
func (s sum) hex() string { return hex.EncodeToString(s.Sum(nil)) }
func (s sum) reset() sum  { s.Reset(); return s }
func etagOf(h http.Header) string {
	if t := h.Get("ETag"); t != "" && !strings.HasPrefix(t, "W/") {
		return t
	}
	return h.Get("Last-Modified")
}

func hashFile(path string) (string, error) {
	s := newSum()
	err := appendFile(s, path)
	return s.hex(), err
}

// A state says what a partial file is part of.
type state struct {
	URL, ETag string
	Total     int64 // 0: not known
}

// A fetching is one file on its way.
type fetching struct {
	*Pull
	file  File
	path  string
	out   *os.File
	sum   sum
	done  int64
	total int64 // 0: not known
	state state
}

// fetch brings file i of the model into the folder part, whole and right.
func (p *Pull) fetch(ctx context.Context, part string, i int) error {
	f := &fetching{Pull: p, file: p.Model.Files[i], sum: newSum()}
	f.path = filepath.Join(part, f.file.FileName())
	f.total = f.file.Bytes
	var err error
	if f.out, err = os.OpenFile(f.path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	defer f.out.Close()
	if isAddress(f.file.URL) {
		err = f.download(ctx)
	} else {
		err = f.copy(ctx)
	}
	if err != nil {
		return err
	}
	return f.finish()
}

// finish checks the whole file; a wrong one is deleted, since going on with it is no use.
func (f *fetching) finish() error {
	err := f.out.Sync()
	if err == nil && f.file.Bytes > 0 && f.done != f.file.Bytes {
		err = fmt.Errorf("%s: %w: %d bytes, want %d", f.file.URL, ErrSize, f.done, f.file.Bytes)
	}
	if got := f.sum.hex(); err == nil && f.file.SHA256 != "" && got != f.file.SHA256 {
		err = fmt.Errorf("%s: %w: it has %s, want %s", f.file.URL, ErrSum, got, f.file.SHA256)
	}
	if err != nil {
		f.discard()
	}
	return err
}

func (f *fetching) discard() {
	os.Remove(f.path)
	os.Remove(f.path + stateSuffix)
}

// copy takes a file of this machine.
func (f *fetching) copy(ctx context.Context) error {
	in, err := os.Open(f.file.URL)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", f.file.URL)
	}
	if f.file.Bytes > 0 && info.Size() != f.file.Bytes {
		return fmt.Errorf("%s: %w: %d bytes, want %d", f.file.URL, ErrSize, info.Size(), f.file.Bytes)
	}
	f.total = info.Size()
	if err := f.room(); err != nil {
		return err
	}
	if err := f.restart(); err != nil {
		return err
	}
	return f.take(ctx, in, info.Size())
}

// restart begins the file anew.
func (f *fetching) restart() error {
	f.done, f.sum = 0, f.sum.reset()
	if err := f.out.Truncate(0); err != nil {
		return err
	}
	_, err := f.out.Seek(0, io.SeekStart)
	return err
}

// take writes and hashes what in has, at most so many bytes more.
func (f *fetching) take(ctx context.Context, in io.Reader, most int64) error {
	buf := make([]byte, 1<<18)
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := in.Read(buf)
		if int64(n) > most {
			return fmt.Errorf("%s: %w: more bytes come than were told", f.file.URL, ErrSize)
		}
		most -= int64(n)
		if n > 0 {
			if _, werr := f.out.Write(buf[:n]); werr != nil {
				return f.noRoom(werr)
			}
			f.sum.Write(buf[:n])
			f.done += int64(n)
			f.tell()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return cmp.Or(context.Cause(ctx), err)
		}
	}
}

func (f *fetching) tell() {
	if f.Progress != nil {
		f.Progress(f.file.FileName(), f.done, f.total)
	}
}

// noRoom is an error of writing, which a full disk is the usual reason of.
func (f *fetching) noRoom(err error) error {
	return fmt.Errorf("%w: %w", ErrSpace, err)
}

// room is an error where the disk cannot hold the rest.
func (f *fetching) room() error {
	if f.Free == nil {
		return nil
	}
	free := f.Free(f.Dir)
	if need := f.total - f.done + spare; free > 0 && free < need {
		return fmt.Errorf("%s: %w: %d bytes are needed, %d are free", f.Dir, ErrSpace, need, free)
	}
	return nil
}

// download fetches over the network and goes on where an earlier attempt stopped.
func (f *fetching) download(ctx context.Context) error {
	if err := f.resume(); err != nil {
		return err
	}
	for attempt, most := 0, deafMax; ; {
		before := f.done
		err := f.attempt(ctx)
		var passing *passingError
		if err == nil || !errors.As(err, &passing) || ctx.Err() != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
		if attempt++; f.done > before {
			attempt, most = 0, attemptsMax
		}
		if attempt >= most {
			return passing.err
		}
		select {
		case <-time.After(f.Wait(max(attempt, 1))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// a passingError may be gone at the next attempt.
type passingError struct{ err error }

func (e *passingError) Error() string { return e.err.Error() }
func (e *passingError) Unwrap() error { return e.err }

// resume hashes what an earlier run left, if it is part of the same file.
func (f *fetching) resume() error {
	text, err := os.ReadFile(f.path + stateSuffix)
	if err != nil || json.Unmarshal(text, &f.state) != nil || f.state.URL != f.file.URL || f.state.ETag == "" && f.file.SHA256 == "" {
		f.state = state{}
		return f.restart()
	}
	if f.done, err = io.Copy(f.sum, f.out); err != nil || f.file.Bytes > 0 && f.done > f.file.Bytes {
		return f.restart()
	}
	return nil
}

// attempt makes one request.
func (f *fetching) attempt(ctx context.Context) error {
	if total := or(f.file.Bytes, f.state.Total); total > 0 && f.done == total {
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(f.Stall, func() { cancel(fmt.Errorf("silent for %v", f.Stall)) })
	defer quiet.Stop()
	resp, err := f.ask(ctx)
	if err != nil {
		return f.networkError(cmp.Or(context.Cause(ctx), err))
	}
	defer resp.Body.Close()
	most, err := f.begin(resp)
	if err != nil {
		return err
	}
	err = f.take(ctx, &watched{resp.Body, quiet, f.Stall}, most)
	if err == nil && f.total > 0 && f.done < f.total {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && !errors.Is(err, ErrSize) && !errors.Is(err, ErrSpace) {
		return f.networkError(err)
	}
	return err
}

func (f *fetching) ask(ctx context.Context) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", f.file.URL, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", "identity")
	if f.done > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", f.done))
		if f.state.ETag != "" {
			r.Header.Set("If-Range", f.state.ETag)
		}
	}
	return f.Client.Do(r)
}

func (f *fetching) networkError(err error) error {
	if errors.Is(err, ErrInsecure) {
		return err
	}
	return &passingError{fmt.Errorf("%s: %w: %w", f.file.URL, ErrNetwork, err)}
}

// begin reads the head of an answer: where the bytes go on, and how many may come.
func (f *fetching) begin(resp *http.Response) (most int64, err error) {
	switch {
	case resp.StatusCode == http.StatusPartialContent && f.done > 0:
		at, total, ok := contentRange(resp.Header.Get("Content-Range"))
		if !ok || at != f.done {
			return 0, f.again(fmt.Errorf("%s: %w: it goes on at another place than was asked for", f.file.URL, ErrServer))
		}
		f.total = or(total, f.total)
	case resp.StatusCode == http.StatusOK:
		if err := f.restart(); err != nil {
			return 0, err
		}
		f.total = max(resp.ContentLength, 0)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return 0, f.again(fmt.Errorf("%s: %w: it has fewer bytes than were fetched", f.file.URL, ErrServer))
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout:
		return 0, &passingError{fmt.Errorf("%s: %w: %s", f.file.URL, ErrServer, resp.Status)}
	default:
		return 0, fmt.Errorf("%s: %w: %s", f.file.URL, ErrServer, resp.Status)
	}
	if f.file.Bytes > 0 && f.total > 0 && f.total != f.file.Bytes {
		return 0, fmt.Errorf("%s: %w: the server has %d bytes, want %d", f.file.URL, ErrSize, f.total, f.file.Bytes)
	}
	f.total = or(f.total, f.file.Bytes)
	if err := f.room(); err != nil {
		return 0, err
	}
	return f.most(), f.remember(resp.Header)
}

// again forgets what was fetched and lets the next attempt begin anew.
func (f *fetching) again(err error) error {
	if e := f.restart(); e != nil {
		return e
	}
	f.state = state{}
	return &passingError{err}
}

// most is how many bytes may still come: a body without an end stops at what the disk holds.
func (f *fetching) most() int64 {
	if f.total > 0 {
		return f.total - f.done
	}
	if f.Free != nil {
		if free := f.Free(f.Dir); free > 0 {
			return max(free-spare, 0)
		}
	}
	return 1 << 40
}

// remember notes what the partial file is part of.
func (f *fetching) remember(h http.Header) error {
	f.state = state{f.file.URL, etagOf(h), f.total}
	text, err := json.Marshal(f.state)
	if err != nil {
		return err
	}
	return os.WriteFile(f.path+stateSuffix, text, 0o600)
}

// contentRange reads "bytes 5-9/10"; total is 0 for "*".
func contentRange(s string) (at, total int64, ok bool) {
	rest, ok := strings.CutPrefix(s, "bytes ")
	span, size, ok2 := strings.Cut(rest, "/")
	first, _, ok3 := strings.Cut(span, "-")
	at, err := strconv.ParseInt(first, 10, 64)
	if size != "*" {
		var err2 error
		if total, err2 = strconv.ParseInt(size, 10, 64); err2 != nil || total < 0 {
			return 0, 0, false
		}
	}
	return at, total, ok && ok2 && ok3 && err == nil
}

func or(a, b int64) int64 {
	if a != 0 {
		return a
	}
	return b
}

// watched puts the clock back whenever bytes come.
type watched struct {
	io.Reader
	quiet *time.Timer
	stall time.Duration
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if n > 0 {
		w.quiet.Reset(w.stall)
	}
	return n, err
}

// newClient follows redirects, but never from https to http.
func newClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 30 * time.Second
	t.DisableCompression = true
	return &http.Client{Transport: t, CheckRedirect: safeRedirect}
}

func safeRedirect(r *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("too many redirects")
	}
	if r.URL.Scheme != "https" && via[0].URL.Scheme == "https" {
		return fmt.Errorf("%w: it leads to %s", ErrInsecure, r.URL.Redacted())
	}
	return nil
}
