package sheet

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings of text that are read and kept.
const (
	utf8Plain = "UTF-8"
	utf8BOM   = "UTF-8 with BOM"
	gb18030   = "GB18030"
	utf16LE   = "UTF-16LE"
	utf16BE   = "UTF-16BE"
)

// sampleMax is how many bytes outside plain ASCII the encoding is told from.
const sampleMax = 256 << 10

// A charset is an encoding and whether the text starts with a byte order mark.
type charset struct {
	name string
	bom  int // bytes of the mark
}

// detect finds the encoding of r. A part of the text decides; readers verify the whole.
func detect(r io.ReaderAt, size int64) (charset, error) {
	sample, err := sampleText(r, size)
	if err != nil {
		return charset{}, err
	}
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return charset{utf8BOM, 3}, nil
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return charset{utf16LE, 2}, nil
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return charset{utf16BE, 2}, nil
	}
	if name := withoutMark(sample); name != "" {
		return charset{name, 0}, nil
	}
	if bytes.IndexByte(sample, 0) >= 0 {
		return charset{}, &inFile{zh: "不是文本，是别的文件", en: "is no text but some other file"}
	}
	if validUTF8(sample) {
		return charset{utf8Plain, 0}, nil
	}
	if n := badGB(sample); n > 3 && n*200 > len(sample) {
		return charset{}, &inFile{zh: "认不出文字编码（能读 UTF-8、GB18030、UTF-16）", en: "its text encoding is not known (UTF-8, GB18030 and UTF-16 can be read)"}
	}
	if badUTF8(sample)*50 < nonASCII(sample) {
		return charset{utf8Plain, 0}, nil // a few bad bytes: UTF-8, and the reader names the line
	}
	return charset{gb18030, 0}, nil
}

// sampleText is the first block of r, and after it those with bytes outside ASCII.
func sampleText(r io.ReaderAt, size int64) ([]byte, error) {
	const block = 64 << 10
	var sample []byte
	buf := make([]byte, block)
	for off := int64(0); off < size && len(sample) < sampleMax; off += block {
		n, err := r.ReadAt(buf, off)
		if err != nil && err != io.EOF {
			return nil, err
		}
		if n == 0 {
			break
		}
		b := buf[:n]
		if off == 0 || nonASCII(b) > 0 {
			// A character cut by the block's edges would look like an error.
			sample = append(sample, wholeLines(b, off == 0, off+block >= size)...)
		}
	}
	return sample, nil
}

// wholeLines is b without the broken lines at its ends, which the ends of the file do not break.
func wholeLines(b []byte, first, last bool) []byte {
	if !last {
		if j := bytes.LastIndexByte(b, '\n'); j >= 0 {
			b = b[:j+1]
		} else if !first {
			return nil
		}
	}
	if !first {
		b = b[bytes.IndexByte(b, '\n')+1:]
	}
	return b
}

func nonASCII(b []byte) int {
	n := 0
	for _, c := range b {
		if c >= 0x80 {
			n++
		}
	}
	return n
}

// withoutMark tells UTF-16 without a mark by the zero bytes of its ASCII part.
func withoutMark(b []byte) string {
	even, odd := 0, 0
	n := min(len(b), 4096) &^ 1
	for i := 0; i < n; i += 2 {
		if b[i] == 0 {
			even++
		}
		if b[i+1] == 0 {
			odd++
		}
	}
	switch {
	case odd*20 > n && even*20 < odd:
		return utf16LE
	case even*20 > n && odd*20 < even:
		return utf16BE
	}
	return ""
}

// validUTF8 is utf8.Valid, but for a character that the end cuts.
func validUTF8(b []byte) bool {
	for cut := 0; cut < 4 && cut <= len(b); cut++ {
		if utf8.Valid(b[:len(b)-cut]) {
			return cut == 0 || !utf8.FullRune(b[len(b)-cut:])
		}
	}
	return false
}

func badUTF8(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			n++
		}
		b = b[size:]
	}
	return n
}

// badGB is how many characters of b are not GB18030.
func badGB(b []byte) int {
	out, _ := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	return bytes.Count(out, []byte("\ufffd"))
}

func (c charset) encoding() encoding.Encoding {
	switch c.name {
	case gb18030:
		return simplifiedchinese.GB18030
	case utf16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case utf16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// reader gives the text of r, its mark dropped, as UTF-8.
func (c charset) reader(r io.ReaderAt, size int64) io.Reader {
	section := io.NewSectionReader(r, int64(c.bom), size-int64(c.bom))
	if e := c.encoding(); e != nil {
		return transform.NewReader(section, e.NewDecoder())
	}
	return section
}

// writer takes UTF-8 and writes it to w in the encoding; a sign that the encoding lacks is an error.
func (c charset) writer(w io.Writer) io.WriteCloser {
	if e := c.encoding(); e != nil {
		return transform.NewWriter(w, e.NewEncoder())
	}
	return nopCloser{w}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
