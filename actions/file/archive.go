package file

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"

	"daiban/action"
	"daiban/actions/internal/charset"
)

// A reading unpacks an archive.
type reading func(*unpacker, action.File) error

// opener finds by its first bytes what an archive is. lone says that it is a single file that is
// compressed, not an archive.
func opener(f action.File, info action.Info) (read reading, lone bool, err error) {
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")), bytes.HasPrefix(head, []byte("PK\x07\x08")):
		return readZip, false, nil
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return compressed(f, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
	case bytes.HasPrefix(head, []byte("BZh")):
		return compressed(f, func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil })
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return readTarOf(func(r io.Reader) (io.Reader, error) { return r, nil }), false, nil
	}
	for _, other := range []struct{ magic, name string }{
		{"7z\xbc\xaf\x27\x1c", "7z"}, {"Rar!\x1a\x07", "rar"}, {"\xfd7zXZ", "xz"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"MSCF", "cab"},
	} {
		if bytes.HasPrefix(head, []byte(other.magic)) {
			return nil, false, action.Bad("“%s”是 %s 格式，这里只能解压 zip 和 tar；请另存为 zip", "“%s” is in %s format; only zip and tar can be unpacked here. Save it as zip", info.Path, other.name)
		}
	}
	if n == 0 {
		return nil, false, action.Bad("“%s”是空文件，不是压缩包", "“%s” is empty, not an archive", info.Path)
	}
	return nil, false, action.Bad("“%s”不是压缩包", "“%s” is not an archive", info.Path)
}

// compressed tells a tar archive that is compressed from any other file that is.
func compressed(f action.File, unpack unpacking) (reading, bool, error) {
	plain, err := unpack(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		return readTarOf(unpack), false, nil // reading it will say what is wrong
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(plain, head)
	switch {
	case n == len(head) && (string(head[257:262]) == "ustar" || soundTar(head)):
		return readTarOf(unpack), false, nil
	case n > 0 && (err == nil || err == io.ErrUnexpectedEOF && plainEnd(plain)), n == 0 && err == io.EOF:
		return readLone(unpack), true, nil
	}
	return readTarOf(unpack), false, nil
}

// soundTar reports whether head is the header of an old tar file, which has no mark.
func soundTar(head []byte) bool {
	_, err := tar.NewReader(bytes.NewReader(head)).Next()
	return err == nil
}

// plainEnd reports whether r is at its end, not at a break.
func plainEnd(r io.Reader) bool {
	n, err := r.Read(make([]byte, 1))
	return n == 0 && err == io.EOF
}

// readLone writes a compressed file that is no archive: a.csv.gz gives a.csv.
func readLone(unpack unpacking) reading {
	return func(u *unpacker, f action.File) error {
		plain, err := unpack(bufio.NewReader(io.NewSectionReader(f, 0, f.Size())))
		if err != nil {
			return u.broken(err)
		}
		name := strings.TrimSuffix(path.Base(u.name), path.Ext(u.name))
		if name == path.Base(u.name) || name == "" {
			name = path.Base(u.name) + ".out"
		}
		return u.put(member{name: name, open: func() (io.Reader, error) { return plain, nil }})
	}
}

// An unpacking gives what a compressed stream says.
type unpacking func(io.Reader) (io.Reader, error)

func readZip(u *unpacker, f action.File) error {
	z, err := zip.NewReader(f, f.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are checked one by one
		return u.broken(err)
	}
	if len(z.File) > entriesMax {
		return action.Limit("“%s”里的文件超过 %d 个", "“%s” holds more than %d files", u.name, entriesMax)
	}
	names := make([]string, len(z.File))
	encoding := nameEncoding(z.File)
	for i, e := range z.File {
		names[i] = nameText(e.Name, encoding) // its UTF-8 flag is often wrong
		if e.Flags&1 != 0 {
			return action.Bad("“%s”有密码，解不开", "“%s” is protected by a password and cannot be unpacked", u.name)
		}
		if _, err := u.safe(names[i]); err != nil {
			return err
		}
	}
	u.unwrap(names)
	for i, e := range z.File {
		m := member{name: names[i], dir: e.FileInfo().IsDir(), open: func() (io.Reader, error) { return e.Open() }}
		if !m.dir && !e.Mode().IsRegular() {
			m.skip = "link"
		}
		if err := u.put(m); err != nil {
			return err
		}
		u.call.Progress(i+1, len(z.File))
	}
	return nil
}

// readTarOf reads a tar archive through unpack, twice: for its names, then for what is in it.
func readTarOf(unpack unpacking) reading {
	return func(u *unpacker, f action.File) error {
		var names []string
		err := eachTar(u, f, unpack, func(h *tar.Header, _ io.Reader) error {
			if len(names) >= entriesMax {
				return action.Limit("“%s”里的文件超过 %d 个", "“%s” holds more than %d files", u.name, entriesMax)
			}
			name := nameText(h.Name, charset.GB18030)
			names = append(names, name)
			_, err := u.safe(name)
			return err
		})
		if err != nil {
			return err
		}
		u.unwrap(names)
		return eachTar(u, f, unpack, func(h *tar.Header, r io.Reader) error {
			m := member{name: nameText(h.Name, charset.GB18030), dir: h.Typeflag == tar.TypeDir, open: func() (io.Reader, error) { return r, nil }}
			if !m.dir && h.Typeflag != tar.TypeReg {
				m.skip = "link"
			}
			return u.put(m)
		})
	}
}

func eachTar(u *unpacker, f action.File, unpack unpacking, visit func(*tar.Header, io.Reader) error) error {
	plain, err := unpack(bufio.NewReader(io.NewSectionReader(f, 0, f.Size())))
	if err != nil {
		return u.broken(err)
	}
	limited := &counted{r: plain, left: u.left + entriesMax*1024}
	t := tar.NewReader(limited)
	for n := 0; ; n++ {
		h, err := t.Next()
		switch {
		case err == io.EOF && n > 0:
			return nil
		case err == io.EOF, errors.Is(err, tar.ErrHeader) && n == 0:
			return action.Bad("“%s”里不是 tar 归档", "“%s” does not hold a tar archive", u.name)
		case limited.left <= 0:
			return action.Limit("“%s”解压后太大（超过 %d MB，或压缩包的 %d 倍），停下了", "“%s” unpacks to too much (above %d MB, or %d times its size); stopped",
				u.name, u.bytesMax>>20, u.ratioMax)
		case err != nil && !errors.Is(err, tar.ErrInsecurePath):
			return u.broken(err)
		}
		if err := visit(h, t); err != nil {
			return err
		}
	}
}

// counted reads r until left bytes have come, then ends.
type counted struct {
	r    io.Reader
	left int64
}

func (c *counted) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.r.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	return n, err
}
