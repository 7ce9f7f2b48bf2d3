package browser

import (
	"context"
	"errors"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// A window that a page opens asks for its document before anyone can have attached to it, and answers
// nobody who attaches while that request is held. So documents are stopped for the browser as a whole
// too: there the requests of new windows are looked at and recorded, and so are the answers to them.

// attachTime bounds how long a new window may take to be taken hold of.
const attachTime = 20 * time.Second

// watch makes the browser tell of windows, downloads and documents.
func (b *Browser) watch() error {
	yes := true
	if _, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: b.downloadDir(), EventsEnabled: &yes}); err != nil {
		return err
	}
	if err := chromedp.ListenBrowser(b.ctx, b.event); err != nil {
		return err
	}
	if _, err := chromedp.CallBrowser(b.ctx, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true}); err != nil {
		return err
	}
	_, err := chromedp.CallBrowser(b.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeDocument}}})
	return err
}

// opened takes hold of a window that one of our pages opened. It must not wait.
func (b *Browser) opened(info *target.Info) {
	if info.Type != "page" || info.OpenerID == "" {
		return
	}
	t := newTab(b)
	t.id.Store(info.TargetID)
	b.mu.Lock()
	t.popup = len(b.traffic.popups)
	b.traffic.popups = append(b.traffic.popups, Popup{URL: info.URL})
	b.popups[string(info.TargetID)] = t
	b.pending++
	b.bell()
	b.mu.Unlock()
	go func() {
		err := t.adopt(info.TargetID)
		b.mu.Lock()
		switch {
		case err != nil:
			t.die()
		case t.life.Err() == nil:
			b.tabs = append(b.tabs, t)
		}
		b.pending--
		b.bell()
		b.mu.Unlock()
		if err != nil {
			b.shut(info.TargetID)
		}
	}()
}

func (t *tab) adopt(id target.ID) error {
	ctx, cancel := chromedp.NewContext(t.b.ctx, chromedp.WithTargetID(id), chromedp.WithListener(t.event))
	context.AfterFunc(t.life, cancel)
	late := time.AfterFunc(attachTime, t.die)
	defer late.Stop()
	return t.attach(ctx)
}

// shut closes a window, if it is still there.
func (b *Browser) shut(id target.ID) {
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	chromedp.CallBrowser(ctx, target.CloseTarget, target.CloseTargetParams{TargetID: id})
}

// document takes a request for a document, or the answer to one. Only those of windows that pages have
// opened are looked at here.
func (b *Browser) document(ev *fetch.EventRequestPaused) {
	b.mu.Lock()
	t := b.popups[string(ev.FrameID)]
	answer := ev.ResponseStatusCode != 0 || ev.ResponseErrorReason != ""
	switch {
	case t != nil && answer:
		b.traffic.answered(t.key(ev.NetworkID), ev)
		b.bell()
	case t != nil:
		b.traffic.begun(t, ev)
		b.bell()
	}
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if t != nil && !answer && !b.mayBegin(t, ev) {
		chromedp.CallBrowser(ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: ev.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
		return
	}
	next := fetch.ContinueRequestParams{RequestID: ev.RequestID}
	if t != nil && !answer {
		yes := true
		next.InterceptResponse = &yes
	}
	chromedp.CallBrowser(ctx, fetch.ContinueRequest, next)
}

// mayBegin reports whether a request of a window that a page opened may go on. A window that would
// begin at a host that is not granted is closed.
func (b *Browser) mayBegin(t *tab, ev *fetch.EventRequestPaused) bool {
	away := !b.mayLead(ev.Request.URL)
	if !away && (!b.strict() || harmless(ev.Request.Method)) {
		return true
	}
	first := away && t.empty()
	b.mu.Lock()
	if i, ok := b.traffic.byID[t.key(ev.NetworkID)]; ok {
		r := &b.traffic.requests[i]
		r.Main, r.Blocked, r.Done = !first, true, true
	}
	if first {
		b.traffic.popups[t.popup] = Popup{URL: ev.Request.URL, Blocked: true}
	}
	b.mu.Unlock()
	if first {
		b.closed(target.ID(t.main()))
		go b.shut(target.ID(t.main()))
	}
	return false
}

// begun records a request of t that its own session may have begun too late to tell of.
func (tr *traffic) begun(t *tab, ev *fetch.EventRequestPaused) {
	if tr.popups[t.popup].URL == "" {
		tr.popups[t.popup].URL = ev.Request.URL
	}
	key := t.key(ev.NetworkID)
	if i, ok := tr.byID[key]; ok && tr.requests[i].URL == ev.Request.URL || len(tr.requests) >= trafficMax {
		return
	}
	tr.byID[key] = len(tr.requests)
	tr.requests = append(tr.requests, Request{Method: ev.Request.Method, URL: ev.Request.URL, Kind: "document", Main: true, Began: time.Now(), early: true})
}

// answered records what came for a request that begun recorded.
func (tr *traffic) answered(key string, ev *fetch.EventRequestPaused) {
	i, ok := tr.byID[key]
	if !ok || !tr.requests[i].early {
		return
	}
	headers := network.Headers{}
	for _, h := range ev.ResponseHeaders {
		headers[h.Name] = h.Value
	}
	r := &tr.requests[i]
	r.answer(int(ev.ResponseStatusCode), headers)
	r.Done = true
	if ev.ResponseErrorReason != "" {
		r.Failed, r.Lost = string(ev.ResponseErrorReason), !r.Blocked
	}
}

// closed forgets a window; the one that was open before is the current one again.
func (b *Browser) closed(id target.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.popups[string(id)]; t != nil {
		delete(b.popups, string(id))
		t.die()
	}
	b.traffic.end(string(id))
	for i, t := range b.tabs {
		if t.main() == string(id) {
			if len(b.tabs) == 1 {
				b.failure = errors.New("the page has crashed")
				break
			}
			b.tabs = append(b.tabs[:i:i], b.tabs[i+1:]...)
			break
		}
	}
	b.bell()
}
