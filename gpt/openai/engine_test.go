package openai

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"daiban/gpt"
)

// article is a tiny GPT-2 with random weights.
const article = "../model/testdata/gpt2-article"

func engineServer(t *testing.T, o gpt.Options) *httptest.Server {
	t.Helper()
	e, err := gpt.Open(article, o)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(New("tiny", For(e), Options{}))
	t.Cleanup(func() {
		s.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func postJSON(t *testing.T, url, body string, status int, to any) {
	t.Helper()
	r := post(t, url, body)
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != status {
		t.Errorf("%s\n%d, want %d: %s %v", body, r.StatusCode, status, b, err)
		return
	}
	if err := json.Unmarshal(b, to); err != nil {
		t.Errorf("%s: %v", b, err)
	}
}

type answered struct {
	Choices []struct {
		Text   string `json:"text"`
		Finish string `json:"finish_reason"`
		Probs  struct {
			Tokens []string  `json:"tokens"`
			Probs  []float64 `json:"token_logprobs"`
		} `json:"logprobs"`
	}
	Usage usage
	Error struct{ Code, Message string }
}

func TestEngine(t *testing.T) {
	s := engineServer(t, gpt.Options{Threads: 1})
	var got answered
	postJSON(t, s.URL+"/v1/completions", `{"prompt":"请帮我完成以下任务：","max_tokens":6,"temperature":0,"logprobs":2,"n":2}`, 200, &got)
	if len(got.Choices) != 2 || got.Usage.Prompt != 5 || got.Usage.Completion != 12 || len(got.Choices[0].Probs.Tokens) != 6 || got.Choices[0].Text != got.Choices[1].Text {
		t.Errorf("%+v", got)
	}
	for _, p := range got.Choices[0].Probs.Probs {
		if p > 0 || p < -20 {
			t.Errorf("a probability of e^%g", p)
		}
	}
	var same answered
	postJSON(t, s.URL+"/v1/completions", `{"prompt":[323,324,286,314,312],"max_tokens":6,"temperature":0}`, 200, &same)
	if same.Choices[0].Text != got.Choices[0].Text {
		t.Errorf("by tokens %q, by text %q", same.Choices[0].Text, got.Choices[0].Text)
	}
	var held answered
	postJSON(t, s.URL+"/v1/completions", `{"prompt":"Is it so?","grammar":"root ::= \"yes, it is\" | \"no\"","temperature":1,"max_tokens":64}`, 200, &held)
	if text := held.Choices[0].Text; text != "yes, it is" && text != "no" || held.Choices[0].Finish != "stop" {
		t.Errorf("held by the grammar: %+v", held.Choices[0])
	}
	var long answered
	postJSON(t, s.URL+"/v1/completions", `{"prompt":"`+strings.Repeat("word ", 200)+`"}`, 400, &long)
	if long.Error.Code != "context_length_exceeded" {
		t.Errorf("%+v", long.Error)
	}
	var plain answered
	postJSON(t, s.URL+"/v1/chat/completions", `{"messages":[{"role":"user","content":"hi"}]}`, 400, &plain)
	if !strings.Contains(plain.Error.Message, "no chat template") {
		t.Errorf("%+v", plain.Error)
	}
}

// TestEngineTogether holds that requests which are computed together are answered as one by one.
func TestEngineTogether(t *testing.T) {
	s := engineServer(t, gpt.Options{Threads: 1, Sequences: 4})
	prompts := []string{"hello", "请帮我", "The quick brown fox", "a b c d e f", "hello world", "x"}
	alone := make([]answered, len(prompts))
	body := func(i int) string {
		return `{"prompt":` + string(must(json.Marshal(prompts[i]))) + `,"max_tokens":20,"temperature":0.8,"seed":5}`
	}
	for i := range prompts {
		postJSON(t, s.URL+"/v1/completions", body(i), 200, &alone[i])
	}
	var wg sync.WaitGroup
	for i := range prompts {
		for range 3 {
			wg.Go(func() {
				var got answered
				postJSON(t, s.URL+"/v1/completions", body(i), 200, &got)
				if len(got.Choices) != 1 || got.Choices[0].Text != alone[i].Choices[0].Text {
					t.Errorf("%q: together %+v, alone %+v", prompts[i], got.Choices, alone[i].Choices)
				}
			})
		}
	}
	wg.Wait()
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// TestEngineBusy holds that what waits beyond the queue is told to come back, and the others are answered.
func TestEngineBusy(t *testing.T) {
	s := engineServer(t, gpt.Options{Threads: 1, Sequences: 1, Queue: 1})
	var mu sync.Mutex
	count := map[int]int{}
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			r := post(t, s.URL+"/v1/completions", `{"prompt":"hello","max_tokens":100,"temperature":0}`)
			io.Copy(io.Discard, r.Body)
			mu.Lock()
			defer mu.Unlock()
			count[r.StatusCode]++
			if r.StatusCode == 429 && r.Header.Get("Retry-After") == "" {
				t.Error("nobody said when to come back")
			}
		})
	}
	wg.Wait()
	if count[200] == 0 || count[200]+count[429] != 12 {
		t.Errorf("%v", count)
	}
}
