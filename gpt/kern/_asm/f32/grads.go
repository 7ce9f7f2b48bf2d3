package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// grads adds the kernels of training: backward passes over rows, and the optimizer.
func grads(v vector) {
	swiGLUGrad(v)
	geluGrad(v)
	softmaxGrad(v)
	normSums(v)
	normGrad(v)
	adamW(v)
}

// sigmoid is 1 / (1 + exp(-x)) of x, which is not kept.
func (e *exp) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	v := e.v
	s := v.reg()
	VSUBPS(x, e.zero, x)
	e.of(x)
	VADDPS(e.one, x, x)
	VDIVPS(x, e.one, s)
	return s
}

// swiGLUGrad: du = dh·g·σ, dg = dh·u·σ·(1 + g·(1 - σ)).
func swiGLUGrad(v vector) {
	r := rowOf(v, "swiGLUGrad", "func(dh, dg, gate, up *float32, n int)", "turns dh into the gradient of up and writes that of gate", "dh", "dg", "gate", "up")
	e := newExp(v)
	r.loop("next", func() {
		s := e.sigmoid(r.load("gate"))
		g, d, t, u := r.load("gate"), r.load("dh"), v.reg(), v.reg()
		VMULPS(s, d, d)
		VSUBPS(s, e.one, t)
		VFMADD213PS(e.one, g, t)
		VMULPS(r.mem("up"), d, u)
		VMULPS(u, t, t)
		VMULPS(d, g, g)
		VMOVUPS(t, r.mem("dg"))
		VMOVUPS(g, r.mem("dh"))
	})
	finish()
}

// geluGrad: with s = 1 / (1 + exp(-2u)), u = √(2/π)·(x + 0.044715 x³), the gradient of x·s is
// s + x·s·(1 - s)·2u′.
func geluGrad(v vector) {
	r := rowOf(v, "geluGrad", "func(dh, x *float32, n int)", "multiplies dh by the gradient of GELU", "dh", "x")
	e := newExp(v)
	root := 2 * math.Sqrt(2/math.Pi)
	r.loop("next", func() {
		within := func() reg.VecVirtual { // beyond these the gradient is 0 or 1
			x := r.load("x")
			VMAXPS(x, e.lo, x)
			VMINPS(x, e.hi, x)
			return x
		}
		x, u, c := within(), v.reg(), v.reg()
		VMULPS(x, x, u)
		VBROADCASTSS(word(math.Float32bits(float32(root*0.044715))), c)
		VMULPS(c, u, u)
		VBROADCASTSS(word(math.Float32bits(float32(root))), c)
		VADDPS(c, u, u)
		VMULPS(x, u, u)
		s := e.sigmoid(u)
		x, d := within(), v.reg()
		VMULPS(x, x, d)
		VBROADCASTSS(word(math.Float32bits(float32(3*root*0.044715))), c)
		VMULPS(c, d, d)
		VBROADCASTSS(word(math.Float32bits(float32(root))), c)
		VADDPS(c, d, d) // 2u′
		VMULPS(x, d, d)
		VSUBPS(s, e.one, c)
		VMULPS(c, d, d)
		VFMADD213PS(s, s, d) // s + s·(1 - s)·x·2u′
		VMULPS(r.mem("dh"), d, d)
		VMOVUPS(d, r.mem("dh"))
	})
	finish()
}

// softmaxGrad: d = p·(d - mean)·a.
func softmaxGrad(v vector) {
	r := rowOf(v, "softmaxGrad", "func(d, p *float32, n int, mean, a float32)", "writes p · (d - mean) · a into d", "d", "p")
	mean, a := v.spread("mean"), v.spread("a")
	r.loop("next", func() {
		d := r.load("d")
		VSUBPS(mean, d, d)
		VMULPS(r.mem("p"), d, d)
		VMULPS(a, d, d)
		VMOVUPS(d, r.mem("d"))
	})
	finish()
}

// normSums: Σ dy·w and Σ dy·w·(x - mean).
func normSums(v vector) {
	r := rowOf(v, "normSums", "func(dy, w, x *float32, n int, mean float32) (sum, product float32)", "sums dy·w and dy·w·(x - mean)", "dy", "w", "x")
	mean, s, q := v.spread("mean"), v.reg(), v.reg()
	v.zero(s)
	v.zero(q)
	r.loop("next", func() {
		g, x := r.load("dy"), r.load("x")
		VMULPS(r.mem("w"), g, g)
		VSUBPS(mean, x, x)
		VADDPS(g, s, s)
		VFMADD231PS(g, x, q)
	})
	a := v.sum(s)
	b := v.sum(q)
	VZEROUPPER()
	Store(a, ReturnIndex(0))
	Store(b, ReturnIndex(1))
	RET()
}

// normGrad: dx = a·dy·w + b·(x - mean) + c, added or written; dw += dy·(x - mean)·a where dw is not nil.
func normGrad(v vector) {
	r := rowOf(v, "normGrad", "func(dx, dy, w, x, dw *float32, n int, mean, a, b, c float32, add bool)",
		"writes a·dy·w + b·(x - mean) + c into dx, or adds it, and adds a·dy·(x - mean) to dw, which may be nil", "dx", "dy", "w", "x", "dw")
	mean, a, b, c := v.spread("mean"), v.spread("a"), v.spread("b"), v.spread("c")
	add := Load(Param("add"), GP8())
	dw := r.at["dw"]
	body := func(weight, add bool) func() {
		return func() {
			d, x, y := r.load("dy"), r.load("x"), v.reg()
			VSUBPS(mean, x, x)
			VMULPS(a, d, d)
			if weight {
				w := r.load("dw")
				VFMADD231PS(d, x, w)
				VMOVUPS(w, r.mem("dw"))
			}
			VMOVAPS(c, y)
			VFMADD231PS(b, x, y)
			VFMADD231PS(r.mem("w"), d, y)
			if add {
				VADDPS(r.mem("dx"), y, y)
			}
			VMOVUPS(y, r.mem("dx"))
		}
	}
	TESTQ(dw, dw)
	JZ(LabelRef("fixed"))
	TESTB(add, add)
	JZ(LabelRef("learnSet"))
	r.loop("learnAdd", body(true, true))
	finish()
	r.loop("learnSet", body(true, false))
	finish()
	Label("fixed")
	TESTB(add, add)
	JZ(LabelRef("fixedSet"))
	r.loop("fixedAdd", body(false, true))
	finish()
	r.loop("fixedSet", body(false, false))
	finish()
}

// adamW: m and v, then w = keep·w - rate·m / (√v·root + eps).
func adamW(v vector) {
	r := rowOf(v, "adamW", "func(w, grad, m, s *float32, n int, factor, b1, c1, b2, c2, keep, rate, root, eps float32)",
		"is a step of AdamW: m = b1·m + c1·d, s = b2·s + c2·d², w = keep·w - rate·m / (√s·root + eps), d = factor·grad", "w", "grad", "m", "s")
	factor, b1, c1, b2, c2 := v.spread("factor"), v.spread("b1"), v.spread("c1"), v.spread("b2"), v.spread("c2")
	keep, rate, root, eps := v.spread("keep"), v.spread("rate"), v.spread("root"), v.spread("eps")
	r.loop("next", func() {
		d, m, s := v.reg(), v.reg(), v.reg()
		VMULPS(r.mem("grad"), factor, d)
		VMULPS(r.mem("m"), b1, m)
		VFMADD231PS(c1, d, m)
		VMULPS(d, d, d)
		VMULPS(r.mem("s"), b2, s)
		VFMADD231PS(c2, d, s)
		VMOVUPS(m, r.mem("m"))
		VMOVUPS(s, r.mem("s"))
		VSQRTPS(s, s)
		VFMADD213PS(eps, root, s)
		VMULPS(rate, m, m)
		VDIVPS(s, m, m)
		w := v.reg()
		VMULPS(r.mem("w"), keep, w)
		VSUBPS(m, w, w)
		VMOVUPS(w, r.mem("w"))
	})
	finish()
}
