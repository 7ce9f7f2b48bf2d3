//go:build unix

package files

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// fileID is what a rename keeps and a replacement changes.
func fileID(i fs.FileInfo) string {
	st, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Sprintf("%d-%d", i.Size(), i.ModTime().UnixNano())
	}
	return fmt.Sprintf("%d-%d-%d-%d", st.Dev, st.Ino, i.Size(), i.ModTime().UnixNano())
}

func crossDevice(err error) bool { return errors.Is(err, syscall.EXDEV) }
