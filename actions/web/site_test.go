package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// lent is the browser that the tests share; nil before the first one.
var lent *session

func TestMain(m *testing.M) {
	proofTime, quietTime, choiceTime, coverTime = 4*time.Second, 400*time.Millisecond, time.Second, 1500*time.Millisecond
	launcher = func(c *action.Call) (*session, error) {
		if lent == nil {
			s, err := launch(c)
			if err != nil {
				return nil, err
			}
			lent = s
		}
		return &session{b: lent.b, g: lent.g, net: lent.net, page: lent.page, lent: true}, nil
	}
	code := m.Run()
	if lent != nil {
		lent.Close()
	}
	os.Exit(code)
}

// A site is a web server of a test and what it was sent.
type site struct {
	*httptest.Server
	t      *testing.T
	mux    *http.ServeMux
	expire func() // ends the sessions of a site with a sign-in
	mu     sync.Mutex
	sent   []string // "METHOD path name=value …" of everything that is not a GET
}

// newSite serves pages by path.
func newSite(t *testing.T, pages map[string]string) *site {
	t.Helper()
	if browser.Find() == "" {
		t.Skip("no Chromium on this machine: apt-get install chromium")
	}
	s := &site{t: t, mux: http.NewServeMux()}
	for path, body := range pages {
		s.page(path, body)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			r.ParseMultipartForm(1 << 20)
			s.mu.Lock()
			s.sent = append(s.sent, r.Method+" "+r.URL.Path+" "+r.Form.Encode())
			s.mu.Unlock()
		}
		s.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) page(path, body string) {
	s.handle(path, func(w http.ResponseWriter, r *http.Request) { html(w, body) })
}

func (s *site) handle(path string, h http.HandlerFunc) { s.mux.HandleFunc(path, h) }

func html(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><meta charset=utf-8>", body)
}

func (s *site) host() string { return strings.TrimPrefix(s.URL, "http://") }

// posts is what was sent so far.
func (s *site) posts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.sent...)
}

// env is a run that may reach the site.
func (s *site) env() *actiontest.Env {
	e := actiontest.New(s.t, All)
	e.Lang = "en"
	e.Hosts = []string{s.host()}
	e.Vars["site"] = flow.Text(s.URL)
	return e
}

// flow runs steps that must succeed.
func (s *site) flow(e *actiontest.Env, src string) flow.Value {
	s.t.Helper()
	v, err := e.Flow(src)
	if err != nil {
		s.t.Fatalf("%v\nnotes: %q", err, e.Notes)
	}
	return v
}

// fails runs steps that must fail so, and gives the kind of the error.
func (s *site) fails(e *actiontest.Env, src, want string) string {
	s.t.Helper()
	_, err := e.Flow(src)
	if err == nil {
		s.t.Fatalf("no error; want %q", want)
	}
	if !strings.Contains(err.Error(), want) {
		s.t.Fatalf("error %q; want %q", err, want)
	}
	return kindOf(err)
}
