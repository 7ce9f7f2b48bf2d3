package kern

import "math"

// The twins of the kernels of training.

func swiGLUGradPlain(dh, dg, gate, up []float32) {
	for i, g := range gate {
		s := 1 / (1 + float32(math.Exp(-float64(g))))
		d := dh[i] * s
		dg[i] = d * up[i] * (1 + g*(1-s))
		dh[i] = d * g
	}
}

func geluGradPlain(dh, x []float32) {
	root := 2 * math.Sqrt(2/math.Pi)
	for i, v := range x {
		f := float64(min(max(v, -100), 89)) // beyond these the gradient is 0 or 1
		s := 1 / (1 + math.Exp(-root*(f+0.044715*f*f*f)))
		dh[i] *= float32(s + f*s*(1-s)*root*(1+3*0.044715*f*f))
	}
}

// softmaxGradPlain writes p·(d - mean)·a into d.
func softmaxGradPlain(d, p []float32, mean, a float32) {
	for i, v := range d {
		d[i] = p[i] * (v - mean) * a
	}
}

// normSumsPlain sums dy·w and dy·w·(x - mean).
func normSumsPlain(dy, w, x []float32, mean float32) (sum, product float64) {
	for i, v := range x {
		g := float64(dy[i]) * float64(w[i])
		sum += g
		product += g * float64(v-mean)
	}
	return sum, product
}

// normGradPlain writes a·dy·w + b·(x - mean) + c into dx, or adds it, and adds a·dy·(x - mean) to dw.
func normGradPlain(dx, dy, w, x, dw []float32, mean, a, b, c float32, add bool) {
	for i, v := range x {
		d, h := a*dy[i], v-mean
		if dw != nil {
			dw[i] += d * h
		}
		y := c + b*h + d*w[i]
		if add {
			y += dx[i]
		}
		dx[i] = y
	}
}

func adamWPlain(o *AdamW, w, g, m, v []float32) {
	for i := range w {
		d := o.Factor * g[i]
		m[i] = o.Beta1*m[i] + (1-o.Beta1)*d
		v[i] = o.Beta2*v[i] + (1-o.Beta2)*d*d
		w[i] = o.Keep*w[i] - o.Rate*m[i]/(float32(math.Sqrt(float64(v[i])))*o.Root+o.Eps)
	}
}
