package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A format is how one type of block becomes integers. A run is 32 values with one scale:
// a block of the simple types, an eighth of a block of the K types.
type format struct {
	name  string
	bytes int // of a block
	runs  int // of a block
	minus int // what is to be taken from the words
	mins  bool
	// words loads run r of the block at p: 16 words at even places, 16 at odd ones.
	// It may use the register t.
	words func(p Mem, r int, even, odd, t reg.VecPhysical)
}

var formats = []format{
	{"Q4_0", 18, 1, 8, false, func(p Mem, _ int, even, odd, _ reg.VecPhysical) {
		nibbles(p.Offset(2), even)
		split(even, odd)
	}},
	{"Q4_1", 20, 1, 0, true, func(p Mem, _ int, even, odd, _ reg.VecPhysical) {
		nibbles(p.Offset(4), even)
		split(even, odd)
	}},
	{"Q5_0", 22, 1, 16, false, func(p Mem, _ int, even, odd, t reg.VecPhysical) {
		nibbles(p.Offset(6), even)
		fifth(p.Offset(2), even, t)
		split(even, odd)
	}},
	{"Q5_1", 24, 1, 0, true, func(p Mem, _ int, even, odd, t reg.VecPhysical) {
		nibbles(p.Offset(8), even)
		fifth(p.Offset(4), even, t)
		split(even, odd)
	}},
	{"Q8_0", 34, 1, 0, false, func(p Mem, _ int, even, odd, _ reg.VecPhysical) {
		VMOVDQU(p.Offset(2), odd)
		VPSLLW(Imm(8), odd, even)
		VPSRAW(Imm(8), even, even)
		VPSRAW(Imm(8), odd, odd)
	}},
	{"Q4_K", 144, 8, 0, true, func(p Mem, r int, even, odd, _ reg.VecPhysical) {
		nibble := table("wordNibble", 15, 0)
		VMOVDQU(p.Offset(16+r/2*32), odd)
		if r%2 == 0 {
			VPAND(nibble, odd, even)
			VPSRLW(Imm(8), odd, odd)
			VPAND(nibble, odd, odd)
		} else {
			VPSRLW(Imm(4), odd, even)
			VPAND(nibble, even, even)
			VPSRLW(Imm(12), odd, odd)
		}
	}},
	{"Q5_K", 176, 8, 0, true, func(p Mem, r int, even, odd, t reg.VecPhysical) {
		half(p.Offset(48+r/2*32), r%2, even)
		bits(p.Offset(16), r, 4, 1, even, t)
		split(even, odd)
	}},
	{"Q6_K", 210, 8, 0, false, func(p Mem, r int, even, odd, t reg.VecPhysical) {
		half(p.Offset(r/4*64+r%2*32), r/2%2, even)
		bits(p.Offset(128+r/4*32), r%4*2, 4, 2, even, t)
		VPSUBB(table("thirtyTwo", 32), even, even)
		// (value << 8) · (scale << 8) >> 16 is their product.
		VPBROADCASTW(p.Offset(192+2*r), t)
		VPSHUFB(table("highBytes", append(repeat(8, 0x80, 0), repeat(8, 0x80, 1)...)...), t, t)
		VPAND(table("high", 0, 0xff), even, odd)
		VPSLLW(Imm(8), even, even)
		VPMULHW(t, even, even)
		VPMULHW(t, odd, odd)
	}},
}

// nibbles spreads 16 bytes: low half-bytes to the low 16 bytes of v, high ones to the high.
func nibbles(from Mem, v reg.VecPhysical) {
	VBROADCASTI128(from, v)
	VPSRLVD(table("shifts", append(repeat(4, 0, 0, 0, 0), repeat(4, 4, 0, 0, 0)...)...), v, v)
	VPAND(table("nibble", 15), v, v)
}

// half loads the low (0) or high (1) half-bytes of 32 bytes.
func half(from Mem, which int, v reg.VecPhysical) {
	VMOVDQU(from, v)
	if which == 1 {
		VPSRLW(Imm(4), v, v)
	}
	VPAND(table("nibble", 15), v, v)
}

// fifth adds bit i of 32 bits to byte i of v, with the value 16.
func fifth(from Mem, v, t reg.VecPhysical) {
	var byteOf []byte
	for i := range 32 {
		byteOf = append(byteOf, byte(i/8))
	}
	VPBROADCASTD(from, t)
	VPSHUFB(table("byteOf", byteOf...), t, t)
	bit := table("bitOf", 1, 2, 4, 8, 16, 32, 64, 128)
	VPAND(bit, t, t)
	VPCMPEQB(bit, t, t)
	VPAND(table("sixteen", 16), t, t)
	VPOR(t, v, v)
}

// bits adds n bits from bit b of each of 32 bytes to v, at bit to.
func bits(from Mem, b, to, n int, v, t reg.VecPhysical) {
	VMOVDQU(from, t)
	if b < to {
		VPSLLW(Imm(uint64(to-b)), t, t)
	} else if b > to {
		VPSRLW(Imm(uint64(b-to)), t, t)
	}
	VPAND(table(name("bits%d", n), byte(1<<n-1)<<to), t, t)
	VPOR(t, v, v)
}

// split makes words of the bytes of v: those at even places stay in v, the others go to odd.
func split(v, odd reg.VecPhysical) {
	VPSRLW(Imm(8), v, odd)
	VPAND(table("low", 0xff, 0), v, v)
}
