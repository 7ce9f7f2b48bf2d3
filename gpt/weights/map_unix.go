//go:build unix

package weights

import (
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// A Mapping is a file's bytes in memory, read when they are first touched.
type Mapping struct{ data []byte }

// Map maps a file for reading. The pages are shared with the system's
// cache: two programs with one model hold it once.
func Map(path string) (Mapping, error) {
	file, err := openFile(path)
	if err != nil {
		return Mapping{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Mapping{}, err
	}
	if info.Size() == 0 {
		return Mapping{}, nil
	}
	if info.Size() > math.MaxInt {
		return Mapping{}, fmt.Errorf("%s: %d bytes are more than this machine can address", path, info.Size())
	}
	data, err := unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return Mapping{}, fmt.Errorf("%s: map into memory: %w", path, err)
	}
	return Mapping{data}, nil
}

// openFile opens a regular file. O_NONBLOCK: to open a pipe would wait for someone who writes
// into it, and no signal ends that.
func openFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a file", path)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (m Mapping) prefetch() {
	if m.data != nil {
		_ = unix.Madvise(m.data, unix.MADV_WILLNEED) // a wish: nothing depends on it
	}
}

// Close gives the memory back; what was seen of it must not be used any more.
func (m *Mapping) Close() error {
	data := m.data
	m.data = nil
	if data == nil {
		return nil
	}
	return unix.Munmap(data)
}
