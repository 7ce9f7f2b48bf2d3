package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// weightsFile is what the tests download: it begins as a model does.
var weightsFile = append([]byte("GGUF"), bytes.Repeat([]byte("0123456789abcdef"), 1<<14)...)

func hashOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// host is a server of one file that can misbehave.
type host struct {
	*httptest.Server
	asked  atomic.Int32
	ranges []string // of every request
	data   []byte
	etag   string
	serve  func(n int, w http.ResponseWriter, r *http.Request) bool // false: as usual
}

func newHost(t *testing.T, data []byte) *host {
	h := &host{data: data, etag: `"one"`}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(h.asked.Add(1))
		h.ranges = append(h.ranges, r.Header.Get("Range"))
		if h.serve != nil && h.serve(n, w, r) {
			return
		}
		w.Header().Set("ETag", h.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(h.data))
	}))
	t.Cleanup(h.Close)
	return h
}

// cut sends the head of the whole and n bytes, then breaks the connection.
func (h *host) cut(w http.ResponseWriter, n int) {
	w.Header().Set("ETag", h.etag)
	w.Header().Set("Content-Length", fmt.Sprint(len(h.data)))
	w.Write(h.data[:n])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func pullOf(t *testing.T, url string) *Pull {
	return &Pull{Model: Model{Name: "tiny", Files: []File{{URL: url, Bytes: int64(len(weightsFile)), SHA256: hashOf(weightsFile)}}}, Dir: t.TempDir(),
		Wait: func(int) time.Duration { return 0 }, Stall: 5 * time.Second}
}

// nothing fails where the model has its name although the pull went wrong.
func nothing(t *testing.T, p *Pull) {
	t.Helper()
	for _, name := range []string{"tiny.gguf", "tiny", "tiny.json"} {
		if _, err := os.Stat(filepath.Join(p.Dir, name)); err == nil {
			t.Errorf("%s is there", name)
		}
	}
	if list, err := os.ReadDir(filepath.Join(p.Dir, "tiny"+partSuffix)); err == nil && !slices.ContainsFunc(list, func(e os.DirEntry) bool { return e.Name() != lockName }) {
		t.Error("an empty folder of parts is there")
	}
}

func whole(t *testing.T, p *Pull) Installed {
	t.Helper()
	got, err := p.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(got.Path)
	if err != nil || !bytes.Equal(b, weightsFile) {
		t.Fatalf("%s holds %d bytes (%v)", got.Path, len(b), err)
	}
	if left, _ := filepath.Glob(filepath.Join(p.Dir, "*"+partSuffix)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return got
}

func TestPull(t *testing.T) {
	h := newHost(t, weightsFile)
	p := pullOf(t, h.URL+"/x/tiny-q4.gguf?download=true")
	var last [2]int64
	p.Progress = func(file string, done, total int64) {
		if file != "tiny-q4.gguf" {
			t.Errorf("file %q", file)
		}
		last = [2]int64{done, total}
	}
	got := whole(t, p)
	if n := int64(len(weightsFile)); last != [2]int64{n, n} || got.Name != "tiny" || got.Bytes != n || !got.Verified || got.SHA256 != hashOf(weightsFile) {
		t.Errorf("%v %+v %+v", last, got, got.Receipt)
	}
	again, err := p.Run(t.Context())
	if err != nil || again.Path != got.Path || h.asked.Load() != 1 {
		t.Errorf("a second time: %+v %v, %d requests", again, err, h.asked.Load())
	}
	all, err := (&Store{Own: p.Dir}).All()
	if err != nil || len(all) != 1 || all[0].Name != "tiny" || all[0].Receipt == nil {
		t.Errorf("listed: %+v %v", all, err)
	}
}

func TestPullGoesOn(t *testing.T) {
	h := newHost(t, weightsFile)
	h.serve = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			h.cut(w, 100_000)
		}
		return false
	}
	whole(t, pullOf(t, h.URL+"/tiny.gguf"))
	if want := []string{"", "bytes=100000-"}; !slices.Equal(h.ranges, want) {
		t.Errorf("asked for %q, want %q", h.ranges, want)
	}
}

// TestPullGoesOnLater stops the first run and lets another one go on.
func TestPullGoesOnLater(t *testing.T) {
	h := newHost(t, weightsFile)
	ctx, stop := context.WithCancel(t.Context())
	h.serve = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("ETag", h.etag)
		w.Header().Set("Content-Length", fmt.Sprint(len(h.data)))
		w.Write(h.data[:100_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
	p := pullOf(t, h.URL+"/tiny.gguf")
	p.Progress = func(_ string, done, _ int64) {
		if done == 100_000 {
			stop()
		}
	}
	if _, err := p.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	nothing(t, p)
	p = &Pull{Model: p.Model, Dir: p.Dir, Wait: p.Wait}
	whole(t, p)
	if want := []string{"", "bytes=100000-"}; !slices.Equal(h.ranges, want) {
		t.Errorf("asked for %q, want %q", h.ranges, want)
	}
}

func TestPullOfAChangedFileBeginsAnew(t *testing.T) {
	old := bytes.Clone(weightsFile)
	old[50] = '!'
	h := newHost(t, old)
	h.serve = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			defer func() { h.data, h.etag = weightsFile, `"two"` }()
			h.cut(w, 100_000)
		}
		return false
	}
	whole(t, pullOf(t, h.URL+"/tiny.gguf"))
}

func TestPullWhereRangesAreIgnored(t *testing.T) {
	h := newHost(t, weightsFile)
	h.serve = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			h.cut(w, 100_000)
		}
		w.Write(h.data)
		return true
	}
	whole(t, pullOf(t, h.URL+"/tiny.gguf"))
}

func TestPullRefuses(t *testing.T) {
	plain := func(f func(w http.ResponseWriter, r *http.Request)) func(int, http.ResponseWriter, *http.Request) bool {
		return func(_ int, w http.ResponseWriter, r *http.Request) bool { f(w, r); return true }
	}
	wrong := bytes.Clone(weightsFile)
	wrong[len(wrong)-1]++
	for _, c := range []struct {
		name   string
		serve  func(int, http.ResponseWriter, *http.Request) bool
		change func(*Pull)
		want   error
		says   string
	}{
		{"wrong content", plain(func(w http.ResponseWriter, _ *http.Request) { w.Write(wrong) }), nil, ErrSum, hashOf(wrong)},
		{"too short", plain(func(w http.ResponseWriter, _ *http.Request) { w.Write(weightsFile[:1000]) }), nil, ErrSize, "1000 bytes"},
		{"too long", plain(func(w http.ResponseWriter, _ *http.Request) { w.Write(weightsFile); w.Write([]byte("x")) }), nil, ErrSize, "more bytes"},
		{"always cut", plain(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(weightsFile)))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}), nil, ErrNetwork, "EOF"},
		{"without end", plain(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(weightsFile); err != nil {
					return
				}
			}
		}), nil, ErrSize, "more bytes"},
		{"without end or size", plain(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(weightsFile); err != nil {
					return
				}
			}
		}), func(p *Pull) {
			p.Model.Files[0].Bytes = 0
			p.Free = func(string) int64 { return spare + 1<<20 }
		}, ErrSize, "more bytes"},
		{"silent", plain(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), func(p *Pull) { p.Stall = 20 * time.Millisecond }, ErrNetwork, "silent"},
		{"not there", plain(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusNotFound) }), nil, ErrServer, "404"},
		{"broken", plain(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusBadGateway) }), nil, ErrServer, "502"},
		{"elsewhere in the file", func(n int, w http.ResponseWriter, r *http.Request) bool {
			if n%2 == 1 {
				w.Header().Set("Content-Length", fmt.Sprint(len(weightsFile)))
				w.Write(weightsFile[:10])
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 5-9/%d", len(weightsFile)))
			w.WriteHeader(206)
			w.Write(weightsFile[5:10])
			return true
		}, func(p *Pull) { p.Wait = func(int) time.Duration { return time.Millisecond } }, nil, ""},
		{"no room", nil, func(p *Pull) { p.Free = func(string) int64 { return 1000 } }, ErrSpace, "1000 are free"},
		{"no checksum", nil, func(p *Pull) { p.Model.Files[0].SHA256 = "" }, ErrNoSum, "tiny"},
		{"no checksum over http", nil, func(p *Pull) { p.Model.Files[0].SHA256 = ""; p.Unverified = true }, ErrInsecure, "http://"},
		{"checksum of a person", nil, func(p *Pull) { p.SHA256 = "ab" }, nil, "64 hexadecimal digits"},
		{"name", nil, func(p *Pull) { p.Model.Name = "../tiny" }, nil, "cannot name a model"},
		{"nowhere", nil, func(p *Pull) { p.Model.Files = nil }, nil, "say where it comes from"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t, weightsFile)
			h.serve = c.serve
			p := pullOf(t, h.URL+"/tiny.gguf")
			if c.change != nil {
				c.change(p)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if c.want == nil && c.says == "" { // it may never end: only what it leaves counts
				ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
			}
			_, err := p.Run(ctx)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %v, saying %q", err, c.want, c.says)
			}
			nothing(t, p)
		})
	}
}

func TestPullNoNetwork(t *testing.T) {
	h := newHost(t, weightsFile)
	p := pullOf(t, h.URL+"/tiny.gguf")
	h.Close()
	if _, err := p.Run(t.Context()); !errors.Is(err, ErrNetwork) {
		t.Errorf("%v", err)
	}
}

func TestRedirects(t *testing.T) {
	get := func(url string) *http.Request { return httptest.NewRequest("GET", url, nil) }
	if err := safeRedirect(get("http://b/x"), []*http.Request{get("https://a/x")}); !errors.Is(err, ErrInsecure) {
		t.Errorf("https to http: %v", err)
	}
	if err := safeRedirect(get("https://b/x"), []*http.Request{get("https://a/x")}); err != nil {
		t.Error(err)
	}
	if err := safeRedirect(get("https://b/x"), make([]*http.Request, 10)); err == nil {
		t.Error("redirects without end")
	}
	// over a real connection
	plain := newHost(t, weightsFile)
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer secure.Close()
	p := pullOf(t, secure.URL+"/tiny.gguf")
	p.Client = secure.Client()
	p.Client.CheckRedirect = safeRedirect
	if _, err := p.Run(t.Context()); !errors.Is(err, ErrInsecure) || plain.asked.Load() != 0 {
		t.Errorf("%v, %d requests in the open", err, plain.asked.Load())
	}
	nothing(t, p)
}

func TestPullParts(t *testing.T) {
	dir := t.TempDir()
	var from []string
	for i, b := range [][]byte{weightsFile[:1000], weightsFile[1000:100000], weightsFile[100000:]} {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		from = append(from, path)
	}
	p := pullOf(t, "https://example.com/tiny.gguf")
	p.From = from
	if got := whole(t, p); !got.Verified {
		t.Errorf("%+v", got.Receipt)
	}
	p = pullOf(t, "https://example.com/tiny.gguf")
	p.From = []string{from[1], from[0], from[2]}
	if _, err := p.Run(t.Context()); !errors.Is(err, ErrSum) {
		t.Errorf("in the wrong order: %v", err)
	}
	nothing(t, p)
	p = &Pull{Model: Model{Name: "tiny"}, Dir: t.TempDir(), From: from}
	if got := whole(t, p); got.Verified {
		t.Error("nobody knew its checksum")
	}
	p = &Pull{Model: Model{Name: "tiny"}, Dir: t.TempDir(), From: from[1:]}
	if _, err := p.Run(t.Context()); !errors.Is(err, ErrNoModel) {
		t.Errorf("no model: %v", err)
	}
	nothing(t, p)
	p = pullOf(t, "https://example.com/tiny.gguf")
	p.From = []string{filepath.Join(dir, "nowhere")}
	if _, err := p.Run(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestPullFolder(t *testing.T) {
	h := newHost(t, []byte("{}"))
	p := &Pull{Model: Model{Name: "tiny", Files: []File{{URL: h.URL + "/config.json", SHA256: hashOf([]byte("{}"))}, {URL: h.URL + "/tokenizer.json", SHA256: hashOf([]byte("{}"))}}}, Dir: t.TempDir()}
	got, err := p.Run(t.Context())
	if err != nil || got.Path != filepath.Join(p.Dir, "tiny") || got.Bytes != 4 {
		t.Fatalf("%+v %v", got, err)
	}
	list, _ := os.ReadDir(got.Path)
	if len(list) != 2 {
		t.Errorf("%v", list)
	}
	other := &Pull{Model: Model{Name: "copy"}, Dir: t.TempDir(), From: []string{got.Path}}
	if got, err := other.Run(t.Context()); err != nil || got.Bytes != 4 || got.Verified {
		t.Errorf("%+v %v", got, err)
	}
}

func TestPullOnceAtATime(t *testing.T) {
	h := newHost(t, weightsFile)
	p := pullOf(t, h.URL+"/tiny.gguf")
	part := filepath.Join(p.Dir, "tiny"+partSuffix)
	if err := os.MkdirAll(part, 0o700); err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(filepath.Join(part, ".lock"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("%v", err)
	}
	unlock()
	whole(t, p)
}

func TestPullKeepsAnotherModel(t *testing.T) {
	h := newHost(t, weightsFile)
	p := pullOf(t, h.URL+"/tiny.gguf")
	path := filepath.Join(p.Dir, "tiny.gguf")
	if err := os.WriteFile(path, []byte("GGUF mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context()); !errors.Is(err, ErrExists) {
		t.Errorf("%v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "GGUF mine" {
		t.Errorf("overwritten: %.20q", b)
	}
}
