package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"daiban/action"
	"daiban/actions/web/internal/guard"
)

// one is the browser of the tests of this package; nil when there is none on this machine.
var one *Browser

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	exec := Find()
	if exec == "" {
		fmt.Println("no Chromium on this machine: the tests of pages are skipped (apt-get install chromium)")
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	g, err := guard.Start(wide{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer g.Close()
	user, password := g.Credentials()
	one, err = Start(Options{Exec: exec, Folder: dir, Lang: "en", Proxy: g.Address(), User: user, Password: password,
		Hello: "http://" + guard.Hello + "/", Allow: local{}.Allow})
	if err != nil {
		fmt.Println("starting the browser:", err)
		return 1
	}
	defer one.Close()
	return m.Run()
}

// local grants this machine's 127.0.0.1, and nothing else.
type local struct{ action.Network }

func (local) Allow(host string) error {
	if strings.HasPrefix(host, "127.0.0.1") {
		return nil
	}
	return action.Refused("没有写明 %s", "%s is not named", host)
}

func (l local) DialContext(ctx context.Context, network, address string) (c netConn, err error) {
	if err := l.Allow(address); err != nil {
		return nil, err
	}
	return dialer.DialContext(ctx, network, address)
}

// start serves pages by path, and gives the page of the browser.
func start(t *testing.T, pages map[string]string) (Page, string, context.Context) {
	t.Helper()
	if one == nil {
		t.Skip("no Chromium on this machine")
	}
	mux := http.NewServeMux()
	for path, body := range pages {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, strings.ReplaceAll(body, "HOST", r.Host))
		})
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	p := one.Page()
	if err := p.Open(ctx, s.URL+"/"); err != nil {
		t.Fatal(err)
	}
	return p, s.URL, ctx
}

// wide is what the guard can reach: a name besides that no page may lead to, as any public one would be.
type wide struct{ local }

const openName = "open.example"

func (w wide) Allow(host string) error {
	if strings.HasPrefix(host, openName) {
		return nil
	}
	return w.local.Allow(host)
}

func (w wide) DialContext(ctx context.Context, network, address string) (netConn, error) {
	return w.local.DialContext(ctx, network, strings.Replace(address, openName, "127.0.0.1", 1))
}

type field struct {
	ID     int
	Kind   string
	Labels [][2]string
	Value  string
}

// fieldsOf is the fields of all frames, by frame.
func fieldsOf(t *testing.T, ctx context.Context, p Page) (out []struct {
	Ref
	field
}) {
	t.Helper()
	frames, err := p.Frames(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		var fs []field
		if err := p.Call(ctx, f.ID, "fields", &fs); err != nil {
			t.Fatal(err)
		}
		for _, x := range fs {
			out = append(out, struct {
				Ref
				field
			}{Ref{f.ID, x.ID}, x})
		}
	}
	return out
}

func TestFieldsOfFramesAndShadowTrees(t *testing.T) {
	p, _, ctx := start(t, map[string]string{
		"/": `<title>表</title><label for=a>姓名</label><input id=a>
<x-field></x-field><script>
customElements.define('x-field', class extends HTMLElement { constructor() { super(); this.attachShadow({mode:'open'}).innerHTML = '<label>电话 <input></label>' } })
</script><iframe src="/inner" style="margin:30px"></iframe>`,
		"/inner": `<table><tr><td>金额：</td><td><input></td></tr></table><button onclick="document.title='clicked'">确定</button>`,
	})
	got := ""
	for _, f := range fieldsOf(t, ctx, p) {
		got += f.Labels[0][0] + "=" + f.Labels[0][1] + " "
		if err := p.Call(ctx, f.Frame, "focus", nil, f.Ref.ID); err != nil {
			t.Fatal(err)
		}
		if err := p.Insert(ctx, "値"+f.Labels[0][1]); err != nil {
			t.Fatal(err)
		}
	}
	if want := "label=姓名 label=电话 cell=金额： "; got != want {
		t.Errorf("labels %q, want %q", got, want)
	}
	for _, f := range fieldsOf(t, ctx, p) {
		if f.Value != "値"+f.Labels[0][1] {
			t.Errorf("%v holds %q", f.Labels, f.Value)
		}
	}
	frames, _ := p.Frames(ctx)
	var buttons []field
	if err := p.Call(ctx, frames[1].ID, "clickables", &buttons); err != nil || len(buttons) != 1 {
		t.Fatal(buttons, err)
	}
	if err := p.Click(ctx, Ref{frames[1].ID, buttons[0].ID}); err != nil {
		t.Fatal(err)
	}
	var title string
	if err := p.Call(ctx, frames[1].ID, "title", &title); err != nil || title != "clicked" {
		t.Errorf("title %q, %v", title, err)
	}
}

func TestHostsThatAreNotGranted(t *testing.T) {
	p, url, ctx := start(t, map[string]string{
		"/": `<body><script>fetch('http://169.254.169.254/latest').then(r => document.title = 'status ' + r.status, e => document.title = 'error')</script>`,
	})
	if err := p.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if got := p.Title(ctx); got != "error" {
		t.Errorf("the page reached the metadata address: %q", got)
	}
	var nav *NavigationError
	if err := p.Open(ctx, strings.Replace(url, "127.0.0.1", "localhost", 1)); !errors.As(err, &nav) {
		t.Errorf("open of a host that is not granted: %v", err)
	}
}
