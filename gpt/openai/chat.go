package openai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"daiban/gpt"
)

// chatCompletions answers /v1/chat/completions.
func (h *Handler) chatCompletions(w http.ResponseWriter, r *http.Request) *Error {
	p, err := h.body(w, r)
	if err != nil {
		return err
	}
	a, err := h.chatAsk(p)
	if err != nil {
		return err
	}
	return h.serve(w, r, a, &chatShape{head: h.head("chatcmpl-", "chat.completion"), ask: a, h: h})
}

func (h *Handler) chatAsk(p *params) (*ask, *Error) {
	a := h.common(p)
	old, oldSet := p.integer("max_tokens", 0, 1, tokensMax)
	n, set := p.integer("max_completion_tokens", old, 1, tokensMax)
	if oldSet && set && old != n {
		p.fail(invalid("max_tokens", "differs from max_completion_tokens; give one of them"))
	}
	a.base.MaxTokens = n
	a.logprobs = p.flag("logprobs")
	top, set := p.integer("top_logprobs", 0, 0, topMax)
	if set && top > 0 && !a.logprobs {
		p.fail(invalid("top_logprobs", "only with logprobs: true"))
	}
	if a.logprobs {
		a.top, a.base.LogProbs, a.base.TopLogProbs = top, true, max(top, 1)
	}
	p.noTools()
	p.format(h, a)
	p.grammar(h, a)
	a.prompts = h.conversation(p)
	if err := p.done(); err != nil {
		return nil, err
	}
	return a, h.fits(a)
}

func (p *params) noTools() {
	const why = "this server calls no tools; ask for JSON with response_format instead"
	p.neutral("tools", why, "[]")
	p.neutral("tool_choice", why, `"none"`, `"auto"`)
	p.neutral("functions", why, "[]")
	p.neutral("function_call", why, `"none"`, `"auto"`)
	p.ignore("parallel_tool_calls")
	p.neutral("modalities", "there is text only", `["text"]`)
	p.neutral("audio", "there is text only")
	p.neutral("reasoning_effort", "the model decides by itself")
	p.neutral("verbosity", "say it in a message", `"medium"`)
	p.neutral("web_search_options", "nothing is looked up")
}

// conversation reads messages.
func (h *Handler) conversation(p *params) []prompt {
	if _, ok := p.raw["messages"]; !ok {
		p.fail(&Error{Status: http.StatusBadRequest, Param: "messages", Code: "missing_required_parameter", Message: `messages is needed: a list such as [{"role": "user", "content": "…"}]`})
		return nil
	}
	var raw []map[string]json.RawMessage
	if !p.read("messages", &raw, "a list of objects with role and content") {
		return nil
	}
	if len(raw) == 0 {
		p.fail(invalid("messages", "is empty"))
		return nil
	}
	list := make([]Message, len(raw))
	for i, m := range raw {
		var err *Error
		if list[i], err = message(fmt.Sprintf("messages[%d]", i), m); err != nil {
			p.fail(err)
			return nil
		}
	}
	if p.err != nil {
		return nil
	}
	ids, err := h.model.Chat(list)
	if err != nil {
		p.fail(&Error{Status: http.StatusBadRequest, Param: "messages", Code: "invalid_value", Message: "messages: " + err.Error()})
		return nil
	}
	return []prompt{{ids: ids}}
}

// message reads one message; where is its place.
func message(where string, raw map[string]json.RawMessage) (Message, *Error) {
	p := &params{raw: raw}
	for name, v := range raw {
		if string(v) == "null" {
			delete(raw, name)
		}
	}
	var m Message
	switch role := p.text("role"); role {
	case "system", "developer":
		m.Role = "system"
	case "user", "assistant":
		m.Role = role
	case "tool", "function":
		return m, unsupported(where+".role", "this server calls no tools")
	default:
		return m, invalid(where+".role", "must be system, developer, user or assistant, not %s", quoted(role))
	}
	p.neutral("tool_calls", "this server calls no tools", "[]")
	p.neutral("audio", "there is text only")
	p.neutral("refusal", "say it in content", `""`)
	p.ignore("name", "annotations", "reasoning_content")
	content, ok := raw["content"]
	delete(raw, "content")
	if err := p.done(); err != nil {
		err.Message, err.Param = where+": "+err.Message, where+"."+err.Param
		return m, err
	}
	if !ok {
		return m, invalid(where+".content", "is missing")
	}
	var err *Error
	m.Text, err = contentText(where+".content", content)
	return m, err
}

// contentText is the text of a message: a text, or a list of text parts.
func contentText(where string, raw json.RawMessage) (string, *Error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var parts []struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if json.Unmarshal(raw, &parts) != nil {
		return "", invalid(where, "must be a text, or a list of parts such as {\"type\": \"text\", \"text\": \"…\"}")
	}
	var b strings.Builder
	for i, part := range parts {
		at := fmt.Sprintf("%s[%d]", where, i)
		switch {
		case part.Type != "text":
			return "", unsupported(at+".type", "this model reads text only, not "+quoted(part.Type))
		case part.Text == nil:
			return "", invalid(at+".text", "is missing")
		}
		b.WriteString(*part.Text)
	}
	return b.String(), nil
}

// chatShape is how /v1/chat/completions tells an answer.
type chatShape struct {
	head
	ask *ask
	h   *Handler
}

type chatChoice struct {
	Index    int        `json:"index"`
	Message  any        `json:"message,omitempty"`
	Delta    any        `json:"delta,omitempty"`
	LogProbs *chatProbs `json:"logprobs"`
	Finish   *string    `json:"finish_reason"`
}

type chatMessage struct {
	Role    string  `json:"role"`
	Content string  `json:"content"`
	Refusal *string `json:"refusal"`
}

type delta struct {
	Content string `json:"content"`
}

type chatProbs struct {
	Content []chatToken `json:"content"`
	Refusal *string     `json:"refusal"`
}

type chatToken struct {
	tokenProb
	Top []tokenProb `json:"top_logprobs"`
}

type tokenProb struct {
	Token string  `json:"token"`
	Prob  float64 `json:"logprob"`
	Bytes []int   `json:"bytes"`
}

func (s *chatShape) whole(seqs []gpt.Sequence, u usage) any {
	list := []any{}
	for i, q := range seqs {
		list = append(list, chatChoice{Index: i, Message: chatMessage{Role: "assistant", Content: q.Text}, LogProbs: s.probs(q.Places), Finish: finish(q.Finish)})
	}
	return s.body(list, &u)
}

func (s *chatShape) first(index int) any {
	return s.chunk(chatChoice{Index: index, Delta: chatMessage{Role: "assistant"}})
}

func (s *chatShape) piece(index int, text string, places []gpt.Place) any {
	return s.chunk(chatChoice{Index: index, Delta: delta{text}, LogProbs: s.probs(places)})
}

func (s *chatShape) last(index int, why gpt.Finish) any {
	return s.chunk(chatChoice{Index: index, Delta: struct{}{}, Finish: finish(why)})
}

func (s *chatShape) probs(places []gpt.Place) *chatProbs {
	if !s.ask.logprobs || len(places) == 0 {
		return nil
	}
	out := &chatProbs{Content: []chatToken{}}
	for _, p := range places {
		t := chatToken{tokenProb: s.prob(p.Choice), Top: []tokenProb{}}
		for _, c := range p.Top[:min(s.ask.top, len(p.Top))] {
			t.Top = append(t.Top, s.prob(c))
		}
		out.Content = append(out.Content, t)
	}
	return out
}

func (s *chatShape) prob(c gpt.Choice) tokenProb {
	b := s.h.model.Bytes(c.Token)
	t := tokenProb{Token: strings.ToValidUTF8(string(b), "\uFFFD"), Prob: finite(c.LogProb), Bytes: []int{}}
	for _, x := range b {
		t.Bytes = append(t.Bytes, int(x))
	}
	return t
}
