package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"

	"daiban/action"
)

// broken is the error of a hop that got no answer.
func (c *Client) broken(h *hop, err error) error {
	var p *action.Problem
	if errors.As(err, &p) && !h.post { // of Call.Net: it was never connected
		return p
	}
	if !h.sent && !h.post {
		return ioError("连不上 %s：%v", "cannot reach %s: %v", h.r.shown(h.url), c.reason(err))
	}
	return c.brokenOff(h, action.Bad("没有收到回答（%v）", "no answer came (%v)", c.reason(err)))
}

// brokenOff is an exchange that broke after something was sent: in doubt when that was a post.
func (c *Client) brokenOff(h *hop, what *action.Problem) error {
	if h.post {
		return action.Doubt("发给 %s 后，%v；可能已经办了，也可能没有", "sent to %s, but %v; it may or may not have taken effect", h.r.shown(h.url), what)
	}
	return ioError("%s：%v", "%s: %v", h.r.shown(h.url), what)
}

// ioError is an error that changed nothing and may be tried again.
func ioError(zh, en string, args ...any) *action.Problem {
	p := action.Bad(zh, en, args...)
	p.Kind = "io"
	return p
}

// reason is why an exchange failed, in words without addresses and secrets.
func (c *Client) reason(err error) error {
	var dns *net.DNSError
	var p *action.Problem
	var unknown x509.UnknownAuthorityError
	var wrongName x509.HostnameError
	var cert *tls.CertificateVerificationError
	say := func(zh, en string) error { return action.Bad(zh, en) }
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, errSlow):
		return say("等了太久没有回应", "nothing was heard for too long")
	case errors.Is(err, context.DeadlineExceeded):
		return say("超过了时限", "the time limit was reached")
	case errors.Is(err, context.Canceled):
		return say("被中止", "it was stopped")
	case errors.As(err, &dns):
		return action.Bad("找不到主机 %s", "there is no host %s", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return say("连接被拒绝，那里没有服务", "the connection was refused, no service is there")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return say("连接被对方断开", "the other side cut the connection")
	case errors.As(err, &unknown):
		return say("证书不是可信机构签发的", "its certificate is not signed by a trusted authority")
	case errors.As(err, &wrongName):
		return say("证书不是这台主机的", "its certificate is of another host")
	case errors.As(err, &cert):
		return action.Bad("证书无效：%s", "its certificate is not valid: %s", c.Mask(cert.Err.Error()))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return say("连接断了", "the connection broke")
	}
	return errors.New(c.Mask(err.Error()))
}
