package token

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

func linesOf(t testing.TB, name string) iter.Seq[string] {
	t.Helper()
	data, err := os.ReadFile("testdata/train/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return slices.Values(strings.Split(string(data), "\n"))
}

// TestTrain holds ids and merges against those of Hugging Face's trainer.
func TestTrain(t *testing.T) {
	f, err := os.Open("testdata/train/expect.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(z)
	in.Buffer(nil, 1<<20)
	n := 0
	for ; in.Scan(); n++ {
		var v struct {
			Text, Rule     string
			Size, Least    int
			Tokens, Merges []string
		}
		if err := json.Unmarshal(in.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(v.Text, " ", v.Rule, " ", v.Size), func(t *testing.T) {
			tok, err := Train(linesOf(t, v.Text), TrainOptions{Size: v.Size, Rule: v.Rule, MinCount: v.Least})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "token", tok.vocab.texts[259:], v.Tokens)
			same(t, "merge", tok.mergeTexts(), v.Merges)
		})
	}
	if n < 7 || in.Err() != nil {
		t.Fatalf("%d cases, %v", n, in.Err())
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("%s %d is %q, the reference's is %q", what, i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d %ss, the reference has %d", len(got), what, len(want))
	}
}

// TestTrained: a trained tokenizer keeps every text, knows its special tokens, and is written and read back.
func TestTrained(t *testing.T) {
	for _, rule := range []string{"", "gpt-2", "llama-bpe", "smollm"} {
		tok, err := Train(linesOf(t, "office"), TrainOptions{Size: 600, Rule: rule})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"", "把报表发给财务，谢谢！", "naïve café\x00\xff", " a\n\n b <|im_end|>"} {
			if got := tok.Decode(tok.Encode(s)); got != strings.ToValidUTF8(s, "\ufffd") {
				t.Errorf("%q became %q", s, got)
			}
			if slices.ContainsFunc(tok.Encode(s), tok.IsSpecial) {
				t.Errorf("%q has control tokens", s)
			}
		}
		chat, err := tok.ChatText([]Message{{"user", "好"}}, true)
		if want := "<|im_start|>user\n好<|im_end|>\n<|im_start|>assistant\n"; err != nil || chat != want {
			t.Errorf("a chat is %q, %v", chat, err)
		}
		if tok.EOS() != 0 || !slices.Equal(tok.Stops(), []int{0, 2}) || tok.Size() != 600 || tok.Lacks("任何") != -1 {
			t.Errorf("end %d, stops %v, %d tokens", tok.EOS(), tok.Stops(), tok.Size())
		}
		sameAgain(t, tok, "把 3 张表 sent to 财务, e\u0301te\u0301", "12345 don't")
	}
}

// sameAgain holds that a tokenizer, written in both forms and read back, gives the same.
func sameAgain(t *testing.T, was *Tokenizer, texts ...string) {
	t.Helper()
	dir := t.TempDir()
	if err := was.WriteDir(dir); err != nil {
		t.Fatal(err)
	}
	a, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	kv, err := was.GGUF(was.Size())
	if err != nil {
		t.Fatal(err)
	}
	meta := map[string]any{}
	for _, p := range kv {
		meta[p.Key] = p.Value
	}
	b, err := FromGGUF(meta)
	if err != nil {
		t.Fatal(err)
	}
	for i, is := range []*Tokenizer{a, b} {
		if is.EOS() != was.EOS() || !slices.Equal(is.Stops(), was.Stops()) || is.chat != was.chat || is.Size() != was.Size() {
			t.Errorf("form %d: end %d %v, was %d %v; %d tokens, were %d", i, is.EOS(), is.Stops(), was.EOS(), was.Stops(), is.Size(), was.Size())
		}
		for _, s := range texts {
			if got, want := is.EncodeSpecial(s), was.EncodeSpecial(s); !slices.Equal(got, want) {
				t.Errorf("form %d: %q is %v, was %v", i, s, got, want)
			}
			if got := is.Decode(is.Encode(s)); got != was.Decode(was.Encode(s)) {
				t.Errorf("form %d: %q comes back as %q", i, s, got)
			}
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	for name, o := range map[string]TrainOptions{
		"size":    {Size: 258},
		"large":   {Size: 1 << 30},
		"rule":    {Size: 600, Rule: "bert"},
		"llama":   {Size: 600, Rule: "default"},
		"twice":   {Size: 600, Special: []string{"<a>", "<a>"}},
		"letter":  {Size: 600, Special: []string{"a"}},
		"invalid": {Size: 600, Special: []string{"\xffab"}},
	} {
		if _, err := Train(linesOf(t, "ties"), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	tok, err := Train(slices.Values([]string{""}), TrainOptions{Size: 600})
	if err != nil || tok.Size() != 259 {
		t.Errorf("of an empty text: %v", err)
	}
	// a text has no way to a control token, even if its merges would lead there
	tok, err = Train(slices.Values([]string{strings.Repeat("abab ", 9)}), TrainOptions{Size: 600, Special: []string{"<s>", "ab"}, NoChat: true})
	if err != nil || slices.ContainsFunc(tok.Encode("abab"), tok.IsSpecial) {
		t.Errorf("ab is %v, %v", tok.Encode("abab"), err)
	}
}

func TestCharacters(t *testing.T) {
	plays := "First Citizen:\nBefore we proceed any further, hear me speak.\n"
	tok, err := Characters(plays)
	if err != nil {
		t.Fatal(err)
	}
	var want []int // as sorted(set(text)) in Python numbers them
	set := []rune(plays)
	slices.Sort(set)
	set = slices.Compact(set)
	for _, r := range plays {
		want = append(want, slices.Index(set, r))
	}
	if got := tok.Encode(plays); !slices.Equal(got, want) || tok.Size() != len(set) || tok.Decode(got) != plays {
		t.Errorf("%d tokens: %v, want %v", tok.Size(), got, want)
	}
	if tok.Encode("é!") != nil && len(tok.Encode("é!")) != 0 || tok.Lacks("hear!") != 4 || tok.Lacks(plays) != -1 {
		t.Errorf("é! is %v; hear! lacks %d", tok.Encode("é!"), tok.Lacks("hear!"))
	}
	sameAgain(t, tok, plays, "any")
}

// TestCharactersWide: a character of any length is one token, wherever it stands.
func TestCharactersWide(t *testing.T) {
	text := "a é ê ж 文 斆 件 😀 😁 \u0301 \u07ff\u0800\uffff\U00010000\U0010ffff\x00\n"
	tok, err := Characters(text, "<|im_start|>", "<|im_end|>")
	if err != nil {
		t.Fatal(err)
	}
	runes := slices.Compact(slices.Sorted(slices.Values([]rune(text))))
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var b strings.Builder
		var want []int
		for range r.IntN(80) {
			k := r.IntN(len(runes))
			b.WriteRune(runes[k])
			want = append(want, k)
		}
		if got := tok.Encode(b.String()); !slices.Equal(got, want) && len(want) > 0 {
			t.Fatalf("%q is %v, want %v", b.String(), got, want)
		}
	}
	if id, ok := tok.ID("<|im_start|>"); !ok || id != len(runes) || !tok.IsSpecial(id) {
		t.Errorf("<|im_start|> is %d", id)
	}
	sameAgain(t, tok, text, "文件")
	for _, s := range []string{"", "\xff"} {
		if _, err := Characters(s); err == nil {
			t.Errorf("%q: no error", s)
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	data, err := os.ReadFile("testdata/train/office.txt")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Train(linesOf(b, "office"), TrainOptions{Size: 2500}); err != nil {
			b.Fatal(err)
		}
	}
}
