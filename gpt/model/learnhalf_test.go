package model

import (
	"math"
	"testing"
)

// TestHalf: what is put into bfloat16 stays on average what it is, is the same each time, and stays
// infinite or no number.
func TestHalf(t *testing.T) {
	const n = 1 << 14
	p := &Param{Value: make([]float32, n), Shape: []int{n / 64, 64}}
	for i := range p.Value {
		p.Value[i] = 1
	}
	p.halve()
	x, buf := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = 1 + 1.0/1024 // an eighth of the way to the next
	}
	sums := map[uint64]float64{}
	for _, key := range []uint64{1 << 32, 2 << 32, 1 << 32} {
		for lo := 0; lo < n; lo += 250 { // in parts that are no whole words of chance
			p.Put(lo, x[lo:min(lo+250, n)], key)
		}
		sum := 0.0
		for i, v := range p.Floats(0, n, buf) {
			if v != 1 && v != 1+1.0/128 {
				t.Fatalf("value %d is %v", i, v)
			}
			sum += float64(v) * float64(i%97)
		}
		if was, ok := sums[key]; ok && was != sum {
			t.Errorf("key %d gives %v, then %v", key, was, sum)
		}
		sums[key] = sum
		mean := 0.0
		for _, v := range buf {
			mean += float64(v) / n
		}
		if math.Abs(mean-(1+1.0/1024)) > 1e-4 { // six times its deviation
			t.Errorf("key %d: on average %v", key, mean)
		}
	}
	if sums[1<<32] == sums[2<<32] {
		t.Error("two keys give the same")
	}
	special := []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 0, -2}
	p.Put(0, special, 5)
	for i, v := range p.Floats(0, len(special), buf) {
		if v != special[i] && (v == v || special[i] == special[i]) {
			t.Errorf("%v became %v", special[i], v)
		}
	}
}
