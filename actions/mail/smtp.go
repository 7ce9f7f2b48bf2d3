package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"daiban/action"
)

// server is an SMTP server and how to sign in there.
type server struct {
	site
	net            action.Network
	user, password string
}

// Bounds of one delivery.
const (
	connectTime = 30 * time.Second
	sendTime    = 5 * time.Minute
)

// dialer reads the setting smtp:// or smtps://, and the account's secret.
func dialer(c *action.Call, setting, account string) (*server, error) {
	port := "587"
	if account == "" {
		port = "25"
	}
	where, ok := readSite(setting, "smtp", port, "465")
	if !ok {
		return nil, action.Bad("设置 mail.smtp 要像 smtp://主机:端口 或 smtps://主机", "the setting mail.smtp must read like smtp://HOST:PORT or smtps://HOST")
	}
	s := &server{site: where, net: c.Net}
	if account != "" && !c.Preview {
		cred, err := c.Account.Secret(account, s.addr)
		if err != nil {
			return nil, err
		}
		s.user, s.password = cred.User, cred.Password
	}
	return s, nil
}

// send delivers raw. An error is io while nothing can have been taken, Refused when the server says
// no, Doubt when the connection is lost after the end of the message has left. Before that end, without which no
// server may take a message (RFC 5321, 4.1.1.4), handing is called.
func (s *server) send(ctx context.Context, m *message, raw []byte, handing func() error) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return s.unreachable(err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })
	defer stop()
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return s.before(err)
	}
	if err := s.secure(client); err != nil {
		return err
	}
	if err := s.envelope(client, m); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return s.before(err)
	}
	if _, err := w.Write(raw); err != nil {
		return s.before(err) // without the end of the message the server must drop it
	}
	if err := handing(); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return s.after(err)
	}
	client.Quit() // the message is taken; a lost goodbye changes nothing
	return nil
}

func (s *server) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	conn, err := s.net.DialContext(ctx, "tcp", s.addr)
	if err != nil || !s.tls {
		return conn, err
	}
	t := tls.Client(conn, s.config())
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return t, nil
}

// secure starts TLS where it is offered, and signs in.
func (s *server) secure(c *smtp.Client) error {
	if ok, _ := c.Extension("STARTTLS"); ok && !s.tls {
		if err := c.StartTLS(s.config()); err != nil {
			return s.before(err)
		}
	}
	if s.user == "" {
		return nil
	}
	if _, secure := c.TLSConnectionState(); !secure && !s.local {
		return action.Refused("邮件服务器 %s 不支持加密，密码没有发过去", "the mail server %s offers no encryption; the password was not sent", s.addr)
	}
	if ok, _ := c.Extension("AUTH"); !ok { // a relay that knows its senders by other means
		return nil
	}
	auth, err := s.auth(c)
	if err != nil {
		return err
	}
	if err := c.Auth(auth); err != nil {
		var t *textproto.Error
		if errors.As(err, &t) && t.Code >= 500 {
			return action.Refused("邮件服务器 %s 不接受账号 %s：%d %s", "the mail server %s does not accept the account %s: %d %s", s.addr, s.user, t.Code, t.Msg)
		}
		return s.before(err)
	}
	return nil
}

func (s *server) auth(c *smtp.Client) (smtp.Auth, error) {
	_, offered := c.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	switch {
	case slices.Contains(ways, "PLAIN"):
		return plainAuth{s}, nil
	case slices.Contains(ways, "LOGIN"):
		return &loginAuth{server: s}, nil
	case slices.Contains(ways, "CRAM-MD5"):
		return smtp.CRAMMD5Auth(s.user, s.password), nil
	}
	return nil, action.Refused("邮件服务器 %s 没有能用的登录方式（%s）", "the mail server %s offers no way to sign in that is known (%s)", s.addr, offered)
}

// plainAuth is AUTH PLAIN; secure has seen that nobody listens.
type plainAuth struct{ *server }

func (a plainAuth) Start(*smtp.ServerInfo) (string, []byte, error) {
	return "PLAIN", []byte("\x00" + a.user + "\x00" + a.password), nil
}

func (a plainAuth) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return nil, errors.New("unexpected question of AUTH PLAIN")
	}
	return nil, nil
}

// loginAuth is AUTH LOGIN: the server asks for the user, then for the password.
type loginAuth struct {
	*server
	asked int
}

func (a *loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (a *loginAuth) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	a.asked++
	switch a.asked {
	case 1:
		return []byte(a.user), nil
	case 2:
		return []byte(a.password), nil
	}
	return nil, errors.New("unexpected question of AUTH LOGIN")
}

// envelope names sender and recipients. When one of them is refused nobody gets the mail.
func (s *server) envelope(c *smtp.Client, m *message) error {
	if err := c.Mail(m.from.Address); err != nil {
		return s.before(err)
	}
	for _, to := range addressTexts(m.to, m.cc) {
		if err := c.Rcpt(to); err != nil {
			var t *textproto.Error
			if errors.As(err, &t) {
				return refusal(s.addr+" <"+to+">", t)
			}
			return s.before(err)
		}
	}
	return nil
}

func (s *server) unreachable(err error) error {
	var own *action.Problem
	if errors.As(err, &own) {
		return err
	}
	return &action.Problem{Kind: "io", Err: err,
		ZH: "连不上邮件服务器 " + s.addr + "：" + tlsHint(err, "zh"), EN: "cannot reach the mail server " + s.addr + ": " + tlsHint(err, "en")}
}

// before is an error while the server has taken nothing.
func (s *server) before(err error) error {
	var t *textproto.Error
	if errors.As(err, &t) {
		return refusal(s.addr, t)
	}
	return &action.Problem{Kind: "io", Err: err,
		ZH: "和邮件服务器 " + s.addr + " 的连接断了，邮件没有发出：" + err.Error(), EN: "lost the mail server " + s.addr + " before the mail was sent: " + err.Error()}
}

// after is an error once the message was on its way.
func (s *server) after(err error) error {
	var t *textproto.Error
	if errors.As(err, &t) {
		return refusal(s.addr, t)
	}
	return action.Doubt("邮件交给 %s 后连接断了，没有回音，可能已经发出（%v）", "the connection broke after the mail went to %s; no answer came, it may have been sent (%v)", s.addr, err)
}

// refusal is a clear no: with 4xx one for now, which may pass.
func refusal(who string, t *textproto.Error) error {
	if t.Code < 500 {
		return action.Refused("邮件服务器 %s 暂时不收：%d %s；过一会儿再试", "the mail server %s does not take it now: %d %s; try again later", who, t.Code, t.Msg)
	}
	return action.Refused("邮件服务器 %s 拒收：%d %s", "the mail server %s refused it: %d %s", who, t.Code, t.Msg)
}
