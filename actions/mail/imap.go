package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"daiban/action"
)

// A mailbox is the one connection to the IMAP server that the steps of a run share, and what they need
// to know of each other. It is opened when it is first needed, and again after it was lost.
type mailbox struct {
	mu      sync.Mutex // one step at a time: commands are about the folder that is selected
	site    site
	account string
	client  *imapclient.Client // nil while there is no connection
	conn    net.Conn

	moved map[string]string // Message-ID: the folder that this run has moved it to
	saved map[string]string // path: the attachment that this run has saved there

	noOutline bool // the server's word on how a mail is built cannot be read
}

// silenceMax is how long the server may say nothing, whether it was asked or not: a connection that was
// idle for longer is opened again.
const silenceMax = 3 * time.Minute

// openMailbox is the mailbox of the settings.
func openMailbox(c *action.Call) (*mailbox, error) {
	setting, account := c.Settings.IMAP()
	if setting == "" {
		return nil, action.Bad("设置里没有邮箱，读不了邮件：daiban config set mail.imap imaps://主机（账号在 mail.account）",
			"the settings name no mailbox to read: daiban config set mail.imap imaps://HOST (its account is mail.account)")
	}
	where, ok := readSite(setting, "imap", "143", "993")
	if !ok {
		return nil, action.Bad("设置 mail.imap 要像 imaps://主机 或 imap://主机:端口", "the setting mail.imap must read like imaps://HOST or imap://HOST:PORT")
	}
	s, err := c.Session("mail "+setting, func() (io.Closer, error) {
		return &mailbox{site: where, account: account, moved: map[string]string{}, saved: map[string]string{}}, nil
	})
	if err != nil {
		return nil, err
	}
	return s.(*mailbox), nil
}

// Close ends the connection.
func (b *mailbox) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hangUp()
	return nil
}

func (b *mailbox) hangUp() {
	if b.conn != nil {
		b.conn.Close()
	}
	b.client, b.conn = nil, nil
}

// do calls work with the connection, which may use it alone. When the connection turns out to be lost, work is
// called once more with a new one: it must be such that it can begin again.
func (b *mailbox) do(c *action.Call, work func(s *session) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for again := false; ; again = true {
		if b.client == nil {
			if err := b.connect(c); err != nil {
				b.hangUp()
				return b.explain(c, err)
			}
		}
		err := b.guarded(c, work)
		if err == nil || !lost(err) {
			return b.explain(c, err)
		}
		b.hangUp()
		if again || c.Err() != nil {
			return b.explain(c, err)
		}
	}
}

// guarded calls work; when the step is stopped meanwhile the connection is closed, which ends work.
func (b *mailbox) guarded(c *action.Call, work func(s *session) error) error {
	conn := b.conn
	stop := context.AfterFunc(c, func() { conn.Close() })
	defer stop()
	return work(&session{mailbox: b, call: c, cl: b.client})
}

// lost reports whether an error is neither the server's answer nor our own word: the connection is of no more use.
func lost(err error) bool {
	var said *imap.Error
	var own *action.Problem
	var waits *action.Waiting
	return !errors.As(err, &said) && !errors.As(err, &own) && !errors.As(err, &waits)
}

// explain says an error of the connection or of the server in a person's words.
func (b *mailbox) explain(c *action.Call, err error) error {
	var said *imap.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said):
		return action.Refused("邮箱服务器 %s 不答应：%s", "the mailbox server %s says no: %s", b.site.addr, said.Text)
	case !lost(err):
		return err
	case c.Err() != nil:
		return c.Err()
	}
	return &action.Problem{Kind: "io", Err: err,
		ZH: "和邮箱服务器 " + b.site.addr + " 的连接断了：" + action.Explain(err, "zh"), EN: "lost the mailbox server " + b.site.addr + ": " + err.Error()}
}

// connect connects and signs in.
func (b *mailbox) connect(c *action.Call) error {
	if b.account == "" {
		return action.Bad("设置里没有邮箱的账号：daiban config set mail.account 账号名", "the settings lack the account of the mailbox: daiban config set mail.account NAME")
	}
	cred, err := c.Account.Secret(b.account, b.site.addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c, connectTime)
	defer cancel()
	if err := b.dial(ctx, c.Net); err != nil {
		var own *action.Problem
		if errors.As(err, &own) {
			return err
		}
		return &action.Problem{Kind: "io", Err: err,
			ZH: "连不上邮箱服务器 " + b.site.addr + "：" + tlsHint(err, "zh"), EN: "cannot reach the mailbox server " + b.site.addr + ": " + tlsHint(err, "en")}
	}
	conn := b.conn
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if b.client.State() == imap.ConnStateNotAuthenticated {
		if err := b.signIn(cred); err != nil {
			return err
		}
	}
	if b.client.Caps().Has(imap.CapID) { // some (163.com) open no folder to a program that does not name itself
		var said *imap.Error
		if _, err := b.client.ID(&imap.IDData{Name: "daiban"}).Wait(); err != nil && !errors.As(err, &said) {
			return err
		}
	}
	return nil
}

// dial opens the connection, in TLS where the server has it.
func (b *mailbox) dial(ctx context.Context, network action.Network) error {
	if err := b.open(ctx, network); err != nil {
		return err
	}
	conn := b.conn
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if b.site.tls {
		t := tls.Client(b.conn, b.site.config())
		if err := t.HandshakeContext(ctx); err != nil {
			return err
		}
		b.client = imapclient.New(t, nil)
		return b.client.WaitGreeting()
	}
	client, err := imapclient.NewStartTLS(b.conn, &imapclient.Options{TLSConfig: b.site.config()})
	var said *imap.Error
	switch {
	case err == nil:
		b.client = client
		return client.WaitGreeting()
	case !errors.As(err, &said):
		return err
	case !b.site.local:
		return action.Refused("邮箱服务器 %s 不支持加密，密码没有发过去；试试 imaps://", "the mailbox server %s offers no encryption; the password was not sent. imaps:// may work", b.site.addr)
	}
	b.hangUp()
	if err := b.open(ctx, network); err != nil {
		return err
	}
	b.client = imapclient.New(b.conn, nil)
	return b.client.WaitGreeting()
}

func (b *mailbox) open(ctx context.Context, network action.Network) error {
	conn, err := network.DialContext(ctx, "tcp", b.site.addr)
	if err != nil {
		return err
	}
	b.conn = &patient{conn}
	return nil
}

func (b *mailbox) signIn(cred action.Credential) error {
	caps := b.client.Caps()
	var err error
	if caps.Has(imap.CapLoginDisabled) || !caps.Has(imap.CapIMAP4rev1) && caps.Has(imap.AuthCap("PLAIN")) {
		err = b.client.Authenticate(sasl.NewPlainClient("", cred.User, cred.Password))
	} else {
		err = b.client.Login(cred.User, cred.Password).Wait()
	}
	var said *imap.Error
	if errors.As(err, &said) {
		return action.Refused("邮箱服务器 %s 不接受账号 %s：%s（QQ、163 等邮箱要用授权码，不是登录密码）",
			"the mailbox server %s does not accept the account %s: %s (some providers want an app password here)", b.site.addr, cred.User, said.Text)
	}
	return err
}

// patient is a connection whose every read and write has a bound of its own.
type patient struct{ net.Conn }

func (p *patient) Read(b []byte) (int, error) {
	p.Conn.SetReadDeadline(time.Now().Add(silenceMax))
	return p.Conn.Read(b)
}

func (p *patient) Write(b []byte) (int, error) {
	p.Conn.SetWriteDeadline(time.Now().Add(silenceMax))
	return p.Conn.Write(b)
}

// The library's deadlines end where it waits for nothing; ours hold always.
func (p *patient) SetDeadline(time.Time) error      { return nil }
func (p *patient) SetReadDeadline(time.Time) error  { return nil }
func (p *patient) SetWriteDeadline(time.Time) error { return nil }

// site is a server by its address.
type site struct {
	host, addr string
	tls        bool // from the first byte; else STARTTLS where it is offered
	local      bool // on this machine
}

// readSite reads a URL of scheme, or of scheme with an s for TLS, and their usual ports.
func readSite(setting, scheme, port, securePort string) (site, bool) {
	u, err := url.Parse(setting)
	if err != nil || u.Scheme != scheme && u.Scheme != scheme+"s" || u.Hostname() == "" {
		return site{}, false
	}
	s := site{host: u.Hostname(), tls: u.Scheme == scheme+"s"}
	switch {
	case u.Port() != "":
		port = u.Port()
	case s.tls:
		port = securePort
	}
	s.addr = net.JoinHostPort(s.host, port)
	ip := net.ParseIP(s.host)
	s.local = s.host == "localhost" || ip != nil && ip.IsLoopback()
	return s, true
}

// config checks the certificate, except of a server on this machine, which seldom has a right one.
func (s site) config() *tls.Config {
	return &tls.Config{ServerName: s.host, InsecureSkipVerify: s.local, MinVersion: tls.VersionTLS12}
}

// tlsHint is an error of connecting, in words where it is one of the certificate.
func tlsHint(err error, lang string) string {
	var bad *tls.CertificateVerificationError
	if !errors.As(err, &bad) {
		return action.Explain(err, lang)
	}
	if lang == "zh" {
		return "它的证书不可信（" + bad.Err.Error() + "）"
	}
	return "its certificate is not to be trusted (" + bad.Err.Error() + ")"
}
