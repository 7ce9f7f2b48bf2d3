//go:build !amd64

package kern

// Elsewhere level is Plain, and none of these is called.
const elsewhere = "kern: a kernel for another processor"

func unpackQ4_0(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func unpackQ4_1(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func unpackQ5_0(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func unpackQ5_1(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func unpackQ8_0(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func unpackQ4_K(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func unpackQ5_K(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func unpackQ6_K(to *int16, scale, min, from *byte, stride, rows, blocks int) { panic(elsewhere) }
func dot1Q4_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q4_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q4_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot1Q4_1(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q4_1(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q4_1(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot1Q5_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q5_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q5_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot1Q5_1(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q5_1(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q5_1(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot1Q8_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q8_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q8_0(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot1Q4_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q4_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q4_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot1Q5_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q5_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q5_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot1Q6_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot2Q6_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func dot3Q6_K(out *float32, outStride int, from *byte, stride int, x *int16, xscale, xsum *float32, total *int32, blocks int) {
	panic(elsewhere)
}

func unpackF32(to *float32, from *byte, stride, rows, n int)  { panic(elsewhere) }
func unpackF16(to *float32, from *byte, stride, rows, n int)  { panic(elsewhere) }
func unpackBF16(to *float32, from *byte, stride, rows, n int) { panic(elsewhere) }

func interleaveAVX2(to *uint32, from *byte, stride, n int) { panic(elsewhere) }

func quantizeAVX2(to *int16, scale, sum *float32, total *int32, x *float32, runs, n int, top float32) {
	panic(elsewhere)
}

func multiply1AVX2(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int) {
	panic(elsewhere)
}

func multiplyFloat1AVX2(w, x *float32, runs int, out *float32, stride int) { panic(elsewhere) }

func multiply2AVX2(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int) {
	panic(elsewhere)
}

func multiplyFloat2AVX2(w, x *float32, runs int, out *float32, stride int) { panic(elsewhere) }

func multiply3AVX2(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int) {
	panic(elsewhere)
}

func multiplyFloat3AVX2(w, x *float32, runs int, out *float32, stride int) { panic(elsewhere) }

func multiply1AVX512(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int) {
	panic(elsewhere)
}

func multiplyFloat1AVX512(w, x *float32, runs int, out *float32, stride int) { panic(elsewhere) }

func multiply2AVX512(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int) {
	panic(elsewhere)
}

func multiplyFloat2AVX512(w, x *float32, runs int, out *float32, stride int) { panic(elsewhere) }

func multiply3AVX512(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int) {
	panic(elsewhere)
}

func multiplyFloat3AVX512(w, x *float32, runs int, out *float32, stride int) { panic(elsewhere) }
