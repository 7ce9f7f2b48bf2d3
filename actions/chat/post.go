package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"daiban/action"
	"daiban/actions/internal/client"
)

// answerMax bounds a robot's answer, in bytes.
const answerMax = 1 << 20

// one sends one message, signed with secret, and reads what the robot says of it.
func (p *post) one(x *client.Client, body any, secret string) error {
	u := *p.url
	if secret != "" {
		body = p.r.sign(&u, body, secret, time.Now()) // robots take a signature for an hour at most: the step may have waited longer
	}
	b, err := encode(body)
	if err != nil {
		return err
	}
	x.HideAddress(&u)
	r := &client.Request{URL: &u, Name: p.name(), Body: b, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	if p.r.account {
		r.Account = p.group.Account
	}
	text, err := ask(x, r)
	if err != nil {
		return err
	}
	return p.judge(x, text)
}

// ask posts r and reads the answer.
func ask(x *client.Client, r *client.Request) (string, error) {
	a, err := x.Post(r)
	if err != nil {
		return "", err
	}
	defer a.Close()
	b, err := a.All(answerMax)
	return client.Text(b, a.Header.Get("Content-Type")), err
}

// errStrange says that an answer is not as this robot's: nobody can tell what became of the message.
var errStrange = errors.New("not an answer of such a robot")

// A verdict is a robot's no: its own code and words.
type verdict struct {
	code, words string
	hint        hint
}

func (v *verdict) Error() string { return v.code + " " + v.words }

// A hint is what to do about a no, in both languages.
type hint struct{ zh, en string }

// Name is the hint in lang, after a semicolon.
func (h hint) Name(lang string) string {
	switch {
	case h.zh == "":
		return ""
	case lang == "zh":
		return "；" + h.zh
	}
	return "; " + h.en
}

// judge is the error of an answer with status 200: robots say no that way, too.
func (p *post) judge(x *client.Client, text string) error {
	err := p.r.read(text)
	var no *verdict
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no):
		return action.Refused("%s 拒绝：%s%s", "%s refused: %s%s", p.name(), x.Words(no.Error()), no.hint)
	}
	return action.Doubt("%s 的回答看不懂，可能发出了，也可能没有：%s", "the answer of %s is not understood; it may or may not have been posted: %s", p.name(), x.Words(text))
}

// encode is v as JSON; <, > and & stay as they are, since some robots count bytes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
