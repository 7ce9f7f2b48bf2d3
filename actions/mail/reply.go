package mail

import (
	"regexp"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/internal/letter"
	"daiban/flow"
)

// Reply answers a mail.
var Reply = action.Define(action.Spec{
	Name:   "mail.reply",
	Effect: action.Sends,
	Again:  action.Probed,
	Probe:  probe,
	Doc:    "Replies to the sender of a mail, or where the mail asks for replies; what it said is quoted below. It is sent as mail.send does.",
	DocZH:  "回复邮件的发件人（邮件写明了回复地址时回到那里），原文引在下面。寄送方式同 mail.send。",
	Says:   action.Sentence{ZH: "回复 {mail}：{body}[，附上 {attach}]", EN: "Reply to {mail}: {body}[, with {attach}]"},
}, reply)

type replyIn struct {
	Mail   *flow.Mail    `arg:"mail,positional" doc:"the mail" zh:"邮件"`
	Body   string        `arg:"body" doc:"the text" zh:"正文"`
	Attach []action.Path `arg:"attach,optional" doc:"files to attach" zh:"附件"`
}

// Bounds of a reply.
const (
	answeredMax = 5        // addresses that one mail may ask to reply to
	quoteMax    = 32 << 10 // bytes of the mail that are quoted
	threadMax   = 20       // ids of the mails before
)

func reply(c *action.Call, in replyIn) (struct{}, error) {
	var none struct{}
	if strings.TrimSpace(in.Body) == "" && len(in.Attach) == 0 {
		return none, action.Bad("回复是空的：没有正文和附件", "the reply is empty: no text, nothing attached")
	}
	b, err := openMailbox(c)
	if err != nil {
		return none, err
	}
	b.recall(c)
	var to *letter.Message
	err = b.do(c, func(s *session) (err error) {
		to, err = s.message(in.Mail)
		return err
	})
	if err != nil {
		return none, err
	}
	m := &message{date: c.Now, key: c.Key, subject: replySubject(to.Text("subject")), answers: thread(to)}
	if m.from, err = sender(c); err != nil {
		return none, err
	}
	if err := answerTo(c, m, to); err != nil {
		return none, err
	}
	files := make([]flow.Value, len(in.Attach))
	for i, p := range in.Attach {
		files[i] = flow.PathOf(string(p))
	}
	if m.files, err = attachments(c, files, m.subject, nil); err != nil {
		return none, err
	}
	m.body = in.Body
	detail := m.detail() // without what is quoted
	m.body = strings.TrimRight(in.Body, "\n") + "\n\n" + quote(to, c.Lang, c.Now.Location())
	return none, dispatch(c, m, action.Planned{Target: strings.Join(addressTexts(m.to), ", "), Detail: detail})
}

// answerTo addresses m to where the mail wants to be answered. It says so when that is not its sender.
func answerTo(c *action.Call, m *message, to *letter.Message) error {
	list := recipients(to.Addresses("reply-to"))
	own := recipients([]letter.Address{from(&to.Header)})
	if len(list) == 0 {
		list = own
	}
	var as []action.Address
	for _, a := range list {
		as = append(as, action.Address(a))
	}
	var err error
	if m.to, err = addresses(as, nil); err != nil {
		return err
	}
	switch {
	case len(m.to) == 0:
		return action.Bad("邮件“%s”没有可以回复的地址", "the mail “%s” has no address to reply to", to.Text("subject"))
	case len(m.to) > answeredMax:
		return action.Limit("邮件“%s”要求回复到 %d 个地址，太多了", "the mail “%s” asks for replies to %d addresses, which is too many", to.Text("subject"), len(m.to))
	case len(own) > 0 && !strings.EqualFold(m.to[0].Address, own[0]):
		c.Note("info", "发件人是 "+own[0]+"，但邮件要求回复到 "+m.to[0].Address, "the sender is "+own[0]+", but the mail asks for replies to "+m.to[0].Address)
	}
	return nil
}

var replied = regexp.MustCompile(`(?i)^\s*(re|aw|sv|回复|答复|回覆|回復|答覆)\s*(\[\d+\]|\(\d+\))?\s*[:：]`)

// replySubject is a subject with one Re: before it.
func replySubject(subject string) string {
	if replied.MatchString(subject) {
		return oneLine(subject)
	}
	return oneLine("Re: " + subject)
}

var plainID = regexp.MustCompile(`^[!-;=?-~]{1,250}$`)

// thread is the ids of the mails before, and of the mail itself last.
func thread(to *letter.Message) []string {
	before := to.IDs("references")
	if len(before) == 0 {
		before = to.IDs("in-reply-to")
	}
	var out []string
	for _, id := range append(before[max(0, len(before)-threadMax):], to.ID()) {
		if plainID.MatchString(id) {
			out = append(out, id)
		}
	}
	if !plainID.MatchString(to.ID()) {
		return nil // what is answered has no name
	}
	return out
}

// quote is what the mail said, with a > before each line.
func quote(to *letter.Message, lang string, zone *time.Location) string {
	who := from(&to.Header).String()
	when := ""
	if t, ok := to.Date(zone); ok {
		when = t.In(zone).Format("2006-01-02 15:04")
	}
	head := "On " + when + ", " + who + " wrote:"
	if lang == "zh" {
		head = when + "，" + who + " 写道："
	}
	if when == "" {
		head = strings.NewReplacer("On , ", "", "，"+who, who).Replace(head)
	}
	text := to.Body
	if len(text) > quoteMax {
		text = strings.ToValidUTF8(text[:quoteMax], "") + "…"
	}
	if text == "" {
		return head + "\n"
	}
	return head + "\n> " + strings.ReplaceAll(text, "\n", "\n> ") + "\n"
}
