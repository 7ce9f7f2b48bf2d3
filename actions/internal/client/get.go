package client

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"daiban/action"
)

// Bounds of waiting for a service that asks for patience.
const (
	triesMax  = 4
	waitMax   = time.Minute // the longest wait that is done; a service that asks for more has refused
	waitFirst = time.Second // where it does not say how long
)

// Get reads r.URL, following redirects. An answer is one with a status of success.
func (c *Client) Get(r *Request) (*Answer, error) {
	for try := 1; ; try++ {
		a, err := c.follow(&hop{r: r, method: http.MethodGet, url: r.URL})
		if err != nil {
			return nil, err
		}
		if a.Status/100 == 2 {
			return a, nil
		}
		err = c.refusal(a)
		wait, later := patience(a, try)
		a.Close()
		if !later {
			return nil, err
		}
		if err := c.pause(c.call, wait); err != nil {
			return nil, err
		}
	}
}

// patience is how long to wait before asking again, if that is worth it.
func patience(a *Answer, try int) (time.Duration, bool) {
	if a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable || try >= triesMax {
		return 0, false
	}
	asked, says := retryAfter(a)
	if !says {
		return waitFirst << (try - 1), try < 3
	}
	return asked, asked <= waitMax
}

// retryAfter is what the header Retry-After asks for: seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(a *Answer) (time.Duration, bool) {
	s := strings.TrimSpace(a.Header.Get("Retry-After"))
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	now := time.Now()
	if d, err := http.ParseTime(a.Header.Get("Date")); err == nil {
		now = d // its clock, not ours
	}
	return max(0, at.Sub(now)), true
}

// follow does h and the redirects that come of it. Each leads only to a granted host; the secret of the
// account goes no further than its own.
func (c *Client) follow(h *hop) (*Answer, error) {
	first, signed := h.url, true
	for n := 0; ; n++ {
		a, err := c.do(h, signed)
		if err != nil {
			return nil, err
		}
		next, err := c.next(a)
		if err == nil && next == nil {
			return a, nil
		}
		a.Close()
		if err != nil {
			return nil, err
		}
		if n == redirectsMax {
			return nil, h.stray("%s 转了 %d 次还没有到头", "%s redirects %d times without an end", h.r.shown(first), n)
		}
		if h.r.Account != "" && h.url.Scheme == "https" && next.Scheme == "http" {
			return nil, h.stray("%s 转到了不加密的 http，账号没有发过去", "%s redirects to http without encryption; the account was not sent there", h.r.shown(first))
		}
		signed = signed && SameHost(first, next)
		h.url = next
	}
}

// stray is the error of a redirect that is not followed: in doubt once a post has left, which was taken.
func (h *hop) stray(zh, en string, args ...any) error {
	if h.post {
		return action.Doubt(zh+"；可能已经办了", en+"; it may have taken effect", args...)
	}
	return action.Refused(zh, en, args...)
}

// next is where a redirects to; nil when it is an answer.
func (c *Client) next(a *Answer) (*url.URL, error) {
	switch a.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	if a.h.r.Name != "" {
		return nil, action.Refused("%s 的地址转到了别处，没有跟过去；核对设置里的网址", "the address of %s redirects, which was not followed; check it in the settings", a.h.r.Name)
	}
	if a.Header.Get("Location") == "" {
		return nil, nil
	}
	where := a.h.r.shown(a.URL)
	to, err := a.URL.Parse(a.Header.Get("Location"))
	if err == nil {
		to, err = Parse(to.String())
	}
	if err != nil {
		return nil, a.h.stray("%s 转到的地址不能用：%v", "%s redirects to an address that cannot be used: %v", where, err)
	}
	if err := c.call.Net.Allow(HostPort(to)); err != nil {
		return nil, a.h.stray("%s 转到了 %s：%v", "%s redirects to %s: %v", where, to.Host, err)
	}
	return to, nil
}

// isProblem reports whether err is one of kind.
func isProblem(err error, kind string) bool {
	var p *action.Problem
	return errors.As(err, &p) && p.Kind == kind
}
