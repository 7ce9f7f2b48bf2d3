package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"daiban/action"
)

const people = `
mail: {account: post}
contacts: {张总: zhang@example.com, Finance: [a@example.com, b@example.com]}
chat: {运营群: {kind: plain, url: "https://chat.example.com:8443/x"}, ops: {kind: plain, url: "https://chat.example.com/ops"}}
sites: {claims portal: {url: "https://claims.example.com", account: claims}, 报销网站: {url: "https://bx.example.com"}}
databases: {ERP: "postgres://db.example.com:5432/erp", 仓库: "sqlite:wms.db"}
printers: {二楼打印机: HP_2F}
accounts: {erp: {user: u, hosts: [erp.example.com]}, 财务: {user: cw, hosts: [cw.example.com]}, key: {env: MY_KEY}, post: {user: robot@example.com, hosts: ["post.example.com:465"]}, claims: {user: c}}
models: {big: {url: "https://m.example.com/v1", account: key}}
`

func parsed(t *testing.T, text string, env map[string]string) *Config {
	t.Helper()
	cfg, err := Parse("/home/config.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	cfg.env = func(k string) string { return env[k] }
	return cfg
}

func TestLookups(t *testing.T) {
	cfg := parsed(t, people, nil)
	for _, c := range []struct{ kind, name, want string }{
		{"contact", "张总", "张总"}, {"contact", " ｆｉｎａｎｃｅ ", "Finance"}, {"contact", "张", ""},
		{"chat", "运营群", "运营群"}, {"chat", "运营", "运营群"}, {"chat", "#ops", "ops"}, {"chat", "Ops channel", "ops"}, {"chat", "运营群机器人", "运营群"},
		{"site", "Claims  Portal", "claims portal"}, {"site", "claims portal site", "claims portal"}, {"site", "报销", "报销网站"}, {"site", "website", ""},
		{"database", "erp", "ERP"}, {"database", "ERP 库", "ERP"}, {"database", "the ERP", ""}, {"database", "erp database", "ERP"}, {"database", "仓库", "仓库"}, {"database", "仓库数据库", "仓库"},
		{"printer", "二楼", "二楼打印机"}, {"account", "ERP", "erp"}, {"model", "BIG", "big"},
	} {
		got, _ := cfg.Find(c.kind, c.name)
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.kind, c.name, got, c.want)
		}
	}
}

func TestLookupsGiveTheEntry(t *testing.T) {
	cfg := parsed(t, people, nil)
	if to, ok := cfg.Contact("finance"); !ok || !slices.Equal(to, []string{"a@example.com", "b@example.com"}) {
		t.Errorf("contact: %v, %v", to, ok)
	}
	if url, account, ok := cfg.Site("claims portal"); url != "https://claims.example.com" || account != "claims" || !ok {
		t.Errorf("site: %q, %q, %v", url, account, ok)
	}
	if db, ok := cfg.Database("仓库数据库"); !ok || db.Kind != "sqlite" || db.Path != "/home/wms.db" {
		t.Errorf("database: %+v, %v", db, ok)
	}
	if c, ok := cfg.Chat("运营"); !ok || c.Kind != "plain" {
		t.Errorf("chat: %+v, %v", c, ok)
	}
	if p, ok := cfg.Printer("二楼"); !ok || p.Queue != "HP_2F" {
		t.Errorf("printer: %+v, %v", p, ok)
	}
	if m, ok := cfg.LanguageModel("Big"); !ok || m.URL != "https://m.example.com/v1" {
		t.Errorf("model: %+v, %v", m, ok)
	}
}

func TestLookupOfTwoIsNone(t *testing.T) {
	cfg := parsed(t, `chat: {运营群聊: {kind: plain, url: "https://a.example.com"}, 运营群: {kind: plain, url: "https://b.example.com"}}`, nil)
	if x, ok := cfg.Chat("运营群"); !ok || x.Name != "运营群" {
		t.Errorf("an exact name: %v, %v", x, ok)
	}
	if x, ok := cfg.Chat("运营"); ok {
		t.Errorf("two fit, and %v was taken", x)
	}
	if near := cfg.Near("chat", "运营部"); len(near) == 0 {
		t.Error("no candidates for 运营部")
	}
}

func TestHosts(t *testing.T) {
	got := parsed(t, people, nil).Hosts()
	want := []string{"db.example.com:5432", "chat.example.com:8443", "chat.example.com", "claims.example.com", "bx.example.com", "erp.example.com", "cw.example.com", "post.example.com:465", "m.example.com"}
	if !slices.Equal(got, want) {
		t.Errorf("hosts %v\nwant  %v", got, want)
	}
}

func TestSecret(t *testing.T) {
	cfg := parsed(t, people, map[string]string{"DAIBAN_SECRET_ERP": "p1", "DAIBAN_SECRET_财务": "p2", "MY_KEY": "p3", "DAIBAN_SECRET_KEY": "wrong", "DAIBAN_SECRET_CLAIMS": "p4"})
	cfg.Vault = func(name string) (string, bool, error) { return "v", name == "post", nil }
	for _, c := range []struct{ account, host, user, password string }{
		{"erp", "erp.example.com", "u", "p1"}, {"ERP", "ERP.example.com:8443", "u", "p1"}, {"key", "m.example.com", "", "p3"},
		{"财务", "cw.example.com:443", "cw", "p2"}, {"post", "post.example.com:465", "robot@example.com", "v"}, {"claims", "claims.example.com", "c", "p4"},
	} {
		cred, err := cfg.Secret(c.account, c.host)
		if cred.User != c.user || cred.Password != c.password || err != nil {
			t.Errorf("%s: %q, %v; want %q, %q", c.account, cred, err, c.user, c.password)
		}
	}
	if _, err := cfg.Secret("post", "post.example.com:25"); err == nil {
		t.Error("the secret of post went to another port")
	}
	for _, host := range []string{"example.com", "erp.example.com.evil.com", "", "xerp.example.com"} {
		if _, err := cfg.Secret("erp", host); err == nil {
			t.Errorf("the secret of erp went to %q", host)
		}
	}
	_, err := cfg.Secret("erq", "erp.example.com")
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != "missing" || !strings.Contains(p.ZH, "是不是 erp") || !strings.Contains(p.EN, "did you mean erp") {
		t.Errorf("an account that is not there: %v", err)
	}
	cfg.env = func(string) string { return "" }
	if _, err = cfg.Secret("财务", "cw.example.com"); err == nil || !strings.Contains(err.Error(), "daiban account set 财务, or set the variable DAIBAN_SECRET_财务") {
		t.Errorf("an account without a password: %v", err)
	}
}

func TestSender(t *testing.T) {
	for text, want := range map[string]string{
		people: "robot@example.com",
		"mail: {from: me@example.com, account: post}\naccounts: {post: {user: robot@example.com}}": "me@example.com",
		"": "daiban@localhost",
	} {
		if from, _, _ := parsed(t, text, nil).Mail(); from != want {
			t.Errorf("sender %q, want %q for\n%s", from, want, text)
		}
	}
}
