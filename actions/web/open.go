package web

import (
	"errors"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// Open opens a page.
var Open = action.Define(action.Spec{
	Name:    "web.open",
	Effect:  action.Reads,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc:     "Opens a web page, by its address or the name of a site of the settings.",
	DocZH:   "打开网页：网址，或设置里网站的名称。",
	Says:    action.Sentence{ZH: "打开网页 {url}", EN: "Open the page {url}"},
}, open)

type openIn struct {
	URL string `arg:"url,positional" doc:"address of the page" zh:"网址"`
}

func open(c *action.Call, in openIn) (*flow.Page, error) {
	link, account, err := address(c, in.URL)
	if err != nil {
		return nil, err
	}
	s, err := start(c)
	if err != nil {
		return nil, err
	}
	if !s.begun {
		if err := s.signInAgain(c); err != nil {
			return nil, cannotRebuild(err)
		}
	}
	s.net.use(c, account)
	s.unmade = false
	if c.Preview {
		if err := s.page.Offline(c, false); err != nil {
			return nil, err
		}
	}
	if err := s.goTo(c, link); err != nil {
		return nil, explain(err)
	}
	s.begun = true
	c.Memo(memo{Do: "open", URL: link})
	return s.view(c), nil
}

// goTo opens link, and signs in again when a session that was signed in has expired.
func (s *session) goTo(c *action.Call, link string) error {
	if err := s.visit(c, link); err != nil {
		return err
	}
	if !s.expired(c) {
		return nil
	}
	if err := s.renew(c); err != nil {
		return err
	}
	return s.visit(c, link)
}

// signInAgain signs in, in a new process, what earlier steps of the run had signed in.
func (s *session) signInAgain(c *action.Call) error {
	memos, err := memosOf(c)
	if err != nil {
		return err
	}
	for _, m := range memos {
		if m.Do == "login" {
			if err := s.again(c, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// view is the page as a value.
func (s *session) view(c *action.Call) *flow.Page {
	return &flow.Page{URL: s.page.URL(), Title: s.page.Title(c)}
}

// openError is why an address did not open, in words.
func (s *session) openError(link string, err error, mark browser.Mark) error {
	var nav *browser.NavigationError
	if !errors.As(err, &nav) {
		return err
	}
	to := link
	for _, r := range s.page.Since(mark).Requests {
		if r.Main {
			to = r.URL
		}
	}
	if host := hostOf(to); nav.Text == "net::ERR_BLOCKED_BY_CLIENT" {
		return action.Refused("网页 %s 转去了 %s，流程和设置里没有写明这个主机，没有跟过去；要用它就加 --grant %[2]s",
			"%s leads to %s, which neither the flow nor the settings name; it was not followed; --grant %[2]s allows it", short(link), host)
	}
	return broken("网页 %s 打不开：%s", "the page %s does not open: %s", short(link), nav.Text)
}
