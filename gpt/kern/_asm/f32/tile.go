package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is the inner kernel of the matrix product: rows × two registers of C, in registers,
// over all of k, for several tiles below each other. A and B are read by strides, so that
// packed panels and matrices as they lie in memory both do. Rows come in threes, which one
// pointer reaches with 0, 1 and 2 times the stride.
//
// Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008.
func tile(v vector, rows int) {
	v.text("gemmTile", "func(tiles, k int, a *float32, aTile, aRow, aStep int, b *float32, bStep int, c *float32, cRow int, add bool)")
	Doc(
		"gemmTile"+v.name+" computes tiles of C, each "+itoa(rows)+" by "+itoa(2*v.lanes)+", one below the other: the product of k columns of A",
		"and k rows of B, added to what is there or not. Element (i, p) of tile t of A lies at",
		"a[t*aTile + i*aRow + p*aStep], row p of B at b[p*bStep].",
	)
	aTop, cTop := Load(Param("a"), GP64()), Load(Param("c"), GP64())
	tiles := Load(Param("tiles"), GP64())
	Label("tile")
	prefetch(v, cTop, rows)
	k := Load(Param("k"), GP64())
	a, aRow, aStep := pointers(aTop, "aRow", rows), stride("aRow"), stride("aStep")
	b, bStep := Load(Param("b"), GP64()), stride("bStep")

	acc := make([][2]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{v.reg(), v.reg()}
		v.zero(acc[i][0])
		v.zero(acc[i][1])
	}
	b0, b1, x := v.reg(), v.reg(), v.reg()
	step := func() {
		VMOVUPS(Mem{Base: b}, b0)
		VMOVUPS(Mem{Base: b, Disp: v.bytes()}, b1)
		for i := range rows {
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
	keep(v, cTop, acc)
	LEAQ(Mem{Base: cTop, Index: rowsOf(rows), Scale: 1}, cTop)
	ADDQ(stride("aTile"), aTop)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	finish()
}

// rowsOf is the distance of n rows of C, n = 6 or 12.
func rowsOf(n int) reg.Register {
	r := stride("cRow")
	LEAQ(Mem{Base: r, Index: r, Scale: 2}, r)
	SHLQ(Imm(uint64(n/6)), r)
	return r
}

// keep writes the sums to C, or adds them to it.
func keep(v vector, top reg.Register, acc [][2]reg.VecVirtual) {
	c, cRow := pointers(top, "cRow", len(acc)), stride("cRow")
	at := func(i, h int) Mem {
		m := third(c, cRow, i)
		m.Disp = h * v.bytes()
		return m
	}
	add := Load(Param("add"), GP8())
	TESTB(add, add)
	JZ(LabelRef("write"))
	for i := range acc {
		for h := range 2 {
			VADDPS(at(i, h), acc[i][h], acc[i][h])
		}
	}
	Label("write")
	for i := range acc {
		for h := range 2 {
			VMOVUPS(acc[i][h], at(i, h))
		}
	}
}

// prefetch asks for the tile of C, which is needed when the sums are done.
func prefetch(v vector, top reg.Register, rows int) {
	c, cRow := pointers(top, "cRow", rows), stride("cRow")
	for i := range rows {
		for at := 0; at < 2*v.bytes(); at += 64 {
			m := third(c, cRow, i)
			m.Disp = at
			PREFETCHT0(m)
		}
	}
}

// stride is the argument name, of floats, in bytes.
func stride(name string) reg.Register {
	r := Load(Param(name), GP64())
	SHLQ(Imm(2), r)
	return r
}

// pointers are the addresses of every third row of a matrix from top on.
func pointers(top reg.Register, row string, rows int) []reg.Register {
	first := GP64()
	MOVQ(top, first)
	out := []reg.Register{first}
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
	src, row := pointers(Load(Param("src"), GP64()), "row", rows), stride("row")
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

func vmovsd(ops ...Op) { VMOVSD(ops...) }

// interleaved copies what lies as a panel wants it: of each row, width values to each panel.
func interleaved(width int) {
	TEXT("interleaved"+itoa(width), NOSPLIT, "func(dst *float32, panel int, src *float32, row, panels, k int)")
	Pragma("noescape")
	Doc("interleaved" + itoa(width) + " copies k rows of src, row apart, of panels times " + itoa(width) + " values, to as many panels.")
	dst, panel := Load(Param("dst"), GP64()), stride("panel")
	src, row := Load(Param("src"), GP64()), stride("row")
	k := Load(Param("k"), GP64())
	Label("row")
	from, to := GP64(), GP64()
	MOVQ(src, from)
	MOVQ(dst, to)
	n := Load(Param("panels"), GP64())
	Label("panel")
	for at := 0; at < width; {
		var r reg.VecVirtual = XMM()
		size, move := 2, vmovsd
		switch {
		case width-at >= 8:
			r, size, move = YMM(), 8, VMOVUPS
		case width-at >= 4:
			size, move = 4, VMOVUPS
		}
		move(Mem{Base: from, Disp: 4 * at}, r)
		move(r, Mem{Base: to, Disp: 4 * at})
		at += size
	}
	ADDQ(U32(4*width), from)
	ADDQ(panel, to)
	DECQ(n)
	JNZ(LabelRef("panel"))
	ADDQ(row, src)
	ADDQ(U32(4*width), dst)
	DECQ(k)
	JNZ(LabelRef("row"))
	finish()
}
