//go:build linux || darwin

package machine

import (
	"path/filepath"
	"syscall"
)

// DiskFree is how many bytes this user may still write to the disk that holds dir, or the
// nearest folder above it that is there; 0 where that is not known.
func DiskFree(dir string) int64 {
	var s syscall.Statfs_t
	for _, d := range above(dir) {
		if syscall.Statfs(d, &s) == nil {
			return int64(s.Bavail) * int64(s.Bsize)
		}
	}
	return 0
}

// above is dir and the folders above it.
func above(dir string) []string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	out := []string{dir}
	for up := filepath.Dir(dir); up != dir; up = filepath.Dir(dir) {
		dir = up
		out = append(out, dir)
	}
	return out
}
