package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/config"
	"daiban/flow"
	"daiban/vault"
)

// accountFlags are what daiban account set says of an account beside its password.
type accountFlags struct {
	user  string
	hosts []string
	auth  string
	env   string
}

func (a *app) accountCommands() *cobra.Command {
	acc := &cobra.Command{Use: "account", Short: "accounts and their passwords", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("没有命令 %q；%s --help 列出全部", "unknown command %q; %s --help lists them", args[0], cmd.CommandPath())
			}
			return cmd.Help()
		}}
	var f accountFlags
	set := &cobra.Command{Use: "set NAME", Short: "keep the password of an account in the vault; it is typed, or read from standard input",
		Long: `Keep the password of an account in the vault.

The password is typed at the terminal, where it is not shown, or read from standard input:

    daiban account set erp --user robot --host erp.example.com
    daiban account set erp < password.txt

It is never given on the command line, where others could see it. User, hosts and way of signing in
stand in the settings; the password goes to none but the hosts named there.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("daiban account set：只要账号的名字；密码不写在命令行上，而是输入或从标准输入读", "daiban account set: want the name of the account alone; the password is not given on the command line, it is typed or read from standard input")
			}
			return exactly(1, "the name of an account")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.accountSet(args[0], f, cmd.Flags().Changed) }}
	set.Flags().StringVar(&f.user, "user", "", "who signs in")
	set.Flags().StringArrayVar(&f.hosts, "host", nil, "host or host:port that the password may go to (repeatable)")
	set.Flags().StringVar(&f.auth, "auth", "", "how it signs in to HTTP: basic, bearer or header:NAME")
	set.Flags().StringVar(&f.env, "env", "", "the variable that holds the password; the vault is not used then")
	list := &cobra.Command{Use: "list", Short: "every account, its hosts, and where its password is", Args: exactly(0, "no argument"),
		RunE: func(*cobra.Command, []string) error { return a.accountList() }}
	remove := &cobra.Command{Use: "remove NAME", Short: "forget an account and its password", Args: exactly(1, "the name of an account"),
		RunE: func(_ *cobra.Command, args []string) error { return a.accountRemove(args[0]) }}
	protect := &cobra.Command{Use: "protect file|passphrase|keyring", Short: "how the key of the vault is kept", Args: exactly(1, "file, passphrase or keyring"),
		RunE: func(_ *cobra.Command, args []string) error { return a.accountProtect(args[0]) }}
	acc.AddCommand(set, list, remove, protect)
	return acc
}

// accountSet keeps what is said of an account in the settings, and its password in the vault.
func (a *app) accountSet(name string, f accountFlags, given func(string) bool) error {
	if err := a.open(); err != nil {
		return err
	}
	if strings.TrimSpace(name) == "" || strings.ContainsAny(name, "\"\r\n") {
		return usage("账号的名字不能空着，也不能有引号", "the name of an account is not empty and has no quotes")
	}
	if x, ok := a.config.Account(name); ok {
		name = x.Name
	}
	password := ""
	if f.env == "" {
		var err error
		if password, err = a.readPassword(name); err != nil {
			return err
		}
	}
	key := "accounts." + quoteKey(name) + "."
	for _, s := range []struct{ flag, setting, value string }{
		{"user", "user", f.user}, {"host", "hosts", yamlList(f.hosts)}, {"auth", "auth", f.auth}, {"env", "env", f.env},
	} {
		if given(s.flag) {
			if err := config.Set(a.home, key+s.setting, s.value); err != nil {
				return err
			}
		}
	}
	if password == "" {
		fmt.Fprintln(a.out, say(a.tongue(), "记下了：账号 "+name+" 的密码从变量 "+f.env+" 取", "kept: the password of the account "+name+" is taken from the variable "+f.env))
		return nil
	}
	if err := a.vault.Set(name, password); err != nil {
		return err
	}
	return a.toldSet(name, password)
}

// toldSet says that a password is kept, and what the person should know of it.
func (a *app) toldSet(name, password string) error {
	lang := a.tongue()
	fmt.Fprintln(a.out, say(lang, "账号 "+name+" 的密码存进了密码库", "the password of the account "+name+" is in the vault"))
	c, err := config.Load(a.home) // as it is now
	if err != nil {
		return err
	}
	x, _ := c.Account(name)
	if variable := cmp.Or(x.Env, config.SecretEnv(name)); os.Getenv(variable) != "" {
		fmt.Fprintln(a.err, say(lang, "注意：变量 "+variable+" 有值，会先用它", "note: the variable "+variable+" is set, and comes first"))
	}
	if len(c.HostsOf(name)) == 0 {
		fmt.Fprintln(a.err, say(lang, "注意：还没说这个密码可以用在哪里；用 daiban account set "+name+" --host 主机，或在设置里让网站、邮箱、数据库用这个账号",
			"note: nothing says yet where this password may go: daiban account set "+name+" --host HOST, or let a site, the mailbox or a database of the settings use the account"))
	}
	if !vault.Distinctive(password) {
		fmt.Fprintln(a.err, say(lang, "注意：这个密码短，或像普通的词；对方原样说出来时，记录里不一定认得出它", "note: this password is short or like an ordinary word; where a server repeats it, the record cannot always tell it from one"))
	}
	return nil
}

// passwordMax bounds what is read as a password, in bytes.
const passwordMax = 64 << 10

// readPassword is the password, typed or from standard input without the end of its last line.
func (a *app) readPassword(name string) (string, error) {
	lang := a.tongue()
	if a.typesHidden() {
		p, err := a.hidden(say(lang, "账号 "+name+" 的密码：", "Password of the account "+name+": "), true)
		if err == nil && p == "" {
			err = usage("没有输入密码，什么也没改", "no password was typed; nothing was changed")
		}
		return p, err
	}
	b, err := io.ReadAll(io.LimitReader(a.in, passwordMax+2))
	if err != nil {
		return "", err
	}
	p := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	switch {
	case p == "":
		return "", usage("标准输入里没有密码，什么也没改", "standard input has no password; nothing was changed")
	case len(p) > passwordMax:
		return "", usage("密码太长：超过 %d kB", "the password is too long: more than %d kB", passwordMax>>10)
	}
	return p, nil
}

// quoteKey is a name as a part of a setting's path.
func quoteKey(name string) string {
	if strings.Contains(name, ".") {
		return `"` + name + `"`
	}
	return name
}

// yamlList is texts as a list in one line.
func yamlList(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// accountState is a line of daiban account list.
type accountState struct {
	Name     string   `json:"name"`
	User     string   `json:"user,omitempty"`
	Auth     string   `json:"auth,omitempty"`
	Hosts    []string `json:"hosts"`
	Secret   string   `json:"secret"` // vault, variable or missing
	Variable string   `json:"variable"`
}

// accountStates is every account that the settings or the vault know. Passwords are looked for, not read out.
func (a *app) accountStates() ([]accountState, error) {
	kept, err := a.vault.Names()
	if err != nil {
		return nil, err
	}
	names := a.config.AccountNames()
	for _, n := range kept {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	var out []accountState
	for _, n := range names {
		x, _ := a.config.Account(n)
		s := accountState{Name: n, User: x.User, Auth: x.Auth, Hosts: append([]string{}, a.config.HostsOf(n)...), Variable: cmp.Or(x.Env, config.SecretEnv(n)), Secret: "missing"}
		switch {
		case os.Getenv(s.Variable) != "":
			s.Secret = "variable"
		case slices.Contains(kept, n):
			s.Secret = "vault"
		}
		out = append(out, s)
	}
	return out, nil
}

func (a *app) accountList() error {
	if err := a.open(); err != nil {
		return err
	}
	list, err := a.accountStates()
	if err != nil {
		return err
	}
	if a.flags.json {
		return json.NewEncoder(a.out).Encode(append([]accountState{}, list...))
	}
	lang := a.tongue()
	for _, s := range list {
		where := say(lang, "没有密码", "no password")
		switch s.Secret {
		case "vault":
			where = say(lang, "密码在密码库", "password in the vault")
		case "variable":
			where = say(lang, "密码在变量 "+s.Variable, "password in the variable "+s.Variable)
		}
		hosts := strings.Join(s.Hosts, ", ")
		if hosts == "" {
			hosts = say(lang, "没有主机", "no host")
		}
		fmt.Fprintf(a.out, "%s  %s  %s  %s\n", s.Name, cmp.Or(s.User, "-"), hosts, where)
	}
	return nil
}

// accountRemove forgets an account: what the settings say of it, and its password.
func (a *app) accountRemove(name string) error {
	if err := a.open(); err != nil {
		return err
	}
	if x, ok := a.config.Account(name); ok {
		name = x.Name
	}
	removed, err := a.vault.Remove(name)
	if err != nil {
		return err
	}
	described := false
	if !strings.ContainsAny(name, "\"\r\n") && strings.TrimSpace(name) != "" {
		if described, err = config.Unset(a.home, "accounts."+quoteKey(name)); err != nil {
			return err
		}
	}
	if !removed && !described {
		near := flow.Nearest(name, a.config.AccountNames())
		if len(near) == 0 {
			return action.Missing("没有账号 %s", "there is no account %s", name)
		}
		return action.Missing("没有账号 %s；相近的有：%s", "there is no account %s; near it: %s", name, strings.Join(near, ", "))
	}
	fmt.Fprintln(a.out, say(a.tongue(), "账号 "+name+" 和它的密码都不在了", "the account "+name+" and its password are gone"))
	return nil
}

// accountProtect changes how the key of the vault is kept.
func (a *app) accountProtect(how string) error {
	if err := a.open(); err != nil {
		return err
	}
	if err := a.vault.Protect(vault.Protection(how)); err != nil {
		return err
	}
	fmt.Fprintln(a.out, say(a.tongue(), "密码库的密钥现在由 "+how+" 保管", "the key of the vault is now kept by "+how))
	return nil
}
