package token

import (
	"slices"
	"testing"
)

// TestExport holds that a tokenizer of a folder, written as GGUF metadata and read back, gives the same ids.
func TestExport(t *testing.T) {
	for _, family := range []string{"gpt2", "qwen2", "llama3", "smollm"} {
		t.Run(family, func(t *testing.T) {
			was := open(t, family)
			kv, err := was.GGUF(was.Size() + 3)
			if err != nil {
				t.Fatal(err)
			}
			meta := map[string]any{}
			for _, p := range kv {
				meta[p.Key] = p.Value
			}
			is, err := FromGGUF(meta)
			if err != nil {
				t.Fatal(err)
			}
			check(t, is, family, true)
			a, addA := was.BOS()
			b, addB := is.BOS()
			if a != b || addA != addB || was.EOS() != is.EOS() || was.chat != is.chat || is.Size() != was.Size()+3 {
				t.Errorf("BOS %d %v, %d %v; EOS %d, %d; %d tokens", a, addA, b, addB, was.EOS(), is.EOS(), is.Size())
			}
			if !slices.Equal(was.Stops(), is.Stops()) {
				t.Errorf("stops %v, %v", was.Stops(), is.Stops())
			}
			for id := range was.Size() {
				if was.IsSpecial(id) != is.IsSpecial(id) || string(was.Bytes(id)) != string(is.Bytes(id)) {
					t.Fatalf("token %d: %q, %q", id, was.Bytes(id), is.Bytes(id))
				}
			}
			if !is.IsSpecial(was.Size()) {
				t.Error("a token that fills up stands for a text")
			}
		})
	}
	if _, err := open(t, "prefix").GGUF(1 << 20); err == nil {
		t.Error("a tokenizer that GGUF cannot say was written")
	}
	if _, err := open(t, "gpt2").GGUF(10); err == nil {
		t.Error("more tokens than the model has were written")
	}
}
