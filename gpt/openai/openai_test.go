package openai

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"daiban/gpt"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata")

// fake is a model whose tokens are bytes and which always says the same; the prompt can ask
// for an error instead.
type fake struct {
	seen func(context.Context, gpt.Request) // looks at requests
	hold chan struct{}                      // if not nil, every piece waits for one
	fail error                              // after the first piece
}

const says = "Hi 你!"

func (f *fake) Encode(text string) ([]int, error) {
	var ids []int
	for _, b := range []byte(text) {
		ids = append(ids, int(b))
	}
	return ids, nil
}

func (f *fake) Chat(list []Message) ([]int, error) {
	var b strings.Builder
	for _, m := range list {
		if m.Text == "" && m.Role == "system" {
			return nil, errors.New("the template wants a system text")
		}
		fmt.Fprintf(&b, "<%s>%s", m.Role, m.Text)
	}
	return f.Encode(b.String())
}

func (f *fake) Bytes(id int) []byte { return []byte{byte(id)} }
func (f *fake) Vocab() int          { return 256 }
func (f *fake) Context() int        { return 200 }
func (f *fake) Sequences() int      { return 40 }

func (f *fake) Generate(ctx context.Context, r gpt.Request) (*gpt.Output, error) {
	if f.seen != nil {
		f.seen(ctx, r)
	}
	var prompt []byte
	for _, id := range r.Prompt {
		prompt = append(prompt, byte(id))
	}
	switch {
	case bytes.Contains(prompt, []byte("BUSY")):
		return nil, fmt.Errorf("queue: %w", gpt.ErrBusy)
	case bytes.Contains(prompt, []byte("LONG")):
		return nil, gpt.ErrTooLong
	case bytes.Contains(prompt, []byte("BROKEN")):
		return nil, errors.New("layer 3: a value is not finite")
	}
	out := &gpt.Output{PromptTokens: len(r.Prompt), ReusedTokens: 1}
	for j := range r.N {
		s, err := f.sequence(ctx, r, j)
		if err != nil {
			return nil, err
		}
		out.Sequences = append(out.Sequences, s)
	}
	return out, nil
}

func (f *fake) sequence(ctx context.Context, r gpt.Request, j int) (gpt.Sequence, error) {
	s := gpt.Sequence{Finish: gpt.Stopped}
	for text := says; text != "" && s.Finish == gpt.Stopped; {
		_, n := utf8.DecodeRuneInString(text)
		piece := text[:n]
		text = text[n:]
		for _, b := range []byte(piece) {
			s.Tokens = append(s.Tokens, int(b))
			c := gpt.Choice{Token: int(b), LogProb: -0.5}
			if r.TopLogProbs > 0 {
				s.Places = append(s.Places, gpt.Place{Choice: c, Top: []gpt.Choice{c, {Token: 'x', LogProb: math.Inf(-1)}}[:min(r.TopLogProbs, 2)]})
			}
		}
		if r.MaxTokens > 0 && len(s.Tokens) >= r.MaxTokens {
			s.Finish = gpt.Length
		}
		s.Text += piece
		if f.hold != nil {
			select {
			case <-f.hold:
			case <-ctx.Done():
				return s, ctx.Err()
			}
		}
		if r.On != nil {
			if err := r.On(gpt.Piece{Sequence: j, Text: piece}); err != nil {
				return s, err
			}
		}
		if f.fail != nil {
			return s, f.fail
		}
	}
	return s, nil
}

func serve(t *testing.T, f *fake, o Options) *httptest.Server {
	t.Helper()
	o.Now = func() time.Time { return time.Unix(1700000000, 0) }
	s := httptest.NewServer(New("tiny", f, o))
	t.Cleanup(s.Close)
	return s
}

func post(t *testing.T, url, body string) *http.Response {
	t.Helper()
	r, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Body.Close() })
	return r
}

var anyID = regexp.MustCompile(`(cmpl|chatcmpl)-[a-z0-9]{26}`)

// TestAnswers sends the requests of testdata and compares the answers. A request is a line
// "METHOD PATH", then the body; an answer is the status, Retry-After, and the body.
func TestAnswers(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txtar")
	if len(paths) == 0 {
		t.Fatal("no cases")
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(a.Files); i += 2 {
			t.Run(filepath.Base(path)+"/"+a.Files[i].Name, func(t *testing.T) {
				got := exchange(t, string(a.Files[i].Data))
				if *update {
					a.Files[i+1].Data = []byte(got)
				} else if got != string(a.Files[i+1].Data) {
					t.Errorf("got\n%s\nwant\n%s", got, a.Files[i+1].Data)
				}
			})
		}
		if *update {
			if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func exchange(t *testing.T, request string) string {
	t.Helper()
	line, body, _ := strings.Cut(request, "\n")
	method, path, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	New("tiny", &fake{}, Options{Now: func() time.Time { return time.Unix(1700000000, 0) }}).ServeHTTP(w, r)
	head := fmt.Sprint(w.Code)
	if s := w.Header().Get("Retry-After"); s != "" {
		head += " retry after " + s
	}
	return head + "\n" + strings.TrimRight(anyID.ReplaceAllString(w.Body.String(), "$1-ID"), "\n") + "\n"
}

func TestRequestReachesTheEngine(t *testing.T) {
	var got gpt.Request
	s := serve(t, &fake{seen: func(_ context.Context, r gpt.Request) { got = r }}, Options{})
	post(t, s.URL+"/v1/completions", `{"model":"tiny","prompt":"a","max_tokens":9,"temperature":0.5,"top_p":0.25,"top_k":7,"min_p":0.125,"repeat_penalty":1.5,"seed":-1,"n":2,"stop":["x","y"],"logprobs":3}`)
	if got.MaxTokens != 9 || got.N != 2 || len(got.Stop) != 2 || got.TopLogProbs != 3 || got.Grammar != nil {
		t.Errorf("%+v", got)
	}
	want := gpt.Sampling{Temperature: 0.5, TopP: 0.25, TopK: 7, MinP: 0.125, RepeatPenalty: 1.5, Seed: math.MaxUint64}
	if got.Sampling != want {
		t.Errorf("sampling %+v, want %+v", got.Sampling, want)
	}
	post(t, s.URL+"/v1/chat/completions", `{"messages":[{"role":"user","content":"a"}]}`)
	if got.MaxTokens != 0 || got.Temperature != 1 || got.Seed == math.MaxUint64 {
		t.Errorf("defaults of chat: %+v", got)
	}
	post(t, s.URL+"/v1/completions", `{"prompt":"a","top_p":0}`)
	if got.MaxTokens != 16 || got.TopK != 1 {
		t.Errorf("top_p 0 and the default of max_tokens: %+v", got)
	}
}

func TestFormatReachesTheEngine(t *testing.T) {
	var got gpt.Request
	s := serve(t, &fake{seen: func(_ context.Context, r gpt.Request) { got = r }}, Options{})
	for _, body := range []string{
		`{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_object"}}`,
		`{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}}}`,
		`{"messages":[{"role":"user","content":"a"}],"grammar":"root ::= \"yes\" | \"no\""}`,
	} {
		got = gpt.Request{}
		r := post(t, s.URL+"/v1/chat/completions", body)
		if r.StatusCode != 200 || got.Grammar == nil {
			b, _ := io.ReadAll(r.Body)
			t.Errorf("%s: %d, grammar %v\n%s", body, r.StatusCode, got.Grammar, b)
		}
	}
}

func TestKey(t *testing.T) {
	s := serve(t, &fake{}, Options{Key: "open sesame"})
	for key, want := range map[string]int{"": 401, "Bearer ": 401, "Bearer open": 401, "Basic open sesame": 401, "Bearer open sesame": 200, "bearer open sesame": 200} {
		r, _ := http.NewRequest("GET", s.URL+"/v1/models", nil)
		r.Header.Set("Authorization", key)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%q: %d, want %d", key, resp.StatusCode, want)
		}
	}
}

func TestBodies(t *testing.T) {
	s := serve(t, &fake{}, Options{BodyMax: 100})
	if r := post(t, s.URL+"/v1/completions", `{"prompt":"`+strings.Repeat("a", 100)+`"}`); r.StatusCode != 413 {
		t.Errorf("a large body: %d", r.StatusCode)
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", ";"} {
		r, _ := http.NewRequest("POST", s.URL+"/v1/completions", strings.NewReader(`{"prompt":"a"}`))
		r.Header.Set("Content-Type", kind)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 415 {
			t.Errorf("content type %q: %d", kind, resp.StatusCode)
		}
	}
}

// TestStreamFlows holds that a piece arrives before the next one is made.
func TestStreamFlows(t *testing.T) {
	f := &fake{hold: make(chan struct{})}
	s := serve(t, f, Options{})
	go func() { f.hold <- struct{}{} }()
	r := post(t, s.URL+"/v1/completions", `{"prompt":"a","stream":true}`)
	b := make([]byte, 1<<12)
	n, err := r.Body.Read(b)
	if err != nil || !strings.Contains(string(b[:n]), `"text":"H"`) {
		t.Fatalf("%s %v", b[:n], err)
	}
	close(f.hold)
	rest, err := io.ReadAll(r.Body)
	if err != nil || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") {
		t.Fatalf("%s %v", rest, err)
	}
}

func TestErrorInStream(t *testing.T) {
	s := serve(t, &fake{fail: errors.New("layer 3: a value is not finite")}, Options{})
	r := post(t, s.URL+"/v1/completions", `{"prompt":"a","stream":true}`)
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := `data: {"error":{"code":null,"message":"layer 3: a value is not finite","param":null,"type":"server_error"}}` + "\n\n"; !strings.HasSuffix(string(b), want) {
		t.Errorf("%s\nwant at the end\n%s", b, want)
	}
	if strings.Contains(string(b), "[DONE]") {
		t.Error("a broken stream ends as if it were whole")
	}
}

// TestGoneClient holds that a client who hangs up ends the generation, and Generate has returned.
func TestGoneClient(t *testing.T) {
	for _, stream := range []string{"true", "false"} {
		began, ended := make(chan struct{}, 1), make(chan struct{})
		f := &fake{hold: make(chan struct{})}
		f.seen = func(ctx context.Context, _ gpt.Request) {
			began <- struct{}{}
			go func() { <-ctx.Done(); close(ended) }()
		}
		s := serve(t, f, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "POST", s.URL+"/v1/completions", strings.NewReader(`{"prompt":"a","stream":`+stream+`}`))
		r.Header.Set("Content-Type", "application/json")
		go func() {
			if resp, err := http.DefaultClient.Do(r); err == nil {
				resp.Body.Close()
			}
		}()
		<-began
		cancel()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Errorf("stream %s: the generation goes on", stream)
		}
	}
}

func TestProgramsAreKept(t *testing.T) {
	c := lru[int]{max: 2}
	c.put("a", 1)
	c.put("b", 2)
	c.get("a")
	c.put("c", 3)
	if _, ok := c.get("b"); ok {
		t.Error("the one used least recently stayed")
	}
	if v, ok := c.get("a"); !ok || v != 1 || len(c.list) != 2 {
		t.Errorf("a: %v %v, %d kept", v, ok, len(c.list))
	}
}

// TestReadingTime holds that the time to send a request is bounded, and that it does not count
// once the request is there.
func TestReadingTime(t *testing.T) {
	f := &fake{hold: make(chan struct{})}
	h := New("tiny", f, Options{})
	h.reading = 50 * time.Millisecond
	s := httptest.NewServer(h)
	defer s.Close()
	go func() {
		time.Sleep(4 * h.reading)
		close(f.hold)
	}()
	if r := post(t, s.URL+"/v1/completions", `{"prompt":"a"}`); r.StatusCode != 200 {
		t.Errorf("a long answer: %d", r.StatusCode)
	}
	body, w := io.Pipe()
	defer w.Close()
	go w.Write([]byte(`{"prompt":`))
	r, err := http.Post(s.URL+"/v1/completions", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusRequestTimeout {
		t.Errorf("half a request: %d", r.StatusCode)
	}
}
