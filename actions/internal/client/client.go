// Package client speaks HTTP for the actions. It connects by Call.Net alone, so that only granted
// hosts are reached, also by a redirect; it gives an account's secret to the host it is bound to and
// takes it no further; and it tells apart what an effect must know: whether nothing was sent, the
// other side said no, or nobody can tell what happened there.
//
// The kinds of its errors: io while nothing was sent (or nothing can have changed, when reading),
// refused for a clear no, doubt when a post may have taken effect, limit for answers that are too
// large, input for addresses that are none.
package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/publicsuffix"

	"daiban/action"
)

// Bounds of an exchange.
const (
	connectTime  = 20 * time.Second // to a proxy; Call.Net bounds its own
	tlsTime      = 15 * time.Second
	readWait     = time.Minute     // for the head of an answer to a read
	postWait     = 2 * time.Minute // and to a post, which may work long
	idleWait     = time.Minute     // for the next bytes of an answer
	wholeWait    = 10 * time.Minute
	fileWait     = 12 * time.Hour // of a file
	headMax      = 1 << 20        // bytes of an answer's head
	redirectsMax = 10
)

// A Client asks services on behalf of one call of an action. Cookies live as long as it.
type Client struct {
	call  *action.Call
	proxy func(*url.URL) (*url.URL, error)
	jar   http.CookieJar
	reads *http.Transport
	posts *http.Transport
	hide  []string // what Mask takes out
	plain bool     // it was said that a secret goes without encryption
	pause func(context.Context, time.Duration) error
}

// New is a Client for c; Close it.
func New(c *action.Call) *Client {
	x := &Client{call: c, proxy: httpproxy.FromEnvironment().ProxyFunc(), pause: pause}
	x.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // it cannot fail
	x.reads = x.transport()
	x.reads.ForceAttemptHTTP2 = true
	// A post goes over a connection of its own, by HTTP/1.1. Transport repeats a request that bears an
	// Idempotency-Key when a kept connection breaks, and some of HTTP/2; a server that ignores the key
	// would do it twice.
	x.posts = x.transport()
	x.posts.DisableKeepAlives = true
	x.posts.Protocols = new(http.Protocols)
	x.posts.Protocols.SetHTTP1(true)
	return x
}

func (c *Client) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return c.proxy(r.URL) },
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    tlsTime,
		MaxResponseHeaderBytes: headMax,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idleWait,
	}
}

// Close lets go of the connections.
func (c *Client) Close() {
	c.reads.CloseIdleConnections()
	c.posts.CloseIdleConnections()
}

// proxied marks the context of a request that goes through a proxy.
type proxied struct{}

// dial connects to a granted host, or to the proxy that the administrator set: hop has checked the
// host behind it.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if ctx.Value(proxied{}) != nil {
		d := net.Dialer{Timeout: connectTime}
		return d.DialContext(ctx, network, address)
	}
	return c.call.Net.DialContext(ctx, network, address)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
