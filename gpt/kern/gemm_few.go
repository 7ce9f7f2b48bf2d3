package kern

// fewRows is up to how many rows of A a product goes row by row: B is then used too seldom
// for packing to pay.
const fewRows = 4

// fewCols is the columns of a part.
const fewCols = 1024

// few computes a product of few rows: inner products where the values of a column of B lie
// side by side, else sums of rows of B.
func (g *gemm) few(p *Pool, M, N, K int, beta float32) {
	if g.fewF == nil {
		g.fewF = g.fewPart
	}
	g.mb, g.nb, g.kb, g.beta = M, N, K, beta
	g.alone = M*N*K < small
	if g.A.col != 1 {
		g.a = growFloats(g.a, M*K)
		for m := range M {
			for k := range K {
				g.a[m*K+k] = g.A.v[m*g.A.row+k*g.A.col]
			}
		}
		g.A = operand{g.a, K, 1}
	}
	g.run(p, ceil(N, fewCols), g.fewF)
}

func (g *gemm) fewPart(part int) {
	lo := part * fewCols
	hi := min(lo+fewCols, g.nb)
	if g.B.row == 1 {
		g.fewDots(lo, hi)
		return
	}
	g.C.from(0, lo).scale(g.beta, g.mb, hi-lo)
	for k := range g.kb {
		b := g.B.from(k, lo).v[:hi-lo]
		for m := range g.mb {
			axpy(g.C.from(m, lo).v[:hi-lo], b, g.A.v[m*g.A.row+k])
		}
	}
}

func (g *gemm) fewDots(lo, hi int) {
	for n := lo; n < hi; n++ {
		b := g.B.from(0, n).v[:g.kb]
		for m := range g.mb {
			s := dot(g.A.v[m*g.A.row:][:g.kb], b)
			c := &g.C.v[m*g.C.row+n]
			if g.beta != 0 {
				s += g.beta * *c
			}
			*c = s
		}
	}
}
