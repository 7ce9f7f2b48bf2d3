package weights

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
)

// A fresh is a file under way: it lies beside its place under another name until
// all that belongs together is on disk.
type fresh struct {
	path, temp string
}

// writeFresh writes a file beside path and syncs it.
func writeFresh(path string, write func(w *bufio.Writer) error) (_ fresh, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return fresh{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	w := bufio.NewWriterSize(file, 1<<20)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fresh{}, err
	}
	return fresh{path, file.Name()}, nil
}

// WriteFile writes a file that appears under its name once all of it is on disk; on an error
// what was there before stays, and nothing else.
func WriteFile(path string, write func(w *bufio.Writer) error) (err error) {
	var b batch
	defer func() { err = errors.Join(err, b.drop()) }()
	if err := b.write(path, write); err != nil {
		return err
	}
	return b.commit()
}

// A batch is files that appear together, or not at all where an error comes
// before the first is in its place.
type batch []fresh

func (b *batch) write(path string, write func(w *bufio.Writer) error) error {
	f, err := writeFresh(path, write)
	if err != nil {
		return err
	}
	*b = append(*b, f)
	return nil
}

// commit puts the files in their places, in the order of writing.
func (b *batch) commit() error {
	for len(*b) > 0 {
		f := (*b)[0]
		if err := os.Rename(f.temp, f.path); err != nil {
			return err
		}
		*b = (*b)[1:]
		if len(*b) == 0 {
			return syncDir(filepath.Dir(f.path))
		}
	}
	return nil
}

// drop removes what was not committed.
func (b *batch) drop() error {
	var errs []error
	for _, f := range *b {
		errs = append(errs, os.Remove(f.temp))
	}
	*b = nil
	return errors.Join(errs...)
}

// syncDir makes the new names last; where a folder cannot be synced, it is no error.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // Windows, and some network file systems, refuse
	return nil
}
