package openai

import (
	"crypto/rand"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"daiban/gpt"
)

// A shape turns sequences into an endpoint's JSON: whole, or as the chunks of a stream.
type shape interface {
	whole(seqs []gpt.Sequence, u usage) any
	first(index int) any // before anything of a choice; nil for nothing
	piece(index int, text string, places []gpt.Place) any
	last(index int, why gpt.Finish) any
	total(u usage) any // the chunk after the last, where usage was asked for
}

// head is what every object of an answer begins with.
type head struct {
	id, object, model string
	created           int64
	usage             bool // chunks have a usage of null
}

func (h *Handler) head(prefix, object string) head {
	return head{id: prefix + strings.ToLower(rand.Text()), object: object, model: h.name, created: h.options.Now().Unix()}
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
	Details    struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

func (u *usage) add(o *gpt.Output) {
	u.Prompt += o.PromptTokens
	u.Details.Cached += o.ReusedTokens
	for _, s := range o.Sequences {
		u.Completion += len(s.Tokens)
	}
	u.Total = u.Prompt + u.Completion
}

type object struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
	Choices []any  `json:"choices"`
	Usage   *usage `json:"usage"`
}

// quietObject is an object of a stream where no usage was asked for.
type quietObject struct {
	object
	Usage *usage `json:"usage,omitempty"`
}

func (h *head) body(choices []any, u *usage) any {
	return object{h.id, h.object, h.created, h.model, choices, u}
}

func (h *head) chunk(choice any) any {
	o := object{h.id, h.chunkObject(), h.created, h.model, []any{choice}, nil}
	if h.usage {
		return o
	}
	return quietObject{object: o}
}

func (h *head) total(u usage) any {
	return object{h.id, h.chunkObject(), h.created, h.model, []any{}, &u}
}

func (h *head) withUsage() { h.usage = true }

func (h *head) chunkObject() string {
	if h.object == "chat.completion" {
		return "chat.completion.chunk"
	}
	return h.object
}

func finish(f gpt.Finish) *string {
	s := string(f)
	return &s
}

// finite keeps a logarithm within what JSON can write; OpenAI's value for "never" is -9999.
func finite(x float64) float64 {
	if math.IsNaN(x) {
		return -9999
	}
	return max(x, -9999)
}

// tokenName is a token as /v1/completions names it: its text, or its bytes where they are none.
func tokenName(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	s.WriteString("bytes:")
	for _, x := range b {
		fmt.Fprintf(&s, `\x%02x`, x)
	}
	return s.String()
}

// characters counts those that begin in b.
func characters(b []byte) (n int) {
	for _, x := range b {
		if utf8.RuneStart(x) {
			n++
		}
	}
	return n
}
