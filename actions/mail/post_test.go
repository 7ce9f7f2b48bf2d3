package mail

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"golang.org/x/text/encoding/simplifiedchinese"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

// post is an IMAP server with one account, robot.
type post struct {
	t      *testing.T
	addr   string
	user   *imapmemserver.User
	server *imapserver.Server
	caps   imap.CapSet
	config *tls.Config
	wrap   bool
	mu     sync.Mutex
	conns  []net.Conn
	log    bytes.Buffer // what is said on the wire
}

var fullCaps = imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}, imap.CapUIDPlus: {}, imap.CapSpecialUse: {}, imap.CapListExtended: {}}

func newPost(t *testing.T, set ...func(*post)) *post {
	p := &post{t: t, user: imapmemserver.NewUser("robot", "right"), caps: fullCaps}
	for _, f := range set {
		f(p)
	}
	for _, name := range []string{"INBOX", "归档", "Projects/发票", "Old/发票"} {
		p.create(name)
	}
	p.create("已发送邮件", imap.MailboxAttrSent)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	p.serve(l)
	t.Cleanup(func() { p.server.Close() })
	return p
}

func (p *post) serve(l net.Listener) {
	mem := imapmemserver.New()
	mem.AddUser(p.user)
	p.server = imapserver.New(&imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			p.mu.Lock()
			p.conns = append(p.conns, c.NetConn())
			p.mu.Unlock()
			return mem.NewSession(), nil, nil
		},
		Caps: p.caps, InsecureAuth: p.config == nil || p.wrap, TLSConfig: p.startTLS(), Logger: log.New(io.Discard, "", 0), DebugWriter: p,
	})
	if p.wrap {
		l = tls.NewListener(l, p.config)
	}
	go p.server.Serve(l)
}

func (p *post) startTLS() *tls.Config {
	if p.wrap {
		return nil
	}
	return p.config
}

func (p *post) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

// said reports whether text went over the wire.
func (p *post) said(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(p.log.String(), text)
}

// drop breaks all connections.
func (p *post) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}

func (p *post) create(name string, use ...imap.MailboxAttr) {
	if err := p.user.Create(name, &imap.CreateOptions{SpecialUse: use}); err != nil {
		p.t.Fatal(err)
	}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// put puts a mail, written with \n, into a folder.
func (p *post) put(box, mail string, flags ...imap.Flag) imap.UID {
	p.t.Helper()
	raw := []byte(strings.ReplaceAll(mail, "\n", "\r\n"))
	d, err := p.user.Append(box, literal{bytes.NewReader(raw)}, &imap.AppendOptions{Flags: flags, Time: time.Date(2026, 3, 5, 2, 0, 0, 0, time.UTC)})
	if err != nil {
		p.t.Fatal(err)
	}
	return d.UID
}

// count is how many mails a folder holds, and how many of them are unread.
func (p *post) count(box string) (all, unseen int) {
	p.t.Helper()
	d, err := p.user.Status(box, &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil {
		p.t.Fatal(err)
	}
	return int(*d.NumMessages), int(*d.NumUnseen)
}

// env is an Env whose mailbox is p.
func (p *post) env() *actiontest.Env {
	e := actiontest.New(p.t, all)
	e.Grants = []string{"127.0.0.1"}
	e.IMAP, e.Account = "imap://"+p.addr, "mail"
	if p.wrap {
		e.IMAP = "imaps://" + p.addr
	}
	e.Secrets = map[string]action.Credential{"mail": {User: "robot", Password: "right"}}
	return e
}

func gbk(s string) string {
	b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return b
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// invoice is a mail with a PDF of that name; n makes it its own.
func invoice(n, from, subject, date, name, data string) string {
	return "From: " + from + "\nTo: robot@example.com\nSubject: " + subject + "\nDate: " + date + "\nMessage-ID: <" + n + "@example.com>\n" +
		"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=gb2312\n\n" + gbk("您好，附件是发票。") + "\n" +
		"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"" + name + "\"\nContent-Transfer-Encoding: base64\n\n" + b64(data) + "\n--b--\n"
}

func subjects(v flow.Value) string {
	var out []string
	for _, x := range v.List() {
		out = append(out, x.Mail().Subject)
	}
	return strings.Join(out, ",")
}

// three is a mailbox with three mails.
func three(t *testing.T, set ...func(*post)) *post {
	p := newPost(t, set...)
	p.put("INBOX", invoice("1", "=?gb2312?B?"+b64(gbk("张三"))+"?= <zhang@example.com>", "=?gb2312?B?"+b64(gbk("三月发票"))+"?=", "Wed, 4 Mar 2026 23:30:00 +0800", "=?gb2312?B?"+b64(gbk("发票.pdf"))+"?=", "one"))
	p.put("INBOX", invoice("2", "Li <li@example.com>", "FACTURE mars", "Thu, 5 Mar 2026 09:00:00 +0800", "invoice.pdf", "two"), imap.FlagSeen)
	p.put("INBOX", invoice("3", gbk("张三丰")+" <feng@example.com>", gbk("关于发票的通知"), "Fri, 6 Mar 2026 00:10:00 +0800", gbk("发票.pdf"), "three"))
	return p
}

// garbling is a way to addr on which the server's words are changed.
func garbling(t *testing.T, addr, from, to string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", addr)
			if err != nil {
				near.Close()
				return
			}
			go func() { io.Copy(far, near); far.Close() }()
			go func() {
				defer near.Close()
				r := bufio.NewReader(far)
				for {
					line, err := r.ReadString('\n')
					if _, werr := io.WriteString(near, strings.ReplaceAll(line, from, to)); err != nil || werr != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
