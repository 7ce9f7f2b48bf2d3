package mail

import (
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"daiban/action"
	"daiban/actions/internal/letter"
	"daiban/flow"
)

// dispatch plans that m is sent, or written to the outbox where no server is set.
func dispatch(c *action.Call, m *message, plan action.Planned) error {
	_, setting, account := c.Settings.Mail()
	if setting == "" {
		return toOutbox(c, m, plan)
	}
	s, err := dialer(c, setting, account)
	if err != nil {
		return err
	}
	raw := m.bytes()
	plan.Class = action.Sends
	plan.Do = func() (flow.Value, error) { return flow.Null(), s.deliver(c, m, raw) }
	c.Do(plan)
	return nil
}

// deliver sends m, unless it was sent before under the same key; and files a copy where the person looks
// for what was sent.
func (s *server) deliver(c *action.Call, m *message, raw []byte) error {
	again, err := sentBefore(c, m)
	if err != nil || again {
		return err
	}
	err = s.send(c, m, raw, func() error { return writeTrace(c, m, handing) })
	if err != nil {
		var p *action.Problem
		if errors.As(err, &p) && p.Kind == "refused" { // nothing was taken; the next attempt begins anew
			if left := writeTrace(c, m, ""); left != nil {
				c.Note("warning", "没能记下邮件被拒收："+action.Explain(left, "zh"), "could not note that the mail was refused: "+action.Explain(left, "en"))
			}
		}
		return err
	}
	if err := writeTrace(c, m, taken); err != nil {
		c.Note("warning", "邮件已寄出，但没能记在本机："+action.Explain(err, "zh"), "the mail was sent, but this machine could not note it: "+action.Explain(err, "en"))
	}
	s.fileCopy(c, m, raw)
	return nil
}

// sentBefore reports whether m was sent under its key already. It is in doubt when its end had left and no answer
// came, until a person says that it did not arrive.
func sentBefore(c *action.Call, m *message) (bool, error) {
	state, err := readTrace(c, m)
	if err != nil || state == "" {
		return false, err
	}
	if state == handing {
		if answer, ok := c.Answer("happened"); ok && answer.String() == "no" {
			return false, writeTrace(c, m, "")
		}
		found, err := inSent(c, m)
		if err != nil || !found {
			return false, action.Doubt("这封邮件以前交给过服务器，没有回音，可能已经寄出", "this mail was handed to the server before, and no answer came; it may have been sent")
		}
	}
	c.Note("info", "这封邮件已经寄出过，没有再寄", "this mail was sent before, and not sent again")
	return true, nil
}

// probe asks what became of a mail whose outcome is not on record: this machine's trace, then the folder of what
// was sent. A mail that is not there may have been sent all the same.
func probe(c *action.Call, _ action.Args) (happened, known bool, err error) {
	m := &message{key: c.Key}
	if m.from, err = sender(c); err != nil {
		return false, false, err
	}
	state, err := readTrace(c, m)
	switch {
	case err != nil:
		return false, false, err
	case state == "":
		return false, true, nil
	case state == taken:
		return true, true, nil
	}
	found, err := inSent(c, m)
	return found, found, err
}

// inSent reports whether m lies in the mailbox's folder of what was sent.
func inSent(c *action.Call, m *message) (found bool, err error) {
	if setting, _ := c.Settings.IMAP(); setting == "" {
		return false, nil
	}
	b, err := openMailbox(c)
	if err != nil {
		return false, err
	}
	err = b.do(c, func(s *session) error {
		box, err := s.sent()
		if err != nil || box == "" {
			return err
		}
		if err := s.open(box, false); err != nil {
			return err
		}
		found, err = s.holds(m.messageID())
		return err
	})
	return found, err
}

// holds reports whether the open folder has a mail of that Message-ID.
func (s *session) holds(id string) (bool, error) {
	uids, err := s.uids(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: id}}})
	if err != nil {
		return false, err
	}
	found := false
	err = s.heads(uids, func(h *head) { found = found || h.ID() == id })
	return found, err
}

// filing is providers whose servers file what they send themselves, by the end of their names.
var filing = []string{"gmail.com", "googlemail.com", "office365.com", "outlook.com", "hotmail.com"}

// fileCopy puts a copy of m where the person looks for what was sent, unless the server has done so. The mail
// is sent; what goes wrong here is a note.
func (s *server) fileCopy(c *action.Call, m *message, raw []byte) {
	setting, _ := c.Settings.IMAP()
	files := func(end string) bool { return s.host == end || strings.HasSuffix(s.host, "."+end) }
	if setting == "" || slices.ContainsFunc(filing, files) {
		return
	}
	b, err := openMailbox(c)
	if err == nil {
		err = b.do(c, func(s *session) error { return s.appendSent(m, raw) })
	}
	if err != nil {
		c.Note("warning", "邮件已寄出，但没能存进“已发送”："+action.Explain(err, "zh"), "the mail was sent, but no copy could be put into the sent folder: "+action.Explain(err, "en"))
	}
}

func (s *session) appendSent(m *message, raw []byte) error {
	box, err := s.sent()
	if err != nil {
		return err
	}
	if box == "" {
		return action.Missing("邮箱里没有“已发送”文件夹", "the mailbox has no sent folder")
	}
	if err := s.open(box, false); err != nil {
		return err
	}
	if there, err := s.holds(m.messageID()); there || err != nil {
		return err
	}
	cmd := s.cl.Append(box, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: m.date})
	_, err = cmd.Write(raw)
	if err == nil {
		err = cmd.Close()
	}
	if err != nil {
		return err
	}
	_, err = cmd.Wait()
	return err
}

// recipients is the addresses of a letter as they are written to; those that are none are left out.
func recipients(list []letter.Address) (to []string) {
	for _, a := range list {
		if x, err := address(a.Address); err == nil {
			to = append(to, x.Address)
		}
	}
	return to
}
