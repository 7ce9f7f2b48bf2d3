package token

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// metaOf makes GGUF metadata out of a family's tokenizer.json.
func metaOf(t testing.TB, family, pre string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", family, "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Added []struct {
			ID      int
			Special bool
			Content string
		} `json:"added_tokens"`
		Model struct {
			Vocab  map[string]int
			Merges [][2]string
		}
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, a := range v.Added {
		v.Model.Vocab[a.Content] = a.ID
	}
	for _, id := range v.Model.Vocab {
		size = max(size, id+1)
	}
	tokens, types, merges := make([]string, size), make([]int32, size), []string{}
	for s, id := range v.Model.Vocab {
		tokens[id], types[id] = s, 1
	}
	for _, a := range v.Added {
		types[a.ID] = typeUserDefined
		if a.Special {
			types[a.ID] = typeControl
		}
	}
	for _, m := range v.Model.Merges {
		merges = append(merges, m[0]+" "+m[1])
	}
	return map[string]any{
		"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": pre, "tokenizer.ggml.tokens": tokens,
		"tokenizer.ggml.token_type": types, "tokenizer.ggml.merges": merges,
		"tokenizer.ggml.bos_token_id": uint32(0), "tokenizer.ggml.eos_token_id": uint32(2),
	}
}

func TestGGUF(t *testing.T) {
	for family, pre := range map[string]string{"gpt2": "gpt-2", "qwen2": "qwen2", "llama3": "llama-bpe", "smollm": "smollm"} {
		t.Run(family, func(t *testing.T) {
			tok, err := FromGGUF(metaOf(t, family, pre))
			if err != nil {
				t.Fatal(err)
			}
			check(t, tok, family, true)
			if id, add := tok.BOS(); id != 0 || add != (family == "llama3") || tok.EOS() != 2 {
				t.Errorf("BOS %d %v, EOS %d", id, add, tok.EOS())
			}
			if !slices.Equal(tok.Stops(), []int{0, 2}) {
				t.Errorf("Stops() = %v", tok.Stops())
			}
		})
	}
}

func TestGGUFLenient(t *testing.T) {
	m := metaOf(t, "gpt2", "default")
	var tokens, types []any
	for i, s := range m["tokenizer.ggml.tokens"].([]string) {
		tokens, types = append(tokens, s), append(types, m["tokenizer.ggml.token_type"].([]int32)[i])
	}
	types[len(types)-1] = uint8(typeUnused)
	m["tokenizer.ggml.tokens"], m["tokenizer.ggml.token_type"] = tokens, types
	m["tokenizer.ggml.eos_token_id"], m["tokenizer.ggml.bos_token_id"] = int64(1), uint32(1<<32-1)
	m["tokenizer.ggml.eot_token_id"], m["tokenizer.ggml.add_bos_token"] = uint16(2), true
	tok, err := FromGGUF(m)
	if err != nil {
		t.Fatal(err)
	}
	if id, add := tok.BOS(); id != -1 || add || tok.EOS() != 1 || !slices.Equal(tok.Stops(), []int{0, 1, 2}) {
		t.Errorf("BOS %d %v, EOS %d, Stops %v", id, add, tok.EOS(), tok.Stops())
	}
	if !tok.IsSpecial(tok.Size()-1) || len(tok.Bytes(tok.Size()-1)) != 0 {
		t.Error("an unused token stands for a text")
	}
}

func TestGGUFErrors(t *testing.T) {
	for _, c := range []struct {
		key   string
		value any
		want  string
	}{
		{"model", "llama", `"llama"`}, {"pre", "viking", `"viking"`}, {"tokens", nil, "tokens is missing"}, {"tokens", []int32{1}, "not an array of strings"},
		{"tokens", []any{1}, "tokens[0]"}, {"merges", []string{"Ġ Ġ", "ab"}, "merge 1"}, {"merges", []string{"nix nada"}, "merge 0"}, {"merges", []string{"a b c"}, "merge 0"},
		{"token_type", []int32{1}, "1 entries"}, {"token_type", "x", "token_type is a string"}, {"token_type", []any{1.5}, "token_type[0]"},
		{"eos_token_id", uint32(99999), "99999"}, {"bos_token_id", "1", "bos_token_id is a string"}, {"eot_token_id", int32(-7), "-7"},
	} {
		m := metaOf(t, "gpt2", "gpt-2")
		m["tokenizer.ggml."+c.key] = c.value
		if _, err := FromGGUF(m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %v: error %v, want one with %q", c.key, c.value, err, c.want)
		}
	}
}

// folderOf writes files into a folder of their own.
func folderOf(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const small = `{"normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"decoder":{"type":"ByteLevel"},
"added_tokens":[{"id":4,"content":"<e>","special":true},{"id":5,"content":"<b>","special":true}],
"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"\u0120":3},"merges":["a b"]}}`

func TestConfigs(t *testing.T) {
	dir := folderOf(t, map[string]string{
		"tokenizer.json":          small,
		"tokenizer_config.json":   `{"bos_token":{"content":"<b>"},"eos_token":"<e>","add_bos_token":true,"chat_template":[{"name":"default","template":"x"}]}`,
		"special_tokens_map.json": `{"eos_token":"never"}`,
		"generation_config.json":  `{"eos_token_id":[4,0,77]}`,
	})
	tok, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if id, add := tok.BOS(); id != 5 || !add || tok.EOS() != 4 || !slices.Equal(tok.Stops(), []int{0, 4}) || tok.chat != "x" {
		t.Errorf("BOS %d %v, EOS %d, Stops %v, template %q", id, add, tok.EOS(), tok.Stops(), tok.chat)
	}
	if got := tok.Encode("ab ba"); !slices.Equal(got, []int{2, 3, 1, 0}) {
		t.Errorf("Encode = %v", got)
	}
	bare, err := OpenDir(folderOf(t, map[string]string{"tokenizer.json": small, "config.json": `{"bos_token_id":5,"eos_token_id":4}`}))
	if err != nil {
		t.Fatal(err)
	}
	if id, add := bare.BOS(); id != 5 || add || bare.EOS() != 4 || !slices.Equal(bare.Stops(), []int{4}) {
		t.Errorf("of config.json: BOS %d %v, EOS %d, Stops %v", id, add, bare.EOS(), bare.Stops())
	}
	if err := os.WriteFile(filepath.Join(dir, "chat_template.jinja"), []byte("y"), 0o644); err != nil {
		t.Fatal(err)
	}
	if tok, err = OpenDir(dir); err != nil || tok.chat != "y" {
		t.Errorf("chat_template.jinja is not read: %v", err)
	}
}

func TestTokenizerJSONErrors(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`{"normalizer":null`, `{"normalizer":{"type":"Lowercase"}`, `"Lowercase"`},
		{`"ByteLevel","add`, `"Metaspace","add`, `"Metaspace"`},
		{`{"type":"ByteLevel"}`, `{"type":"WordPiece"}`, "WordPiece"},
		{`{"type":"ByteLevel"}`, `null`, "decoder"},
		{`{"normalizer"`, `{"post_processor":{"type":"BertProcessing"},"normalizer"`, "BertProcessing"},
		{`"BPE"`, `"Unigram"`, `"Unigram"`},
		{`"merges":`, `"byte_fallback":true,"merges":`, "byte_fallback"},
		{`"merges":`, `"dropout":0.1,"merges":`, "dropout"},
		{`"merges":`, `"continuing_subword_prefix":"##","merges":`, "continuing_subword_prefix"},
		{`"merges":`, `"unk_token":"<nix>","merges":`, "<nix>"},
		{`"merges":`, `"unk_token":"<e>","fuse_unk":true,"merges":`, "fuse_unk"},
		{`["a b"]`, `["a b","a x"]`, "merge 1"},
		{`["a b"]`, `["ab"]`, "merge 0"},
		{`["a b"]`, `[["a"]]`, "merge 0"},
		{`"ab":2`, `"ab":1`, "same id"},
		{`"ab":2`, `"ab":2000000000`, "2000000000"},
		{`"ab":2`, `"ab":-1`, "whole number"},
		{`"ab":2`, `"ab":99999999999999999999`, "whole number"},
		{`"id":4`, `"id":2000000000`, "2000000000"},
		{`"id":4`, `"id":2`, "added_tokens"},
		{`"id":4,`, ``, "no id"},
		{`"model"`, `"modell"`, `"model" is missing`},
		{`"ab":2`, `"\ud800":2`, "surrogate"},
		{`"ab":2`, `"\q":2`, `\q`},
		{`"ab":2`, "\"a\x01\":2", "control character"},
		{`"ab":2`, "\"\xff\":2", "UTF-8"},
		{`"ab":2,`, `"ab":2`, "byte "},
		{`"merges":["a b"]}}`, `"merges":["a b"]}} x`, "more text"},
		{`{"type":"ByteLevel","add_prefix_space":false}`, `{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"[abc]"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}`, "[abc]"},
		{`{"type":"ByteLevel","add_prefix_space":false}`, `{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"ByteLevel","add_prefix_space":false}]}`, "Digits"},
		{`{"normalizer":null`, `{"normalizer":` + strings.Repeat("[", 200), "nested"},
	} {
		text := strings.Replace(small, c.old, c.new, 1)
		if text == small {
			t.Fatalf("%q is not in the example", c.old)
		}
		dir := folderOf(t, map[string]string{"tokenizer.json": text})
		if _, err := OpenDir(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "tokenizer.json") {
			t.Errorf("with %s: error %v, want one with %q and the file", clip(c.new), err, c.want)
		}
	}
	for n := range small { // cut anywhere
		if _, err := fromJSON(small[:n], &folder{}); err == nil {
			t.Fatalf("the file cut after %d bytes is read", n)
		}
	}
}

func TestUnknownBytes(t *testing.T) {
	text := strings.Replace(small, `"merges":`, `"unk_token":"<e>","merges":`, 1)
	tok, err := OpenDir(folderOf(t, map[string]string{"tokenizer.json": text}))
	if err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("axyb"); !slices.Equal(got, []int{0, 4, 4, 1}) {
		t.Errorf("with an unknown token Encode = %v", got)
	}
	if tok, err = OpenDir(folderOf(t, map[string]string{"tokenizer.json": small})); err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("axb"); !slices.Equal(got, []int{2}) {
		t.Errorf("without one Encode = %v; the reference leaves the byte out before it merges", got)
	}
}

func TestLegacyErrors(t *testing.T) {
	for _, c := range []struct{ vocab, merges, config, want string }{
		{`{"a":0`, "", "", "vocab.json: byte 6"},
		{`{"a":0}x`, "", "", "more text"},
		{`{"a":0}`, "#version: 0.2\na b c\n", "", "merges.txt: line 2"},
		{`{"a":0}`, "a b\n", "", "merge 0"},
		{`{"a":0}`, "", `{"tokenizer_class":"BertTokenizer"}`, "BertTokenizer"},
		{`{"a":0}`, "", `{"tokenizer_class":`, "tokenizer_config.json: byte"},
		{`{"a":0}`, "", `{"tokenizer_class":"GPT2Tokenizer","added_tokens_decoder":{"x":{}}}`, "added_tokens_decoder"},
	} {
		files := map[string]string{"vocab.json": c.vocab, "merges.txt": c.merges}
		if c.config != "" {
			files["tokenizer_config.json"] = c.config
		}
		if _, err := OpenDir(folderOf(t, files)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", files, err, c.want)
		}
	}
	if _, err := OpenDir(t.TempDir()); err == nil || !strings.Contains(err.Error(), "neither tokenizer.json nor vocab.json") {
		t.Errorf("an empty folder: %v", err)
	}
}

func FuzzTokenizerJSON(f *testing.F) {
	f.Add(small)
	f.Add(strings.Replace(small, `{"type":"ByteLevel","add_prefix_space":false}`, `{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false}]}`, 1))
	f.Add(strings.Replace(small, `["a b"]`, `[["a","b"],["\u0061","ab"]]`, 1))
	f.Fuzz(func(t *testing.T, text string) {
		tok, err := fromJSON(text, &folder{})
		if err != nil {
			return
		}
		if tok.Size() > 2*len(text)+1<<17 {
			t.Errorf("%d ids out of %d bytes", tok.Size(), len(text))
		}
		ids := tok.EncodeSpecial("the 文件 123\n <e>" + text[:min(len(text), 100)])
		for _, id := range ids {
			if id < 0 || id >= tok.Size() {
				t.Errorf("the id %d of %d", id, tok.Size())
			}
		}
		tok.Decode(ids)
	})
}
