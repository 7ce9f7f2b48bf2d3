//go:build !unix

package weights

import "os"

// A mapping is a file's bytes in memory: here, a copy.
type mapping struct{ data []byte }

func openMapping(path string) (mapping, error) {
	data, err := os.ReadFile(path)
	return mapping{data}, err
}

func openFile(path string) (*os.File, error) { return os.Open(path) }

func (mapping) prefetch() {} // it is all in memory

func (mapping) close() error { return nil }
