//go:build linux || darwin

package machine

import (
	"runtime"
	"syscall"
)

// Peak is the most memory that this process had at once, with what it touched of mapped files;
// 0 where that is not known.
func Peak() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "linux" { // in kB there, in bytes on darwin
		return int64(u.Maxrss) << 10
	}
	return int64(u.Maxrss)
}
