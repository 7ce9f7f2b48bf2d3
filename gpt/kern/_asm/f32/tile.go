package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is the inner kernel of the matrix product: rows × two registers of C, in registers,
// over all of k. A and B are read by strides, so that packed panels and matrices as they lie
// in memory both do. Rows come in threes, which one pointer reaches with 0, 1 and 2 times the
// stride.
//
// Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008.
func tile(v vector, rows int) {
	v.text("gemmTile", "func(k int, a *float32, aRow, aStep int, b *float32, bStep int, c *float32, cRow int, add bool)")
	tileDoc(v, rows)
	k := Load(Param("k"), GP64())
	a, aRow, aStep := pointers("a", "aRow", rows), stride("aRow"), stride("aStep")
	b, bStep := Load(Param("b"), GP64()), stride("bStep")

	acc := make([][2]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{v.reg(), v.reg()}
		v.zero(acc[i][0])
		v.zero(acc[i][1])
	}
	b0, b1 := v.reg(), v.reg()
	spread := v.regs(2)
	step := func() {
		VMOVUPS(Mem{Base: b}, b0)
		VMOVUPS(Mem{Base: b, Disp: v.bytes()}, b1)
		for i := range rows {
			x := spread[i%2]
			VBROADCASTSS(third(a, aRow, i), x)
			VFMADD231PS(x, b0, acc[i][0])
			VFMADD231PS(x, b1, acc[i][1])
		}
		ADDQ(bStep, b)
		for _, p := range a {
			ADDQ(aStep, p)
		}
	}
	const unroll = 4
	SUBQ(Imm(unroll), k)
	JLT(LabelRef("rest"))
	Label("many")
	for range unroll {
		step()
	}
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("many"))
	Label("rest")
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("store"))
	Label("one")
	step()
	DECQ(k)
	JNZ(LabelRef("one"))

	Label("store")
	c, cRow := pointers("c", "cRow", rows), stride("cRow")
	add := Load(Param("add"), GP8())
	TESTB(add, add)
	JZ(LabelRef("write"))
	for i := range rows {
		for h := range 2 {
			m := third(c, cRow, i)
			m.Disp = h * v.bytes()
			VADDPS(m, acc[i][h], acc[i][h])
		}
	}
	Label("write")
	for i := range rows {
		for h := range 2 {
			m := third(c, cRow, i)
			m.Disp = h * v.bytes()
			VMOVUPS(acc[i][h], m)
		}
	}
	finish()
}

// tileDoc documents a tile.
func tileDoc(v vector, rows int) {
	Doc(
		"gemmTile"+v.name+" computes a tile of C, "+itoa(rows)+" by "+itoa(2*v.lanes)+": the product of k columns of A and k rows of B, added to",
		"what is there or not. Element (i, p) of A lies at a[i*aRow + p*aStep], row p of B at b[p*bStep].",
	)
}

// stride is the argument name, of floats, in bytes.
func stride(name string) reg.Register {
	r := Load(Param(name), GP64())
	SHLQ(Imm(2), r)
	return r
}

// pointers are the addresses of every third row of a matrix.
func pointers(base, row string, rows int) []reg.Register {
	out := []reg.Register{Load(Param(base), GP64())}
	if rows <= 3 {
		return out
	}
	three := stride(row)
	LEAQ(Mem{Base: three, Index: three, Scale: 2}, three)
	for i := 3; i < rows; i += 3 {
		p := GP64()
		LEAQ(Mem{Base: out[len(out)-1], Index: three, Scale: 1}, p)
		out = append(out, p)
	}
	return out
}

// third is the address of row i.
func third(p []reg.Register, row reg.Register, i int) Mem {
	m := Mem{Base: p[i/3]}
	if i%3 != 0 {
		m.Index, m.Scale = row, uint8(i%3)
	}
	return m
}

// columns interleaves rows: the values of rows 0, 1, … at one column come to lie side by side,
// which is what tile reads of a packed panel. Columns come by eights.
func columns(rows int) {
	TEXT("columns"+itoa(rows), NOSPLIT, "func(dst *float32, step int, src *float32, row, n int)")
	Pragma("noescape")
	Doc("columns" + itoa(rows) + " puts column p of src (" + itoa(rows) + ", n), whose rows lie row apart, at dst[p*step:].")
	if rows == 6 {
		Doc("The two values after each column are overwritten, so columns must be written in order.")
	}
	dst, step := Load(Param("dst"), GP64()), stride("step")
	src, row := pointers("src", "row", rows), stride("row")
	n := Load(Param("n"), GP64())
	Label("eight")
	r := make([]reg.VecVirtual, 8)
	for i := range r {
		r[i] = YMM()
		if i < rows {
			VMOVUPS(third(src, row, i), r[i])
		} else {
			r[i] = r[i-rows] // whatever: it is cut off
		}
	}
	for _, c := range transpose(r) {
		if rows == 4 {
			VMOVUPS(c.AsX(), Mem{Base: dst})
		} else {
			VMOVUPS(c, Mem{Base: dst})
		}
		ADDQ(step, dst)
	}
	for _, p := range src {
		ADDQ(Imm(32), p)
	}
	SUBQ(Imm(8), n)
	JNZ(LabelRef("eight"))
	finish()
}

// transpose turns eight registers of eight values.
func transpose(r []reg.VecVirtual) []reg.VecVirtual {
	pairs, quads, out := make([]reg.VecVirtual, 8), make([]reg.VecVirtual, 8), make([]reg.VecVirtual, 8)
	for i := range 8 {
		pairs[i], quads[i], out[i] = YMM(), YMM(), YMM()
	}
	for i := 0; i < 8; i += 2 {
		VUNPCKLPS(r[i+1], r[i], pairs[i])
		VUNPCKHPS(r[i+1], r[i], pairs[i+1])
	}
	for i := 0; i < 8; i += 4 {
		VUNPCKLPD(pairs[i+2], pairs[i], quads[i])
		VUNPCKHPD(pairs[i+2], pairs[i], quads[i+1])
		VUNPCKLPD(pairs[i+3], pairs[i+1], quads[i+2])
		VUNPCKHPD(pairs[i+3], pairs[i+1], quads[i+3])
	}
	for i := range 4 {
		VPERM2F128(Imm(0x20), quads[i+4], quads[i], out[i])
		VPERM2F128(Imm(0x31), quads[i+4], quads[i], out[i+4])
	}
	return out
}
