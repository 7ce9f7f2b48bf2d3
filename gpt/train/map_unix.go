//go:build unix

package train

import (
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// A mapping is a file's bytes in memory, read when they are first touched.
type mapping struct{ data []byte }

func openMapping(path string) (mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return mapping{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return mapping{}, err
	}
	if n := info.Size(); n == 0 || n > math.MaxInt {
		return mapping{}, fmt.Errorf("%s: a size of %d bytes", path, n)
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return mapping{}, fmt.Errorf("%s: map into memory: %w", path, err)
	}
	return mapping{data}, nil
}

func (m *mapping) close() error {
	data := m.data
	m.data = nil
	if data == nil {
		return nil
	}
	return unix.Munmap(data)
}
