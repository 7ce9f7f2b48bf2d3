package web

import (
	"errors"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/web/internal/browser"
)

// What lies over a page and was not asked for, a cookie banner or a call to subscribe, is put aside as
// a person does who wants nothing of it: by what closes or refuses it, and by nothing else. What has no
// such way out stays; a click may still reach past it in a taller window.

// The words of ways out that agree to nothing, the plainest first; a thing that also says one of the
// others agrees to something.
var (
	wayOutWords = []string{"×", "✕", "✖", "x", "关闭", "close", "dismiss", "跳过", "skip", "以后再说", "稍后", "稍后再说", "下次再说", "暂不", "暂不需要", "不用了", "不了，谢谢", "no thanks", "no, thanks", "not now", "later", "maybe later",
		"拒绝", "全部拒绝", "拒绝全部", "拒绝所有", "reject", "reject all", "decline", "decline all", "refuse", "仅必要", "仅限必要", "只用必要的", "仅接受必要", "only necessary", "necessary only", "essential only", "only essential"}
	agreeWords = []string{"同意", "允许", "接受所有", "全部接受", "购买", "订阅", "确定", "提交", "accept", "agree", "allow", "consent", "buy", "subscribe", "submit", "confirm", "join"}
)

// A layer is what lies over something, and what can be clicked in it.
type layer struct {
	Over   bool
	Text   string
	Things []thing
}

// wayOut is what closes or refuses a layer; nil when there is no such thing, or the layer says that
// something went wrong: that is for a person to read.
func (l *layer) wayOut() *thing {
	said := l.Text
	for _, t := range l.Things {
		said = strings.Replace(said, t.Labels[0][1], "", 1)
	}
	if !l.Over || bad(said) {
		return nil
	}
	for _, w := range wayOutWords {
		for i := range l.Things {
			if t := &l.Things[i]; leavesOnly(t) && slices.ContainsFunc(t.Labels, func(x [2]string) bool { return plainly(x[1]) == w }) {
				return t
			}
		}
	}
	return nil
}

// leavesOnly reports whether a click on t neither agrees to something, sends a form, nor goes elsewhere.
func leavesOnly(t *thing) bool {
	agrees := slices.ContainsFunc(t.Labels, func(x [2]string) bool {
		return slices.ContainsFunc(agreeWords, func(w string) bool { return strings.Contains(plainly(x[1]), w) })
	})
	elsewhere := t.Href != "" && !strings.HasPrefix(t.Href, "javascript:") && !strings.HasSuffix(t.Href, "#")
	return !agrees && !elsewhere && !t.Disabled && (!t.Submit || t.Method == "dialog")
}

// plainly is words in lower case, without the spaces and stops around them.
func plainly(words string) string { return strings.ToLower(strings.Trim(clean(words), " .!。！")) }

// putAside closes what lies over an element of a frame, or the dialog that shuts off the page when id is
// 0, if there is a way out of it; once a layer. Nothing but a GET can leave meanwhile. What a click of
// the flow has brought onto its page is part of the work, a confirmation say, and stays.
func (s *session) putAside(c *action.Call, frame string, id int) (did bool, l layer) {
	if err := s.page.Call(c, frame, "layer", &l, id); err != nil {
		return false, layer{}
	}
	key := s.page.Document() + " " + l.Text
	out := l.wayOut()
	if out == nil || s.aside[key] || s.acted == s.page.Document() {
		return false, l
	}
	if s.aside == nil {
		s.aside = map[string]bool{}
	}
	s.aside[key] = true
	if err := s.page.ReadOnly(c, true); err != nil {
		return false, l
	}
	defer s.page.ReadOnly(c, false)
	if err := s.page.Click(c, browser.Ref{Frame: frame, ID: out.ID}); err != nil {
		return false, l
	}
	if err := s.page.Settle(c); err != nil {
		return false, l
	}
	said, by := clip(l.Text), out.name()
	c.Note("info", "网页上盖着“"+said+"”，点“"+by+"”关掉了", "“"+said+"” lay over the page; it was closed by “"+by+"”")
	return true, l
}

// shutOff puts aside a dialog that shuts off the page, when all of names are behind it.
func (s *session) shutOff(c *action.Call, function string, names []string) bool {
	frames, err := s.page.Frames(c)
	if err != nil || len(frames) == 0 {
		return false
	}
	var behind []thing
	if err := s.page.Call(c, frames[0].ID, function, &behind, true); err != nil {
		return false
	}
	for _, n := range names {
		best, _ := findAll(n, behind)
		if function == "clickables" {
			best, _ = findAllVerbs(n, behind)
		}
		if len(best) == 0 {
			return false
		}
	}
	did, _ := s.putAside(c, frames[0].ID, 0)
	return did
}

// reach clicks on t with f: past what lies over it, when that can be put aside or leaves t free in a
// taller window.
func (s *session) reach(c *action.Call, t *thing, f func() error) error {
	did, l := s.putAside(c, t.ref.Frame, t.ref.ID)
	if did || !l.Over {
		return f()
	}
	if err := s.page.Tall(c, true); err != nil {
		return err
	}
	defer s.page.Tall(c, false)
	var now layer
	if err := s.page.Call(c, t.ref.Frame, "ready", nil, t.ref.ID); err != nil { // it has come to stand still
		return err
	}
	if err := s.page.Call(c, t.ref.Frame, "layer", &now, t.ref.ID); err != nil {
		return err
	}
	if now.Over { // it fills the window: a page at work, say, that is waited for
		return errors.Join(s.page.Tall(c, false), f())
	}
	c.Note("info", "“"+t.name()+"”被“"+clip(l.Text)+"”挡住，把窗口拉高后点的", "“"+t.name()+"” was covered by “"+clip(l.Text)+"”; it was clicked in a taller window")
	return f()
}
