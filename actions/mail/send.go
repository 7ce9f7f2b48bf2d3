package mail

import (
	"daiban/action"
	"daiban/flow"
)

// Send sends a mail.
var Send = action.Later[sendIn, struct{}](action.Spec{
	Name:   "mail.send",
	Effect: action.Sends,
	Again:  action.Probed,
	Doc: "Sends a mail. attach takes files, and tables, which go as xlsx. Without a subject the name of the attachment or the first words stand for it. " +
		"With no SMTP server in the settings the mail is written to the outbox folder instead.",
	DocZH: "发邮件。附件可以是文件，也可以是表（作为 xlsx 附上）。不写主题就用附件名或正文开头。" +
		"设置里没有 SMTP 服务器时，邮件写进发件箱文件夹。",
	Says: action.Sentence{
		ZH: "给 {to} 发邮件[，抄送 {cc}][，主题“{subject}”][，正文“{body}”][，附上 {attach}]",
		EN: "Mail {to}[, copy to {cc}][, subject “{subject}”][, text “{body}”][, with {attach} attached]",
	},
})

type sendIn struct {
	To      []action.Address `arg:"to" doc:"addresses or contacts" zh:"地址或联系人"`
	Subject string           `arg:"subject,optional" doc:"the subject" zh:"主题"`
	Body    string           `arg:"body,optional" doc:"the text" zh:"正文"`
	Attach  []flow.Value     `arg:"attach,optional,kind=path" doc:"files, or tables" zh:"文件，或表"`
	CC      []action.Address `arg:"cc,optional" doc:"who gets a copy" zh:"抄送"`
}
