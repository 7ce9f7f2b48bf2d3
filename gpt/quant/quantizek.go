package quant

import "math"

// tiny is the size below which ggml takes a group of values for zeros.
const tiny = 1e-15

// nearest rounds to an integer, ties to even, for sizes below 2^22: adding
// 1.5 * 2^23 leaves the integer in the significand. Whatever else comes in (a
// NaN too), the result is some number of that size. The conversion keeps a product
// that is passed from being fused with the addition.
func nearest(f float32) int {
	return int(math.Float32bits(float32(f)+12582912)&0x7fffff) - 0x400000
}

func quantQ4_K(b []byte, x []float32) {
	var l [256]byte
	affine(b[:16], x, &l, search{max: 15, low: -1, steps: 20})
	packLow(b[16:144], &l)
}

func quantQ5_K(b []byte, x []float32) {
	var l [256]byte
	affine(b[:16], x, &l, search{max: 31, low: -0.5, steps: 15})
	qh := b[16:48]
	clear(qh)
	for r := range 8 { // bit r of byte j is the fifth bit of value j in run r
		for j := range qh {
			qh[j] |= l[32*r+j] >> 4 << r
		}
	}
	packLow(b[48:176], &l)
}

// packLow stores the low four bits: 64 values in 32 bytes, as dequantQ4_K reads them.
func packLow(qs []byte, l *[256]byte) {
	for g := range 4 {
		for j := range 32 {
			qs[32*g+j] = l[64*g+j]&15 | l[64*g+32+j]<<4
		}
	}
}

// affine finds scale and minimum of each run of 32 values, stores them in 6 bits
// each in the first 16 bytes of a block, and writes to l the values that fit best
// to what was stored.
func affine(b []byte, x []float32, l *[256]byte, s search) {
	var scales, mins [8]float32
	var maxScale, maxMin float32
	for j := range scales {
		scales[j], mins[j] = s.run((*[32]float32)(x[32*j:]), (*[32]byte)(l[32*j:]))
		maxScale, maxMin = max(maxScale, scales[j]), max(maxMin, mins[j])
	}
	putScales(b[4:16], &scales, &mins, maxScale, maxMin)
	putHalf(b, maxScale/63)
	putHalf(b[2:], maxMin/63)
	d, dmin := half(b), half(b[2:])
	for j := range 8 {
		sc, m := ScaleMin(j, b[4:16])
		dj, mj := d*float32(sc), float32(dmin*float32(m))
		if dj == 0 {
			continue // whatever l says, the values are those of the minimum
		}
		for i, v := range x[32*j : 32*j+32] {
			l[32*j+i] = byte(clamp(nearest((v+mj)/dj), 0, s.max))
		}
	}
}

// putScales packs the scales and minimums as ScaleMin reads them.
func putScales(q []byte, scales, mins *[8]float32, maxScale, maxMin float32) {
	var invScale, invMin float32
	if maxScale > 0 {
		invScale = 63 / maxScale
	}
	if maxMin > 0 {
		invMin = 63 / maxMin
	}
	clear(q)
	for j := range 8 {
		sc := min(63, byte(nearest(invScale*scales[j])))
		m := min(63, byte(nearest(invMin*mins[j])))
		if j < 4 {
			q[j], q[j+4] = sc, m
			continue
		}
		q[j+4] = sc&15 | m<<4
		q[j-4] |= sc >> 4 << 6
		q[j] |= m >> 4 << 6
	}
}

func clamp(v, lo, hi int) int { return min(max(v, lo), hi) }

// A search looks for scale and minimum of a run of 32 values with the least
// weighted squared error: it tries steps+1 scales, 0.1 apart, around the one that
// spans the values, rounds with each, and solves for the best scale and minimum
// under that rounding; the best minimum so far is where the next try begins
// (ggml's make_qkx2_quants).
type search struct {
	max   int     // the largest integer
	low   float32 // the first scale tried maps the span to max+low
	steps int
}

// run returns the scale and the minimum, which is stored without its sign, and
// writes the integers to l.
func (s search) run(x *[32]float32, l *[32]byte) (scale, minimum float32) {
	w := weigh(x)
	lo, hi, sumW, sumX := sums(x, &w)
	if lo > 0 {
		lo = 0
	}
	if hi == lo {
		*l = [32]byte{}
		return 0, -lo
	}
	inv := float32(s.max) / (hi - lo)
	scale, minimum = 1/inv, lo
	s.round(x, l, inv, lo)
	best := loss(x, &w, l, scale, lo)
	for i := range s.steps + 1 {
		var try [32]byte
		inv := (s.low + float32(0.1*float32(i)) + float32(s.max)) / (hi - minimum)
		s.round(x, &try, inv, minimum)
		sc, m, ok := solve(x, &w, &try, sumW, sumX)
		if !ok {
			continue
		}
		if e := loss(x, &w, &try, sc, m); e < best {
			best, scale, minimum, *l = e, sc, m, try
		}
	}
	return scale, -minimum
}

// weigh gives each value the weight of the root mean square plus its own size.
func weigh(x *[32]float32) (w [32]float32) {
	var sum float32
	for _, v := range x {
		sum += float32(v * v)
	}
	mean := float32(math.Sqrt(float64(sum / 32)))
	for i, v := range x {
		w[i] = mean + abs(v)
	}
	return w
}

func sums(x, w *[32]float32) (lo, hi, sumW, sumX float32) {
	lo, hi = x[0], x[0]
	for i, v := range x {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
		sumW += w[i]
		sumX += float32(w[i] * v)
	}
	return lo, hi, sumW, sumX
}

func (s search) round(x *[32]float32, l *[32]byte, inv, lo float32) {
	for i, v := range x {
		l[i] = byte(clamp(nearest(inv*(v-lo)), 0, s.max))
	}
}

// solve returns the scale and the minimum, at most 0, with the least weighted
// squared error for given integers; false where they leave it open.
func solve(x, w *[32]float32, l *[32]byte, sumW, sumX float32) (scale, min float32, ok bool) {
	var sumL, sumL2, sumXL float32
	for i, v := range x {
		q := float32(l[i])
		wq := float32(w[i] * q)
		sumL += wq
		sumL2 += float32(wq * q)
		sumXL += float32(wq * v)
	}
	det := float32(sumW*sumL2) - float32(sumL*sumL)
	if !(det > 0) {
		return 0, 0, false
	}
	scale = (float32(sumW*sumXL) - float32(sumX*sumL)) / det
	min = (float32(sumL2*sumX) - float32(sumL*sumXL)) / det
	if min > 0 {
		return sumXL / sumL2, 0, true
	}
	return scale, min, true
}

// loss is the weighted squared error of scale*l + min.
func loss(x, w *[32]float32, l *[32]byte, scale, min float32) (sum float32) {
	for i, v := range x {
		d := float32(scale*float32(l[i])) + min - v
		sum += float32(w[i] * float32(d*d))
	}
	return sum
}

func quantQ6_K(b []byte, x []float32) {
	var l [256]byte
	var scales [16]float32
	var top, size float32 // the scale of the largest size, and its size
	for j := range scales {
		scales[j] = symmetric((*[16]float32)(x[16*j:]), (*[16]byte)(l[16*j:]))
		if a := abs(scales[j]); a > size {
			top, size = scales[j], a
		}
	}
	if size < tiny {
		clear(b)
		return
	}
	inv := -128 / top
	putHalf(b[208:], 1/inv)
	d := half(b[208:])
	for j, s := range scales {
		q := int8(min(127, nearest(inv*s)))
		b[192+j] = byte(q)
		if dj := d * float32(q); dj != 0 {
			for i, v := range x[16*j : 16*j+16] {
				l[16*j+i] = byte(clamp(nearest(v/dj), -32, 31) + 32)
			}
		}
	}
	packQ6_K(b, &l)
}

// packQ6_K stores the integers as dequantQ6_K reads them.
func packQ6_K(b []byte, l *[256]byte) {
	for h := range 2 {
		l, ql, qh := l[128*h:128*h+128], b[64*h:64*h+64], b[128+32*h:160+32*h]
		for i := range 32 {
			ql[i] = l[i]&15 | l[i+64]<<4
			ql[i+32] = l[i+32]&15 | l[i+96]<<4
			qh[i] = l[i]>>4 | l[i+32]>>4<<2 | l[i+64]>>4<<4 | l[i+96]>>4<<6
		}
	}
}

// symmetric returns the scale of 16 values for integers from -32 to 31 with the
// least squared error, weighted by the square of the value, among 19 roundings
// (ggml's make_qx_quants), and writes the integers plus 32 to l.
func symmetric(x *[16]float32, l *[16]byte) float32 {
	v, size := largest(x[:])
	if size < tiny {
		*l = [16]byte{}
		return 0
	}
	r := rounder{x: x}
	for i, v := range x {
		r.w[i] = float32(v * v)
		r.wx[i] = float32(r.w[i] * v)
	}
	sumLX, sumL2 := r.round(l, -32/v)
	scale := float32(0)
	if sumL2 != 0 {
		scale = sumLX / sumL2
	}
	best := float32(scale * sumLX)
	for i := -9; i <= 9; i++ {
		if i == 0 {
			continue
		}
		var try [16]byte
		sumLX, sumL2 := r.round(&try, -(32+float32(0.1*float32(i)))/v)
		if sumL2 > 0 && float32(sumLX*sumLX) > float32(best*sumL2) {
			*l, scale = try, sumLX/sumL2
			best = float32(scale * sumLX)
		}
	}
	return scale
}

// A rounder rounds 16 values to integers and sums what the best scale for them needs.
type rounder struct {
	x     *[16]float32
	w, wx [16]float32 // weights, and weighted values
}

func (r *rounder) round(l *[16]byte, inv float32) (sumLX, sumL2 float32) {
	for i, v := range r.x {
		q := clamp(nearest(inv*v), -32, 31)
		l[i] = byte(q + 32)
		f := float32(q)
		sumLX += float32(r.wx[i] * f)
		sumL2 += float32(float32(r.w[i]*f) * f)
	}
	return sumLX, sumL2
}
