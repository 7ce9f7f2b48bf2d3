package quant

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Quantize writes src to dst as blocks of t. It panics where the lengths do not
// agree or t is not Known.
//
// It follows ggml's reference functions (quantize_row_*_ref) without an
// importance matrix, every product rounded to float32 before it is added to: the
// result depends on nothing but src, and is to the bit what ggml gives where its
// compiler does not fuse multiplication and addition. Values that are not finite give a block of
// no use, but no panic; a caller who cannot exclude them looks first (Finite).
func Quantize(t Type, dst []byte, src []float32) {
	n := t.mustBlocks(len(src), len(dst))
	switch t {
	case F32:
		for i, v := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(v))
		}
	case F16:
		for i, v := range src {
			binary.LittleEndian.PutUint16(dst[2*i:], ToF16(v))
		}
	case BF16:
		for i, v := range src {
			binary.LittleEndian.PutUint16(dst[2*i:], ToBF16(v))
		}
	default:
		f := formats[t]
		block := quantizers(t)
		for i := range n {
			block(dst[i*f.bytes:(i+1)*f.bytes], src[i*f.values:(i+1)*f.values])
		}
	}
}

func quantizers(t Type) func(b []byte, x []float32) {
	switch t {
	case Q4_0:
		return quantQ4_0
	case Q4_1:
		return quantQ4_1
	case Q5_0:
		return quantQ5_0
	case Q5_1:
		return quantQ5_1
	case Q8_0:
		return quantQ8_0
	case Q4_K:
		return quantQ4_K
	case Q5_K:
		return quantQ5_K
	case Q6_K:
		return quantQ6_K
	}
	panic(fmt.Sprintf("quant: no blocks of %s", t))
}

// Finite returns the index of the first NaN or infinity in x, -1 where there is none.
func Finite(x []float32) int {
	for i, v := range x {
		if math.Float32bits(v)&0x7f800000 == 0x7f800000 {
			return i
		}
	}
	return -1
}

func putHalf(b []byte, f float32) { binary.LittleEndian.PutUint16(b, ToF16(f)) }

func abs(f float32) float32 { return math.Float32frombits(math.Float32bits(f) &^ (1 << 31)) }

// inverse is 1/d, and 0 for 0.
func inverse(d float32) float32 {
	if d == 0 {
		return 0
	}
	return 1 / d
}

// clip cuts f to the integer below, at least 0 (also for NaN) and at most max.
func clip(f float32, max byte) byte {
	switch {
	case !(f > 0):
		return 0
	case f >= float32(max):
		return max
	}
	return byte(f)
}

// largest returns the value that is largest without its sign, the first of equals.
func largest(x []float32) (v, size float32) {
	for _, f := range x {
		if a := abs(f); a > size {
			v, size = f, a
		}
	}
	return v, size
}

func span(x []float32) (min, max float32) {
	min, max = math.MaxFloat32, -math.MaxFloat32
	for _, f := range x {
		if f < min {
			min = f
		}
		if f > max {
			max = f
		}
	}
	return min, max
}

// The largest value without its sign becomes -8 (-16): a signed range has one
// more step below zero than above.

func quantQ4_0(b []byte, x []float32) {
	v, _ := largest(x)
	d := v / -8
	id := inverse(d)
	putHalf(b, d)
	qs := b[2:18]
	for j := range qs {
		qs[j] = clip(float32(x[j]*id)+8.5, 15) | clip(float32(x[j+16]*id)+8.5, 15)<<4
	}
}

func quantQ4_1(b []byte, x []float32) {
	min, max := span(x)
	d := (max - min) / 15
	id := inverse(d)
	putHalf(b, d)
	putHalf(b[2:], min)
	qs := b[4:20]
	for j := range qs {
		qs[j] = clip(float32((x[j]-min)*id)+0.5, 15) | clip(float32((x[j+16]-min)*id)+0.5, 15)<<4
	}
}

func quantQ5_0(b []byte, x []float32) {
	v, _ := largest(x)
	d := v / -16
	id := inverse(d)
	putHalf(b, d)
	var qh uint32
	qs := b[6:22]
	for j := range qs {
		lo, hi := clip(float32(x[j]*id)+16.5, 31), clip(float32(x[j+16]*id)+16.5, 31)
		qs[j] = lo&15 | hi<<4
		qh |= uint32(lo>>4)<<j | uint32(hi>>4)<<(j+16)
	}
	binary.LittleEndian.PutUint32(b[2:], qh)
}

func quantQ5_1(b []byte, x []float32) {
	min, max := span(x)
	d := (max - min) / 31
	id := inverse(d)
	putHalf(b, d)
	putHalf(b[2:], min)
	var qh uint32
	qs := b[8:24]
	for j := range qs {
		lo, hi := clip(float32((x[j]-min)*id)+0.5, 31), clip(float32((x[j+16]-min)*id)+0.5, 31)
		qs[j] = lo&15 | hi<<4
		qh |= uint32(lo>>4)<<j | uint32(hi>>4)<<(j+16)
	}
	binary.LittleEndian.PutUint32(b[4:], qh)
}

func quantQ8_0(b []byte, x []float32) {
	_, size := largest(x)
	d := size / 127
	id := inverse(d)
	putHalf(b, d)
	qs := b[2:34]
	for j := range qs {
		qs[j] = byte(round8(x[j] * id))
	}
}

// round8 rounds to the nearest int8, halves away from zero. The half is added in
// float64, where the sum is exact.
func round8(f float32) int8 {
	switch {
	case f >= 127:
		return 127
	case f <= -127:
		return -127
	case f >= 0:
		return int8(float64(f) + 0.5)
	case f < 0:
		return int8(float64(f) - 0.5)
	}
	return 0 // NaN
}
