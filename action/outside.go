package action

import (
	"context"
	"net"

	"daiban/flow"
)

// A Credential is what signs in somewhere.
type Credential struct {
	User     string
	Password string
	Auth     string // of HTTP: basic, bearer or header:NAME; "" for basic
}

// Accounts gives the secrets of accounts at the last hop.
type Accounts interface {
	// Secret is what account signs in with at host (a name or address, with or without port). It is
	// given only to hosts that the settings bind the account to; anything else is Refused.
	Secret(account, host string) (Credential, error)
}

// Network is the hosts that a step may reach: those that the flow, the settings or the person
// name. Addresses of this machine and of private networks are reached only when they are named so
// themselves, or when the settings or the person grant the name that leads there.
type Network interface {
	// Allow reports why a host (name or address, with or without port) may not be reached: nil when it may.
	Allow(host string) error
	// Check is Allow, and that the host does not lead to an address that is not granted. A name that
	// cannot be resolved here passes: a proxy may know it.
	Check(ctx context.Context, host string) error
	// DialContext connects to an address ("host:port") that passes Check; the address checked is the one
	// connected to.
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Queues is the queues of this machine: items with a business key, each added once and taken once.
type Queues interface {
	// Add puts items into a queue and says how many were new. One whose key is in the queue, or was, is
	// not added again. The same effect adds once, and gives the same number again.
	Add(ctx context.Context, effect, queue string, items []Item) (added int, err error)
	// Take takes the next item; ok is false when there is none. The same effect gives the same item again.
	Take(ctx context.Context, effect, queue string) (item Item, ok bool, err error)
	// Next is what Take would give, untaken.
	Next(ctx context.Context, queue string) (item Item, ok bool, err error)
	// Undo takes back what an effect did: its items that nobody has taken yet leave the queue, the item
	// that it took is the next again. It fails when an item that it added is taken.
	Undo(ctx context.Context, effect string) error
}

// An Item of a queue is a row under its business key.
type Item struct {
	Key string
	Row *flow.Row
}

// Settings is the part of config.yaml that actions may read.
type Settings interface {
	// Mail is the sender's address, the SMTP URL ("" for the outbox) and the account.
	Mail() (from, smtp, account string)
	// IMAP is the URL of the mailbox (imap:// or imaps://; "" for none) and its account.
	IMAP() (url, account string)
	// Home is the folder of the program (outbox, record).
	Home() string
	// SizeMax is the largest unpacked size of an archive or workbook, in bytes, and the largest ratio.
	SizeMax() (bytes int64, ratio int64)
	// Database is the database that a person calls name.
	Database(name string) (Database, bool)
	// Chat is the group that a person calls name.
	Chat(name string) (Chat, bool)
	// Site is the web site that a person calls name: its address and the account that signs in there.
	Site(name string) (url, account string, ok bool)
	// Hosts is the hosts (host or host:port) that the settings name.
	Hosts() []string
}

// Database is a database by its name.
type Database struct {
	Name    string
	Kind    string // sqlite, postgres, mysql, sqlserver
	URL     string // as written
	Path    string // of sqlite: absolute, or in the home
	Account string
}

// Chat is a group by its name, reached through its robot.
type Chat struct {
	Name    string
	Kind    string // wecom, dingtalk, feishu, slack, teams, plain
	URL     string
	Account string // its password signs what is sent, where the kind can
}
