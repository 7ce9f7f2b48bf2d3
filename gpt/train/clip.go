package train

import (
	"math"

	"daiban/gpt/kern"
	"daiban/gpt/model"
)

const strip = 1 << 14 // values that one thread works on at a time

// strips calls f for runs of [0, n) on the pool.
func strips(pool *kern.Pool, n int, f func(i, lo, hi int)) {
	pool.Run((n+strip-1)/strip, func(i int) { f(i, i*strip, min((i+1)*strip, n)) })
}

// gradNorm is the length of all gradients together. Its sums go in a fixed order.
func gradNorm(pool *kern.Pool, params []*model.Param) float64 {
	total := 0.0
	for _, p := range params {
		n := lengthOf(pool, p.Grad)
		total += n * n
	}
	return math.Sqrt(total)
}

// clipFactor is by what gradients of a norm are multiplied so that it is at most most; 0: no bound.
// Pascanu and others, On the difficulty of training recurrent neural networks, 2013.
func clipFactor(norm, most float64) float64 {
	if most <= 0 || norm <= most {
		return 1
	}
	return most / (norm + 1e-6)
}
