package browser

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdpio "github.com/chromedp/cdproto/io"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// window is the current window of a browser as a Page.
type window struct {
	b      *Browser
	rested rest // by the one goroutine of the session
}

func (p *window) Open(ctx context.Context, url string) error {
	p.b.acts.Add(1)
	if err := p.b.current().open(ctx, url); err != nil {
		return err
	}
	return p.Settle(ctx)
}

func (p *window) Reload(ctx context.Context) error { return p.Open(ctx, p.URL()) }

func (p *window) URL() string { return p.b.current().url() }

func (p *window) Document() string {
	t := p.b.current()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.main() + "/" + string(t.loader)
}

func (p *window) Title(ctx context.Context) string {
	var title string
	p.Call(ctx, p.b.current().main(), "title", &title)
	return title
}

func (p *window) Frames(ctx context.Context) ([]Frame, error) { return p.b.current().frames(ctx) }

func (p *window) Call(ctx context.Context, frame, function string, out any, args ...any) error {
	switch function {
	case "focus", "enter", "setValue", "clear", "choose", "force", "blur":
		p.b.acts.Add(1)
	}
	return p.b.current().callScript(ctx, frame, function, out, args)
}

func (p *window) Click(ctx context.Context, at Ref) error {
	p.b.acts.Add(1)
	return p.b.current().click(ctx, at)
}

func (p *window) Insert(ctx context.Context, text string) error {
	p.b.acts.Add(1)
	_, err := call(ctx, p.b.current(), input.InsertText, input.InsertTextParams{Text: text})
	return err
}

func (p *window) Keys(ctx context.Context, text string) error {
	p.b.acts.Add(1)
	return p.b.current().typeKeys(ctx, text)
}

func (p *window) Press(ctx context.Context, key string) error {
	p.b.acts.Add(1)
	return p.b.current().key1(ctx, key)
}

func (p *window) SetFiles(ctx context.Context, at Ref, files []string) error {
	t := p.b.current()
	id, err := t.object(ctx, at)
	if err != nil {
		return err
	}
	defer t.release(id)
	p.b.acts.Add(1)
	_, err = call(ctx, t, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, ObjectID: id})
	return err
}

func (p *window) Mark() Mark           { return p.b.mark() }
func (p *window) Since(m Mark) Traffic { return p.b.since(m) }

func (p *window) Consent(yes bool) {
	p.b.mu.Lock()
	p.b.consent = yes
	p.b.mu.Unlock()
}

func (p *window) Offline(ctx context.Context, off bool) error {
	conditions := []*network.Conditions{}
	if off {
		conditions = append(conditions, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	}
	_, err := call(ctx, p.b.current(), network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: conditions})
	return err
}

func (p *window) ReadOnly(ctx context.Context, on bool) error {
	p.b.mu.Lock()
	p.b.readOnly = on
	tabs := append([]*tab(nil), p.b.tabs...)
	p.b.mu.Unlock()
	for _, t := range tabs {
		if err := t.intercept(ctx, on); err != nil {
			return err
		}
	}
	return nil
}

// tallHeight is the height of a taller window, in pixels.
const tallHeight = 3000

func (p *window) Tall(ctx context.Context, on bool) error {
	p.b.acts.Add(1)
	t := p.b.current()
	if !on {
		_, err := call(ctx, t, emulation.ClearDeviceMetricsOverride, cdp.Empty{})
		return err
	}
	_, err := call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Height: tallHeight})
	return err
}

// settleTime bounds Settle.
const settleTime = 15 * time.Second

// A rest is a page as it was when it had settled: all that would show that something came since.
type rest struct {
	tab      *tab
	document string
	mark     Mark
	acts     int64
}

func (p *window) now() rest {
	return rest{p.b.current(), p.Document(), p.b.mark(), p.b.acts.Load()}
}

// Settle waits until nothing is under way, twice in a row with two frames drawn between. A page that
// has settled, and that nothing was done to since, is not waited for again.
func (p *window) Settle(ctx context.Context) error {
	if p.rested == p.now() && !p.working() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	outer := ctx
	for {
		if err := p.quiet(ctx); err != nil {
			break
		}
		before := p.now()
		err := before.tab.callScript(ctx, before.tab.main(), "frames", nil, nil)
		if err != nil && !errors.Is(err, ErrGone) && ctx.Err() == nil {
			return err
		}
		if err == nil && p.now() == before && !p.working() {
			p.rested = before
			return nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	if !p.b.Alive() {
		return ErrClosed
	}
	return parentErr(outer)
}

// parentErr is nil when only the bound of Settle has passed.
func parentErr(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return nil
}

func (p *window) working() bool {
	p.b.mu.Lock()
	busy := p.b.busy()
	p.b.mu.Unlock()
	return busy || p.b.current().loading()
}

// quiet waits until nothing is under way; requests that take too long are not waited for.
func (p *window) quiet(ctx context.Context) error {
	for p.working() {
		short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		p.b.until(short, func() bool { return !p.working() })
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !p.b.Alive() {
			return ErrClosed
		}
	}
	return nil
}

// Fetch gets url with the cookies of the page.
func (p *window) Fetch(ctx context.Context, url string, max int64) (*Fetched, error) {
	t := p.b.current()
	r, err := call(ctx, t, network.LoadNetworkResource, network.LoadNetworkResourceParams{FrameID: cdp.FrameID(t.main()), URL: url,
		Options: &network.LoadNetworkResourceOptions{IncludeCredentials: true}})
	if err != nil {
		return nil, err
	}
	res := r.Resource
	out := &Fetched{Status: int(res.HTTPStatusCode), Header: map[string]string{}}
	for k, v := range res.Headers {
		s, _ := v.(string)
		out.Header[strings.ToLower(k)] = s
	}
	if res.Stream == "" {
		if !res.Success && out.Status == 0 {
			return nil, &NavigationError{url, res.NetErrorName}
		}
		return out, nil
	}
	defer call(t.ctx, t, cdpio.Close, cdpio.CloseParams{Handle: res.Stream})
	for {
		part, err := call(ctx, t, cdpio.Read, cdpio.ReadParams{Handle: res.Stream, Size: 1 << 20})
		if err != nil {
			return nil, err
		}
		out.Body = append(out.Body, part.Data...)
		if int64(len(out.Body)) > max {
			return nil, ErrTooLarge
		}
		if part.EOF {
			return out, nil
		}
	}
}

// ErrTooLarge is the error of a download that is larger than allowed.
var ErrTooLarge = errors.New("too large")

// PDF prints the page.
func (p *window) PDF(ctx context.Context) ([]byte, error) {
	yes := true
	r, err := call(ctx, p.b.current(), page.PrintToPDF, page.PrintToPDFParams{PrintBackground: ptr(true), PreferCSSPageSize: &yes, PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		return nil, err
	}
	return r.Data, nil
}

func ptr[T any](v T) *T { return &v }
