package openai

import (
	"daiban/gpt"
	"daiban/gpt/token"
)

// Engine is the Model of an engine.
type Engine struct{ *gpt.Engine }

// For makes a Model of an engine.
func For(e *gpt.Engine) Engine { return Engine{e} }

// Encode is the tokens of a text that begins a sequence, with the token that begins one where
// the model was trained so.
func (e Engine) Encode(text string) ([]int, error) {
	t := e.Tokenizer()
	var ids []int
	if id, add := t.BOS(); add && text != "" {
		ids = append(ids, id)
	}
	return append(ids, t.Encode(text)...), nil
}

// Chat is a conversation as the model's own template writes it, with the beginning of an answer.
func (e Engine) Chat(list []Message) ([]int, error) {
	turns := make([]token.Message, len(list))
	for i, m := range list {
		turns[i] = token.Message{Role: m.Role, Content: m.Text}
	}
	return e.Tokenizer().Chat(turns, true)
}

// Bytes is what a token stands for.
func (e Engine) Bytes(id int) []byte { return e.Tokenizer().Bytes(id) }

// Vocab is how many tokens the model has.
func (e Engine) Vocab() int { return e.Config().Vocab }

// Context is how many tokens a sequence holds.
func (e Engine) Context() int { return e.Engine.Context }

// Sequences is how many sequences of one prompt are computed together.
func (e Engine) Sequences() int { return e.Engine.Sequences }
