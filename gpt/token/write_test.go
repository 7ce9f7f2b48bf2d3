package token

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestWrite: a tokenizer that was written in either form, read again, gives the same ids.
func TestWrite(t *testing.T) {
	dirs, _ := filepath.Glob("testdata/*")
	texts := []string{"请帮我完成以下任务：12345 个表", "Don't  stop,\r\n\r\nthe   end\t", "é é \u00a0 ﬁ 👩‍👩‍👧", "<|endoftext|>x<|im_end|>"}
	tried := 0
	for _, dir := range dirs {
		was, err := OpenDir(dir)
		if err != nil {
			continue // a broken one, or another test's
		}
		tried++
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var again []*Tokenizer
			to := t.TempDir()
			if err := was.WriteDir(to); err != nil {
				t.Fatal(err)
			}
			for _, f := range []string{"config.json"} { // the class by which special tokens are known
				if b, err := os.ReadFile(filepath.Join(dir, f)); err == nil {
					os.WriteFile(filepath.Join(to, f), b, 0o666)
				}
			}
			folder, err := OpenDir(to)
			if err != nil {
				t.Fatal(err)
			}
			again = append(again, folder)
			if kv, err := was.GGUF(was.Size() + 3); err == nil {
				meta := map[string]any{}
				for _, p := range kv {
					meta[p.Key] = p.Value
				}
				g, err := FromGGUF(meta)
				if err != nil {
					t.Fatal(err)
				}
				again = append(again, g)
			} else if slices.ContainsFunc(preNames, was.is) && !was.prefixSpace {
				t.Error(err)
			}
			for i, is := range again {
				for _, s := range texts {
					if got, want := is.EncodeSpecial(s), was.EncodeSpecial(s); !slices.Equal(got, want) {
						t.Errorf("form %d: %q is %v, was %v", i, s, got, want)
					}
				}
				if was.EOS() >= 0 && is.EOS() != was.EOS() || !slices.Equal(is.Stops(), was.Stops()) || is.chat != was.chat {
					t.Errorf("form %d: ends %d %v, were %d %v", i, is.EOS(), is.Stops(), was.EOS(), was.Stops())
				}
			}
		})
	}
	if tried < 3 {
		t.Fatalf("only %d tokenizers in testdata", tried)
	}
}
