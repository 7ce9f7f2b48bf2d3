package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/actions/internal/charset"
)

// TestMain trusts the certificate of httptest's servers, as an administrator would.
func TestMain(m *testing.M) {
	s := httptest.NewTLSServer(nil)
	dir, err := os.MkdirTemp("", "roots")
	if err != nil {
		panic(err)
	}
	file := filepath.Join(dir, "roots.pem")
	os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600)
	os.Setenv("SSL_CERT_FILE", file)
	s.Close()
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

const password = "s3cret-7f3a91"

// newClient is a Client whose account erp signs in as auth says; hosts are those of servers.
func newClient(t *testing.T, auth string, servers ...*httptest.Server) *Client {
	e := actiontest.New(t, nil)
	e.Secrets = map[string]action.Credential{"erp": {User: "robot", Password: password, Auth: auth}}
	for _, s := range servers {
		e.Hosts = append(e.Hosts, s.Listener.Addr().String())
	}
	c, view := e.Call()
	x := New(c)
	x.pause = func(context.Context, time.Duration) error { return nil }
	t.Cleanup(func() { x.Close(); view.Close() })
	return x
}

func serve(t *testing.T, f http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s
}

func at(t *testing.T, address string) *url.URL {
	u, err := Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// text is the body of an answer, and its error.
func text(a *Answer, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer a.Close()
	b, err := a.All(1 << 20)
	return string(b), err
}

// wants an error of kind with want in it, in two languages and without the password.
func wants(t *testing.T, err error, kind, want string) {
	t.Helper()
	p, ok := err.(*action.Problem)
	if !ok || p.Kind != kind || !strings.Contains(p.EN, want) || p.ZH == "" || p.ZH == p.EN {
		t.Errorf("error %v (%+v); want %s with %q", err, p, kind, want)
	}
	if ok && strings.Contains(p.ZH+p.EN, password) {
		t.Errorf("the password is in %v", err)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{" https://a.cn/查询?名=张 三&n=1#x ", "https://a.cn/%E6%9F%A5%E8%AF%A2?%E5%90%8D=%E5%BC%A0%20%E4%B8%89&n=1"},
		{"http://a.cn:81/x?a=%E5%BC%A0+b", "http://a.cn:81/x?a=%E5%BC%A0+b"},
	} {
		if u := at(t, c.in); u.String() != c.want {
			t.Errorf("Parse(%q) = %s, want %s", c.in, u, c.want)
		}
	}
	for _, c := range []struct{ in, kind, want string }{
		{"file:///etc/passwd", "refused", "file:"}, {"gopher://a/x", "refused", "gopher:"}, {"a.cn/x?token=" + password, "input", "whole"},
		{"http://robot:" + password + "@a.cn/", "refused", "account"}, {"http:///x", "input", "no host"}, {"", "input", "whole"},
		{"http://a.cn/%zz?k=" + password, "input", "not an address"}, {"localhost:80/x", "input", "whole"}, {"https://" + strings.Repeat("a", 20000), "limit", "too long"},
	} {
		_, err := Parse(c.in)
		if c.in == "localhost:80/x" {
			c.kind, c.want = "input", "whole"
		}
		wants(t, err, c.kind, c.want)
	}
}

func TestShown(t *testing.T) {
	got := Shown(at(t, "https://a.cn/发票?月=3月&access_token="+password+"&a=b%0A"))
	if want := "https://a.cn/发票?月=3月&access_token=***&a=b%0A"; got != want {
		t.Errorf("Shown = %s, want %s", got, want)
	}
}

// Secrets reach their own host, and stay there.
func TestSecretsStay(t *testing.T) {
	var seen []string
	note := func(w http.ResponseWriter, r *http.Request) {
		c, _ := r.Cookie("sid")
		seen = append(seen, fmt.Sprint(r.Header.Get("Authorization"), "|", r.Header.Get("X-Api-Key"), "|", c != nil))
	}
	other := serve(t, note)
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		note(w, r)
		switch r.URL.Path {
		case "/":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "1", Path: "/"})
			http.Redirect(w, r, "/again", http.StatusFound)
		case "/again":
			http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		}
	})
	for auth, want := range map[string]string{"": "Basic cm9ib3Q6czNjcmV0LTdmM2E5MQ==||", "bearer": "Bearer " + password + "||", "header:X-Api-Key": "|" + password + "|"} {
		seen = nil
		c := newClient(t, auth, first, other)
		c.call.Net = allow(t, first, other, "localhost")
		if _, err := text(c.Get(&Request{URL: at(t, first.URL), Account: "erp"})); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(seen, " "); got != want+"false "+want+"true ||false" {
			t.Errorf("auth %q: the servers saw %s", auth, got)
		}
	}
}

// allow is a network of the servers' hosts and of others.
func allow(t *testing.T, a, b *httptest.Server, more ...string) action.Network {
	e := actiontest.New(t, nil)
	e.Hosts = append([]string{a.Listener.Addr().String(), b.Listener.Addr().String()}, more...)
	c, view := e.Call()
	view.Close()
	return c.Net
}

func TestRedirects(t *testing.T) {
	var hits int
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { hits++ })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, map[string]string{"/loop": "/loop", "/away": other.URL, "/file": "file:///etc/passwd",
			"/meta": "http://169.254.169.254/latest", "/user": "http://robot:" + password + "@127.0.0.1/"}[r.URL.Path], http.StatusFound)
	})
	c := newClient(t, "", s)
	for path, want := range map[string]string{"/loop": "redirects 10 times", "/away": "named neither", "/file": "only http and https", "/meta": "named neither", "/user": "account"} {
		_, err := c.Get(&Request{URL: at(t, s.URL+path)})
		wants(t, err, "refused", want)
	}
	if hits != 0 {
		t.Errorf("the other host was asked %d times", hits)
	}
}

// From https to http no account goes along.
func TestDowngrade(t *testing.T) {
	var hits int
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) { hits++ })
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) }))
	defer s.Close()
	c := newClient(t, "", s, plain)
	_, err := c.Get(&Request{URL: at(t, s.URL), Account: "erp"})
	wants(t, err, "refused", "without encryption")
	if hits != 0 {
		t.Error("it was followed")
	}
	if _, err := text(c.Get(&Request{URL: at(t, s.URL)})); err != nil || hits != 1 {
		t.Errorf("without an account: %v, %d", err, hits)
	}
}

func TestHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c := newClient(t, "", s)
	if got, err := text(c.Get(&Request{URL: at(t, s.URL)})); got != "HTTP/2.0" || err != nil {
		t.Errorf("read by %q, %v", got, err)
	}
	if got, err := text(c.Post(&Request{URL: at(t, s.URL), Body: []byte("x")})); got != "HTTP/1.1" || err != nil {
		t.Errorf("posted by %q, %v", got, err)
	}
}

// A server that busily says 503 is asked again as it wishes; one that wishes too much has refused.
func TestPatience(t *testing.T) {
	n, after := 0, "7"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n < 3 {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	c := newClient(t, "", s)
	var waits []time.Duration
	c.pause = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
	if _, err := text(c.Get(&Request{URL: at(t, s.URL)})); err != nil || fmt.Sprint(waits) != "[7s 7s]" {
		t.Errorf("%v after waiting %v", err, waits)
	}
	n, after = 0, "3600"
	_, err := c.Get(&Request{URL: at(t, s.URL)})
	wants(t, err, "io", "503")
	if n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestProxy(t *testing.T) {
	var asked string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { asked = r.URL.String(); io.WriteString(w, "by proxy") })
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	c := newClient(t, "")
	_, err := c.Get(&Request{URL: at(t, "http://service.invalid/x")})
	wants(t, err, "refused", "named neither")
	if asked != "" {
		t.Errorf("the proxy was asked for %s", asked)
	}
	e := actiontest.New(t, nil)
	e.Hosts = []string{"service.invalid"}
	call, view := e.Call()
	defer view.Close()
	c = New(call)
	defer c.Close()
	if got, err := text(c.Get(&Request{URL: at(t, "http://service.invalid/x")})); got != "by proxy" || err != nil || asked != "http://service.invalid/x" {
		t.Errorf("%q, %v; the proxy was asked for %s", got, err, asked)
	}
}

// raw answers every connection with bytes, having read the request, and counts them.
func raw(t *testing.T, answer string, reset bool) (address string, hits *atomic.Int64) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n.Add(1)
			io.ReadAtLeast(conn, make([]byte, 64<<10), 60)
			io.WriteString(conn, answer)
			if reset {
				conn.(*net.TCPConn).SetLinger(0)
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String(), n
}

func clientOf(t *testing.T, host string) *Client {
	e := actiontest.New(t, nil)
	e.Hosts = []string{host}
	call, view := e.Call()
	c := New(call)
	c.pause = func(context.Context, time.Duration) error { return nil }
	t.Cleanup(func() { c.Close(); view.Close() })
	return c
}

// A post that was not clearly answered is in doubt, sent once, and never a success; a read is an error
// of the connection.
func TestLiars(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		reset  bool
	}{
		"nothing":         {"", false},
		"reset":           {"", true},
		"half a head":     {"HTTP/1.1 200 OK\r\nContent-", false},
		"garbage":         {"SSH-2.0-OpenSSH_9\r\n", false},
		"short":           {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true}", false},
		"reset in body":   {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true}", true},
		"chunked garbage": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{\"ok\":true}", false},
		"half a chunk":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"ok\":true}", false},
		"broken gzip":     {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", false},
	} {
		host, hits := raw(t, c.answer, c.reset)
		x := clientOf(t, host)
		_, err := text(x.Post(&Request{URL: at(t, "http://"+host+"/"), Body: []byte(strings.Repeat("x", 80)), Header: http.Header{"Idempotency-Key": {"k"}}}))
		p, _ := err.(*action.Problem)
		if p == nil || p.Kind != "doubt" {
			t.Errorf("%s: posting gives %v", name, err)
		}
		if n := hits.Load(); n != 1 {
			t.Errorf("%s: posted %d times", name, n)
		}
		_, err = text(x.Get(&Request{URL: at(t, "http://"+host+"/"), Header: http.Header{"X": {strings.Repeat("x", 80)}}}))
		if p, _ = err.(*action.Problem); p == nil || p.Kind != "io" {
			t.Errorf("%s: reading gives %v", name, err)
		}
	}
}

// Nothing was sent: safe to try again.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	c := clientOf(t, host)
	_, err = c.Post(&Request{URL: at(t, "http://"+host+"/")})
	wants(t, err, "io", "connection was refused")
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Error("reached") })
	_, err = newClient(t, "", plain).Post(&Request{URL: at(t, strings.Replace(plain.URL, "http:", "https:", 1))})
	wants(t, err, "io", "cannot reach")
	strange := httptest.NewTLSServer(nil)
	defer strange.Close()
	_, err = clientOf(t, "localhost").Post(&Request{URL: at(t, strings.Replace(strange.URL, "127.0.0.1", "localhost", 1))})
	wants(t, err, "io", "certificate is of another host")
}

// A post whose time is over is in doubt.
func TestPostTimeout(t *testing.T) {
	hold := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-hold })
	defer close(hold)
	c := newClient(t, "", s)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	c.call.Context = ctx
	_, err := c.Post(&Request{URL: at(t, s.URL), Body: []byte("x")})
	wants(t, err, "doubt", "time limit")
}

func TestPostStatus(t *testing.T) {
	var n int
	var status int
	var body string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
	for _, c := range []struct {
		status     int
		body       string
		keyed      bool
		kind, want string
		n          int
	}{
		{400, `{"errmsg":"金额不能为负"}`, false, "refused", "金额不能为负", 1},
		{401, "bad token " + password, false, "refused", "bad token ***", 1},
		{404, "<html><head><title>Not here</title><script>x()</script></head><body><h1>Gone</h1></body></html>", false, "refused", "Not here Gone", 1},
		{409, `{"error":{"message":"a request with this Idempotency-Key is in progress"}}`, false, "doubt", "in progress", 1},
		{409, `{"error":"order 12 exists"}`, false, "refused", "order 12 exists", 1},
		{422, strings.Repeat("长", 9000), false, "refused", "长…", 1},
		{500, "boom", false, "doubt", "500", 1},
		{503, "", false, "doubt", "503", 1},
		{500, "boom", true, "doubt", "500", 3},
		{501, "", false, "refused", "501", 1},
		{304, "", false, "doubt", "304", 1},
	} {
		n, status, body = 0, c.status, c.body
		x := newClient(t, "bearer", s)
		_, err := x.Post(&Request{URL: at(t, s.URL+"/x"), Account: "erp", Keyed: c.keyed})
		wants(t, err, c.kind, c.want)
		if n != c.n {
			t.Errorf("%d: sent %d times, want %d", c.status, n, c.n)
		}
	}
}

// A post goes on only within its host, with its body and key only where nothing was taken.
func TestPostRedirects(t *testing.T) {
	var seen []string
	note := func(r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		seen = append(seen, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, b, r.Header.Get("Idempotency-Key")))
	}
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { note(r) })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		note(r)
		switch p := r.URL.Path; p {
		case "/307", "/308":
			w.Header().Set("Location", "/end")
			w.WriteHeader(map[string]int{"/307": 307, "/308": 308}[p])
		case "/303":
			http.Redirect(w, r, "/end", http.StatusSeeOther)
		case "/301":
			http.Redirect(w, r, "/end", http.StatusMovedPermanently)
		case "/302":
			http.Redirect(w, r, "/302/", http.StatusFound)
		case "/in":
			http.Redirect(w, r, "/user/login?next=/in", http.StatusFound)
		case "/307out", "/303out":
			w.Header().Set("Location", other.URL+"/end")
			w.WriteHeader(map[string]int{"/307out": 307, "/303out": 303}[p])
		case "/lost":
			http.Redirect(w, r, "/missing", http.StatusSeeOther)
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		case "/loop":
			w.Header().Set("Location", "/loop")
			w.WriteHeader(308)
		case "/end":
			io.WriteString(w, "stored")
		}
	})
	for _, c := range []struct{ path, seen, kind, want string }{
		{"/307", "POST /307 x k, POST /end x k", "", ""},
		{"/308", "POST /308 x k, POST /end x k", "", ""},
		{"/303", "POST /303 x k, GET /end  ", "", ""},
		{"/301", "POST /301 x k", "refused", "has moved to"},
		{"/302", "POST /302 x k", "refused", "instead"},
		{"/in", "POST /in x k", "refused", "asks to sign in"},
		{"/307out", "POST /307out x k", "refused", "another host"},
		{"/303out", "POST /303out x k", "doubt", "another host"},
		{"/lost", "POST /lost x k, GET /missing  ", "doubt", "result"},
	} {
		seen = nil
		a, err := newClient(t, "", s, other).Post(&Request{URL: at(t, s.URL+c.path), Body: []byte("x"), Header: http.Header{"Idempotency-Key": {"k"}}})
		if c.kind == "" {
			if got, err := text(a, err); got != "stored" || err != nil {
				t.Errorf("%s: %q, %v", c.path, got, err)
			}
		} else {
			wants(t, err, c.kind, c.want)
		}
		if got := strings.Join(seen, ", "); got != c.seen {
			t.Errorf("%s: the servers saw %q, want %q", c.path, got, c.seen)
		}
	}
	_, err := newClient(t, "", s).Post(&Request{URL: at(t, s.URL+"/loop")})
	wants(t, err, "refused", "redirects 10 times")
}

// An address that is a secret stands in no error, and redirects of it are not followed.
func TestSecretAddress(t *testing.T) {
	for name, status := range map[string]int{"refused": 403, "doubt": 500, "moved": 302, "none": 0} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/x?key="+password)
			w.WriteHeader(status)
			io.WriteString(w, "key "+r.URL.Query().Get("key")+" of "+r.URL.RequestURI())
		})
		c := newClient(t, "", s)
		u := at(t, s.URL+"/hook?key="+password)
		if status == 0 {
			s.Close()
		}
		c.HideAddress(u)
		_, err := c.Post(&Request{URL: u, Name: "wecom·运营群"})
		p, ok := err.(*action.Problem)
		if !ok || strings.Contains(p.ZH+p.EN, password) || !strings.Contains(p.EN, "wecom·运营群") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLimits(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 8<<20))
	z.Close()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb.Bytes())
	})
	c := newClient(t, "", s)
	for _, raw := range []bool{false, true} {
		_, err := text(c.Get(&Request{URL: at(t, s.URL), Raw: raw}))
		wants(t, err, "limit", "larger than 1 MB")
	}
	_, err := text(c.Post(&Request{URL: at(t, s.URL)}))
	wants(t, err, "doubt", "larger than 1 MB")
}

func TestText(t *testing.T) {
	gbk, _ := charset.GB18030.Encode("发票金额：壹佰元整，税率百分之六")
	for _, c := range []struct{ body, kind, want string }{
		{string(gbk), "text/plain; charset=GBK", "发票金额：壹佰元整，税率百分之六"},
		{string(gbk), "text/plain; charset=utf-8", "发票金额：壹佰元整，税率百分之六"}, // it lies
		{string(gbk), "", "发票金额：壹佰元整，税率百分之六"},
		{`<meta charset="gb2312">` + string(gbk), "text/html", `<meta charset="gb2312">发票金额：壹佰元整，税率百分之六`},
		{"\xef\xbb\xbf中", "text/plain; charset=gbk", "中"},
		{"中", "application/json", "中"},
		{"caf\xe9", "text/plain; charset=iso-8859-1", "café"},
	} {
		if got := Text([]byte(c.body), c.kind); got != c.want {
			t.Errorf("%q: %q, want %q", c.kind, got, c.want)
		}
	}
}

// A server that sends a byte now and then does not hold a step for ever.
func TestDrip(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	w := newWatch(cancel, time.Hour, 20*time.Millisecond)
	defer w.end()
	for ctx.Err() == nil {
		w.reset(time.Hour)
		time.Sleep(time.Millisecond)
	}
	if context.Cause(ctx) != errSlow {
		t.Error(context.Cause(ctx))
	}
}

func TestPlainSecret(t *testing.T) {
	for address, warned := range map[string]bool{"http://erp.example/": true, "https://erp.example/": false, "http://127.0.0.1/": false} {
		e := actiontest.New(t, nil)
		e.Secrets = map[string]action.Credential{"erp": {User: "robot", Password: password}}
		call, view := e.Call()
		c := New(call)
		for range 2 {
			if err := c.sign(http.Header{}, "erp", at(t, address)); err != nil {
				t.Error(err)
			}
		}
		if (len(e.Notes) == 1) != warned || strings.Contains(fmt.Sprint(e.Notes), password) {
			t.Errorf("%s: %v", address, e.Notes)
		}
		c.Close()
		view.Close()
	}
}

// A client that is closed keeps no connection.
func TestClose(t *testing.T) {
	var open atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") }))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	s.Start()
	defer s.Close()
	for range 5 {
		c := newClient(t, "", s)
		if _, err := text(c.Get(&Request{URL: at(t, s.URL)})); err != nil {
			t.Fatal(err)
		}
		if _, err := text(c.Post(&Request{URL: at(t, s.URL)})); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	for i := 0; open.Load() != 0 && i < 500; i++ {
		time.Sleep(10 * time.Millisecond) // closing arrives
	}
	if n := open.Load(); n != 0 {
		t.Errorf("%d connections stay open", n)
	}
}
