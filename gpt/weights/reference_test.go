package weights

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daiban/gpt/quant"
)

// The files of testdata were made by the reference libraries.

type refTensor struct {
	name  string
	typ   quant.Type
	shape []int
}

func checkRef(t *testing.T, f *File, want []refTensor) {
	t.Helper()
	if len(f.Names()) != len(want) {
		t.Errorf("names: %q", f.Names())
	}
	for _, w := range want {
		x, err := f.Need(w.name)
		if err != nil {
			t.Error(err)
			continue
		}
		if x.Type != w.typ || !slices.Equal(x.Shape, w.shape) {
			t.Errorf("%s is %s %v, want %s %v", w.name, x.Type, x.Shape, w.typ, w.shape)
		}
		bound := 0.0
		if w.typ == quant.Q8_0 {
			bound = 14.0 / 127 / 2 * 1.01 // half a step of the largest block
		}
		for i, v := range x.Floats() {
			if ramp := float64(i)/8 - 2; math.Abs(float64(v)-ramp) > bound {
				t.Errorf("%s: value %d is %v, want %v", w.name, i, v, ramp)
				break
			}
		}
	}
}

func TestReferenceGGUF(t *testing.T) {
	f := open(t, "testdata/ref.gguf")
	checkRef(t, f, []refTensor{
		{"f32", quant.F32, []int{3, 5}},
		{"f16", quant.F16, []int{2, 3, 4}},
		{"bf16", quant.BF16, []int{2, 64}},
		{"q8_0", quant.Q8_0, []int{2, 64}},
		{"vector", quant.F32, []int{7}},
	})
	want := map[string]any{
		"general.architecture": "llama",
		"u8":                   uint8(200), "i8": int8(-3), "u16": uint16(60000), "i16": int16(-300),
		"u32": uint32(4000000000), "i32": int32(-5), "u64": uint64(1) << 63, "i64": int64(-1) << 62,
		"f32": float32(1.5), "f64": -2.25, "yes": true, "text": "代办",
		"texts": []string{"代", "", "办"}, "ints": []int32{1, -2, 3},
		"floats": []float32{0.5, -1}, "bools": []bool{true, false},
	}
	if diff := cmp.Diff(want, f.Meta); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestReferenceSafetensors(t *testing.T) {
	f := openSafe(t, "testdata/ref.safetensors")
	checkRef(t, f, []refTensor{
		{"f32", quant.F32, []int{3, 5}},
		{"f16", quant.F16, []int{2, 3, 4}},
		{"bf16", quant.BF16, []int{2, 64}},
		{"vector", quant.F32, []int{7}},
	})
	if diff := cmp.Diff(map[string]any{"format": "pt"}, f.Meta); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}
