package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"daiban/action"
)

// fake resolves a few names, the way a hostile or an inner name server would.
func fake(_ context.Context, name string) ([]netip.Addr, error) {
	switch name {
	case "example.com", "www.example.com", "xn--fsqu00a.xn--0zwm56d":
		return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
	case "erp.corp":
		return []netip.Addr{netip.MustParseAddr("10.1.2.3")}, nil
	case "two.example.com":
		return []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("::ffff:127.0.0.1")}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func TestCheck(t *testing.T) {
	s := New([]string{"example.com", "127.0.0.1:8080", "169.254.169.254", "two.example.com", "intra.corp", "localhost:1", "例子.测试", "[::1]:9"},
		[]string{"erp.corp", "169.254.1.1", "10.0.0.7"})
	s.resolve = fake
	for address, ok := range map[string]bool{
		"example.com": true, "EXAMPLE.com.:443": true, "www.example.com": true, "evil.com": false, "example.com.evil.com": false,
		"127.0.0.1:8080": true, "127.0.0.1:8081": false, "127.0.0.2:8080": false, "localhost:8080": false, "localhost:1": true,
		"[::ffff:127.0.0.1]:8080": true, "[::1]:9": true, "[::1]:8": false,
		"169.254.169.254": false, "169.254.1.1": true, "10.0.0.7:22": true, "10.0.0.8": false,
		"erp.corp:8000": true, "two.example.com": false, "例子.测试": true, "xn--fsqu00a.xn--0zwm56d:443": true,
		"": false, "a/b": false,
	} {
		if err := s.Check(context.Background(), address); (err == nil) != ok {
			t.Errorf("%s: %v, want allowed %v", address, err, ok)
		}
	}
	if err := s.Check(context.Background(), "intra.corp"); err != nil {
		t.Errorf("a name that only a proxy knows: %v", err)
	}
}

func TestNameThatLeadsInside(t *testing.T) {
	s := New([]string{"erp.corp"}, nil)
	s.resolve = fake
	_, err := s.DialContext(context.Background(), "tcp", "erp.corp:80")
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != "refused" {
		t.Fatalf("error %v, want a refusal", err)
	}
}

func TestDial(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	c, err := New([]string{address}, nil).DialContext(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := New([]string{"example.com"}, nil).DialContext(context.Background(), "tcp", address); err == nil {
		t.Error("connected to an address that nobody named")
	}
}
