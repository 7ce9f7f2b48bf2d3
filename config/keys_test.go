package config

import (
	"slices"
	"testing"
)

func TestKeys(t *testing.T) {
	c, err := Parse("config.yaml", []byte(`
mail: {smtp: "smtp://robot:mail%20pass@mail.example.com"}
databases: {ERP: "postgres://sa:db-pass@db/erp", 本地: "sqlite:erp.db", ms: "sqlserver://db?user=sa&Password=ms-pass"}
chat:
  运营群: {kind: wecom, url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4"}
  钉钉: {kind: dingtalk, url: "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec"}
  飞书: {kind: feishu, url: "https://open.feishu.cn/open-apis/bot/v2/hook/c4a3b1d2-0000-4e5f"}
  slack: {kind: slack, url: "https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXXXXXXXXXXXXXX"}
sites: {portal: "https://user@portal.example.com/long/path/of/the/portal"}
models: {big: {url: "https://api.example.com/v1?api_key=model-key", name: big}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Key{{"", "566cc69da782ec"}, {"", "693a91f6-7xxx-4bc4"}, {"", "XXXXXXXXXXXXXXXXXXXXXXXX"}, {"", "c4a3b1d2-0000-4e5f"},
		{"", "model-key"}, {"", "ms-pass"}, {"robot", "mail pass"}, {"sa", "db-pass"}}
	if got := c.Keys(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := Default(t.TempDir()).Keys(); len(got) > 0 {
		t.Errorf("without settings: %q", got)
	}
}

func TestAccountsNamed(t *testing.T) {
	c, err := Parse("config.yaml", []byte(`
mail: {smtp: "smtp://mail.example.com:587", imap: "imaps://imap.example.com", account: 邮箱}
databases: {ERP: {url: "postgres://db/erp", account: erp}}
accounts: {erp: {user: u, hosts: ["erp.example.com"]}, idle: {user: x}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.AccountNames(); !slices.Equal(got, []string{"erp", "idle", "邮箱"}) {
		t.Errorf("%q", got)
	}
	for name, want := range map[string][]string{"erp": {"erp.example.com", "db"}, "idle": nil, "邮箱": {"mail.example.com:587", "imap.example.com"}, "none": nil} {
		if got := c.HostsOf(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
