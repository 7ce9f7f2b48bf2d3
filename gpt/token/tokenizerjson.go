package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// file is tokenizer.json: the small parts as text, the vocabulary read.
type file struct {
	normalizer, preTokenizer, postProcessor, decoder string
	added                                            []addedToken
	model                                            *modelPart
}

// modelPart is the value of "model".
type modelPart struct {
	kind                 string
	names                []string // of the vocabulary, in the order of the file
	ids                  []int
	merges               [][2]string
	unk                  string
	fuseUnk, wholeTokens bool
}

// parseFile reads tokenizer.json. Truncation and padding, which are of batches, are left out.
func parseFile(data string) (*file, error) {
	r := &reader{s: data}
	f := &file{}
	err := r.object(func(key string) (err error) {
		switch key {
		case "normalizer":
			f.normalizer, err = r.skip()
		case "pre_tokenizer":
			f.preTokenizer, err = r.skip()
		case "post_processor":
			f.postProcessor, err = r.skip()
		case "decoder":
			f.decoder, err = r.skip()
		case "added_tokens":
			err = r.addedTokens(f)
		case "model":
			f.model = &modelPart{}
			err = r.model(f.model)
		default:
			_, err = r.skip()
		}
		return inside(key, err)
	})
	if err == nil {
		err = r.end()
	}
	if err == nil && f.model == nil {
		err = errors.New(`"model" is missing`)
	}
	return f, err
}

func inside(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", clip(key), err)
}

func (r *reader) addedTokens(f *file) error {
	if r.peek() == 'n' {
		_, err := r.skip()
		return err
	}
	return r.array(func() error {
		raw, err := r.skip()
		if err != nil {
			return err
		}
		a, err := parseAdded(raw)
		if err != nil {
			return r.errorf("%v", err)
		}
		f.added = append(f.added, a)
		return nil
	})
}

func parseAdded(raw string) (addedToken, error) {
	v := struct {
		ID                                  *int32
		Content                             string
		SingleWord                          bool `json:"single_word"`
		Lstrip, Rstrip, Normalized, Special bool
	}{}
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		return addedToken{}, err
	}
	if v.Content == "" {
		return addedToken{}, errors.New("an added token without content")
	}
	a := addedToken{text: v.Content, special: v.Special, lstrip: v.Lstrip, rstrip: v.Rstrip, singleWord: v.SingleWord, normalized: v.Normalized, id: -1}
	if v.ID != nil {
		a.id = int(*v.ID)
	}
	return a, nil
}

func (r *reader) model(m *modelPart) error {
	return r.object(func(key string) (err error) {
		switch key {
		case "type":
			m.kind, err = r.str()
			if err == nil && m.kind != "BPE" {
				err = r.errorf("%q is not supported (known: BPE)", clip(m.kind))
			}
		case "vocab":
			err = r.vocab(m)
		case "merges":
			err = r.merges(m)
		default:
			err = r.option(m, key)
		}
		return inside(key, err)
	})
}

// option reads a setting of the model other than its tables.
func (r *reader) option(m *modelPart, key string) error {
	raw, err := r.skip()
	if err != nil {
		return err
	}
	off := raw == "null" || raw == "false" || raw == `""`
	switch {
	case off, key == "dropout" && (raw == "0" || raw == "0.0"):
		return nil
	case key == "unk_token":
		return json.Unmarshal([]byte(raw), &m.unk)
	case key == "fuse_unk" && raw == "true":
		m.fuseUnk = true
		return nil
	case key == "ignore_merges" && raw == "true":
		m.wholeTokens = true
		return nil
	}
	return r.errorf("the value %s is not supported", clip(raw))
}

func (r *reader) vocab(m *modelPart) error {
	m.names, m.ids = nil, nil
	return r.object(func(key string) error {
		id, err := r.id()
		if err != nil {
			return fmt.Errorf("%q: %w", clip(key), err)
		}
		m.names, m.ids = append(m.names, key), append(m.ids, id)
		return nil
	})
}

func (r *reader) merges(m *modelPart) error {
	m.merges = nil
	return r.array(func() error {
		pair, err := r.mergePair()
		if err != nil {
			return fmt.Errorf("merge %d: %w", len(m.merges), err)
		}
		m.merges = append(m.merges, pair)
		return nil
	})
}

// mergePair reads "a b" or ["a", "b"].
func (r *reader) mergePair() (pair [2]string, err error) {
	if r.peek() == '"' {
		s, err := r.str()
		if err != nil {
			return pair, err
		}
		pair[0], pair[1], err = cutMerge(s)
		if err != nil {
			return pair, r.errorf("%v", err)
		}
		return pair, nil
	}
	n := 0
	err = r.array(func() error {
		s, err := r.str()
		if n < 2 {
			pair[n] = s
		}
		n++
		return err
	})
	if err == nil && n != 2 {
		err = r.errorf("%d tokens instead of two", n)
	}
	return pair, err
}

// cutMerge cuts "a b" at its only space.
func cutMerge(s string) (left, right string, err error) {
	left, right, ok := strings.Cut(s, " ")
	if !ok || left == "" || right == "" || strings.IndexByte(right, ' ') >= 0 {
		return "", "", fmt.Errorf("%q is not two tokens with a space between", clip(s))
	}
	return left, right, nil
}

// fill puts the vocabulary and the merges into p.
func (m *modelPart) fill(p *parts) error {
	limit, size := idLimit(len(m.names)), 0
	for i, id := range m.ids {
		if id >= limit {
			return fmt.Errorf("vocab: %q has the id %d, far above the %d tokens there are", clip(m.names[i]), id, len(m.names))
		}
		size = max(size, id+1)
	}
	p.texts = make([]string, size)
	for i, id := range m.ids {
		if have := p.texts[id]; have != "" && have != m.names[i] {
			return fmt.Errorf("vocab: %q and %q have the same id %d", clip(have), clip(m.names[i]), id)
		}
		p.texts[id] = m.names[i]
	}
	p.ignoreMerges = m.wholeTokens
	p.merges = len(m.merges)
	p.merge = func(i int) (string, string, error) { return m.merges[i][0], m.merges[i][1], nil }
	return nil
}
