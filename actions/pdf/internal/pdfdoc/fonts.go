package pdfdoc

import (
	"bytes"
	"io"
	"io/fs"
	"time"

	"daiban/actions/internal/cjkfont"
)

// fontFolder is the only folder that PDFium sees, with one font: without a font for them, it
// leaves out Chinese characters that stand alone and whose font is not in the document.
type fontFolder struct{}

const (
	fontDirName = "usr/share/fonts"
	fontName    = "cjk.ttf"
)

// Open opens the folder, the one above it (PDFium looks at ".." too), or the font.
func (fontFolder) Open(name string) (fs.File, error) {
	switch name {
	case ".", "usr/share", fontDirName:
		return &fontDir{}, nil
	case fontDirName + "/" + fontName:
		return fontFile{bytes.NewReader(cjkfont.TTF())}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

type fontFile struct{ *bytes.Reader }

func (f fontFile) Stat() (fs.FileInfo, error) { return fontInfo{fontName, f.Reader.Size()}, nil }
func (fontFile) Close() error                 { return nil }

type fontDir struct{ read bool }

func (*fontDir) Stat() (fs.FileInfo, error) { return fontInfo{name: "."}, nil }
func (*fontDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: fs.ErrInvalid}
}
func (*fontDir) Close() error { return nil }

func (d *fontDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if d.read {
		if n > 0 {
			return nil, io.EOF
		}
		return nil, nil
	}
	d.read = true
	return []fs.DirEntry{fs.FileInfoToDirEntry(fontInfo{fontName, int64(len(cjkfont.TTF()))})}, nil
}

type fontInfo struct {
	name string
	size int64
}

func (i fontInfo) Name() string           { return i.name }
func (i fontInfo) Size() int64            { return i.size }
func (i fontInfo) ModTime() (t time.Time) { return t }
func (i fontInfo) IsDir() bool            { return i.name == "." }
func (i fontInfo) Sys() any               { return nil }

func (i fontInfo) Mode() fs.FileMode {
	if i.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
