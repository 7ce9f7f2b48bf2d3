package weights

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// WriteGGUF writes a GGUF file of version 3 with the metadata and the tensors in
// their order. The value types are those of File.Meta. It appears at path once all
// of it is on disk, and replaces what was there.
//
// With splitMax above 0, files with more than so many bytes of tensors are split as
// llama.cpp's gguf-split does it: path "m.gguf" gives m-00001-of-00003.gguf and so
// on, the metadata in the first. Keys that tell how a file is laid out
// (general.alignment, split.*) are written as they are now, not copied.
func WriteGGUF(path string, meta []KV, tensors []Entry, splitMax int64) (err error) {
	head, err := layOut(meta)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := checkEntries(tensors, dimsMax); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	parts, err := shards(tensors, splitMax, ggufAlignment)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(parts) > partsMax {
		return fmt.Errorf("%s: %d parts are more than %d: allow larger ones", path, len(parts), partsMax)
	}
	var files batch
	defer func() { err = errors.Join(err, files.drop()) }()
	for i, part := range parts {
		name, pairs := path, head
		if len(parts) > 1 {
			ext := filepath.Ext(path)
			name = splitPath(strings.TrimSuffix(path, ext), i, len(parts), ext)
			pairs = splitPairs(head, i, len(parts), len(tensors))
		}
		err := files.write(name, func(w *bufio.Writer) error { return writeGGUF(w, pairs, part) })
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return files.commit()
}

// layOut checks the metadata and leaves out what the layout decides.
func layOut(meta []KV) ([]KV, error) {
	var out []KV
	seen := map[string]bool{}
	for _, p := range meta {
		if seen[p.Key] {
			return nil, fmt.Errorf("key %q is there twice", p.Key)
		}
		seen[p.Key] = true
		if p.Key == "" || len(p.Key) > nameMax {
			return nil, fmt.Errorf("key %.80q: between 1 and %d bytes are allowed", p.Key, nameMax)
		}
		if _, err := kindOf(p.Value); err != nil {
			return nil, fmt.Errorf("key %q: %w", p.Key, err)
		}
		if p.Key != "general.alignment" && !strings.HasPrefix(p.Key, "split.") {
			out = append(out, p)
		}
	}
	return out, nil
}

func splitPairs(head []KV, i, parts, tensors int) []KV {
	split := []KV{{splitNo, uint16(i)}, {splitCount, uint16(parts)}, {splitTensors, int32(tensors)}}
	if i > 0 {
		return split
	}
	return append(head[:len(head):len(head)], split...)
}

func checkEntries(tensors []Entry, dims int) error {
	seen := map[string]bool{}
	for i := range tensors {
		t := &tensors[i]
		switch {
		case seen[t.Name]:
			return fmt.Errorf("tensor %q is there twice", t.Name)
		case t.Name == "" || len(t.Name) > nameMax || !utf8.ValidString(t.Name):
			return fmt.Errorf("tensor %.80q: its name must be UTF-8 of 1 to %d bytes", t.Name, nameMax)
		case len(t.Shape) > dims:
			return fmt.Errorf("tensor %q: a shape of %v has more than %d dimensions", t.Name, t.Shape, dims)
		}
		seen[t.Name] = true
		if _, err := t.bytes(); err != nil {
			return err
		}
	}
	return nil
}

// shards cuts the list where the data would grow beyond max; a tensor that alone is
// larger has a part of its own.
func shards(tensors []Entry, max int64, align int64) ([][]Entry, error) {
	if max <= 0 {
		return [][]Entry{tensors}, nil
	}
	var out [][]Entry
	var first int
	var size int64
	for i := range tensors {
		n, err := tensors[i].bytes()
		if err != nil {
			return nil, err
		}
		n = (n + align - 1) / align * align
		if size += n; size > max && i > first {
			out = append(out, tensors[first:i])
			first, size = i, n
		}
	}
	return append(out, tensors[first:]), nil
}

func writeGGUF(w io.Writer, meta []KV, tensors []Entry) error {
	e := &encoder{w: w}
	e.raw([]byte(ggufMagic))
	e.u32(3)
	e.u64(uint64(len(tensors)))
	e.u64(uint64(len(meta)))
	for _, p := range meta {
		e.str(p.Key)
		e.value(p.Value)
	}
	var at uint64
	for i := range tensors {
		n, err := tensors[i].bytes()
		if err != nil {
			return err
		}
		e.info(&tensors[i], at)
		at = padded(at + uint64(n))
	}
	e.pad()
	for i := range tensors {
		if e.err != nil {
			return e.err
		}
		if err := tensors[i].writeTo(e); err != nil {
			return err
		}
		e.pad()
	}
	return e.err
}

func padded(n uint64) uint64 { return (n + ggufAlignment - 1) &^ (ggufAlignment - 1) }

// An encoder writes the numbers and strings of GGUF, and keeps the first error.
type encoder struct {
	w   io.Writer
	n   uint64
	err error
	buf [8]byte
}

func (e *encoder) Write(b []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err := e.w.Write(b)
	e.n += uint64(n)
	e.err = err
	return n, err
}

func (e *encoder) raw(b []byte) { _, _ = e.Write(b) } // the error stays in e

func (e *encoder) u16(v uint16) { e.raw(binary.LittleEndian.AppendUint16(e.buf[:0], v)) }
func (e *encoder) u32(v uint32) { e.raw(binary.LittleEndian.AppendUint32(e.buf[:0], v)) }
func (e *encoder) u64(v uint64) { e.raw(binary.LittleEndian.AppendUint64(e.buf[:0], v)) }

func (e *encoder) str(s string) {
	e.u64(uint64(len(s)))
	if e.err == nil {
		var n int
		n, e.err = io.WriteString(e.w, s)
		e.n += uint64(n)
	}
}

func (e *encoder) pad() { e.raw(make([]byte, padded(e.n)-e.n)) }

func (e *encoder) info(t *Entry, at uint64) {
	e.str(t.Name)
	e.u32(uint32(len(t.Shape)))
	for i := len(t.Shape) - 1; i >= 0; i-- {
		e.u64(uint64(t.Shape[i]))
	}
	e.u32(uint32(t.Type))
	e.u64(at)
}

// kindOf returns the type's number for a value that can be written.
func kindOf(v any) (uint32, error) {
	switch v := v.(type) {
	case uint8:
		return kindU8, nil
	case int8:
		return kindI8, nil
	case uint16:
		return kindU16, nil
	case int16:
		return kindI16, nil
	case uint32:
		return kindU32, nil
	case int32:
		return kindI32, nil
	case float32:
		return kindF32, nil
	case bool:
		return kindBool, nil
	case string:
		return kindString, nil
	case uint64:
		return kindU64, nil
	case int64:
		return kindI64, nil
	case float64:
		return kindF64, nil
	case []uint8, []int8, []uint16, []int16, []uint32, []int32, []float32, []bool, []string, []uint64, []int64, []float64:
		return kindArray, nil
	case []any:
		return kindArray, checkNested(v, 1)
	}
	return 0, fmt.Errorf("a value of type %T cannot be written: use a Go type of a fixed size, a string, a bool, or a slice of one of them", v)
}

func checkNested(v []any, depth int) error {
	if depth == arrayDepthMax {
		return fmt.Errorf("arrays are nested deeper than %d", arrayDepthMax)
	}
	for _, x := range v {
		if k, err := kindOf(x); err != nil || k != kindArray {
			return fmt.Errorf("a []any holds arrays only, not %T", x)
		}
		if n, ok := x.([]any); ok {
			if err := checkNested(n, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// value writes a type and a value; kindOf knew it.
func (e *encoder) value(v any) {
	kind, err := kindOf(v)
	if err != nil {
		e.err = errors.Join(e.err, err)
		return
	}
	e.u32(kind)
	if kind == kindArray {
		e.array(v)
	} else {
		e.scalar(v)
	}
}

func (e *encoder) scalar(v any) {
	switch v := v.(type) {
	case uint8:
		e.raw([]byte{v})
	case int8:
		e.raw([]byte{byte(v)})
	case bool:
		b := byte(0)
		if v {
			b = 1
		}
		e.raw([]byte{b})
	case uint16:
		e.u16(v)
	case int16:
		e.u16(uint16(v))
	case uint32:
		e.u32(v)
	case int32:
		e.u32(uint32(v))
	case float32:
		e.u32(math.Float32bits(v))
	case uint64:
		e.u64(v)
	case int64:
		e.u64(uint64(v))
	case float64:
		e.u64(math.Float64bits(v))
	case string:
		e.str(v)
	}
}

func (e *encoder) array(v any) {
	switch v := v.(type) {
	case []uint8:
		elements(e, kindU8, v)
	case []int8:
		elements(e, kindI8, v)
	case []uint16:
		elements(e, kindU16, v)
	case []int16:
		elements(e, kindI16, v)
	case []uint32:
		elements(e, kindU32, v)
	case []int32:
		elements(e, kindI32, v)
	case []float32:
		elements(e, kindF32, v)
	case []bool:
		elements(e, kindBool, v)
	case []string:
		elements(e, kindString, v)
	case []uint64:
		elements(e, kindU64, v)
	case []int64:
		elements(e, kindI64, v)
	case []float64:
		elements(e, kindF64, v)
	case []any:
		e.u32(kindArray)
		e.u64(uint64(len(v)))
		for _, x := range v {
			e.array(x)
		}
	}
}

func elements[T any](e *encoder, kind uint32, v []T) {
	e.u32(kind)
	e.u64(uint64(len(v)))
	for _, x := range v {
		e.scalar(x)
	}
}
