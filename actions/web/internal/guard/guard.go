// Package guard is the only way from the browser to the network: an HTTP proxy on loopback with a
// password of its own. What a page asks for by itself may come from any public address; an address
// of this machine, of a private network or of a cloud's metadata is reached only when the run may
// reach its host. The address that was checked is the one connected to.
package guard

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"daiban/action"
)

// Hello is a host that only the guard answers: with its first request the browser learns the password.
const Hello = "hello.daiban.invalid"

// Lost is the header of an answer that stands for none: the request had left when the connection broke.
const Lost = "X-Daiban-Lost"

// Blocked is the header of the guard's own refusal.
const Blocked = "X-Daiban-Blocked"

// A Guard is a running proxy.
type Guard struct {
	net            action.Network
	user, password string
	ln             net.Listener
	server         *http.Server
	transport      *http.Transport
	resolve        func(ctx context.Context, host string) ([]netip.Addr, error)

	mu     sync.Mutex
	tunnel map[net.Conn]bool
}

// Start starts the proxy on a free port of loopback; n is what the run may reach.
func Start(n action.Network) (*Guard, error) {
	var secret [16]byte
	rand.Read(secret[:])
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &Guard{net: n, user: "daiban", password: hex.EncodeToString(secret[:]), ln: ln, tunnel: map[net.Conn]bool{}}
	g.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}
	g.transport = &http.Transport{DialContext: g.dial, DisableCompression: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: 30 * time.Second}
	go g.server.Serve(ln)
	return g, nil
}

// Address is host:port of the proxy.
func (g *Guard) Address() string { return g.ln.Addr().String() }

// Credentials is what the browser signs in with.
func (g *Guard) Credentials() (user, password string) { return g.user, g.password }

// Close ends the proxy and every connection through it.
func (g *Guard) Close() error {
	err := g.server.Close()
	g.transport.CloseIdleConnections()
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.tunnel {
		c.Close()
	}
	return err
}

func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.known(r) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="daiban"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	r.Header.Del("Proxy-Authorization")
	r.Header.Del("Proxy-Connection")
	switch {
	case r.Method == http.MethodConnect:
		g.connect(w, r)
	case r.URL.Hostname() == Hello:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<title>daiban</title>")
	case r.URL.Scheme != "http":
		http.Error(w, "only http through this proxy", http.StatusBadRequest)
	default:
		g.forward(w, r)
	}
}

func (g *Guard) known(r *http.Request) bool {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(g.user+":"+g.password))
	return subtle.ConstantTimeCompare([]byte(r.Header.Get("Proxy-Authorization")), []byte(want)) == 1
}

// connect tunnels TLS and web sockets.
func (g *Guard) connect(w http.ResponseWriter, r *http.Request) {
	up, err := g.dial(r.Context(), "tcp", r.Host)
	if err != nil {
		refuse(w, err)
		return
	}
	defer up.Close()
	down, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer down.Close()
	if !g.track(up, down) {
		return
	}
	defer g.untrack(up, down)
	if _, err := io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(up, buf)
		closeWrite(up)
	}()
	io.Copy(down, up)
	closeWrite(down)
	down.SetReadDeadline(time.Now().Add(10 * time.Second))
	<-done
}

func closeWrite(c net.Conn) {
	if t, ok := c.(interface{ CloseWrite() error }); ok {
		t.CloseWrite()
		return
	}
	c.Close()
}

func (g *Guard) track(cs ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.tunnel) > 2000 {
		return false
	}
	for _, c := range cs {
		g.tunnel[c] = true
	}
	return true
}

func (g *Guard) untrack(cs ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range cs {
		delete(g.tunnel, c)
	}
}

// forward passes a plain request on. When the connection breaks after the request has left, the
// answer says so in Lost instead of breaking this connection too: a browser would send again.
func (g *Guard) forward(w http.ResponseWriter, r *http.Request) {
	r.RequestURI = ""
	res, err := g.transport.RoundTrip(r)
	if err != nil {
		refuse(w, err)
		return
	}
	defer res.Body.Close()
	for k, vs := range res.Header {
		if k != "Connection" && k != "Keep-Alive" && k != "Transfer-Encoding" && k != "Proxy-Authenticate" {
			w.Header()[k] = vs
		}
	}
	nameInUTF8(w.Header())
	w.WriteHeader(res.StatusCode)
	fw := flusher{w, http.NewResponseController(w)}
	if _, err := io.Copy(fw, res.Body); err != nil {
		panic(http.ErrAbortHandler) // a body cut short must look so
	}
}

// nameInUTF8 rewrites the name of a file that a server sends in the bytes of GBK: the browser would
// lose them.
func nameInUTF8(h http.Header) {
	d := h.Get("Content-Disposition")
	if d == "" || utf8.ValidString(d) {
		return
	}
	raw, err := simplifiedchinese.GB18030.NewDecoder().String(d)
	if err != nil {
		return
	}
	kind, rest, _ := strings.Cut(raw, ";")
	_, name, ok := strings.Cut(rest, "filename=")
	if !ok {
		return
	}
	name, _, _ = strings.Cut(name, ";")
	h.Set("Content-Disposition", kind+"; filename*=UTF-8''"+url.PathEscape(strings.Trim(strings.TrimSpace(name), `"`)))
}

// flusher passes every piece on at once: answers may be streams.
type flusher struct {
	io.Writer
	c *http.ResponseController
}

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err == nil {
		f.c.Flush()
	}
	return n, err
}

func refuse(w http.ResponseWriter, err error) {
	var b *blockedError
	var dial *dialError
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	switch {
	case errors.As(err, &b):
		w.Header().Set(Blocked, "1")
		w.WriteHeader(http.StatusForbidden)
	case errors.As(err, &dial):
		w.Header().Set(Blocked, "unreachable")
		w.WriteHeader(http.StatusBadGateway)
	default:
		w.Header().Set(Lost, "1")
		w.WriteHeader(http.StatusBadGateway)
	}
	io.WriteString(w, err.Error())
}

// A blockedError is an address that the run may not reach.
type blockedError struct{ why string }

func (e *blockedError) Error() string { return e.why }

// A dialError is a host that was not reached: nothing was sent.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// dial connects to address: as the run may, else only to a public address.
func (g *Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if g.net != nil && g.net.Allow(address) == nil {
		c, err := g.net.DialContext(ctx, network, address)
		var p *action.Problem
		if errors.As(err, &p) {
			return nil, &blockedError{p.EN}
		}
		if err != nil {
			return nil, &dialError{err}
		}
		return c, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &blockedError{"not an address: " + address}
	}
	addrs, err := g.addresses(ctx, host)
	if err != nil {
		return nil, &dialError{err}
	}
	for _, a := range addrs {
		if !public(a) {
			return nil, &blockedError{host + " leads to " + a.String() + ", which this run may not reach"}
		}
	}
	d := net.Dialer{Timeout: 20 * time.Second}
	err = errors.New("no address of " + host)
	for _, a := range addrs {
		var c net.Conn
		if c, err = d.DialContext(ctx, network, net.JoinHostPort(a.String(), port)); err == nil {
			return c, nil
		}
	}
	return nil, &dialError{err}
}

func (g *Guard) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if host == "localhost" || len(host) > 10 && host[len(host)-10:] == ".localhost" {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
	}
	return g.resolve(ctx, host)
}

var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("::/96"),
}

// public reports whether a is an address of the open internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
