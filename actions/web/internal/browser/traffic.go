package browser

import (
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"

	"daiban/actions/web/internal/guard"
)

// traffic is what the pages sent and were asked, since the start.
type traffic struct {
	requests  []Request
	byID      map[string]int // a request under way, by the browser's id
	dialogs   []Dialog
	popups    []Popup
	downloads []*Download
}

// trafficMax bounds the record; older requests are forgotten by then.
const trafficMax = 200_000

// end ends what a window had under way when it was closed.
func (tr *traffic) end(window string) {
	for key, i := range tr.byID {
		if strings.HasPrefix(key, window+"/") && !tr.requests[i].Done {
			tr.requests[i].Done = true
		}
	}
}

func schemeHost(u string) (scheme, host string) {
	p, err := url.Parse(u)
	if err != nil {
		return "invalid", ""
	}
	return p.Scheme, p.Host
}

// request takes the events of the network of t.
func (b *Browser) request(t *tab, ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	tr := &b.traffic
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if i, ok := tr.byID[t.key(ev.RequestID)]; ok && ev.RedirectResponse != nil {
			tr.requests[i].Status, tr.requests[i].Done = int(ev.RedirectResponse.Status), true
		}
		if i, ok := tr.byID[t.key(ev.RequestID)]; ok && tr.requests[i].early && tr.requests[i].URL == ev.Request.URL {
			return
		}
		scheme, _ := schemeHost(ev.Request.URL)
		if scheme == "data" || scheme == "blob" || len(tr.requests) >= trafficMax {
			return
		}
		tr.byID[t.key(ev.RequestID)] = len(tr.requests)
		tr.requests = append(tr.requests, Request{Method: ev.Request.Method, URL: ev.Request.URL, Kind: kindOf(ev.Type), Began: time.Now(),
			Main: ev.Type == network.ResourceTypeDocument && string(ev.FrameID) == t.main()})
	case *network.EventResponseReceived:
		if i, ok := tr.byID[t.key(ev.RequestID)]; ok {
			r := &tr.requests[i]
			r.answer(int(ev.Response.Status), ev.Response.Headers)
			r.Done = r.Done || ev.Type == network.ResourceTypeEventSource
		}
	case *network.EventLoadingFinished:
		if i, ok := tr.byID[t.key(ev.RequestID)]; ok {
			tr.requests[i].Done = true
		}
	case *network.EventLoadingFailed:
		if i, ok := tr.byID[t.key(ev.RequestID)]; ok {
			r := &tr.requests[i]
			r.Done, r.Failed = true, ev.ErrorText
			r.Blocked = r.Blocked || neverSent(ev)
			r.Lost = !r.Blocked && r.Status == 0
		}
	default:
		return
	}
	b.bell()
}

// answer takes the status of an answer; one of the guard's own stands for none.
func (r *Request) answer(status int, headers network.Headers) {
	switch {
	case header(headers, guard.Lost) != "":
		r.Lost, r.Status = true, 0
	case header(headers, guard.Blocked) != "":
		r.Blocked, r.Status, r.Failed = true, 0, "not reached"
	default:
		r.Status = status
	}
}

// neverSent reports whether a request that failed had not left.
func neverSent(ev *network.EventLoadingFailed) bool {
	if ev.BlockedReason != "" {
		return true
	}
	for _, s := range []string{"BLOCKED", "TUNNEL_CONNECTION_FAILED", "NAME_NOT_RESOLVED", "CONNECTION_REFUSED", "PROXY_CONNECTION_FAILED",
		"INTERNET_DISCONNECTED", "ADDRESS_UNREACHABLE", "CERT_", "SSL_PROTOCOL_ERROR", "ACCESS_DENIED"} {
		if strings.Contains(ev.ErrorText, s) {
			return true
		}
	}
	return false
}

func header(h network.Headers, name string) string {
	for k, v := range h {
		if strings.EqualFold(k, name) {
			s, _ := v.(string)
			return s
		}
	}
	return ""
}

func kindOf(t network.ResourceType) string {
	switch t {
	case network.ResourceTypeDocument:
		return "document"
	case network.ResourceTypeXHR, network.ResourceTypeFetch:
		return "fetch"
	case network.ResourceTypeScript, network.ResourceTypeStylesheet:
		return "script"
	}
	return "other"
}

// youngest is how old a request may be and still be waited for: what takes longer is a poll.
const youngest = 8 * time.Second

// busy reports whether something is under way that a page waits for; mu is held.
func (b *Browser) busy() bool {
	if b.pending > 0 {
		return true
	}
	for i := len(b.traffic.requests) - 1; i >= 0 && i >= len(b.traffic.requests)-500; i-- {
		r := &b.traffic.requests[i]
		if !r.Done && r.Kind != "other" && time.Since(r.Began) < youngest {
			return true
		}
	}
	return false
}

func (b *Browser) mark() Mark {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := &b.traffic
	return Mark{len(t.requests), len(t.dialogs), len(t.popups), len(t.downloads)}
}

func (b *Browser) since(m Mark) Traffic {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := &b.traffic
	out := Traffic{
		Requests: append([]Request(nil), t.requests[m.requests:]...), Dialogs: append([]Dialog(nil), t.dialogs[m.dialogs:]...),
		Popups: append([]Popup(nil), t.popups[m.popups:]...),
	}
	for _, d := range t.downloads[m.downloads:] {
		c := *d
		out.Downloads = append(out.Downloads, &c)
	}
	return out
}
