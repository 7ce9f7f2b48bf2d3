package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	// panelRows is the rows that a kernel takes at once, in four registers.
	panelRows = 32
	vectors   = panelRows / 8
	// stepRuns is how many runs of a row are unpacked at once.
	stepRuns = 8
	// tile is how many positions: a sum for each of them and each register of rows, a
	// register for the positions' values and one for what is between fill the sixteen.
	tile = 3
)

// multiply adds a panel times n positions to out. The processor takes four vector
// instructions in a cycle, loads among them: so weights come as operands of the product.
func multiply(n int) {
	text(name("multiply%dAVX2", n), "func(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int)")
	Doc(name("multiply%dAVX2 adds a panel (runs, 16 pairs, 32 rows) times x (runs, %d, 32) to out, whose rows", n, n),
		"are stride bytes apart. scale and min (or nil) are (runs, 32), xscale and xsum (runs, "+name("%d).", n))
	w := Load(Param("w"), GP64())
	scale := Load(Param("scale"), GP64())
	min := Load(Param("min"), GP64())
	x := Load(Param("x"), GP64())
	xscale := Load(Param("xscale"), GP64())
	xsum := Load(Param("xsum"), GP64())
	runs := Load(Param("runs"), GP64())
	out := Load(Param("out"), GP64())
	stride := Load(Param("stride"), GP64())
	sum := func(t, h int) reg.VecPhysical { return y[vectors*t+h] }
	kept := func(t, h int) Mem {
		if t == 0 {
			return at(out, 32*h)
		}
		return Mem{Base: out, Index: stride, Scale: uint8(t), Disp: 32 * h}
	}
	add := func(withMin bool) {
		for t := range n {
			VBROADCASTSS(at(xscale, 4*t), y[12])
			if withMin {
				VBROADCASTSS(at(xsum, 4*t), y[13])
			}
			for h := range vectors {
				VMULPS(at(scale, 32*h), y[12], y[14])
				VCVTDQ2PS(sum(t, h), sum(t, h))
				VFMADD213PS(kept(t, h), y[14], sum(t, h))
				if withMin {
					VFMADD231PS(at(min, 32*h), y[13], sum(t, h))
				}
				VMOVUPS(sum(t, h), kept(t, h))
			}
		}
	}
	loop("run", runs, func() {
		for pair := range 16 {
			for t := range n {
				VPBROADCASTD(at(x, 64*t+4*pair), y[12+t])
			}
			for h := range vectors {
				from := at(w, 4*panelRows*pair+32*h)
				for t := range n {
					if pair == 0 {
						VPMADDWD(from, y[12+t], sum(t, h))
						continue
					}
					VPMADDWD(from, y[12+t], y[15])
					VPADDD(y[15], sum(t, h), sum(t, h))
				}
			}
		}
		endRun(n, w, scale, min, x, xscale, xsum, add)
	})
	VZEROUPPER()
	RET()
}

// endRun adds the sums of a run to out, with its minimum where there is one, and goes on to
// the next run.
func endRun(n int, w, scale, min, x, xscale, xsum reg.Register, add func(withMin bool)) {
	TESTQ(min, min)
	JZ(LabelRef("scaled"))
	add(true)
	ADDQ(U32(4*panelRows), min)
	JMP(LabelRef("next"))
	Label("scaled")
	add(false)
	Label("next")
	ADDQ(U32(16*4*panelRows), w)
	ADDQ(U32(uint32(64*n)), x)
	ADDQ(U32(4*panelRows), scale)
	ADDQ(U32(uint32(4*n)), xscale)
	ADDQ(U32(uint32(4*n)), xsum)
}

// multiplyFloat is multiply for panels and positions of float32.
func multiplyFloat(n int) {
	text(name("multiplyFloat%dAVX2", n), "func(w, x *float32, runs int, out *float32, stride int)")
	Doc(name("multiplyFloat%dAVX2 adds a panel (runs, 32, 32 rows) times x (runs, %d, 32) to out, whose rows are", n, n),
		"stride bytes apart.")
	w := Load(Param("w"), GP64())
	x := Load(Param("x"), GP64())
	runs := Load(Param("runs"), GP64())
	out := Load(Param("out"), GP64())
	stride := Load(Param("stride"), GP64())
	sum := func(t, h int) reg.VecPhysical { return y[vectors*t+h] }
	each := func(f func(t, h int, p Mem)) {
		p := GP64()
		MOVQ(out, p)
		for t := range n {
			for h := range vectors {
				f(t, h, at(p, 32*h))
			}
			ADDQ(stride, p)
		}
	}
	each(func(t, h int, p Mem) { VMOVUPS(p, sum(t, h)) })
	loop("run", runs, func() {
		part := GP64()
		MOVQ(U32(4), part)
		loop("part", part, func() {
			for k := range 8 {
				for t := range n {
					VBROADCASTSS(at(x, 128*t+4*k), y[12+t])
				}
				for h := range vectors {
					VMOVUPS(at(w, 4*panelRows*k+32*h), y[15])
					for t := range n {
						VFMADD231PS(y[15], y[12+t], sum(t, h))
					}
				}
			}
			ADDQ(U32(8*4*panelRows), w)
			ADDQ(Imm(32), x)
		})
		ADDQ(U32(uint32(128*n-128)), x)
	})
	each(func(t, h int, p Mem) { VMOVUPS(sum(t, h), p) })
	VZEROUPPER()
	RET()
}

// multiply512 is multiply for registers of twice the width, with an instruction that adds
// products of pairs to the sums. Its delay is longer than three positions take, so sums of
// even and of odd pairs are kept apart.
func multiply512(n int) {
	text(name("multiply%dAVX512", n), "func(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int)")
	Doc(name("multiply%dAVX512 is multiply%dAVX2 on AVX-512 with VNNI.", n, n))
	w := Load(Param("w"), GP64())
	scale := Load(Param("scale"), GP64())
	min := Load(Param("min"), GP64())
	x := Load(Param("x"), GP64())
	xscale := Load(Param("xscale"), GP64())
	xsum := Load(Param("xsum"), GP64())
	runs := Load(Param("runs"), GP64())
	out := Load(Param("out"), GP64())
	stride := Load(Param("stride"), GP64())
	const vectors = panelRows / 16
	var sums [2][3][vectors]reg.VecVirtual
	for i := range sums {
		for t := range n {
			for h := range vectors {
				sums[i][t][h] = ZMM()
			}
		}
	}
	add := func(withMin bool) {
		for t := range n {
			xs, xm := ZMM(), ZMM()
			VBROADCASTSS(at(xscale, 4*t), xs)
			if withMin {
				VBROADCASTSS(at(xsum, 4*t), xm)
			}
			for h := range vectors {
				sum, by, kept := sums[0][t][h], ZMM(), at(out, 64*h)
				if t > 0 {
					kept.Index, kept.Scale = stride, uint8(t)
				}
				VPADDD(sums[1][t][h], sum, sum)
				VMULPS(at(scale, 64*h), xs, by)
				VCVTDQ2PS(sum, sum)
				VFMADD213PS(kept, by, sum)
				if withMin {
					VFMADD231PS(at(min, 64*h), xm, sum)
				}
				VMOVUPS(sum, kept)
			}
		}
	}
	loop("run", runs, func() {
		for pair := range 16 {
			var from [vectors]reg.VecVirtual
			for h := range vectors {
				from[h] = ZMM()
				VMOVDQU32(at(w, 4*panelRows*pair+64*h), from[h])
			}
			for t := range n {
				value := ZMM()
				VPBROADCASTD(at(x, 64*t+4*pair), value)
				for h := range vectors {
					if to := sums[pair%2][t][h]; pair < 2 {
						VPMADDWD(value, from[h], to)
					} else {
						VPDPWSSD(value, from[h], to)
					}
				}
			}
		}
		endRun(n, w, scale, min, x, xscale, xsum, add)
	})
	VZEROUPPER()
	RET()
}

// multiplyFloat512 is multiplyFloat for registers of twice the width.
func multiplyFloat512(n int) {
	text(name("multiplyFloat%dAVX512", n), "func(w, x *float32, runs int, out *float32, stride int)")
	Doc(name("multiplyFloat%dAVX512 is multiplyFloat%dAVX2 on AVX-512, with sums of even and of odd values.", n, n))
	w := Load(Param("w"), GP64())
	x := Load(Param("x"), GP64())
	runs := Load(Param("runs"), GP64())
	out := Load(Param("out"), GP64())
	stride := Load(Param("stride"), GP64())
	const vectors = panelRows / 16
	var sums [2][3][vectors]reg.VecVirtual
	each := func(f func(even, odd reg.VecVirtual, kept Mem)) {
		for t := range n {
			for h := range vectors {
				kept := at(out, 64*h)
				if t > 0 {
					kept.Index, kept.Scale = stride, uint8(t)
				}
				f(sums[0][t][h], sums[1][t][h], kept)
			}
		}
	}
	for i := range sums {
		for t := range n {
			for h := range vectors {
				sums[i][t][h] = ZMM()
			}
		}
	}
	each(func(even, odd reg.VecVirtual, kept Mem) {
		VMOVUPS(kept, even)
		VPXORD(odd, odd, odd)
	})
	loop("run", runs, func() {
		part := GP64()
		MOVQ(U32(4), part)
		loop("part", part, func() {
			for k := range 8 {
				var from [vectors]reg.VecVirtual
				for h := range vectors {
					from[h] = ZMM()
					VMOVUPS(at(w, 4*panelRows*k+64*h), from[h])
				}
				for t := range n {
					value := ZMM()
					VBROADCASTSS(at(x, 128*t+4*k), value)
					for h := range vectors {
						VFMADD231PS(value, from[h], sums[k%2][t][h])
					}
				}
			}
			ADDQ(U32(8*4*panelRows), w)
			ADDQ(Imm(32), x)
		})
		ADDQ(U32(uint32(128*n-128)), x)
	})
	each(func(even, odd reg.VecVirtual, kept Mem) {
		VADDPS(odd, even, even)
		VMOVUPS(even, kept)
	})
	VZEROUPPER()
	RET()
}
