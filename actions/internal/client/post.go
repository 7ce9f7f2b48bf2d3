package client

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"daiban/action"
)

// Post sends r.Body to r.URL once. An answer is one with a status of success.
//
// A 4xx is a clear no. A 5xx may have taken effect, so it is in doubt, like no answer at all; but for 501,
// 505 and 511, which say that nobody has looked at it. With r.Keyed, what is in doubt is sent again
// with the same Idempotency-Key. A 429 with a bearable Retry-After is waited for: nothing was done.
func (c *Client) Post(r *Request) (*Answer, error) {
	for try := 1; ; try++ {
		a, err := c.post(r)
		if err == nil && a.Status/100 == 2 {
			return a, nil
		}
		wait, later := waitFirst, false
		if err == nil {
			err = c.refusal(a)
			if d, ok := patience(a, try); ok {
				wait, later = d, a.Status == http.StatusTooManyRequests
			}
			a.Close()
		}
		again := later || r.Keyed && isProblem(err, "doubt") && try < postsMax
		if !again || c.pause(c.call, wait) != nil {
			return nil, err
		}
	}
}

// postsMax bounds how often a post is sent whose outcome is in doubt, where that is safe.
const postsMax = 3

// post sends r and follows where that leads: 307 and 308 ask for the same at another place of the host,
// 303 and 302 say that it was taken and where its answer is.
func (c *Client) post(r *Request) (*Answer, error) {
	h := &hop{r: r, method: http.MethodPost, url: r.URL}
	for n := 0; ; n++ {
		a, err := c.do(h, true)
		if err != nil {
			return nil, err
		}
		to, err := c.moved(a)
		if err == nil && to == nil {
			return a, nil
		}
		a.Close()
		if err != nil {
			return nil, err
		}
		if n == redirectsMax {
			return nil, action.Refused("%s 转了 %d 次还没有到头，没有发出", "%s redirects %d times without an end; nothing was taken", r.shown(r.URL), n)
		}
		if a.Status == http.StatusFound || a.Status == http.StatusSeeOther {
			return c.follow(&hop{r: r, method: http.MethodGet, url: to, post: true})
		}
		h = &hop{r: r, method: http.MethodPost, url: to}
	}
}

// moved is where a post goes on; nil when a is its answer. What would lead it to another host, or lose
// its body, is refused.
func (c *Client) moved(a *Answer) (*url.URL, error) {
	h := a.h
	h.post = h.post && (a.Status == http.StatusFound || a.Status == http.StatusSeeOther) // with the others nothing was taken
	b := *a
	b.h = h
	to, err := c.next(&b)
	if err != nil || to == nil {
		return nil, err
	}
	from, where := h.r.shown(a.URL), Shown(to)
	switch {
	case a.Status == http.StatusMovedPermanently:
		return nil, action.Refused("%s 已搬到 %s，没有发；把网址改成新的", "%s has moved to %s; nothing was sent there: write the new address", from, where)
	case a.Status == http.StatusFound && samePlace(a.URL, to):
		return nil, action.Refused("%s 要改用 %s，没有发；把网址改成这个", "%s wants %s instead; nothing was sent there: write that address", from, where)
	case (a.Status == http.StatusFound || a.Status == http.StatusSeeOther) && login(to):
		return nil, action.Refused("%s 要求登录（转到 %s），没有办；给出 account", "%s asks to sign in (it redirects to %s) and did nothing: name an account", from, where)
	case !SameHost(a.URL, to) || a.URL.Scheme == "https" && to.Scheme == "http":
		return nil, h.stray("%s 转到了别的主机 %s，内容没有发过去", "%s redirects to another host, %s; nothing was sent there", from, where)
	}
	return to, nil
}

// samePlace reports whether b is a but for the scheme and a final slash: a moved address, and no answer.
func samePlace(a, b *url.URL) bool {
	return strings.EqualFold(strings.TrimPrefix(a.Hostname(), "www."), strings.TrimPrefix(b.Hostname(), "www.")) &&
		path.Clean("/"+a.Path) == path.Clean("/"+b.Path)
}

// login reports whether u is a page to sign in on.
func login(u *url.URL) bool {
	for _, part := range strings.FieldsFunc(strings.ToLower(u.Path), func(r rune) bool { return r == '/' || r == '.' || r == '-' || r == '_' }) {
		switch part {
		case "login", "signin", "logon", "sso", "cas", "oauth", "oauth2", "auth":
			return true
		}
	}
	return false
}
