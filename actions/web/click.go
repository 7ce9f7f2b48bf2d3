package web

import (
	"errors"
	"strings"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// Click clicks.
var Click = action.Define(action.Spec{
	Name:    "web.click",
	Effect:  action.Sends,
	Again:   action.Once,
	Session: true,
	Needs:   "chromium",
	Doc: "Clicks what bears these words. expect is what must then be on the page and was not there before; without it, HTTP errors, alerts and validation messages fail it. " +
		"What stands in a row or group is named with it: “Zhang San edit”.",
	DocZH: "点击带有这些字的东西。expect 是之后页面上必须新出现的字；不写时，HTTP 错误、弹窗和校验提示算失败。" +
		"在某一行或某一组里的，前面写上那一行：“张三 编辑”。",
	Says: action.Sentence{ZH: "点击“{text}”[，应出现“{expect}”]", EN: "Click “{text}”[ and expect “{expect}”]"},
}, func(c *action.Call, in clickIn) (struct{}, error) { return struct{}{}, click(c, in) })

type clickIn struct {
	Text   string `arg:"text,positional" doc:"the words on it" zh:"上面的字"`
	Expect string `arg:"expect,optional" doc:"words that must then be on the page" zh:"之后页面上必须出现的字"`
}

func click(c *action.Call, in clickIn) error {
	if strings.TrimSpace(in.Text) == "" {
		return action.Bad("没有写点击什么", "it does not say what to click")
	}
	s, err := resume(c)
	if err != nil {
		return err
	}
	t, err := s.prepared(c, in.Text)
	if err != nil {
		return explain(err)
	}
	detail, err := s.detail(c, t)
	if err != nil {
		return explain(err)
	}
	if in.Expect != "" {
		detail["expect"] = in.Expect
	}
	s.shoot(c, "before.png")
	target := hostOf(s.page.URL()) + " “" + t.name() + "”"
	s.unmade = c.Preview
	c.Do(action.Planned{Target: target, Detail: detail, Class: action.Sends, Do: func() (flow.Value, error) {
		return flow.Null(), explainClick(s.press(c, in, t))
	}})
	return nil
}

// explainClick is explain for an error that leaves open whether the click has happened.
func explainClick(err error) error {
	if errors.Is(err, browser.ErrClosed) || errors.Is(err, browser.ErrGone) {
		return action.Doubt("点击之后浏览器断了，不知道有没有生效", "the browser was lost after the click; nobody can tell whether it took effect")
	}
	return err
}

// detail is what the preview and the record show of a click: where, and what the form holds.
func (s *session) detail(c *action.Call, t *thing) (map[string]any, error) {
	detail := map[string]any{"url": short(s.page.URL()), "text": t.name()}
	if t.Href != "" && !strings.HasPrefix(t.Href, "javascript:") {
		detail["link"] = short(t.Href)
		return detail, nil
	}
	var pairs [][2]string
	if err := s.page.Call(c, t.ref.Frame, "sending", &pairs, t.ref.ID); err != nil {
		return nil, err
	}
	if len(pairs) > 0 {
		values := map[string]any{}
		for _, p := range pairs {
			values[p[0]] = p[1]
		}
		detail["values"] = values
	}
	return detail, nil
}

// press clicks and proves what came of it.
func (s *session) press(c *action.Call, in clickIn, t *thing) error {
	o, err := s.observe(c, in.Expect)
	if err != nil {
		return err
	}
	s.clicked, s.clickMark = clean(in.Text), o.mark
	defer func() { s.acted = o.document }()
	s.page.Consent(true)
	defer s.page.Consent(false)
	if t, err = s.strike(c, in.Text, t, o); err != nil {
		return s.notClicked(c, t, o, err)
	}
	verdict := s.prove(c, t, o)
	s.shoot(c, "after.png")
	s.record(c, in, o)
	return verdict
}

// notClicked is the error of a click that did not reach its target. Nothing can have been sent unless
// the record of the network says so.
func (s *session) notClicked(c *action.Call, t *thing, o *outlook, err error) error {
	if o.sent(s) {
		return action.Doubt("点击“%s”时出了错（%v），但已经有数据发出", "the click on “%s” went wrong (%v) and yet something was sent", t.name(), err)
	}
	if errors.Is(err, browser.ErrGone) {
		return broken("点击之前网页变了，没有点", "the page changed before the click; nothing was clicked")
	}
	return s.clickError(err, t)
}

// clickError says why a click cannot be made.
func (s *session) clickError(err error, t *thing) error {
	var covered *browser.CoveredError
	if !errors.As(err, &covered) {
		return err
	}
	switch covered.By {
	case "hidden":
		return broken("“%s”看不见了，没有点", "“%s” can no longer be seen; it was not clicked", t.name())
	case "disabled":
		return action.Refused("“%s”是灰的，点不了", "“%s” is disabled and cannot be clicked", t.name())
	}
	return broken("“%s”被“%s”挡住了，没有点", "“%s” is covered by “%s” and was not clicked", t.name(), covered.By)
}

// record leaves what a later process needs, and what a person would want to know.
func (s *session) record(c *action.Call, in clickIn, o *outlook) {
	sent := o.sent(s)
	s.filled, s.last, s.begun = nil, s.page.URL(), true
	c.Memo(memo{Do: "click", Text: in.Text, Sent: sent, URL: s.page.URL()})
	for _, d := range s.page.Since(o.mark).Dialogs {
		if d.Kind != "beforeunload" {
			c.Note("info", "网页弹出："+clip(d.Text), "the page said: "+clip(d.Text))
		}
	}
	for _, p := range s.page.Since(o.mark).Popups {
		if p.Blocked {
			c.Note("warning", "网页想打开 "+hostOf(p.URL)+"，没有写明这个主机，没有打开", "the page wanted to open "+hostOf(p.URL)+", a host that is not named; it was not opened")
		}
	}
}

func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return s
}
