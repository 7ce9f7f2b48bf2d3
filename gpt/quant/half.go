package quant

import "math"

// ToF16 rounds f to a half-precision float (IEEE 754 binary16, ties to even).
// What is too large becomes infinite; every NaN becomes the quiet NaN 0x7E00
// with its sign, as in ggml.
func ToF16(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00
	case b >= 0x477ff000: // 65520 and more round to infinity
		return sign | 0x7c00
	case b >= 0x38800000: // normal: move the exponent's bias from 127 to 15
		b += 0xfff + b>>13&1 // ties to even; a carry into the exponent is right
		return sign | uint16((b-(112<<23))>>13)
	case b <= 0x33000000: // at most half of the smallest subnormal
		return sign
	}
	// Subnormal: the significand with its hidden bit, in units of 2^-24.
	shift := 126 - b>>23
	m := b&0x7fffff | 0x800000
	m += 1<<(shift-1) - 1 + m>>shift&1
	return sign | uint16(m>>shift)
}

// FromF16 returns the value of a half-precision float; it is exact.
//
// Its exponent and significand, put where a float32 has them, read as a number
// that is 2^112 times too small, also where they are subnormal.
func FromF16(h uint16) float32 {
	b := uint32(h&0x7fff) << 13
	if b >= 31<<23 { // infinity or NaN
		b |= 0x7f800000
	} else {
		b = math.Float32bits(math.Float32frombits(b) * 0x1p112)
	}
	return math.Float32frombits(b | uint32(h&0x8000)<<16)
}

// ToBF16 rounds f to a bfloat16 (the upper half of a float32, ties to even).
// A NaN stays one and becomes quiet.
func ToBF16(f float32) uint16 {
	b := math.Float32bits(f)
	if b&0x7fffffff > 0x7f800000 {
		return uint16(b>>16) | 64
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// FromBF16 returns the value of a bfloat16; it is exact.
func FromBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
