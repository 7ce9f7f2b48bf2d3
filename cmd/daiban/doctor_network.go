package main

import (
	"context"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"

	"daiban/action"
)

// ports is where a host is reached when its address names none.
var ports = map[string]string{
	"http": "80", "https": "443", "smtp": "587", "smtps": "465", "imap": "143", "imaps": "993",
	"postgres": "5432", "postgresql": "5432", "mysql": "3306", "sqlserver": "1433", "mssql": "1433",
}

// dialWait bounds how long a host may take to answer.
const dialWait = 5 * time.Second

// A reached is a host one that the settings name, and what names it.
type reached struct{ name, address string }

// hosts is every host of the settings with its port.
func (d *doctor) hosts() []reached {
	var out []reached
	add := func(name, raw string) {
		u, err := url.Parse(raw)
		if err != nil || u.Hostname() == "" || ports[u.Scheme] == "" {
			return
		}
		port := u.Port()
		if port == "" {
			port = ports[u.Scheme]
		}
		r := reached{name, net.JoinHostPort(u.Hostname(), port)}
		if !slices.ContainsFunc(out, func(x reached) bool { return x.address == r.address }) {
			out = append(out, r)
		}
	}
	c := d.config
	add("mail.smtp", c.Mailbox.SMTP)
	add("mail.imap", c.Mailbox.IMAP)
	for _, x := range c.Databases {
		add("database "+x.Name, x.URL)
	}
	for _, x := range c.Chats {
		add("chat "+x.Name, x.URL)
	}
	for _, x := range c.Sites {
		add("site "+x.Name, x.URL)
	}
	for _, x := range c.Models {
		add("model "+x.Name, x.URL)
	}
	return out
}

// network connects to every host of the settings, all at once, and says nothing to them.
func (d *doctor) network(ctx context.Context) {
	hosts := d.hosts()
	errs := make([]error, len(hosts))
	var wg sync.WaitGroup
	for i, h := range hosts {
		wg.Go(func() {
			c, err := (&net.Dialer{Timeout: dialWait}).DialContext(ctx, "tcp", h.address)
			if err == nil {
				c.Close()
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for i, h := range hosts {
		if errs[i] != nil {
			d.add(stateBad, h.name, h.address+" 连不上："+action.Explain(errs[i], "zh"), h.address+" cannot be reached: "+errs[i].Error())
			continue
		}
		d.add(stateOK, h.name, h.address+" 连得上", h.address+" answers")
	}
}
