package weights

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
)

// Metadata of a split file, as llama.cpp's gguf-split writes it into every part:
// the part's number from 0 and how many there are (uint16), and the number of
// tensors in all of them (int32).
const (
	splitNo      = "split.no"
	splitCount   = "split.count"
	splitTensors = "split.tensors.count"
)

// partsMax bounds the parts of a split file; each is mapped by itself.
const partsMax = 9999

var partName = regexp.MustCompile(`^(.*)-(\d{5})-of-(\d{5})(\.\w+)$`)

// splitPath returns the path of part i, from 0, of n.
func splitPath(stem string, i, n int, ext string) string {
	return fmt.Sprintf("%s-%05d-of-%05d%s", stem, i+1, n, ext)
}

// openParts opens a file, or the parts of the split file to which it belongs.
func (f *File) openParts(path string) error {
	dir, base := filepath.Split(path)
	m := partName.FindStringSubmatch(base)
	if m == nil {
		return f.openWhole(path)
	}
	n, err := strconv.Atoi(m[3])
	if no, err2 := strconv.Atoi(m[2]); err != nil || err2 != nil || no < 1 || no > n || n > partsMax {
		return fmt.Errorf("%s: the name says part %s of %s, which cannot be", path, m[2], m[3])
	}
	total := -1
	for i := range n {
		t, err := f.openPart(splitPath(dir+m[1], i, n, m[4]), i, n)
		if err != nil {
			return err
		}
		if i > 0 && t != total {
			return fmt.Errorf("%s: key %q says %d tensors, the first part says %d", f.parts[i], splitTensors, t, total)
		}
		total = t
	}
	if have := len(f.names) + len(f.skipped); have != total {
		return fmt.Errorf("%s: the %d parts hold %d tensors, but %q says %d: parts of different files are mixed", path, n, have, splitTensors, total)
	}
	return nil
}

func (f *File) openWhole(path string) error {
	p, err := f.readGGUF(path)
	if err != nil {
		return err
	}
	f.Meta, f.keys = p.meta, p.keys
	if n, ok := f.Int(splitCount); ok && n > 1 {
		return fmt.Errorf("%s: the file is one of %d parts: give it its name, …-00001-of-%05d.gguf, beside the others", path, n, n)
	}
	return nil
}

// openPart opens part i of n and returns how many tensors it says all parts have.
func (f *File) openPart(path string, i, n int) (total int, err error) {
	p, err := f.readGGUF(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s: part %d of %d is missing: put it beside the others: %w", path, i+1, n, err)
	}
	if err != nil {
		return 0, err
	}
	part := &File{Meta: p.meta}
	no, ok1 := part.Int(splitNo)
	of, ok2 := part.Int(splitCount)
	total, ok3 := part.Int(splitTensors)
	switch {
	case n == 1 && !ok2: // a whole file that is only called so
		total = len(f.names) + len(f.skipped)
	case !ok1 || !ok2 || !ok3:
		return 0, fmt.Errorf("%s: keys %q, %q and %q must be there in a part of a split file", path, splitNo, splitCount, splitTensors)
	case no != i || of != n:
		return 0, fmt.Errorf("%s: the file says that it is part %d of %d: it was renamed", path, no+1, of)
	}
	if i == 0 {
		f.Meta, f.keys = p.meta, p.keys
	}
	return total, nil
}
