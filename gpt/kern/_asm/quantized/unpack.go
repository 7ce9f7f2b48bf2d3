package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unpack makes integers of pieces of rows: for each run of 32 values 16 at even places and
// 16 at odd ones, centred.
func unpack(f format) {
	text("unpack"+f.name, "func(to *int16, scale, min *byte, from *byte, stride, rows, blocks int)")
	Doc("unpack"+f.name+" is the twin of unpackPlain: at most eight runs of each of some rows, stride bytes apart,",
		"to rows of eight runs. scale and min are (rows, 8) "+map[bool]string{true: "halves.", false: "float32."}[f.runs == 1])
	to := Load(Param("to"), GP64())
	scale := Load(Param("scale"), GP64())
	min := Load(Param("min"), GP64())
	from := Load(Param("from"), GP64())
	rows := Load(Param("rows"), GP64())
	loop("row", rows, func() {
		if f.runs == 1 {
			f.unpackSimple(to, scale, min, from)
			ADDQ(Imm(16), scale)
			ADDQ(Imm(16), min)
		} else {
			f.unpackK(to, at(scale, 0), at(min, 0), at(from, 0))
			ADDQ(Imm(32), scale)
			ADDQ(Imm(32), min)
		}
		ADDQ(U32(512), to)
		ADDQ(NewParamAddr("stride", 32), from)
	})
	VZEROUPPER()
	RET()
}

// unpackSimple unpacks a number of blocks, whose scales and minima it leaves as halves.
func (f format) unpackSimple(to, scale, min, from reg.Register) {
	i, p, q, half := GP64(), GP64(), GP64(), GP32()
	XORQ(i, i)
	MOVQ(from, p)
	MOVQ(to, q)
	Label("block")
	for j, to := range []reg.Register{scale, min} {
		if j == 0 || f.mins {
			MOVWLZX(at(p, 2*j), half)
			MOVW(half.As16(), Mem{Base: to, Index: i, Scale: 2})
		}
	}
	PREFETCHT1(at(p, stepRuns*f.bytes)) // the next piece of the row
	f.unpackRun(0, at(p, 0), at(q, 0))
	ADDQ(U32(uint32(f.bytes)), p)
	ADDQ(Imm(64), q)
	INCQ(i)
	CMPQ(i, NewParamAddr("blocks", 48))
	JNE(LabelRef("block"))
}

// unpackK unpacks one block.
func (f format) unpackK(to reg.Register, scale, min, from Mem) {
	if f.mins {
		kScales(from, scale, min)
	} else {
		VPBROADCASTW(from.Offset(208), reg.X4)
		VCVTPH2PS(reg.X4, y[4])
		VMOVUPS(y[4], scale)
	}
	for i := f.bytes; i < 2*f.bytes; i += 64 { // the next piece of the row
		PREFETCHT1(from.Offset(i))
	}
	for r := range f.runs {
		f.unpackRun(r, from, at(to, 64*r))
	}
}

func (f format) unpackRun(r int, from, to Mem) {
	f.words(from, r, y[0], y[1], y[2])
	if f.minus != 0 {
		c := table(name("minus%d", f.minus), byte(f.minus), 0)
		VPSUBW(c, y[0], y[0])
		VPSUBW(c, y[1], y[1])
	}
	VMOVDQU(y[0], to)
	VMOVDQU(y[1], to.Offset(32))
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

// floats is rows of floats of some bytes as float32.
func floats(name string, bytes int, widen func(from Mem, to reg.VecPhysical)) {
	text(name, "func(to *float32, from *byte, stride, rows, n int)")
	Doc(name + " widens eights of values, n of each of some rows, stride bytes apart, to rows of 512 bytes.")
	to := Load(Param("to"), GP64())
	from := Load(Param("from"), GP64())
	stride := Load(Param("stride"), GP64())
	rows := Load(Param("rows"), GP64())
	n, p, q := GP64(), GP64(), GP64()
	loop("row", rows, func() {
		Load(Param("n"), n)
		MOVQ(from, p)
		MOVQ(to, q)
		loop("eight", n, func() {
			PREFETCHT1(at(p, 128*bytes)) // the next piece of the row
			widen(at(p, 0), y[0])
			VMOVUPS(y[0], at(q, 0))
			ADDQ(Imm(uint64(8*bytes)), p)
			ADDQ(Imm(32), q)
		})
		ADDQ(stride, from)
		ADDQ(U32(512), to)
	})
	VZEROUPPER()
	RET()
}

// interleave turns the rows of a panel, of 32-bit words, into columns.
func interleave() {
	text("interleaveAVX2", "func(to *uint32, from *byte, stride, n int)")
	Doc("interleaveAVX2 writes words (8 n, 32) from rows (32, 8 n), stride bytes apart.")
	to := Load(Param("to"), GP64())
	from := Load(Param("from"), GP64())
	stride := Load(Param("stride"), GP64())
	n := Load(Param("n"), GP64())
	next, column := GP64(), GP64()
	MOVQ(stride, next)
	SHLQ(Imm(3), next)
	loop("columns", n, func() {
		rows := eightRows(from, stride)
		part := GP64()
		MOVQ(U32(panelRows/8), part)
		MOVQ(to, column)
		loop("part", part, func() {
			transpose(rows.at, func(i int) Mem { return at(column, 4*panelRows*i) })
			rows.move(next)
			ADDQ(Imm(32), column)
		})
		ADDQ(Imm(32), from)
		ADDQ(U32(4*8*panelRows), to)
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
