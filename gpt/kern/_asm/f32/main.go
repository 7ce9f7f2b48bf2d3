// Command f32 writes the float32 kernels of gpt/kern.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	kernels()
	Generate()
}

// kernels adds every function of this family to the context.
func kernels() {
	pause()
	for _, n := range []int{6, 12, 16, 32} {
		interleaved(n)
	}
	columns(4)
	columns(6)
	columns(8)
	for _, v := range []vector{avx2, avx512} {
		peak(v)
		dot(v)
		rows(v)
		grads(v)
		tile(v, 3*v.lanes/4)
	}
}
