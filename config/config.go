// Package config is the settings: config.yaml in the program's home, read
// strictly. A key that is not known, a value of the wrong type or a bad address
// is an error with its line and the nearest right key; nothing is guessed.
//
// Settings stand in the home and never in the working folder, because content
// must not configure the robot. Passwords are not settings: an account names its
// secret, and Secret gives it at the last hop.
package config

import (
	"cmp"
	"strings"

	"daiban/action"
)

// Config is the settings. Fields are in the order of the file; use the lookups
// (Contact, Site, …) to find what a person names.
type Config struct {
	Mailbox   Mailbox
	Databases []Database
	Chats     []Chat
	Contacts  []Contact
	Sites     []Site
	Printers  []Printer
	Accounts  []Account
	Models    []Model
	Model     string  // the language model: builtin, or one of Models
	GPT       GPT     `json:",omitzero"`
	Approve   Approve // what waits for a person without --yes
	Limits    Limits

	// Vault gives the password of an account that no variable holds; nil for none.
	Vault func(account string) (password string, ok bool, err error) `json:"-"`

	home string
	env  func(string) string
}

var _ action.Settings = (*Config)(nil)
var _ action.Accounts = (*Config)(nil)

// Mailbox is where mail goes out and comes in.
type Mailbox struct {
	From    string // address of the sender
	SMTP    string // smtp:// or smtps://; "" for the outbox folder
	IMAP    string // imap:// or imaps://; "" for none
	Account string
}

// Database is a database by its name.
type Database = action.Database

// Chat is a group by its name, reached through its robot.
type Chat = action.Chat

// Contact is a person or a list of people by name.
type Contact struct {
	Name      string
	Addresses []string
}

// Site is a web site by its name.
type Site struct{ Name, URL, Account string }

// Printer is a printer by its name; Queue is what CUPS calls it.
type Printer struct{ Name, Queue string }

// Account is who signs in somewhere. Its password is a secret.
type Account struct {
	Name  string
	User  string
	Hosts []string // host or host:port that its secret may go to
	Auth  string   // of HTTP: basic, bearer or header:NAME
	Env   string   // the variable that holds its password; "" for DAIBAN_SECRET_<NAME>
}

// Model is a language model behind an API.
type Model struct{ Name, URL, Model, Account string }

// GPT is what daiban gpt and daiban serve use.
type GPT struct {
	Model string // the model where none is named; "" for none
}

// Approve says which effects wait for a person when --yes is not given.
type Approve string

// What waits.
const (
	ApproveSends Approve = "sends" // what leaves this machine
	ApproveAll   Approve = "all"   // every effect
	ApproveFlow  Approve = "flow"  // only what the flow says
)

// Limits bounds what archives and workbooks may unpack to.
type Limits struct {
	Unpacked int64 // bytes
	Ratio    int64 // unpacked to packed
}

// Default is the settings of a home without a file.
func Default(home string) *Config {
	return &Config{Model: "builtin", Approve: ApproveSends, Limits: Limits{1 << 30, 200}, home: home}
}

// Mail is the sender's address, the SMTP address ("" for the outbox) and the account.
// Without mail.from, the sender is the user of the account when that is an address,
// else daiban@localhost.
func (c *Config) Mail() (from, smtp, account string) {
	from = c.Mailbox.From
	if a, ok := c.Account(c.Mailbox.Account); ok && from == "" && strings.Contains(a.User, "@") {
		from = a.User
	}
	return cmp.Or(from, "daiban@localhost"), c.Mailbox.SMTP, c.Mailbox.Account
}

// IMAP is the address of the mailbox, "" for none, and the account.
func (c *Config) IMAP() (url, account string) { return c.Mailbox.IMAP, c.Mailbox.Account }

// Home is the folder of the program.
func (c *Config) Home() string { return c.home }

// SizeMax is Limits.
func (c *Config) SizeMax() (bytes, ratio int64) { return c.Limits.Unpacked, c.Limits.Ratio }
