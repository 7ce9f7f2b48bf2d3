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
		switch {
		case f.runs == 1:
			simpleScale(f, from, scale, min)
		case f.mins:
			kScales(from, scale, min)
		default:
			q6Scale(from, scale)
		}
		for r := range f.runs {
			f.values(from, r, y[0], y[2:4])
			words(y[0], y[1])
			centre(f, y[0], y[1])
			if f.name == "Q6_K" {
				q6Words(from, r, y[2])
				VPMULLW(y[2], y[0], y[0])
				VPMULLW(y[2], y[1], y[1])
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

func centre(f format, v ...reg.VecPhysical) {
	if f.minus == 0 {
		return
	}
	c := table(name("minus%d", f.minus), byte(f.minus), 0)
	for _, v := range v {
		VPSUBW(c, v, v)
	}
}

// simpleScale writes the scale of a block and, where it has one, its minimum.
func simpleScale(f format, from, scale, min reg.Register) {
	VPXOR(reg.X4, reg.X4, reg.X4)
	VPINSRW(Imm(0), at(from, 0), reg.X4, reg.X4)
	VCVTPH2PS(reg.X4, reg.X4)
	VMOVSS(reg.X4, at(scale, 0))
	if f.mins {
		VPXOR(reg.X4, reg.X4, reg.X4)
		VPINSRW(Imm(0), at(from, 2), reg.X4, reg.X4)
		VCVTPH2PS(reg.X4, reg.X4)
		VMOVSS(reg.X4, at(min, 0))
	}
}

// kScales writes the eight scales d · s and minima - dmin · m of a block of Q4_K or Q5_K.
func kScales(from, scale, min reg.Register) {
	s, m := GP64(), GP64()
	sixBits(from, s, m)
	VPXOR(reg.X4, reg.X4, reg.X4)
	VPINSRD(Imm(0), at(from, 0), reg.X4, reg.X4)
	VCVTPH2PS(reg.X4, reg.X4)
	VBROADCASTSS(reg.X4, y[5])
	VMOVQ(s, reg.X6)
	VPMOVZXBD(reg.X6, y[6])
	VCVTDQ2PS(y[6], y[6])
	VMULPS(y[5], y[6], y[6])
	VMOVUPS(y[6], at(scale, 0))
	VPSHUFD(Imm(0x55), reg.X4, reg.X4)
	VBROADCASTSS(reg.X4, y[5])
	VXORPS(table("negative", 0, 0, 0, 0x80), y[5], y[5])
	VMOVQ(m, reg.X6)
	VPMOVZXBD(reg.X6, y[6])
	VCVTDQ2PS(y[6], y[6])
	VMULPS(y[5], y[6], y[6])
	VMOVUPS(y[6], at(min, 0))
}

// sixBits gathers the eight 6-bit scales and minima of a block in the bytes of s and m.
// How they are packed is told by quant.ScaleMin.
func sixBits(from, s, m reg.Register) {
	const low4, low6, high2 = 0x0f0f0f0f, 0x3f3f3f3f, 0x03030303
	a, b, c, t := GP32(), GP32(), GP32(), GP32()
	MOVL(at(from, 4), a)
	MOVL(at(from, 8), b)
	MOVL(at(from, 12), c)
	part := func(high, low reg.GPVirtual, out reg.Register, shift bool) {
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
		o := out.(reg.GPVirtual)
		MOVL(t, o.As32())
		SHLQ(Imm(32), o)
		MOVL(low, t)
		ANDL(U32(low6), t)
		ORQ(t.As64(), o)
	}
	part(a, a, s, false)
	part(b, b, m, true)
}

// q6Scale writes the scale of a block of Q6_K for each of its runs.
func q6Scale(from, scale reg.Register) {
	VPBROADCASTW(at(from, 208), reg.X4)
	VCVTPH2PS(reg.X4, y[4])
	VMOVUPS(y[4], at(scale, 0))
}

// q6Words spreads the two scales of run r, eight words each.
func q6Words(from reg.Register, r int, v reg.VecPhysical) {
	VPBROADCASTW(at(from, 192+2*r), v.AsX())
	VPMOVSXBW(v.AsX(), v)
	VPSHUFB(table("halfWords", append(repeat(8, 0, 1), repeat(8, 2, 3)...)...), v, v)
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
	three, down := GP64(), GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, three)
	loop("columns", n, func() {
		MOVQ(from, down)
		transpose(down, stride, three, to, 0)
		LEAQ(Mem{Base: down, Index: stride, Scale: 4}, down)
		transpose(down, stride, three, to, 32)
		ADDQ(Imm(32), from)
		ADDQ(U32(512), to)
	})
	VZEROUPPER()
	RET()
}

// transpose turns eight rows of eight words from p into columns at to + offset, 64 bytes
// apart. p moves on by four rows.
func transpose(p, stride, three, to reg.Register, offset int) {
	row := func(i, disp int) Mem {
		m := Mem{Base: p, Disp: disp}
		switch i {
		case 1, 2:
			m.Index, m.Scale = stride, uint8(i)
		case 3:
			m.Index, m.Scale = three, 1
		}
		return m
	}
	// Rows 0 to 3 in the low halves, 4 to 7 in the high ones; words 0–3 in y0–y3, 4–7 in y4–y7.
	for i := range 4 {
		VMOVDQU(row(i, 0), y[i].AsX())
		VMOVDQU(row(i, 16), y[4+i].AsX())
	}
	LEAQ(Mem{Base: p, Index: stride, Scale: 4}, p)
	for i := range 4 {
		VINSERTI128(Imm(1), row(i, 0), y[i], y[i])
		VINSERTI128(Imm(1), row(i, 16), y[4+i], y[4+i])
	}
	for h := range 2 {
		r := y[4*h : 4*h+4]
		VPUNPCKLDQ(r[1], r[0], y[8])
		VPUNPCKHDQ(r[1], r[0], y[9])
		VPUNPCKLDQ(r[3], r[2], y[10])
		VPUNPCKHDQ(r[3], r[2], y[11])
		VPUNPCKLQDQ(y[10], y[8], y[12])
		VPUNPCKHQDQ(y[10], y[8], y[13])
		VPUNPCKLQDQ(y[11], y[9], y[14])
		VPUNPCKHQDQ(y[11], y[9], y[15])
		for i := range 4 {
			VMOVDQU(y[12+i], at(to, offset+64*(4*h+i)))
		}
	}
}
