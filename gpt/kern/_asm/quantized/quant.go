package main

import (
	"encoding/binary"
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernels adds every function of this family to the context.
func kernels() {
	for _, f := range formats {
		unpack(f)
	}
	for _, f := range formats {
		for n := 1; n <= tile; n++ {
			dot(f, n)
		}
	}
	floats("unpackF32", 4, func(from Mem, to reg.VecPhysical) { VMOVUPS(from, to) })
	floats("unpackF16", 2, func(from Mem, to reg.VecPhysical) { VCVTPH2PS(from, to) })
	floats("unpackBF16", 2, func(from Mem, to reg.VecPhysical) {
		VPMOVZXWD(from, to)
		VPSLLD(Imm(16), to, to)
	})
	interleave()
	quantize()
	for n := 1; n <= tile; n++ {
		multiply(n)
		multiplyFloat(n)
		multiply512(n)
		multiplyFloat512(n)
	}
}

// The vector registers by number: the kernels are written with all sixteen in mind.
var y = []reg.VecPhysical{
	reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
	reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
}

// text opens a function that keeps none of its pointers.
func text(name, signature string) { open(name, NOSPLIT, signature) }

// textWithStack is text for a function that needs hundreds of bytes of stack.
func textWithStack(name, signature string) { open(name, 0, signature) }

func open(name string, a attr.Attribute, signature string) {
	clear(held)
	TEXT(name, a, signature)
	Pragma("noescape")
}

// constants are the tables in read-only memory that are written already, and held the
// registers that have one in the function that is being written.
var (
	constants = map[string]Mem{}
	held      = map[string]reg.VecPhysical{}
)

// hold loads tables into registers for the rest of the function. They must be written already.
func hold(names []string, to []reg.VecPhysical) {
	clear(held)
	for i, name := range names[:min(len(names), len(to))] {
		VMOVDQU(constants[name], to[i])
		held[name] = to[i]
	}
}

// table is 32 bytes of read-only memory, or the register that has them; less is repeated.
func table(name string, b ...byte) Op {
	if r, ok := held[name]; ok {
		return r
	}
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		var word [8]byte
		for j := range word {
			word[j] = b[(8*i+j)%len(b)]
		}
		DATA(8*i, U64(binary.LittleEndian.Uint64(word[:])))
	}
	constants[name] = m
	return m
}

// repeat is b n times.
func repeat(n int, b ...byte) (out []byte) {
	for range n {
		out = append(out, b...)
	}
	return out
}

func at(base reg.Register, offset int) Mem { return Mem{Base: base, Disp: offset} }

// loop runs body with the register n counting down from its value to 0, n > 0.
func loop(label string, n reg.Register, body func()) {
	Label(label)
	body()
	DECQ(n)
	JNZ(LabelRef(label))
}

func name(format string, a ...any) string { return fmt.Sprintf(format, a...) }
