//go:build !unix

package files

import (
	"fmt"
	"io/fs"
	"os"
)

// fileID is what a rename keeps and a replacement changes.
func fileID(i fs.FileInfo) string { return fmt.Sprintf("%d-%d", i.Size(), i.ModTime().UnixNano()) }

func crossDevice(err error) bool { _, ok := err.(*os.LinkError); return ok }
