package model

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

func floats(string, []int) quant.Type { return quant.F32 }

// TestExport: a model written in the other format, read again, is what the reference says of it.
func TestExport(t *testing.T) {
	folders, _ := filepath.Glob("testdata/*/config.json")
	for _, c := range folders {
		name := filepath.Base(filepath.Dir(c))
		t.Run(name, func(t *testing.T) {
			m := openFolder(t, name, "config.json")
			file := filepath.Join(t.TempDir(), "m.gguf")
			meta, tensors, err := m.GGUF(floats)
			if err != nil {
				if m.Rope.Scaling != "dynamic" && m.Act != "gelu" {
					t.Fatal(err)
				}
			} else {
				if err := weights.WriteGGUF(file, meta, tensors, 0); err != nil {
					t.Fatal(err)
				}
				m = reopen(t, file)
				agrees(t, m, expected(t, name))
			}
			dir := t.TempDir()
			config, tensors, err := m.Safetensors(quant.F32)
			if err != nil {
				if !strings.Contains(name, "llama3") {
					t.Fatal(err)
				}
				return
			}
			if err := os.WriteFile(filepath.Join(dir, "config.json"), config, 0o666); err != nil {
				t.Fatal(err)
			}
			if err := weights.WriteSafetensors(dir, nil, tensors, 0); err != nil {
				t.Fatal(err)
			}
			agrees(t, reopen(t, dir), expected(t, name))
		})
	}
}

func reopen(t *testing.T, path string) *Model {
	t.Helper()
	if strings.HasSuffix(path, ".gguf") {
		f, err := weights.OpenGGUF(path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := FromGGUF(f)
		if err != nil {
			t.Fatal(err)
		}
		return bind(t, c, f)
	}
	text, err := os.ReadFile(filepath.Join(path, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := FromJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	return bind(t, c, f)
}
