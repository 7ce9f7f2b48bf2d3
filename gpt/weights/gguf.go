package weights

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"daiban/gpt/quant"
)

const (
	ggufMagic     = "GGUF"
	ggufAlignment = 32 // of the data, and of each tensor in it, where the file does not say otherwise
	nameMax       = 64 << 10
	dimsMax       = 4
	thingsMax     = 1 << 20 // tensors, pairs, and nested arrays: what is kept for each is larger than its bytes in the file
)

// integerBytes are the formats of ggml for integers, with a value's bytes. Such tensors are skipped.
var integerBytes = map[quant.Type]int{24: 1, 25: 2, 26: 4, 27: 8}

// OpenGGUF opens a GGUF file of version 2 or 3. For a split file, the path of any
// part (…-00002-of-00003.gguf) opens all of them.
func OpenGGUF(path string) (*File, error) {
	f := newFile("gguf")
	if err := f.openParts(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ggufPart is what one file of a GGUF holds beside its tensors.
type ggufPart struct {
	meta map[string]any
	keys []string
}

// readGGUF maps one file and adds its tensors.
func (f *File) readGGUF(path string) (ggufPart, error) {
	data, err := f.add(path)
	if err != nil {
		return ggufPart{}, err
	}
	return f.parseGGUF(path, data)
}

// parseGGUF adds the tensors of a file in memory; path is for errors.
func (f *File) parseGGUF(path string, data []byte) (ggufPart, error) {
	c := &cursor{file: path, b: data}
	p := ggufPart{meta: map[string]any{}}
	tensors, pairs, err := c.header()
	if err != nil {
		return p, err
	}
	for range pairs {
		if err := p.readPair(c); err != nil {
			return p, err
		}
	}
	return p, f.readInfos(c, tensors, p.alignment(c))
}

// header reads the start of the file: how many tensors and pairs follow.
func (c *cursor) header() (tensors, pairs uint64, err error) {
	if len(c.b) > 8 && c.b[8] == '{' && strings.HasSuffix(c.file, safeExt) {
		return 0, 0, c.errorf("this is a file of safetensors: name the folder that it is in, with its config.json and tokenizer")
	}
	if len(c.b) < 4 || string(c.b[:4]) != ggufMagic {
		return 0, 0, c.errorf("this is no GGUF file: it does not begin with %q", ggufMagic)
	}
	c.at = 4
	version, err := c.u32()
	if err != nil {
		return 0, 0, err
	}
	switch {
	case version&0xffff == 0 && version != 0:
		return 0, 0, c.errorf("the file is big-endian: convert it to little-endian first (gguf-convert-endian of gguf-py)")
	case version == 1:
		return 0, 0, c.errorf("GGUF version 1 is not supported: convert the model again with a newer llama.cpp")
	case version != 2 && version != 3:
		return 0, 0, c.errorf("GGUF version %d is not known; this program reads 2 and 3", version)
	}
	// 24 bytes: name's length, number of dimensions, type, offset. 13: key's length, type, a byte.
	if tensors, err = c.count("tensors", 24); err != nil {
		return 0, 0, err
	}
	if pairs, err = c.count("metadata pairs", 13); err != nil {
		return 0, 0, err
	}
	if tensors > thingsMax || pairs > thingsMax {
		return 0, 0, c.errorAt(8, "%d tensors and %d metadata pairs; at most %d of each are allowed", tensors, pairs, thingsMax)
	}
	return tensors, pairs, nil
}

func (p *ggufPart) readPair(c *cursor) error {
	start := c.at
	key, err := c.name("key")
	if err != nil {
		return err
	}
	c.what = fmt.Sprintf("key %q", clip(key))
	defer func() { c.what = "" }()
	if _, ok := p.meta[key]; ok {
		return c.errorAt(start, "the key is there twice")
	}
	v, err := c.value()
	if err != nil {
		return err
	}
	p.meta[key] = v
	p.keys = append(p.keys, key)
	return nil
}

// alignment returns general.alignment, or 0 where it makes no sense.
func (p *ggufPart) alignment(c *cursor) uint64 {
	v, ok := p.meta["general.alignment"]
	if !ok {
		return ggufAlignment
	}
	n, ok := v.(uint32)
	if !ok || bits.OnesCount32(n) != 1 || n > 1<<20 {
		return 0
	}
	return uint64(n)
}

// A ggufInfo is the description of a tensor, with the place where it was read.
type ggufInfo struct {
	name       string
	typ        quant.Type
	shape      []int
	at         int    // of the description
	begin, end uint64 // of the data, from the start of the file
}

func (f *File) readInfos(c *cursor, n, align uint64) error {
	if align == 0 {
		return c.errorf("key \"general.alignment\" must be a power of two, at most 1048576, of type uint32")
	}
	infos := make([]ggufInfo, 0, n)
	for range n {
		t, err := c.info(align)
		if err != nil {
			return err
		}
		infos = append(infos, t)
	}
	base := (uint64(c.at) + align - 1) &^ (align - 1)
	for i := range infos {
		t := &infos[i]
		t.begin, t.end = t.begin+base, t.end+base // both were at most 2^62
		if t.end > uint64(len(c.b)) {
			return c.tensorError(t, "its data, bytes %d to %d, lie beyond the end of the file at %d: the file is cut short", t.begin, t.end, len(c.b))
		}
	}
	if err := overlap(c, infos); err != nil {
		return err
	}
	return f.putInfos(c, infos)
}

func overlap(c *cursor, infos []ggufInfo) error {
	order := make([]*ggufInfo, 0, len(infos))
	for i := range infos {
		if infos[i].end > infos[i].begin {
			order = append(order, &infos[i])
		}
	}
	slices.SortFunc(order, func(a, b *ggufInfo) int { return cmp.Compare(a.begin, b.begin) })
	for i := 1; i < len(order); i++ {
		if a, b := order[i-1], order[i]; b.begin < a.end {
			return c.tensorError(b, "its data at byte %d overlap those of tensor %q, which end at %d", b.begin, clip(a.name), a.end)
		}
	}
	return nil
}

func (f *File) putInfos(c *cursor, infos []ggufInfo) error {
	for i := range infos {
		t := &infos[i]
		var err error
		if t.typ.Known() {
			err = f.put(&Tensor{t.name, t.typ, t.shape, c.b[t.begin:t.end:t.end]})
		} else {
			err = f.skip(t.name, t.typ.String())
		}
		if err != nil {
			return c.tensorError(t, "%w", err)
		}
	}
	return nil
}

// info reads the description of a tensor: begin and end count from the start of the data.
func (c *cursor) info(align uint64) (t ggufInfo, err error) {
	t.at = c.at
	if t.name, err = c.name("tensor name"); err != nil {
		return t, err
	}
	c.what = fmt.Sprintf("tensor %q", clip(t.name))
	defer func() { c.what = "" }()
	if t.shape, err = c.shape(); err != nil {
		return t, err
	}
	at := c.at
	typ, err := c.u32()
	if err != nil {
		return t, err
	}
	t.typ = quant.Type(typ)
	size, err := t.bytes()
	if err != nil {
		return t, c.errorAt(at, "%w", err)
	}
	at = c.at
	if t.begin, err = c.u64(); err != nil {
		return t, err
	}
	if t.begin%align != 0 {
		return t, c.errorAt(at, "its data begin at %d, which is no multiple of the alignment %d", t.begin, align)
	}
	if t.begin > uint64(len(c.b)) || size > uint64(len(c.b)) {
		return t, c.errorAt(at, "its data (%d bytes from %d) are longer than the file (%d bytes)", size, t.begin, len(c.b))
	}
	t.end = t.begin + size
	return t, nil
}

// shape reads dimensions, which the file has innermost first.
func (c *cursor) shape() ([]int, error) {
	at := c.at
	n, err := c.u32()
	if err != nil {
		return nil, err
	}
	if n > dimsMax {
		return nil, c.errorAt(at, "it has %d dimensions; at most %d are allowed", n, dimsMax)
	}
	shape := make([]int, n)
	for i := range shape {
		d, err := c.u64()
		if err != nil {
			return nil, err
		}
		if d > math.MaxInt/8 {
			return nil, c.errorAt(c.at-8, "a dimension of %d is more than a machine can address", d)
		}
		shape[len(shape)-1-i] = int(d)
	}
	if _, ok := count(shape); !ok {
		return nil, c.errorAt(at, "its shape %v has more values than a machine can address", shape)
	}
	return shape, nil
}

func (t *ggufInfo) bytes() (uint64, error) {
	n := product(t.shape)
	if b, ok := integerBytes[t.typ]; ok {
		return uint64(n) * uint64(b), nil
	}
	cols := 1
	if len(t.shape) > 0 {
		cols = t.shape[len(t.shape)-1]
	}
	if _, err := t.typ.RowBytes(cols); err != nil {
		return 0, fmt.Errorf("a row: %w", err)
	}
	b, err := t.typ.RowBytes(n)
	return uint64(b), err
}

func (c *cursor) tensorError(t *ggufInfo, format string, args ...any) error {
	c.what = fmt.Sprintf("tensor %q", clip(t.name))
	return c.errorAt(t.at, format, args...)
}

// A cursor reads little-endian numbers and strings from a file in memory, and
// never beyond its end.
type cursor struct {
	file string
	what string // the key or tensor that is read, for errors
	b    []byte
	at   int

	nested int // arrays in arrays so far
}

func (c *cursor) errorf(format string, args ...any) error { return c.errorAt(c.at, format, args...) }

func (c *cursor) errorAt(at int, format string, args ...any) error {
	where := c.file
	if c.what != "" {
		where += ": " + c.what
	}
	return fmt.Errorf("%s: byte %d: %w", where, at, fmt.Errorf(format, args...))
}

// take returns the next n bytes, a view.
func (c *cursor) take(n uint64) ([]byte, error) {
	if left := uint64(len(c.b) - c.at); n > left {
		return nil, c.errorf("%d bytes should follow, the file has %d more: it is cut short or damaged", n, left)
	}
	b := c.b[c.at : c.at+int(n) : c.at+int(n)]
	c.at += int(n)
	return b, nil
}

func (c *cursor) u32() (uint32, error) {
	b, err := c.take(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

func (c *cursor) u64() (uint64, error) {
	b, err := c.take(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}

// count reads how many things follow that take at least min bytes each.
func (c *cursor) count(what string, min uint64) (uint64, error) {
	at := c.at
	n, err := c.u64()
	if err != nil {
		return 0, err
	}
	if left := uint64(len(c.b) - c.at); n > left/min {
		return 0, c.errorAt(at, "%d %s do not fit into the remaining %d bytes", n, what, left)
	}
	return n, nil
}

// clip shortens a name for an error: a damaged file may have one of nameMax bytes of anything.
func clip(name string) string {
	const most = 100
	if len(name) <= most {
		return name
	}
	return name[:most] + "…"
}

// name reads a key or name, into memory of its own.
func (c *cursor) name(what string) (string, error) {
	at := c.at
	n, err := c.u64()
	if err != nil {
		return "", err
	}
	if n > nameMax {
		return "", c.errorAt(at, "a %s of %d bytes; at most %d are allowed", what, n, nameMax)
	}
	b, err := c.take(n)
	return string(b), err
}
