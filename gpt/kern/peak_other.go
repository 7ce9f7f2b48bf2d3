//go:build !amd64

package kern

func multiplyAdd(n int) int { return multiplyAddPlain(n) }
