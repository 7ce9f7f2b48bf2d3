package quant

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readFloats(t *testing.T, name string) []float32 {
	t.Helper()
	b := read(t, name)
	out := make([]float32, len(b)/4)
	Dequantize(F32, out, b)
	return out
}

// stored are the formats that testdata has vectors of.
var stored = []Type{Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, BF16}

func TestDequantizeStored(t *testing.T) {
	for _, typ := range stored {
		want := read(t, typ.String()+".f32")
		got := make([]float32, len(want)/4)
		Dequantize(typ, got, read(t, typ.String()+".blocks"))
		for i := range got {
			w := math.Float32frombits(binary.LittleEndian.Uint32(want[4*i:]))
			if got[i] != w {
				t.Errorf("%s: value %d is %v, gguf-py has %v", typ, i, got[i], w)
				break
			}
		}
	}
}

// The blocks are the reference's to the bit.
func TestQuantizeStored(t *testing.T) {
	x := readFloats(t, "input.f32")
	for _, typ := range stored {
		n, err := typ.RowBytes(len(x))
		if err != nil {
			t.Fatal(err)
		}
		all := read(t, typ.String()+".blocks")
		want, got := all[len(all)-n:], make([]byte, n)
		Quantize(typ, got, x)
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: byte %d is %#02x, the reference has %#02x", typ, i, got[i], want[i])
				break
			}
		}
	}
}

// Values come back within a step of their format, and the same values give the same blocks.
func TestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, typ := range Types {
		values, _ := typ.Block()
		x := make([]float32, values*4)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		n, _ := typ.RowBytes(len(x))
		b, b2, y := make([]byte, n), make([]byte, n), make([]float32, len(x))
		Quantize(typ, b, x)
		Dequantize(typ, y, b)
		bound := map[Type]float64{F32: 0, F16: 1e-3, BF16: 8e-3, Q8_0: 0.03, Q6_K: 0.12, Q5_0: 0.3, Q5_1: 0.2, Q5_K: 0.25, Q4_0: 0.6, Q4_1: 0.4, Q4_K: 0.5}[typ]
		for i := range x {
			if e := math.Abs(float64(x[i] - y[i])); e > bound*max(1, math.Abs(float64(x[i]))) {
				t.Errorf("%s: %v came back as %v", typ, x[i], y[i])
				break
			}
		}
		Quantize(typ, b2, x)
		if !bytes.Equal(b, b2) {
			t.Errorf("%s: the same values gave two results", typ)
		}
	}
}

// Values from nowhere give blocks of no use, but an end and no panic.
func TestQuantizeHostile(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	odd := []float32{nan, inf, -inf, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 0, float32(math.Copysign(0, -1)), 1e-38, -1}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, typ := range Types {
		for range 200 {
			x := make([]float32, 256)
			for i := range x {
				x[i] = odd[rng.IntN(len(odd))]
			}
			n, _ := typ.RowBytes(len(x))
			b := make([]byte, n)
			Quantize(typ, b, x)
			Dequantize(typ, x, b)
		}
		x, y := make([]float32, 256), make([]float32, 256)
		n, _ := typ.RowBytes(len(x))
		b := bytes.Repeat([]byte{255}, n)
		Quantize(typ, b, x)
		Dequantize(typ, y, b)
		for i, v := range y {
			if v != 0 {
				t.Errorf("%s: zero %d came back as %v", typ, i, v)
				break
			}
		}
	}
	if i := Finite([]float32{0, 1, -inf}); i != 2 {
		t.Errorf("Finite = %d, want 2", i)
	}
	if i := Finite([]float32{0, math.MaxFloat32}); i != -1 {
		t.Errorf("Finite = %d, want -1", i)
	}
}

func TestHalves(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		f := FromF16(h)
		// The definition, from sign, exponent and significand.
		exp, man := int(h>>10&31), float64(h&0x3ff)
		want := math.Ldexp(man/1024+1, exp-15)
		switch {
		case exp == 0:
			want = math.Ldexp(man/1024, -14)
		case exp == 31 && man == 0:
			want = math.Inf(1)
		case exp == 31:
			want = math.NaN()
		}
		if h>>15 == 1 {
			want = -want
		}
		if math.IsNaN(want) {
			if f == f {
				t.Fatalf("half %#04x is %v, want NaN", h, f)
			}
			if got := ToF16(f); got != h&0x8000|0x7e00 {
				t.Fatalf("NaN %#04x went back to %#04x", h, got)
			}
			continue
		}
		if float64(f) != want || math.Signbit(float64(f)) != (h>>15 == 1) {
			t.Fatalf("half %#04x is %v, want %v", h, f, want)
		}
		if got := ToF16(f); got != h {
			t.Fatalf("half %#04x went back to %#04x", h, got)
		}
	}
}

// Between two neighbours, the nearer wins, and of equally near ones the even.
func TestToF16Rounds(t *testing.T) {
	for i := range 0x7c00 {
		lo, hi := float64(FromF16(uint16(i))), float64(FromF16(uint16(i+1)))
		if i+1 == 0x7c00 {
			hi = 65536 // where the next half would be
		}
		mid := float32((lo + hi) / 2) // exact: a half has 11 bits
		even := uint16(i + i&1)
		for _, c := range []struct {
			f    float32
			want uint16
		}{{mid, even}, {math.Nextafter32(mid, 0), uint16(i)}, {math.Nextafter32(mid, 1e9), uint16(i + 1)}} {
			if got := ToF16(c.f); got != c.want {
				t.Fatalf("%v went to %#04x, want %#04x", c.f, got, c.want)
			}
			if got := ToF16(-c.f); got != c.want|0x8000 {
				t.Fatalf("%v went to %#04x", -c.f, got)
			}
		}
	}
	for _, f := range []float32{65520, 1e10, float32(math.Inf(1))} {
		if got := ToF16(f); got != 0x7c00 {
			t.Errorf("%v went to %#04x, want infinity", f, got)
		}
	}
}

func TestBF16(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		f := FromBF16(h)
		want := h
		if f != f {
			want |= 64
		}
		if got := ToBF16(f); got != want {
			t.Fatalf("bfloat16 %#04x went back to %#04x", h, got)
		}
	}
	for f, want := range map[float32]uint16{1.00390625: 0x3f80, 1.01171875: 0x3f82, math.MaxFloat32: 0x7f80} {
		if got := ToBF16(f); got != want {
			t.Errorf("%v went to %#04x, want %#04x", f, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, typ := range Types {
		got, err := Parse(typ.String())
		if err != nil || got != typ {
			t.Errorf("Parse(%q) = %v, %v", typ.String(), got, err)
		}
		if !typ.Known() {
			t.Errorf("%s is not known", typ)
		}
	}
	if got, err := Parse(" Q4_K "); err != nil || got != Q4_K {
		t.Errorf("Parse of upper case = %v, %v", got, err)
	}
	for _, s := range []string{"", "q3_k", "f64"} {
		if _, err := Parse(s); err == nil {
			t.Errorf("Parse(%q): no error", s)
		}
	}
	if n, err := Q6_K.RowBytes(512); n != 420 || err != nil {
		t.Errorf("Q6_K.RowBytes(512) = %d, %v", n, err)
	}
	for _, c := range []struct {
		t Type
		n int
	}{{Q4_K, 255}, {Q8_0, 33}, {Q8_0, -32}, {F32, math.MaxInt}, {Type(10), 256}, {Type(99), 256}} {
		if _, err := c.t.RowBytes(c.n); err == nil {
			t.Errorf("%s.RowBytes(%d): no error", c.t, c.n)
		}
	}
}

func BenchmarkDequantize(b *testing.B) {
	for _, typ := range Types {
		b.Run(typ.String(), func(b *testing.B) {
			x := make([]float32, 4096)
			n, _ := typ.RowBytes(len(x))
			src := make([]byte, n)
			b.SetBytes(int64(4 * len(x)))
			for b.Loop() {
				Dequantize(typ, x, src)
			}
		})
	}
}

func BenchmarkQuantize(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, typ := range Types {
		b.Run(typ.String(), func(b *testing.B) {
			x := make([]float32, 4096)
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			n, _ := typ.RowBytes(len(x))
			dst := make([]byte, n)
			b.SetBytes(int64(4 * len(x)))
			for b.Loop() {
				Quantize(typ, dst, x)
			}
		})
	}
}

func TestMix(t *testing.T) {
	for _, c := range []struct {
		name  string
		t     Type
		shape []int
		want  Type
	}{
		{"blk.0.attn_q.weight", Q4_K, []int{896, 896}, Q5_0},
		{"blk.0.ffn_down.weight", Q4_K, []int{896, 4864}, Q4_K},
		{"blk.0.attn_q.weight", Q5_K, []int{896, 896}, Q5_1},
		{"blk.0.attn_q.weight", Q6_K, []int{896, 896}, Q8_0},
		{"blk.0.attn_q.weight", Q8_0, []int{30, 30}, F16},
		{"blk.0.attn_q.weight", Q4_K, []int{30, 30}, F16},
		{"blk.0.attn_q.weight", F32, []int{30, 30}, F32},
		{"blk.0.attn_q.bias", Q4_K, []int{896}, F32},
		{"blk.0.attn_norm.weight", BF16, []int{1, 896}, F32},
		{"output.weight", Q4_K, []int{100, 256}, Q6_K},
		{"output.weight", Q4_K, []int{100, 896}, Q8_0},
		{"token_embd.weight", Q4_0, []int{100, 896}, Q8_0},
		{"token_embd.weight", F16, []int{100, 896}, F16},
	} {
		if got := Mix(c.name, c.t, c.shape); got != c.want {
			t.Errorf("Mix(%s, %s, %v) = %s, want %s", c.name, c.t, c.shape, got, c.want)
		}
	}
}
