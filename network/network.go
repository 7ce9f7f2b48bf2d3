// Package network is the network as a run sees it: only the hosts that the flow, the settings or
// the person name are reached, and addresses of this machine, of private networks and of a cloud's
// metadata only when they are named so themselves, or when the settings or the person name what
// leads there. The address that was checked is the one connected to, so that no redirect and no
// name that changes its mind reaches another.
package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"daiban/action"
)

// A Space is the hosts that a run may reach.
type Space struct {
	named   []host // by the flow
	granted []host // by the settings or the person
	resolve func(ctx context.Context, name string) ([]netip.Addr, error)
}

var _ action.Network = (*Space)(nil)

// host is a granted host; without a port, every port of it.
type host struct{ name, port string }

// New is the hosts that the flow names and those that the settings and the person grant, each host
// or host:port. What is no host is left out.
func New(named, granted []string) *Space {
	return &Space{named: hosts(named), granted: hosts(granted), resolve: resolve}
}

func resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
}

func hosts(list []string) []host {
	var out []host
	for _, s := range list {
		if h := split(s); h.name != "" {
			out = append(out, h)
		}
	}
	return out
}

// split is the name, in lower-case ASCII and without a final dot, and the port of s; the name is
// empty when s is no host.
func split(s string) host {
	h := host{name: strings.Trim(s, "[]")}
	if name, port, err := net.SplitHostPort(s); err == nil {
		h = host{name, port}
	}
	if addr, err := netip.ParseAddr(h.name); err == nil {
		h.name = addr.Unmap().WithZone("").String()
		return h
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(h.name, "."))
	if err != nil {
		name = strings.ToLower(strings.TrimSuffix(h.name, "."))
	}
	if strings.ContainsAny(name, "/@ \t\r\n") {
		name = ""
	}
	h.name = name
	return h
}

// covers reports whether one of list names h. A site with and without www. is the same.
func covers(list []host, h host) bool {
	for _, x := range list {
		if strings.TrimPrefix(x.name, "www.") == strings.TrimPrefix(h.name, "www.") && (x.port == "" || h.port == "" || x.port == h.port) {
			return true
		}
	}
	return false
}

// Allow reports why address (host or host:port) may not be reached, by its name alone.
func (s *Space) Allow(address string) error {
	h := split(address)
	if h.name == "" {
		return action.Bad("“%s”不是主机", "“%s” is not a host", address)
	}
	if covers(s.granted, h) {
		return nil
	}
	if !covers(s.named, h) {
		return action.Refused("流程和设置里没有写明主机 %s，没有访问；要用它就加 --grant %[1]s", "the host %s is named neither in the flow nor in the settings, and was not reached; --grant %[1]s allows it", shown(h))
	}
	if addr, err := netip.ParseAddr(h.name); err == nil && metadata(addr) {
		return private(h, addr)
	}
	return nil
}

// Check is Allow, and that no address of the host is one that needs a grant of its own.
func (s *Space) Check(ctx context.Context, address string) error {
	_, err := s.addresses(ctx, split(address), address)
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return nil // a proxy may know it
	}
	return err
}

// addresses is where a host that may be reached is.
func (s *Space) addresses(ctx context.Context, h host, address string) ([]netip.Addr, error) {
	if err := s.Allow(address); err != nil {
		return nil, err
	}
	if addr, err := netip.ParseAddr(h.name); err == nil {
		return []netip.Addr{addr}, nil
	}
	if h.name == "localhost" || strings.HasSuffix(h.name, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	addrs, err := s.resolve(ctx, h.name)
	if err != nil || covers(s.granted, h) {
		return addrs, err
	}
	for _, a := range addrs {
		if inside(a.Unmap()) {
			return nil, private(h, a)
		}
	}
	return addrs, nil
}

// dialTime bounds one attempt to connect.
const dialTime = 20 * time.Second

// DialContext connects to address when it may be reached, trying its addresses in order.
func (s *Space) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	h := split(address)
	addrs, err := s.addresses(ctx, h, address)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: dialTime}
	err = &net.DNSError{Err: "no address", Name: h.name, IsNotFound: true}
	for _, a := range addrs {
		var c net.Conn
		if c, err = d.DialContext(ctx, network, net.JoinHostPort(a.String(), h.port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}

func private(h host, addr netip.Addr) error {
	return action.Refused("主机 %s 在内部网络上（%s），没有访问；确实要用就加 --grant %[1]s，或写进设置", "the host %s is on an inner network (%s), and was not reached; --grant %[1]s allows it, or the settings", shown(h), addr)
}

func shown(h host) string {
	if h.port == "" {
		return h.name
	}
	return net.JoinHostPort(h.name, h.port)
}

// Networks beside those that netip knows: shared address space (RFC 6598), benchmarking (RFC 2544),
// 0.0.0.0/8, and IPv6 forms that hold an IPv4 address (RFC 6052, RFC 3056).
var others = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16")}

// inside reports whether an address is of this machine, of a private network or of no single host.
func inside(a netip.Addr) bool {
	if a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
		return true
	}
	for _, p := range others {
		if p.Contains(a) {
			return true
		}
	}
	return a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// metadata reports whether an address is where clouds keep their machines' secrets: link-local, and
// those that some clouds use besides. A flow cannot grant them, not even by name.
func metadata(a netip.Addr) bool {
	return a.IsLinkLocalUnicast() || a == netip.MustParseAddr("100.100.100.200") || a == netip.MustParseAddr("fd00:ec2::254")
}
