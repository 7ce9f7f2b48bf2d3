package kern

import "math"

// LogSumExp is the logarithm of the sum of exp(x), which is what turns logits into log
// probabilities.
func LogSumExp(x []float32) float64 {
	top := float32(math.Inf(-1))
	for _, v := range x {
		top = max(top, v)
	}
	var s float64
	for _, v := range x {
		s += math.Exp(float64(v - top))
	}
	return float64(top) + math.Log(s)
}

// ArgMax is the index of the largest value, the first of equals; 0 where all are NaN.
func ArgMax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] || x[best] != x[best] {
			best = i
		}
	}
	return best
}
