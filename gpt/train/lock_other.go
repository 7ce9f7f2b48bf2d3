//go:build !unix

package train

import "os"

// lock only opens the file: this system has no such locks.
func lock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
}
