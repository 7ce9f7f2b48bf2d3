package http

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"daiban/action"
	"daiban/actions/internal/client"
	"daiban/flow"
)

// Post sends to a service.
var Post = action.Define(action.Spec{
	Name:   "http.post",
	Effect: action.Sends,
	Again:  action.Probed,
	Doc: "Sends data to an address, as JSON (a row an object, a table an array) or as a form, with an Idempotency-Key. expect is what must hold of the answer, " +
		"over its fields and `status`, as in expect=ok == True; where it does not hold the step has failed. No answer, or a 5xx, is uncertain. After a crash it is sent " +
		"again only to a service that has shown in this run that it knows the key (it answered with it); else it is uncertain.",
	DocZH: "把数据发到网址，用 JSON（一行是对象，一张表是数组）或表单，带 Idempotency-Key。expect 是回答必须满足的条件，用回答里的字段和 status 来写，如 expect=ok == True；" +
		"不满足就是失败。没有回答或 5xx 是“不确定”。中断后，只有服务在这次运行里表明认得这个键（回答里带着它）才会重发，否则是“不确定”。",
	Says:  action.Sentence{ZH: "[把 {data} ]发到 {url}[，{form}用表单][，账号 {account}][，回答应满足 {expect}]", EN: "Post[ {data}] to {url}[ {form}as a form][ as {account}][, expecting {expect}]"},
	Probe: probe,
}, post)

type postIn struct {
	URL     string        `arg:"url,positional" doc:"the address" zh:"网址"`
	Data    flow.Value    `arg:"data,optional,kind=rows" doc:"a row or a table" zh:"一行或一张表"`
	Form    bool          `arg:"form,default=False" doc:"as a form, not JSON" zh:"用表单，不用 JSON"`
	Account action.Secret `arg:"account,optional" doc:"name of the account" zh:"账号的名称"`
	Expect  action.Expr   `arg:"expect,optional" doc:"what must hold of the answer" zh:"回答必须满足的条件"`
}

// Bounds of what is sent, in bytes, and of what a preview shows of it.
const (
	bodyMax = 64 << 20
	showMax = 2000
)

func post(c *action.Call, in postIn) (flow.Value, error) {
	u, err := client.Parse(in.URL)
	if err != nil {
		return flow.Value{}, err
	}
	body, kind, err := bodyOf(in)
	if err != nil {
		return flow.Value{}, err
	}
	if err := c.Net.Allow(client.HostPort(u)); err != nil {
		return flow.Value{}, err
	}
	if in.Account != "" && !c.Preview { // a missing password is known before anything is on its way
		if _, err := c.Account.Secret(string(in.Account), client.HostPort(u)); err != nil {
			return flow.Value{}, err
		}
	}
	detail := map[string]any{"method": "POST", "bytes": len(body)}
	if len(body) > 0 {
		detail["type"], detail["body"] = kind, short(shown(in.Form, body), showMax)
	}
	if in.Account != "" {
		detail["account"] = string(in.Account)
	}
	if in.Expect.Compile != nil {
		detail["expect"] = in.Expect.Text
	}
	c.Do(action.Planned{Target: client.Shown(u), Detail: detail, Class: action.Sends,
		Do: func() (flow.Value, error) { return send(c, in, u, body, kind) }})
	return flow.Null(), nil
}

// shown is a body for people.
func shown(form bool, body []byte) string {
	if s, err := url.QueryUnescape(string(body)); form && err == nil {
		return s
	}
	return string(body)
}

// bodyOf is what is sent, and its type.
func bodyOf(in postIn) (body []byte, kind string, err error) {
	v := in.Data
	if v.Kind() == flow.UnknownKind { // a preview: only an effect can tell
		v = flow.Null()
	}
	if in.Form {
		kind = "application/x-www-form-urlencoded"
		row := v.Row()
		if t := action.AsTable(v); row == nil && t != nil && t.Len() == 1 {
			row, err = onlyRow(t)
		}
		if err != nil || v.IsNull() {
			return nil, kind, err
		}
		if row == nil {
			return nil, "", action.Bad("表单一次发一行，data 是%s；逐行发用 for row in each(…)", "a form is one row, and data is a %s; send rows one by one with for row in each(…)", v.Kind())
		}
		form, err := pairs(row, "data")
		return []byte(form), kind, err
	}
	kind = "application/json; charset=utf-8"
	switch v.Kind() {
	case flow.NullKind:
		return nil, kind, nil
	case flow.RowKind, flow.TableKind, flow.ListKind:
	default:
		return nil, "", action.Bad("data 要一行或一张表，这里是%s", "data must be a row or a table, not a %s", v.Kind())
	}
	body, err = jsonOf(v)
	return body, kind, err
}

// jsonOf is v as JSON, a table row by row so that one too large ends early.
func jsonOf(v flow.Value) ([]byte, error) {
	t := v.Table()
	if t == nil {
		return bounded(flow.AppendPlain(nil, v))
	}
	b := []byte{'['}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		if b, err = bounded(flow.AppendPlain(b, flow.RowOf(flow.NewRow(t.Columns(), row)))); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func bounded(b []byte, err error) ([]byte, error) {
	if err == nil && len(b) > bodyMax {
		return nil, action.Limit("要发的数据超过 %d MB；分批发", "the data are larger than %d MB; send them in parts", bodyMax>>20)
	}
	return b, err
}

func onlyRow(t flow.Table) (*flow.Row, error) {
	h, err := flow.Head(t, 1)
	if err != nil {
		return nil, err
	}
	return flow.NewRow(h.Cols, h.Data[0]), nil
}

// A keyed memo says that a service has shown that it knows Idempotency-Keys.
type keyed struct {
	Keyed string `json:"keyed"` // its host and port
}

// send sends, and holds the answer against what is expected.
func send(c *action.Call, in postIn, u *url.URL, body []byte, kind string) (flow.Value, error) {
	x := client.New(c)
	defer x.Close()
	r := &client.Request{URL: u, Body: body, Account: string(in.Account), Keyed: honours(c, u),
		Header: http.Header{"Accept": {accept}, "Idempotency-Key": {c.Key}}}
	if len(body) > 0 {
		r.Header.Set("Content-Type", kind)
	}
	a, err := x.Post(r)
	if err != nil {
		return flow.Value{}, err
	}
	defer a.Close()
	if knows(a.Header, c.Key) && c.Memo != nil {
		c.Memo(keyed{client.HostPort(u)})
	}
	b, err := a.All(answerMax)
	if err != nil {
		return flow.Value{}, err
	}
	return judge(c, x, in, u, a, b)
}

// knows reports whether an answer shows that its service knows the key: it gives it back, or says that
// it has answered this one before.
func knows(h http.Header, key string) bool {
	if strings.Trim(h.Get("Idempotency-Key"), `"`) == key {
		return true
	}
	for _, name := range []string{"Idempotent-Replayed", "Idempotency-Replayed", "X-Idempotent-Replayed", "X-Idempotency-Replayed"} {
		if strings.EqualFold(h.Get(name), "true") {
			return true
		}
	}
	return false
}

// honours reports whether an earlier answer in this run has shown that the service at u knows the key.
func honours(c *action.Call, u *url.URL) bool {
	if c.Memos == nil {
		return false
	}
	for _, raw := range c.Memos("http") {
		var m keyed
		if json.Unmarshal(raw, &m) == nil && m.Keyed == client.HostPort(u) {
			return true
		}
	}
	return false
}

// probe says after a crash that a post may be sent again: not that it has not happened, but that the
// service does one key once. Of any other service nothing is known.
func probe(c *action.Call, args action.Args) (happened, known bool, err error) {
	v, ok := args["url"].(flow.Value)
	if !ok {
		return false, false, nil
	}
	u, err := client.Parse(v.String())
	if err != nil {
		return false, false, err
	}
	return false, honours(c, u), nil
}

// short is s of at most n characters.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
