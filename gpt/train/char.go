package train

import (
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"daiban/gpt/token"
)

// endText is the token that ends a completion in tokenizers made here.
const endText = "<|endoftext|>"

// charTokenizer has a token for each character of files. It is written as byte-level BPE, which
// every reader of tokenizer.json knows: a character of several bytes is the merge of them, and no
// merge reaches over a character's end. With pairs it has an end token; a plain text needs none.
func charTokenizer(files []string) (*token.Tokenizer, error) {
	chars, pairs := map[rune]bool{}, false
	s := source{files: files, badMax: 1 << 30, each: func(x Example) error {
		pairs = pairs || !x.Plain
		for _, r := range x.Prompt + x.Completion {
			chars[r] = true
		}
		return nil
	}}
	if err := s.read(); err != nil {
		return nil, err
	}
	vocab, merges := charVocabulary(chars)
	added := []map[string]any{}
	config := map[string]any{"tokenizer_class": "PreTrainedTokenizerFast"}
	if pairs {
		added = append(added, map[string]any{"id": len(vocab), "content": endText, "special": true})
		vocab[endText] = len(vocab)
		config["eos_token"] = endText
	}
	level := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
	return tokenizerOf(map[string]any{
		"version": "1.0", "added_tokens": added, "pre_tokenizer": level, "decoder": level, "post_processor": level,
		"model": map[string]any{"type": "BPE", "vocab": vocab, "merges": merges},
	}, config)
}

// charVocabulary is the tokens in the order of characters, and the merges that make those of
// several bytes.
func charVocabulary(chars map[rune]bool) (vocab map[string]int, merges []string) {
	vocab = map[string]int{}
	add := func(t string) {
		if _, ok := vocab[t]; !ok {
			vocab[t] = len(vocab)
		}
	}
	var all []rune
	for r := range chars {
		all = append(all, r)
	}
	slices.Sort(all)
	merges = []string{}
	known := map[string]bool{}
	for _, r := range all {
		left := ""
		for _, b := range []byte(string(r)) {
			t := byteText(b)
			add(t)
			if left != "" && !known[left+t] {
				known[left+t] = true
				merges = append(merges, left+" "+t)
			}
			left += t
			add(left)
		}
	}
	return vocab, merges
}

// byteText is the character that stands for a byte in byte-level vocabularies (GPT-2's bytes_to_unicode).
func byteText(b byte) string {
	n := 0
	for c := range 256 {
		shown := c >= '!' && c <= '~' || c >= 0xA1 && c <= 0xAC || c >= 0xAE
		if c == int(b) {
			if shown {
				return string(rune(c))
			}
			return string(rune(256 + n))
		}
		if !shown {
			n++
		}
	}
	return ""
}

// tokenizerOf reads a tokenizer as if it lay in a folder.
func tokenizerOf(whole, config map[string]any) (*token.Tokenizer, error) {
	dir, err := os.MkdirTemp("", "tokenizer-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for name, v := range map[string]any{"tokenizer.json": whole, "tokenizer_config.json": config} {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return nil, err
		}
	}
	return token.OpenDir(dir)
}

// texts is the texts of files. err is set where they could not be read to the end.
func texts(files []string, err *error) iter.Seq[string] {
	return func(yield func(string) bool) {
		s := source{files: files, badMax: 1 << 30, each: func(x Example) error {
			if x.Prompt != "" && !yield(x.Prompt) || !yield(x.Completion) {
				return errEnough
			}
			return nil
		}}
		if e := s.read(); e != nil && !errors.Is(e, errEnough) {
			*err = e
		}
	}
}

var errEnough = errors.New("enough")
