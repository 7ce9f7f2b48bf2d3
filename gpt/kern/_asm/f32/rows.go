package main

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A row is a kernel over n values at a time of several rows of the same length, n > 0 a
// multiple of the lanes.
type row struct {
	v  vector
	at map[string]reg.Register
	n  reg.Register
}

// rowOf opens a kernel whose parameters are the pointers names and n.
func rowOf(v vector, name, signature, doc string, names ...string) *row {
	v.text(name, signature)
	Doc(name + v.name + " " + doc + ", n a multiple of its lanes, above 0.")
	r := &row{v: v, at: map[string]reg.Register{}}
	for _, p := range names {
		r.at[p] = Load(Param(p), GP64())
	}
	r.n = Load(Param("n"), GP64())
	return r
}

// mem is where the next values of a row lie.
func (r *row) mem(name string) Mem { return Mem{Base: r.at[name]} }

// load reads them.
func (r *row) load(name string) reg.VecVirtual {
	x := r.v.reg()
	VMOVUPS(r.mem(name), x)
	return x
}

// loop repeats body over the rows.
func (r *row) loop(label string, body func()) {
	Label(label)
	body()
	for _, name := range slices.Sorted(maps.Keys(r.at)) {
		ADDQ(U32(r.v.bytes()), r.at[name])
	}
	SUBQ(U32(r.v.lanes), r.n)
	JNZ(LabelRef(label))
}

// spread is the argument name in every lane.
func (v vector) spread(name string) reg.VecVirtual {
	x := v.reg()
	a, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(a.Addr, x)
	return x
}

// constant is a value in every lane.
func (v vector) constant(f float64) reg.VecVirtual {
	x := v.reg()
	VBROADCASTSS(word(math.Float32bits(float32(f))), x)
	return x
}

func (v vector) integer(i int32) reg.VecVirtual {
	x := v.reg()
	VPBROADCASTD(word(uint32(i)), x)
	return x
}

var words = map[uint32]Mem{}

// word is a constant in memory.
func word(bits uint32) Mem {
	m, ok := words[bits]
	if !ok {
		m = GLOBL("word"+strconv.FormatUint(uint64(bits), 16), attr.RODATA|attr.NOPTR)
		DATA(0, U32(bits))
		words[bits] = m
	}
	return m
}

// An exp holds the constants of the exponential function.
type exp struct {
	v                         vector
	lo, hi, log2e, ln2a, ln2b reg.VecVirtual
	one, bias, zero           reg.VecVirtual
	poly                      []Mem
}

// newExp loads them. Polynomial of Moshier, Cephes, expf.
func newExp(v vector) *exp {
	e := &exp{v: v, lo: v.constant(-100), hi: v.constant(89), log2e: v.constant(math.Log2E),
		ln2a: v.constant(0.693359375), ln2b: v.constant(-2.12194440e-4),
		one: v.constant(1), bias: v.integer(127), zero: v.reg()}
	v.zero(e.zero)
	for _, c := range []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1} {
		e.poly = append(e.poly, word(math.Float32bits(float32(c))))
	}
	return e
}

// of replaces x by its exponential: x = n ln 2 + r, a polynomial of r, times 2 to the n by
// making the exponent's bits. Below the smallest normal number it is 0, above the largest
// infinite, and NaN stays.
func (e *exp) of(x reg.VecVirtual) {
	v := e.v
	n, p, square := v.reg(), v.reg(), v.reg()
	VMAXPS(x, e.lo, x) // where x is NaN, the operand named first is taken
	VMINPS(x, e.hi, x)
	VMULPS(e.log2e, x, n)
	VCVTPS2DQ(n, n)
	f := v.reg()
	VCVTDQ2PS(n, f)
	VFNMADD231PS(e.ln2a, f, x)
	VFNMADD231PS(e.ln2b, f, x)
	VBROADCASTSS(e.poly[0], p)
	for _, c := range e.poly[1:] {
		t := v.reg()
		VBROADCASTSS(c, t)
		VFMADD213PS(t, x, p)
	}
	VMULPS(x, x, square)
	VFMADD213PS(x, square, p)
	VADDPS(e.one, p, p)
	VPADDD(e.bias, n, n)
	VPMAXSD(e.zero, n, n)
	VPSLLD(Imm(23), n, n)
	VMULPS(n, p, x)
}

// rows adds the kernels over rows.
func rows(v vector) {
	largest(v)
	expSum(v)
	swiGLU(v)
	gelu(v)
	axpy(v)
	scale(v)
	normalize(v)
	squares(v)
	rotate(v)
	rotatePairs(v)
}

// largest takes VMAXPS so that NaN is passed over.
func largest(v vector) {
	r := rowOf(v, "largest", "func(x *float32, n int) float32", "is the largest value that is not NaN", "x")
	top := v.constant(math.Inf(-1))
	r.loop("next", func() { VMAXPS(top, r.load("x"), top) })
	y := YMM()
	if v.lanes == 16 {
		VEXTRACTF64X4(Imm(1), top, y)
		VMAXPS(top.AsY(), y, y)
	} else {
		VMOVAPS(top, y)
	}
	x, t := XMM(), XMM()
	VEXTRACTF128(Imm(1), y, x)
	VMAXPS(y.AsX(), x, x)
	VPERMILPS(Imm(0b01001110), x, t)
	VMAXPS(t, x, x)
	VPERMILPS(Imm(0b10110001), x, t)
	VMAXPS(t, x, x)
	VZEROUPPER()
	Store(x, ReturnIndex(0))
	RET()
}

func expSum(v vector) {
	r := rowOf(v, "expSum", "func(x *float32, n int, top float32) float32", "replaces x by the exponential of x - top and gives the sum", "x")
	e, top, sum := newExp(v), v.spread("top"), v.reg()
	v.zero(sum)
	r.loop("next", func() {
		x := r.load("x")
		VSUBPS(top, x, x)
		e.of(x)
		VMOVUPS(x, r.mem("x"))
		VADDPS(x, sum, sum)
	})
	x := v.sum(sum)
	VZEROUPPER()
	Store(x, ReturnIndex(0))
	RET()
}

// swiGLU: gate / (1 + exp(-gate)) · up.
func swiGLU(v vector) {
	r := rowOf(v, "swiGLU", "func(out, gate, up *float32, n int)", "is SwiGLU", "out", "gate", "up")
	e := newExp(v)
	r.loop("next", func() {
		x := v.reg()
		VSUBPS(r.mem("gate"), e.zero, x)
		e.of(x)
		VADDPS(e.one, x, x)
		g := r.load("gate")
		VDIVPS(x, g, g)
		VMULPS(r.mem("up"), g, g)
		VMOVUPS(g, r.mem("out"))
	})
	finish()
}

// gelu: (1 + tanh u) / 2 is 1 / (1 + exp(-2u)).
func gelu(v vector) {
	r := rowOf(v, "gelu", "func(x *float32, n int)", "is GELU, in place", "x")
	e := newExp(v)
	root := -2 * math.Sqrt(2/math.Pi)
	r.loop("next", func() {
		x, s, c := r.load("x"), v.reg(), v.reg()
		VMULPS(x, x, s)
		VBROADCASTSS(word(math.Float32bits(float32(root*0.044715))), c)
		VMULPS(c, s, s)
		VBROADCASTSS(word(math.Float32bits(float32(root))), c)
		VADDPS(c, s, s)
		VMULPS(x, s, s)
		e.of(s)
		VADDPS(e.one, s, s)
		VDIVPS(s, x, x)
		VMOVUPS(x, r.mem("x"))
	})
	finish()
}

func axpy(v vector) {
	r := rowOf(v, "axpy", "func(y, x *float32, n int, a float32)", "adds a · x to y", "y", "x")
	a := v.spread("a")
	r.loop("next", func() {
		y := r.load("y")
		VFMADD231PS(r.mem("x"), a, y)
		VMOVUPS(y, r.mem("y"))
	})
	finish()
}

func scale(v vector) {
	r := rowOf(v, "scale", "func(x *float32, n int, a float32)", "multiplies x by a", "x")
	a := v.spread("a")
	r.loop("next", func() {
		x := v.reg()
		VMULPS(r.mem("x"), a, x)
		VMOVUPS(x, r.mem("x"))
	})
	finish()
}

// normalize: (x - mean) · r · w + b.
func normalize(v vector) {
	r := rowOf(v, "normalize", "func(out, x, w, b *float32, n int, mean, r float32)", "writes (x - mean) · r · w + b; b may be nil, for 0", "out", "x", "w", "b")
	mean, by := v.spread("mean"), v.spread("r")
	b := r.at["b"]
	body := func(bias bool) func() {
		return func() {
			x := r.load("x")
			VSUBPS(mean, x, x)
			VMULPS(by, x, x)
			if bias {
				y := r.load("b")
				VFMADD231PS(r.mem("w"), x, y)
				x = y
			} else {
				VMULPS(r.mem("w"), x, x)
			}
			VMOVUPS(x, r.mem("out"))
		}
	}
	TESTQ(b, b)
	JZ(LabelRef("plain"))
	r.loop("next", body(true))
	finish()
	Label("plain")
	r.loop("nextPlain", body(false))
	finish()
}

// squares is the sum of (x - mean)².
func squares(v vector) {
	r := rowOf(v, "squares", "func(x *float32, n int, mean float32) (sum, sumSquares float32)", "sums x - mean and its square", "x")
	mean, s, q := v.spread("mean"), v.reg(), v.reg()
	v.zero(s)
	v.zero(q)
	r.loop("next", func() {
		x := r.load("x")
		VSUBPS(mean, x, x)
		VADDPS(x, s, s)
		VFMADD231PS(x, x, q)
	})
	a := v.sum(s)
	b := v.sum(q)
	VZEROUPPER()
	Store(a, ReturnIndex(0))
	Store(b, ReturnIndex(1))
	RET()
}

// rotate turns the pairs (a, b).
func rotate(v vector) {
	r := rowOf(v, "rotate", "func(a, b, cos, sin *float32, n int)", "turns the pairs of a and b", "a", "b", "cos", "sin")
	r.loop("next", func() {
		a, b, c, s := r.load("a"), r.load("b"), r.load("cos"), r.load("sin")
		t := v.reg()
		VMULPS(s, b, t)
		VFMSUB231PS(c, a, t) // a cos - b sin
		VMULPS(s, a, a)
		VFMADD231PS(c, b, a) // b cos + a sin
		VMOVUPS(t, r.mem("a"))
		VMOVUPS(a, r.mem("b"))
	})
	finish()
}

// rotatePairs turns pairs that lie side by side.
func rotatePairs(v vector) {
	r := rowOf(v, "rotatePairs", "func(x, cos, sin *float32, n int)", "turns the n/2 pairs that lie side by side in x", "x", "cos", "sin")
	twice := func(name string) reg.VecVirtual {
		x := v.reg()
		VPMOVZXDQ(r.mem(name), x)
		VMOVSLDUP(x, x)
		return x
	}
	Label("next")
	x, t := r.load("x"), v.reg()
	c, s := twice("cos"), twice("sin")
	VPERMILPS(Imm(0b10110001), x, t)
	VMULPS(s, t, t)
	VFMADDSUB231PS(c, x, t) // even: x cos - t, odd: x cos + t
	VMOVUPS(t, r.mem("x"))
	ADDQ(U32(v.bytes()), r.at["x"])
	ADDQ(U32(v.bytes()/2), r.at["cos"])
	ADDQ(U32(v.bytes()/2), r.at["sin"])
	SUBQ(U32(v.lanes), r.n)
	JNZ(LabelRef("next"))
	finish()
}
