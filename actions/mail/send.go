package mail

import (
	"cmp"
	"context"
	"io"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// A Book writes a table as an xlsx workbook. The families do not import each other, so
// that of the tables is given to this one.
type Book func(ctx context.Context, w io.Writer, t flow.Table) error

// Send sends a mail; tables are attached as book writes them.
func Send(book Book) *action.Action {
	return action.Define(action.Spec{
		Name:   "mail.send",
		Effect: action.Sends,
		Again:  action.Probed, // into the outbox it is a file of our own: Planned.Made
		Probe:  probe,
		Doc: "Sends a mail. attach takes files, and tables, which go as xlsx. Without a subject the name of the attachment or the first words stand for it. " +
			"With no SMTP server in the settings the mail is written to the outbox folder instead; with a mailbox (mail.imap) a copy goes to its sent folder.",
		DocZH: "发邮件。附件可以是文件，也可以是表（作为 xlsx 附上）。不写主题就用附件名或正文开头。" +
			"设置里没有 SMTP 服务器时，邮件写进发件箱文件夹；设了邮箱（mail.imap）时，“已发送”里存一份。",
		Says: action.Sentence{
			ZH: "给 {to} 发邮件[，抄送 {cc}][，主题“{subject}”][，正文“{body}”][，附上 {attach}]",
			EN: "Mail {to}[, copy to {cc}][, subject “{subject}”][, text “{body}”][, with {attach} attached]",
		},
	}, func(c *action.Call, in sendIn) (struct{}, error) { return struct{}{}, send(c, in, book) })
}

type sendIn struct {
	To      []action.Address `arg:"to" doc:"addresses or contacts" zh:"地址或联系人"`
	Subject string           `arg:"subject,optional" doc:"the subject" zh:"主题"`
	Body    string           `arg:"body,optional" doc:"the text" zh:"正文"`
	Attach  []flow.Value     `arg:"attach,optional,kind=path" doc:"files, or tables" zh:"文件，或表"`
	CC      []action.Address `arg:"cc,optional" doc:"who gets a copy" zh:"抄送"`
}

func send(c *action.Call, in sendIn, book Book) error {
	m, err := compose(c, in, book)
	if err != nil {
		return err
	}
	return dispatch(c, m, action.Planned{Target: strings.Join(addressTexts(m.to, m.cc), ", "), Detail: m.detail()})
}

// compose checks all that is said and gathers the message.
func compose(c *action.Call, in sendIn, book Book) (*message, error) {
	m := &message{date: c.Now, key: c.Key, body: in.Body}
	var err error
	if m.from, err = sender(c); err != nil {
		return nil, err
	}
	if m.to, err = addresses(in.To, nil); err != nil {
		return nil, err
	}
	if m.cc, err = addresses(in.CC, m.to); err != nil {
		return nil, err
	}
	if len(m.to) == 0 {
		return nil, action.Bad("没有收件人", "there is nobody to send it to")
	}
	if m.files, err = attachments(c, in.Attach, in.Subject, book); err != nil {
		return nil, err
	}
	if len(m.files) == 0 && strings.TrimSpace(in.Body) == "" && strings.TrimSpace(in.Subject) == "" {
		return nil, action.Bad("邮件是空的：没有主题、正文和附件", "the mail is empty: no subject, no text, nothing attached")
	}
	m.subject = oneLine(cmp.Or(strings.TrimSpace(in.Subject), defaultSubject(m, c.Lang)))
	return m, nil
}

// subjectMax bounds a subject, in characters.
const subjectMax = 200

// oneLine is s without line ends and control characters: nothing in a subject can become a header.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
	if r := []rune(s); len(r) > subjectMax {
		s = string(r[:subjectMax]) + "…"
	}
	return strings.TrimSpace(s)
}

// defaultSubject is the name of the attachment, or the first line of the text.
func defaultSubject(m *message, lang string) string {
	switch n := len(m.files); {
	case n == 1:
		return m.files[0].stem()
	case n > 1 && lang == "zh":
		return m.files[0].stem() + " 等 " + flow.NumInt(int64(n)).String() + " 个附件"
	case n > 1:
		return m.files[0].stem() + " and " + flow.NumInt(int64(n-1)).String() + " more"
	}
	first, _, _ := strings.Cut(strings.TrimSpace(m.body), "\n")
	if r := []rune(first); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return first
}
