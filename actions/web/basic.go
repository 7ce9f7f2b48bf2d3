package web

import (
	"sync"

	"daiban/action"
)

// A basic is the account that signs in where a server asks for it by HTTP itself, before it shows any
// page: the one that the flow or the settings name for the site that is opened.
type basic struct {
	accounts action.Accounts
	account  string

	mu    sync.Mutex
	given map[string]bool // hosts that have got it
	no    error           // why a host has not
}

// use makes account the one that answers from now on.
func (n *network) use(c *action.Call, account string) {
	if account != "" && !c.Preview {
		n.basic.Store(&basic{accounts: c.Account, account: account, given: map[string]bool{}})
	}
}

// signIn is what the browser answers a server with that asks who is there: only one that the run may
// reach, and that the account is bound to.
func (n *network) signIn(host string) (user, password string, ok bool) {
	b := n.basic.Load()
	if b == nil || n.Allow(host) != nil {
		return "", "", false
	}
	cred, err := b.accounts.Secret(b.account, host)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.no = err
		return "", "", false
	}
	b.given[host] = true
	return cred.User, cred.Password, true
}

// gave reports whether host has got the account's name and password, and why not.
func (n *network) gave(host string) (bool, error) {
	b := n.basic.Load()
	if b == nil {
		return false, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.given[host], b.no
}

// unauthorized is the error of a page whose server asks for a sign-in by HTTP and got none, or took it not.
func (s *session) unauthorized(link string) error {
	gave, no := s.net.gave(hostOf(link))
	switch {
	case gave:
		return action.Refused("%s 不认账号 %s 的用户名和密码（401）", "%s does not take the user and password of the account %s (401)", short(link), s.net.basic.Load().account)
	case no != nil:
		return no
	}
	return action.Refused("网页 %s 要登录（401）：用 web.login 并写上账号", "the page %s asks for a sign-in (401): use web.login with an account", short(link))
}
