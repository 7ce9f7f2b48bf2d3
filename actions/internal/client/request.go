package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"daiban/action"
)

// A Request is what a service is asked.
type Request struct {
	URL     *url.URL // as Parse gives it
	Header  http.Header
	Body    []byte // of a post
	Account string // that signs in; "" for none
	Raw     bool   // the body of the answer is wanted as it lies on the server: a file
	Name    string // stands for the address in errors, when that is a secret; redirects are not followed
	Keyed   bool   // the service is known to do a post with one Idempotency-Key once: it may be repeated
}

// shown is the name of u in errors.
func (r *Request) shown(u *url.URL) string {
	if r.Name != "" {
		return r.Name
	}
	return Shown(u)
}

// A hop is one request of an exchange, and what came of it.
type hop struct {
	r      *Request
	method string
	url    *url.URL
	sent   bool // its head has left: the other side may have acted
	post   bool // some hop of this exchange was a post that has left
}

// errSlow is the cause when the other side says nothing for too long.
var errSlow = errors.New("no answer in time")

// do sends one request. The answer's body must be closed.
func (c *Client) do(h *hop, signed bool) (*Answer, error) {
	via, err := c.way(h.url)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(c.call)
	var sent atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	if via != nil {
		traced = context.WithValue(traced, proxied{}, true)
	}
	req, err := c.request(traced, h, signed)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	transport, head, whole := c.reads, readWait, wholeWait
	if h.method == http.MethodPost {
		transport, head = c.posts, postWait
	}
	if h.r.Raw {
		whole = fileWait
	}
	w := newWatch(cancel, head, whole)
	resp, err := transport.RoundTrip(req)
	h.sent = sent.Load()
	h.post = h.post || h.sent && h.method == http.MethodPost
	if err != nil {
		err = cause(ctx, err)
		w.end()
		return nil, c.broken(h, err)
	}
	c.jar.SetCookies(h.url, resp.Cookies())
	w.reset(idleWait)
	return newAnswer(c, *h, resp, ctx, w), nil
}

// way is the proxy to u, nil for none, when u may be reached. Behind a proxy nobody else looks at where
// u leads; without one Call.Net does as it connects.
func (c *Client) way(u *url.URL) (*url.URL, error) {
	via, err := c.proxy(u)
	if err != nil {
		return nil, action.Bad("环境变量里的代理不是网址", "the proxy in the environment is not an address")
	}
	if via == nil {
		return nil, c.call.Net.Allow(HostPort(u))
	}
	return via, c.call.Net.Check(c.call, HostPort(u))
}

// request is the HTTP request of a hop.
func (c *Client) request(ctx context.Context, h *hop, signed bool) (*http.Request, error) {
	var body io.Reader
	if h.method == http.MethodPost && len(h.r.Body) > 0 {
		body = bytes.NewReader(h.r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, h.method, h.url.String(), body)
	if err != nil {
		return nil, action.Bad("“%s”不是网址", "“%s” is not an address", h.r.shown(h.url))
	}
	req.GetBody = nil // nothing below may send it again
	for name, vs := range h.r.Header {
		if h.method == http.MethodPost || name != "Content-Type" && name != "Idempotency-Key" {
			req.Header[name] = vs
		}
	}
	req.Header.Set("User-Agent", "daiban")
	if h.r.Raw {
		req.Header.Set("Accept-Encoding", "identity") // so that its length is that of the file
	}
	for _, k := range c.jar.Cookies(h.url) {
		req.AddCookie(k)
	}
	if signed {
		err = c.sign(req.Header, h.r.Account, h.url)
	}
	return req, err
}

// cause is why a request ended: the reason of its context where that ended it.
func cause(ctx context.Context, err error) error {
	if e := context.Cause(ctx); e != nil {
		return e
	}
	var u *url.Error // it says the address, which may be a secret
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// A watch ends a request that nothing is heard of for a while, or that takes too long on the whole:
// a server that sends a byte now and then is as good as a silent one.
type watch struct {
	cancel      context.CancelCauseFunc
	idle, whole *time.Timer
}

func newWatch(cancel context.CancelCauseFunc, idle, whole time.Duration) *watch {
	slow := func() { cancel(errSlow) }
	return &watch{cancel, time.AfterFunc(idle, slow), time.AfterFunc(whole, slow)}
}

func (w *watch) reset(d time.Duration) { w.idle.Reset(d) }

func (w *watch) end() {
	w.idle.Stop()
	w.whole.Stop()
	w.cancel(nil)
}
