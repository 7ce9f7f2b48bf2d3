package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dot multiplies eight rows as they are stored with n positions.
func dot(f format, n int) {
	begin := text
	if f.runs > 1 {
		begin = textWithStack
	}
	begin(name("dot%d%s", n, f.name), "func(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int)")
	Doc(name("dot%d%s", n, f.name)+" writes to out, its rows outStride bytes apart, the products of eight rows, stride bytes apart,",
		name("with x (runs, %d, 32), whose xscale, xsum and total are (runs, %d).", n, n))
	from := Load(Param("from"), GP64())
	stride := Load(Param("stride"), GP64())
	d := dotter{format: f, n: n}
	d.x = Load(Param("x"), GP64())
	d.xscale = Load(Param("xscale"), GP64())
	if f.mins {
		d.xsum = Load(Param("xsum"), GP64())
	}
	if f.minus != 0 {
		d.total = Load(Param("total"), GP64())
	}
	blocks := Load(Param("blocks"), GP64())
	d.rows = eightRows(from, stride)
	d.acc, d.d, d.dmin = AllocLocal(32*n), AllocLocal(32), AllocLocal(32)
	hold(f.tables(), y[3+4*n:])
	VXORPS(y[0], y[0], y[0])
	for t := range n {
		VMOVUPS(y[0], d.acc.Offset(32*t))
	}
	// Eight rows are eight streams to the processor, which looks ahead in none of them for so
	// short a way: but what comes next is the eight rows behind them.
	ahead := GP64()
	LEAQ(Mem{Base: from, Index: stride, Scale: 8}, ahead)
	loop("block", blocks, func() {
		for i := 0; i < 8*f.bytes; i += 64 {
			PREFETCHT0(at(ahead, i))
		}
		ADDQ(U32(uint32(8*f.bytes)), ahead)
		if f.runs == 1 {
			d.simple()
		} else {
			d.k()
		}
		d.rows.move(U32(uint32(f.bytes)))
	})
	out := Load(Param("out"), GP64())
	for t := range n {
		VMOVUPS(d.acc.Offset(32*t), y[0])
		VMOVUPS(y[0], at(out, 0))
		if t < n-1 {
			ADDQ(NewParamAddr("outStride", 8), out)
		}
	}
	VZEROUPPER()
	RET()
}

// tables are those that the format's words use, the most worthy of a register first.
func (f format) tables() []string {
	switch f.name {
	case "Q8_0":
		return nil
	case "Q4_K":
		return []string{"wordNibble"}
	case "Q5_K":
		return []string{"nibble", "low", "bits1"}
	case "Q6_K":
		return []string{"nibble", "bits2", "thirtyTwo", "highBytes", "high"}
	case "Q4_0", "Q4_1":
		return []string{"nibble", "low", "shifts"}
	}
	return []string{"nibble", "low", "shifts", "byteOf", "bitOf", "sixteen"}
}

type dotter struct {
	format
	n                      int
	rows                   rows
	x, xscale, xsum, total reg.Register
	acc                    Mem // (n, 8)
	d, dmin                Mem // (8): scales of the rows' blocks, and minima, or for K types what they are multiplied with
}

// simple adds a block of eight rows.
func (d dotter) simple() {
	d.gather(0, d.d)
	if d.mins {
		d.gather(2, d.dmin)
	}
	d.integers(0)
	VMOVUPS(d.d, y[0])
	if d.mins {
		VMOVUPS(d.dmin, y[1])
	}
	d.add()
}

// gather loads the half at an offset in the block of each row.
func (d dotter) gather(offset int, to Mem) {
	for h := range 2 {
		x := y[h].AsX()
		VPXOR(x, x, x)
		for i := range 4 {
			VPINSRW(Imm(uint64(i)), d.rows.at(4*h+i).Offset(offset), x, x)
		}
	}
	VPUNPCKLQDQ(reg.X1, reg.X0, reg.X0)
	VCVTPH2PS(reg.X0, y[0])
	VMOVUPS(y[0], to)
}

// k adds a block of a K type of eight rows, run by run.
func (d dotter) k() {
	if !d.mins {
		d.gather(208, d.d)
		for r := range d.runs {
			d.integers(r)
			VMOVUPS(d.d, y[0])
			d.add()
		}
		return
	}
	d.gather(0, d.d)
	d.gather(2, d.dmin)
	VXORPS(table("negative", 0, 0, 0, 0x80), y[0], y[0])
	VMOVUPS(y[0], d.dmin)
	bytes := d.scales()
	for r := range d.runs {
		d.integers(r)
		for i, by := range []Mem{d.d, d.dmin} {
			VPMOVZXBD(bytes.Offset(32*(r/2)+8*(r%2)+16*i), y[i])
			VCVTDQ2PS(y[i], y[i])
			VMULPS(by, y[i], y[i])
		}
		d.add()
	}
}

// scales gathers the 6-bit scales and minima of a block of eight rows: for each two runs,
// eight scales of each, then eight minima of each.
func (d dotter) scales() (turned Mem) {
	bytes, turned := AllocLocal(128), AllocLocal(128)
	s, m := GP64(), GP64()
	for i := range 8 {
		sixBits(d.rows.at(i), s, m)
		MOVQ(s, bytes.Offset(32*(i/2)+8*(i%2)))
		MOVQ(m, bytes.Offset(32*(i/2)+8*(i%2)+16))
	}
	for i := range 4 { // bytes of rows 2i and 2i+1 in turn
		VMOVDQU(bytes.Offset(32*i), y[i])
		VPSHUFB(table("twoRows", 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15), y[i], y[i])
	}
	VPUNPCKLWD(y[1], y[0], y[4]) // runs 0 to 3 of rows 0 to 3
	VPUNPCKHWD(y[1], y[0], y[0]) // runs 4 to 7
	VPUNPCKLWD(y[3], y[2], y[1]) // the same of rows 4 to 7
	VPUNPCKHWD(y[3], y[2], y[2])
	VPUNPCKLDQ(y[1], y[4], y[3])
	VPUNPCKHDQ(y[1], y[4], y[4])
	VPUNPCKLDQ(y[2], y[0], y[5])
	VPUNPCKHDQ(y[2], y[0], y[6])
	for i := range 4 {
		VMOVDQU(y[3+i], turned.Offset(32*i))
	}
	return turned
}

// sums is the register where integers leaves those of position t.
func sums(t int) reg.VecPhysical { return y[3+4*t] }

// integers leaves the sums of a run's products, a row in each word, in sums.
func (d dotter) integers(run int) {
	eightSums(d.n, func(i int, to []reg.VecPhysical) {
		d.words(d.rows.at(i), run, y[0], y[1], y[2])
		for t, to := range to {
			VPMADDWD(at(d.x, 64*t), y[0], to)
			VPMADDWD(at(d.x, 64*t+32), y[1], y[2])
			VPADDD(y[2], to, to)
		}
	})
	if d.minus == 0 {
		return
	}
	for t := range d.n {
		VPBROADCASTD(at(d.total, 4*t), y[0])
		VPSLLD(Imm(map[int]uint64{8: 3, 16: 4}[d.minus]), y[0], y[0])
		VPSUBD(y[0], sums(t), sums(t))
	}
}

// eightSums leaves in the words of sums those of eight registers of eight words, for each of
// n positions. It uses four registers for each from y3 on and y0 to y2, as row itself may.
func eightSums(n int, row func(i int, to []reg.VecPhysical)) {
	var r [4][]reg.VecPhysical // r[i][t]
	for i := range r {
		for t := range n {
			r[i] = append(r[i], y[3+4*t+i])
		}
	}
	add := func(a, b []reg.VecPhysical, low, high func(Op, Op, Op)) {
		for t := range n {
			low(b[t], a[t], y[0])
			high(b[t], a[t], y[1])
			VPADDD(y[1], y[0], a[t])
		}
	}
	pair := func(i int, to, other []reg.VecPhysical) {
		row(i, to)
		row(i+1, other)
		add(to, other, lowWords, highWords)
	}
	four := func(i int, r [][]reg.VecPhysical) {
		pair(i, r[0], r[1])
		pair(i+2, r[1], r[2])
		add(r[0], r[1], lowPairs, highPairs)
	}
	four(0, r[:3])
	four(4, r[1:])
	add(r[0], r[1], halves(0x20), halves(0x31))
}

func lowWords(b, a, to Op)  { VPUNPCKLDQ(b, a, to) }
func highWords(b, a, to Op) { VPUNPCKHDQ(b, a, to) }
func lowPairs(b, a, to Op)  { VPUNPCKLQDQ(b, a, to) }
func highPairs(b, a, to Op) { VPUNPCKHQDQ(b, a, to) }

func halves(which uint64) func(b, a, to Op) {
	return func(b, a, to Op) { VPERM2I128(Imm(which), b, a, to) }
}

// add adds the sums with the scales in y0 and the minima in y1, and goes on to the next run.
func (d dotter) add() {
	for t := range d.n {
		VBROADCASTSS(at(d.xscale, 4*t), y[2])
		VMULPS(y[0], y[2], y[2])
		VCVTDQ2PS(sums(t), sums(t))
		VFMADD213PS(d.acc.Offset(32*t), y[2], sums(t))
		if d.mins {
			VBROADCASTSS(at(d.xsum, 4*t), y[2])
			VFMADD231PS(y[1], y[2], sums(t))
		}
		VMOVUPS(sums(t), d.acc.Offset(32*t))
	}
	ADDQ(U32(uint32(64*d.n)), d.x)
	ADDQ(Imm(uint64(4*d.n)), d.xscale)
	if d.mins {
		ADDQ(Imm(uint64(4*d.n)), d.xsum)
	}
	if d.minus != 0 {
		ADDQ(Imm(uint64(4*d.n)), d.total)
	}
}
