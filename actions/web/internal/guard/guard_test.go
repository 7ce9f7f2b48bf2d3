package guard

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"daiban/action"
)

// named grants the hosts in it and resolves nothing.
type named map[string]bool

func (n named) Allow(host string) error {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if n[host] {
		return nil
	}
	return action.Refused("没有写明 %s", "%s is not named", host)
}

func (n named) Check(_ context.Context, host string) error { return n.Allow(host) }

func (n named) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func start(t *testing.T, n action.Network) (*Guard, *http.Client) {
	g, err := Start(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	user, password := g.Credentials()
	proxy := &url.URL{Scheme: "http", Host: g.Address(), User: url.UserPassword(user, password)}
	tr := &http.Transport{Proxy: http.ProxyURL(proxy)}
	t.Cleanup(tr.CloseIdleConnections)
	return g, &http.Client{Transport: tr}
}

func get(t *testing.T, c *http.Client, u string) (int, http.Header) {
	t.Helper()
	r, err := c.Get(u)
	if err != nil {
		return 0, nil
	}
	defer r.Body.Close()
	io.Copy(io.Discard, r.Body)
	return r.StatusCode, r.Header
}

func TestAddresses(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "" {
			t.Error("the password of the guard went on")
		}
	}))
	defer s.Close()
	g, c := start(t, named{"127.0.0.1": true})
	g.resolve = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("10.0.0.1")}, nil
	}
	if got, _ := get(t, c, s.URL); got != 200 {
		t.Errorf("a granted address: %d", got)
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	for _, host := range []string{"localhost", "127.0.0.2", "[::1]", "169.254.169.254", "10.1.2.3", "192.168.0.1", "0.0.0.0", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "rebound.example.com", "x.localhost"} {
		if got, h := get(t, c, "http://"+host+":"+port+"/"); got != http.StatusForbidden || h.Get(Blocked) == "" {
			t.Errorf("%s: %d", host, got)
		}
		if got, _ := get(t, c, "https://"+host+":"+port+"/"); got != 0 {
			t.Errorf("%s by a tunnel: %d", host, got)
		}
	}
}

func TestPassword(t *testing.T) {
	g, _ := start(t, named{"127.0.0.1": true})
	if got, _ := get(t, &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: g.Address()}), DisableKeepAlives: true}}, "http://127.0.0.1:1/"); got != http.StatusProxyAuthRequired {
		t.Errorf("without the password: %d", got)
	}
}

// A connection that breaks after the request has left is told apart from a host that is not reached.
func TestLost(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, _ := w.(http.Hijacker).Hijack()
		c.Close()
	}))
	_, c := start(t, named{"127.0.0.1": true})
	if got, h := get(t, c, s.URL); got != http.StatusBadGateway || h.Get(Lost) == "" {
		t.Errorf("no answer: %d %v", got, h)
	}
	s.Close()
	if got, h := get(t, c, s.URL); got != http.StatusBadGateway || h.Get(Lost) != "" {
		t.Errorf("nobody there: %d %v", got, h)
	}
}

func TestTunnel(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		line, _ := bufio.NewReader(c).ReadString('\n')
		io.WriteString(c, "echo "+line)
	}()
	g, _ := start(t, named{"127.0.0.1": true})
	c, err := net.Dial("tcp", g.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	user, password := g.Credentials()
	r, _ := http.NewRequest(http.MethodConnect, "http://"+ln.Addr().String(), nil)
	r.SetBasicAuth(user, password)
	io.WriteString(c, "CONNECT "+ln.Addr().String()+" HTTP/1.1\r\nHost: "+ln.Addr().String()+"\r\nProxy-Authorization: "+r.Header.Get("Authorization")+"\r\n\r\nhello\n")
	raw, _ := io.ReadAll(c)
	if !strings.HasSuffix(string(raw), "echo hello\n") {
		t.Errorf("through the tunnel came %q", raw)
	}
}

func TestNames(t *testing.T) {
	h := http.Header{"Content-Disposition": {"attachment; filename=\"\xbe\xc9\xb1\xa8\xb1\xed.xls\""}}
	nameInUTF8(h)
	if got, want := h.Get("Content-Disposition"), "attachment; filename*=UTF-8''%E6%97%A7%E6%8A%A5%E8%A1%A8.xls"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
