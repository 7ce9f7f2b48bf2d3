// Package mail holds the actions on mail. Sending works now, by SMTP or into the
// outbox folder; reading a mailbox is declared for a later build.
package mail

import (
	"daiban/action"
	"daiban/flow"
)

// All is the family, in the catalogue's order; book writes the tables that are attached.
func All(book Book) action.Set { return action.Set{Send(book), Search, Attachments, Reply, Move} }

// Search finds mails in a mailbox.
var Search = action.Later[searchIn, []*flow.Mail](action.Spec{
	Name:   "mail.search",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Finds mails, the newest first. A mail has .sender .to .subject .date .body .attachments; a list of mails serves as a table. Reading does not mark as read.",
	DocZH:  "查找邮件，新的在前。邮件有 .sender .to .subject .date .body .attachments；邮件列表可以当表用。读取不会标记为已读。",
	Says: action.Sentence{
		ZH: "查找[{unread}未读]邮件[，来自 {sender}][，主题含“{subject}”][，{since} 起][，{until} 止][，在 {box} 里]",
		EN: "Find the[ {unread}unread] mails[ from {sender}][ about “{subject}”][ since {since}][ until {until}][ in {box}]",
	},
})

type searchIn struct {
	Sender  string      `arg:"sender,optional" doc:"part of the sender's name or address" zh:"发件人名称或地址的一部分"`
	Subject string      `arg:"subject,optional" doc:"part of the subject" zh:"主题的一部分"`
	Since   action.Date `arg:"since,optional" doc:"first day" zh:"从哪天起"`
	Until   action.Date `arg:"until,optional" doc:"last day, included" zh:"到哪天止（含）"`
	Unread  bool        `arg:"unread,default=False" doc:"only unread ones" zh:"只要未读的"`
	Box     string      `arg:"box,default=INBOX" doc:"the mailbox" zh:"邮箱文件夹"`
}

// Attachments saves the files attached to mails.
var Attachments = action.Later[attachmentsIn, []action.Path](action.Spec{
	Name:   "mail.attachments",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Saves the files attached to mails into a folder.",
	DocZH:  "把邮件的附件存到文件夹。",
	Says:   action.Sentence{ZH: "把 {mails} 的附件[（{pattern}）]存下来[，放到 {to}]", EN: "Save the attachments[ {pattern}] of {mails}[ to {to}]"},
})

type attachmentsIn struct {
	Mails   []*flow.Mail `arg:"mails,positional" doc:"the mails" zh:"邮件"`
	To      action.Path  `arg:"to,default=attachments,out,folder" doc:"the folder" zh:"文件夹"`
	Pattern string       `arg:"pattern,default=*" doc:"which names" zh:"哪些名称"`
}

// Reply answers a mail.
var Reply = action.Later[replyIn, struct{}](action.Spec{
	Name:   "mail.reply",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Replies to the sender of a mail.",
	DocZH:  "回复邮件的发件人。",
	Says:   action.Sentence{ZH: "回复 {mail}：{body}[，附上 {attach}]", EN: "Reply to {mail}: {body}[, with {attach}]"},
})

type replyIn struct {
	Mail   *flow.Mail    `arg:"mail,positional" doc:"the mail" zh:"邮件"`
	Body   string        `arg:"body" doc:"the text" zh:"正文"`
	Attach []action.Path `arg:"attach,optional" doc:"files to attach" zh:"附件"`
}

// Move moves mails to another mailbox.
var Move = action.Later[moveIn, struct{}](action.Spec{
	Name:   "mail.move",
	Effect: action.Sends,
	Again:  action.Same,
	Doc:    "Moves mails to another mailbox.",
	DocZH:  "把邮件移到另一个邮箱文件夹。",
	Says:   action.Sentence{ZH: "把 {mails} 移到邮箱文件夹 {to}", EN: "Move {mails} to the mailbox {to}"},
})

type moveIn struct {
	Mails []*flow.Mail `arg:"mails,positional" doc:"the mails" zh:"邮件"`
	To    string       `arg:"to" doc:"the mailbox" zh:"邮箱文件夹"`
}
