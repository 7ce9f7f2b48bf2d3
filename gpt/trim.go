package gpt

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"daiban/gpt/weights"
)

// Trim asks for a smaller vocabulary: see token.Tokenizer.Trim.
type Trim struct {
	Size  int              // tokens that stay
	Texts iter.Seq[string] // what must keep its tokens
	Tie   bool             // a file that holds one matrix as embedding and as output keeps the output's, for both
}

const embedName, outputName = "token_embd.weight", "output.weight"

// trim replaces the tokenizer among meta and chooses the rows of embedding and output.
func (e *Engine) trim(meta []weights.KV, tensors []*weights.Tensor, want *Trim) ([]weights.KV, []*weights.Tensor, error) {
	tok, ids, err := e.tok.Trim(want.Size, want.Texts)
	if err != nil {
		return nil, nil, err
	}
	words, err := tok.GGUF(tok.Size())
	if err != nil {
		return nil, nil, err
	}
	meta = slices.DeleteFunc(slices.Clone(meta), func(p weights.KV) bool {
		return strings.HasPrefix(p.Key, "tokenizer.") || strings.HasSuffix(p.Key, ".vocab_size")
	})
	if want.Tie {
		if tensors, err = tie(tensors); err != nil {
			return nil, nil, err
		}
	}
	for i, t := range tensors {
		if t.Name == embedName || t.Name == outputName {
			tensors[i] = chosen(t, ids)
		}
	}
	return append(meta, words...), tensors, nil
}

// tie lets the output's matrix be the embedding's too.
func tie(tensors []*weights.Tensor) ([]*weights.Tensor, error) {
	find := func(name string) int {
		return slices.IndexFunc(tensors, func(t *weights.Tensor) bool { return t.Name == name })
	}
	embed, output := find(embedName), find(outputName)
	if embed < 0 || output < 0 || !slices.Equal(tensors[embed].Shape, tensors[output].Shape) {
		return nil, fmt.Errorf("the file holds no %s beside its %s: there is nothing to tie", outputName, embedName)
	}
	one := *tensors[output]
	one.Name = embedName
	tensors[embed] = &one
	return slices.Delete(tensors, output, output+1), nil
}

// chosen is the rows of t that ids name, in their order.
func chosen(t *weights.Tensor, ids []int) *weights.Tensor {
	out := &weights.Tensor{Name: t.Name, Type: t.Type, Shape: []int{len(ids), t.Cols()}}
	for _, id := range ids {
		out.Data = append(out.Data, t.Row(id)...)
	}
	return out
}
