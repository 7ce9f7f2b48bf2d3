package sql_test

import (
	stdsql "database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/actions/sql"
	"daiban/actions/sql/internal/dbtest"
)

// servers are started once for all tests, side by side.
type server struct {
	*dbtest.Server
	err error
}

var servers = map[string]*server{"postgres": {}, "mysql": {}}

func TestMain(m *testing.M) {
	if os.Getenv(crashEnv) != "" {
		os.Exit(m.Run())
	}
	var wg sync.WaitGroup
	for kind, start := range map[string]func() (*dbtest.Server, error){"postgres": dbtest.Postgres, "mysql": dbtest.MariaDB} {
		wg.Go(func() { servers[kind].Server, servers[kind].err = start() })
	}
	wg.Wait()
	code := m.Run()
	for _, s := range servers {
		s.Stop()
	}
	os.Exit(code)
}

// A base is an empty database of one kind, and an Env whose settings call it 仓库.
type base struct {
	*testing.T
	*actiontest.Env
	kind string
	url  string
	raw  *stdsql.DB
}

var made int

// open makes an empty database of a kind.
func open(t *testing.T, kind string) *base {
	t.Helper()
	b := &base{T: t, Env: actiontest.New(t, sql.All), kind: kind}
	if kind == "sqlite" {
		path := filepath.Join(b.Home, "仓库 数据.db")
		b.raw = must(stdsql.Open("sqlite", "file:"+path))(t)
		b.Env.Databases = []action.Database{{Name: "仓库", Kind: kind, URL: "sqlite:" + path, Path: path}}
		b.url = "sqlite:" + path
		b.exec("pragma user_version = 1") // the file is there
		t.Cleanup(func() { b.raw.Close() })
		return b
	}
	s := servers[kind]
	if s.err != nil {
		t.Skipf("no %s server: %v", kind, s.err)
	}
	made++
	name := fmt.Sprintf("t%d", made)
	driver, root, dsn := "pgx", "postgres://postgres@"+s.Addr+"/postgres", "postgres://postgres@"+s.Addr+"/"+name
	b.url = dsn
	if kind == "mysql" {
		driver, root, dsn = "mysql", "root@tcp("+s.Addr+")/", "root@tcp("+s.Addr+")/"+name+"?charset=utf8mb4&sql_mode=%27ANSI_QUOTES%27"
		b.url = "mysql://root@" + s.Addr + "/" + name
	}
	admin := must(stdsql.Open(driver, root))(t)
	defer admin.Close()
	ddl := "create database " + name
	if kind == "mysql" {
		ddl += " character set utf8mb4 collate utf8mb4_general_ci"
	}
	if _, err := admin.Exec(ddl); err != nil {
		t.Fatal(err)
	}
	b.raw = must(stdsql.Open(driver, dsn))(t)
	t.Cleanup(func() { b.raw.Close() })
	b.Env.Databases = []action.Database{{Name: "仓库", Kind: kind, URL: b.url}}
	b.Grants = []string{s.Addr}
	return b
}

func must[V any](v V, err error) func(t *testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// each runs a test on every kind of database that is there.
func each(t *testing.T, test func(b *base)) {
	for _, kind := range []string{"sqlite", "postgres", "mysql"} {
		t.Run(kind, func(t *testing.T) { test(open(t, kind)) })
	}
}

// exec runs statements, one a line that ends in ; and of forms for one kind only after "kind: ".
func (b *base) exec(script string) {
	b.Helper()
	for _, s := range strings.Split(script, ";\n") {
		s = strings.TrimSpace(s)
		if kind, rest, ok := strings.Cut(s, ": "); ok && (kind == "sqlite" || kind == "postgres" || kind == "mysql" || kind == "not sqlite" || kind == "not mysql") {
			not, is := strings.CutPrefix(kind, "not ")
			if is == (not == b.kind) {
				continue
			}
			s = rest
		}
		if s == "" {
			continue
		}
		if _, err := b.raw.Exec(s); err != nil {
			b.Fatalf("%s: %v", s, err)
		}
	}
}

// run runs a flow and gives its last value as text, or its error.
func (b *base) run(src string) string {
	b.Helper()
	v, err := b.Flow(src)
	if err != nil {
		return "error: " + action.Explain(err, b.Lang)
	}
	return actiontest.Show(v)
}

var zeros = regexp.MustCompile(`(\d)\.0+\b|(\.\d*[1-9])0+\b`)

// want runs a flow whose last value is expected.
func (b *base) want(src, want string) {
	b.Helper()
	// SQLite keeps no zeros at the end of a decimal.
	if got := strings.TrimSpace(b.run(src)); zeros.ReplaceAllString(got, "$1$2") != zeros.ReplaceAllString(strings.TrimSpace(want), "$1$2") {
		b.Errorf("%s\ngives\n%s\nwant\n%s", src, got, want)
	}
}

// refuse runs a flow whose error must hold the words.
func (b *base) refuse(src string, words ...string) {
	b.Helper()
	got := b.run(src)
	for _, w := range words {
		if !strings.HasPrefix(got, "error: ") || !strings.Contains(got, w) {
			b.Errorf("%s\ngives\n%s\nwant an error with %q", src, got, w)
		}
	}
}

// count is a number that a query of ours gives.
func (b *base) count(query string) int {
	b.Helper()
	n := -1
	if err := b.raw.QueryRow(query).Scan(&n); err != nil {
		b.Fatalf("%s: %v", query, err)
	}
	return n
}
