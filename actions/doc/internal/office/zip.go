// Package office reads and fills documents that are zip archives of XML: docx and
// odt. What they unpack to is bounded; their XML is read as a stream, without
// entities of their own.
package office

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
)

// Errors of documents that cannot be read.
var (
	ErrNotZip = errors.New("not a zip archive")
	ErrBomb   = errors.New("unpacks to more than is allowed")
	ErrParts  = errors.New("lacks the parts of a document")
)

const (
	partsMax = 10_000
	depthMax = 500     // of XML elements
	smallMin = 8 << 20 // whatever the ratio, so much may be unpacked
)

// An Archive is an opened document. It counts what is unpacked from it.
type Archive struct {
	zip  *zip.Reader
	left int64 // bytes that may still be unpacked
}

// Open opens an archive of size bytes that may unpack to bytesMax, and to
// ratioMax times its size.
func Open(r io.ReaderAt, size, bytesMax, ratioMax int64) (*Archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotZip, err)
	}
	if len(z.File) > partsMax {
		return nil, fmt.Errorf("%w: %d parts", ErrBomb, len(z.File))
	}
	return &Archive{z, min(bytesMax, max(size*ratioMax, smallMin))}, nil
}

// part is the entry called name, or nil.
func (a *Archive) part(name string) *zip.File {
	for _, f := range a.zip.File {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Has reports whether there is a part called name.
func (a *Archive) Has(name string) bool { return a.part(name) != nil }

// read unpacks a part.
func (a *Archive) read(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, a.left+1))
	if err != nil {
		return nil, err
	}
	if a.left -= int64(len(data)); a.left < 0 {
		return nil, ErrBomb
	}
	return data, nil
}
