package words

import (
	"context"
	"errors"
	"strings"

	"daiban/action"
	"daiban/gpt"
	"daiban/gpt/grammar"
	"daiban/gpt/token"
)

// Local is a language model of this machine. Nothing leaves it.
type Local struct {
	Engine *gpt.Engine
}

var _ action.Words = (*Local)(nil)

// Model is the model's name; it has no host.
func (l *Local) Model() (name, host string) { return l.Engine.Name(), "" }

// Room is the model's context, in tokens.
func (l *Local) Room() int { return l.Engine.Context }

// Size is how many tokens a text has.
func (l *Local) Size(text string) int { return len(l.Engine.Tokenizer().Encode(text)) }

// penalty of tokens that were said lately: it keeps a small model that always takes the likeliest from going round in circles.
const penalty = 1.05

// Answer answers a question, in its form.
func (l *Local) Answer(ctx context.Context, t action.Talk) (action.Answered, error) {
	p, err := program(t.Form)
	if err != nil {
		return action.Answered{}, err
	}
	r := gpt.Request{Prompt: l.prompt(t), MaxTokens: t.Tokens, Stop: t.Stop, Grammar: p}
	if len(t.Form.Fields) == 0 {
		r.RepeatPenalty = penalty
	}
	var said strings.Builder
	r.On = func(p gpt.Piece) error {
		said.WriteString(p.Text)
		if circles(said.String()) {
			return errCircles
		}
		return nil
	}
	s, err := l.generate(ctx, r)
	if errors.Is(err, errCircles) {
		return action.Answered{Text: said.String(), Cut: true}, nil
	}
	return action.Answered{Text: s.Text, Cut: s.Finish == gpt.Length}, err
}

// errCircles ends an answer that goes round in circles.
var errCircles = errors.New("the model repeats itself")

// circles reports whether the end of a text stands in it for the third time: a model that always takes the likeliest will not find out.
func circles(text string) bool {
	const end = 60 // bytes
	if len(text) < 3*end {
		return false
	}
	return strings.Count(text, text[len(text)-end:]) > 2
}

// Weigh is the model's own probability of each answer, the prompt computed once for all.
func (l *Local) Weigh(ctx context.Context, t action.Talk, answers []string) ([]action.Weight, action.Answered, error) {
	prompt := l.prompt(t)
	out := make([]action.Weight, len(answers))
	for i, text := range answers {
		g := grammar.New()
		g.Define("root", grammar.Lit(text))
		p, err := g.Compile("root")
		if err != nil {
			return nil, action.Answered{}, err
		}
		s, err := l.generate(ctx, gpt.Request{Prompt: prompt, Grammar: p, LogProbs: true})
		if err != nil {
			return nil, action.Answered{}, err
		}
		out[i] = action.Weight{LogProb: s.LogProb, Tokens: len(s.Tokens)}
	}
	return out, action.Answered{}, nil
}

func (l *Local) generate(ctx context.Context, r gpt.Request) (gpt.Sequence, error) {
	out, err := l.Engine.Generate(ctx, r)
	switch {
	case errors.Is(err, gpt.ErrTooLong):
		return gpt.Sequence{}, action.Limit("文字太长，语言模型放不下（%v）", "the text is too long for the language model (%v)", err)
	case errors.Is(err, gpt.ErrBusy):
		return gpt.Sequence{}, action.Limit("语言模型正忙：稍后再试，或给这一步写 retry", "the language model is busy: try again later, or give the step a retry")
	case err != nil:
		return gpt.Sequence{}, err
	}
	return out.Sequences[0], nil
}

// prompt is the talk as the model's template writes it, up to where its answer goes on.
func (l *Local) prompt(t action.Talk) []int {
	tok := l.Engine.Tokenizer()
	var list []token.Message
	if t.System != "" {
		list = append(list, token.Message{Role: "system", Content: t.System})
	}
	for i, s := range t.Turns {
		list = append(list, token.Message{Role: [2]string{"user", "assistant"}[i%2], Content: s})
	}
	ids, err := tok.Chat(list, true)
	if err != nil { // a model without a template that is known: the turns as plain text
		ids = tok.Encode(plain(list))
	}
	return append(ids, tok.Encode(t.Begin)...)
}

func plain(list []token.Message) string {
	var b strings.Builder
	for _, m := range list {
		b.WriteString(m.Content + "\n\n")
	}
	return b.String()
}
