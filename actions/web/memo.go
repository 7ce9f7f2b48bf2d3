package web

import (
	"encoding/json"
	"net/http"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// A memo is what a step leaves for a later process, so that it can get back to where the run stood.
type memo struct {
	Do      string     `json:"do"`                // open, login, fill, click, upload
	URL     string     `json:"url,omitempty"`     // opened, signed in at; after a click: where the page stood
	Account string     `json:"account,omitempty"` // that signed in
	Values  flow.Value `json:"values,omitzero"`   // that were filled in, label and value
	Form    string     `json:"form,omitempty"`
	Text    string     `json:"text,omitempty"` // that was clicked
	Sent    bool       `json:"sent,omitempty"` // more than a GET left the page: it is never done again
	Field   string     `json:"field,omitempty"`
	File    string     `json:"file,omitempty"`
}

// rebuild brings a new browser to where the run stood. Signing in is done again, and so is filling in;
// of clicks only those that had sent nothing but a GET, and nothing else can leave meanwhile. After a
// click that did send, the page is opened at the address where it stood then.
func (s *session) rebuild(c *action.Call) error {
	memos, err := memosOf(c)
	if err != nil {
		return err
	}
	from := -1
	for i, m := range memos {
		if m.Do == "login" {
			if err := s.again(c, m); err != nil {
				return cannotRebuild(err)
			}
		}
		if m.Do == "open" || m.Do == "login" || m.Do == "click" && m.Sent {
			from = i
		}
	}
	if from < 0 {
		return action.Bad("还没有打开网页：先用 web.open 或 web.login", "no page is open yet: begin with web.open or web.login")
	}
	if err := s.visit(c, memos[from].URL); err != nil {
		return cannotRebuild(err)
	}
	if err := s.replay(c, memos[from+1:]); err != nil {
		return cannotRebuild(err)
	}
	s.begun = true
	return nil
}

func memosOf(c *action.Call) ([]memo, error) {
	var out []memo
	for _, raw := range c.Memos(family) {
		var m memo
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// again signs in once more.
func (s *session) again(c *action.Call, m memo) error {
	s.net.use(c, m.Account)
	if err := s.visit(c, m.URL); err != nil {
		return err
	}
	s.signed = &signed{m.URL, m.Account} // a page that asks for nothing knows us still
	return s.signIn(c, *s.signed)
}

// replay does what came after the page was opened: fills in, and clicks where nothing can be sent.
func (s *session) replay(c *action.Call, memos []memo) error {
	if err := s.page.ReadOnly(c, true); err != nil {
		return err
	}
	defer s.page.ReadOnly(c, false)
	for _, m := range memos {
		var err error
		switch m.Do {
		case "fill":
			err = s.fillIn(c, m)
		case "click":
			var t *thing
			if t, err = s.button(c, m.Text, "text"); err == nil {
				err = s.follow(c, t)
			}
		case "upload":
			err = s.give(c, m.Field, m.File)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow clicks on something and waits for what comes.
func (s *session) follow(c *action.Call, t *thing) error {
	if err := s.page.Click(c, t.ref); err != nil {
		return s.clickError(err, t)
	}
	s.filled = nil
	return s.page.Settle(c)
}

func cannotRebuild(err error) error {
	return &action.Problem{Kind: "io", Err: err,
		ZH: "接着办时没能回到当时的网页（" + action.Explain(err, "zh") + "）；这一步什么也没做",
		EN: "the page could not be brought back to where the run stood (" + action.Explain(err, "en") + "); nothing was done in this step"}
}

// visit opens an address and looks at what came.
func (s *session) visit(c *action.Call, link string) error {
	if link == "" {
		return action.Bad("记录里没有网址", "the record has no address")
	}
	ctx, cancel := bounded(c, openTime)
	defer cancel()
	mark := s.page.Mark()
	err := s.page.Open(ctx, link)
	s.filled = nil
	if err != nil {
		return s.openError(link, err, mark)
	}
	for _, r := range s.page.Since(mark).Requests {
		switch {
		case !r.Main || !r.Done:
		case r.Blocked:
			return action.Refused("连不上 %s，或者没有权限访问", "%s is not reached, or may not be", hostOf(r.URL))
		case r.Lost:
			return &action.Problem{Kind: "io", ZH: hostOf(r.URL) + " 没有回音就断开了", EN: hostOf(r.URL) + " broke the connection without an answer"}
		}
	}
	status := s.status(mark)
	if status == http.StatusUnauthorized {
		return s.unauthorized(link)
	}
	if status >= 400 {
		return action.Refused("网页 %s 打不开：服务器回答 %d", "the page %s does not open: the server answers %d", short(link), status)
	}
	return nil
}

// status is that of the document in the main frame since a mark; 0 when there was none.
func (s *session) status(mark browser.Mark) int {
	status := 0
	for _, r := range s.page.Since(mark).Requests {
		if r.Main && r.Status > 0 {
			status = r.Status
		}
	}
	return status
}
