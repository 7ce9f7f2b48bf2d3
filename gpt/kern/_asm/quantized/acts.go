package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quantize makes one position ready to be multiplied with integers.
func quantize() {
	text("quantizeAVX2", "func(to *int16, scale, sum *float32, total *int32, x *float32, runs, n int, top float32)")
	Doc("quantizeAVX2 is the twin of quantizePlain.")
	to := Load(Param("to"), GP64())
	scale := Load(Param("scale"), GP64())
	sum := Load(Param("sum"), GP64())
	total := Load(Param("total"), GP64())
	x := Load(Param("x"), GP64())
	runs := Load(Param("runs"), GP64())
	n := Load(Param("n"), GP64())
	VBROADCASTSS(NewParamAddr("top", 56), y[15])
	VMOVDQU(table("positive", 0xff, 0xff, 0xff, 0x7f), y[14])
	VMOVDQU(table("evenOdd", 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15), y[13])
	var order []byte
	for _, i := range []byte{0, 4, 1, 5, 2, 6, 3, 7} {
		order = append(order, i, 0, 0, 0)
	}
	VMOVDQU(table("order", order...), y[12])
	VMOVDQU(table("ones", 1, 0), y[11])
	line := GP64()
	MOVQ(n, line)
	SHLQ(Imm(6), line)
	big := GP32()
	loop("run", runs, func() {
		// The greatest magnitude, as bits: they order as the values do, NaN above all.
		for i := range 4 {
			VMOVUPS(at(x, 32*i), y[i])
			VPAND(y[14], y[i], y[4+i])
		}
		VPMAXSD(y[5], y[4], y[4])
		VPMAXSD(y[7], y[6], y[6])
		VPMAXSD(y[6], y[4], y[4])
		VEXTRACTI128(Imm(1), y[4], reg.X5)
		VPMAXSD(reg.X5, reg.X4, reg.X4)
		VPSHUFD(Imm(0x4e), reg.X4, reg.X5)
		VPMAXSD(reg.X5, reg.X4, reg.X4)
		VPSHUFD(Imm(0xb1), reg.X4, reg.X5)
		VPMAXSD(reg.X5, reg.X4, reg.X4)
		VMOVD(reg.X4, big)
		CMPL(big, U32(0x7f800000))
		JAE(LabelRef("infinite"))
		CMPL(big, U32(math.Float32bits(0x1p-100)))
		JB(LabelRef("nothing"))
		VDIVSS(reg.X15, reg.X4, reg.X6) // the scale
		VDIVSS(reg.X4, reg.X15, reg.X7) // and its inverse
		VMOVSS(reg.X6, at(scale, 0))
		VBROADCASTSS(reg.X7, y[7])
		for i := range 4 {
			VMULPS(y[7], y[i], y[i])
			VCVTPS2DQ(y[i], y[i])
		}
		// Pairs of eights, each as even | odd places; then all even ones, all odd ones.
		for i := 0; i < 4; i += 2 {
			VPACKSSDW(y[i+1], y[i], y[i])
			VPSHUFB(y[13], y[i], y[i])
			VPERMD(y[i], y[12], y[i])
		}
		VPERM2I128(Imm(0x20), y[2], y[0], y[4])
		VPERM2I128(Imm(0x31), y[2], y[0], y[5])
		VMOVDQU(y[4], at(to, 0))
		VMOVDQU(y[5], at(to, 32))
		VPMADDWD(y[11], y[4], y[4])
		VPMADDWD(y[11], y[5], y[5])
		VPADDD(y[5], y[4], y[4])
		VEXTRACTI128(Imm(1), y[4], reg.X5)
		VPADDD(reg.X5, reg.X4, reg.X4)
		VPSHUFD(Imm(0x4e), reg.X4, reg.X5)
		VPADDD(reg.X5, reg.X4, reg.X4)
		VPSHUFD(Imm(0xb1), reg.X4, reg.X5)
		VPADDD(reg.X5, reg.X4, reg.X4)
		VMOVD(reg.X4, at(total, 0))
		VCVTDQ2PS(reg.X4, reg.X4)
		VMULSS(reg.X6, reg.X4, reg.X4)
		VMOVSS(reg.X4, at(sum, 0))
		JMP(LabelRef("next"))

		Label("infinite")
		MOVL(U32(0x7fc00000), big)
		JMP(LabelRef("fill"))
		Label("nothing")
		XORL(big, big)
		Label("fill")
		MOVL(big, at(scale, 0))
		MOVL(big, at(sum, 0))
		MOVL(U32(0), at(total, 0))
		VPXOR(y[0], y[0], y[0])
		VMOVDQU(y[0], at(to, 0))
		VMOVDQU(y[0], at(to, 32))
		Label("next")
		ADDQ(U32(128), x)
		ADDQ(line, to)
		LEAQ(Mem{Base: scale, Index: n, Scale: 4}, scale)
		LEAQ(Mem{Base: sum, Index: n, Scale: 4}, sum)
		LEAQ(Mem{Base: total, Index: n, Scale: 4}, total)
	})
	VZEROUPPER()
	RET()
}
