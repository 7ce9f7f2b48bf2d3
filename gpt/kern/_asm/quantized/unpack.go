package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unpack is a piece of a row as integers: for each run of 32 values 16 at even places and
// 16 at odd ones, centred, and the float32 by which they are multiplied, and what is added.
func unpack(f format) {
	text("unpack"+f.name, "func(to *int16, scale, min *float32, from *byte, blocks int)")
	Doc("unpack" + f.name + " is the twin of unpackPlain.")
	to := Load(Param("to"), GP64())
	scale := Load(Param("scale"), GP64())
	min := Load(Param("min"), GP64())
	from := Load(Param("from"), GP64())
	n := Load(Param("blocks"), GP64())
	loop("block", n, func() {
		block := at(from, 0)
		switch {
		case f.runs == 1:
			simpleScale(f, block, scale, min)
		case f.mins:
			kScales(block, at(scale, 0), at(min, 0))
		default:
			VPBROADCASTW(block.Offset(208), reg.X4)
			VCVTPH2PS(reg.X4, y[4])
			VMOVUPS(y[4], at(scale, 0))
		}
		for r := range f.runs {
			f.words(block, r, y[0], y[1], y[2])
			if f.minus != 0 {
				c := table(name("minus%d", f.minus), byte(f.minus), 0)
				VPSUBW(c, y[0], y[0])
				VPSUBW(c, y[1], y[1])
			}
			VMOVDQU(y[0], at(to, 64*r))
			VMOVDQU(y[1], at(to, 64*r+32))
		}
		ADDQ(U32(uint32(f.bytes)), from)
		ADDQ(U32(uint32(64*f.runs)), to)
		ADDQ(U32(uint32(4*f.runs)), scale)
		if f.mins {
			ADDQ(U32(uint32(4*f.runs)), min)
		}
	})
	VZEROUPPER()
	RET()
}

// simpleScale writes the scale of a block and, where it has one, its minimum.
func simpleScale(f format, from Mem, scale, min reg.Register) {
	VPXOR(reg.X4, reg.X4, reg.X4)
	VPINSRW(Imm(0), from, reg.X4, reg.X4)
	VCVTPH2PS(reg.X4, reg.X4)
	VMOVSS(reg.X4, at(scale, 0))
	if f.mins {
		VPXOR(reg.X4, reg.X4, reg.X4)
		VPINSRW(Imm(0), from.Offset(2), reg.X4, reg.X4)
		VCVTPH2PS(reg.X4, reg.X4)
		VMOVSS(reg.X4, at(min, 0))
	}
}

// kScales writes the eight scales d · s and minima - dmin · m of a block of Q4_K or Q5_K.
func kScales(from, scale, min Mem) {
	s, m := GP64(), GP64()
	sixBits(from, s, m)
	VPXOR(reg.X4, reg.X4, reg.X4)
	VPINSRD(Imm(0), from, reg.X4, reg.X4)
	VCVTPH2PS(reg.X4, reg.X4)
	VBROADCASTSS(reg.X4, y[5])
	VMOVQ(s, reg.X6)
	VPMOVZXBD(reg.X6, y[6])
	VCVTDQ2PS(y[6], y[6])
	VMULPS(y[5], y[6], y[6])
	VMOVUPS(y[6], scale)
	VPSHUFD(Imm(0x55), reg.X4, reg.X4)
	VBROADCASTSS(reg.X4, y[5])
	VXORPS(table("negative", 0, 0, 0, 0x80), y[5], y[5])
	VMOVQ(m, reg.X6)
	VPMOVZXBD(reg.X6, y[6])
	VCVTDQ2PS(y[6], y[6])
	VMULPS(y[5], y[6], y[6])
	VMOVUPS(y[6], min)
}

// sixBits gathers the eight 6-bit scales and minima of a block in the bytes of s and m.
// How they are packed is told by quant.ScaleMin.
func sixBits(from Mem, s, m reg.GPVirtual) {
	const low4, low6, high2 = 0x0f0f0f0f, 0x3f3f3f3f, 0x03030303
	a, b, c, t := GP32(), GP32(), GP32(), GP32()
	MOVL(from.Offset(4), a)
	MOVL(from.Offset(8), b)
	MOVL(from.Offset(12), c)
	part := func(high, low, out reg.GPVirtual, shift bool) {
		// The last four: low four bits from c, high two from above the first four.
		h := GP32()
		MOVL(high, h)
		SHRL(Imm(6), h)
		ANDL(U32(high2), h)
		SHLL(Imm(4), h)
		MOVL(c, t)
		if shift {
			SHRL(Imm(4), t)
		}
		ANDL(U32(low4), t)
		ORL(h, t)
		MOVL(t, out.As32())
		SHLQ(Imm(32), out)
		MOVL(low, t)
		ANDL(U32(low6), t)
		ORQ(t.As64(), out)
	}
	part(a, a, s, false)
	part(b, b, m, true)
}

// halves is a row of 16-bit floats as float32.
func halves(name string, widen func(from Mem, to reg.VecPhysical)) {
	text(name, "func(to *float32, from *byte, blocks int)")
	Doc(name + " widens blocks of 8 values.")
	to := Load(Param("to"), GP64())
	from := Load(Param("from"), GP64())
	n := Load(Param("blocks"), GP64())
	loop("block", n, func() {
		widen(at(from, 0), y[0])
		VMOVUPS(y[0], at(to, 0))
		ADDQ(Imm(16), from)
		ADDQ(Imm(32), to)
	})
	VZEROUPPER()
	RET()
}

// interleave turns 16 rows of 32-bit words into columns.
func interleave() {
	text("interleaveAVX2", "func(to *uint32, from *byte, stride, n int)")
	Doc("interleaveAVX2 writes words (8 n, 16) from rows (16, 8 n), stride bytes apart.")
	to := Load(Param("to"), GP64())
	from := Load(Param("from"), GP64())
	stride := Load(Param("stride"), GP64())
	n := Load(Param("n"), GP64())
	second := GP64()
	LEAQ(Mem{Base: from, Index: stride, Scale: 8}, second)
	low, high := eightRows(from, stride), eightRows(second, stride)
	loop("columns", n, func() {
		for h, r := range []rows{low, high} {
			transpose(r.at, func(i int) Mem { return at(to, 64*i+32*h) })
			r.move(Imm(32))
		}
		ADDQ(U32(512), to)
	})
	VZEROUPPER()
	RET()
}

// rows are eight of them, some stride apart.
type rows struct {
	first, fifth reg.GPVirtual
	stride       reg.Register
	three        reg.GPVirtual
}

func eightRows(from, stride reg.Register) rows {
	r := rows{GP64(), GP64(), stride, GP64()}
	MOVQ(from, r.first)
	LEAQ(Mem{Base: from, Index: stride, Scale: 4}, r.fifth)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r.three)
	return r
}

// at is the start of row i.
func (r rows) at(i int) Mem {
	m := Mem{Base: r.first}
	if i >= 4 {
		m.Base = r.fifth
	}
	switch i % 4 {
	case 1, 2:
		m.Index, m.Scale = r.stride, uint8(i%4)
	case 3:
		m.Index, m.Scale = r.three, 1
	}
	return m
}

func (r rows) move(by Op) {
	ADDQ(by, r.first)
	ADDQ(by, r.fifth)
}

// transpose turns eight rows of eight words into columns. It uses y0 to y7.
func transpose(row, column func(i int) Mem) {
	for h := range 2 { // words 0 to 3 of all rows, then 4 to 7
		for i := range 4 { // row i in the low half, row i + 4 in the high half
			VMOVDQU(row(i).Offset(16*h), y[i].AsX())
			VINSERTI128(Imm(1), row(i+4).Offset(16*h), y[i], y[i])
		}
		VPUNPCKLDQ(y[1], y[0], y[4])
		VPUNPCKHDQ(y[1], y[0], y[5])
		VPUNPCKLDQ(y[3], y[2], y[6])
		VPUNPCKHDQ(y[3], y[2], y[7])
		VPUNPCKLQDQ(y[6], y[4], y[0])
		VPUNPCKHQDQ(y[6], y[4], y[1])
		VPUNPCKLQDQ(y[7], y[5], y[2])
		VPUNPCKHQDQ(y[7], y[5], y[3])
		for i := range 4 {
			VMOVDQU(y[i], column(4*h+i))
		}
	}
}
