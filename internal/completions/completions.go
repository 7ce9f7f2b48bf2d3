// Package completions asks a language model behind any endpoint that speaks OpenAI's chat completions: one call at a
// time, again when the endpoint is busy for a moment, with its errors in the words of a person.
package completions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"
)

// An Endpoint is where a model is asked.
type Endpoint struct {
	URL   string // base, as "https://api.example.com/v1"
	Model string
	// Key gives the bearer key; nil or "" sends none. It is asked for at every call and never kept.
	Key func() (string, error)
	// Client makes the calls; nil is one that does not follow redirects.
	Client *http.Client
	// Timeout is for one call; 0 is 60 s.
	Timeout time.Duration
}

// A Message of a conversation.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// A Reply is the text of an answer and what it cost.
type Reply struct {
	Text    string
	Cut     bool // the answer reached the most tokens that it was allowed
	In, Out int  // tokens
	Sent    int  // bytes of what was sent, again and again where it had to be
}

const answerMax = 1 << 20 // bytes of an answer

// A Kind says why an endpoint gave no answer.
type Kind uint8

// Why there is no answer.
const (
	Unreachable Kind = iota
	TooSlow
	RefusedKey
	NotFound
	Busy
	Broken
	BadRequest
	Unreadable
	TooLong
	Empty
	NoKey
)

// An Error is why a call failed.
type Error struct {
	Kind Kind
	note string // the endpoint's own words, cut short
	err  error
}

var reasons = map[Kind][2]string{
	Unreachable: {"连不上模型服务", "the model's endpoint cannot be reached"},
	TooSlow:     {"模型服务没有在时限内回答", "the model's endpoint did not answer in time"},
	RefusedKey:  {"模型服务拒绝了密钥：请检查账号", "the model's endpoint refused the key: check the account"},
	NotFound:    {"模型服务没有这个地址或模型", "the model's endpoint has no such address or model"},
	Busy:        {"模型服务正忙：稍后再试", "the model's endpoint is busy: try again later"},
	Broken:      {"模型服务出错", "the model's endpoint failed"},
	BadRequest:  {"模型服务不接受这个请求", "the model's endpoint does not accept the request"},
	Unreadable:  {"模型服务的回答读不懂", "the answer of the model's endpoint cannot be read"},
	TooLong:     {"模型服务的回答太长", "the answer of the model's endpoint is too long"},
	Empty:       {"模型没有回答内容", "the model gave an empty answer"},
	NoKey:       {"取不到模型服务的密钥", "the key of the model's endpoint is not there"},
}

func (e *Error) Error() string { return e.Say("en") }
func (e *Error) Unwrap() error { return e.err }

// Say is the error in lang, zh or en.
func (e *Error) Say(lang string) string {
	zh := lang == "zh"
	s, open, end := reasons[e.Kind][1], " (", ")"
	if zh {
		s, open, end = reasons[e.Kind][0], "（", "）"
	}
	if e.note != "" {
		s += open + e.note + end
	}
	return s
}

// retriesMax is how often a busy or failing endpoint is asked again.
const retriesMax = 2

// Ask makes one call, for an answer of at most so many tokens, and again when the endpoint is busy for a moment.
func (p *Endpoint) Ask(ctx context.Context, talk []Message, tokens int) (Reply, error) {
	var last error
	sent := 0
	for try := 0; try <= retriesMax; try++ {
		r, wait, err := p.once(ctx, talk, tokens)
		sent += r.Sent
		r.Sent = sent
		var ce *Error
		if err == nil || !errors.As(err, &ce) || ce.Kind != Busy && ce.Kind != Broken || try == retriesMax {
			return r, err
		}
		last = err
		if wait == 0 {
			wait = time.Duration(100<<(2*try)) * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return Reply{Sent: sent}, &Error{Kind: TooSlow, err: ctx.Err()}
		case <-time.After(min(wait, 5*time.Second)):
		}
	}
	return Reply{Sent: sent}, last
}

func (p *Endpoint) once(ctx context.Context, talk []Message, tokens int) (r Reply, wait time.Duration, err error) {
	timeout := p.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := json.Marshal(map[string]any{"model": p.Model, "messages": talk, "temperature": 0, "max_tokens": tokens, "stream": false})
	if err != nil {
		return r, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(p.URL, "/")+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return r, 0, &Error{Kind: Unreachable, note: "URL", err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if p.Key != nil {
		key, err := p.Key()
		if err != nil {
			return r, 0, &Error{Kind: NoKey, err: err}
		}
		if key != "" {
			req.Header.Set("Authorization", "Bearer "+key)
		}
	}
	sent := 0
	defer func() { r.Sent = sent }()
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{WroteHeaders: func() { sent = len(body) }}))
	res, err := p.client().Do(req)
	if err != nil {
		return r, 0, callFailed(ctx, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, answerMax+1))
	if err != nil {
		return r, 0, callFailed(ctx, err)
	}
	if res.StatusCode != http.StatusOK {
		s, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return r, time.Duration(max(s, 0)) * time.Second, statusError(res.StatusCode, text)
	}
	if len(text) > answerMax {
		return r, 0, &Error{Kind: TooLong}
	}
	r, err = read(text)
	return r, 0, err
}

// client is one that does not carry the key to another place.
func (p *Endpoint) client() *http.Client {
	if p.Client != nil {
		return p.Client
	}
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func callFailed(ctx context.Context, err error) error {
	var ne net.Error
	if ctx.Err() != nil || errors.As(err, &ne) && ne.Timeout() {
		return &Error{Kind: TooSlow, err: err}
	}
	return &Error{Kind: Unreachable, err: err}
}

func statusError(status int, body []byte) error {
	note := strconv.Itoa(status)
	if m := errorText(body); m != "" {
		note += ": " + m
	}
	k := Broken
	switch {
	case status == 401 || status == 403:
		k = RefusedKey
	case status == 404:
		k = NotFound
	case status == 408 || status == 504:
		k = TooSlow
	case status == 429 || status == 503:
		k = Busy
	case status >= 300 && status < 500:
		k = BadRequest
	}
	return &Error{Kind: k, note: note}
}

// cut is s, at most n bytes of it, not ending inside a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// errorText is the endpoint's own words for an error: one short line, nothing that
// could be mistaken for more.
func errorText(body []byte) string {
	var e struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	var obj struct {
		Message string `json:"message"`
	}
	var s string
	if json.Unmarshal(e.Error, &obj) == nil {
		s = obj.Message
	} else {
		_ = json.Unmarshal(e.Error, &s)
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return cut(strings.Join(strings.Fields(s), " "), 200)
}

// read takes the text out of an answer.
func read(text []byte) (Reply, error) {
	var a struct {
		Choices []struct {
			Message struct {
				Content *string `json:"content"`
			} `json:"message"`
			FinishReason string `json:"finish_reason"`
		} `json:"choices"`
		Usage struct {
			Prompt     int `json:"prompt_tokens"`
			Completion int `json:"completion_tokens"`
		} `json:"usage"`
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return Reply{}, &Error{Kind: Unreadable, err: fmt.Errorf("chat completion: %w", err)}
	}
	if m := errorText(text); m != "" && len(a.Choices) == 0 {
		return Reply{}, &Error{Kind: Broken, note: m}
	}
	if len(a.Choices) == 0 || a.Choices[0].Message.Content == nil || strings.TrimSpace(*a.Choices[0].Message.Content) == "" {
		return Reply{}, &Error{Kind: Empty}
	}
	return Reply{Text: *a.Choices[0].Message.Content, Cut: a.Choices[0].FinishReason == "length", In: max(a.Usage.Prompt, 0), Out: max(a.Usage.Completion, 0)}, nil
}
