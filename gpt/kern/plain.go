package kern

import "math"

// A twin is room for one row of a weight.
type twin struct {
	integers   []int16
	scale, min []float32
	run        [run]int16
	floats     []float32
}

// columnsPlain computes out (T, m.N), its rows stride apart: the twin that defines what a
// product is. With weights that are floats the order of the sum is free; with quantized ones
// the result is exact.
func (s *scratch) columnsPlain(f *format, a *acts, m *Matrix, x, out []float32, stride int) {
	for i := range m.N {
		if f == nil {
			s.twin.floats = grow(s.twin.floats, m.K)
			EmbedRow(s.twin.floats, m, i)
		} else {
			s.twin.unpack(f, m, i)
		}
		for t := range a.T {
			if f == nil {
				out[t*stride+i] = dotPlain(s.twin.floats, x[t*m.K:][:m.K])
			} else {
				out[t*stride+i] = s.twin.dot(f, a, t)
			}
		}
	}
}

func (w *twin) unpack(f *format, m *Matrix, i int) {
	runs := m.K / run
	w.integers = grow(w.integers, m.K)
	w.scale, w.min = grow(w.scale, runs), grow(w.min, runs)
	f.unpackPlain(w.integers, w.scale, w.min, m.Row(i), &w.run)
}

// dot is the row times position t.
func (w *twin) dot(f *format, a *acts, t int) (sum float32) {
	j := a.at(t, 0)
	_, step := a.tile(t / tile)
	for r, scale := range w.scale {
		n := dotRun((*[run]int16)(w.integers[r*run:]), (*[run]int16)(a.integers[j*run:]))
		sum = fma(float32(n), scale*a.scale[j], sum)
		if f.mins {
			sum = fma(w.min[r], a.sum[j], sum)
		}
		j += step
	}
	return sum
}

// dotRun is Σ x · y, in four sums that a processor can keep apart.
func dotRun(x, y *[run]int16) int32 {
	var a, b, c, d int32
	for k := 0; k < run; k += 4 {
		a += int32(x[k]) * int32(y[k])
		b += int32(x[k+1]) * int32(y[k+1])
		c += int32(x[k+2]) * int32(y[k+2])
		d += int32(x[k+3]) * int32(y[k+3])
	}
	return a + b + c + d
}

// fma is x · y + z rounded once, as the processor's instruction does it. The product is exact
// in float64; the sum is rounded to odd there, which makes the second rounding the only one
// that counts. Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008.
func fma(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	d := s - p
	e := (p - (s - d)) + (c - d) // what s lacks
	b := math.Float64bits(s)
	if b&1 != 0 || !(e > 0 || e < 0) || math.IsInf(s, 0) {
		return float32(s)
	}
	if (e > 0) == (s > 0) {
		b++
	} else {
		b--
	}
	return float32(math.Float64frombits(b))
}

func dotPlain(a, b []float32) float32 {
	var s float32
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
