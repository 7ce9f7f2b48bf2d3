package mail

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"daiban/action"
	"daiban/actions/internal/letter"
	"daiban/flow"
)

// Bounds of reading.
const (
	messageMax  = 100 << 20 // bytes of one mail
	headMax     = 64 << 10  // bytes of the fields that are read to find mails
	headsAtOnce = 200
	uidsMax     = 2_000_000 // mails of one folder
)

// head is what finds a mail: its fields, and what the server knows of it.
type head struct {
	uid     imap.UID
	size    int64 // bytes, as the server says
	arrived time.Time
	seen    bool
	deleted bool
	letter.Header
}

// date is when the mail was written, as it says itself, else when it arrived.
func (h *head) date(zone *time.Location) time.Time {
	if t, ok := h.Date(zone); ok {
		return t.In(zone)
	}
	return h.arrived.In(zone)
}

// from is the address of the sender.
func from(h *letter.Header) letter.Address {
	for _, key := range []string{"from", "sender", "return-path"} {
		if list := h.Addresses(key); len(list) > 0 {
			return list[0]
		}
	}
	return letter.Address{}
}

// open selects a folder; write says that something will be changed in it.
func (s *session) open(name string, write bool) error {
	_, err := s.cl.Select(name, &imap.SelectOptions{ReadOnly: !write}).Wait()
	return err
}

// uids asks the server for mails of the open folder, the newest number first.
func (s *session) uids(want *imap.SearchCriteria) ([]imap.UID, error) {
	data, err := s.cl.UIDSearch(want, nil).Wait()
	if err != nil {
		return nil, err
	}
	set, ok := data.All.(imap.UIDSet)
	if !ok {
		return nil, nil
	}
	var out []imap.UID
	for _, r := range set {
		if r.Start == 0 || r.Stop < r.Start || int64(r.Stop-r.Start) >= int64(uidsMax-len(out)) {
			return nil, action.Limit("邮箱文件夹里的邮件太多，或者服务器的回答不对", "the folder has too many mails, or the server's answer is not sound")
		}
		for n := r.Start; ; n++ {
			if out = append(out, n); n == r.Stop {
				break
			}
		}
	}
	slices.Reverse(out)
	return out, nil
}

// headFields are those that are read to find mails.
var headFields = []string{"From", "Sender", "Return-Path", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"}

// heads reads the fields of mails, without marking them as read, and gives them to take in batches.
func (s *session) heads(uids []imap.UID, take func(h *head)) error {
	for len(uids) > 0 {
		n := min(len(uids), headsAtOnce)
		cmd := s.cl.Fetch(imap.UIDSetNum(uids[:n]...), &imap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true,
			BodySection: []*imap.FetchItemBodySection{{Specifier: imap.PartSpecifierHeader, HeaderFields: headFields, Peek: true, Partial: &imap.SectionPartial{Size: headMax}}}})
		got, err := cmd.Collect()
		if err != nil {
			return err
		}
		slices.SortFunc(got, func(a, b *fetched) int { return int(int64(b.UID) - int64(a.UID)) })
		for _, m := range got {
			if m.UID == 0 || len(m.BodySection) == 0 { // news of another mail
				continue
			}
			h := &head{uid: m.UID, size: m.RFC822Size, arrived: m.InternalDate, seen: slices.Contains(m.Flags, imap.FlagSeen), deleted: slices.Contains(m.Flags, imap.FlagDeleted)}
			h.Header, _ = letter.ReadHeader(m.BodySection[0].Bytes)
			take(h)
		}
		uids = uids[n:]
	}
	return nil
}

// fetched is what the server says of one mail.
type fetched = imapclient.FetchMessageBuffer

// errTooLarge is a mail beyond messageMax.
var errTooLarge = errors.New("mail too large")

// messages reads whole mails of the open folder, one at a time, without marking them as read. m is nil for one
// that is too large.
func (s *session) messages(uids []imap.UID, take func(uid imap.UID, m *letter.Message) error) error {
	const atOnce = 20
	for len(uids) > 0 {
		n := min(len(uids), atOnce)
		if err := s.someMessages(uids[:n], take); err != nil {
			return err
		}
		uids = uids[n:]
	}
	return nil
}

func (s *session) someMessages(uids []imap.UID, take func(uid imap.UID, m *letter.Message) error) error {
	cmd := s.cl.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
	defer cmd.Close()
	for data := cmd.Next(); data != nil; data = cmd.Next() {
		uid, raw, err := readMessage(data)
		switch {
		case errors.Is(err, errTooLarge):
			err = take(uid, nil)
		case err == nil && raw != nil:
			err = take(uid, letter.Read(raw))
		}
		if err != nil {
			return err
		}
	}
	return cmd.Close()
}

// readMessage reads what comes of one mail; raw is nil for news of another.
func readMessage(data *imapclient.FetchMessageData) (uid imap.UID, raw []byte, err error) {
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal != nil && err == nil {
				raw, err = readAll(item.Literal, item.Literal.Size())
			}
		}
	}
	return uid, raw, err
}

// place is where a mail is now.
type place struct {
	box string
	uid imap.UID
}

// locate finds a mail again: where it was read, by its number when the mail there is still the same, else
// by its Message-ID; then where this run has moved it; then, when anywhere is set, in all folders. ok is
// false when it is nowhere. The folder is left open for reading.
func (s *session) locate(m *flow.Mail, anywhere bool) (p place, ok bool, err error) {
	boxes := []string{m.Box}
	if to := s.moved[m.ID]; to != "" && m.ID != "" {
		boxes = append(boxes, to)
	}
	if anywhere && m.ID != "" {
		all, err := s.folders()
		if err != nil {
			return p, false, err
		}
		for _, f := range all {
			boxes = append(boxes, f.name)
		}
	}
	tried := map[string]bool{"": true}
	for _, box := range boxes {
		if tried[box] {
			continue
		}
		tried[box] = true
		uid, err := s.locateIn(box, m)
		if err != nil {
			return p, false, err
		}
		if uid != 0 {
			return place{box, uid}, true, nil
		}
	}
	return p, false, nil
}

// locateIn is the number of a mail in one folder, 0 when it is not there.
func (s *session) locateIn(box string, m *flow.Mail) (imap.UID, error) {
	if err := s.open(box, false); err != nil {
		if lost(err) {
			return 0, err
		}
		return 0, nil // the folder is gone, or not to be opened
	}
	if box == m.Box && m.UID != 0 {
		if uid, err := s.firstSame([]imap.UID{imap.UID(m.UID)}, m); uid != 0 || err != nil {
			return uid, err
		}
	}
	want := &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}
	switch {
	case m.ID != "":
		want.Header = []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: m.ID}}
	case m.Date.IsZero():
		return 0, nil
	default:
		want.SentSince, want.SentBefore = m.Date.AddDate(0, 0, -1), m.Date.AddDate(0, 0, 2)
	}
	uids, err := s.uids(want)
	if err != nil {
		if lost(err) {
			return 0, err
		}
		return 0, nil
	}
	slices.Reverse(uids)
	return s.firstSame(uids, m)
}

// firstSame is the first of uids that is the mail m, and is not marked as deleted.
func (s *session) firstSame(uids []imap.UID, m *flow.Mail) (imap.UID, error) {
	var found imap.UID
	err := s.heads(uids, func(h *head) {
		if !h.deleted && same(h, m, s.call.Now.Location()) && (found == 0 || h.uid < found) {
			found = h.uid
		}
	})
	return found, err
}

// same reports whether h is the mail m: by its Message-ID, or where it has none by all that is known of it.
func same(h *head, m *flow.Mail, zone *time.Location) bool {
	if m.ID != "" {
		return h.ID() == m.ID
	}
	return h.ID() == "" && from(&h.Header).Address == m.Sender && h.Text("subject") == m.Subject && h.date(zone).Equal(m.Date)
}

// gone is the error of a mail that is no longer there.
func gone(m *flow.Mail) error {
	return action.Missing("邮件“%s”（%s）在邮箱里找不到了，可能已被移走或删除", "the mail “%s” (%s) is no longer in the mailbox: moved or deleted", m.Subject, m.Sender)
}

// message reads a mail whole, wherever it is now.
func (s *session) message(m *flow.Mail) (*letter.Message, error) {
	p, ok, err := s.locate(m, true)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, gone(m)
	}
	out, err := (*letter.Message)(nil), gone(m)
	failed := s.messages([]imap.UID{p.uid}, func(_ imap.UID, x *letter.Message) error {
		if out, err = x, nil; x == nil {
			err = tooLarge(m.Subject)
		}
		return nil
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}

func tooLarge(subject string) error {
	return action.Limit("邮件“%s”超过 %d MB", "the mail “%s” has more than %d MB", subject, messageMax>>20)
}

// readAll reads a literal up to messageMax.
func readAll(r io.Reader, size int64) ([]byte, error) {
	if size > messageMax {
		_, err := io.Copy(io.Discard, r)
		return nil, errors.Join(errTooLarge, err)
	}
	return io.ReadAll(r)
}
