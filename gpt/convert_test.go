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

// TestTrim: a smaller vocabulary says the same of the texts that it was made for.
func TestTrim(t *testing.T) {
	dir := t.TempDir()
	prompt := "请帮我完成以下任务："
	full, small := filepath.Join(dir, "full.gguf"), filepath.Join(dir, "small.gguf")
	if err := Convert(article, full, Conversion{Type: quant.F32}); err != nil {
		t.Fatal(err)
	}
	e := open(t, full, Options{})
	said := e.tok.Decode(e.mustGenerate(t, Request{Prompt: e.tok.Encode(prompt), MaxTokens: 20}).Sequences[0].Tokens)
	texts := slices.Values([]string{prompt, said, prompt + said})
	size := 330
	types := []TypeOf{{"*.weight", quant.F16}, {"output.weight", quant.F32}}
	if err := Convert(full, small, Conversion{Keep: true, Trim: &Trim{Size: size, Texts: texts}, Types: types}); err != nil {
		t.Fatal(err)
	}
	s := open(t, small, Options{})
	if s.tok.Size() != size {
		t.Errorf("%d tokens, want %d", s.tok.Size(), size)
	}
	if got := s.tok.Decode(s.mustGenerate(t, Request{Prompt: s.tok.Encode(prompt), MaxTokens: 20}).Sequences[0].Tokens); got == "" {
		t.Error("it says nothing")
	}
	if emb, ok := s.file.Tensor("token_embd.weight"); !ok || emb.Type != quant.F16 || emb.Rows() != size {
		t.Errorf("embedding %+v", emb.Shape)
	}
	for _, c := range []Conversion{{Keep: true, Trim: &Trim{Size: 270, Texts: texts}}, {Folder: true, Type: quant.F32, Trim: &Trim{Size: size, Texts: texts}}} {
		if err := Convert(full, filepath.Join(dir, "x"), c); err == nil {
			t.Errorf("%+v was written", c.Trim)
		}
	}
}
