//go:build !unix

package run

import "os"

// lock takes the file at path for this process. On systems without flock it only opens it.
func lock(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) }

func unlock(f *os.File) { f.Close() }
