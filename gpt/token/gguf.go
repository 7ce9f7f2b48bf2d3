package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Types of tokens in GGUF (tokenizer.ggml.token_type).
const (
	typeControl     = 3
	typeUserDefined = 4
	typeUnused      = 5
)

// FromGGUF builds the tokenizer that the metadata of a GGUF file describes. Its string arrays are
// kept, not copied: they may be views over the mapped file, which then has to stay mapped.
//
// The rule by which words are cut is what tokenizer.ggml.pre names: gpt-2, qwen2, llama3 (or
// llama-bpe, llama-v3), smollm, default; another name is an error. The metadata does not say what
// the model's own tokenizer does beside that, so it is done as in Hugging Face's: Qwen2 normalises to
// form C, Llama 3 takes a word that is a token whole and begins a text with its first token.
func FromGGUF(meta map[string]any) (*Tokenizer, error) {
	t, err := fromGGUF(metadata(meta))
	if err != nil {
		return nil, fmt.Errorf("GGUF metadata: %w", err)
	}
	return t, nil
}

func fromGGUF(m metadata) (*Tokenizer, error) {
	if model := m.text("tokenizer.ggml.model"); model != "gpt2" {
		return nil, fmt.Errorf("tokenizer.ggml.model is %q; only byte-level BPE (gpt2) is supported", clip(model))
	}
	var p parts
	var err error
	if err := p.pre(m.text("tokenizer.ggml.pre")); err != nil {
		return nil, err
	}
	if p.texts, err = m.texts("tokenizer.ggml.tokens"); err != nil {
		return nil, err
	}
	merges, err := m.texts("tokenizer.ggml.merges")
	if err != nil {
		return nil, err
	}
	p.merges = len(merges)
	p.merge = func(i int) (string, string, error) { return cutMerge(merges[i]) }
	if err := p.types(m); err != nil {
		return nil, err
	}
	if err := p.ends(m); err != nil {
		return nil, err
	}
	p.chat = m.text("tokenizer.chat_template")
	return build(p)
}

// pre sets what the name of a pre-tokenizer stands for.
func (p *parts) pre(name string) error {
	switch name {
	case "gpt-2", "gpt2":
		p.rule = ruleGPT2
	case "qwen2":
		p.rule, p.nfc = ruleQwen2, true
	case "llama3", "llama-v3", "llama-bpe":
		p.rule, p.ignoreMerges, p.addBOS = ruleLlama3, true, true
	case "smollm":
		p.rule = ruleSmolLM
	case "default", "":
		p.rule = ruleDefault
	default:
		return fmt.Errorf("tokenizer.ggml.pre is %q, which is not known (known: gpt-2, qwen2, llama-bpe, llama3, smollm, default)", clip(name))
	}
	return nil
}

// types reads which tokens are control tokens, added ones or unused.
func (p *parts) types(m metadata) error {
	types, err := m.numbers("tokenizer.ggml.token_type")
	if err != nil {
		return err
	}
	if types == nil {
		return nil
	}
	if types.n != len(p.texts) {
		return fmt.Errorf("tokenizer.ggml.token_type has %d entries for %d tokens", types.n, len(p.texts))
	}
	for id := range types.n {
		switch types.at(id) {
		case typeControl, typeUserDefined:
			p.added = append(p.added, addedToken{id: id, text: p.texts[id], special: types.at(id) == typeControl})
		case typeUnused:
			p.unused = append(p.unused, id)
		}
	}
	return nil
}

// ends reads which tokens begin and end a text.
func (p *parts) ends(m metadata) (err error) {
	get := func(key string) int {
		id, e := m.id("tokenizer.ggml."+key, len(p.texts))
		err = errors.Join(err, e)
		return id
	}
	p.bos, p.eos = get("bos_token_id"), get("eos_token_id")
	for _, key := range []string{"eot_token_id", "eom_token_id"} {
		if id := get(key); id >= 0 {
			p.stops = append(p.stops, id)
		}
	}
	if v, ok := m["tokenizer.ggml.add_bos_token"].(bool); ok {
		p.addBOS = v
	}
	return err
}

// stopTexts are control tokens that end an answer in every family that has them.
var stopTexts = []string{endOfText, "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>"}

// findStops returns the ids that end a generation: those given, the end token, and known texts.
func (t *Tokenizer) findStops(given []int) []int {
	set := map[int]bool{}
	for _, id := range append(given, t.eos) {
		set[id] = id >= 0
	}
	for _, s := range stopTexts {
		if id := t.vocab.id(s); id >= 0 && t.silent[id] {
			set[id] = true
		}
	}
	var list []int
	for id, in := range set {
		if in {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

// metadata reads values leniently: numbers of any width, arrays typed or not.
type metadata map[string]any

func (m metadata) text(key string) string {
	s, _ := m[key].(string)
	return s
}

// texts returns an array of strings, which must be there.
func (m metadata) texts(key string) ([]string, error) {
	switch v := m[key].(type) {
	case []string:
		return v, nil
	case []any:
		out := make([]string, len(v))
		for i, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, fmt.Errorf("%s[%d] is a %T, not a string", key, i, x)
			}
			out[i] = s
		}
		return out, nil
	case nil:
		return nil, fmt.Errorf("%s is missing", key)
	default:
		return nil, fmt.Errorf("%s is a %s, not an array of strings", key, strings.TrimPrefix(fmt.Sprintf("%T", v), "[]"))
	}
}

// numberList is an array of whole numbers of any type.
type numberList struct {
	n  int
	at func(i int) int64
}

func listOf[T int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](v []T) *numberList {
	return &numberList{len(v), func(i int) int64 { return int64(v[i]) }}
}

// numbers returns an array of whole numbers, nil where there is none.
func (m metadata) numbers(key string) (*numberList, error) {
	switch v := m[key].(type) {
	case nil:
		return nil, nil
	case []int32:
		return listOf(v), nil
	case []uint32:
		return listOf(v), nil
	case []int64:
		return listOf(v), nil
	case []uint64:
		return listOf(v), nil
	case []int16:
		return listOf(v), nil
	case []uint16:
		return listOf(v), nil
	case []int8:
		return listOf(v), nil
	case []uint8:
		return listOf(v), nil
	case []int:
		return listOf(v), nil
	case []any:
		out := make([]int64, len(v))
		for i, x := range v {
			n, ok := whole(x)
			if !ok {
				return nil, fmt.Errorf("%s[%d] is a %T, not a whole number", key, i, x)
			}
			out[i] = n
		}
		return listOf(out), nil
	default:
		return nil, fmt.Errorf("%s is a %T, not an array of whole numbers", key, v)
	}
}

// id returns the token that key names, -1 where the key is missing.
func (m metadata) id(key string, size int) (int, error) {
	v, ok := m[key]
	if !ok {
		return -1, nil
	}
	n, ok := whole(v)
	if !ok {
		return -1, fmt.Errorf("%s is a %T, not a whole number", key, v)
	}
	if n == -1 || n == 1<<32-1 { // how some files say "none"
		return -1, nil
	}
	if n < 0 || n >= int64(size) {
		return -1, fmt.Errorf("%s is %d, but there are %d tokens", key, n, size)
	}
	return int(n), nil
}

func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		return int64(v), v < 1<<63
	}
	return 0, false
}
