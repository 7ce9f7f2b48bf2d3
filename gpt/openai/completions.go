package openai

import (
	"encoding/json"
	"net/http"
	"strings"

	"daiban/gpt"
)

// completions answers /v1/completions.
func (h *Handler) completions(w http.ResponseWriter, r *http.Request) *Error {
	p, err := h.body(w, r)
	if err != nil {
		return err
	}
	a, err := h.completionAsk(p)
	if err != nil {
		return err
	}
	return h.serve(w, r, a, &completionShape{head: h.head("cmpl-", "text_completion"), ask: a, h: h})
}

func (h *Handler) completionAsk(p *params) (*ask, *Error) {
	a := h.common(p)
	n, _ := p.integer("max_tokens", 16, 0, tokensMax)
	a.base.MaxTokens, a.nothing = n, n == 0
	a.echo = p.flag("echo")
	if top, set := p.integer("logprobs", 0, 0, topMax); set {
		a.logprobs, a.top = true, top
		a.base.LogProbs, a.base.TopLogProbs = true, max(top, 1)
	}
	if a.echo && a.logprobs && !a.nothing || a.nothing && a.logprobs {
		p.fail(unsupported("echo", "log probabilities of the prompt are not computed; leave out echo or logprobs"))
	}
	if best, set := p.integer("best_of", a.base.N, 1, choicesMax); set && best != a.base.N {
		p.fail(unsupported("best_of", "every sequence is returned; ask for n and choose"))
	}
	p.neutral("suffix", "text is continued, not filled in", `""`)
	p.grammar(h, a)
	a.prompts = h.readPrompts(p)
	if err := p.done(); err != nil {
		return nil, err
	}
	return a, h.fits(a)
}

// readPrompts reads a text, a list of texts, a list of tokens or a list of such lists.
func (h *Handler) readPrompts(p *params) []prompt {
	const name, want = "prompt", "a text, a list of texts, a list of tokens, or a list of lists of tokens"
	raw, ok := p.raw[name]
	if !ok {
		p.fail(&Error{Status: http.StatusBadRequest, Param: name, Code: "missing_required_parameter", Message: "prompt is needed: " + want})
		return nil
	}
	delete(p.raw, name)
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return h.fromTexts(p, []string{text})
	}
	var texts []string
	if json.Unmarshal(raw, &texts) == nil && len(texts) > 0 {
		if len(texts) > choicesMax {
			p.fail(invalid(name, "at most %d prompts, not %d", choicesMax, len(texts)))
			return nil
		}
		return h.fromTexts(p, texts)
	}
	var one []int
	lists := [][]int{}
	switch {
	case json.Unmarshal(raw, &one) == nil && len(one) > 0:
		lists = append(lists, one)
	case json.Unmarshal(raw, &lists) != nil || len(lists) == 0 || len(lists) > choicesMax:
		p.fail(invalid(name, "must be %s", want))
		return nil
	}
	return h.fromTokens(p, lists)
}

func (h *Handler) fromTexts(p *params, texts []string) []prompt {
	out := make([]prompt, len(texts))
	for i, t := range texts {
		ids, err := h.model.Encode(t)
		if err != nil {
			p.fail(invalid("prompt", "%v", err))
			return nil
		}
		out[i] = prompt{ids, t}
	}
	return out
}

func (h *Handler) fromTokens(p *params, lists [][]int) []prompt {
	var out []prompt
	for _, ids := range lists {
		var b strings.Builder
		for _, id := range ids {
			if id < 0 || id >= h.model.Vocab() {
				p.fail(invalid("prompt", "there is no token %d; the model has 0 to %d", id, h.model.Vocab()-1))
				return nil
			}
			b.Write(h.model.Bytes(id))
		}
		out = append(out, prompt{ids, strings.ToValidUTF8(b.String(), "\uFFFD")})
	}
	return out
}

// completionShape is how /v1/completions tells an answer.
type completionShape struct {
	head
	ask *ask
	h   *Handler
	at  map[int]int // where the next token of a choice begins, in characters
}

type completionChoice struct {
	Text     string           `json:"text"`
	Index    int              `json:"index"`
	LogProbs *completionProbs `json:"logprobs"`
	Finish   *string          `json:"finish_reason"`
}

type completionProbs struct {
	Tokens  []string             `json:"tokens"`
	Probs   []float64            `json:"token_logprobs"`
	Top     []map[string]float64 `json:"top_logprobs"`
	Offsets []int                `json:"text_offset"`
}

// lead is the prompt's text where it is to be echoed.
func (s *completionShape) lead(index int) string {
	if !s.ask.echo {
		return ""
	}
	return s.ask.prompts[index/s.ask.base.N].text
}

func (s *completionShape) whole(seqs []gpt.Sequence, u usage) any {
	list := []any{}
	for i, q := range seqs {
		list = append(list, completionChoice{s.lead(i) + q.Text, i, s.probs(i, q.Places), finish(q.Finish)})
	}
	return s.body(list, &u)
}

func (s *completionShape) first(index int) any {
	if lead := s.lead(index); lead != "" {
		return s.chunk(completionChoice{Text: lead, Index: index})
	}
	return nil
}

func (s *completionShape) piece(index int, text string, places []gpt.Place) any {
	return s.chunk(completionChoice{Text: text, Index: index, LogProbs: s.probs(index, places)})
}

func (s *completionShape) last(index int, why gpt.Finish) any {
	return s.chunk(completionChoice{Index: index, Finish: finish(why)})
}

func (s *completionShape) probs(index int, places []gpt.Place) *completionProbs {
	if !s.ask.logprobs || len(places) == 0 {
		return nil
	}
	if s.at == nil {
		s.at = map[int]int{}
	}
	out := &completionProbs{Tokens: []string{}, Probs: []float64{}, Top: []map[string]float64{}, Offsets: []int{}}
	for _, p := range places {
		text := s.h.model.Bytes(p.Token)
		out.Tokens = append(out.Tokens, tokenName(text))
		out.Probs = append(out.Probs, finite(p.LogProb))
		top := map[string]float64{}
		for _, c := range p.Top[:min(s.ask.top, len(p.Top))] {
			top[tokenName(s.h.model.Bytes(c.Token))] = finite(c.LogProb)
		}
		out.Top = append(out.Top, top)
		out.Offsets = append(out.Offsets, s.at[index])
		s.at[index] += characters(text)
	}
	return out
}
