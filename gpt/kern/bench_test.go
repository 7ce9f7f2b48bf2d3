package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"daiban/gpt/quant"
)

// BenchmarkMultiply reports billions of products per second for many positions, and bytes of
// weights per second for one, over weights that no cache holds.
func BenchmarkMultiply(b *testing.B) {
	p := NewPool(0)
	defer p.Close()
	for _, T := range []int{1, 4, 512} {
		for _, typ := range quant.Types {
			b.Run(fmt.Sprintf("T=%d/%s", T, typ), func(b *testing.B) {
				const K = 1024
				N := 1 << 16
				if T > 100 {
					N = 1 << 11
				}
				r := rand.New(rand.NewPCG(1, 1))
				w := randomMatrix(r, typ, 1024, K)
				for w.N < N {
					w.Data = append(w.Data, w.Data...)
					w.N *= 2
				}
				x, out := normal(r, T*K), make([]float32, T*w.N)
				b.SetBytes(int64(len(w.Data)))
				for b.Loop() {
					p.Multiply(x, T, Product{W: w, Out: out})
				}
				b.ReportMetric(float64(T)*float64(w.N)*K*float64(b.N)/1e9/b.Elapsed().Seconds(), "GMAC/s")
			})
		}
	}
}
