package kern

import (
	"encoding/binary"
	"math/bits"

	"daiban/gpt/quant"
)

// A run is 32 values of a row that share a scale: a block of the simple types, an eighth of a
// block of the K types. Its value k is scale · integer k + min.
const run = 32

// An order of the 32 integers of a run: 16 at even places, then 16 at odd ones, as a register
// of bytes falls apart into two of words. Weights and activations both have it.
func place(k int) int { return k&1<<4 | k>>1 }

// A format says how the blocks of a type become integers.
type format struct {
	bytes, runs int  // of a block
	mins        bool // whether runs have a minimum other than 0
	// integers is run r of block b in the order of its values, with its scale and minimum.
	integers func(b []byte, r int, to *[run]int16) (scale, min float32)
	unpack   func(to *int16, scale, min, from *byte, stride, rows, blocks int)
	dot      [tile]dotter // for one position to three
}

type dotter = func(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int)

// formats holds the quantized types. The greatest integer is 128, or in Q6_K, whose second
// scale is multiplied in, 4096.
var formats = map[quant.Type]*format{
	quant.Q4_0: {bytes: 18, runs: 1, integers: integersQ4_0, unpack: unpackQ4_0, dot: [...]dotter{dot1Q4_0, dot2Q4_0, dot3Q4_0}},
	quant.Q4_1: {bytes: 20, runs: 1, integers: integersQ4_1, unpack: unpackQ4_1, dot: [...]dotter{dot1Q4_1, dot2Q4_1, dot3Q4_1}, mins: true},
	quant.Q5_0: {bytes: 22, runs: 1, integers: integersQ5_0, unpack: unpackQ5_0, dot: [...]dotter{dot1Q5_0, dot2Q5_0, dot3Q5_0}},
	quant.Q5_1: {bytes: 24, runs: 1, integers: integersQ5_1, unpack: unpackQ5_1, dot: [...]dotter{dot1Q5_1, dot2Q5_1, dot3Q5_1}, mins: true},
	quant.Q8_0: {bytes: 34, runs: 1, integers: integersQ8_0, unpack: unpackQ8_0, dot: [...]dotter{dot1Q8_0, dot2Q8_0, dot3Q8_0}},
	quant.Q4_K: {bytes: 144, runs: 8, integers: integersQ4_K, unpack: unpackQ4_K, dot: [...]dotter{dot1Q4_K, dot2Q4_K, dot3Q4_K}, mins: true},
	quant.Q5_K: {bytes: 176, runs: 8, integers: integersQ5_K, unpack: unpackQ5_K, dot: [...]dotter{dot1Q5_K, dot2Q5_K, dot3Q5_K}, mins: true},
	quant.Q6_K: {bytes: 210, runs: 8, integers: integersQ6_K, unpack: unpackQ6_K, dot: [...]dotter{dot1Q6_K, dot2Q6_K, dot3Q6_K}},
}

func half(b []byte) float32 { return quant.FromF16(binary.LittleEndian.Uint16(b)) }

// nibbles is 16 bytes as 32 integers: low half-bytes, then high ones, less minus. Bit k of
// fifths is worth 16 to value k.
func nibbles(qs []byte, fifths uint32, minus int16, to *[run]int16) {
	fifths = bits.RotateLeft32(fifths, 4)
	for j, q := range qs[:run/2] {
		to[j] = int16(q&15|byte(fifths&16)) - minus
		to[j+run/2] = int16(q>>4|byte(fifths>>16&16)) - minus
		fifths = bits.RotateLeft32(fifths, -1)
	}
}

func integersQ4_0(b []byte, _ int, to *[run]int16) (scale, min float32) {
	nibbles(b[2:], 0, 8, to)
	return half(b), 0
}

func integersQ4_1(b []byte, _ int, to *[run]int16) (scale, min float32) {
	nibbles(b[4:], 0, 0, to)
	return half(b), half(b[2:])
}

func integersQ5_0(b []byte, _ int, to *[run]int16) (scale, min float32) {
	nibbles(b[6:], binary.LittleEndian.Uint32(b[2:]), 16, to)
	return half(b), 0
}

func integersQ5_1(b []byte, _ int, to *[run]int16) (scale, min float32) {
	nibbles(b[8:], binary.LittleEndian.Uint32(b[4:]), 0, to)
	return half(b), half(b[2:])
}

func integersQ8_0(b []byte, _ int, to *[run]int16) (scale, min float32) {
	for j, q := range b[2:34] {
		to[j] = int16(int8(q))
	}
	return half(b), 0
}

func integersQ4_K(b []byte, r int, to *[run]int16) (scale, min float32) {
	for j, q := range b[16+r/2*32:][:run] {
		to[j] = int16(q >> (r % 2 * 4) & 15)
	}
	s, m := quant.ScaleMin(r, b[4:16])
	return half(b) * float32(s), -half(b[2:]) * float32(m)
}

func integersQ5_K(b []byte, r int, to *[run]int16) (scale, min float32) {
	fifths := b[16:48]
	for j, q := range b[48+r/2*32:][:run] {
		to[j] = int16(q>>(r%2*4)&15 | fifths[j]>>r&1<<4)
	}
	s, m := quant.ScaleMin(r, b[4:16])
	return half(b) * float32(s), -half(b[2:]) * float32(m)
}

func integersQ6_K(b []byte, r int, to *[run]int16) (scale, min float32) {
	high, scales := b[128+r/4*32:], b[192+2*r:]
	for j, q := range b[r/4*64+r%2*32:][:run] {
		v := int(q>>(r/2%2*4)&15 | high[j]>>(r%4*2)&3<<4)
		to[j] = int16((v - 32) * int(int8(scales[j/16])))
	}
	return half(b[208:]), 0
}

// unpackPlain writes whole blocks as integers in the order of place, with a scale and a
// minimum for every run. v is room for one.
func (f *format) unpackPlain(to []int16, scale, min []float32, from []byte, v *[run]int16) {
	for i := range len(from) / f.bytes * f.runs {
		b := from[i/f.runs*f.bytes:][:f.bytes]
		scale[i], min[i] = f.integers(b, i%f.runs, v)
		even := to[run*i:][:run]
		odd := even[run/2:]
		for k := range run / 2 {
			even[k], odd[k] = v[2*k], v[2*k+1]
		}
	}
}
