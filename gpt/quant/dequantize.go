package quant

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Dequantize writes the values of src, whole blocks of t, to dst.
// It panics where the lengths do not agree or t is not Known.
//
// Each product is rounded to float32 before it is added to, as ggml's reference
// does without fused instructions: the result is the same on every machine.
func Dequantize(t Type, dst []float32, src []byte) {
	n := t.mustBlocks(len(dst), len(src))
	switch t {
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case F16:
		for i := range dst {
			dst[i] = FromF16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = FromBF16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	default:
		f := formats[t]
		block := dequantizers(t)
		for i := range n {
			block(dst[i*f.values:(i+1)*f.values], src[i*f.bytes:(i+1)*f.bytes])
		}
	}
}

func dequantizers(t Type) func(y []float32, b []byte) {
	switch t {
	case Q4_0:
		return dequantQ4_0
	case Q4_1:
		return dequantQ4_1
	case Q5_0:
		return dequantQ5_0
	case Q5_1:
		return dequantQ5_1
	case Q8_0:
		return dequantQ8_0
	case Q4_K:
		return dequantQ4_K
	case Q5_K:
		return dequantQ5_K
	case Q6_K:
		return dequantQ6_K
	}
	panic(fmt.Sprintf("quant: no blocks of %s", t))
}

func half(b []byte) float32 { return FromF16(binary.LittleEndian.Uint16(b)) }

// In the blocks of 32, byte j of qs holds value j low and value j+16 high.

func dequantQ4_0(y []float32, b []byte) {
	d, qs := half(b), b[2:18]
	lo, hi := y[:16], y[16:32]
	for j, q := range qs {
		lo[j] = float32(int(q&15)-8) * d
		hi[j] = float32(int(q>>4)-8) * d
	}
}

func dequantQ4_1(y []float32, b []byte) {
	d, m, qs := half(b), half(b[2:]), b[4:20]
	lo, hi := y[:16], y[16:32]
	for j, q := range qs {
		lo[j] = float32(float32(q&15)*d) + m
		hi[j] = float32(float32(q>>4)*d) + m
	}
}

func dequantQ5_0(y []float32, b []byte) {
	d, qh, qs := half(b), binary.LittleEndian.Uint32(b[2:]), b[6:22]
	lo, hi := y[:16], y[16:32]
	for j, q := range qs {
		lo[j] = float32(int(q&15)|int(qh>>j&1)<<4-16) * d
		hi[j] = float32(int(q>>4)|int(qh>>(j+16)&1)<<4-16) * d
	}
}

func dequantQ5_1(y []float32, b []byte) {
	d, m, qh, qs := half(b), half(b[2:]), binary.LittleEndian.Uint32(b[4:]), b[8:24]
	lo, hi := y[:16], y[16:32]
	for j, q := range qs {
		lo[j] = float32(float32(uint32(q&15)|qh>>j&1<<4)*d) + m
		hi[j] = float32(float32(uint32(q>>4)|qh>>(j+16)&1<<4)*d) + m
	}
}

func dequantQ8_0(y []float32, b []byte) {
	d, qs := half(b), b[2:34]
	y = y[:32]
	for j, q := range qs {
		y[j] = float32(int8(q)) * d
	}
}

// ScaleMin returns the 6-bit scale and minimum of the j-th run of 32 values in a
// block of Q4_K or Q5_K; s are its 12 bytes. The first four pairs lie in the low
// six bits of bytes 0 to 7; of the last four, the low four bits are in bytes 8 to
// 11 and the high two above those of the first four.
func ScaleMin(j int, s []byte) (scale, min byte) {
	if j < 4 {
		return s[j] & 63, s[j+4] & 63
	}
	return s[j+4]&15 | s[j-4]>>6<<4, s[j+4]>>4 | s[j]>>6<<4
}

// In Q4_K and Q5_K, 32 bytes hold 64 values: 32 in the low half-bytes, then 32 in the high.

func dequantQ4_K(y []float32, b []byte) {
	d, dmin, scales, qs := half(b), half(b[2:]), b[4:16], b[16:144]
	for g := range 4 {
		s1, m1 := ScaleMin(2*g, scales)
		s2, m2 := ScaleMin(2*g+1, scales)
		d1, o1 := d*float32(s1), float32(dmin*float32(m1))
		d2, o2 := d*float32(s2), float32(dmin*float32(m2))
		lo, hi := y[64*g:64*g+32], y[64*g+32:64*g+64]
		for l, q := range qs[32*g : 32*g+32] {
			lo[l] = float32(d1*float32(q&15)) - o1
			hi[l] = float32(d2*float32(q>>4)) - o2
		}
	}
}

func dequantQ5_K(y []float32, b []byte) {
	d, dmin, scales, qh, qs := half(b), half(b[2:]), b[4:16], b[16:48], b[48:176]
	for g := range 4 {
		s1, m1 := ScaleMin(2*g, scales)
		s2, m2 := ScaleMin(2*g+1, scales)
		d1, o1 := d*float32(s1), float32(dmin*float32(m1))
		d2, o2 := d*float32(s2), float32(dmin*float32(m2))
		lo, hi := y[64*g:64*g+32], y[64*g+32:64*g+64]
		for l, q := range qs[32*g : 32*g+32] {
			h := qh[l] >> (2 * g)
			lo[l] = float32(d1*float32(q&15|h&1<<4)) - o1
			hi[l] = float32(d2*float32(q>>4|h>>1&1<<4)) - o2
		}
	}
}

// Half of a Q6_K block is 128 values in four runs of 32: run r has its low four
// bits in ql (runs 0 and 2 share bytes 0 to 31, runs 1 and 3 bytes 32 to 63), its
// high two bits at 2r in qh, and a scale for each 16 values.
func dequantQ6_K(y []float32, b []byte) {
	d := half(b[208:])
	for h := range 2 {
		y, ql, qh, sc := y[128*h:128*h+128], b[64*h:64*h+64], b[128+32*h:160+32*h], b[192+8*h:200+8*h]
		for l := range 32 {
			k := l / 16
			u := qh[l]
			y[l] = d * float32(int8(sc[k])) * float32(int(ql[l]&15|u&3<<4)-32)
			y[l+32] = d * float32(int8(sc[k+2])) * float32(int(ql[l+32]&15|u>>2&3<<4)-32)
			y[l+64] = d * float32(int8(sc[k+4])) * float32(int(ql[l]>>4|u>>4&3<<4)-32)
			y[l+96] = d * float32(int8(sc[k+6])) * float32(int(ql[l+32]>>4|u>>6<<4)-32)
		}
	}
}
