package train

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
)

// writeFresh writes a file that appears under its name once all of it is on disk; on an error
// what was there before stays, and nothing else.
func writeFresh(path string, write func(w *bufio.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync() // some file systems refuse; the file itself is on disk
		d.Close()
	}
	return nil
}

// writeBytes is writeFresh of a text.
func writeBytes(path string, text []byte) error {
	return writeFresh(path, func(w *bufio.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
