package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// pause tells the processor that its caller waits in a loop.
func pause() {
	TEXT("pause", NOSPLIT, "func(n int)")
	Doc("pause waits n times the moment that PAUSE takes, some 20 to 40 ns.")
	n := Load(Param("n"), GP64())
	Label("wait")
	PAUSE()
	DECQ(n)
	JNZ(LabelRef("wait"))
	RET()
}

// dot is the sum of products of n values, n > 0 a multiple of the lanes.
func dot(v vector) {
	const parts = 4
	v.text("dot", "func(a, b *float32, n int) float32")
	Doc("dot" + v.name + " needs n to be a multiple of its lanes, and above 0.")
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	n := Load(Param("n"), GP64())
	acc := v.regs(parts)
	for _, r := range acc {
		v.zero(r)
	}
	x := v.regs(parts)
	step := func(parts int) {
		for i := range parts {
			VMOVUPS(Mem{Base: a, Disp: i * v.bytes()}, x[i])
		}
		for i := range parts {
			VFMADD231PS(Mem{Base: b, Disp: i * v.bytes()}, x[i], acc[i])
		}
		ADDQ(U32(parts*v.bytes()), a)
		ADDQ(U32(parts*v.bytes()), b)
	}
	SUBQ(U32(parts*v.lanes), n)
	JLT(LabelRef("rest"))
	Label("many")
	step(parts)
	SUBQ(U32(parts*v.lanes), n)
	JGE(LabelRef("many"))
	Label("rest")
	ADDQ(U32(parts*v.lanes), n)
	JZ(LabelRef("done"))
	Label("one")
	step(1)
	SUBQ(U32(v.lanes), n)
	JNZ(LabelRef("one"))
	Label("done")
	VADDPS(acc[1], acc[0], acc[0])
	VADDPS(acc[3], acc[2], acc[2])
	VADDPS(acc[2], acc[0], acc[0])
	x0 := v.sum(acc[0])
	VZEROUPPER()
	Store(x0, ReturnIndex(0))
	RET()
}
