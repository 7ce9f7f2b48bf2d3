package weights

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpen holds what a path may be, and that an error says what to name instead.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	put := func(path string, data []byte) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	model, safe := tinyGGUF(t), tinySafe(t)
	put("a.gguf", model)
	put("one[1]/a.gguf", model)
	put("two/a.gguf", model)
	put("two/b.gguf", model)
	put("hf/config.json", []byte("{}"))
	put("hf/model.safetensors", safe)
	put("hf/also.gguf", model)
	put("none/readme", nil)
	if err := WriteGGUF(filepath.Join(dir, "split.gguf"), tinyMeta, tinyEntries(), 1); err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(dir, "split-*.gguf"))
	if err != nil || len(parts) < 2 {
		t.Fatal(parts, err)
	}
	for _, p := range parts {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		put(filepath.Join("parts", filepath.Base(p)), data)
	}
	for path, want := range map[string]string{"a.gguf": "gguf", "one[1]": "gguf", "parts": "gguf", "hf": "safetensors"} {
		f, err := Open(filepath.Join(dir, path))
		if err != nil || f.Format != want {
			t.Errorf("%s: %v; want %s", path, err, want)
		}
		f.Close()
	}
	for path, want := range map[string]string{
		"two":                  "holds 2 GGUF models: name one of the files",
		"none":                 "is no model: want a GGUF file, or a folder",
		"nowhere":              "no such file",
		"hf/model.safetensors": "this is a file of safetensors: name the folder that it is in",
		"none/readme":          "this is no GGUF file",
	} {
		if _, err := Open(filepath.Join(dir, path)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", path, err, want)
		}
	}
}

// TestLongNames holds that an error stays short where a damaged file has a name of kilobytes.
func TestLongNames(t *testing.T) {
	r, b := newRaw(3, 0, 1)
	r.str(strings.Repeat("\x00", nameMax))
	r.raw([]byte{99, 0, 0, 0, 0, 0, 0, 0, 0})
	_, err := newFile("gguf").parseGGUF("long.gguf", b.Bytes())
	if err == nil || len(err.Error()) > 1000 || !strings.Contains(err.Error(), "…") {
		t.Errorf("%d bytes of error: %.300v", len(err.Error()), err)
	}
}

// TestReadSmall holds that a text is read up to its bound, however long the file is.
func TestReadSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadSmall(path, 2); err != nil || string(data) != "{}" {
		t.Errorf("%q %v", data, err)
	}
	if err := os.Truncate(path, 1<<40); err != nil { // it takes no room on the disk
		t.Skip(err)
	}
	if _, err := ReadSmall(path, 1<<20); err == nil || !strings.Contains(err.Error(), "config.json: 1099511627776 bytes, where no such file has more than 1048576") {
		t.Error(err)
	}
}
