package mail

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

func TestSearch(t *testing.T) {
	p := three(t)
	for _, c := range []struct{ args, want string }{
		{"", "关于发票的通知,FACTURE mars,三月发票"},
		{`subject="发票"`, "关于发票的通知,三月发票"},
		{`subject="facture"`, "FACTURE mars"},
		{`subject="ｆａｃｔｕｒｅ"`, "FACTURE mars"},
		{`sender="张三"`, "关于发票的通知,三月发票"},
		{`sender="li@example.com"`, "FACTURE mars"},
		{`sender="example.com"`, "关于发票的通知,FACTURE mars,三月发票"},
		{`unread=True`, "关于发票的通知,三月发票"},
		{`since=date("2026-03-05"), until=date("2026-03-05")`, "关于发票的通知,FACTURE mars"}, // the zone of tests is UTC
		{`until=date("2026-03-04")`, "三月发票"},
		{`since=date("2026-03-06")`, ""},
		{`box="收件箱", subject="mars"`, "FACTURE mars"},
		{`box="inbox文件夹", subject="mars"`, "FACTURE mars"},
		{`box="归档"`, ""},
		{`sender="nobody"`, ""},
	} {
		e := p.env()
		v, err := e.Flow("mail.search(" + c.args + ")")
		if err != nil || subjects(v) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.args, subjects(v), err, c.want)
		}
	}
	e := p.env()
	v, err := e.Flow(`mail.search(subject="三月")`)
	if err != nil {
		t.Fatal(err)
	}
	m := v.List()[0].Mail()
	if m.Sender != "zhang@example.com" || m.ID != "1@example.com" || m.Body != "您好，附件是发票。" || !slices.Equal(m.Attachments, []string{"发票.pdf"}) ||
		!slices.Equal(m.To, []string{"robot@example.com"}) || m.Box != "INBOX" || m.UID != 1 || m.Date.Format("2006-01-02 15:04") != "2026-03-04 15:30" {
		t.Errorf("mail %+v", m)
	}
	if _, unseen := p.count("INBOX"); unseen != 2 {
		t.Errorf("%d unread mails are left of 2", unseen)
	}
	if table := action.AsTable(v); table == nil || strings.Join(flow.ColumnNames(table), " ") != "sender to subject date body attachments" {
		t.Error("it is no table")
	}
}

// The name of a sender is anyone's to choose: an address is looked for in the address.
func TestSenderNotByName(t *testing.T) {
	p := newPost(t)
	p.put("INBOX", invoice("1", `"boss@example.com" <evil@example.net>`, "pay", "Thu, 5 Mar 2026 09:00:00 +0800", "a.pdf", "x"))
	v, err := p.env().Flow(`mail.search(sender="boss@example.com")`)
	if err != nil || len(v.List()) != 0 {
		t.Errorf("%q, %v", subjects(v), err)
	}
}

// A mail without a date, or with a broken one, counts by its arrival.
func TestSearchNoDate(t *testing.T) {
	p := newPost(t)
	p.put("INBOX", "From: a@example.com\nSubject: none\n\nx\n")
	p.put("INBOX", "From: a@example.com\nSubject: broken\nDate: the other day\n\nx\n")
	v, err := p.env().Flow(`mail.search(since=date("2026-03-05"), until=date("2026-03-05"))`)
	if err != nil || subjects(v) != "broken,none" {
		t.Errorf("%q, %v", subjects(v), err)
	}
}

func TestMailboxErrors(t *testing.T) {
	p := three(t)
	e := p.env()
	_, err := e.Flow(`mail.search(box="发嫖")`)
	wantKind(t, "no such folder", err, "missing", "发票")
	_, err = e.Flow(`mail.search(box="发票")`)
	if w, ok := err.(*action.Waiting); !ok || w.Question.ID != "box" || len(w.Question.Choices) != 2 {
		t.Errorf("two folders: %v", err)
	}
	e.Answers["box"] = flow.Text("Old/发票")
	if _, err = e.Flow(`mail.search(box="发票")`); err != nil {
		t.Errorf("answered: %v", err)
	}
	if _, err = e.Flow(`mail.search(box="projects\\发票")`); err != nil {
		t.Errorf("by its path: %v", err)
	}
	e = p.env()
	e.Secrets["mail"] = action.Credential{User: "robot", Password: "wrong"}
	_, err = e.Flow(`mail.search()`)
	wantKind(t, "wrong password", err, "refused", "does not accept the account robot")
	if strings.Contains(err.Error(), "wrong)") || strings.Contains(action.Explain(err, "zh"), "wrong)") {
		t.Errorf("the password is in %v", err)
	}
	e = p.env()
	e.IMAP = ""
	_, err = e.Flow(`mail.search()`)
	wantKind(t, "no mailbox", err, "input", "mail.imap")
	e.IMAP = "http://example.com"
	_, err = e.Flow(`mail.search()`)
	wantKind(t, "no imap address", err, "input", "mail.imap")
	e.IMAP = "imap://127.0.0.1:1"
	_, err = e.Flow(`mail.search()`)
	wantKind(t, "nobody there", err, "io", "cannot reach the mailbox server")
	e.IMAP, e.Account = "imap://"+p.addr, ""
	_, err = e.Flow(`mail.search()`)
	wantKind(t, "no account", err, "input", "mail.account")
	e = p.env()
	e.Grants = nil
	_, err = e.Flow(`mail.search()`)
	wantKind(t, "not granted", err, "refused", "127.0.0.1")
}

// A connection that was lost is opened again, within a step and between steps.
func TestReconnect(t *testing.T) {
	p := three(t)
	e := p.env()
	for range 3 {
		if v, err := e.Flow(`mail.search(subject="发票")`); err != nil || len(v.List()) != 2 {
			t.Fatalf("%q, %v", subjects(v), err)
		}
		p.drop()
	}
	p.server.Close()
	_, err := e.Flow(`mail.search()`)
	wantKind(t, "server gone", err, "io", p.addr)
}

func TestTLS(t *testing.T) {
	config := selfSigned(t)
	for _, wrap := range []bool{false, true} {
		p := three(t, func(p *post) { p.config, p.wrap = config, wrap })
		e := p.env()
		if v, err := e.Flow(`mail.search(subject="mars")`); err != nil || subjects(v) != "FACTURE mars" {
			t.Errorf("wrap %v: %q, %v", wrap, subjects(v), err)
		}
	}
	// To another machine: the certificate counts, and no password goes in the clear.
	p := three(t, func(p *post) { p.config, p.wrap = config, true })
	e := p.env()
	c, view := e.Call()
	defer view.Close()
	b := &mailbox{site: site{host: "mail.example.com", addr: p.addr, tls: true}, account: "mail"}
	err := b.do(c, func(*session) error { return nil })
	wantKind(t, "certificate", err, "io", "certificate is not to be trusted")
	p = three(t)
	b = &mailbox{site: site{host: "mail.example.com", addr: p.addr}, account: "mail"}
	err = b.do(c, func(*session) error { return nil })
	wantKind(t, "no STARTTLS", err, "refused", "the password was not sent")
	if p.said("LOGIN") {
		t.Error("it signed in")
	}
}

func saved(t *testing.T, e *actiontest.Env, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(e.Dir, path))
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

func TestAttachments(t *testing.T) {
	p := three(t)
	e := p.env()
	v, err := e.Flow("mails = mail.search()\nmail.attachments(mails, to=\"附件\")")
	if err != nil || actiontest.Show(v) != "附件/发票.pdf\n附件/invoice.pdf\n附件/发票 (2).pdf" {
		t.Fatalf("%s, %v", actiontest.Show(v), err)
	}
	if saved(t, e, "附件/发票.pdf") != "three" || saved(t, e, "附件/发票 (2).pdf") != "one" || saved(t, e, "附件/invoice.pdf") != "two" {
		t.Error("the contents are mixed up")
	}
	if _, unseen := p.count("INBOX"); unseen != 2 {
		t.Errorf("%d unread mails are left of 2", unseen)
	}
	// One mail at a time, as in a loop, nothing is lost; and the same again gives the same.
	e = p.env()
	for range 2 {
		for i, want := range []string{"附件/发票.pdf", "附件/invoice.pdf", "附件/发票 (2).pdf"} {
			list, err := e.Flow("mail.search()")
			if err != nil {
				t.Fatal(err)
			}
			e.Vars["m"] = list.List()[i]
			if v, err := e.Flow(`mail.attachments(m, to="附件")`); err != nil || actiontest.Show(v) != want {
				t.Errorf("%s, %v; want %s", actiontest.Show(v), err, want)
			}
		}
		e.CloseSessions() // as in a new process
	}
	e = p.env()
	v, err = e.Flow("mails = mail.search()\nmail.attachments(mails, pattern=\"inv*.PDF\")")
	if err != nil || actiontest.Show(v) != "attachments/invoice.pdf" {
		t.Errorf("%s, %v", actiontest.Show(v), err)
	}
	v, err = e.Flow("mails = mail.search(subject=\"nothing\")\nmail.attachments(mails)")
	if err != nil || v.Kind() != flow.ListKind || len(v.List()) != 0 || !strings.Contains(strings.Join(e.Notes, "\n"), "there are no mails") {
		t.Errorf("%v, %v, %q", v, err, e.Notes)
	}
	// A new run replaces what an old one has left.
	e = p.env()
	os.Mkdir(filepath.Join(e.Dir, "a"), 0o777)
	put(t, e, "a/invoice.pdf", "old")
	v, err = e.Flow("mails = mail.search(subject=\"mars\")\nmail.attachments(mails, to=\"a\")")
	if err != nil || actiontest.Show(v) != "a/invoice.pdf" || saved(t, e, "a/invoice.pdf") != "two" {
		t.Errorf("%s, %v", actiontest.Show(v), err)
	}
}

// What is hidden in a mail program is saved only when it is named.
func TestAttachmentsHidden(t *testing.T) {
	p := newPost(t)
	p.put("INBOX", "From: a@example.com\nSubject: logo\nMessage-ID: <9@x>\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=\"cid:l\">hi\n--b\nContent-Type: image/png; name=logo.png\nContent-ID: <l>\n\nP\n--b--\n")
	e := p.env()
	v, err := e.Flow("mails = mail.search()\nmail.attachments(mails)")
	if err != nil || len(v.List()) != 0 || !strings.Contains(strings.Join(e.Notes, "\n"), "no attachments") {
		t.Errorf("%v, %v", v, err)
	}
	v, err = e.Flow("mails = mail.search()\nmail.attachments(mails, pattern=\"*.png\")")
	if err != nil || actiontest.Show(v) != "attachments/logo.png" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestMove(t *testing.T) {
	noMove := imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}}
	for name, caps := range map[string]imap.CapSet{"MOVE": fullCaps, "COPY": noMove, "neither": {imap.CapIMAP4rev1: {}}} {
		p := three(t, func(p *post) { p.caps = caps })
		p.put("INBOX", invoice("4", "other@example.com", "marked by someone", "Thu, 5 Mar 2026 09:00:00 +0800", "a.pdf", "x"), imap.FlagDeleted)
		e := p.env()
		if _, err := e.Flow("mails = mail.search(subject=\"发票\")\nmail.move(mails, to=\"Archive\")"); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		in, _ := p.count("INBOX")
		out, _ := p.count("归档")
		left := 2 // the mail in French, and that which someone else has marked
		if name == "neither" {
			left = 4
		}
		if in != left || out != 2 {
			t.Errorf("%s: %d mails are left, %d moved", name, in, out)
		}
		if v, err := e.Flow(`mail.search()`); err != nil || subjects(v) != "FACTURE mars" {
			t.Errorf("%s: afterwards %q, %v", name, subjects(v), err)
		}
		if x := e.Effects[0]; x.Target != "归档" || x.Class != action.Sends || x.Detail["mails"] != 2 {
			t.Errorf("%s: effect %+v", name, x)
		}
		// Again it changes nothing; the mails are found where they are now.
		if _, err := e.Flow("mail.move(mails, to=\"归档\")\nfiles = mail.attachments(mails)"); err != nil || len(e.Vars["files"].List()) != 2 {
			t.Errorf("%s: again: %v", name, err)
		}
		if out, _ := p.count("归档"); out != 2 || len(e.Effects) != 1 {
			t.Errorf("%s: again: %d mails there, %d effects", name, out, len(e.Effects))
		}
	}
	p := three(t)
	e := p.env()
	_, err := e.Flow("mails = mail.search()\nmail.move(mails, to=\"已处理\")")
	wantKind(t, "no such folder", err, "missing", "has no folder “已处理”")
	e.Preview = true
	if _, err := e.Flow(`mail.move(mails, to="归档")`); err != nil {
		t.Error(err)
	}
	if n, _ := p.count("INBOX"); n != 3 {
		t.Errorf("a preview has moved: %d left", n)
	}
	e.Preview = false
	if _, err := e.Flow("nothing = mail.search(subject=\"nothing\")\nmail.move(nothing, to=\"归档\")"); err != nil || len(e.Effects) != 0 {
		t.Errorf("no mails: %v, %d effects", err, len(e.Effects))
	}
}

// A number that means another mail now is not believed.
func TestNumbersMoved(t *testing.T) {
	p := three(t)
	e := p.env()
	if _, err := e.Flow(`mails = mail.search(subject="三月")`); err != nil {
		t.Fatal(err)
	}
	m := e.Vars["mails"].List()[0].Mail()
	m.UID = 2 // the folder was made anew, say
	if v, err := e.Flow(`mail.attachments(mails)`); err != nil || actiontest.Show(v) != "attachments/发票.pdf" || saved(t, e, "attachments/发票.pdf") != "one" {
		t.Errorf("%s, %v", actiontest.Show(v), err)
	}
	m.ID = "none@example.com"
	_, err := e.Flow(`mail.attachments(mails)`)
	wantKind(t, "gone", err, "missing", "no longer in the mailbox")
	p.put("INBOX", "From: a@example.com\nSubject: nameless\nDate: Thu, 5 Mar 2026 09:00:00 +0800\nContent-Type: application/pdf; name=a.pdf\n\nx")
	if _, err := e.Flow(`mails = mail.search(subject="nameless")`); err != nil {
		t.Fatal(err)
	}
	e.Vars["mails"].List()[0].Mail().UID = 1
	if _, err := e.Flow(`mail.attachments(mails)`); err != nil {
		t.Errorf("without a Message-ID: %v", err)
	}
}

// A large mail is listed without what is attached; it looks the same as when it is read whole.
func TestLargeMail(t *testing.T) {
	big := strings.Repeat("0123456789", 40_000)
	mail := "From: a@example.com\nSubject: =?gb2312?B?" + b64(gbk("大附件")) + "?=\nDate: Thu, 5 Mar 2026 09:00:00 +0800\nMessage-ID: <big@x>\nContent-Type: multipart/mixed;\n boundary=b\n\n" +
		"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/plain; charset=gbk\n\n" + gbk("请看附件。") + "\n--c\nContent-Type: multipart/related; boundary=d\n\n" +
		"--d\nContent-Type: text/html; charset=gbk\n\n<p>" + gbk("请看附件。") + "<img src=\"cid:l\"></p>\n--d\nContent-Type: image/png; name=logo.png\nContent-ID: <l>\n\n" + big + "\n--d--\n--c--\n" +
		"--b\nContent-Type: application/pdf\nContent-Disposition: attachment;\n filename*0*=gbk''%B7%A2;\n filename*1*=%C6%B1.pdf\n\n" + big + "\n" +
		"--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?B?" + b64("原件") + "?=\nContent-Type: multipart/mixed; boundary=e\n\n--e\n\n" + big + "\n--e--\n--b--\n"
	for _, outline := range []bool{true, false} {
		p := newPost(t)
		p.put("INBOX", mail)
		e := p.env()
		b, err := openMailbox(first(e.Call()))
		if err != nil {
			t.Fatal(err)
		}
		b.noOutline = !outline
		v, err := e.Flow(`mail.search()`)
		if err != nil {
			t.Fatal(err)
		}
		m := v.List()[0].Mail()
		if m.Subject != "大附件" || m.Body != "请看附件。" || strings.Join(m.Attachments, ",") != "发票.pdf,原件.eml" {
			t.Errorf("outline %v: %q, %q, %q", outline, m.Subject, m.Body, m.Attachments)
		}
		if p.said(big) == outline {
			t.Errorf("outline %v: the attachments were read: %v", outline, !outline)
		}
		if _, unseen := p.count("INBOX"); unseen != 1 {
			t.Errorf("outline %v: it was marked as read", outline)
		}
		e.Vars["mails"] = v
		if v, err := e.Flow(`mail.attachments(mails, pattern="*.pdf;*.eml")`); err != nil || actiontest.Show(v) != "attachments/发票.pdf\nattachments/原件.eml" || saved(t, e, "attachments/发票.pdf") != big {
			t.Errorf("outline %v: %s, %v", outline, actiontest.Show(v), err)
		}
	}
}

// A server whose word on how a mail is built cannot be read is asked for the mail itself.
func TestBrokenStructure(t *testing.T) {
	p := newPost(t)
	p.put("INBOX", invoice("1", "a@example.com", "big", "Thu, 5 Mar 2026 09:00:00 +0800", "a.pdf", strings.Repeat("x", wholeMax)))
	e := p.env()
	e.IMAP = "imap://" + garbling(t, p.addr, "BODYSTRUCTURE (", "BODYSTRUCTURE ?")
	v, err := e.Flow(`mail.search()`)
	if err != nil || subjects(v) != "big" || strings.Join(v.List()[0].Mail().Attachments, "") != "a.pdf" {
		t.Errorf("%q, %v", subjects(v), err)
	}
}

func first[A, B any](a A, _ B) A { return a }
