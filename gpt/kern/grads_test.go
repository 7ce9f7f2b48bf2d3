package kern

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestGradsOfActivations holds the derivatives against those in double precision, over all sizes.
func TestGradsOfActivations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := 785
	x, u, dh := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * math.Pow(10, float64(i%9)-6))
		u[i], dh[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
	}
	x[0], x[1], x[2] = 0, 80, -80
	gate, du := make([]float32, n), append([]float32(nil), dh...)
	SwiGLUGrad(du, gate, x, u)
	gelu := append([]float32(nil), dh...)
	GELUGrad(gelu, x)
	const k = 0.7978845608028654
	for i := range x {
		f, d, w := float64(x[i]), float64(dh[i]), float64(u[i])
		s := 1 / (1 + math.Exp(-f))
		th := math.Tanh(k * (f + 0.044715*f*f*f))
		for name, c := range map[string][2]float64{
			"up": {float64(du[i]), d * f * s}, "gate": {float64(gate[i]), d * w * s * (1 + f*(1-s))},
			"gelu": {float64(gelu[i]), d * (0.5*(1+th) + 0.5*f*(1-th*th)*k*(1+3*0.044715*f*f))},
		} {
			if !(math.Abs(c[0]-c[1]) <= 1e-5*math.Abs(c[1])+3e-6*math.Max(math.Abs(d), math.Abs(d*w))) {
				t.Errorf("%s at %g: %g, want %g", name, f, c[0], c[1])
			}
		}
	}
}
