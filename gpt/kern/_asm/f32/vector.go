package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A vector is a width of register that kernels are written for.
type vector struct {
	name  string // ends the name of every function
	lanes int    // of float32
}

var (
	avx2   = vector{"AVX2", 8}
	avx512 = vector{"AVX512", 16}
)

// reg is a fresh register of v.
func (v vector) reg() reg.VecVirtual {
	if v.lanes == 16 {
		return ZMM()
	}
	return YMM()
}

// regs are n fresh registers.
func (v vector) regs(n int) []reg.VecVirtual {
	out := make([]reg.VecVirtual, n)
	for i := range out {
		out[i] = v.reg()
	}
	return out
}

// bytes is the width of a register.
func (v vector) bytes() int { return 4 * v.lanes }

// zero clears r.
func (v vector) zero(r reg.VecVirtual) {
	if v.lanes == 16 {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

// sum adds the lanes of r into the lowest lane of the register it gives.
func (v vector) sum(r reg.VecVirtual) reg.VecVirtual {
	y := YMM()
	if v.lanes == 16 {
		VEXTRACTF64X4(Imm(1), r, y)
		VADDPS(r.AsY(), y, y)
	} else {
		VMOVAPS(r, y)
	}
	x := XMM()
	VEXTRACTF128(Imm(1), y, x)
	VADDPS(y.AsX(), x, x)
	VHADDPS(x, x, x)
	VHADDPS(x, x, x)
	return x
}

// text opens a function that neither keeps its pointers nor needs stack.
func (v vector) text(name, signature string) {
	TEXT(name+v.name, NOSPLIT, signature)
	Pragma("noescape")
}

// finish ends a function that used wide registers.
func finish() {
	VZEROUPPER()
	RET()
}

func itoa(n int) string { return strconv.Itoa(n) }
