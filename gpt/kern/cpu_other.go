//go:build !amd64

package kern

import "runtime"

// supported: elsewhere everything is plain Go.
func supported() Level { return Plain }

// pause gives way n times.
func pause(n int) {
	for range n {
		runtime.Gosched()
	}
}
