//go:build !unix

package train

import "os"

// A mapping is a file's bytes in memory.
type mapping struct{ data []byte }

func openMapping(path string) (mapping, error) {
	data, err := os.ReadFile(path)
	return mapping{data}, err
}

func (m *mapping) close() error { m.data = nil; return nil }
