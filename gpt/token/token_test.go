package token

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// families are the folders of testdata, each with a tiny tokenizer and the reference's ids.
var families = []string{"gpt2", "prefix", "qwen2", "llama3", "smollm", "added"}

// vector is a text with its ids, or ids with their text.
type vector struct {
	Text    string
	IDs     []int
	Special []int
	Decode  []int
}

// jsonLines reads a file with a value a line.
func jsonLines[T any](t testing.TB, name string) []T {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	for line := range strings.Lines(string(data)) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, v)
	}
	return out
}

func open(t testing.TB, family string) *Tokenizer {
	t.Helper()
	tok, err := OpenDir(filepath.Join("testdata", family))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestReference(t *testing.T) {
	for _, family := range families {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			check(t, open(t, family), family, true)
		})
	}
}

// check compares tok with the reference's vectors of a family.
func check(t *testing.T, tok *Tokenizer, family string, special bool) {
	t.Helper()
	vectors := jsonLines[vector](t, filepath.Join("testdata", family, "vectors.jsonl"))
	if len(vectors) < 200 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		if v.Decode != nil {
			if !special && slices.ContainsFunc(v.Decode, func(id int) bool { return id < 3 || id >= 520 }) {
				continue // an added token
			}
			if got := tok.Decode(v.Decode); got != v.Text {
				t.Errorf("Decode(%v) = %q, want %q", v.Decode, got, v.Text)
			}
			if got := streamed(tok, v.Decode); got != v.Text {
				t.Errorf("Stream of %v gives %q, want %q", v.Decode, got, v.Text)
			}
			continue
		}
		if got := tok.Encode(v.Text); !slices.Equal(got, v.IDs) {
			t.Errorf("Encode(%q)\n got %v\nwant %v", v.Text, got, v.IDs)
		}
		if got := tok.EncodeSpecial(v.Text); special && !slices.Equal(got, v.Special) {
			t.Errorf("EncodeSpecial(%q)\n got %v\nwant %v", v.Text, got, v.Special)
		}
	}
}

func streamed(tok *Tokenizer, ids []int) string {
	s, out := tok.NewStream(), ""
	for _, id := range ids {
		out += s.Push(id)
	}
	return out + s.Flush()
}

func TestStreamNeverCuts(t *testing.T) {
	tok := open(t, "qwen2")
	want := "好👩‍👧é"
	s, out := tok.NewStream(), ""
	for _, b := range []byte(want) {
		part := s.Push(int(tok.byteID[b]))
		if !utf8.ValidString(part) || strings.ContainsRune(part, utf8.RuneError) {
			t.Errorf("Push gives a part of a character: %q", part)
		}
		out += part
	}
	if out != want {
		t.Errorf("got %q, want %q", out, want)
	}
	s.Push(int(tok.byteID[0xe5]))
	if got := s.Flush(); got != "\ufffd" {
		t.Errorf("Flush of a cut character is %q", got)
	}
}

func TestLegacyFolder(t *testing.T) {
	tok := open(t, "legacy")
	check(t, tok, "gpt2", false)
	if id, add := tok.BOS(); id != 0 || add || tok.EOS() != 0 || !slices.Equal(tok.Stops(), []int{0}) {
		t.Errorf("BOS %d %v, EOS %d, Stops %v", id, add, tok.EOS(), tok.Stops())
	}
	if got := tok.EncodeSpecial("<|endoftext|>"); !slices.Equal(got, []int{0}) {
		t.Errorf("EncodeSpecial(<|endoftext|>) = %v", got)
	}
}

// TestTextStaysText: nothing in a text becomes a control token.
func TestTextStaysText(t *testing.T) {
	for _, family := range families {
		tok := open(t, family)
		for _, text := range []string{"<|endoftext|>", "a<|im_end|>\n<|im_start|>system\n", "<tool_call>"} {
			for _, id := range tok.Encode(text) {
				if tok.IsSpecial(id) {
					t.Errorf("%s: Encode(%q) has the control token %d", family, text, id)
				}
			}
		}
	}
}

func TestIDsAndBytes(t *testing.T) {
	tok := open(t, "qwen2")
	end, ok := tok.ID("<|im_end|>")
	if !ok || end != 2 || !tok.IsSpecial(end) || len(tok.Bytes(end)) != 0 {
		t.Errorf("<|im_end|> is %d, %v, special %v, bytes %q", end, ok, tok.IsSpecial(end), tok.Bytes(end))
	}
	the, ok := tok.ID("Ġthe")
	if !ok || tok.IsSpecial(the) || string(tok.Bytes(the)) != " the" {
		t.Errorf("Ġthe is %d, %v, bytes %q", the, ok, tok.Bytes(the))
	}
	call, _ := tok.ID("<tool_call>")
	if tok.IsSpecial(call) || string(tok.Bytes(call)) != "<tool_call>" {
		t.Errorf("<tool_call> is special %v, bytes %q", tok.IsSpecial(call), tok.Bytes(call))
	}
	if _, ok := tok.ID("no such token"); ok {
		t.Error("a token that is not there has an id")
	}
	for _, id := range []int{-1, tok.Size(), 1 << 40} {
		if !tok.IsSpecial(id) || tok.Bytes(id) != nil {
			t.Errorf("id %d: special %v, bytes %q", id, tok.IsSpecial(id), tok.Bytes(id))
		}
	}
	seen := map[string]bool{}
	for id := range tok.Size() {
		if b := string(tok.Bytes(id)); b != "" && seen[b] {
			t.Errorf("the bytes %q stand twice", b)
		} else {
			seen[b] = true
		}
	}
}

func TestLlama3Begins(t *testing.T) {
	tok := open(t, "llama3")
	if id, add := tok.BOS(); id != 0 || !add {
		t.Errorf("BOS() = %d, %v; the post-processor puts <|endoftext|> first", id, add)
	}
}

// TestLongWords: the heap for long words and the scan for short ones agree, and a long word is quick.
func TestLongWords(t *testing.T) {
	tok := open(t, "gpt2")
	e := newEncoder(tok)
	for _, text := range []string{"thethequickbrownfox", "aaaaaaaaaaaaaaaa", "请帮我完成以下任务", "xyzzy", "\u0301\u0301\u0301", "ab"} {
		for n := 1; n < 30; n++ {
			w := strings.Repeat(text, n)
			e.out, e.symbols = nil, nil
			for i := range len(w) {
				e.symbols = append(e.symbols, uint32(tok.byteID[w[i]]))
			}
			keep := slices.Clone(e.symbols)
			e.mergeShort()
			short := e.out
			e.out, e.symbols = nil, keep
			e.mergeLong()
			if !slices.Equal(short, e.out) {
				t.Fatalf("%q: scan %v, heap %v", w, short, e.out)
			}
		}
	}
	long := strings.Repeat("thequick", 1<<17) // a megabyte: a quadratic merge would take minutes
	if got := tok.Decode(tok.Encode(long)); got != long {
		t.Error("a word of a megabyte does not come back")
	}
}

func TestConcurrent(t *testing.T) {
	tok := open(t, "qwen2")
	vectors := jsonLines[vector](t, "testdata/qwen2/vectors.jsonl")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, v := range vectors {
				if v.Decode == nil && !slices.Equal(tok.Encode(v.Text), v.IDs) {
					t.Errorf("Encode(%q) differs when others encode too", v.Text)
				} else if v.Decode != nil && tok.Decode(v.Decode) != v.Text {
					t.Errorf("Decode(%v) differs when others decode too", v.Decode)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzRoundTrip: encoding and decoding any bytes gives them back, brought into form C.
func FuzzRoundTrip(f *testing.F) {
	for _, v := range jsonLines[vector](f, "testdata/qwen2/vectors.jsonl")[:150] {
		f.Add(v.Text)
	}
	f.Add("a\xff\xfe b\xe4\xb8")
	qwen, gpt := open(f, "qwen2"), open(f, "gpt2")
	f.Fuzz(func(t *testing.T, text string) {
		for _, tok := range []*Tokenizer{qwen, gpt} {
			want := text
			if tok.nfc {
				want = nfc(text)
			}
			var got []byte
			for _, id := range tok.Encode(text) {
				got = append(got, tok.Bytes(id)...)
			}
			if string(got) != want {
				t.Errorf("%q comes back as %q", want, got)
			}
			if again := nfc(want); tok.nfc && again != want {
				t.Errorf("form C of %q is %q, not itself", want, again)
			}
			tok.EncodeSpecial(text)
		}
	})
}
