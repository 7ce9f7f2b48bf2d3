package http

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

// A sink keeps what was posted to it.
type sink struct {
	bodies []string
	heads  []http.Header
	status int
	kind   string
	answer string
	echo   bool
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	s.bodies = append(s.bodies, r.Method+" "+string(b))
	s.heads = append(s.heads, r.Header)
	w.Header().Set("Content-Type", s.kind)
	if s.echo {
		w.Header().Set("Idempotency-Key", r.Header.Get("Idempotency-Key"))
	}
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	io.WriteString(w, s.answer)
}

func TestPostBodies(t *testing.T) {
	for _, c := range []struct{ data, body, kind string }{
		{`, data={"客户": "甲", "金额": 1200.50, "日": date("2026-03-01"), "无": "", "子": {"a": [1, True]}}`, `{"客户":"甲","金额":1200.50,"日":"2026-03-01","无":"","子":{"a":[1,true]}}`, "application/json; charset=utf-8"},
		{`, data=[{"n": 1}, {"n": 2}]`, `[{"n":1},{"n":2}]`, "application/json; charset=utf-8"},
		{`, data=one`, `[{"n":1}]`, "application/json; charset=utf-8"},
		{`, data=row`, `{"n":1}`, "application/json; charset=utf-8"},
		{`, data={"名": "a b&c", "n": ["1", "2"]}, form=True`, `%E5%90%8D=a+b%26c&n=1&n=2`, "application/x-www-form-urlencoded"},
		{`, data=one, form=True`, `n=1`, "application/x-www-form-urlencoded"},
		{``, ``, ""},
	} {
		s := &sink{kind: "application/json", answer: `{"ok":true}`}
		e, _ := serve(t, s.ServeHTTP)
		cols := []flow.Column{{Name: "n", Kind: flow.NumberKind}}
		e.Vars["one"] = flow.TableOf(flow.NewTable(cols, []flow.Value{flow.NumInt(1)}))
		e.Vars["row"] = flow.RowOf(flow.NewRow(cols, []flow.Value{flow.NumInt(1)}))
		if _, err := e.Flow(`http.post(url` + c.data + `, account="erp")`); err != nil {
			t.Errorf("%s: %v", c.data, err)
			continue
		}
		h := s.heads[0]
		if got := strings.Join(s.bodies, "; "); got != "POST "+c.body || h.Get("Content-Type") != c.kind || h.Get("Idempotency-Key") != "key-1" || h.Get("Authorization") == "" {
			t.Errorf("%s: the server got %s, %v", c.data, got, h)
		}
		leaks(t, e, nil)
	}
}

func TestPostExpect(t *testing.T) {
	page := "<html><body>请登录</body></html>"
	for _, c := range []struct {
		status             int
		answer, expect     string
		value, kind, words string
	}{
		{200, `{"code":0,"id":"A1"}`, `code == 0`, "code: 0, id: A1", "", ""},
		{200, `{"code":7,"msg":"库存不足"}`, `code == 0`, "", "business", "库存不足"},
		{201, `{"id":5}`, `status == 201 and id > 0`, "id: 5", "", ""},
		{202, `{"id":5}`, `status == 200`, "", "business", "202"},
		{200, `{"status":"stored"}`, `status == "stored"`, "status: stored", "", ""},
		{200, `{"status":"pending"}`, `status == "stored"`, "", "business", "pending"},
		{200, `OK`, `answer == "OK"`, "OK", "", ""},
		{200, `{"msg":"fine"}`, `code == 0`, "", "doubt", "cannot be held against"},
		{200, page, `code == 0`, "", "doubt", "请登录"},
		{200, `{"code":`, `code == 0`, "", "doubt", "cannot be read"},
		{200, ``, `code == 0`, "", "doubt", "cannot be held against"},
		{204, ``, `status == 204`, "", "", ""},
		{200, `{"code":null}`, `code == 0`, "", "business", "null"},
		{200, `<form><input type="password" name=p></form>`, `status == 200`, "", "doubt", "sign in"},
	} {
		kind := "application/json"
		if !strings.HasPrefix(c.answer, "{") {
			kind = "text/html"
		}
		s := &sink{status: c.status, kind: kind, answer: c.answer}
		e, _ := serve(t, s.ServeHTTP)
		src := `http.post(url, data={"n": 1}, expect=` + c.expect + `)`
		if c.kind == "" {
			gives(t, e, src, c.value)
		} else {
			fails(t, e, src, c.kind, c.words)
		}
		if len(s.bodies) != 1 {
			t.Errorf("%s: sent %d times", src, len(s.bodies))
		}
	}
}

// Without expect, a success that sounds like a no is warned of.
func TestPostDoubtful(t *testing.T) {
	for answer, warned := range map[string]bool{
		`{"success":false,"msg":"余额不足"}`: true, `{"errcode":40001,"errmsg":"x"}`: true, `{"error":{"code":1}}`: true,
		`{"success":true}`: false, `{"errcode":0}`: false, `{"error":null}`: false, `{"errors":[]}`: false, `fine`: false, `<html>Welcome</html>`: true,
	} {
		s := &sink{answer: answer}
		e, _ := serve(t, s.ServeHTTP)
		if _, err := e.Flow(`http.post(url)`); err != nil || (len(e.Notes) > 0) != warned {
			t.Errorf("%s: %v, notes %v", answer, err, e.Notes)
		}
	}
}

// A preview shows what would be sent, and sends nothing.
func TestPostPreview(t *testing.T) {
	s := &sink{}
	e, _ := serve(t, s.ServeHTTP)
	e.Preview = true
	c, view := e.Call()
	defer view.Close()
	v, err := Post.Run(c, action.Args{"url": flow.Text(e.Vars["url"].Text() + "/a?token=" + password), "data": flow.RowOf(flow.NewRow([]flow.Column{{Name: "金额"}}, []flow.Value{flow.NumInt(3)}))})
	if err != nil || !v.IsNull() || len(s.bodies) != 0 {
		t.Fatalf("%v, %v, %v", v, err, s.bodies)
	}
	p := c.Effect()
	if got := fmt.Sprint(p.Target, p.Detail); !strings.Contains(got, `{"金额":3}`) || strings.Contains(got, password) {
		t.Errorf("it shows %s", got)
	}
}

func TestPostPreviewUnknown(t *testing.T) {
	e, _ := serve(t, (&sink{}).ServeHTTP)
	e.Preview = true
	c, view := e.Call()
	defer view.Close()
	if _, err := Post.Run(c, action.Args{"url": e.Vars["url"], "data": flow.Unknown()}); err != nil || c.Effect() == nil {
		t.Error(err)
	}
}

func TestPostUngranted(t *testing.T) {
	e := actiontest.New(t, All)
	fails(t, e, `http.post("http://10.0.0.1/x", data={"a": 1})`, "refused", "named neither")
	if len(e.Effects) != 0 {
		t.Error("an effect was planned")
	}
}

// After a crash only a service that has shown that it knows the key is sent the same again.
func TestPostAgain(t *testing.T) {
	for _, echo := range []bool{false, true} {
		s := &sink{echo: echo, answer: "{}"}
		e, _ := serve(t, s.ServeHTTP)
		if _, err := e.Flow(`http.post(url, data={"n": 1})`); err != nil {
			t.Fatal(err)
		}
		c, view := e.Call()
		happened, known, err := Post.Probe(c, action.Args{"url": e.Vars["url"]})
		view.Close()
		if happened || known != echo || err != nil {
			t.Errorf("echo %v: probe says %v, %v, %v", echo, happened, known, err)
		}
		_, known, _ = Post.Probe(c, action.Args{"url": flow.Text("http://other.example/")})
		if known {
			t.Error("another host is taken to know the key")
		}
	}
}

// A server that answers late is in doubt; one that knows the key is sent the same once more.
func TestPostLate(t *testing.T) {
	for _, known := range []bool{false, true} {
		var keys []string
		e, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			w.WriteHeader(500)
		})
		want := "doubt"
		if known {
			b, _ := json.Marshal(keyed{strings.TrimPrefix(e.Vars["url"].Text(), "http://")})
			e.Memos["http"] = append(e.Memos["http"], b)
		}
		fails(t, e, `http.post(url, data={"n": 1})`, want, "500")
		if n := len(keys); known != (n == 3) || !known && n != 1 || known && keys[0] != keys[2] {
			t.Errorf("known %v: sent with the keys %v", known, keys)
		}
	}
	hold := make(chan struct{})
	e, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); <-hold })
	defer close(hold)
	c, view := e.Call()
	defer view.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	c.Context = ctx
	if _, err := Post.Run(c, action.Args{"url": e.Vars["url"]}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Effect().Do()
	if p, ok := err.(*action.Problem); !ok || p.Kind != "doubt" {
		t.Errorf("late: %v", err)
	}
}
