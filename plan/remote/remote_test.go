package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"daiban/internal/completions"
	"daiban/plan"
)

// answers is a server that gives its answers in order, the last one for ever, and
// keeps what it was asked.
func answers(t *testing.T, handlers ...http.HandlerFunc) (*Planner, *[]string) {
	t.Helper()
	var asked []string
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.URL.Path+"\n"+r.Header.Get("Authorization")+"\n"+string(body))
		h := handlers[min(n, len(handlers)-1)]
		n++
		h(w, r)
	}))
	t.Cleanup(srv.Close)
	return &Planner{URL: srv.URL + "/v1/", Model: "m", Catalogue: "file.delete(*files) [W]", Timeout: 2 * time.Second}, &asked
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{
			"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": text}, "finish_reason": "stop"}},
			"usage":   map[string]int{"prompt_tokens": 100, "completion_tokens": 7},
		})
	}
}

func raw(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func ask(p *Planner, text string) (plan.Draft, error) {
	return p.Plan(context.Background(), plan.Request{Text: text})
}

func TestForms(t *testing.T) {
	want := "file.delete(\"a.txt\")\n"
	for name, text := range map[string]string{
		"plain":    "file.delete(\"a.txt\")",
		"fence":    "Here you are:\n```python\nfile.delete(\"a.txt\")\n```\nDone.",
		"no name":  "```\nfile.delete(\"a.txt\")\n```",
		"one line": "```file.delete(\"a.txt\")```",
		"thoughts": "<think>delete? ```x```</think>\nfile.delete(\"a.txt\")",
		"open":     "```starlark\nfile.delete(\"a.txt\")",
		"crlf":     "```\r\nfile.delete(\"a.txt\")\r\n```",
	} {
		p, _ := answers(t, says(text))
		d, err := ask(p, "delete a.txt")
		if err != nil || d.Flow != want || !d.Understood {
			t.Errorf("%s: %q %v", name, d.Flow, err)
		}
		if d.TokensIn != 100 || d.TokensOut != 7 {
			t.Errorf("%s: tokens %d %d", name, d.TokensIn, d.TokensOut)
		}
	}
}

func TestWhatIsSent(t *testing.T) {
	p, asked := answers(t, says(`file.delete("a.txt")`))
	p.Key = func() (string, error) { return "sesame", nil }
	p.Examples = func(string, int) []Example { return []Example{{"remove b.txt", `file.delete("b.txt")`}} }
	if _, err := p.Plan(context.Background(), plan.Request{Text: "delete a.txt", Lessons: []plan.Lesson{{Request: "bin c", Flow: `file.delete("c")`}}}); err != nil {
		t.Fatal(err)
	}
	path, rest, _ := strings.Cut((*asked)[0], "\n")
	key, body, _ := strings.Cut(rest, "\n")
	if path != "/v1/chat/completions" || key != "Bearer sesame" {
		t.Errorf("path %q, key %q", path, key)
	}
	var sent struct {
		Model    string    `json:"model"`
		Messages []message `json:"messages"`
	}
	if err := json.Unmarshal([]byte(body), &sent); err != nil {
		t.Fatal(err)
	}
	want := []message{{Role: "user", Content: "remove b.txt"}, {Role: "assistant", Content: `file.delete("b.txt")`}, {Role: "user", Content: "bin c"}, {Role: "assistant", Content: `file.delete("c")`}, {Role: "user", Content: "delete a.txt"}}
	if got := fmt.Sprint(sent.Messages[1:]); got != fmt.Sprint(want) || sent.Model != "m" {
		t.Errorf("sent %s", got)
	}
	if !strings.Contains(sent.Messages[0].Content, "file.delete(*files) [W]") {
		t.Error("the catalogue is not in the prompt")
	}
	if strings.Contains(body, "sesame") {
		t.Error("the key is in the body")
	}
}

func TestRepair(t *testing.T) {
	p, asked := answers(t, says("I would delete it."), says(`file.remove("a.txt")`), says(`file.delete("a.txt")`))
	p.Check = func(f string) []string {
		if strings.Contains(f, "file.remove") {
			return []string{"no action file.remove; near: file.delete"}
		}
		return nil
	}
	d, err := ask(p, "delete a.txt")
	if err != nil || d.Flow != "file.delete(\"a.txt\")\n" || d.TokensIn != 300 {
		t.Fatalf("%+v %v", d, err)
	}
	if len(*asked) != 3 || !strings.Contains((*asked)[2], "no action file.remove; near: file.delete") || !strings.Contains((*asked)[2], "I would delete it.") {
		t.Errorf("findings not sent: %q", (*asked)[len(*asked)-1])
	}
}

func TestNeverRight(t *testing.T) {
	p, asked := answers(t, says("no idea"))
	d, err := ask(p, "删除 a.txt")
	if err != nil || d.Understood || d.Flow != "" || !strings.Contains(d.Why, "不是流程") || len(*asked) != 3 {
		t.Errorf("%+v %v, asked %d", d, err, len(*asked))
	}
	p, asked = answers(t, says(`file.remove("a.txt")`))
	p.Check = func(string) []string { return []string{"no such action"} }
	d, err = ask(p, "delete a.txt")
	if err != nil || !d.Understood || d.Flow == "" || len(*asked) != 3 {
		t.Errorf("a flow that parses is left to check: %+v %v", d, err)
	}
}

func TestBadEndpoints(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for name, c := range map[string]struct {
		h      http.HandlerFunc
		kind   completions.Kind
		en, zh string
	}{
		"401": {raw(401, `{"error":{"message":"bad key"}}`), completions.RefusedKey, "refused the key: check the account (401: bad key)", "拒绝了密钥"},
		"404": {raw(404, `nothing`), completions.NotFound, "no such address or model (404)", "没有这个地址"},
		"400": {raw(400, `{"error":"too many tokens"}`), completions.BadRequest, "400: too many tokens", "不接受"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, completions.BadRequest, "(302)", "（302）"},
		"429":          {raw(429, ``), completions.Busy, "busy", "正忙"},
		"500":          {raw(500, `<html>`), completions.Broken, "failed (500)", "出错"},
		"not JSON":     {raw(200, `<html>hello</html>`), completions.Unreadable, "cannot be read", "读不懂"},
		"nothing":      {raw(200, ``), completions.Unreadable, "cannot be read", "读不懂"},
		"wrong types":  {raw(200, `{"choices":"yes"}`), completions.Unreadable, "cannot be read", "读不懂"},
		"wrong usage":  {raw(200, `{"choices":[],"usage":{"prompt_tokens":"many"}}`), completions.Unreadable, "cannot be read", "读不懂"},
		"no choices":   {raw(200, `{"choices":[]}`), completions.Empty, "empty answer", "没有回答"},
		"null content": {raw(200, `{"choices":[{"message":{"content":null}}]}`), completions.Empty, "empty answer", "没有回答"},
		"blank":        {says("  \n "), completions.Empty, "empty answer", "没有回答"},
		"error in 200": {raw(200, `{"error":{"message":"over\u001b[31m\nloaded"}}`), completions.Broken, "over [31m loaded", "出错"},
		"cut off":      {raw(200, `{"choices":[{"message":{"content":"a ="},"finish_reason":"length"}]}`), completions.TooLong, "too long", "太长"},
		"huge":         {raw(200, `{"choices":[{"message":{"content":"`+long+`"}}]}`), completions.TooLong, "too long", "太长"},
		"half": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"cho`)
		}, completions.Unreachable, "cannot be reached", "连不上"},
	} {
		for lang, want := range map[string]string{"en": c.en, "zh": c.zh} {
			p, _ := answers(t, c.h)
			d, err := p.Plan(context.Background(), plan.Request{Text: "delete a.txt", Lang: lang})
			var ce *completions.Error
			if !errors.As(err, &ce) || ce.Kind != c.kind || !strings.Contains(err.Error(), want) || d.Understood {
				t.Errorf("%s %s: %v", name, lang, err)
			}
		}
	}
}

func TestSlow(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	for name, h := range map[string]http.HandlerFunc{
		"silent": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		},
		"never ending": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		},
	} {
		p, _ := answers(t, h)
		p.Timeout = 100 * time.Millisecond
		_, err := ask(p, "delete a.txt")
		var ce *completions.Error
		if !errors.As(err, &ce) || ce.Kind != completions.TooSlow {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBusyForAMoment(t *testing.T) {
	p, asked := answers(t, raw(503, ""), raw(429, ""), says(`file.delete("a.txt")`))
	if d, err := ask(p, "delete a.txt"); err != nil || !d.Understood || len(*asked) != 3 {
		t.Errorf("%+v %v, asked %d", d, err, len(*asked))
	}
}

func TestUnreachable(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:1/v1", "http://[", "nothing"} {
		p := &Planner{URL: url}
		if _, err := ask(p, "删除 a.txt"); err == nil || !strings.Contains(err.Error(), "连不上") {
			t.Errorf("%s: %v", url, err)
		}
	}
	p, asked := answers(t, says("x"))
	p.Key = func() (string, error) { return "", errors.New("locked") }
	if _, err := ask(p, "delete a.txt"); err == nil || !strings.Contains(err.Error(), "key") || len(*asked) != 0 {
		t.Errorf("without its key: %v", err)
	}
}

func TestRequestBounds(t *testing.T) {
	p, asked := answers(t, says("x"))
	for _, text := range []string{"", "  ", strings.Repeat("长", 100<<10)} {
		if d, err := ask(p, text); err != nil || d.Why == "" || d.Understood {
			t.Errorf("%+v %v", d, err)
		}
	}
	if len(*asked) != 0 {
		t.Error("it was sent all the same")
	}
}
