package mail

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"daiban/action"
	"daiban/actions/internal/letter"
	"daiban/flow"
)

// Search finds mails in a mailbox.
var Search = action.Define(action.Spec{
	Name:   "mail.search",
	Effect: action.Reads,
	Again:  action.Same,
	Doc: "Finds mails, the newest first. A mail has .sender .to .subject .date .body .attachments; a list of mails serves as a table. Reading does not mark as read. " +
		"sender and subject are parts, capitals do not matter; a sender with @ is a part of the address, not of the name, which anyone can choose. Days are those of the mail's own date.",
	DocZH: "查找邮件，新的在前。邮件有 .sender .to .subject .date .body .attachments；邮件列表可以当表用。读取不会标记为已读。" +
		"sender 和 subject 写一部分就行，不分大小写；sender 里有 @ 时只比地址，不比名称（名称谁都能乱写）。日期按邮件自己的日期算。",
	Says: action.Sentence{
		ZH: "查找[{unread}未读]邮件[，来自 {sender}][，主题含“{subject}”][，{since} 起][，{until} 止][，在 {box} 里]",
		EN: "Find the[ {unread}unread] mails[ from {sender}][ about “{subject}”][ since {since}][ until {until}][ in {box}]",
	},
}, search)

type searchIn struct {
	Sender  string      `arg:"sender,optional" doc:"part of the sender's name or address" zh:"发件人名称或地址的一部分"`
	Subject string      `arg:"subject,optional" doc:"part of the subject" zh:"主题的一部分"`
	Since   action.Date `arg:"since,optional" doc:"first day" zh:"从哪天起"`
	Until   action.Date `arg:"until,optional" doc:"last day, included" zh:"到哪天止（含）"`
	Unread  bool        `arg:"unread,default=False" doc:"only unread ones" zh:"只要未读的"`
	Box     string      `arg:"box,default=INBOX" doc:"the mailbox" zh:"邮箱文件夹"`
}

// Bounds of one search.
const (
	foundMax = 5000
	bodyMax  = 256 << 10 // bytes of the text of one mail
	textsMax = 256 << 20 // bytes of the texts of all
)

func search(c *action.Call, in searchIn) ([]*flow.Mail, error) {
	b, err := openMailbox(c)
	if err != nil {
		return nil, err
	}
	var out []*flow.Mail
	err = b.do(c, func(s *session) error {
		out, err = s.search(in)
		return err
	})
	return out, err
}

// filter is what mails are looked for by.
type filter struct {
	sender, subject string // folded
	from, before    time.Time
	unread          bool
}

func newFilter(in searchIn, zone *time.Location) filter {
	f := filter{sender: fold(in.Sender), subject: fold(in.Subject), unread: in.Unread}
	if in.Since.Kind() == flow.DateKind || in.Since.Kind() == flow.TimeKind {
		f.from = instant(in.Since.Value, zone)
	}
	switch in.Until.Kind() {
	case flow.DateKind:
		y, m, d := in.Until.Time().Date()
		f.before = time.Date(y, m, d+1, 0, 0, 0, 0, zone)
	case flow.TimeKind:
		f.before = instant(in.Until.Value, zone).Add(time.Microsecond)
	}
	return f
}

// instant is a date or a time of the wall clock in zone.
func instant(v flow.Value, zone *time.Location) time.Time {
	t := v.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// criteria is what the server can be asked: what is unread, and dates with a day to spare, as it reads them
// without their zones. It is not asked for texts: many know no Chinese, and none folds as we do.
func (f *filter) criteria() *imap.SearchCriteria {
	want := &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}
	if f.unread {
		want.NotFlag = append(want.NotFlag, imap.FlagSeen)
	}
	if !f.from.IsZero() { // the date of arrival, for mails whose own cannot be read
		day := f.from.AddDate(0, 0, -1)
		want.Or = append(want.Or, [2]imap.SearchCriteria{{SentSince: day}, {Since: day}})
	}
	if !f.before.IsZero() {
		day := f.before.AddDate(0, 0, 2)
		want.Or = append(want.Or, [2]imap.SearchCriteria{{SentBefore: day}, {Before: day}})
	}
	return want
}

func (f *filter) takes(h *head, zone *time.Location) bool {
	date := h.date(zone)
	return !h.deleted && !(f.unread && h.seen) &&
		(f.from.IsZero() || !date.Before(f.from)) && (f.before.IsZero() || date.Before(f.before)) &&
		strings.Contains(fold(h.Text("subject")), f.subject) && f.fromSender(&h.Header)
}

// fromSender compares the sender. One with @ must be in the address: names are anyone's to choose.
func (f *filter) fromSender(h *letter.Header) bool {
	if f.sender == "" {
		return true
	}
	a := from(h)
	return strings.Contains(fold(a.Address), f.sender) || !strings.Contains(f.sender, "@") && strings.Contains(fold(a.Name), f.sender)
}

func (s *session) search(in searchIn) ([]*flow.Mail, error) {
	box, err := s.folder(cmp.Or(strings.TrimSpace(in.Box), "INBOX"), "box")
	if err != nil {
		return nil, err
	}
	if err := s.open(box, false); err != nil {
		return nil, err
	}
	zone := s.call.Now.Location()
	f := newFilter(in, zone)
	uids, err := s.uids(f.criteria())
	var said *imap.Error
	if errors.As(err, &said) { // it cannot search so: everything is looked at
		uids, err = s.uids(&imap.SearchCriteria{})
	}
	if err != nil {
		return nil, err
	}
	found, large := map[imap.UID]*flow.Mail{}, map[imap.UID]bool{}
	err = s.heads(uids, func(h *head) {
		if f.takes(h, zone) && len(found) <= foundMax {
			found[h.uid], large[h.uid] = newMail(h, box, zone), h.size > wholeMax
		}
	})
	if err != nil {
		return nil, err
	}
	if len(found) > foundMax {
		return nil, action.Limit("找到的邮件超过 %d 封；用 since、sender 或 subject 缩小范围", "more than %d mails were found; narrow it down with since, sender or subject", foundMax)
	}
	return s.fill(found, large)
}

// newMail is a mail by its header.
func newMail(h *head, box string, zone *time.Location) *flow.Mail {
	m := &flow.Mail{ID: h.ID(), Sender: from(&h.Header).Address, Subject: h.Text("subject"), Date: h.date(zone), Box: box, UID: uint32(h.uid), To: []string{}, Attachments: []string{}}
	for _, a := range h.Addresses("to") {
		m.To = append(m.To, a.Address)
	}
	return m
}

// fill reads the texts of the mails that were found, and the names of what is attached; of large ones by their
// outline.
func (s *session) fill(found map[imap.UID]*flow.Mail, large map[imap.UID]bool) ([]*flow.Mail, error) {
	out := make([]*flow.Mail, 0, len(found))
	var whole []imap.UID
	f := filler{session: s, found: found}
	for uid, m := range found {
		out = append(out, m)
		if !large[uid] {
			whole = append(whole, uid)
			continue
		}
		x, ok, err := s.outline(uid)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			whole = append(whole, uid)
		default:
			if err := f.take(uid, x); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(whole)
	slices.SortFunc(out, func(a, b *flow.Mail) int { return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(b.UID, a.UID)) })
	return out, s.messages(whole, f.take)
}

// filler completes the mails that were found.
type filler struct {
	*session
	found      map[imap.UID]*flow.Mail
	done, size int
}

func (f *filler) take(uid imap.UID, x *letter.Message) error {
	f.done++
	f.call.Progress(f.done, len(f.found))
	m := f.found[uid]
	switch {
	case m == nil:
		return nil
	case x == nil:
		f.call.Note("warning", "邮件“"+m.Subject+"”太大，没有读正文", "the mail “"+m.Subject+"” is too large; its text was not read")
		return nil
	}
	m.Body = cutBody(x.Body)
	if f.size += len(m.Body); f.size > textsMax {
		return action.Limit("这些邮件的文字太多；用 since、sender 或 subject 缩小范围", "the texts of these mails are too much; narrow it down with since, sender or subject")
	}
	for _, file := range x.Files {
		if !file.Hidden {
			m.Attachments = append(m.Attachments, file.Name)
		}
	}
	return nil
}

// cutBody bounds a text.
func cutBody(s string) string {
	if len(s) <= bodyMax {
		return s
	}
	return strings.ToValidUTF8(s[:bodyMax], "") + "…"
}
