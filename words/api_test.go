package words

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"daiban/action"
	"daiban/internal/completions"
)

// only lets one host be reached.
type only struct{ host string }

func (o only) Allow(host string) error {
	if host != o.host {
		return action.Refused("不许访问 %s", "%s may not be reached", host)
	}
	return nil
}

func (o only) Check(_ context.Context, host string) error { return o.Allow(host) }

func (o only) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if err := o.Allow(address); err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// endpoint is a service that answers what reply makes of the last message, and keeps the bodies that it was sent.
func endpoint(t *testing.T, reply func(w http.ResponseWriter, said string)) (*API, *[]string) {
	t.Helper()
	var bodies []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		var q struct{ Messages []completions.Message }
		json.Unmarshal(b, &q)
		reply(w, q.Messages[len(q.Messages)-1].Content)
	}))
	t.Cleanup(srv.Close)
	host := strings.TrimPrefix(srv.URL, "http://")
	return &API{Name: "big", Endpoint: completions.Endpoint{URL: srv.URL + "/v1", Model: "m", Client: Reach(only{host})}}, &bodies
}

func TestAPI(t *testing.T) {
	a, bodies := endpoint(t, func(w http.ResponseWriter, said string) {
		fmt.Fprintf(w, `{"choices":[{"message":{"content":%q},"finish_reason":"length"}]}`, "re: "+said)
	})
	got, err := a.Answer(context.Background(), action.Talk{System: "sys", Turns: []string{"a", "b", "你好"}, Tokens: 7})
	if err != nil || got.Text != "re: 你好" || !got.Cut || got.Sent != len((*bodies)[0]) {
		t.Fatalf("%+v %v", got, err)
	}
	if b := (*bodies)[0]; !strings.Contains(b, `"max_tokens":7`) || !strings.Contains(b, `"temperature":0`) || !strings.Contains(b, `{"role":"assistant","content":"b"}`) {
		t.Errorf("sent %s", b)
	}
	if name, host := a.Model(); name != "big" || !strings.HasPrefix(host, "127.0.0.1:") {
		t.Error(name, host)
	}
	if w, _, err := a.Weigh(context.Background(), action.Talk{}, []string{"a"}); w != nil || err != nil {
		t.Error("it cannot weigh", w, err)
	}
	if n := a.Size("中文"); n < 2 {
		t.Error(n)
	}
}

// A host that may not be reached is said as such, and nothing is sent; nor is anything carried on by a redirect.
func TestAPIGuarded(t *testing.T) {
	a, bodies := endpoint(t, func(w http.ResponseWriter, _ string) {
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	var p *action.Problem
	got, err := a.Answer(context.Background(), action.Talk{Turns: []string{"secret"}, Tokens: 5})
	if !errors.As(err, &p) || p.Kind != "io" || got.Sent == 0 || len(*bodies) != 1 {
		t.Errorf("redirected: %+v %v", got, err)
	}
	a.Endpoint.Client = Reach(only{"elsewhere:80"})
	got, err = a.Answer(context.Background(), action.Talk{Turns: []string{"secret"}, Tokens: 5})
	if !errors.As(err, &p) || p.Kind != "refused" || got.Sent != 0 || len(*bodies) != 1 {
		t.Errorf("not allowed: %+v %v, %d requests", got, err, len(*bodies))
	}
}
