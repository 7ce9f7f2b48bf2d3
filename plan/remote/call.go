package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A kind says why an endpoint gave no answer.
type kind uint8

const (
	unreachable kind = iota
	tooSlow
	refusedKey
	notFound
	busy
	broken
	badRequest
	unreadable
	tooLong
	empty
	noKey
)

// A callError is why a call failed; note is the endpoint's own words, cut short.
type callError struct {
	kind kind
	note string
	err  error
}

var reasons = map[kind][2]string{
	unreachable: {"连不上模型服务", "the model's endpoint cannot be reached"},
	tooSlow:     {"模型服务没有在时限内回答", "the model's endpoint did not answer in time"},
	refusedKey:  {"模型服务拒绝了密钥：请检查账号", "the model's endpoint refused the key: check the account"},
	notFound:    {"模型服务没有这个地址或模型", "the model's endpoint has no such address or model"},
	busy:        {"模型服务正忙：稍后再试", "the model's endpoint is busy: try again later"},
	broken:      {"模型服务出错", "the model's endpoint failed"},
	badRequest:  {"模型服务不接受这个请求", "the model's endpoint does not accept the request"},
	unreadable:  {"模型服务的回答读不懂", "the answer of the model's endpoint cannot be read"},
	tooLong:     {"模型服务的回答太长", "the answer of the model's endpoint is too long"},
	empty:       {"模型没有回答内容", "the model gave an empty answer"},
	noKey:       {"取不到模型服务的密钥", "the key of the model's endpoint is not there"},
}

func (e *callError) Error() string { return e.say("en") }
func (e *callError) Unwrap() error { return e.err }

func (e *callError) say(lang string) string {
	r := reasons[e.kind]
	s := say(lang, r[0], r[1])
	if e.note != "" {
		s += say(lang, "（", " (") + e.note + say(lang, "）", ")")
	}
	return s
}

// A localError is a callError said in the language of the request.
type localError struct {
	text string
	err  error
}

func (e *localError) Error() string { return e.text }
func (e *localError) Unwrap() error { return e.err }

func inWords(err error, lang string) error {
	var ce *callError
	if errors.As(err, &ce) {
		return &localError{ce.say(lang), err}
	}
	return err
}

// A reply is the text of an answer and what it cost.
type reply struct {
	text    string
	in, out int
}

// retriesMax is how often a busy or failing endpoint is asked again.
const retriesMax = 2

// ask makes one call, again when the endpoint is busy for a moment.
func (p *Planner) ask(ctx context.Context, talk []message) (reply, error) {
	var last error
	for try := 0; try <= retriesMax; try++ {
		r, wait, err := p.once(ctx, talk)
		var ce *callError
		if err == nil || !errors.As(err, &ce) || ce.kind != busy && ce.kind != broken || try == retriesMax {
			return r, err
		}
		last = err
		if wait == 0 {
			wait = time.Duration(100<<(2*try)) * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return reply{}, &callError{kind: tooSlow, err: ctx.Err()}
		case <-time.After(min(wait, 5*time.Second)):
		}
	}
	return reply{}, last
}

func (p *Planner) once(ctx context.Context, talk []message) (r reply, wait time.Duration, err error) {
	timeout := p.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := json.Marshal(map[string]any{"model": p.Model, "messages": talk, "temperature": 0, "max_tokens": tokensMax, "stream": false})
	if err != nil {
		return r, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(p.URL, "/")+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return r, 0, &callError{kind: unreachable, note: "URL", err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if p.Key != nil {
		key, err := p.Key()
		if err != nil {
			return r, 0, &callError{kind: noKey, err: err}
		}
		if key != "" {
			req.Header.Set("Authorization", "Bearer "+key)
		}
	}
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
		return r, 0, &callError{kind: tooLong}
	}
	r, err = read(text)
	return r, 0, err
}

// client is one that does not carry the key to another place.
func (p *Planner) client() *http.Client {
	if p.Client != nil {
		return p.Client
	}
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func callFailed(ctx context.Context, err error) error {
	var ne net.Error
	if ctx.Err() != nil || errors.As(err, &ne) && ne.Timeout() {
		return &callError{kind: tooSlow, err: err}
	}
	return &callError{kind: unreachable, err: err}
}

func statusError(status int, body []byte) error {
	note := strconv.Itoa(status)
	if m := errorText(body); m != "" {
		note += ": " + m
	}
	k := broken
	switch {
	case status == 401 || status == 403:
		k = refusedKey
	case status == 404:
		k = notFound
	case status == 408 || status == 504:
		k = tooSlow
	case status == 429 || status == 503:
		k = busy
	case status >= 300 && status < 500:
		k = badRequest
	}
	return &callError{kind: k, note: note}
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
func read(text []byte) (reply, error) {
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
		return reply{}, &callError{kind: unreadable, err: fmt.Errorf("chat completion: %w", err)}
	}
	if m := errorText(text); m != "" && len(a.Choices) == 0 {
		return reply{}, &callError{kind: broken, note: m}
	}
	if len(a.Choices) == 0 || a.Choices[0].Message.Content == nil || strings.TrimSpace(*a.Choices[0].Message.Content) == "" {
		return reply{}, &callError{kind: empty}
	}
	if a.Choices[0].FinishReason == "length" {
		return reply{}, &callError{kind: tooLong}
	}
	return reply{text: *a.Choices[0].Message.Content, in: max(a.Usage.Prompt, 0), out: max(a.Usage.Completion, 0)}, nil
}
