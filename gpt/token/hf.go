package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"daiban/gpt/weights"
)

// OpenDir reads the tokenizer of a folder as Hugging Face lays it out: tokenizer.json, or else
// vocab.json and merges.txt. Where they are, tokenizer_config.json, special_tokens_map.json,
// generation_config.json and chat_template.jinja say which tokens begin and end a text and how a
// chat is written. What this package does not know to do as the reference does is an error.
func OpenDir(dir string) (*Tokenizer, error) {
	var f folder
	if err := f.read(dir); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "tokenizer.json")
	data, err := readText(name)
	if errors.Is(err, fs.ErrNotExist) {
		return openLegacy(dir, &f)
	}
	if err != nil {
		return nil, err
	}
	t, err := fromJSON(data, &f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// fromJSON builds a tokenizer from the text of tokenizer.json.
func fromJSON(data string, f *folder) (*Tokenizer, error) {
	file, err := parseFile(data)
	if err != nil {
		return nil, err
	}
	var p parts
	if p.nfc, err = normalizerOf(file.normalizer); err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	if p.rule, p.prefixSpace, err = preTokenizerOf(file.preTokenizer); err != nil {
		return nil, fmt.Errorf("pre_tokenizer: %w", err)
	}
	if err := checkDecoder(file.decoder); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	first, err := firstOf(file.postProcessor)
	if err != nil {
		return nil, fmt.Errorf("post_processor: %w", err)
	}
	if err := file.model.fill(&p); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if err := p.add(file.added, f); err != nil {
		return nil, fmt.Errorf("added_tokens: %w", err)
	}
	p.special(f, first)
	t, err := build(p)
	if err != nil {
		return nil, err
	}
	return t, t.unknown(file.model)
}

// unknown gives the bytes that have no token the one that the model names for them.
func (t *Tokenizer) unknown(m *modelPart) error {
	if m.unk == "" {
		return nil
	}
	id := t.vocab.id(m.unk)
	for b := range t.byteID {
		if t.byteID[b] >= 0 {
			continue
		}
		if id < 0 {
			return fmt.Errorf("model: the unk_token %q is not in the vocabulary", clip(m.unk))
		}
		if m.fuseUnk {
			return errors.New("model: fuse_unk is not supported in a vocabulary that lacks single bytes")
		}
		t.byteID[b] = int32(id)
	}
	return nil
}

// add puts added tokens at their places.
func (p *parts) add(list []addedToken, f *folder) error {
	known := map[int]bool{}
	for _, a := range list {
		known[a.id] = true
	}
	for _, a := range f.added {
		if !known[a.id] {
			list = append(list, a)
		}
	}
	limit := idLimit(len(p.texts) + len(list))
	for _, a := range list {
		if a.id < 0 {
			return fmt.Errorf("%q has no id", clip(a.text))
		}
		if a.normalized && p.nfc { // the reference knows it by its normal form alone
			a.text = nfc(a.text)
		}
		if a.id >= limit {
			return fmt.Errorf("%q has the id %d, far above the %d tokens there are", clip(a.text), a.id, len(p.texts)+len(list))
		}
		for len(p.texts) <= a.id {
			p.texts = append(p.texts, "")
		}
		if have := p.texts[a.id]; have != "" && have != a.text {
			return fmt.Errorf("the id %d is %q in the vocabulary and %q among the added tokens", a.id, clip(have), clip(a.text))
		}
		p.texts[a.id] = a.text
		p.added = append(p.added, a)
	}
	return nil
}

// idLimit bounds ids by the number of tokens, so that a small file cannot ask for a large table.
func idLimit(tokens int) int { return 2*tokens + 1<<16 }

// special finds the tokens that begin and end a text. first is what the post-processor puts first.
func (p *parts) special(f *folder, first string) {
	find := func(text string) int {
		for id, s := range p.texts {
			if s == text && text != "" {
				return id
			}
		}
		return -1
	}
	p.bos, p.eos, p.chat = find(f.bos), find(f.eos), f.chat
	if first != "" {
		p.bos, p.addBOS = find(first), true
	} else if f.addBOS {
		p.addBOS = true
	}
	if p.bos < 0 && len(f.starts) > 0 && f.starts[0] >= 0 && f.starts[0] < len(p.texts) {
		p.bos = f.starts[0]
	}
	for _, id := range f.stops {
		if id >= 0 && id < len(p.texts) {
			p.stops = append(p.stops, id)
		}
	}
	if p.eos < 0 && len(p.stops) > 0 {
		p.eos = p.stops[0]
	}
}

// typed is a part of tokenizer.json whose meaning depends on its type.
type typed struct {
	Type           string
	AddPrefixSpace *bool `json:"add_prefix_space"`
	UseRegex       *bool `json:"use_regex"`
	Individual     bool  `json:"individual_digits"`
	Behavior       string
	Invert         bool
	Pattern        struct{ Regex, String string }
	Normalizers    []typed
	PreTokenizers  []typed `json:"pretokenizers"`
	Processors     []typed
	Decoders       []typed
	Single         []struct {
		SpecialToken *struct{ ID string } `json:"SpecialToken"`
		Sequence     *struct{ ID string } `json:"Sequence"`
	}
}

func parseTyped(raw string) (*typed, error) {
	if raw == "" || raw == "null" {
		return nil, nil
	}
	t := new(typed)
	return t, json.Unmarshal([]byte(raw), t)
}

// normalizerOf tells whether a text is brought into form C.
func normalizerOf(raw string) (bool, error) {
	t, err := parseTyped(raw)
	if t == nil || err != nil {
		return false, err
	}
	list := []typed{*t}
	if t.Type == "Sequence" {
		list = t.Normalizers
	}
	for _, n := range list {
		if n.Type != "NFC" {
			return false, fmt.Errorf("the type %q is not known (known: NFC)", clip(n.Type))
		}
	}
	return len(list) > 0, nil
}

func preTokenizerOf(raw string) (r rule, prefixSpace bool, err error) {
	t, err := parseTyped(raw)
	if err != nil {
		return 0, false, err
	}
	if t == nil {
		return 0, false, errors.New("none, but this package reads byte-level tokenizers only")
	}
	list := []typed{*t}
	if t.Type == "Sequence" {
		list = t.PreTokenizers
	}
	if len(list) == 0 || list[len(list)-1].Type != "ByteLevel" {
		return 0, false, fmt.Errorf("the type %q does not end in ByteLevel: only byte-level tokenizers are read", clip(t.Type))
	}
	last := list[len(list)-1]
	regex := last.UseRegex == nil || *last.UseRegex
	prefixSpace = last.AddPrefixSpace == nil || *last.AddPrefixSpace
	if len(list) > 1 && prefixSpace {
		return 0, false, errors.New("add_prefix_space after another step is not supported")
	}
	r, err = ruleOf(list[:len(list)-1], regex)
	return r, prefixSpace, err
}

// ruleOf returns the rule of some steps before ByteLevel, which applies the pattern of GPT-2 if regex.
func ruleOf(steps []typed, regex bool) (rule, error) {
	switch {
	case len(steps) == 0 && regex:
		return ruleGPT2, nil
	case len(steps) == 0:
		return ruleWhole, nil
	case len(steps) > 1:
		return 0, fmt.Errorf("%d steps before ByteLevel are not supported", len(steps))
	}
	s := steps[0]
	switch {
	case s.Type == "Digits" && s.Individual && regex:
		return ruleSmolLM, nil
	case s.Type == "Digits":
		return 0, errors.New("the step Digits is supported with individual_digits and a ByteLevel with use_regex only")
	case s.Type != "Split":
		return 0, fmt.Errorf("the step %q is not known (known: Split, Digits, ByteLevel)", clip(s.Type))
	case regex:
		return 0, errors.New("a Split before a ByteLevel with use_regex is not supported")
	case s.Behavior == "Isolated" && !s.Invert, s.Behavior == "Removed" && s.Invert: // the patterns leave nothing out
		return ruleOfPattern(s.Pattern.Regex)
	}
	return 0, fmt.Errorf("a Split with the behavior %q and invert %v is not supported", clip(s.Behavior), s.Invert)
}

func checkDecoder(raw string) error {
	t, err := parseTyped(raw)
	if err != nil {
		return err
	}
	if t != nil && t.Type == "Sequence" && len(t.Decoders) == 1 {
		t = &t.Decoders[0]
	}
	if t == nil || t.Type != "ByteLevel" {
		return fmt.Errorf("%s is not supported (known: ByteLevel)", clip(raw))
	}
	return nil
}

// firstOf returns the special token that the post-processor puts before a text, "" for none.
func firstOf(raw string) (string, error) {
	t, err := parseTyped(raw)
	if t == nil || err != nil {
		return "", err
	}
	list := []typed{*t}
	if t.Type == "Sequence" {
		list = t.Processors
	}
	first := ""
	for _, p := range list {
		switch p.Type {
		case "ByteLevel": // only moves offsets
		case "TemplateProcessing":
			for i, s := range p.Single {
				switch {
				case s.SpecialToken != nil && i == 0 && first == "":
					first = s.SpecialToken.ID
				case s.SpecialToken != nil:
					return "", fmt.Errorf("a template that puts %q after something is not supported", clip(s.SpecialToken.ID))
				}
			}
		default:
			return "", fmt.Errorf("the type %q is not known (known: ByteLevel, TemplateProcessing)", clip(p.Type))
		}
	}
	return first, nil
}

const textMax = 256 << 20 // bytes of a file; the largest tokenizer.json known has 34 MB

func readText(name string) (string, error) {
	data, err := weights.ReadSmall(name, textMax)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(string(data), "\ufeff"), nil
}
