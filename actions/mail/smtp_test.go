package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

func transfer(t *testing.T, how string, r io.Reader) string {
	t.Helper()
	switch how {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	default:
		t.Fatalf("transfer encoding %q", how)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// backend is a mail server that keeps what it gets.
type backend struct {
	mu       sync.Mutex
	from     string
	to       []string
	raw      []byte
	signedIn string
	refuse   error                          // of every recipient
	data     error                          // of every message
	at       func(where string, raw []byte) // rcpt, data (before the end of the message) and taken
}

func (b *backend) NewSession(*smtp.Conn) (smtp.Session, error) { return &smtpSession{b}, nil }

type smtpSession struct{ *backend }

func (s *smtpSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "right" {
			return smtp.ErrAuthFailed
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.signedIn = user
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	s.reach("rcpt", nil)
	return s.refuse
}

func (s *smtpSession) Data(r io.Reader) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reach("data", nil)
	raw, err := io.ReadAll(r)
	if err != nil || s.data != nil {
		return errors.Join(err, s.data)
	}
	s.raw = raw
	s.reach("taken", raw)
	return nil
}

func (b *backend) reach(where string, raw []byte) {
	if b.at != nil {
		b.at(where, raw)
	}
}

func (s *smtpSession) Reset()        {}
func (s *smtpSession) Logout() error { return nil }

// serve starts a server; with TLS when cert is not nil.
func serve(t *testing.T, b *backend, config *tls.Config, wrap bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	s := smtp.NewServer(b)
	s.TLSConfig, s.Domain, s.AllowInsecureAuth = config, "test", config == nil
	s.ErrorLog = quiet{}
	if wrap {
		l = tls.NewListener(l, config)
	}
	go s.Serve(narrow{l})
	t.Cleanup(func() { s.Close() })
	return addr
}

// narrow takes little of what is sent before it is read.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if t, ok := c.(*net.TCPConn); ok {
		t.SetReadBuffer(4096)
	}
	return c, err
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// accounts knows one account.
type accounts struct{ password string }

func (a accounts) Secret(string, string) (action.Credential, error) {
	return action.Credential{User: "robot", Password: a.password}, nil
}

// deliver sends a mail by server and gives the error.
func deliver(t *testing.T, server, account, password string) error {
	t.Helper()
	e := actiontest.New(t, all)
	e.Grants = []string{"127.0.0.1"}
	c, view := e.Call()
	defer view.Close()
	c.Account = accounts{password}
	c.Settings = settings{c.Settings, server, account}
	_, err := all.Find("mail.send").Run(c, action.Args{"to": flow.Text("a@example.com; b@example.com"), "subject": flow.Text("你好"), "body": flow.Text(".\nx")})
	if err != nil {
		return err
	}
	_, err = c.Effect().Do()
	return err
}

type settings struct {
	action.Settings
	server, account string
}

func (s settings) Mail() (from, server, account string) {
	return "robot@example.com", s.server, s.account
}

func TestSMTP(t *testing.T) {
	config := selfSigned(t)
	for _, c := range []struct {
		name, scheme, account string
		config                *tls.Config
		wrap                  bool
	}{
		{"plain", "smtp", "", nil, false},
		{"plain, signed in on this machine", "smtp", "mail", nil, false},
		{"starttls", "smtp", "mail", config, false},
		{"smtps", "smtps", "mail", config, true},
	} {
		b := &backend{}
		addr := serve(t, b, c.config, c.wrap)
		if err := deliver(t, c.scheme+"://"+addr, c.account, "right"); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		b.mu.Lock()
		d := decode(t, b.raw)
		if b.from != "robot@example.com" || len(b.to) != 2 || d.subject != "你好" || d.body != ".\r\nx\r\n" {
			t.Errorf("%s: from %s to %s: %+v", c.name, b.from, b.to, d)
		}
		if (b.signedIn == "robot") != (c.account != "") {
			t.Errorf("%s: signed in as %q", c.name, b.signedIn)
		}
		b.mu.Unlock()
	}
}

func wantKind(t *testing.T, what string, err error, kind, text string) {
	t.Helper()
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != kind || !strings.Contains(p.EN, text) || p.ZH == "" || action.Explain(err, "zh") != p.ZH {
		t.Errorf("%s: %v; want %s with %q", what, err, kind, text)
	}
}

func TestSMTPRefused(t *testing.T) {
	addr := serve(t, &backend{}, nil, false)
	wantKind(t, "wrong password", deliver(t, "smtp://"+addr, "mail", "wrong"), "refused", "does not accept the account robot")
	addr = serve(t, &backend{refuse: &smtp.SMTPError{Code: 550, Message: "no such user"}}, nil, false)
	wantKind(t, "550", deliver(t, "smtp://"+addr, "", ""), "refused", "550 5.0.0 no such user")
	addr = serve(t, &backend{refuse: &smtp.SMTPError{Code: 451, Message: "greylisted"}}, nil, false)
	wantKind(t, "451", deliver(t, "smtp://"+addr, "", ""), "refused", "try again later")
	wantKind(t, "setting", deliver(t, "http://x", "", ""), "input", "mail.smtp")
	wantKind(t, "closed port", deliver(t, "smtp://127.0.0.1:1", "", ""), "io", "cannot reach the mail server")
}

// scripted is a server that answers line by line as told, then hangs up: one answer a command,
// the last one ("" for none) after the message.
func scripted(t *testing.T, answers ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		fmt.Fprint(conn, "220 test\r\n")
		data := false
		for _, a := range answers {
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if !data || line == ".\r\n" {
					break
				}
			}
			if a == "" {
				return
			}
			fmt.Fprint(conn, a+"\r\n")
			data = strings.HasPrefix(a, "354")
		}
	}()
	return "smtp://" + l.Addr().String()
}

// What became of the mail when the connection breaks: nothing before DATA, nobody knows after it.
func TestSMTPLost(t *testing.T) {
	wantKind(t, "at MAIL", deliver(t, scripted(t, "250 ok", ""), "", ""), "io", "before the mail was sent")
	wantKind(t, "at RCPT", deliver(t, scripted(t, "250 ok", "250 ok", "250 ok", ""), "", ""), "io", "before the mail was sent")
	wantKind(t, "at DATA", deliver(t, scripted(t, "250 ok", "250 ok", "250 ok", "250 ok", ""), "", ""), "io", "before the mail was sent")
	wantKind(t, "after the message", deliver(t, scripted(t, "250 ok", "250 ok", "250 ok", "250 ok", "354 go", ""), "", ""), "doubt", "may have been sent")
	wantKind(t, "refused after the message", deliver(t, scripted(t, "250 ok", "250 ok", "250 ok", "250 ok", "354 go", "554 spam"), "", ""), "refused", "554 spam")
	if err := deliver(t, scripted(t, "250 ok", "250 ok", "250 ok", "250 ok", "354 go", "250 taken", ""), "", ""); err != nil {
		t.Errorf("lost at QUIT: %v", err)
	}
}

// A password never goes in the clear to another machine.
func TestPasswordStays(t *testing.T) {
	b := &backend{}
	e := actiontest.New(t, all)
	e.Grants = []string{"127.0.0.1"}
	c, view := e.Call()
	defer view.Close()
	s := &server{site: site{host: "127.0.0.1", addr: serve(t, b, nil, false)}, net: c.Net, user: "robot", password: "right"}
	err := s.send(t.Context(), &message{}, nil, func() error { return nil })
	wantKind(t, "clear", err, "refused", "the password was not sent")
	if b.signedIn != "" {
		t.Error("it signed in")
	}
}
