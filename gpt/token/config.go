package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"daiban/gpt/weights"
)

// folder is what the small files beside a tokenizer say.
type folder struct {
	class     string // tokenizer_class, else model_type of config.json
	bos, eos  string
	addBOS    bool
	starts    []int // the first counts, where no token is named
	stops     []int
	chat      string
	added     []addedToken
	hasConfig bool
}

// tokenText is a token as a text or as an object with its content.
type tokenText string

func (t *tokenText) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		var v struct{ Content string }
		err := json.Unmarshal(b, &v)
		*t = tokenText(v.Content)
		return err
	}
	return json.Unmarshal(b, (*string)(t))
}

// idList is an id or a list of ids.
type idList []int

func (l *idList) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("[")) {
		return json.Unmarshal(b, (*[]int)(l))
	}
	var id *int
	err := json.Unmarshal(b, &id)
	if id != nil {
		*l = idList{*id}
	}
	return err
}

// templateText is a chat template, or a list of named ones of which "default" counts.
type templateText string

func (t *templateText) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("[")) {
		return json.Unmarshal(b, (*string)(t))
	}
	var list []struct{ Name, Template string }
	err := json.Unmarshal(b, &list)
	for _, v := range list {
		if v.Name == "default" {
			*t = templateText(v.Template)
		}
	}
	return err
}

// read reads what is there of the small files of dir.
func (f *folder) read(dir string) error {
	var c struct {
		Class  string                     `json:"tokenizer_class"`
		BOS    tokenText                  `json:"bos_token"`
		EOS    tokenText                  `json:"eos_token"`
		AddBOS bool                       `json:"add_bos_token"`
		Chat   templateText               `json:"chat_template"`
		Added  map[string]json.RawMessage `json:"added_tokens_decoder"`
	}
	var special struct {
		BOS tokenText `json:"bos_token"`
		EOS tokenText `json:"eos_token"`
	}
	var generation, model struct {
		BOS   idList `json:"bos_token_id"`
		EOS   idList `json:"eos_token_id"`
		Model string `json:"model_type"`
	}
	for name, v := range map[string]any{
		"tokenizer_config.json": &c, "special_tokens_map.json": &special,
		"generation_config.json": &generation, "config.json": &model,
	} {
		found, err := readJSON(filepath.Join(dir, name), v)
		if err != nil {
			return err
		}
		f.hasConfig = f.hasConfig || found && (name == "tokenizer_config.json" || name == "config.json")
	}
	f.class, f.addBOS, f.chat = c.Class, c.AddBOS, string(c.Chat)
	if f.class == "" || f.class == "PreTrainedTokenizerFast" {
		f.class = model.Model
	}
	f.bos, f.eos = either(string(c.BOS), string(special.BOS)), either(string(c.EOS), string(special.EOS))
	f.starts = append(generation.BOS, model.BOS...)
	f.stops = append(f.stops, generation.EOS...)
	if len(f.stops) == 0 {
		f.stops = append(f.stops, model.EOS...)
	}
	if chat, err := readText(filepath.Join(dir, "chat_template.jinja")); err == nil {
		f.chat = chat
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := f.decoder(c.Added); err != nil {
		return fmt.Errorf("%s: added_tokens_decoder: %w", filepath.Join(dir, "tokenizer_config.json"), err)
	}
	return nil
}

// decoder reads the added tokens of tokenizer_config.json.
func (f *folder) decoder(list map[string]json.RawMessage) error {
	for key, raw := range list {
		id, err := strconv.ParseUint(key, 10, 31)
		if err != nil {
			return fmt.Errorf("%q is not an id", clip(key))
		}
		a, err := parseAdded(string(raw))
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		a.id = int(id)
		f.added = append(f.added, a)
	}
	sort.Slice(f.added, func(i, j int) bool { return f.added[i].id < f.added[j].id })
	return nil
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// readJSON reads a file into v and tells whether the file is there.
func readJSON(name string, v any) (bool, error) {
	data, err := weights.ReadSmall(name, textMax)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(data, v); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return true, fmt.Errorf("%s: byte %d: %w", name, syntax.Offset, err)
		}
		return true, fmt.Errorf("%s: %w", name, err)
	}
	return true, nil
}

// openLegacy reads vocab.json and merges.txt.
func openLegacy(dir string, f *folder) (*Tokenizer, error) {
	name := filepath.Join(dir, "vocab.json")
	data, err := readText(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has neither tokenizer.json nor vocab.json: it is not a tokenizer's folder: %w", dir, err)
	}
	if err != nil {
		return nil, err
	}
	m := &modelPart{}
	r := &reader{s: data}
	if err := r.vocab(m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	merges := filepath.Join(dir, "merges.txt")
	if data, err = readText(merges); err != nil {
		return nil, err
	}
	if m.merges, err = parseMerges(data); err != nil {
		return nil, fmt.Errorf("%s: %w", merges, err)
	}
	t, err := legacy(m, f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return t, nil
}

// parseMerges reads merges.txt: a merge a line, after a line with the version.
func parseMerges(data string) (list [][2]string, err error) {
	line := 0
	for text := range strings.Lines(data) {
		line++
		text = strings.TrimRight(text, "\r\n")
		if text == "" || strings.HasPrefix(text, "#version") {
			continue
		}
		left, right, err := cutMerge(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		list = append(list, [2]string{left, right})
	}
	return list, nil
}

// endOfText is the token that begins and ends a text where nothing else is said.
const endOfText = "<|endoftext|>"

func legacy(m *modelPart, f *folder) (*Tokenizer, error) {
	p := parts{rule: ruleGPT2}
	switch {
	case strings.HasPrefix(f.class, "GPT2"), f.class == "gpt2", !f.hasConfig: // the oldest folders are GPT-2's
		f.bos, f.eos = either(f.bos, endOfText), either(f.eos, endOfText)
	case strings.HasPrefix(f.class, "Qwen2"), f.class == "qwen2", f.class == "qwen3":
		p.rule, p.nfc = ruleQwen2, true
		f.eos = either(f.eos, endOfText)
	default:
		return nil, fmt.Errorf("how the tokenizer %q cuts words is not known without tokenizer.json (known: GPT2Tokenizer, Qwen2Tokenizer)", clip(f.class))
	}
	if err := m.fill(&p); err != nil {
		return nil, err
	}
	var list []addedToken
	for id, s := range p.texts {
		if s == endOfText {
			list = append(list, addedToken{id: id, text: s, special: true})
		}
	}
	if err := p.add(list, f); err != nil {
		return nil, err
	}
	p.special(f, "")
	return build(p)
}
