package http

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"daiban/action"
	"daiban/actions/internal/client"
	"daiban/flow"
)

// judge is the value of the answer to a post, when it is what is expected. An answer that says otherwise is
// a failure; one that cannot be held against expect, or not be read, leaves in doubt what happened.
func judge(c *action.Call, x *client.Client, in postIn, u *url.URL, a *client.Answer, body []byte) (flow.Value, error) {
	text := client.Text(body, a.Header.Get("Content-Type"))
	v, decoded, err := answerValue(c, text, a.Header.Get("Content-Type"))
	if err != nil {
		return flow.Value{}, action.Doubt("%s 收下了，回答却读不懂（%v）：%s", "%s took it, but its answer cannot be read (%v): %s", client.Shown(u), err, x.Words(text))
	}
	if signIn.MatchString(text) {
		return flow.Value{}, action.Doubt("%s 回答的是登录页，多半没有办：%s", "%s answered with a page to sign in on, and has likely done nothing: %s", client.Shown(u), x.Words(text))
	}
	if in.Expect.Compile == nil {
		doubtful(c, x, in, u, a, decoded, text)
		return v.From(source(u)), nil
	}
	cols, row := fields(v, a.Status)
	ok, err := holds(in.Expect, cols, row)
	switch {
	case err != nil:
		return flow.Value{}, action.Doubt("%s 的回答没法对照 %s（%v）：%s", "the answer of %s cannot be held against %s (%v): %s", client.Shown(u), in.Expect.Text, err, x.Words(text))
	case !ok:
		return flow.Value{}, otherwise(x, in, u, a, text)
	}
	return v.From(source(u)), nil
}

// signIn finds the field for a password that a page to sign in on has.
var signIn = regexp.MustCompile(`(?i)<input[^>]+type\s*=\s*["']?password`)

// answerValue is the answer as a value, and as it was decoded.
func answerValue(c *action.Call, text, kind string) (v flow.Value, decoded any, err error) {
	if text == "" {
		return flow.Null(), nil, nil
	}
	if !looksJSON(text, kind) {
		return flow.Text(text), nil, nil
	}
	if decoded, _, err = parse(text); err != nil {
		return flow.Value{}, nil, err
	}
	v, err = whole(c, decoded)
	return v, decoded, err
}

// fields is what expect is over: the fields of the answer, and where it has none of the name, `status` (of HTTP)
// and `answer` (all of it).
func fields(v flow.Value, status int) ([]flow.Column, []flow.Value) {
	var cols []flow.Column
	var vals []flow.Value
	if r := v.Row(); r != nil {
		cols, vals = slices.Clone(r.Columns()), slices.Clone(r.Values())
	}
	add := func(name string, v flow.Value) {
		if flow.ColumnIndex(cols, name) < 0 {
			cols, vals = append(cols, flow.Column{Name: name, Kind: v.Kind()}), append(vals, v)
		}
	}
	add("status", flow.NumInt(int64(status)))
	add("answer", v)
	return cols, vals
}

func holds(e action.Expr, cols []flow.Column, row []flow.Value) (bool, error) {
	f, err := e.Compile(cols)
	if err != nil {
		return false, err
	}
	v, err := f(row)
	if err != nil {
		return false, err
	}
	if v.IsNull() { // a comparison with nothing
		return false, nil
	}
	return flow.Truth(v)
}

// otherwise is the failure of an answer that contradicts.
func otherwise(x *client.Client, in postIn, u *url.URL, a *client.Answer, text string) error {
	words := short(x.Mask(text), 300)
	if text == "" || client.Page([]byte(text)) {
		words = http.StatusText(a.Status) + " " + x.Words(text)
	}
	p := action.Bad("%s 的回答和 %s 不符：%d %s", "the answer of %s says otherwise than %s: %d %s", client.Shown(u), in.Expect.Text, a.Status, words)
	p.Kind = "business"
	return p
}

// doubtful warns of an answer without expect that sounds like a no: with 200 some services say that
// they have refused, or answer JSON with a page.
func doubtful(c *action.Call, x *client.Client, in postIn, u *url.URL, a *client.Answer, decoded any, text string) {
	if c.Note == nil {
		return
	}
	o, _ := decoded.(object)
	if !soundsLikeNo(o) && (in.Form || !client.Page([]byte(text))) {
		if a.Status == http.StatusAccepted {
			c.Note("info", client.Shown(u)+" 收下了，还没有办（202）", client.Shown(u)+" has accepted it and not yet done it (202)")
		}
		return
	}
	words := x.Words(text)
	c.Note("warning", client.Shown(u)+" 回答 "+words+"；看看到底成了没有，可用 expect 写明怎样才算成功",
		client.Shown(u)+" answered "+words+"; see whether it really happened: expect says what counts as success")
}

// soundsLikeNo reports whether an object says by a usual member that something went wrong.
func soundsLikeNo(o object) bool {
	for _, name := range []string{"success", "ok"} {
		if v, has := o.Get(name); has && v == false {
			return true
		}
	}
	for _, name := range []string{"errcode", "err_code", "errorCode"} {
		if n, ok := member1[json.Number](o, name); ok && n != "0" {
			return true
		}
	}
	for _, name := range []string{"error", "errors"} {
		switch v, _ := o.Get(name); v := v.(type) {
		case string:
			return v != ""
		case object:
			return len(v) > 0
		case []any:
			return len(v) > 0
		}
	}
	return false
}

func member1[T any](o object, name string) (T, bool) {
	v, _ := o.Get(name)
	x, ok := v.(T)
	return x, ok
}
