package client

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"daiban/action"
)

// An Answer is what came back. Close it.
type Answer struct {
	Status int
	Header http.Header
	URL    *url.URL // that gave it, after redirects
	Size   int64    // of its body, in bytes; -1 when it does not say

	c    *Client
	h    hop
	ctx  context.Context
	w    *watch
	raw  io.ReadCloser
	body io.Reader
	read int64
}

func newAnswer(c *Client, h hop, resp *http.Response, ctx context.Context, w *watch) *Answer {
	a := &Answer{Status: resp.StatusCode, Header: resp.Header, URL: h.url, Size: resp.ContentLength,
		c: c, h: h, ctx: ctx, w: w, raw: resp.Body}
	a.body = &alive{a}
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") && !packed(h.url.Path, resp.Header) { // asked for plain, it came packed
		a.Size = -1
		a.body = &unzip{src: a.body}
	}
	return a
}

// packed reports whether the file itself is a gzip: servers call that an encoding, too.
func packed(path string, h http.Header) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, ".tgz") || strings.Contains(h.Get("Content-Type"), "gzip")
}

// alive is the raw body; each byte of it is a sign of life.
type alive struct{ a *Answer }

func (r *alive) Read(p []byte) (int, error) {
	n, err := r.a.raw.Read(p)
	if n > 0 {
		r.a.w.reset(idleWait)
	}
	return n, err
}

// unzip unpacks, begun at the first read.
type unzip struct {
	src io.Reader
	z   *gzip.Reader
}

func (u *unzip) Read(p []byte) (int, error) {
	if u.z == nil {
		z, err := gzip.NewReader(u.src)
		if err != nil {
			return 0, err
		}
		u.z = z
	}
	return u.z.Read(p)
}

// Read reads the body. Its errors say that the answer broke off.
func (a *Answer) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	a.read += int64(n)
	if err != nil && err != io.EOF {
		return n, a.broken(err)
	}
	return n, err
}

// broken is the error of an answer that ended before its end.
func (a *Answer) broken(err error) error {
	err = cause(a.ctx, err)
	if errors.Is(err, io.ErrUnexpectedEOF) && a.Size > 0 {
		return a.c.brokenOff(&a.h, action.Bad("回答只来了 %d 字节，应有 %d 字节", "only %d bytes of the answer came, of %d", a.read, a.Size))
	}
	return a.c.brokenOff(&a.h, action.Bad("回答没有收完（%v）", "the answer did not come whole (%v)", a.c.reason(err)))
}

// All is the whole body; at most max bytes are taken.
func (a *Answer) All(max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(a, max+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(b)) > max && a.h.post:
		return nil, action.Doubt("%s 收下了，但回答超过 %d MB，没有读完", "%s took it, but its answer is larger than %d MB and was not read", a.h.r.shown(a.URL), max>>20)
	case int64(len(b)) > max:
		return nil, action.Limit("%s 的回答超过 %d MB", "the answer of %s is larger than %d MB", a.h.r.shown(a.URL), max>>20)
	}
	return b, nil
}

// Close lets go of the connection.
func (a *Answer) Close() error {
	err := a.raw.Close()
	a.w.end()
	return err
}

// headOfBody is the beginning of the body, for a message.
func (a *Answer) headOfBody() []byte {
	b, _ := io.ReadAll(io.LimitReader(a.body, 16<<10)) // what came is what there is to tell
	return b
}
