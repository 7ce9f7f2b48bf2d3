package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Options is how a browser starts.
type Options struct {
	Exec           string                  // the program
	Folder         string                  // an empty folder of its own: profile and downloads
	Show           bool                    // in a window that a person sees
	Lang           string                  // zh or en
	Proxy          string                  // host:port of the guard
	User, Password string                  // of the guard
	Hello          string                  // an address that only the guard answers
	Allow          func(host string) error // nil when a page may lead to host

	// CoverTime is how long a click waits for an element that is covered, moving or disabled; 0: some seconds.
	CoverTime time.Duration

	// SignIn is what a server of host that asks by HTTP gets; nil, or not ok: nothing.
	SignIn func(host string) (user, password string, ok bool)
}

// A Browser is a running Chromium.
type Browser struct {
	o      Options
	ctx    context.Context
	cancel []context.CancelFunc

	mu        sync.Mutex
	tabs      []*tab          // open pages, the current one last
	popups    map[string]*tab // windows that pages have opened, by id, from their first moment on
	pending   int             // those that are being taken hold of
	traffic   traffic
	consent   bool
	readOnly  bool
	changed   chan struct{} // closed and replaced whenever something came
	downloads map[string]*Download
	failure   error

	acts atomic.Int64 // how often something was done to a page
}

// startTime bounds the start of the browser.
const startTime = 60 * time.Second

// Start starts the browser. It ends with Close, or by itself when this process dies.
func Start(o Options) (*Browser, error) {
	b := &Browser{o: o, changed: make(chan struct{}), downloads: map[string]*Download{}, popups: map[string]*tab{}}
	b.traffic.byID = map[string]int{}
	if err := os.MkdirAll(b.downloadDir(), 0o700); err != nil {
		return nil, err
	}
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), b.flags()...)
	first := newTab(b)
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}), chromedp.WithListener(first.event))
	b.ctx, b.cancel = ctx, []context.CancelFunc{cancel, cancelAlloc}
	started := make(chan error, 1)
	go func() { started <- b.setUp(first) }()
	select {
	case err := <-started:
		if err != nil {
			b.Close()
			return nil, err
		}
	case <-time.After(startTime):
		b.Close()
		return nil, errors.New("the browser did not start in time")
	}
	return b, nil
}

func (b *Browser) downloadDir() string { return filepath.Join(b.o.Folder, "downloads") }

func (b *Browser) flags() []chromedp.ExecAllocatorOption {
	opts := append([]chromedp.ExecAllocatorOption(nil), chromedp.DefaultExecAllocatorOptions[:]...)
	lang := "en-US"
	if b.o.Lang == "zh" {
		lang = "zh-CN"
	}
	opts = append(opts,
		chromedp.ExecPath(b.o.Exec),
		chromedp.UserDataDir(filepath.Join(b.o.Folder, "profile")),
		chromedp.WindowSize(1280, 1000),
		chromedp.DisableGPU,
		chromedp.NoInheritEnv,
		chromedp.Env(environment(os.Environ())...),
		chromedp.Flag("lang", lang),
		chromedp.Flag("accept-lang", lang),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("no-service-autorun", true),
		chromedp.Flag("webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("hide-scrollbars", true),
		// Every frame in one process: one tree of documents, and clicks that reach into all of them.
		chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("disable-features", "Translate,SitePerProcess,IsolateOrigins,OptimizationHints,MediaRouter,AutofillServerCommunication,PasswordLeakDetection,InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,DialMediaRouteProvider"),
	)
	if b.o.Proxy != "" {
		opts = append(opts, chromedp.Flag("proxy-server", "http://"+b.o.Proxy), chromedp.Flag("proxy-bypass-list", "<-loopback>"))
	}
	if b.o.Show {
		opts = append(opts, chromedp.VisibleWindow)
	}
	return opts
}

// environment is what the browser gets of ours: no secrets, and a locale with all scripts. A service
// has none, and then Chromium can name no file in Chinese.
func environment(ours []string) []string {
	out := slices.DeleteFunc(slices.Clone(ours), func(s string) bool {
		return strings.HasPrefix(s, "DAIBAN_") || strings.HasPrefix(s, "LC_ALL=")
	})
	return append(out, "LC_ALL=C.UTF-8")
}

func (b *Browser) setUp(first *tab) error {
	if err := first.attach(b.ctx); err != nil {
		return err
	}
	if err := b.watch(); err != nil {
		return err
	}
	b.tabs = []*tab{first}
	if b.o.Hello == "" {
		return nil
	}
	return first.open(b.ctx, b.o.Hello)
}

// Close ends the browser and waits for it.
func (b *Browser) Close() error {
	for _, c := range b.cancel {
		c()
	}
	return nil
}

// PID is the process of the browser; 0 when it has not started.
func (b *Browser) PID() int {
	if c := chromedp.FromContext(b.ctx); c != nil && c.Browser != nil && c.Browser.Process() != nil {
		return c.Browser.Process().Pid
	}
	return 0
}

// Alive reports whether the browser still runs.
func (b *Browser) Alive() bool { return b.ctx.Err() == nil }

// event takes the events of the browser: windows and downloads. It must not wait.
func (b *Browser) event(ev any) {
	switch ev := ev.(type) {
	case *fetch.EventRequestPaused:
		go b.document(ev)
	case *target.EventTargetCreated:
		b.opened(ev.TargetInfo)
	case *target.EventTargetDestroyed:
		b.closed(ev.TargetID)
	case *target.EventTargetCrashed:
		b.closed(ev.TargetID)
	case *cdpbrowser.EventDownloadWillBegin:
		b.mu.Lock()
		d := &Download{URL: ev.URL, Name: ev.SuggestedFilename, Path: filepath.Join(b.downloadDir(), ev.GUID)}
		b.downloads[ev.GUID] = d
		b.traffic.downloads = append(b.traffic.downloads, d)
		b.bell()
		b.mu.Unlock()
	case *cdpbrowser.EventDownloadProgress:
		b.mu.Lock()
		if d := b.downloads[ev.GUID]; d != nil {
			d.Size = int64(ev.ReceivedBytes)
			d.Done = ev.State == cdpbrowser.DownloadProgressStateCompleted
			d.Failed = ev.State == cdpbrowser.DownloadProgressStateCanceled
			b.bell()
		}
		b.mu.Unlock()
	}
}

// mayLead reports whether a page may go to u by itself.
func (b *Browser) mayLead(u string) bool {
	scheme, host := schemeHost(u)
	switch scheme {
	case "about", "blob", "data", "javascript", "chrome-error", "":
		return true
	case "http", "https":
		return b.o.Hello != "" && strings.HasPrefix(u, b.o.Hello) || b.o.Allow == nil || b.o.Allow(host) == nil
	}
	return false
}

// bell wakes who waits for something to come; mu is held.
func (b *Browser) bell() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// current is the page that a person would look at.
func (b *Browser) current() *tab {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tabs[len(b.tabs)-1]
}

// Page is the current page; it follows popups.
func (b *Browser) Page() Page { return &window{b: b} }

// call sends a command to t's page.
func call[P, R any](ctx context.Context, t *tab, cmd cdp.Command[P, R], params P) (R, error) {
	var zero R
	session := t.target.Load()
	if session == nil {
		return zero, ErrClosed
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.life, cancel)() // nothing answers for a window that is closed
	r, err := cdp.Call(within, session, cmd, params)
	if err != nil && ctx.Err() == nil && t.life.Err() != nil && t.b.Alive() {
		return r, fmt.Errorf("%w (the window is closed)", ErrGone)
	}
	if err != nil {
		return r, explain(ctx, cmd.Method, err)
	}
	return r, nil
}

// explain gives ErrGone and ErrClosed their names.
func explain(ctx context.Context, method string, err error) error {
	text := err.Error()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, chromedp.ErrTargetDetached), strings.Contains(text, "Cannot find context"), strings.Contains(text, "context was destroyed"),
		strings.Contains(text, "navigated or closed"), strings.Contains(text, "Could not find object"), strings.Contains(text, "does not belong to the document"),
		strings.Contains(text, "Cannot find execution context"), strings.Contains(text, "No frame for given id"), strings.Contains(text, "uniqueContextId not found"):
		return fmt.Errorf("%w (%s)", ErrGone, text)
	case errors.Is(err, context.Canceled):
		return ErrClosed
	}
	return fmt.Errorf("%s: %w", method, err)
}
