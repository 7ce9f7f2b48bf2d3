package web

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/actions/web/internal/find"
)

// An outlook is what was there before a click, to tell what came of it.
type outlook struct {
	mark       browser.Mark
	document   string
	expect     string
	had        int      // how often the page said expect before
	complaints []string // what the page complained of before
	text       string
}

// observe looks at the page before a click.
func (s *session) observe(c *action.Call, expect string) (*outlook, error) {
	text, err := s.allText(c)
	if err != nil {
		return nil, err
	}
	return &outlook{mark: s.page.Mark(), document: s.page.Document(), expect: expect, had: countOf(text, expect), complaints: s.complaints(c), text: text}, nil
}

// sent reports whether anything but a GET has left since.
func (o *outlook) sent(s *session) bool {
	return slices.ContainsFunc(s.page.Since(o.mark).Requests, s.counts)
}

// counts reports whether a request may have changed something that the flow is about: what a page
// reports to strangers of its own accord does not.
func (s *session) counts(r browser.Request) bool {
	return r.Sends() && (r.Kind != "other" || s.net.Allow(hostOf(r.URL)) == nil)
}

// waiting reports whether something that was sent has no answer yet.
func (s *session) waiting(tr browser.Traffic) bool {
	return slices.ContainsFunc(tr.Requests, func(r browser.Request) bool { return s.counts(r) && !r.Done && !r.Lost && r.Status < 400 })
}

// allText is what every frame shows.
func (s *session) allText(c *action.Call) (string, error) {
	for n := 0; ; n++ {
		text, err := s.textOnce(c)
		if !errors.Is(err, browser.ErrGone) || n > 20 {
			return text, err
		}
		if err := s.page.Settle(c); err != nil {
			return "", err
		}
	}
}

func (s *session) textOnce(c *action.Call) (string, error) {
	frames, err := s.frames(c)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, f := range frames {
		var t string
		if err := s.page.Call(c, f.ID, "text", &t); err != nil {
			if errors.Is(err, browser.ErrGone) && f.Parent != "" {
				continue
			}
			return "", err
		}
		if t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, "\n"), nil
}

// countOf is how often text says words, without regard to case, width and spaces.
func countOf(text, words string) int {
	if w := find.Fold(words); w != "" {
		return strings.Count(find.Fold(text), w)
	}
	return 0
}

// complaints is what the page says is wrong, in every frame.
func (s *session) complaints(c *action.Call) []string {
	frames, err := s.frames(c)
	if err != nil {
		return nil
	}
	var out []string
	for _, f := range frames {
		var part [][2]string
		if s.page.Call(c, f.ID, "complaints", &part) != nil {
			continue
		}
		for _, p := range part {
			if !good(p[1]) {
				out = append(out, p[1])
			}
		}
	}
	return out
}

// contradicted is the verdict when the expected words came: nil, unless the server's own answer
// speaks against them.
func contradicted(err error) error {
	if err == nil || kindOf(err) == "doubt" {
		return err
	}
	return action.Doubt("页面上出现了要的字，但%v", "the expected words appeared, but %v", err)
}

// The words of messages.
var (
	badWords = []string{"失败", "错误", "出错", "异常", "不能", "无法", "不正确", "无效", "不成功", "必填", "为空", "已存在", "重复", "超过", "超出", "不足", "只有", "不存在", "拒绝", "请输入", "请选择", "请填写", "格式",
		"error", "fail", "invalid", "unsuccess", "required", "must", "cannot", "can't", "denied", "refused", "rejected", "already exists", "incorrect", "wrong", "missing", "please enter", "please select", "not allowed", "not valid"}
	goodWords = []string{"成功", "已保存", "已提交", "已收到", "完成", "已创建", "谢谢", "感谢", "success", "saved", "submitted", "thank you", "received", "done", "created", "confirmed"}
)

func says(text string, words []string) bool {
	t := find.Fold(text)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(t, find.Fold(w)) })
}

// bad reports whether a message says that something was not taken.
func bad(text string) bool { return says(text, badWords) }

// good reports whether a message says that something went well: toasts use the marks of errors too.
func good(text string) bool { return says(text, goodWords) && !bad(text) }

// fresh is what stands in after and not in before.
func fresh(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(s string) bool { return slices.Contains(before, s) })
}

// prove waits for the outcome of a click and says what it was. Nil means that it is proven, or, without
// words to expect, that nothing speaks against it.
func (s *session) prove(c *action.Call, t *thing, o *outlook) error {
	deadline := time.Now().Add(proofTime)
	grace := time.Now().Add(400 * time.Millisecond) // for a page that reacts by a timer
	calm := time.Time{}
	for {
		if err := s.page.Settle(c); err != nil {
			return s.lost(o, err)
		}
		text, err := s.allText(c)
		if err != nil {
			return s.lost(o, err)
		}
		tr := s.page.Since(o.mark)
		pending := s.waiting(tr)
		if pending && time.Now().After(deadline) {
			return action.Doubt("数据已经发出，一直没有回音", "it was sent, and no answer has come")
		}
		if o.expect != "" && !pending && countOf(text, o.expect)+countOfDialogs(tr, o.expect) > o.had {
			return contradicted(s.answers(t, tr))
		}
		wrong := s.wrong(c, t, o, tr)
		moved := s.page.Document() != o.document || text != o.text || len(tr.Requests) > 0 || len(tr.Dialogs) > 0 || len(tr.Downloads) > 0
		switch {
		case wrong != nil && !calm.IsZero() && time.Since(calm) > 300*time.Millisecond:
			return wrong
		case wrong != nil:
			if calm.IsZero() {
				calm = time.Now()
			}
		case o.expect == "" && !pending && (moved || time.Now().After(grace)):
			return s.quiet(c, t, o)
		case o.expect != "" && time.Now().After(deadline):
			return s.unproven(o)
		}
		if err := pause(c, 60*time.Millisecond); err != nil {
			return s.lost(o, err)
		}
	}
}

// quiet is the verdict without words to expect: what the page complains of, once it rests.
func (s *session) quiet(c *action.Call, t *thing, o *outlook) error {
	if frames, err := s.page.Frames(c); err == nil { // a message may be drawn a moment later
		s.page.Call(c, frames[0].ID, "frames", nil)
	}
	if err := s.page.Settle(c); err != nil {
		return s.lost(o, err)
	}
	return s.wrong(c, t, o, s.page.Since(o.mark))
}

func countOfDialogs(tr browser.Traffic, words string) int {
	n := 0
	for _, d := range tr.Dialogs {
		n += countOf(d.Text, words)
	}
	return n
}

// lost is the error of a proof that could not be brought to its end.
func (s *session) lost(o *outlook, err error) error {
	if o.sent(s) {
		return action.Doubt("点击之后没能看到结果（%v），数据已经发出", "the outcome of the click could not be seen (%v), and something was sent", err)
	}
	return err
}

// wrong is what speaks against a click: the answers to what it sent, what the page asks or complains.
func (s *session) wrong(c *action.Call, t *thing, o *outlook, tr browser.Traffic) error {
	if err := s.answers(t, tr); err != nil {
		return err
	}
	sent := o.sent(s)
	for _, d := range tr.Dialogs {
		switch {
		case d.Kind == "prompt":
			return verdict(false, sent, "网页弹出一个要输入的框（“%s”），没有填", "the page asked for an input (“%s”), and got none", clip(d.Text))
		case d.Kind == "alert" && o.expect == "" && !good(d.Text), d.Kind == "alert" && o.expect != "" && countOf(d.Text, o.expect) == 0 && !good(d.Text):
			return verdict(bad(d.Text), sent, "网页弹出：%s", "the page said: %s", clip(d.Text))
		}
	}
	if s.signed != nil && s.page.Document() != o.document && s.expired(c) {
		return verdict(false, sent, "登录过期了，网页又要登录", "the session has expired; the page asks to sign in again")
	}
	if said := fresh(o.complaints, s.complaints(c)); len(said) > 0 {
		all := strings.Join(said, "；")
		return verdict(bad(all), sent, "网页提示：%s", "the page says: %s", clip(all))
	}
	if !sent && t.Submit && s.page.Document() == o.document {
		if bad := s.invalid(c, t); len(bad) > 0 {
			return action.Refused("网页没有提交：%s", "the page did not submit: %s", strings.Join(bad, "；"))
		}
	}
	return nil
}

// verdict is the error of a click that the page speaks against: a clear no when nothing was sent or
// the server refused, else in doubt.
func verdict(refused, sent bool, zh, en string, args ...any) error {
	if sent && !refused {
		return action.Doubt("已经发出，但"+zh, "it was sent, but "+en, args...)
	}
	return action.Refused(zh, en, args...)
}

// answers is what the server says to what the click sent.
func (s *session) answers(t *thing, tr browser.Traffic) error {
	for _, r := range tr.Requests {
		switch {
		case !r.Main && !(r.Sends() && r.Kind != "other"):
		case r.Blocked && r.Main:
			return action.Refused("“%s”通向 %s，流程和设置里没有写明，没有跟过去；要用它就加 --grant %[2]s", "“%s” leads to %s, which neither the flow nor the settings name; it was not followed; --grant %[2]s allows it", t.name(), hostOf(r.URL))
		case r.Lost && r.Sends():
			return action.Doubt("发到 %s 之后连接断了，没有回音", "the connection broke after it was sent to %s; no answer came", hostOf(r.URL))
		case r.Lost:
			return broken("%s 没有回音就断开了", "%s broke the connection without an answer", hostOf(r.URL))
		case r.Sends() && r.Status >= 500:
			return action.Doubt("服务器 %s 回答 %d：不知道有没有生效", "the server %s answers %d: nobody can tell whether it took effect", hostOf(r.URL), r.Status)
		case r.Status >= 400:
			return action.Refused("服务器 %s 回答 %d", "the server %s answers %d", hostOf(r.URL), r.Status)
		}
	}
	return nil
}

// invalid is what the browser's own checks of the form say.
func (s *session) invalid(c *action.Call, t *thing) []string {
	var bad [][2]string
	if s.page.Call(c, t.ref.Frame, "invalid", &bad, t.ref.ID) != nil {
		return nil
	}
	var out []string
	for _, b := range bad {
		out = append(out, b[0]+": "+b[1])
	}
	return out
}

// unproven is the verdict when the expected words did not come.
func (s *session) unproven(o *outlook) error {
	var had both
	if o.had > 0 {
		had = both{fmt.Sprintf("（点击之前页面上就有 %d 处，之后没有更多）", o.had), fmt.Sprintf(" (it was there %d times before the click already, and no more after)", o.had)}
	}
	if o.sent(s) {
		return action.Doubt("已经发出，但页面上没有新出现“%s”%s", "it was sent, but “%s” did not newly appear on the page%s", o.expect, had)
	}
	return action.Refused("页面上没有新出现“%s”%s；什么也没有发出", "“%s” did not newly appear on the page%s; nothing was sent", o.expect, had)
}

// both is a text in both languages, as an argument of a problem.
type both struct{ zh, en string }

// Name is the text in lang.
func (x both) Name(lang string) string {
	if lang == "zh" {
		return x.zh
	}
	return x.en
}
