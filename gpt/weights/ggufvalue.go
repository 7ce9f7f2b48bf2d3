package weights

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// The types of metadata values, by their numbers in files.
const (
	kindU8 = iota
	kindI8
	kindU16
	kindI16
	kindU32
	kindI32
	kindF32
	kindBool
	kindString
	kindArray
	kindU64
	kindI64
	kindF64
)

const arrayDepthMax = 4

// kindBytes is the least number of bytes that a value of a kind takes.
var kindBytes = [...]uint64{1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8}

// value reads a type and a value of it.
func (c *cursor) value() (any, error) {
	at := c.at
	kind, err := c.u32()
	if err != nil {
		return nil, err
	}
	switch {
	case kind == kindArray:
		return c.array(1)
	case kind >= uint32(len(kindBytes)):
		return nil, c.errorAt(at, "values of type %d are not known", kind)
	case kind == kindString:
		b, err := c.bytes()
		return string(b), err
	}
	b, err := c.take(kindBytes[kind])
	if err != nil {
		return nil, err
	}
	return c.scalar(kind, b)
}

func (c *cursor) scalar(kind uint32, b []byte) (any, error) {
	le := binary.LittleEndian
	switch kind {
	case kindU8:
		return b[0], nil
	case kindI8:
		return int8(b[0]), nil
	case kindU16:
		return le.Uint16(b), nil
	case kindI16:
		return int16(le.Uint16(b)), nil
	case kindU32:
		return le.Uint32(b), nil
	case kindI32:
		return int32(le.Uint32(b)), nil
	case kindF32:
		return math.Float32frombits(le.Uint32(b)), nil
	case kindU64:
		return le.Uint64(b), nil
	case kindI64:
		return int64(le.Uint64(b)), nil
	case kindF64:
		return math.Float64frombits(le.Uint64(b)), nil
	}
	if b[0] > 1 {
		return nil, c.errorAt(c.at-1, "a bool must be 0 or 1, not %d", b[0])
	}
	return b[0] == 1, nil
}

// bytes reads a string, as a view.
func (c *cursor) bytes() ([]byte, error) {
	n, err := c.u64()
	if err != nil {
		return nil, err
	}
	return c.take(n)
}

func (c *cursor) array(depth int) (any, error) {
	at := c.at
	kind, err := c.u32()
	if err != nil {
		return nil, err
	}
	if kind >= uint32(len(kindBytes)) {
		return nil, c.errorAt(at, "values of type %d are not known", kind)
	}
	n, err := c.count("values", kindBytes[kind])
	if err != nil {
		return nil, err
	}
	switch kind {
	case kindString:
		return c.strings(int(n))
	case kindArray:
		return c.arrays(int(n), depth)
	}
	b, err := c.take(n * kindBytes[kind])
	if err != nil {
		return nil, err
	}
	return c.numbers(kind, b)
}

func (c *cursor) numbers(kind uint32, b []byte) (any, error) {
	le := binary.LittleEndian
	switch kind {
	case kindU8:
		return each(b, 1, func(b []byte) uint8 { return b[0] }), nil
	case kindI8:
		return each(b, 1, func(b []byte) int8 { return int8(b[0]) }), nil
	case kindU16:
		return each(b, 2, le.Uint16), nil
	case kindI16:
		return each(b, 2, func(b []byte) int16 { return int16(le.Uint16(b)) }), nil
	case kindU32:
		return each(b, 4, le.Uint32), nil
	case kindI32:
		return each(b, 4, func(b []byte) int32 { return int32(le.Uint32(b)) }), nil
	case kindF32:
		return each(b, 4, func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }), nil
	case kindU64:
		return each(b, 8, le.Uint64), nil
	case kindI64:
		return each(b, 8, func(b []byte) int64 { return int64(le.Uint64(b)) }), nil
	case kindF64:
		return each(b, 8, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }), nil
	}
	for i, v := range b {
		if v > 1 {
			return nil, c.errorAt(c.at-len(b)+i, "a bool must be 0 or 1, not %d", v)
		}
	}
	return each(b, 1, func(b []byte) bool { return b[0] == 1 }), nil
}

func each[T any](b []byte, size int, f func([]byte) T) []T {
	out := make([]T, len(b)/size)
	for i := range out {
		out[i] = f(b[i*size : (i+1)*size])
	}
	return out
}

// strings reads an array of strings as views: a vocabulary has 150,000 and more,
// and copying each would cost more than all the rest of opening a file.
func (c *cursor) strings(n int) ([]string, error) {
	out := make([]string, n)
	for i := range out {
		b, err := c.bytes()
		if err != nil {
			return nil, err
		}
		if len(b) > 0 {
			out[i] = unsafe.String(&b[0], len(b))
		}
	}
	return out, nil
}

func (c *cursor) arrays(n, depth int) ([]any, error) {
	if depth == arrayDepthMax {
		return nil, c.errorf("arrays are nested deeper than %d", arrayDepthMax)
	}
	if c.nested += n; c.nested > thingsMax {
		return nil, c.errorf("more than %d arrays lie in others", thingsMax)
	}
	out := make([]any, n)
	for i := range out {
		v, err := c.array(depth + 1)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}
