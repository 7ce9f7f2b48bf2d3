// Package atomicfile writes small files of our own whole.
package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
)

// Write puts data into the file at path, readable by its owner alone: it is on disk as before or as after,
// whenever the process ends. Where path is a link, the file that it names is replaced.
func Write(path string, data []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	dir, ext := filepath.Dir(path), filepath.Ext(path)
	f, err := os.CreateTemp(dir, "."+strings.TrimSuffix(filepath.Base(path), ext)+"-*"+ext) // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, as it should, once renamed
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	if d, err := os.Open(dir); err == nil {
		d.Sync() // some file systems cannot sync a folder
		d.Close()
	}
	return nil
}
