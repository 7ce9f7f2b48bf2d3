// Package post is a post office in memory: an SMTP server and an IMAP server on this machine, and a count
// of what was delivered, which is what the benchmarks believe.
package post

import (
	"bytes"
	"io"
	"log"
	"net"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The one account.
const (
	User     = "robot"
	Password = "p0st-0ffice"
)

// A Mail is what the SMTP server took.
type Mail struct {
	From string
	To   []string
	Raw  string
}

// Header is the first value of a header, as it is written on its first line.
func (m Mail) Header(name string) string {
	for line := range strings.Lines(m.Raw) {
		if strings.TrimSpace(line) == "" {
			break
		}
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// An Office is the two servers.
type Office struct {
	SMTP, IMAP string // host:port
	Files      bool   // what is sent is filed in Sent by the server
	Delivered  func() // called when a mail is taken, before the answer; may be nil
	user       *imapmemserver.User
	mu         sync.Mutex
	sent       []Mail
	close      []func() error
}

// Open starts both servers on ports of their own.
func Open(files bool) (*Office, error) {
	o := &Office{Files: files, user: imapmemserver.NewUser(User, Password)}
	for name, attr := range map[string]imap.MailboxAttr{"INBOX": "", "Sent": imap.MailboxAttrSent, "Archive": imap.MailboxAttrArchive} {
		var opts imap.CreateOptions
		if attr != "" {
			opts.SpecialUse = []imap.MailboxAttr{attr}
		}
		if err := o.user.Create(name, &opts); err != nil {
			return nil, err
		}
	}
	if err := o.smtp(); err != nil {
		return nil, err
	}
	return o, o.imap()
}

// Close ends both.
func (o *Office) Close() {
	for _, c := range o.close {
		c()
	}
}

func (o *Office) smtp() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	o.SMTP = l.Addr().String()
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{o: o}, nil }))
	s.AllowInsecureAuth = true
	s.ErrorLog = log.New(io.Discard, "", 0)
	go s.Serve(l)
	o.close = append(o.close, s.Close)
	return nil
}

func (o *Office) imap() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	o.IMAP = l.Addr().String()
	mem := imapmemserver.New()
	mem.AddUser(o.user)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	go s.Serve(l)
	o.close = append(o.close, s.Close)
	return nil
}

// Put lays a mail into a box.
func (o *Office) Put(box, raw string) error {
	raw = strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")
	_, err := o.user.Append(box, literal{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{})
	return err
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// Sent is what was delivered, in order.
func (o *Office) Sent() []Mail {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Mail(nil), o.sent...)
}

// Forget empties the list of what was delivered.
func (o *Office) Forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = nil
}

// session is one client of the SMTP server.
type session struct {
	o    *Office
	mail Mail
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.mail = Mail{From: from}; return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = append(s.mail.To, to)
	return nil
}
func (s *session) Reset()                   { s.mail = Mail{} }
func (s *session) Logout() error            { return nil }
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.Raw = string(b)
	s.o.mu.Lock()
	s.o.sent = append(s.o.sent, s.mail)
	s.o.mu.Unlock()
	if s.o.Files {
		if err := s.o.Put("Sent", s.mail.Raw); err != nil {
			return err
		}
	}
	if s.o.Delivered != nil {
		s.o.Delivered()
	}
	return nil
}
