package kern

// wholeOr0 is how many of n values the kernels of the level take; none at the plain one.
func wholeOr0(n int) int {
	if level == Plain {
		return 0
	}
	return whole(n)
}

func swiGLUGrad(dh, dg, gate, up []float32) {
	n := wholeOr0(len(dh))
	if n > 0 {
		if level == AVX512 {
			swiGLUGradAVX512(&dh[0], &dg[0], &gate[0], &up[0], n)
		} else {
			swiGLUGradAVX2(&dh[0], &dg[0], &gate[0], &up[0], n)
		}
	}
	swiGLUGradPlain(dh[n:], dg[n:], gate[n:], up[n:])
}

func geluGrad(dh, x []float32) {
	n := wholeOr0(len(dh))
	if n > 0 {
		if level == AVX512 {
			geluGradAVX512(&dh[0], &x[0], n)
		} else {
			geluGradAVX2(&dh[0], &x[0], n)
		}
	}
	geluGradPlain(dh[n:], x[n:])
}

func softmaxGrad(d, p []float32, mean, a float32) {
	n := wholeOr0(len(d))
	if n > 0 {
		if level == AVX512 {
			softmaxGradAVX512(&d[0], &p[0], n, mean, a)
		} else {
			softmaxGradAVX2(&d[0], &p[0], n, mean, a)
		}
	}
	softmaxGradPlain(d[n:], p[n:], mean, a)
}

func normSums(dy, w, x []float32, mean float32) (sum, product float64) {
	n := wholeOr0(len(x))
	for lo := 0; lo < n; lo += sumPart {
		var a, b float32
		if level == AVX512 {
			a, b = normSumsAVX512(&dy[lo], &w[lo], &x[lo], min(sumPart, n-lo), mean)
		} else {
			a, b = normSumsAVX2(&dy[lo], &w[lo], &x[lo], min(sumPart, n-lo), mean)
		}
		sum, product = sum+float64(a), product+float64(b)
	}
	a, b := normSumsPlain(dy[n:], w[n:], x[n:], mean)
	return sum + a, product + b
}

func normGrad(dx, dy, w, x, dw []float32, mean, a, b, c float32, add bool) {
	n := wholeOr0(len(x))
	if n > 0 {
		var to *float32
		if dw != nil {
			to = &dw[0]
		}
		if level == AVX512 {
			normGradAVX512(&dx[0], &dy[0], &w[0], &x[0], to, n, mean, a, b, c, add)
		} else {
			normGradAVX2(&dx[0], &dy[0], &w[0], &x[0], to, n, mean, a, b, c, add)
		}
	}
	if dw != nil {
		dw = dw[n:]
	}
	normGradPlain(dx[n:], dy[n:], w[n:], x[n:], dw, mean, a, b, c, add)
}

func adamW(o *AdamW, w, g, m, v []float32) {
	n := wholeOr0(len(w))
	c1, c2 := 1-o.Beta1, 1-o.Beta2
	if n > 0 {
		if level == AVX512 {
			adamWAVX512(&w[0], &g[0], &m[0], &v[0], n, o.Factor, o.Beta1, c1, o.Beta2, c2, o.Keep, o.Rate, o.Root, o.Eps)
		} else {
			adamWAVX2(&w[0], &g[0], &m[0], &v[0], n, o.Factor, o.Beta1, c1, o.Beta2, c2, o.Keep, o.Rate, o.Root, o.Eps)
		}
	}
	adamWPlain(o, w[n:], g[n:], m[n:], v[n:])
}
