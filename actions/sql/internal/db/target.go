package db

import (
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daiban/action"
)

// A target is where a database is.
type target struct {
	name    string // as a person calls it
	kind    string
	path    string // of sqlite: real
	host    string // host:port
	db      string
	user    string
	pass    string
	params  url.Values
	account string
	inFlow  bool // named by the flow itself
}

var kinds = map[string]string{"sqlite": "sqlite", "postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql",
	"sqlserver": "sqlserver", "mssql": "sqlserver"}

var ports = map[string]string{"postgres": "5432", "mysql": "3306", "sqlserver": "1433"}

// params that an address may carry, and those that only one of the settings may.
var (
	paramsFlow     = map[string][]string{"postgres": {"sslmode", "search_path"}, "mysql": {"tls"}, "sqlserver": {"encrypt", "database"}}
	paramsSettings = map[string][]string{"postgres": {"sslrootcert"}, "sqlserver": {"trustservercertificate", "hostnameincertificate"}}
)

func (t *target) key() string {
	if t.kind == "sqlite" {
		return t.kind + ":" + t.path
	}
	return strings.Join([]string{t.kind, t.name, t.host, t.db, t.user, t.params.Encode()}, "|")
}

// locate finds what name means: a name of the settings, else an address or a file.
func locate(c *action.Call, name string) (*target, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil, action.Bad("没有说是哪个数据库", "no database is named")
	}
	if s, ok := c.Settings.Database(name); ok {
		return fromSettings(s)
	}
	scheme, rest, ok := strings.Cut(name, ":")
	kind := kinds[strings.ToLower(scheme)]
	switch {
	case ok && kind == "sqlite":
		return inFolder(c, strings.TrimPrefix(rest, "//"))
	case ok && kind != "" && strings.HasPrefix(rest, "//"):
		return fromAddress(kind, name)
	case isFile(c, name):
		return inFolder(c, name)
	}
	return nil, unknown(c, name)
}

// fromAddress is a server that the flow names. A password in a flow would stay in the record.
func fromAddress(kind, address string) (*target, error) {
	t := &target{kind: kind, inFlow: true}
	if err := t.server(address); err != nil {
		return nil, err
	}
	t.name = t.host + "/" + t.db
	if t.pass != "" {
		return nil, action.Bad("数据库地址里不能写密码：在设置 databases 里给它起个名字，密码用 daiban account set 存",
			"a database's address must not hold a password: name it in the setting databases, and store the password by daiban account set")
	}
	return t, nil
}

func isFile(c *action.Call, name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".db", ".sqlite", ".sqlite3", ".db3":
		return true
	}
	i, err := c.Files.Stat(name)
	return err == nil && !i.Dir
}

// inFolder is an SQLite file under the rules of files: in the run's folder, or granted.
func inFolder(c *action.Call, path string) (*target, error) {
	i, err := c.Files.Stat(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, action.Missing("没有数据库文件 %s", "there is no database file %s", path)
		}
		return nil, err
	}
	if i.Dir {
		return nil, action.Bad("%s 是文件夹，不是数据库文件", "%s is a folder, not a database file", path)
	}
	real, err := c.Files.Local(path)
	if err != nil {
		return nil, err
	}
	return &target{kind: "sqlite", name: path, path: real, inFlow: true}, nil
}

func unknown(c *action.Call, name string) error {
	tip := action.Missing("设置里没有叫“%s”的数据库，它也不是数据库文件或地址", "the settings have no database “%s”, and it is neither a database file nor an address", name)
	n, ok := c.Settings.(interface {
		Near(kind, name string) []string
	})
	if !ok {
		return tip
	}
	if near := n.Near("database", name); len(near) > 0 {
		return action.Missing("设置里没有叫“%s”的数据库；是不是 %s？", "the settings have no database “%s”; did you mean %s?", name, strings.Join(near, ", "))
	}
	return tip
}

func fromSettings(s action.Database) (*target, error) {
	t := &target{name: s.Name, kind: s.Kind, account: s.Account}
	if s.Kind != "sqlite" {
		return t, t.server(s.URL)
	}
	t.path = s.Path
	i, err := os.Stat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, action.Missing("数据库 %s 的文件 %s 不存在", "the file %[2]s of the database %[1]s does not exist", s.Name, s.Path)
	case err != nil:
		return nil, err
	case i.IsDir():
		return nil, action.Bad("数据库 %s 的 %s 是文件夹", "%[2]s of the database %[1]s is a folder", s.Name, s.Path)
	}
	return t, nil
}

// server reads an address kind://[user[:password]@]host[:port]/database[?…]. Its errors do not repeat it,
// for it may hold a password.
func (t *target) server(address string) error {
	bad := action.Bad("数据库地址要像 %s://主机/数据库", "the address of a database reads like %s://HOST/DATABASE", t.kind)
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || strings.ContainsAny(u.Host, ",;") {
		return bad
	}
	port := u.Port()
	if port == "" {
		port = ports[t.kind]
	}
	t.host = net.JoinHostPort(u.Hostname(), port)
	t.db = strings.Trim(u.Path, "/")
	if u.User != nil {
		t.user = u.User.Username()
		t.pass, _ = u.User.Password()
	}
	if t.params, err = url.ParseQuery(u.RawQuery); err != nil {
		return bad
	}
	return t.allowed()
}

// allowed refuses parameters that could lead elsewhere: another host, a socket, a file of this machine.
func (t *target) allowed() error {
	low := url.Values{}
	for k, v := range t.params {
		k = strings.ToLower(strings.ReplaceAll(k, " ", ""))
		if !slices.Contains(paramsFlow[t.kind], k) && (t.inFlow || !slices.Contains(paramsSettings[t.kind], k)) {
			return action.Bad("数据库地址里不能有参数 %s（可以有 %s）", "the address of a database must not have the parameter %s (it may have %s)",
				k, strings.Join(append(slices.Clone(paramsFlow[t.kind]), paramsSettings[t.kind]...), ", "))
		}
		low[k] = v
	}
	t.params = low
	if db := low.Get("database"); db != "" {
		t.db = db
		low.Del("database")
	}
	return nil
}

// signIn gets the secret of the account, at the last hop.
func (t *target) signIn(c *action.Call) error {
	if t.kind == "sqlite" || t.account == "" {
		return nil
	}
	cred, err := c.Account.Secret(t.account, t.host)
	if err != nil {
		return err
	}
	t.pass = cred.Password
	if cred.User != "" {
		t.user = cred.User
	}
	return nil
}

// hostPort is the two parts of t.host.
func (t *target) hostPort() (string, string) {
	h, p, _ := net.SplitHostPort(t.host)
	return h, p
}
