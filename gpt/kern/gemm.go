package kern

// Gemm computes C = op(A)·op(B) + beta·C over float32, row-major: op(A) is (M, K), op(B) is
// (K, N), C is (M, N), and a leading dimension is the distance between rows of what is stored.
// With transA, A is stored as (K, M); with transB, B as (N, K).
func (p *Pool) Gemm(transA, transB bool, M, N, K int, A []float32, lda int, B []float32, ldb int, beta float32, C []float32, ldc int) {
	p.Run(M, func(m int) {
		for n := range N {
			var s float32
			for k := range K {
				a, b := m*lda+k, k*ldb+n
				if transA {
					a = k*lda + m
				}
				if transB {
					b = n*ldb + k
				}
				s += A[a] * B[b]
			}
			if beta != 0 {
				s += beta * C[m*ldc+n]
			}
			C[m*ldc+n] = s
		}
	})
}
