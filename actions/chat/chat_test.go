package chat

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

func TestCases(t *testing.T) { actiontest.Cases(t, All, "testdata/*/*.txtar") }

const (
	key    = "693axxx6-7aoc-4bc4-97a0" // of a robot's address
	secret = "SEC0123456789abcdef"     // that signs
)

// A robotServer answers as the robots of a kind do, and keeps what it took.
type robotServer struct {
	t      *testing.T
	kind   string
	answer string // "" for that of success
	status int
	signed bool
	got    []string // bodies
	files  []string // uploaded
	breaks int64    // the post that is broken off, from 1
	n      atomic.Int64
}

var successes = map[string]string{"wecom": `{"errcode":0,"errmsg":"ok"}`, "dingtalk": `{"errcode":0,"errmsg":"ok"}`, "feishu": `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`,
	"slack": "ok", "teams": "1", "plain": ""}

func (s *robotServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Query().Get("key") != key {
		s.t.Errorf("asked for %s", r.URL)
	}
	if r.URL.Path == "/hook/upload_media" {
		s.upload(w, r, body)
		return
	}
	if r.Header.Get("Content-Type") != "application/json; charset=utf-8" || !json.Valid(body) {
		s.t.Errorf("a %s with %s", r.Header.Get("Content-Type"), body)
	}
	if s.n.Add(1) == s.breaks {
		panic(http.ErrAbortHandler)
	}
	if s.signed && !s.fits(r, body) {
		io.WriteString(w, `{"errcode":310000,"errmsg":"sign not match","code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`)
		return
	}
	s.got = append(s.got, string(body))
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	if s.answer != "" {
		io.WriteString(w, s.answer)
		return
	}
	io.WriteString(w, successes[s.kind])
}

func (s *robotServer) upload(w http.ResponseWriter, r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	f, head, err := r.FormFile("media")
	if err != nil || r.URL.Query().Get("type") != "file" {
		s.t.Errorf("upload: %v, %s", err, r.URL)
		return
	}
	data, _ := io.ReadAll(f)
	s.files = append(s.files, fmt.Sprintf("%s (%d)", head.Filename, len(data)))
	io.WriteString(w, `{"errcode":0,"errmsg":"ok","type":"file","media_id":"M`+strconv.Itoa(len(s.files))+`"}`)
}

// fits computes the signature as the documentation of the robots says, from what came.
func (s *robotServer) fits(r *http.Request, body []byte) bool {
	sum := func(key, text string) string {
		h := hmac.New(sha256.New, []byte(key))
		io.WriteString(h, text)
		return base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	if s.kind == "dingtalk" {
		stamp := r.URL.Query().Get("timestamp")
		ms, _ := strconv.ParseInt(stamp, 10, 64)
		return time.Since(time.UnixMilli(ms)).Abs() < time.Hour && r.URL.Query().Get("sign") == sum(secret, stamp+"\n"+secret)
	}
	var b struct{ Timestamp, Sign string }
	json.Unmarshal(body, &b)
	sec, _ := strconv.ParseInt(b.Timestamp, 10, 64)
	return time.Since(time.Unix(sec, 0)).Abs() < time.Hour && b.Sign == sum(b.Timestamp+"\n"+secret, "")
}

// group is an Env with the group 运营群 of a kind.
func group(t *testing.T, kind string) (*actiontest.Env, *robotServer) {
	s := &robotServer{t: t, kind: kind}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	e := actiontest.New(t, All)
	e.Grants = []string{server.Listener.Addr().String()}
	e.Chats = []action.Chat{{Name: "运营群", Kind: kind, URL: server.URL + "/hook/send?key=" + key}}
	e.Secrets = map[string]action.Credential{"robot": {Password: secret}}
	e.Vars["rows"] = flow.TableOf(flow.NewTable([]flow.Column{{Name: "客户", Kind: flow.TextKind}, {Name: "金额", Kind: flow.NumberKind}},
		[]flow.Value{flow.Text("北京甲公司"), flow.NumInt(1200)}, []flow.Value{flow.Text("B & <Co>"), flow.NumInt(7)}))
	os.WriteFile(filepath.Join(e.Dir, "报表.xlsx"), []byte("PK\x03\x04 data"), 0o666)
	return e, s
}

// clean looks for secrets in all that people see.
func clean(t *testing.T, e *actiontest.Env, err error) {
	t.Helper()
	said := fmt.Sprint(e.Notes)
	if err != nil {
		said += action.Explain(err, "zh") + action.Explain(err, "en")
	}
	for _, p := range e.Effects {
		said += fmt.Sprint(p.Target, p.Detail)
	}
	for _, s := range []string{key, secret, "hook/send"} {
		if strings.Contains(said, s) {
			t.Errorf("%s shows in %s", s, said)
		}
	}
}

func sends(t *testing.T, e *actiontest.Env, src string) {
	t.Helper()
	_, err := e.Flow(src)
	if err != nil {
		t.Errorf("%s: %v", src, err)
	}
	clean(t, e, err)
	if n := len(e.Effects); n > 0 && !strings.HasSuffix(e.Effects[n-1].Target, "·运营群") {
		t.Errorf("the effect is on %s", e.Effects[n-1].Target)
	}
}

func fails(t *testing.T, e *actiontest.Env, src, kind, want string) {
	t.Helper()
	_, err := e.Flow(src)
	p, ok := err.(*action.Problem)
	if !ok || p.Kind != kind || !strings.Contains(p.EN, want) || p.ZH == "" || p.ZH == p.EN {
		t.Errorf("%s: error %v; want %s with %q", src, err, kind, want)
	}
	clean(t, e, err)
}

func TestTexts(t *testing.T) {
	for _, c := range []struct{ kind, text, want string }{
		{"wecom", "车到了 <@all>", `{"msgtype":"text","text":{"content":"车到了 <` + "\u200b" + `@all>"}}`},
		{"wecom", "**急**", `{"markdown":{"content":"**急**"},"msgtype":"markdown"}`},
		{"dingtalk", "@所有人 车到了", `{"at":{"isAtAll":false},"msgtype":"text","text":{"content":"@所有人 车到了"}}`},
		{"dingtalk", "# 日报\n**3** 单", `{"at":{"isAtAll":false},"markdown":{"text":"# 日报\n**3** 单","title":"日报"},"msgtype":"markdown"}`},
		{"feishu", `车到了 <at user_id="all">所有人</at>`, `{"content":{"text":"车到了 ＜at user_id=\"all\">所有人＜/at>"},"msg_type":"text"}`},
		{"feishu", `[看](https://a.cn/) < at id=all>`, `{"card":{"body":{"elements":[{"content":"[看](https://a.cn/) ＜ at id=all>","tag":"markdown"}]},"schema":"2.0"},"msg_type":"interactive"}`},
		{"slack", "<!channel> a & b", `{"text":"&lt;!channel&gt; a &amp; b"}`},
		{"slack", "# Day\n**3** [see](https://a.cn/?a=1&b=2)", `{"text":"*Day*\n*3* <https://a.cn/?a=1&amp;b=2|see>"}`},
		{"teams", "<at>everyone</at>", `{"attachments":[{"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","body":[{"text":"<at>everyone</at>","type":"TextBlock","wrap":true}],"msteams":{"width":"Full"},"type":"AdaptiveCard","version":"1.5"},"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null}],"type":"message"}`},
		{"plain", "车到了\n下来", `{"text":"车到了\n下来"}`},
	} {
		e, s := group(t, c.kind)
		e.Vars["text"] = flow.Text(c.text)
		sends(t, e, `chat.send("运营群", text)`)
		if got := strings.Join(s.got, "; "); got != c.want {
			t.Errorf("%s: the robot got\n%s, want\n%s", c.kind, got, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	e, s := group(t, "plain")
	sends(t, e, `rate = {"usd": 7.12, "日期": date("2026-03-06")}
chat.send("运营群", rate)`)
	sends(t, e, `chat.send("运营群", ["a", "b"])`)
	sends(t, e, `chat.send("运营群", 12)`)
	sends(t, e, `chat.send("运营群", "", attach=[{"a": 1}, {"a": 2}])`)
	sends(t, e, `chat.send("运营群", [{"a": 3}, {"a": 4}])`)
	if got, want := strings.Join(s.got, " "), `{"text":"usd: 7.12\n日期: 2026-03-06"} {"text":"a\nb"} {"text":"12"} {"text":"a\n1\n2"} {"text":"a\n3\n4"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	fails(t, e, `chat.send("运营群", " ")`, "input", "nothing to send")
	fails(t, e, `chat.send("运营群", "x", attach="报.xlsx")`, "missing", "报表.xlsx")
}

func TestTables(t *testing.T) {
	for kind, want := range map[string]string{
		"dingtalk": `{"at":{"isAtAll":false},"msgtype":"text","text":{"content":"今天\n\n客户        金额\n北京甲公司  1200\nB & <Co>       7"}}`,
		"slack":    "{\"text\":\"今天\\n\\n```\\n客户        金额\\n北京甲公司  1200\\nB &amp; &lt;Co&gt;       7\\n```\"}",
		"plain":    `{"text":"今天\n\n客户        金额\n北京甲公司  1200\nB & <Co>       7"}`,
		"feishu": `{"card":{"body":{"elements":[{"content":"今天","tag":"markdown"},{"columns":[{"data_type":"text","display_name":"客户","horizontal_align":"left","name":"c0","width":"auto"},` +
			`{"data_type":"text","display_name":"金额","horizontal_align":"right","name":"c1","width":"auto"}],"page_size":10,"row_height":"low","rows":[{"c0":"北京甲公司","c1":"1200"},{"c0":"B & <Co>","c1":"7"}],"tag":"table"}]},"schema":"2.0"},"msg_type":"interactive"}`,
	} {
		e, s := group(t, kind)
		sends(t, e, `chat.send("运营群", "今天", attach=rows)`)
		if got := strings.Join(s.got, "; "); got != want {
			t.Errorf("%s: the robot got\n%s, want\n%s", kind, got, want)
		}
	}
	e, s := group(t, "teams")
	sends(t, e, `chat.send("运营群", "今天", attach=rows)`)
	if got := strings.Join(s.got, ""); strings.Count(got, `"TableRow"`) != 3 || !strings.Contains(got, `"text":"北京甲公司"`) || !strings.Contains(got, `"text":"今天"`) {
		t.Errorf("teams: %s", got)
	}
}

// WeCom shows a table as a picture, with its MD5; one that is too large, or has signs that the font lacks, is a file.
func TestWeComTables(t *testing.T) {
	e, s := group(t, "wecom")
	sends(t, e, `chat.send("运营群", "今天", attach=rows)`)
	if len(s.got) != 2 {
		t.Fatalf("got %v", s.got)
	}
	var m struct {
		Image struct{ Base64, MD5 string }
	}
	json.Unmarshal([]byte(s.got[1]), &m)
	data, err := base64.StdEncoding.DecodeString(m.Image.Base64)
	sum := md5.Sum(data)
	if err != nil || hex.EncodeToString(sum[:]) != m.Image.MD5 {
		t.Fatalf("%v, md5 %s", err, m.Image.MD5)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() < 200 || img.Bounds().Dy() < 3*rowHeight {
		t.Errorf("%v, %v", err, img)
	}
	e.Vars["rows"] = flow.TableOf(flow.NewTable([]flow.Column{{Name: "心情"}}, []flow.Value{flow.Text("😀")}))
	sends(t, e, `chat.send("运营群", attach=rows)`)
	if got := strings.Join(s.files, " "); got != "data.csv (17)" || !strings.Contains(s.got[2], `{"media_id":"M1"}`) {
		t.Errorf("uploaded %s, sent %s", got, s.got[2])
	}
}

func TestFiles(t *testing.T) {
	for kind := range robots {
		e, s := group(t, kind)
		if kind != "wecom" {
			fails(t, e, `chat.send("运营群", "见附件", attach="报表.xlsx")`, "refused", "take no files")
			if len(s.got) > 0 || len(e.Effects) > 0 {
				t.Errorf("%s: something was sent: %v", kind, s.got)
			}
			continue
		}
		sends(t, e, `chat.send("运营群", "见附件", attach="报表.xlsx")`)
		if got := strings.Join(s.files, " ") + strings.Join(s.got, ""); got != `报表.xlsx (9){"msgtype":"text","text":{"content":"见附件"}}{"file":{"media_id":"M1"},"msgtype":"file"}` {
			t.Errorf("got %s", got)
		}
		os.WriteFile(filepath.Join(e.Dir, "图.png"), []byte("\x89PNG\r\n\x1a\n data"), 0o666)
		sends(t, e, `chat.send("运营群", attach="图.png")`)
		if got := s.got[2]; !strings.Contains(got, `"msgtype":"image"`) {
			t.Errorf("a picture goes as %s", got)
		}
	}
}

func TestSigned(t *testing.T) {
	for _, kind := range []string{"dingtalk", "feishu"} {
		e, s := group(t, kind)
		s.signed = true
		fails(t, e, `chat.send("运营群", "x")`, "refused", "the signature does not fit")
		e.Chats[0].Account = "robot"
		sends(t, e, `chat.send("运营群", "x")`)
		if len(s.got) != 1 {
			t.Errorf("%s: got %v", kind, s.got)
		}
		e.Chats[0].Account = "none"
		fails(t, e, `chat.send("运营群", "x")`, "missing", "no account none")
	}
}

// A no with status 200 is a no; what is no answer of a robot leaves in doubt.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		kind       string
		status     int
		answer     string
		err, words string
	}{
		{"wecom", 0, `{"errcode":93000,"errmsg":"invalid webhook url ` + key + `"}`, "refused", "93000 invalid webhook url ***; the robot's address is wrong"},
		{"wecom", 0, `{"errcode":45009,"errmsg":"api freq out of limit"}`, "refused", "too often"},
		{"wecom", 0, `<html>请先登录</html>`, "doubt", "请先登录"},
		{"wecom", 0, `{}`, "doubt", "not understood"},
		{"dingtalk", 0, `{"errcode":310000,"errmsg":"description:keywords not in content"}`, "refused", "one of the robot's keywords"},
		{"dingtalk", 0, `{"errcode":310000,"errmsg":"description:ip 1.2.3.4 not in whitelist"}`, "refused", "list of addresses"},
		{"feishu", 0, `{"code":19024,"msg":"Key Words Not Found"}`, "refused", "keywords"},
		{"feishu", 0, `{"code":9499,"msg":"Bad Request"}`, "refused", "9499 Bad Request"},
		{"slack", 404, `no_service`, "refused", "no_service"},
		{"slack", 400, `invalid_payload`, "refused", "invalid_payload"},
		{"slack", 200, `hello`, "doubt", "hello"},
		{"teams", 200, `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429`, "refused", "too often"},
		{"teams", 202, ``, "", ""},
		{"plain", 204, ``, "", ""},
		{"plain", 200, `{"success":false,"message":"closed"}`, "refused", "closed"},
		{"plain", 200, `{"ok":true}`, "", ""},
		{"plain", 500, `oops`, "doubt", "500"},
		{"wecom", 302, ``, "refused", "redirects"},
	} {
		e, s := group(t, c.kind)
		s.status, s.answer = c.status, c.answer
		if c.answer == "" {
			s.kind = "plain"
		}
		if s.status == http.StatusFound {
			server := httptest.NewServer(http.RedirectHandler("/x?key="+key, http.StatusFound))
			defer server.Close()
			e.Grants = append(e.Grants, server.Listener.Addr().String())
			e.Chats[0].URL = server.URL + "/hook/send?key=" + key
		}
		if c.err == "" {
			sends(t, e, `chat.send("运营群", "x")`)
		} else {
			fails(t, e, `chat.send("运营群", "x")`, c.err, c.words)
		}
	}
}

// Long texts go in numbered parts that each robot takes; too many are refused before anything is sent.
func TestLong(t *testing.T) {
	long := strings.Repeat("今天的出库一共三百二十单。", 100)
	for kind, r := range robots {
		e, s := group(t, kind)
		e.Vars["text"] = flow.Text(long)
		n := 1
		if len(long) > r.max {
			n = (len(long) + r.max - 1) / r.max
		}
		sends(t, e, `chat.send("运营群", text)`)
		if len(s.got) < n || len(s.got) > n+1 {
			t.Errorf("%s: in %d parts, want %d", kind, len(s.got), n)
		}
		var whole strings.Builder
		for i, b := range s.got {
			var m struct {
				Text    any
				Content struct{ Text string }
			}
			json.Unmarshal([]byte(b), &m)
			text := m.Content.Text
			switch x := m.Text.(type) {
			case string:
				text = x
			case map[string]any:
				text = x["content"].(string)
			}
			if len(text) > r.max {
				t.Errorf("%s: a part of %d bytes", kind, len(text))
			}
			text = strings.TrimPrefix(text, fmt.Sprintf("(%d/%d)\n", i+1, len(s.got)))
			whole.WriteString(text)
		}
		if kind != "teams" && whole.String() != long {
			t.Errorf("%s: the parts together are not the text", kind)
		}
	}
	e, s := group(t, "wecom")
	e.Vars["text"] = flow.Text(strings.Repeat(long, 10))
	fails(t, e, `chat.send("运营群", text)`, "limit", "10 are the most")
	if len(s.got) > 0 {
		t.Error("something was sent")
	}
}

// A table that is too long for one message goes in several, each with its head.
func TestLongTables(t *testing.T) {
	rows := [][]flow.Value{}
	for i := range 300 {
		rows = append(rows, []flow.Value{flow.Text("客户" + strconv.Itoa(i)), flow.Text(strings.Repeat("货", 20)), flow.NumInt(int64(i))})
	}
	table := flow.TableOf(flow.NewTable([]flow.Column{{Name: "客户"}, {Name: "货物"}, {Name: "数量"}}, rows...))
	for kind, r := range robots {
		e, s := group(t, kind)
		e.Vars["rows"] = table
		if kind == "wecom" {
			sends(t, e, `chat.send("运营群", attach=rows)`)
			if len(s.files) != 1 {
				t.Errorf("wecom: %v", s.files)
			}
			continue
		}
		_, err := e.Flow(`chat.send("运营群", attach=rows)`)
		if kind == "teams" || kind == "slack" {
			if p, ok := err.(*action.Problem); err != nil && (!ok || p.Kind != "limit" || len(s.got) > 0) {
				t.Errorf("%s: %v", kind, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		all := strings.Join(s.got, "")
		for _, b := range s.got {
			if len(b) > max(r.max, r.cardMax)*11/10 {
				t.Errorf("%s: a message of %d bytes", kind, len(b))
			}
			if !strings.Contains(b, "数量") {
				t.Errorf("%s: a part without its head", kind)
			}
		}
		for i := range 300 {
			if err == nil && strings.Count(all, `客户`+strconv.Itoa(i)+`"`)+strings.Count(all, `客户`+strconv.Itoa(i)+` `) != 1 {
				t.Errorf("%s: row %d is not there once", kind, i)
				break
			}
		}
	}
}

// A message of which a part is out is in doubt, and says how far it got; a lost answer is in doubt, too.
func TestPartly(t *testing.T) {
	long := strings.Repeat("今天的出库一共三百二十单。", 100)
	e, s := group(t, "wecom")
	s.breaks = 2
	e.Vars["text"] = flow.Text(long)
	fails(t, e, `chat.send("运营群", text)`, "doubt", "of 2 parts, 1 were posted")
	e, s = group(t, "slack")
	s.breaks = 1
	fails(t, e, `chat.send("运营群", "x")`, "doubt", "may or may not")
	if n := s.n.Load(); n != 1 {
		t.Errorf("posted %d times", n)
	}
	e, s = group(t, "wecom")
	s.t = t
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	e.Grants = append(e.Grants, server.Listener.Addr().String())
	e.Chats[0].URL = server.URL + "/hook/send?key=" + key
	fails(t, e, `chat.send("运营群", attach="报表.xlsx")`, "io", "nothing was posted")
	none := httptest.NewServer(http.NotFoundHandler())
	defer none.Close()
	e.Grants = append(e.Grants, none.Listener.Addr().String())
	e.Chats[0].URL = none.URL + "/hook/send?key=" + key
	fails(t, e, `chat.send("运营群", attach="报表.xlsx")`, "refused", "“报表.xlsx” was not uploaded, and nothing was posted: wecom·运营群 refused: 404")
	none.Close()
	fails(t, e, `chat.send("运营群", "x")`, "io", "cannot reach wecom·运营群")
}

// A robot that takes the message and is silent is in doubt when the time is over.
func TestLate(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-hold }))
	defer server.Close()
	defer close(hold)
	e, _ := group(t, "wecom")
	e.Grants = append(e.Grants, server.Listener.Addr().String())
	e.Chats[0].URL = server.URL + "/hook/send?key=" + key
	c, view := e.Call()
	defer view.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	c.Context = ctx
	if _, err := Send.Run(c, action.Args{"to": flow.Text("运营群"), "text": flow.Text("x")}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Effect().Do()
	if p, ok := err.(*action.Problem); !ok || p.Kind != "doubt" {
		t.Errorf("late: %v", err)
	}
	clean(t, e, err)
}

func TestPreview(t *testing.T) {
	e, s := group(t, "feishu")
	e.Preview = true
	e.Chats[0].Account = "robot"
	c, view := e.Call()
	defer view.Close()
	if _, err := Send.Run(c, action.Args{"to": flow.Text("运营群"), "text": flow.Text("车到了"), "attach": e.Vars["rows"]}); err != nil {
		t.Fatal(err)
	}
	p := c.Effect()
	if got := fmt.Sprint(p.Target, p.Detail["body"], p.Detail["kind"], p.Detail["attach"]); got != "feishu·运营群车到了feishu[2 × 2]" || len(s.got) > 0 {
		t.Errorf("it shows %s, sent %v", got, s.got)
	}
	c, other := e.Call()
	defer other.Close()
	if _, err := Send.Run(c, action.Args{"to": flow.Text("运营群"), "attach": flow.Unknown()}); err != nil || c.Effect() == nil {
		t.Errorf("what only an effect can tell: %v", err)
	}
}
