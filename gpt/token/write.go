package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// addedTokens is all of them by id.
func (t *Tokenizer) addedTokens() []addedToken {
	var all []addedToken
	for _, f := range []*finder{&t.added.raw, &t.added.normal} {
		for _, l := range f.first {
			all = append(all, l...)
		}
	}
	slices.SortFunc(all, func(a, b addedToken) int { return a.id - b.id })
	return all
}

// WriteDir writes tokenizer.json and tokenizer_config.json into a folder, as Hugging Face's
// libraries read them.
func (t *Tokenizer) WriteDir(dir string) error {
	whole, err := t.wholeJSON()
	if err != nil {
		return err
	}
	config := map[string]any{"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": t.addBOS, "clean_up_tokenization_spaces": false}
	if t.bos >= 0 {
		config["bos_token"] = t.vocab.texts[t.bos]
	}
	if t.eos >= 0 {
		config["eos_token"] = t.vocab.texts[t.eos]
	}
	if t.chat != "" {
		config["chat_template"] = t.chat
	}
	generation := map[string]any{"eos_token_id": t.stops}
	if t.bos >= 0 {
		generation["bos_token_id"] = t.bos
	}
	for name, v := range map[string]any{"tokenizer.json": whole, "tokenizer_config.json": config, "generation_config.json": generation} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		if err := e.Encode(v); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tokenizer) wholeJSON() (any, error) {
	steps, err := t.preTokenizer()
	if err != nil {
		return nil, err
	}
	vocab := map[string]int{} // added tokens too: the reference gives one that is not here the next free id
	for id, s := range t.vocab.texts {
		if s != "" {
			vocab[s] = id
		}
	}
	list := []map[string]any{} // not null: the reference reads a list
	for _, a := range t.addedTokens() {
		list = append(list, map[string]any{"id": a.id, "content": a.text, "special": a.special, "lstrip": a.lstrip,
			"rstrip": a.rstrip, "single_word": a.singleWord, "normalized": a.normalized})
	}
	var normalizer any
	if t.nfc {
		normalizer = map[string]any{"type": "NFC"}
	}
	level := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}
	return map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": list, "normalizer": normalizer,
		"pre_tokenizer": steps, "post_processor": level, "decoder": level,
		"model": map[string]any{"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": t.ignoreMerges, "vocab": vocab, "merges": t.mergeTexts()},
	}, nil
}

func (t *Tokenizer) preTokenizer() (any, error) {
	level := func(regex bool) map[string]any {
		return map[string]any{"type": "ByteLevel", "add_prefix_space": t.prefixSpace, "trim_offsets": true, "use_regex": regex}
	}
	after := func(first map[string]any, regex bool) any {
		return map[string]any{"type": "Sequence", "pretokenizers": []any{first, level(regex)}}
	}
	split := func(pattern string) any {
		return after(map[string]any{"type": "Split", "pattern": map[string]any{"Regex": pattern}, "behavior": "Isolated", "invert": false}, false)
	}
	switch t.rule {
	case ruleWhole:
		return level(false), nil
	case ruleGPT2:
		return level(true), nil
	case ruleSmolLM:
		return after(map[string]any{"type": "Digits", "individual_digits": true}, true), nil
	case ruleQwen2:
		return split(patternQwen2), nil
	case ruleLlama3:
		return split(patternLlama3), nil
	}
	return nil, fmt.Errorf("tokenizer.json cannot say how this tokenizer cuts words: it is llama.cpp's default rule")
}
