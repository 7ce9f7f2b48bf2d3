//go:build !unix

package weights

import "os"

// A Mapping is a file's bytes in memory: here, a copy.
type Mapping struct{ data []byte }

// Map reads a file.
func Map(path string) (Mapping, error) {
	data, err := os.ReadFile(path)
	return Mapping{data}, err
}

func openFile(path string) (*os.File, error) { return os.Open(path) }

func (Mapping) prefetch() {} // it is all in memory

// Close forgets the bytes.
func (m *Mapping) Close() error { m.data = nil; return nil }
