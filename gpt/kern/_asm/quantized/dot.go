package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dot multiplies eight rows as they are stored with one position.
func dot(f format) {
	begin := text
	if f.runs > 1 {
		begin = textWithStack
	}
	begin("dot"+f.name, "func(out *float32, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int)")
	Doc("dot" + f.name + " writes to out (8) the products of eight rows, stride bytes apart, with one position.")
	from := Load(Param("from"), GP64())
	stride := Load(Param("stride"), GP64())
	x := Load(Param("x"), GP64())
	xscale := Load(Param("xscale"), GP64())
	n := Load(Param("blocks"), GP64())
	rows := eightRows(from, stride)
	d := dotter{format: f, rows: rows, x: x, xscale: xscale, acc: y[15]}
	if f.mins {
		d.xsum = Load(Param("xsum"), GP64())
	}
	if f.minus != 0 {
		d.total = Load(Param("total"), GP64())
	}
	hold(f.tables(), y[8:14])
	VXORPS(d.acc, d.acc, d.acc)
	loop("block", n, func() {
		if f.runs == 1 {
			d.simple()
		} else {
			d.k()
		}
		rows.move(U32(uint32(f.bytes)))
	})
	VMOVUPS(d.acc, at(Load(Param("out"), GP64()), 0))
	VZEROUPPER()
	RET()
}

// tables are those that the format's words use most.
func (f format) tables() []string {
	switch f.name {
	case "Q8_0":
		return nil
	case "Q4_K":
		return []string{"nibble", "low"}
	case "Q5_K":
		return []string{"nibble", "low", "bits1"}
	case "Q6_K":
		return []string{"nibble", "bits2", "thirtyTwo", "highBytes", "high"}
	}
	return []string{"nibble", "low", "shifts", "byteOf", "bitOf", "sixteen"}
}

type dotter struct {
	format
	rows                   rows
	x, xscale, xsum, total reg.Register
	acc                    reg.VecPhysical
}

// simple adds a block of eight rows.
func (d dotter) simple() {
	d.gather(0, y[7])
	if d.mins {
		d.gather(2, y[14])
	}
	d.integers(0)
	d.scale(y[7])
	if d.mins {
		d.min(y[14])
	}
	d.next()
}

// gather loads the half at an offset in the block of each row.
func (d dotter) gather(offset int, to reg.VecPhysical) {
	for h := range 2 {
		x := y[h].AsX()
		VPXOR(x, x, x)
		for i := range 4 {
			VPINSRW(Imm(uint64(i)), d.rows.at(4*h+i).Offset(offset), x, x)
		}
	}
	VPUNPCKLQDQ(reg.X1, reg.X0, reg.X0)
	VCVTPH2PS(reg.X0, to)
}

// k adds a block of a K type of eight rows, run by run.
func (d dotter) k() {
	var scales, mins Mem // (8 rows, 8 runs), then (8 runs, 8 rows)
	if d.mins {
		scales, mins = AllocLocal(256), AllocLocal(256)
		for i := range 8 {
			kScales(d.rows.at(i), scales.Offset(32*i), mins.Offset(32*i))
		}
		turn(scales)
		turn(mins)
	} else {
		scales = AllocLocal(32)
		d.gather(208, y[0])
		VMOVUPS(y[0], scales)
	}
	for r := range d.runs {
		d.integers(r)
		if d.mins {
			d.scale(scales.Offset(32 * r))
			d.min(mins.Offset(32 * r))
		} else {
			d.scale(scales)
		}
		d.next()
	}
}

// turn makes columns of eight rows of eight words, in place.
func turn(m Mem) {
	room := AllocLocal(256)
	transpose(func(i int) Mem { return m.Offset(32 * i) }, func(i int) Mem { return room.Offset(32 * i) })
	for i := range 8 {
		VMOVUPS(room.Offset(32*i), y[0])
		VMOVUPS(y[0], m.Offset(32*i))
	}
}

// integers leaves the sums of a run's products, a row in each word, in y3.
func (d dotter) integers(run int) {
	eightSums(func(i int, to reg.VecPhysical) {
		d.words(d.rows.at(i), run, y[0], y[1], y[2])
		VPMADDWD(at(d.x, 0), y[0], y[0])
		VPMADDWD(at(d.x, 32), y[1], y[1])
		VPADDD(y[1], y[0], to)
	})
	if d.minus != 0 {
		VPBROADCASTD(at(d.total, 0), y[0])
		VPSLLD(Imm(map[int]uint64{8: 3, 16: 4}[d.minus]), y[0], y[0])
		VPSUBD(y[0], y[3], y[3])
	}
}

// eightSums leaves the sums of eight registers of eight words in the words of y3. It uses
// y0 to y6, row itself y0 to y2.
func eightSums(row func(i int, to reg.VecPhysical)) {
	pair := func(i int, to, t reg.VecPhysical) {
		row(i, to)
		row(i+1, t)
		VPUNPCKLDQ(t, to, y[0])
		VPUNPCKHDQ(t, to, y[1])
		VPADDD(y[1], y[0], to)
	}
	four := func(i int, to, t, u reg.VecPhysical) {
		pair(i, to, t)
		pair(i+2, t, u)
		VPUNPCKLQDQ(t, to, y[0])
		VPUNPCKHQDQ(t, to, y[1])
		VPADDD(y[1], y[0], to)
	}
	four(0, y[3], y[4], y[5])
	four(4, y[4], y[5], y[6])
	VPERM2I128(Imm(0x20), y[4], y[3], y[0])
	VPERM2I128(Imm(0x31), y[4], y[3], y[1])
	VPADDD(y[1], y[0], y[3])
}

// scale adds the integers in y3 times their scale.
func (d dotter) scale(scale Op) {
	VBROADCASTSS(at(d.xscale, 0), y[4])
	VMULPS(scale, y[4], y[4])
	VCVTDQ2PS(y[3], y[3])
	VFMADD231PS(y[4], y[3], d.acc)
}

func (d dotter) min(min Op) {
	VBROADCASTSS(at(d.xsum, 0), y[4])
	VFMADD231PS(min, y[4], d.acc)
}

// next goes on to the position's next run.
func (d dotter) next() {
	ADDQ(Imm(64), d.x)
	ADDQ(Imm(4), d.xscale)
	if d.mins {
		ADDQ(Imm(4), d.xsum)
	}
	if d.minus != 0 {
		ADDQ(Imm(4), d.total)
	}
}

// few multiplies eight unpacked rows with some positions: for so few that to turn rows into
// columns would cost more.
func few() {
	text("multiplyFewAVX2", "func(w *int16, scale, min *float32, x *int16, xscale, xsum *float32, runs, n int, out *float32, stride int)")
	Doc("multiplyFewAVX2 adds eight rows of runs, 512 bytes apart, times x (runs, n, 32) to out, whose rows are stride",
		"bytes apart. scale and min (or nil) are (runs, 32), xscale and xsum (runs, n).")
	w := Load(Param("w"), GP64())
	scale := Load(Param("scale"), GP64())
	min := Load(Param("min"), GP64())
	x := Load(Param("x"), GP64())
	xscale := Load(Param("xscale"), GP64())
	xsum := Load(Param("xsum"), GP64())
	runs := Load(Param("runs"), GP64())
	stride := Load(Param("stride"), GP64())
	t, out := GP64(), GP64()
	loop("run", runs, func() {
		Load(Param("out"), out)
		Load(Param("n"), t)
		VMOVUPS(at(scale, 0), y[10])
		VXORPS(y[11], y[11], y[11])
		TESTQ(min, min)
		JZ(LabelRef("position"))
		VMOVUPS(at(min, 0), y[11])
		ADDQ(U32(4*panelRows), min)
		loop("position", t, func() {
			VMOVDQU(at(x, 0), y[8])
			VMOVDQU(at(x, 32), y[9])
			eightSums(func(i int, to reg.VecPhysical) {
				VPMADDWD(at(w, 512*i), y[8], y[0])
				VPMADDWD(at(w, 512*i+32), y[9], y[1])
				VPADDD(y[1], y[0], to)
			})
			VBROADCASTSS(at(xscale, 0), y[0])
			VMULPS(y[10], y[0], y[0])
			VCVTDQ2PS(y[3], y[3])
			VFMADD213PS(at(out, 0), y[0], y[3])
			TESTQ(min, min)
			JZ(LabelRef("done"))
			VBROADCASTSS(at(xsum, 0), y[0])
			VFMADD231PS(y[11], y[0], y[3])
			Label("done")
			VMOVUPS(y[3], at(out, 0))
			ADDQ(Imm(64), x)
			ADDQ(Imm(4), xscale)
			ADDQ(Imm(4), xsum)
			ADDQ(stride, out)
		})
		ADDQ(Imm(64), w)
		ADDQ(U32(4*panelRows), scale)
	})
	VZEROUPPER()
	RET()
}
