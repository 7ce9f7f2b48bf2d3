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
	minus int // what is taken from the unsigned values
	mins  bool
	// values loads run r of the block at p into the bytes of v: unsigned, in their order.
	// It may use the registers t.
	values func(p reg.Register, r int, v reg.VecPhysical, t []reg.VecPhysical)
}

var formats = []format{
	{"Q4_0", 18, 1, 8, false, func(p reg.Register, _ int, v reg.VecPhysical, _ []reg.VecPhysical) {
		nibbles(at(p, 2), v)
	}},
	{"Q4_1", 20, 1, 0, true, func(p reg.Register, _ int, v reg.VecPhysical, _ []reg.VecPhysical) {
		nibbles(at(p, 4), v)
	}},
	{"Q5_0", 22, 1, 16, false, func(p reg.Register, _ int, v reg.VecPhysical, t []reg.VecPhysical) {
		nibbles(at(p, 6), v)
		fifth(at(p, 2), v, t[0])
	}},
	{"Q5_1", 24, 1, 0, true, func(p reg.Register, _ int, v reg.VecPhysical, t []reg.VecPhysical) {
		nibbles(at(p, 8), v)
		fifth(at(p, 4), v, t[0])
	}},
	{"Q8_0", 34, 1, 128, false, func(p reg.Register, _ int, v reg.VecPhysical, _ []reg.VecPhysical) {
		VMOVDQU(at(p, 2), v)
		VPXOR(table("signs", 0x80), v, v)
	}},
	{"Q4_K", 144, 8, 0, true, func(p reg.Register, r int, v reg.VecPhysical, _ []reg.VecPhysical) {
		half(at(p, 16+r/2*32), r%2, v)
	}},
	{"Q5_K", 176, 8, 0, true, func(p reg.Register, r int, v reg.VecPhysical, t []reg.VecPhysical) {
		half(at(p, 48+r/2*32), r%2, v)
		bits(at(p, 16), r, 4, 1, v, t[0])
	}},
	{"Q6_K", 210, 8, 32, false, func(p reg.Register, r int, v reg.VecPhysical, t []reg.VecPhysical) {
		half(at(p, r/4*64+r%2*32), r/2%2, v)
		bits(at(p, 128+r/4*32), r%4*2, 4, 2, v, t[0])
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

// words splits the bytes of v into int16: those at even places into v, at odd ones into odd.
func words(v, odd reg.VecPhysical) {
	VPSRLW(Imm(8), v, odd)
	VPAND(table("low", 0xff, 0), v, v)
}
