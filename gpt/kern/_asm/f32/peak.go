package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// chains is how many independent sums peak keeps: more than the processor can have under way.
const chains = 12

// peak does nothing but multiply and add.
func peak(v vector) {
	v.text("peak", "func(n int)")
	Doc("peak" + v.name + " multiplies and adds n times " + itoa(chains) + " registers.")
	n := Load(Param("n"), GP64())
	acc := v.regs(chains)
	for _, r := range acc {
		v.zero(r)
	}
	Label("again")
	for _, r := range acc {
		VFMADD231PS(r, r, r)
	}
	DECQ(n)
	JNZ(LabelRef("again"))
	finish()
}
