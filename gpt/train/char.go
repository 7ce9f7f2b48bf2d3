package train

import (
	"errors"
	"iter"

	"daiban/gpt/token"
)

// endText is the token that ends a completion in tokenizers made here.
const endText = "<|endoftext|>"

// charTokenizer has a token for each character of files. With pairs it has an end token; a plain
// text needs none.
func charTokenizer(files []string) (*token.Tokenizer, error) {
	var all []rune
	seen, pairs := map[rune]bool{}, false
	s := source{files: files, badMax: 1 << 30, each: func(x Example) error {
		pairs = pairs || !x.Plain
		for _, r := range x.Prompt + x.Completion {
			if !seen[r] {
				seen[r] = true
				all = append(all, r)
			}
		}
		return nil
	}}
	if err := s.read(); err != nil {
		return nil, err
	}
	var special []string
	if pairs {
		special = append(special, endText)
	}
	return token.Characters(string(all), special...)
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
