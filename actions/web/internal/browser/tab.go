package browser

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// A tab is one window of the browser, as the protocol sees it.
type tab struct {
	b      *Browser
	ctx    context.Context
	life   context.Context // ends when the window is closed
	die    context.CancelFunc
	id     atomic.Value                    // target.ID, once it is known
	target atomic.Pointer[chromedp.Target] // once it is attached

	mu       sync.Mutex
	addr     string                                // of the main frame
	loader   cdp.LoaderID                          // the document in the main frame
	stages   map[cdp.LoaderID]map[string]bool      // how far documents have come: DOMContentLoaded, load
	worlds   map[string]runtime.ExecutionContextID // the page script, by frame
	unique   map[string]runtime.ExecutionContextID // the same, by the name that the end of one gives
	signedIn map[fetch.RequestID]bool              // requests that have got a user and a password
	popup    int                                   // its place among the popups
	tree     []Frame                               // the frames as last asked for; nil once they may be others
	trees    int                                   // how often they became others
}

func newTab(b *Browser) *tab {
	t := &tab{b: b, stages: map[cdp.LoaderID]map[string]bool{}, worlds: map[string]runtime.ExecutionContextID{}, unique: map[string]runtime.ExecutionContextID{},
		signedIn: map[fetch.RequestID]bool{}}
	t.life, t.die = context.WithCancel(context.Background())
	return t
}

// main is the id of the main frame: that of the window.
func (t *tab) main() string {
	id, _ := t.id.Load().(target.ID)
	return string(id)
}

func (t *tab) key(id network.RequestID) string { return t.main() + "/" + string(id) }

func (t *tab) url() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.addr
}

// attach takes hold of the window: its network is guarded before anything is asked of it.
func (t *tab) attach(ctx context.Context) error {
	t.ctx = ctx
	_, err := chromedp.Run(ctx, func(ctx context.Context, tg *chromedp.Target) (chromedp.Void, error) {
		t.id.Store(tg.TargetID)
		t.target.Store(tg)
		return chromedp.Void{}, t.prepare(ctx)
	})
	return err
}

func (t *tab) prepare(ctx context.Context) error {
	if err := t.intercept(ctx, t.b.strict()); err != nil {
		return err
	}
	// The mirror of the document that chromedp keeps is not used here, and costs.
	if _, err := call(ctx, t, css.Disable, cdp.Empty{}); err != nil {
		return err
	}
	if _, err := call(ctx, t, dom.Disable, cdp.Empty{}); err != nil {
		return err
	}
	if _, err := call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		return err
	}
	tree, err := call(ctx, t, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return err
	}
	t.mu.Lock()
	if t.addr == "" {
		t.addr, t.loader = tree.FrameTree.Frame.URL, tree.FrameTree.Frame.LoaderID
	}
	t.mu.Unlock()
	return nil
}

// intercept stops requests for documents until their host is looked at, and, when strict, everything
// that is not a GET.
func (t *tab) intercept(ctx context.Context, strict bool) error {
	yes := true
	patterns := []*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeDocument}}
	if strict {
		patterns = []*fetch.RequestPattern{{URLPattern: "*"}}
	}
	_, err := call(ctx, t, fetch.Enable, fetch.EnableParams{Patterns: patterns, HandleAuthRequests: &yes})
	return err
}

// event takes the events of the window. It must not wait.
func (t *tab) event(ev any) {
	switch ev := ev.(type) {
	case *fetch.EventRequestPaused:
		go t.paused(ev)
	case *fetch.EventAuthRequired:
		go t.asked(ev)
	case *page.EventJavascriptDialogOpening:
		go t.dialog(ev)
	case *page.EventFrameNavigated:
		t.navigated(ev.Frame)
	case *page.EventFrameAttached, *page.EventFrameDetached:
		t.grown()
	case *page.EventNavigatedWithinDocument:
		t.grown()
		t.mu.Lock()
		if string(ev.FrameID) == t.main() {
			t.addr = ev.URL
		}
		t.mu.Unlock()
	case *page.EventLifecycleEvent:
		t.mu.Lock()
		if t.stages[ev.LoaderID] == nil {
			t.stages[ev.LoaderID] = map[string]bool{}
		}
		t.stages[ev.LoaderID][ev.Name] = true
		t.mu.Unlock()
	case *runtime.EventExecutionContextCreated:
		if ev.Context.Name == worldName {
			t.mu.Lock()
			t.unique[ev.Context.UniqueID] = ev.Context.ID
			t.mu.Unlock()
		}
		return
	case *runtime.EventExecutionContextDestroyed:
		t.forget(ev.ExecutionContextUniqueID)
		return
	case *runtime.EventExecutionContextsCleared:
		t.mu.Lock()
		clear(t.worlds)
		clear(t.unique)
		t.mu.Unlock()
		return
	default:
		t.b.request(t, ev)
		return
	}
	t.b.mu.Lock()
	t.b.bell()
	t.b.mu.Unlock()
}

// grown forgets the frames: there are others now.
func (t *tab) grown() {
	t.mu.Lock()
	t.tree, t.trees = nil, t.trees+1
	t.mu.Unlock()
}

func (t *tab) navigated(f *cdp.Frame) {
	t.grown()
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.worlds, string(f.ID))
	if f.ParentID != "" {
		return
	}
	t.addr, t.loader = f.URL+f.URLFragment, f.LoaderID
	if f.UnreachableURL != "" {
		t.addr = f.UnreachableURL
	}
	clear(t.worlds)
	for l := range t.stages {
		if l != f.LoaderID {
			delete(t.stages, l)
		}
	}
}

func (t *tab) forget(unique string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, ok := t.unique[unique]
	if !ok {
		return
	}
	delete(t.unique, unique)
	for f, w := range t.worlds {
		if w == id {
			delete(t.worlds, f)
		}
	}
}

// paused lets a request go, or not.
func (t *tab) paused(ev *fetch.EventRequestPaused) {
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
	defer cancel()
	main := ev.ResourceType == network.ResourceTypeDocument && string(ev.FrameID) == t.main()
	away := main && !t.b.mayLead(ev.Request.URL)
	if away || t.b.strict() && !harmless(ev.Request.Method) {
		call(ctx, t, fetch.FailRequest, fetch.FailRequestParams{RequestID: ev.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
		return
	}
	call(ctx, t, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: ev.RequestID})
}

func harmless(method string) bool { return method == "GET" || method == "HEAD" || method == "OPTIONS" }

// asked signs in to the guard, and to a server that asks by HTTP where SignIn knows how: once a request,
// for a server that asks again has not taken it.
func (t *tab) asked(ev *fetch.EventAuthRequired) {
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
	defer cancel()
	answer := &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseCancelAuth}
	give := func(user, password string) {
		answer = &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseProvideCredentials, Username: user, Password: password}
	}
	_, host := schemeHost(ev.AuthChallenge.Origin)
	switch {
	case ev.AuthChallenge.Source == fetch.AuthChallengeSourceProxy && strings.HasSuffix(ev.AuthChallenge.Origin, t.b.o.Proxy):
		give(t.b.o.User, t.b.o.Password)
	case ev.AuthChallenge.Source == fetch.AuthChallengeSourceServer && t.b.o.SignIn != nil && t.b.mayLead(ev.AuthChallenge.Origin) && t.firstAsked(ev.RequestID):
		if user, password, ok := t.b.o.SignIn(host); ok {
			give(user, password)
		}
	}
	call(ctx, t, fetch.ContinueWithAuth, fetch.ContinueWithAuthParams{RequestID: ev.RequestID, AuthChallengeResponse: answer})
}

// firstAsked reports whether a request asks for a sign-in for the first time.
func (t *tab) firstAsked(id fetch.RequestID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.signedIn[id] || len(t.signedIn) > 10_000 {
		return false
	}
	t.signedIn[id] = true
	return true
}

// dialog answers a native dialog and records it. A confirmation is given only while a click that the
// flow asked for is under way; leaving a page is always our own doing.
func (t *tab) dialog(ev *page.EventJavascriptDialogOpening) {
	b := t.b
	b.mu.Lock()
	yes := ev.Type == page.DialogTypeAlert || ev.Type == page.DialogTypeBeforeunload || ev.Type == page.DialogTypeConfirm && b.consent
	b.traffic.dialogs = append(b.traffic.dialogs, Dialog{Kind: string(ev.Type), Text: ev.Message, Accepted: yes})
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
	defer cancel()
	call(ctx, t, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: yes})
}

// open goes to url and waits for its document.
func (t *tab) open(ctx context.Context, url string) error {
	r, err := call(ctx, t, page.Navigate, page.NavigateParams{URL: url})
	if err != nil {
		return err
	}
	if r.ErrorText != "" {
		return &NavigationError{url, r.ErrorText}
	}
	if r.LoaderID == "" || r.IsDownload {
		return nil
	}
	return t.b.until(ctx, func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.stages[r.LoaderID]["DOMContentLoaded"] || t.loader != r.LoaderID && t.stages[t.loader]["DOMContentLoaded"]
	})
}

// loading reports whether the document in the main frame is not complete yet.
func (t *tab) loading() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stages[t.loader]
	return s != nil && s["init"] && !s["DOMContentLoaded"]
}

// until waits until ok, looking again whenever something came.
func (b *Browser) until(ctx context.Context, ok func() bool) error {
	for {
		b.mu.Lock()
		ch := b.changed
		b.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return ctx.Err()
		case <-b.ctx.Done():
			return ErrClosed
		}
	}
}

// strict reports whether nothing but a GET may leave.
func (b *Browser) strict() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.readOnly
}

// empty reports whether the window has not shown a document of its own yet.
func (t *tab) empty() bool {
	u := t.url()
	return u == "" || u == "about:blank" || u == ":"
}
