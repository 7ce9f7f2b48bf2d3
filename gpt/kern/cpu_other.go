//go:build !amd64

package kern

// supported: elsewhere everything is plain Go.
func supported() Level { return Plain }
