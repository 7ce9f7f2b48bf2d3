package mail

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

// plainBook writes a table as a workbook would be, in lines.
func plainBook(_ context.Context, w io.Writer, t flow.Table) error {
	_, err := io.WriteString(w, actiontest.Show(flow.TableOf(t)))
	return err
}

var all = All(plainBook)

func TestCases(t *testing.T) { actiontest.Cases(t, all, "testdata/*/*.txtar") }

// mails is what lies in the outbox.
func mails(t *testing.T, e *actiontest.Env) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(e.Home, "outbox", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func put(t *testing.T, e *actiontest.Env, name, data string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.Dir, name), []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

// decoded is a mail as a reader's program shows it.
type decoded struct {
	header  netmail.Header
	subject string
	body    string
	names   []string
	files   []string
}

func decode(t *testing.T, raw []byte) decoded {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	d := decoded{header: m.Header}
	if d.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		d.body = transfer(t, m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return d
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for i := 0; ; i++ {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return d
		}
		if err != nil {
			t.Fatal(err)
		}
		text := transfer(t, p.Header.Get("Content-Transfer-Encoding"), p)
		if i == 0 {
			d.body = text
			continue
		}
		d.names, d.files = append(d.names, p.FileName()), append(d.files, text)
	}
}

func TestOutbox(t *testing.T) {
	e := actiontest.New(t, all)
	e.Lang = "zh"
	put(t, e, "三月 发票汇总（终稿）.xlsx", "PK\x03\x04 not really")
	if _, err := e.Flow(`mail.send(to="张三 <zhang@example.com>；li@example.com", cc="li@example.com, wang@例子.com", body="您好：\n请查收。", attach="三月 发票汇总（终稿）.xlsx")`); err != nil {
		t.Fatal(err)
	}
	files := mails(t, e)
	if len(files) != 1 || !strings.HasPrefix(filepath.Base(files[0]), "三月_发票汇总（终稿）-") || !strings.HasSuffix(files[0], ".eml") {
		t.Fatalf("outbox %q", files)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || strings.ContainsFunc(line, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("line %d cannot be sent: %q", i+1, line)
		}
	}
	d := decode(t, raw)
	if d.subject != "三月 发票汇总（终稿）" || d.body != "您好：\r\n请查收。\r\n" {
		t.Errorf("subject %q, body %q", d.subject, d.body)
	}
	if len(d.names) != 1 || d.names[0] != "三月 发票汇总（终稿）.xlsx" || d.files[0] != "PK\x03\x04 not really" {
		t.Errorf("attached %q: %q", d.names, d.files)
	}
	to, err := d.header.AddressList("To")
	if err != nil || len(to) != 2 || to[0].Name != "张三" || to[1].Address != "li@example.com" {
		t.Errorf("to %v, %v", to, err)
	}
	if cc := d.header.Get("Cc"); cc != "wang@xn--fsqu00a.com" {
		t.Errorf("cc %q", cc)
	}
	if date, err := d.header.Date(); err != nil || !date.Equal(actiontest.Now) {
		t.Errorf("date %v, %v", date, err)
	}
	p := e.Effects[0]
	if p.Class != action.Writes || p.Made != files[0] || p.Target != "zhang@example.com, li@example.com, wang@xn--fsqu00a.com" {
		t.Errorf("effect %+v", p)
	}
	if len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "没有设置 SMTP 服务器") {
		t.Errorf("notes %q", e.Notes)
	}
}

// The same effect is written once, with the same bytes, however often it is tried.
func TestOutboxOnce(t *testing.T) {
	e := actiontest.New(t, all)
	a := all.Find("mail.send")
	var raw [2][]byte
	for i := range raw {
		c, view := e.Call()
		defer view.Close()
		c.Key = "the key"
		if _, err := a.Run(c, action.Args{"to": flow.Text("a@example.com"), "body": flow.Text("hello")}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Effect().Do(); err != nil {
			t.Fatal(err)
		}
		files := mails(t, e)
		if len(files) != 1 {
			t.Fatalf("outbox %q", files)
		}
		raw[i], _ = os.ReadFile(files[0])
		if i == 0 {
			if err := os.Remove(files[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !bytes.Equal(raw[0], raw[1]) {
		t.Error("the bytes differ")
	}
}

func TestPreviewSendsNothing(t *testing.T) {
	e := actiontest.New(t, all)
	e.Preview = true
	if _, err := e.Flow(`mail.send(to="a@example.com", body="x")`); err != nil {
		t.Fatal(err)
	}
	if files := mails(t, e); len(files) != 0 {
		t.Errorf("outbox %q", files)
	}
}

// Nothing that fills a subject, a name or an address can become a header.
func TestInjection(t *testing.T) {
	e := actiontest.New(t, all)
	e.Vars["evil"] = flow.Text("Hello\r\nBcc: evil@example.com\r\n\r\nbody")
	if _, err := e.Flow(`mail.send(to="a@example.com", subject=evil, body="x")`); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(mails(t, e)[0])
	d := decode(t, raw)
	if d.header.Get("Bcc") != "" || d.subject != "Hello Bcc: evil@example.com body" || d.body != "x\r\n" {
		t.Errorf("headers %v, body %q", d.header, d.body)
	}
	e.Vars["to"] = flow.Text("a@example.com\r\nBcc: evil@example.com")
	if _, err := e.Flow(`mail.send(to=to, body="x")`); err == nil {
		t.Error("an address with a line end was taken")
	}
	put(t, e, "a\r\nBcc: evil@example.com\".txt", "x")
	e.Vars["file"] = flow.PathOf("a\r\nBcc: evil@example.com\".txt")
	if _, err := e.Flow(`mail.send(to="a@example.com", attach=file)`); err == nil {
		for _, f := range mails(t, e) {
			raw, _ := os.ReadFile(f)
			if strings.Contains(string(raw), "\r\nBcc:") {
				t.Errorf("%s", raw)
			}
		}
	}
}

// Tables go as workbooks, named by the subject; rows that stand together are one table.
func TestAttachTables(t *testing.T) {
	e := actiontest.New(t, all)
	cols := []flow.Column{{Name: "部门", Kind: flow.TextKind}}
	e.Vars["rows"] = flow.TableOf(flow.NewTable(cols, []flow.Value{flow.Text("甲")}))
	e.Vars["list"] = flow.ListOf(flow.RowOf(flow.NewRow(cols, []flow.Value{flow.Text("乙")})), flow.RowOf(flow.NewRow(cols, []flow.Value{flow.Text("丙")})))
	if _, err := e.Flow(`mail.send(to="a@example.com", subject="费用/三月", attach=[rows, list])`); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(mails(t, e)[0])
	d := decode(t, raw)
	if len(d.files) != 2 || d.names[0] != "费用 三月.xlsx" || d.names[1] != "费用 三月2.xlsx" || d.files[1] != "部门\n乙\n丙" {
		t.Errorf("attached %q: %q", d.names, d.files)
	}
}

func TestDefaultSubject(t *testing.T) {
	for _, c := range []struct{ args, lang, want string }{
		{`attach="a.txt"`, "zh", "a"},
		{`attach=["a.txt", "b.pdf"]`, "zh", "a 等 2 个附件"},
		{`attach=["a.txt", "b.pdf"]`, "en", "a and 1 more"},
		{`body="第一行\n第二行"`, "zh", "第一行"},
		{`body="` + strings.Repeat("长", 50) + `"`, "zh", strings.Repeat("长", 40) + "…"},
		{`subject="定了", body="x"`, "zh", "定了"},
	} {
		e := actiontest.New(t, all)
		e.Lang = c.lang
		put(t, e, "a.txt", "x")
		put(t, e, "b.pdf", "x")
		if _, err := e.Flow(`mail.send(to="a@example.com", ` + c.args + `)`); err != nil {
			t.Fatal(err)
		}
		raw, _ := os.ReadFile(mails(t, e)[0])
		if got := decode(t, raw).subject; got != c.want {
			t.Errorf("%s: subject %q, want %q", c.args, got, c.want)
		}
	}
}
