package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"daiban/gpt/quant"
)

// A parser reads a whole file in memory.
type parser struct {
	name  string
	parse func(f *File, b []byte) error
	tiny  func(t testing.TB) []byte
}

var parsers = []parser{
	{"gguf", func(f *File, b []byte) error {
		p, err := f.parseGGUF("tiny.gguf", b)
		f.Meta, f.keys = p.meta, p.keys
		return err
	}, tinyGGUF},
	{"safetensors", func(f *File, b []byte) error { return f.parseSafe("tiny.safetensors", b) }, tinySafe},
}

func tinyGGUF(t testing.TB) []byte {
	var b bytes.Buffer
	if err := writeGGUF(&b, tinyMeta, tinyEntries()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// use touches everything that a file gives.
func use(t testing.TB, f *File) {
	t.Helper()
	for _, name := range f.Names() {
		x, err := f.Need(name)
		if err != nil {
			t.Fatal(err)
		}
		n, err := x.Type.RowBytes(x.Len())
		if err != nil || n != len(x.Data) {
			t.Fatalf("%s %v of %s has %d bytes (%v)", name, x.Shape, x.Type, len(x.Data), err)
		}
		x.Floats()
		for i := range x.Rows() {
			x.Row(i)
		}
	}
	_ = fmt.Sprint(f.Pairs())
}

func TestTruncated(t *testing.T) {
	for _, p := range parsers {
		all := p.tiny(t)
		for n := range all {
			f := newFile(p.name)
			err := p.parse(f, bytes.Clone(all[:n])) // a clone ends where it ends
			switch {
			case err == nil && p.name == "gguf" && n > len(all)-ggufAlignment:
				use(t, f) // only the padding at the end is gone
			case err == nil:
				t.Fatalf("%s: %d of %d bytes: no error", p.name, n, len(all))
			case !strings.Contains(err.Error(), "tiny."+p.name):
				t.Fatalf("%s: %d bytes: the error names no file: %v", p.name, n, err)
			}
		}
	}
}

func TestBitFlips(t *testing.T) {
	for _, p := range parsers {
		all := p.tiny(t)
		refused := 0
		for i := range len(all) {
			for bit := range 8 {
				b := bytes.Clone(all)
				b[i] ^= 1 << bit
				f := newFile(p.name)
				if err := p.parse(f, b); err != nil {
					refused++
					continue
				}
				if i%7 == 0 { // a look at all of them takes long
					use(t, f)
				}
			}
		}
		if refused < len(all) {
			t.Errorf("%s: only %d of %d flips were refused", p.name, refused, 8*len(all))
		}
	}
}

// A length from the file never decides alone about an allocation.
func TestAllocationBounded(t *testing.T) {
	for _, p := range parsers {
		all := p.tiny(t)
		all = all[:min(1024, len(all))] // a hostile kilobyte
		most := uint64(0)
		for at := 0; at+8 <= len(all); at++ {
			for _, v := range []uint64{1<<64 - 1, 1 << 62, 1 << 40, 1 << 31, 1 << 24, uint64(len(all))} {
				b := bytes.Clone(all)
				binary.LittleEndian.PutUint64(b[at:], v)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_ = p.parse(newFile(p.name), b)
				runtime.ReadMemStats(&after)
				most = max(most, after.TotalAlloc-before.TotalAlloc)
				if most > 64<<10 {
					t.Fatalf("%s: %#x at byte %d made the reader allocate %d bytes", p.name, v, at, most)
				}
			}
		}
		t.Logf("%s: at most %d bytes for a file of %d", p.name, most, len(all))
	}
}

// raw builds GGUF bytes that the writer would refuse to write.
type raw struct{ encoder }

func newRaw(version uint32, tensors, pairs uint64) (*raw, *bytes.Buffer) {
	var b bytes.Buffer
	r := &raw{encoder{w: &b}}
	r.raw([]byte(ggufMagic))
	r.u32(version)
	r.u64(tensors)
	r.u64(pairs)
	return r, &b
}

func TestGGUFRefuses(t *testing.T) {
	entry := func(name string, typ quant.Type, shape ...int) Entry {
		return Entry{Name: name, Type: typ, Shape: shape}
	}
	pair := func(build func(r *raw)) []byte {
		r, b := newRaw(3, 0, 1)
		r.str("the.key")
		build(r)
		r.raw(make([]byte, 64))
		return b.Bytes()
	}
	tensors := func(n int, build func(r *raw)) []byte {
		r, b := newRaw(3, uint64(n), 0)
		build(r)
		r.pad()
		r.raw(make([]byte, 256))
		return b.Bytes()
	}
	one := func(e Entry, at uint64) []byte { return tensors(1, func(r *raw) { r.info(&e, at) }) }
	two := func(a, b Entry, at uint64) []byte {
		return tensors(2, func(r *raw) { r.info(&a, 0); r.info(&b, at) })
	}
	version := func(v uint32) []byte { _, b := newRaw(v, 0, 0); return b.Bytes() }
	aligned := func(v any) []byte {
		return pair(func(r *raw) {
			b := r.w.(*bytes.Buffer)
			b.Truncate(24)
			r.str("general.alignment")
			r.value(v)
		})
	}
	for _, c := range []struct {
		want string
		b    []byte
	}{
		{"byte 0: this is no GGUF file", []byte("GGML....")},
		{"byte 0: this is no GGUF file", nil},
		{"version 1 is not supported", version(1)},
		{"version 4 is not known", version(4)},
		{"big-endian", version(3 << 24)},
		{"tensors do not fit into the remaining", func() []byte { _, b := newRaw(3, 1<<60, 0); return b.Bytes() }()},
		{"metadata pairs do not fit into the remaining", func() []byte { _, b := newRaw(3, 0, 1<<60); return b.Bytes() }()},
		{"at most 1048576 of each", func() []byte { _, b := newRaw(3, 1<<20+1, 0); return append(b.Bytes(), make([]byte, 25<<20)...) }()},
		{"arrays lie in others", pair(func(r *raw) { r.u32(kindArray); r.u32(kindArray); r.u64(1<<20 + 1); r.raw(make([]byte, 13<<20)) })},
		{`key "the.key": byte 39: values of type 13 are not known`, pair(func(r *raw) { r.u32(13) })},
		{`key "the.key": byte 43: a bool must be 0 or 1, not 2`, pair(func(r *raw) { r.u32(kindBool); r.raw([]byte{2}) })},
		{"bytes should follow", pair(func(r *raw) { r.u32(kindString); r.u64(1 << 50) })},
		{"values do not fit", pair(func(r *raw) { r.u32(kindArray); r.u32(kindU64); r.u64(1 << 61) })},
		{"values of type 99", pair(func(r *raw) { r.u32(kindArray); r.u32(99); r.u64(1) })},
		{"a bool must be 0 or 1, not 7", pair(func(r *raw) { r.u32(kindArray); r.u32(kindBool); r.u64(2); r.raw([]byte{1, 7}) })},
		{"nested deeper than 4", pair(func(r *raw) {
			r.u32(kindArray)
			for range 5 {
				r.u32(kindArray)
				r.u64(1)
			}
		})},
		{"the key is there twice", func() []byte {
			r, b := newRaw(3, 0, 2)
			for range 2 {
				r.str("the.key")
				r.value(uint32(1))
			}
			return b.Bytes()
		}()},
		{"a key of 65537 bytes", func() []byte { r, b := newRaw(3, 0, 1); r.str(strings.Repeat("k", 65537)); return b.Bytes() }()},
		{"power of two", aligned(uint32(24))},
		{"power of two", aligned(uint32(0))},
		{"power of two", aligned(uint64(32))},
		{"5 dimensions; at most 4", one(entry("a", quant.F32, 1, 1, 1, 1, 1), 0)},
		{`tensor "a": byte 24: its data, bytes 64 to 2112, lie beyond the end`, append(one(entry("a", quant.F32, 512), 0), make([]byte, 1750)...)},
		{"longer than the file", one(entry("a", quant.F32, 1<<40), 0)},
		{"more values than a machine can address", one(entry("a", quant.F32, 1<<30, 1<<30, 1<<30), 0)},
		{"more than a machine can address", one(entry("a", quant.F32, -1), 0)},
		{"not a multiple of the 256 values", one(entry("a", quant.Q4_K, 2, 128), 0)},
		{`tensor "a": byte 53: a row: weights of format q2_k are not supported`, one(entry("a", 10, 2, 256), 0)},
		{"format type 77 are not supported", one(entry("a", 77, 2), 0)},
		{"no multiple of the alignment 32", one(entry("a", quant.F32, 1), 16)},
		{"longer than the file", one(entry("a", quant.F32, 1), 1<<62)},
		{`tensor "b": byte 57: its data at byte 128 overlap those of tensor "a", which end at 132`, two(entry("a", quant.F32, 9), entry("b", quant.F32, 1), 32)},
		{"the name is there twice", two(entry("a", quant.F32, 8), entry("a", quant.F32, 1), 32)},
		{"the name is there twice", two(entry("a", quant.F32, 8), entry("a", 26, 1), 32)},
	} {
		err := parsers[0].parse(newFile("gguf"), c.b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v\ndoes not say %q", err, c.want)
		}
	}
}

func TestGGUFAccepts(t *testing.T) {
	// Version 2, an alignment of its own, a tensor of integers, one without values.
	r, b := newRaw(2, 4, 1)
	r.str("general.alignment")
	r.value(uint32(64))
	r.info(&Entry{Name: "weights", Type: quant.F32, Shape: []int{2}}, 0)
	r.info(&Entry{Name: "mask", Type: 26, Shape: []int{3}}, 64)
	r.info(&Entry{Name: "none", Type: quant.F32, Shape: []int{1 << 40, 0}}, 64)
	r.info(&Entry{Name: "scalar", Type: quant.F32}, 128)
	r.raw(make([]byte, (64-r.n%64)%64))
	data := make([]byte, 132)
	binary.LittleEndian.PutUint32(data[4:], 0x3f800000)
	r.raw(data)
	f := newFile("gguf")
	if err := parsers[0].parse(f, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	use(t, f)
	f.parts = []string{"x.gguf"}
	if x, err := f.Need("weights"); err != nil || x.Floats()[1] != 1 {
		t.Errorf("weights: %v, %v", x, err)
	}
	if _, err := f.Need("mask"); err == nil || !strings.Contains(err.Error(), "holds i32") {
		t.Errorf("mask: %v", err)
	}
	if len(f.Names()) != 3 {
		t.Errorf("names: %q", f.Names())
	}
}

func FuzzGGUF(f *testing.F)        { fuzz(f, parsers[0]) }
func FuzzSafetensors(f *testing.F) { fuzz(f, parsers[1]) }

func fuzz(f *testing.F, p parser) {
	all := p.tiny(f)
	f.Add(all)
	f.Add(all[:len(all)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		file := newFile(p.name)
		if err := p.parse(file, b); err == nil {
			use(t, file)
		}
	})
}
