package kern

import "time"

// Peak measures the float32 operations a second that one thread could do at most at the
// level in use, counting a multiplication and an addition: what nothing but such
// instructions reaches. It takes about as long as is said.
func Peak(d time.Duration) float64 {
	const rounds = 1000
	var best float64
	for start := time.Now(); best == 0 || time.Since(start) < d; {
		t := time.Now()
		operations := multiplyAdd(rounds)
		best = max(best, float64(operations)/time.Since(t).Seconds())
	}
	return best
}

// multiplyAddPlain does n times four multiplications and additions, and says how many
// operations that were.
func multiplyAddPlain(n int) int {
	var a, b, c, d float32 = 1, 2, 3, 4
	for range n {
		a, b, c, d = a*0.5+1, b*0.5+1, c*0.5+1, d*0.5+1
	}
	if a+b+c+d == 0 {
		return 0 // never: the loop must not be thrown away
	}
	return 8 * n
}
