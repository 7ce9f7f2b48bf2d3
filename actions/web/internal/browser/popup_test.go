package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// clickOn clicks on the thing of these words.
func clickOn(t *testing.T, ctx context.Context, p Page, words string) {
	t.Helper()
	frames, err := p.Frames(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var things []field
	if err := p.Call(ctx, frames[0].ID, "clickables", &things); err != nil {
		t.Fatal(err)
	}
	for _, x := range things {
		if x.Labels[0][1] == words {
			if err := p.Click(ctx, Ref{frames[0].ID, x.ID}); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("nothing to click says %q", words)
}

// asked is a server on a name that is not granted, as the guard would reach any public one, and what it was asked.
func asked(t *testing.T) (url string, list func() []string) {
	var mu sync.Mutex
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Method+" "+r.URL.Path)
		fmt.Fprint(w, "<title>elsewhere</title>")
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", openName, 1), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), got...)
	}
}

// A window that a page opens is held before its first request: one to a host that is not granted does
// not leave, and one that sends something is known.
func TestPopupsFirstRequest(t *testing.T) {
	elsewhere, requests := asked(t)
	p, url, ctx := start(t, map[string]string{
		"/": `<title>main</title><a href="` + elsewhere + `/link" target=_blank>link</a>
<button onclick="window.open('` + elsewhere + `/open')">script</button>
<form method=post target=_blank action="` + elsewhere + `/post"><button>post away</button></form>
<form method=post target=_blank action="/save"><input name=v value=1><button>post here</button></form>`,
		"/save": `<title>saved</title>`,
	})
	for _, words := range []string{"link", "script", "post away"} {
		mark := p.Mark()
		clickOn(t, ctx, p, words)
		if err := p.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		tr := p.Since(mark)
		if len(tr.Popups) != 1 || !tr.Popups[0].Blocked || !strings.HasPrefix(tr.Popups[0].URL, elsewhere) {
			t.Errorf("%s: popups %+v", words, tr.Popups)
		}
		for _, r := range tr.Requests {
			if r.Main || !r.Blocked || r.Sends() {
				t.Errorf("%s: request %+v", words, r)
			}
		}
		if got := p.Title(ctx); got != "main" {
			t.Errorf("%s: the page is %q", words, got)
		}
	}
	if got := requests(); len(got) > 0 {
		t.Errorf("left: %q", got)
	}
	mark := p.Mark()
	clickOn(t, ctx, p, "post here")
	if err := p.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	sends := 0
	for _, r := range p.Since(mark).Requests {
		if r.Sends() && r.Method == "POST" && strings.HasPrefix(r.URL, url) {
			sends++
		}
	}
	if sends != 1 || p.Title(ctx) != "saved" {
		t.Errorf("a form sent into a window of its own: %d requests, title %q; %+v", sends, p.Title(ctx), p.Since(mark))
	}
}

// A window that closes itself is gone at once: nothing waits for it.
func TestPopupClosesItself(t *testing.T) {
	p, _, ctx := start(t, map[string]string{
		"/":      `<title>main</title><button onclick="window.open('/brief')">brief</button><button onclick="window.open('/slow')">slow</button>`,
		"/brief": `<script>close()</script>`,
		"/slow":  `<script>fetch('/hang');setTimeout(close, 100)</script>`,
	})
	for _, words := range []string{"brief", "slow", "brief"} {
		clickOn(t, ctx, p, words)
		done := make(chan error, 1)
		go func() { done <- p.Settle(ctx) }()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(settleTime - time.Second):
			t.Fatalf("%s: waited for a window that is closed", words)
		}
		if err := one.until(ctx, func() bool { return p.Title(ctx) == "main" }); err != nil {
			t.Errorf("%s: the page is %q", words, p.Title(ctx))
		}
	}
}
