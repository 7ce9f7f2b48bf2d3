//go:build !amd64

package kern

func dot(a, b []float32) float32                            { return dotPlain(a, b) }
func sums(x []float32, mean float32) (sum, squares float64) { return sumsPlain(x, mean) }
func normalize(out, x, w, b []float32, mean, r float32)     { normalizePlain(out, x, w, b, mean, r) }
func largest(x []float32) float32                           { return largestPlain(x) }
func expSum(x []float32, top float32) float64               { return expSumPlain(x, top) }
func swiGLU(out, gate, up []float32)                        { swiGLUPlain(out, gate, up) }
func gelu(x []float32)                                      { geluPlain(x) }
func axpy(y, x []float32, a float32)                        { axpyPlain(y, x, a) }
func scale(x []float32, a float32)                          { scalePlain(x, a) }
func rotate(a, b, cos, sin []float32)                       { rotatePlain(a, b, cos, sin) }
func rotatePairs(x, cos, sin []float32)                     { rotatePairsPlain(x, cos, sin) }
