package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is how many positions a kernel takes at once: two sums for each, two registers of
// weights and two for what is between fill the sixteen.
const tile = 6

// multiply adds a panel of 16 rows times n positions to out.
func multiply(n int) {
	text(name("multiply%dAVX2", n), "func(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int)")
	Doc(name("multiply%dAVX2 adds a panel (runs, 16 pairs, 16 rows) times x (runs, %d, 32) to out, whose rows", n, n),
		"are stride bytes apart. scale and min (or nil) are (runs, 16), xscale and xsum (runs, "+name("%d).", n))
	local := AllocLocal(64 * n)
	w := Load(Param("w"), GP64())
	scale := Load(Param("scale"), GP64())
	min := Load(Param("min"), GP64())
	x := Load(Param("x"), GP64())
	xscale := Load(Param("xscale"), GP64())
	xsum := Load(Param("xsum"), GP64())
	runs := Load(Param("runs"), GP64())
	out := Load(Param("out"), GP64())
	stride := Load(Param("stride"), GP64())
	sum := func(t, h int) reg.VecPhysical { return y[2*t+h] }
	kept := func(t, h int) Mem { return local.Offset(64*t + 32*h) }

	p := GP64()
	MOVQ(out, p)
	for t := range n {
		for h := range 2 {
			VMOVUPS(at(p, 32*h), y[h])
			VMOVUPS(y[h], kept(t, h))
		}
		ADDQ(stride, p)
	}
	add := func(withMin bool) {
		for t := range n {
			VBROADCASTSS(at(xscale, 4*t), y[12])
			if withMin {
				VBROADCASTSS(at(xsum, 4*t), y[13])
			}
			for h := range 2 {
				VMULPS(at(scale, 32*h), y[12], y[14])
				VMOVUPS(kept(t, h), y[15])
				VCVTDQ2PS(sum(t, h), sum(t, h))
				VFMADD231PS(sum(t, h), y[14], y[15])
				if withMin {
					VFMADD231PS(at(min, 32*h), y[13], y[15])
				}
				VMOVUPS(y[15], kept(t, h))
			}
		}
	}
	loop("run", runs, func() {
		for pair := range 16 {
			VMOVDQU(at(w, 64*pair), y[12])
			VMOVDQU(at(w, 64*pair+32), y[13])
			for t := range n {
				VPBROADCASTD(at(x, 64*t+4*pair), y[14])
				if pair == 0 {
					VPMADDWD(y[14], y[12], sum(t, 0))
					VPMADDWD(y[14], y[13], sum(t, 1))
					continue
				}
				VPMADDWD(y[14], y[12], y[15])
				VPADDD(y[15], sum(t, 0), sum(t, 0))
				VPMADDWD(y[14], y[13], y[14])
				VPADDD(y[14], sum(t, 1), sum(t, 1))
			}
		}
		TESTQ(min, min)
		JZ(LabelRef("scaled"))
		add(true)
		ADDQ(Imm(64), min)
		JMP(LabelRef("next"))
		Label("scaled")
		add(false)
		Label("next")
		ADDQ(U32(1024), w)
		ADDQ(U32(uint32(64*n)), x)
		ADDQ(Imm(64), scale)
		ADDQ(U32(uint32(4*n)), xscale)
		ADDQ(U32(uint32(4*n)), xsum)
	})
	for t := range n {
		for h := range 2 {
			VMOVUPS(kept(t, h), y[h])
			VMOVUPS(y[h], at(out, 32*h))
		}
		ADDQ(stride, out)
	}
	VZEROUPPER()
	RET()
}

// multiplyFloat is multiply for panels and positions of float32.
func multiplyFloat(n int) {
	text(name("multiplyFloat%dAVX2", n), "func(w, x *float32, runs int, out *float32, stride int)")
	Doc(name("multiplyFloat%dAVX2 adds a panel (runs, 32, 16 rows) times x (runs, %d, 32) to out, whose rows are", n, n),
		"stride bytes apart.")
	w := Load(Param("w"), GP64())
	x := Load(Param("x"), GP64())
	runs := Load(Param("runs"), GP64())
	out := Load(Param("out"), GP64())
	stride := Load(Param("stride"), GP64())
	sum := func(t, h int) reg.VecPhysical { return y[2*t+h] }
	p := GP64()
	MOVQ(out, p)
	for t := range n {
		for h := range 2 {
			VMOVUPS(at(p, 32*h), sum(t, h))
		}
		ADDQ(stride, p)
	}
	loop("run", runs, func() {
		part := GP64()
		MOVQ(U32(4), part)
		loop("part", part, func() {
			for k := range 8 {
				VMOVUPS(at(w, 64*k), y[12])
				VMOVUPS(at(w, 64*k+32), y[13])
				for t := range n {
					VBROADCASTSS(at(x, 128*t+4*k), y[14])
					VFMADD231PS(y[14], y[12], sum(t, 0))
					VFMADD231PS(y[14], y[13], sum(t, 1))
				}
			}
			ADDQ(U32(512), w)
			ADDQ(Imm(32), x)
		})
		ADDQ(U32(uint32(128*n-128)), x)
	})
	for t := range n {
		for h := range 2 {
			VMOVUPS(sum(t, h), at(out, 32*h))
		}
		ADDQ(stride, out)
	}
	VZEROUPPER()
	RET()
}
