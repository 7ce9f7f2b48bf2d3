// Package interval says how sure a share that was counted is.
package interval

import "math"

// Wilson is the 95 % interval of k of n, from 0 to 1 (Wilson, 1927); of nothing it is 0 to 0.
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 0
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	mid, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, (mid-half)/(1+z*z/m)), min(1, (mid+half)/(1+z*z/m))
}
