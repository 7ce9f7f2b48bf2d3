package model

import "daiban/gpt/kern"

// forward writes the layer's answer to x (R, K) into out (R, N).
func (n *learnLinear) forward(l *Learner, out, x []float32, R int) {
	if n.w == nil {
		l.pool.Multiply(x, R, kern.Product{W: n.fixed, Out: out, Bias: n.bias})
	} else {
		l.pool.Gemm(false, true, R, n.N, n.K, x, n.K, n.w.used(l), n.K, 0, out, n.N)
		l.addBias(out, n.bias, R)
	}
	if n.a == nil {
		return
	}
	t := n.inner(l, x, R)
	l.pool.Gemm(false, true, R, n.N, l.Rank, t, l.Rank, n.b.Value, l.Rank, 1, out, n.N)
}

// inner is scale · x·Aᵀ (R, Rank).
func (n *learnLinear) inner(l *Learner, x []float32, R int) []float32 {
	t := grow(&l.buf.inner, R*l.Rank)
	l.pool.Gemm(false, true, R, l.Rank, n.K, x, n.K, n.a.Value, n.K, 0, t, l.Rank)
	kern.Scale(t, n.scale)
	return t
}

func (l *Learner) addBias(out, bias []float32, R int) {
	if bias == nil {
		return
	}
	N := len(bias)
	l.each(R, func(r int) { kern.Add(out[r*N:][:N], bias) })
}

// backward adds to the gradients of the layer, given dy (R, N) and the x (R, K) of the forward
// pass, and writes that of x into dx, or adds it there. dx may be nil.
//
//	dx = dy·W + scale·(dy·B)·A    dW = dyᵀ·x    db = Σ dy    dB = dyᵀ·(scale·x·Aᵀ)    dA = scale·(dy·B)ᵀ·x
func (n *learnLinear) backward(l *Learner, dx, dy, x []float32, R int, add bool) {
	if dx != nil {
		beta := float32(0)
		if add {
			beta = 1
		}
		l.pool.Gemm(false, false, R, n.K, n.N, dy, n.N, n.weight(l), n.K, beta, dx, n.K)
	}
	if n.w != nil {
		n.w.product(l.pool, n.N, n.K, R, dy, n.N, x, n.K)
	}
	if n.biasP != nil {
		l.sumRows(n.biasP.grad(), dy, R)
	}
	if n.a != nil {
		n.backwardAdapter(l, dx, dy, x, R)
	}
}

func (n *learnLinear) backwardAdapter(l *Learner, dx, dy, x []float32, R int) {
	r := l.Rank
	t := n.inner(l, x, R)
	n.b.product(l.pool, n.N, r, R, dy, n.N, t, r)
	dt := grow(&l.buf.inner, R*r)
	l.pool.Gemm(false, false, R, r, n.N, dy, n.N, n.b.Value, r, 0, dt, r)
	kern.Scale(dt, n.scale)
	n.a.product(l.pool, r, n.K, R, dt, r, x, n.K)
	if dx != nil {
		l.pool.Gemm(false, false, R, n.K, r, dt, r, n.a.Value, n.K, 1, dx, n.K)
	}
}

// weight is W (N, K) as floats; what stays quantized is unpacked for this product.
func (n *learnLinear) weight(l *Learner) []float32 {
	if n.w != nil {
		return n.w.used(l)
	}
	w := grow(&l.buf.weight, n.N*n.K)
	l.each(n.N, func(i int) { kern.EmbedRow(w[i*n.K:][:n.K], n.fixed, i) })
	return w
}

// sumRows adds the rows of x (R, len(sum)) to sum, in their order.
func (l *Learner) sumRows(sum, x []float32, R int) {
	N := len(sum)
	const part = 256
	l.pool.Run((N+part-1)/part, func(p int) {
		lo, hi := p*part, min((p+1)*part, N)
		for r := range R {
			kern.Add(sum[lo:hi], x[r*N+lo:r*N+hi])
		}
	})
}

// each calls f for every row, on the pool.
func (l *Learner) each(rows int, f func(r int)) {
	const part = 8
	l.pool.Run((rows+part-1)/part, func(p int) {
		for r := p * part; r < min((p+1)*part, rows); r++ {
			f(r)
		}
	})
}
