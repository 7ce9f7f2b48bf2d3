//go:build !amd64

package kern

func swiGLUGrad(dh, dg, gate, up []float32)       { swiGLUGradPlain(dh, dg, gate, up) }
func geluGrad(dh, x []float32)                    { geluGradPlain(dh, x) }
func softmaxGrad(d, p []float32, mean, a float32) { softmaxGradPlain(d, p, mean, a) }
func adamW(o *AdamW, w, g, m, v []float32)        { adamWPlain(o, w, g, m, v) }

func normSums(dy, w, x []float32, mean float32) (sum, product float64) {
	return normSumsPlain(dy, w, x, mean)
}

func normGrad(dx, dy, w, x, dw []float32, mean, a, b, c float32, add bool) {
	normGradPlain(dx, dy, w, x, dw, mean, a, b, c, add)
}
