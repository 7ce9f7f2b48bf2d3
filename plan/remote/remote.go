// Package remote is a planner behind any endpoint that speaks OpenAI's chat
// completions. It sends the request, the catalogue of actions, the rules of the
// language, the nearest known requests and, when an answer is wrong, what was found
// wrong with it: nothing else.
package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"daiban/flow"
	"daiban/internal/completions"
	"daiban/plan"
)

// An Example is a known request and its flow.
type Example struct{ Request, Flow string }

// A Planner asks a language model elsewhere.
type Planner struct {
	URL   string // base, as "https://api.example.com/v1"
	Model string
	// Key gives the bearer key; nil or "" sends none. It is asked for at every call and never kept.
	Key func() (string, error)
	// Catalogue is what actions there are, one signature a line.
	Catalogue string
	// Examples gives the known requests nearest to a request; nil gives none.
	Examples func(request string, n int) []Example
	// Check says what is wrong with a flow, in lines that the model can act on; nil checks the form only.
	Check func(flow string) []string
	// Client makes the calls; nil is one that does not follow redirects.
	Client *http.Client
	// Timeout is for one call; 0 is 60 s.
	Timeout time.Duration
}

// Bounds of a conversation.
const (
	repairsMax   = 2
	examplesMax  = 8
	requestMax   = 8000     // bytes of a request
	flowMax      = 64 << 10 // bytes of a flow in it
	tokensMax    = 2000     // that an answer may have
	findingsMax  = 12
	findingBytes = 400
)

type message = completions.Message

// Plan asks the model, and up to twice more with what was wrong with its answer. The
// last answer is given even when it is still wrong, for check to explain; an answer
// that is no flow at all is not understood.
func (p *Planner) Plan(ctx context.Context, r plan.Request) (plan.Draft, error) {
	lang := r.Lang
	if lang == "" {
		lang = plan.Language(r.Text)
	}
	text := strings.TrimSpace(r.Text)
	if text == "" {
		return plan.Draft{Why: say(lang, "请求是空的", "the request is empty")}, nil
	}
	if len(text) > requestMax {
		return plan.Draft{Why: say(lang, fmt.Sprintf("请求太长：最多 %d 字节", requestMax), fmt.Sprintf("the request is too long: at most %d bytes", requestMax))}, nil
	}
	talk := p.opening(r, text)
	var d plan.Draft
	var last string
	for round := 0; ; round++ {
		reply, err := p.ask(ctx, talk)
		if err != nil {
			return plan.Draft{TokensIn: d.TokensIn, TokensOut: d.TokensOut}, inWords(err, lang)
		}
		d.TokensIn += reply.In
		d.TokensOut += reply.Out
		src := extract(reply.Text)
		bad := p.findings(src)
		if !parses(src) {
			last = firstLine(bad)
		} else {
			d.Flow, d.Understood = src, true
		}
		if len(bad) == 0 {
			return d, nil
		}
		if round == repairsMax {
			if !d.Understood {
				d.Why = say(lang, "模型的回答不是流程："+last, "the model's answer is no flow: "+last)
			}
			return d, nil
		}
		talk = append(talk, message{Role: "assistant", Content: cut(reply.Text, flowMax)}, message{Role: "user", Content: repair(bad)})
	}
}

// ask makes one call. A flow that was cut short is none.
func (p *Planner) ask(ctx context.Context, talk []message) (completions.Reply, error) {
	e := completions.Endpoint{URL: p.URL, Model: p.Model, Key: p.Key, Client: p.Client, Timeout: p.Timeout}
	r, err := e.Ask(ctx, talk, tokensMax)
	if err == nil && r.Cut {
		err = &completions.Error{Kind: completions.TooLong}
	}
	return r, err
}

// A localError is an error of the endpoint said in the language of the request.
type localError struct {
	text string
	err  error
}

func (e *localError) Error() string { return e.text }
func (e *localError) Unwrap() error { return e.err }

func inWords(err error, lang string) error {
	var ce *completions.Error
	if errors.As(err, &ce) {
		return &localError{ce.Say(lang), err}
	}
	return err
}

func parses(src string) bool {
	f, err := flow.Parse(src)
	return err == nil && len(f.Steps) > 0
}

// findings is what is wrong with src; none when it is right.
func (p *Planner) findings(src string) []string {
	if strings.TrimSpace(src) == "" {
		return []string{"the answer holds no flow"}
	}
	f, err := flow.Parse(src)
	var errs flow.Errors
	switch {
	case errors.As(err, &errs):
		var out []string
		for _, e := range errs {
			out = append(out, e.Error())
		}
		return out
	case err != nil:
		return []string{err.Error()}
	case len(f.Steps) == 0:
		return []string{"the answer holds no flow"}
	case p.Check == nil:
		return nil
	}
	return p.Check(src)
}

func repair(bad []string) string {
	var b strings.Builder
	b.WriteString("This flow is not right:\n")
	for i, f := range bad {
		if i == findingsMax {
			break
		}
		b.WriteString("- " + cut(strings.Join(strings.Fields(f), " "), findingBytes) + "\n")
	}
	b.WriteString("Answer with the whole corrected flow, and nothing else.")
	return b.String()
}

func firstLine(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return cut(lines[0], findingBytes)
}

// cut is s, at most n bytes of it, not ending inside a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func say(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}
