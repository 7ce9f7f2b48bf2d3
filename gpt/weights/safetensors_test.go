package weights

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daiban/gpt/quant"
)

func safeEntries() []Entry {
	return []Entry{
		FromFloats("wte.weight", quant.F32, []int{5, 3}, floats(1, 15)),
		FromFloats("h.0.\"w\"", quant.F16, []int{2, 2}, floats(2, 4)),
		FromFloats("h.0.b", quant.BF16, []int{7}, floats(3, 7)),
		FromFloats("scale", quant.F32, nil, floats(4, 1)),
		FromFloats("none", quant.F32, []int{0, 4}, nil),
	}
}

func tinySafe(t testing.TB) []byte {
	dir := t.TempDir()
	if err := WriteSafetensors(dir, map[string]string{"format": "pt"}, safeEntries(), 0); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, safeFile))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openSafe(t *testing.T, dir string) *File {
	t.Helper()
	f, err := OpenSafetensors(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestSafetensorsRoundTrip(t *testing.T) {
	dir := t.TempDir()
	if err := WriteSafetensors(dir, map[string]string{"format": "pt"}, safeEntries(), 0); err != nil {
		t.Fatal(err)
	}
	f := openSafe(t, dir)
	checkTiny(t, f, safeEntries())
	if s, ok := f.String("format"); !ok || s != "pt" {
		t.Errorf("metadata: %v", f.Meta)
	}
	checkTiny(t, openSafe(t, filepath.Join(dir, safeFile)), safeEntries())
	b, err := os.ReadFile(filepath.Join(dir, safeFile))
	if err != nil {
		t.Fatal(err)
	}
	if n := binary.LittleEndian.Uint64(b); n%8 != 0 {
		t.Errorf("the header has %d bytes, no multiple of 8", n)
	}
}

func TestSafetensorsShards(t *testing.T) {
	dir := t.TempDir()
	if err := WriteSafetensors(dir, nil, safeEntries(), 20); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	want := []string{"model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", safeIndex}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Fatalf("files (-want +got):\n%s", diff)
	}
	checkTiny(t, openSafe(t, dir), safeEntries())

	var index struct {
		Metadata map[string]int    `json:"metadata"`
		Map      map[string]string `json:"weight_map"`
	}
	b, err := os.ReadFile(filepath.Join(dir, safeIndex))
	if err == nil {
		err = json.Unmarshal(b, &index)
	}
	if err != nil || index.Metadata["total_size"] != 86 || index.Map["h.0.b"] != want[2] {
		t.Errorf("index: %+v, %v", index, err)
	}

	// The same without an index; and in the other layout beside it.
	if err := WriteSafetensors(dir, nil, safeEntries(), 0); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("one file beside an index: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, safeIndex)); err != nil {
		t.Fatal(err)
	}
	checkTiny(t, openSafe(t, dir), safeEntries())
	if err := os.Remove(filepath.Join(dir, want[1])); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSafetensors(dir); err == nil || !strings.Contains(err.Error(), want[1]+": part 2 of 3 is missing") {
		t.Errorf("a missing part: %v", err)
	}
}

func TestSafetensorsIndex(t *testing.T) {
	for want, index := range map[string]string{
		"no such file":               `{"weight_map": {"a": "model-00009-of-00009.safetensors"}}`,
		"is not in":                  `{"weight_map": {"scale": "model-00001-of-00003.safetensors"}}`,
		"\"new\" is not in":          `{"weight_map": {"new": "model-00001-of-00003.safetensors"}}`,
		"no name of a *.safetensors": `{"weight_map": {"a": "../model.safetensors"}}`,
		"\"a\" should be in \"\"":    `{"weight_map": {"a": ""}}`,
		"names no tensor":            `{}`,
		"unexpected end":             `{"weight_map": {`,
	} {
		dir := t.TempDir()
		if err := WriteSafetensors(dir, nil, safeEntries(), 20); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, safeIndex), []byte(index), 0o644); err != nil {
			t.Fatal(err)
		}
		if f, err := OpenSafetensors(dir); err == nil || !strings.Contains(err.Error(), want) {
			f.Close()
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}

func TestSafetensorsFolder(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenSafetensors(dir); err == nil || !strings.Contains(err.Error(), "no model.safetensors") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pytorch_model.bin"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSafetensors(dir); err == nil || !strings.Contains(err.Error(), "convert it with transformers") {
		t.Errorf("a pickle: %v", err)
	}
	if _, err := OpenSafetensors(filepath.Join(dir, "none")); err == nil {
		t.Error("no folder: no error")
	}
}

func safeFileOf(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestSafetensorsRefuses(t *testing.T) {
	a := `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	for _, c := range []struct {
		want   string
		header string
		data   int
	}{
		{"does not begin with {", ``, 0},
		{"does not begin with {", ` {}`, 0},
		{"not UTF-8", "{\"\xff\":1}", 0},
		{"EOF", `{"a":`, 0},
		{"something follows", `{} {}`, 0},
		{`name "a" is there twice`, a + `,` + a[1:] + `}`, 8},
		{"an object should follow", `{"a":[1]}`, 0},
		{`member "more" is not known`, `{"a":{"more":1}}`, 0},
		{`member "dtype" is not known, or there twice`, `{"a":{"dtype":"F32","dtype":"F32"}}`, 0},
		{"is missing", `{"a":{"dtype":"F32"}}`, 0},
		{`shape: "1.5" is no number`, `{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}`, 8},
		{"cannot unmarshal", `{"__metadata__":{"a":1}}`, 0},
		{"a list should follow", `{"a":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}`, 4},
		{`"x" is no number`, `{"a":{"dtype":"F32","shape":["x"],"data_offsets":[0,4]}}`, 4},
		{"at most 16 numbers", `{"a":{"dtype":"F32","shape":[` + strings.Repeat("1,", 16) + `1],"data_offsets":[0,4]}}`, 4},
		{"at most 2 numbers", `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}`, 4},
		{"must be two numbers", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}`, 8},
		{"must be two numbers", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8},
		{"lie beyond the end", a + `}`, 7},
		{"1 bytes after the data", a + `}`, 9},
		{"overlap or leave a hole", a + `,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8},
		{"overlap or leave a hole", a + `,"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}`, 16},
		{"2 values of F32 do not fill the 4 bytes", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4},
		{`shape: "-2" is no number`, `{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, 8},
		{"cannot be", `{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}`, 0},
		{`tensor "a": values of "F64" are not supported: convert`, `{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8},
		{`values of "F8_E4M3" are not supported`, `{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}`, 8},
		{"8 bytes after", `{}`, 8},
	} {
		err := parsers[1].parse(newFile("safetensors"), safeFileOf(c.header, c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nerror %v\ndoes not say %q", c.header, err, c.want)
		}
	}
	big := binary.LittleEndian.AppendUint64(nil, 100<<20+1)
	if err := parsers[1].parse(newFile("safetensors"), big); err == nil || !strings.Contains(err.Error(), "at most 104857600") {
		t.Errorf("a long header: %v", err)
	}
}

func TestSafetensorsSkipsIntegers(t *testing.T) {
	f := newFile("safetensors")
	header := `{"mask":{"dtype":"BOOL","shape":[4],"data_offsets":[8,12]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   `
	if err := f.parseSafe("x", safeFileOf(header, 12)); err != nil {
		t.Fatal(err)
	}
	f.parts = []string{"x"}
	if !slices.Equal(f.Names(), []string{"a"}) {
		t.Errorf("names: %q", f.Names())
	}
	if _, err := f.Need("mask"); err == nil || !strings.Contains(err.Error(), "holds BOOL") {
		t.Errorf("mask: %v", err)
	}
}
