package weights

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daiban/gpt/quant"
)

// tinyMeta has a value of every type that GGUF knows.
var tinyMeta = []KV{
	{"general.architecture", "llama"},
	{"a.u8", uint8(200)}, {"a.i8", int8(-3)}, {"a.u16", uint16(60000)}, {"a.i16", int16(-300)},
	{"a.u32", uint32(4000000000)}, {"a.i32", int32(-5)}, {"a.u64", uint64(1) << 63}, {"a.i64", int64(-1) << 62},
	{"a.f32", float32(1.5)}, {"a.f64", -2.25}, {"a.yes", true}, {"a.no", false}, {"a.empty", ""},
	{"b.u8", []uint8{1, 2}}, {"b.i8", []int8{-1, 2}}, {"b.u16", []uint16{1, 60000}}, {"b.i16", []int16{-1}},
	{"b.u32", []uint32{7}}, {"b.i32", []int32{-7, 8}}, {"b.u64", []uint64{9}}, {"b.i64", []int64{-9}},
	{"b.f32", []float32{0.5, -1}}, {"b.f64", []float64{0.25}}, {"b.bool", []bool{true, false}},
	{"tokenizer.ggml.tokens", []string{"代", "", "办"}}, {"b.none", []string{}},
	{"c.nested", []any{[]int32{1}, []any{[]string{"x"}}, []bool{}}},
}

func floats(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func tinyEntries() []Entry {
	return []Entry{
		FromFloats("token_embd.weight", quant.Q8_0, []int{5, 64}, floats(1, 320)),
		FromFloats("blk.0.attn_q.weight", quant.Q4_K, []int{2, 256}, floats(2, 512)),
		FromFloats("blk.0.attn_norm.weight", quant.F32, []int{3}, floats(3, 3)),
		FromFloats("blk.0.ffn_up.weight", quant.F16, []int{3, 7}, floats(4, 21)),
		FromFloats("scalar", quant.F32, nil, floats(5, 1)),
		FromFloats("cube", quant.BF16, []int{2, 3, 4}, floats(6, 24)),
	}
}

func writeTiny(t testing.TB, splitMax int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny.gguf")
	if err := WriteGGUF(path, tinyMeta, tinyEntries(), splitMax); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := OpenGGUF(path)
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

// checkTiny compares a file with tinyEntries.
func checkTiny(t *testing.T, f *File, entries []Entry) {
	t.Helper()
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
		got, err := f.Need(e.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		var want bytes.Buffer
		if err := e.Write(&want); err != nil {
			t.Fatal(err)
		}
		if got.Type != e.Type || !slices.Equal(got.Shape, e.Shape) || !bytes.Equal(got.Data, want.Bytes()) {
			t.Errorf("%s came back as %s %v with %d bytes; want %s %v with %d", e.Name, got.Type, got.Shape, len(got.Data), e.Type, e.Shape, want.Len())
		}
		if len(got.Floats()) != got.Len() || got.Rows()*got.Cols() != got.Len() {
			t.Errorf("%s: %d rows of %d are not %d values", e.Name, got.Rows(), got.Cols(), got.Len())
		}
	}
	if diff := cmp.Diff(names, f.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestGGUFRoundTrip(t *testing.T) {
	path := writeTiny(t, 0)
	f := open(t, path)
	if diff := cmp.Diff(tinyMeta, f.Pairs()); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	checkTiny(t, f, tinyEntries())
	if info, err := os.Stat(path); err != nil || info.Size() != f.Bytes() {
		t.Errorf("Bytes = %d; the file: %v, %v", f.Bytes(), info, err)
	}

	// Reading and writing again gives the same file.
	again := filepath.Join(t.TempDir(), "again.gguf")
	var entries []Entry
	for _, name := range f.Names() {
		x, _ := f.Tensor(name)
		entries = append(entries, x.As(x.Type))
	}
	if err := WriteGGUF(again, f.Pairs(), entries, 0); err != nil {
		t.Fatal(err)
	}
	a, err1 := os.ReadFile(path)
	b, err2 := os.ReadFile(again)
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("the copy differs: %d and %d bytes, %v, %v", len(a), len(b), err1, err2)
	}
}

func TestMeta(t *testing.T) {
	f := open(t, writeTiny(t, 0))
	for key, want := range map[string]int{"a.u8": 200, "a.i8": -3, "a.u16": 60000, "a.i16": -300, "a.u32": 4000000000, "a.i32": -5, "a.i64": -1 << 62} {
		if got, ok := f.Int(key); !ok || got != want {
			t.Errorf("Int(%s) = %d, %v; want %d", key, got, ok, want)
		}
	}
	for _, key := range []string{"a.u64", "a.f32", "general.architecture", "none"} {
		if got, ok := f.Int(key); ok {
			t.Errorf("Int(%s) = %d, want false", key, got)
		}
	}
	if v, ok := f.Float("a.f32"); !ok || v != 1.5 {
		t.Errorf("Float = %v, %v", v, ok)
	}
	if v, ok := f.Float("a.u8"); !ok || v != 200 {
		t.Errorf("Float of an integer = %v, %v", v, ok)
	}
	if v, ok := f.Bool("a.yes"); !ok || !v {
		t.Errorf("Bool = %v, %v", v, ok)
	}
	if v, ok := f.String("general.architecture"); !ok || v != "llama" {
		t.Errorf("String = %v, %v", v, ok)
	}
	if v, ok := f.Strings("tokenizer.ggml.tokens"); !ok || !slices.Equal(v, []string{"代", "", "办"}) {
		t.Errorf("Strings = %q, %v", v, ok)
	}
	if v, ok := f.Ints("b.i32"); !ok || !slices.Equal(v, []int{-7, 8}) {
		t.Errorf("Ints = %v, %v", v, ok)
	}
	if v, ok := f.Ints("a.u8"); !ok || !slices.Equal(v, []int{200}) {
		t.Errorf("Ints of one = %v, %v", v, ok)
	}
	if v, ok := f.Floats("b.f64"); !ok || !slices.Equal(v, []float32{0.25}) {
		t.Errorf("Floats = %v, %v", v, ok)
	}
}

func TestNilFile(t *testing.T) {
	var f *File
	if _, ok := f.Int("x"); ok {
		t.Error("a nil file has an Int")
	}
	if _, ok := f.Tensor("x"); ok {
		t.Error("a nil file has a tensor")
	}
	if _, err := f.Need("x"); err == nil {
		t.Error("Need of a nil file: no error")
	}
	if f.Names() != nil || f.Pairs() != nil || f.Parts() != nil || f.Bytes() != 0 || f.Close() != nil {
		t.Error("a nil file is not empty")
	}
}

func TestNeedNames(t *testing.T) {
	f := open(t, writeTiny(t, 0))
	if _, err := f.Need("no.such"); err == nil || !strings.Contains(err.Error(), `"no.such"`) || !strings.Contains(err.Error(), "tiny.gguf") {
		t.Errorf("Need: %v", err)
	}
}

func TestSplit(t *testing.T) {
	path := writeTiny(t, 500)
	stem := strings.TrimSuffix(path, ".gguf")
	parts, err := filepath.Glob(stem + "-*.gguf")
	if err != nil || len(parts) != 2 {
		t.Fatalf("parts: %q, %v", parts, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the whole file is there too: %v", err)
	}
	for _, part := range parts {
		f := open(t, part)
		checkTiny(t, f, tinyEntries())
		if n, _ := f.Int(splitCount); n != 2 || len(f.Parts()) != 2 {
			t.Errorf("%s: split.count = %d, parts %q", part, n, f.Parts())
		}
		if s, _ := f.String("general.architecture"); s != "llama" {
			t.Errorf("%s: the metadata are not the first part's", part)
		}
	}

	// Joined again, it is the file that was never split.
	f, joined := open(t, parts[1]), filepath.Join(t.TempDir(), "tiny.gguf")
	if err := WriteGGUF(joined, f.Pairs(), tinyEntries(), 0); err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(joined)
	b, _ := os.ReadFile(writeTiny(t, 0))
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("the joined file differs")
	}
}

func TestSplitBroken(t *testing.T) {
	fails := func(name, want string, spoil func(dir string)) {
		t.Run(name, func(t *testing.T) {
			path := writeTiny(t, 300)
			dir := filepath.Dir(path)
			first := filepath.Join(dir, "tiny-00001-of-00003.gguf")
			open(t, first)
			spoil(dir)
			f, err := OpenGGUF(first)
			if err == nil {
				f.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not say %q", err, want)
			}
		})
	}
	move := func(dir, from, to string) {
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	fails("missing", "tiny-00002-of-00003.gguf: part 2 of 3 is missing", func(dir string) {
		move(dir, "tiny-00002-of-00003.gguf", "elsewhere.gguf")
	})
	fails("swapped", "it was renamed", func(dir string) {
		move(dir, "tiny-00002-of-00003.gguf", "x")
		move(dir, "tiny-00003-of-00003.gguf", "tiny-00002-of-00003.gguf")
		move(dir, "x", "tiny-00003-of-00003.gguf")
	})
	fails("part of another", "there twice", func(dir string) {
		meta := splitPairs(nil, 1, 3, 6)
		if err := writeRaw(filepath.Join(dir, "tiny-00002-of-00003.gguf"), meta, tinyEntries()[:1]); err != nil {
			t.Fatal(err)
		}
	})
	fails("fewer tensors", "parts of different files are mixed", func(dir string) {
		meta := splitPairs(nil, 1, 3, 6)
		if err := writeRaw(filepath.Join(dir, "tiny-00002-of-00003.gguf"), meta, nil); err != nil {
			t.Fatal(err)
		}
	})

	path := writeTiny(t, 300)
	alone := filepath.Join(filepath.Dir(path), "alone.gguf")
	move(filepath.Dir(path), "tiny-00001-of-00003.gguf", "alone.gguf")
	if _, err := OpenGGUF(alone); err == nil || !strings.Contains(err.Error(), "one of 3 parts") {
		t.Errorf("a part under another name: %v", err)
	}
	if _, err := OpenGGUF(filepath.Join(t.TempDir(), "m-00009-of-00003.gguf")); err == nil || !strings.Contains(err.Error(), "cannot be") {
		t.Errorf("part 9 of 3: %v", err)
	}
}

// writeRaw writes a file with metadata that WriteGGUF would decide itself.
func writeRaw(path string, meta []KV, tensors []Entry) error {
	var b bytes.Buffer
	if err := writeGGUF(&b, meta, tensors); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.gguf")
	good := FromFloats("a", quant.F32, []int{2}, []float32{1, 2})
	for want, try := range map[string]func() error{
		"is there twice":         func() error { return WriteGGUF(path, nil, []Entry{good, good}, 0) },
		`key "k" is there twice`: func() error { return WriteGGUF(path, []KV{{"k", true}, {"k", true}}, nil, 0) },
		"type int cannot":        func() error { return WriteGGUF(path, []KV{{"k", 1}}, nil, 0) },
		"holds arrays only":      func() error { return WriteGGUF(path, []KV{{"k", []any{1}}}, nil, 0) },
		"nested deeper":          func() error { return WriteGGUF(path, []KV{{"k", []any{[]any{[]any{[]any{}}}}}}, nil, 0) },
		"more than 4 dimensions": func() error {
			return WriteGGUF(path, nil, []Entry{FromFloats("a", 0, []int{1, 1, 1, 1, 1}, good32)}, 0)
		},
		"not a multiple":      func() error { return WriteGGUF(path, nil, []Entry{FromFloats("a", quant.Q4_0, []int{33}, good32)}, 0) },
		"cannot be":           func() error { return WriteGGUF(path, nil, []Entry{FromFloats("a", 0, []int{-1}, good32)}, 0) },
		"do not fill a shape": func() error { return WriteGGUF(path, nil, []Entry{FromFloats("a", 0, []int{2}, good32)}, 0) },
		"nothing writes it":   func() error { return WriteGGUF(path, nil, []Entry{{Name: "a"}}, 0) },
		"which q8_0 cannot hold": func() error {
			return WriteGGUF(path, nil, []Entry{FromFloats("a", quant.Q8_0, []int{32}, notFinite)}, 0)
		},
		"where its shape needs 8": func() error {
			return WriteGGUF(path, nil, []Entry{{"a", 0, []int{2}, func(w io.Writer) error { return nil }}}, 0)
		},
		"safetensors cannot hold": func() error {
			return WriteSafetensors(dir, nil, []Entry{FromFloats("a", quant.Q8_0, []int{32}, notFinite)}, 0)
		},
		"cannot be called": func() error {
			return WriteSafetensors(dir, nil, []Entry{FromFloats("__metadata__", 0, []int{1}, good32)}, 0)
		},
		"must be UTF-8": func() error { return WriteSafetensors(dir, nil, []Entry{FromFloats("\xff", 0, []int{1}, good32)}, 0) },
		"no such file":  func() error { return WriteSafetensors(filepath.Join(dir, "none"), nil, []Entry{good}, 0) },
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("what failed left %v behind, %v", left, err)
	}
}

var (
	good32    = []float32{1}
	notFinite = append(make([]float32, 31), float32(math.Inf(1)))
)

// An old file stays whole until the new one is.
func TestWriteIsAtomic(t *testing.T) {
	path := writeTiny(t, 0)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := Entry{"late", quant.F32, []int{2}, func(w io.Writer) error {
		_, err := w.Write([]byte{1, 2, 3})
		return errors.Join(err, errors.New("the disk is gone"))
	}}
	if err := WriteGGUF(path, nil, append(tinyEntries(), broken), 300); err == nil || !strings.Contains(err.Error(), `tensor "late": the disk is gone`) {
		t.Errorf("error: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the old file changed: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("what failed left files behind: %v, %v", left, err)
	}
}

// Quantizing while copying gives what quantizing at once gives, on any number of rows.
func TestAs(t *testing.T) {
	x := floats(9, 3000*256)
	path := filepath.Join(t.TempDir(), "f.gguf")
	shape := []int{3000, 256}
	if err := WriteGGUF(path, nil, []Entry{FromFloats("w", quant.BF16, shape, x)}, 0); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	w, err := f.Need("w")
	if err != nil {
		t.Fatal(err)
	}
	e := w.As(quant.Q8_0)
	var got bytes.Buffer
	if err := e.Write(&got); err != nil {
		t.Fatal(err)
	}
	n, _ := quant.Q8_0.RowBytes(len(x))
	want := make([]byte, n)
	quant.Quantize(quant.Q8_0, want, w.Floats())
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("the rows differ")
	}
}

// The header of a model has a vocabulary and its merges: 150,000 strings each.
func BenchmarkOpen(b *testing.B) {
	words := make([]string, 150000)
	for i := range words {
		words[i] = strconv.Itoa(i * 7919)
	}
	path := filepath.Join(b.TempDir(), "words.gguf")
	meta := []KV{{"tokenizer.ggml.tokens", words}, {"tokenizer.ggml.merges", words}, {"tokenizer.ggml.token_type", make([]int32, len(words))}}
	if err := WriteGGUF(path, meta, tinyEntries(), 0); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		f, err := OpenGGUF(path)
		if err != nil {
			b.Fatal(err)
		}
		f.Prefetch()
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// Tensors are converted on all processors at once.
func BenchmarkAs(b *testing.B) {
	x := FromFloats("w", quant.BF16, []int{1024, 1024}, floats(1, 1<<20))
	path := filepath.Join(b.TempDir(), "w.gguf")
	if err := WriteGGUF(path, nil, []Entry{x}, 0); err != nil {
		b.Fatal(err)
	}
	f := open(b, path)
	w, err := f.Need("w")
	if err != nil {
		b.Fatal(err)
	}
	for _, typ := range []quant.Type{quant.F32, quant.Q8_0, quant.Q4_K} {
		b.Run(typ.String(), func(b *testing.B) {
			b.SetBytes(int64(len(w.Data)))
			e := w.As(typ)
			for b.Loop() {
				if err := e.Write(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
