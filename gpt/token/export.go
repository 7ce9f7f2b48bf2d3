package token

import (
	"errors"
	"fmt"
	"slices"

	"daiban/gpt/weights"
)

// preNames are the names of what FromGGUF knows, one for each.
var preNames = []string{"gpt-2", "qwen2", "llama-bpe", "smollm", "default"}

// GGUF returns the tokenizer as the metadata of a GGUF file, which FromGGUF reads back. size is
// the number of rows of the model's embedding: ids that the tokenizer lacks become unused tokens.
// It is an error where GGUF has no name for what the tokenizer does.
func (t *Tokenizer) GGUF(size int) ([]weights.KV, error) {
	pre := slices.IndexFunc(preNames, t.is)
	if pre < 0 || t.prefixSpace {
		return nil, errors.New("the tokenizer cuts or normalises texts in a way that GGUF has no name for")
	}
	if size < t.Size() {
		return nil, fmt.Errorf("the tokenizer has %d tokens, the model %d", t.Size(), size)
	}
	texts, types := t.listed(size)
	kv := []weights.KV{
		{Key: "tokenizer.ggml.model", Value: "gpt2"},
		{Key: "tokenizer.ggml.pre", Value: preNames[pre]},
		{Key: "tokenizer.ggml.tokens", Value: texts},
		{Key: "tokenizer.ggml.token_type", Value: types},
		{Key: "tokenizer.ggml.merges", Value: t.mergeTexts()},
		{Key: "tokenizer.ggml.add_bos_token", Value: t.addBOS},
	}
	if t.bos >= 0 {
		kv = append(kv, weights.KV{Key: "tokenizer.ggml.bos_token_id", Value: uint32(t.bos)})
	}
	if t.eos >= 0 {
		kv = append(kv, weights.KV{Key: "tokenizer.ggml.eos_token_id", Value: uint32(t.eos)})
	}
	if i := slices.IndexFunc(t.stops, func(id int) bool { return id != t.eos }); i >= 0 {
		kv = append(kv, weights.KV{Key: "tokenizer.ggml.eot_token_id", Value: uint32(t.stops[i])})
	}
	if t.chat != "" {
		kv = append(kv, weights.KV{Key: "tokenizer.chat_template", Value: t.chat})
	}
	return kv, nil
}

// is reports whether the name of a pre-tokenizer stands for what t does.
func (t *Tokenizer) is(name string) bool {
	var p parts
	err := p.pre(name)
	return err == nil && p.rule == t.rule && p.nfc == t.nfc && p.ignoreMerges == t.ignoreMerges
}

// listed is the texts of size tokens and what kind each is.
func (t *Tokenizer) listed(size int) (texts []string, types []int32) {
	texts, types = slices.Clone(t.vocab.texts), make([]int32, size)
	for id := range types {
		types[id] = 1 // an ordinary token
		switch {
		case id >= len(texts):
			texts, types[id] = append(texts, fmt.Sprintf("[PAD%d]", id)), typeUnused
		case texts[id] == "":
			texts[id], types[id] = fmt.Sprintf("[PAD%d]", id), typeUnused
		case t.silent[id]:
			types[id] = typeControl
		}
	}
	for _, a := range t.added.all() {
		if !a.special {
			types[a.id] = typeUserDefined
		}
	}
	return texts, types
}

// mergeTexts is the merges in the order of their rank.
func (t *Tokenizer) mergeTexts() []string {
	all := t.merges.inOrder()
	out := make([]string, len(all))
	for i, m := range all {
		out[i] = t.vocab.texts[m.pair>>32] + " " + t.vocab.texts[uint32(m.pair)]
	}
	return out
}

// inOrder is the merges in the order of their rank.
func (m *merges) inOrder() []merge {
	var all []merge
	for _, x := range m.slots {
		if x.pair != noPair {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(a, b merge) int { return int(a.rank) - int(b.rank) })
	return all
}
