package gpt

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daiban/gpt/quant"
)

// TestConvert: folder to GGUF to folder again, whole or in parts, says the same.
func TestConvert(t *testing.T) {
	dir := t.TempDir()
	prompt := "请帮我完成以下任务："
	says := func(path string) []int {
		t.Helper()
		e := open(t, path, Options{})
		return e.mustGenerate(t, Request{Prompt: e.tok.Encode(prompt), MaxTokens: 20}).Sequences[0].Tokens
	}
	want := says(article)
	gguf, parts, folder := filepath.Join(dir, "m.gguf"), filepath.Join(dir, "p.gguf"), filepath.Join(dir, "f")
	named := 0
	watch := func(name string, done, all int) { named++ }
	for _, c := range []struct {
		from, to, open string
		Conversion
	}{
		{article, gguf, gguf, Conversion{Type: quant.F32, Progress: watch}},
		{gguf, parts, filepath.Join(dir, "p-00001-of-00004.gguf"), Conversion{Keep: true, Split: 50 << 10}},
		{filepath.Join(dir, "p-00002-of-00004.gguf"), folder, folder, Conversion{Folder: true, Type: quant.F32, Split: 60 << 10}},
		{folder, filepath.Join(dir, "again.gguf"), filepath.Join(dir, "again.gguf"), Conversion{Type: quant.F32}},
	} {
		if err := Convert(c.from, c.to, c.Conversion); err != nil {
			t.Fatalf("%s: %v", c.to, err)
		}
		if got := says(c.open); !slices.Equal(got, want) {
			t.Errorf("%s says %v, want %v", c.to, got, want)
		}
	}
	if named == 0 {
		t.Error("no progress")
	}
	small := filepath.Join(dir, "small.gguf")
	if err := Convert(gguf, small, Conversion{Type: quant.Q8_0}); err != nil {
		t.Fatal(err)
	}
	a, _ := os.Stat(gguf)
	b, _ := os.Stat(small)
	if b.Size() > a.Size()*2/3 {
		t.Errorf("q8_0 has %d bytes of %d", b.Size(), a.Size())
	}
	says(small)
	if err := Convert(gguf, folder, Conversion{Folder: true, Type: quant.F32}); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("onto a folder that is there: %v", err)
	}
	if err := Convert(gguf, filepath.Join(dir, "x"), Conversion{Folder: true, Type: quant.Q4_0}); err == nil {
		t.Error("safetensors of q4_0 were written")
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".convert*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
