package kern

import "unsafe"

// Bytes is the memory of x, little-endian as the machines that we run on: a view, not a copy.
func Bytes(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}
