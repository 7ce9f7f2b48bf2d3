package kern

// multiplyAdd does many multiplications and additions, and says how many operations.
func multiplyAdd(n int) int {
	const chains = 12
	switch level {
	case AVX512:
		peakAVX512(n)
		return n * chains * 16 * 2
	case AVX2:
		peakAVX2(n)
		return n * chains * 8 * 2
	}
	return multiplyAddPlain(n)
}
