// Package charset finds the encoding of a text: UTF-8 and UTF-16 with and without
// byte order mark, GB18030 (and so GBK and GB2312), Big5, Windows-1252.
package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// An Encoding is how a text is written in bytes.
type Encoding uint8

// The encodings.
const (
	UTF8 Encoding = iota
	GB18030
	UTF16LE
	UTF16BE
	Big5
	Latin // Windows-1252
)

func (e Encoding) String() string {
	return [...]string{"UTF-8", "GB18030", "UTF-16LE", "UTF-16BE", "Big5", "Windows-1252"}[e]
}

// ErrBinary says that the bytes are not text.
var ErrBinary = errors.New("not a text")

// Find is the encoding of a text that begins with head, and the length of its byte order mark.
// whole says that nothing follows head; else its last bytes may be half a character.
func Find(head []byte, whole bool) (e Encoding, bom int, err error) {
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return UTF8, 3, nil
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return UTF16LE, 2, nil
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return UTF16BE, 2, nil
	}
	if e, ok := bareUTF16(head); ok {
		return e, 0, nil
	}
	switch {
	case bytes.IndexByte(head, 0) >= 0:
		return 0, 0, ErrBinary
	case validUTF8(head, whole):
		return UTF8, 0, nil
	case likeBig5(head):
		return Big5, 0, nil
	case validGB(head, whole):
		return GB18030, 0, nil
	}
	return Latin, 0, nil
}

// bareUTF16 recognises UTF-16 without a mark by its line ends and spaces: one zero byte
// each, always on the same side, and no other zeros. Where all else is ASCII, every unit has one.
func bareUTF16(b []byte) (Encoding, bool) {
	var side [2]int
	high := false
	for i, c := range b {
		if c == 0 {
			side[i&1]++
		}
		high = high || c >= 0x80
	}
	units := len(b) / 2
	switch {
	case !high && max(side[0], side[1]) < units:
		return 0, false
	case side[0] == 0 && side[1] > units/50:
		return UTF16LE, soundUTF16(b, 0)
	case side[1] == 0 && side[0] > units/50:
		return UTF16BE, soundUTF16(b, 1)
	}
	return 0, false
}

// soundUTF16 reports whether b has no control characters and pairs its surrogates; low is where
// a unit's low byte lies.
func soundUTF16(b []byte, low int) bool {
	high := false
	for i := 0; i+1 < len(b); i += 2 {
		u := rune(b[i+low]) | rune(b[i+1-low])<<8
		if u < ' ' && u != '\n' && u != '\r' && u != '\t' {
			return false
		}
		isLow := u >= 0xdc00 && u < 0xe000
		if isLow != high {
			return false
		}
		high = utf16.IsSurrogate(u) && !isLow
	}
	return true
}

func validUTF8(b []byte, whole bool) bool {
	if whole {
		return utf8.Valid(b)
	}
	for cut := 0; cut < utf8.UTFMax && cut <= len(b); cut++ {
		if utf8.Valid(b[:len(b)-cut]) {
			return true
		}
	}
	return false
}

// validGB reports whether b is GB18030, and not Western text whose accented letters happen to
// pair with the letter that follows: at least one character must be of two high bytes, and not
// stand inside a Latin word ("Größe").
func validGB(b []byte, whole bool) bool {
	hanzi := false
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		n := lenGB(b[i:])
		if n == 0 {
			return !whole && len(b)-i < 4 && hanzi
		}
		hanzi = hanzi || n == 4 || b[i] >= 0xa1 && b[i+1] >= 0xa1 && !(letterAt(b, i-1) && letterAt(b, i+2))
		i += n
	}
	return hanzi
}

// likeBig5 reports whether b is Big5 and not GB18030, whose forms are nearly the same: all its
// characters are Big5, most are of the everyday ones (lead bytes A4 to C6), and many have a second
// byte that only rare characters have in GB18030, though not nearly all, as accented letters would.
func likeBig5(b []byte) bool {
	all, common, low := 0, 0, 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c < 0x80 {
			continue
		}
		if i+1 == len(b) {
			break // perhaps half a character
		}
		i++
		d := b[i]
		if c < 0xa1 || c > 0xf9 || !(d >= 0x40 && d <= 0x7e || d >= 0xa1 && d <= 0xfe) {
			return false
		}
		all++
		if c >= 0xa4 && c <= 0xc6 {
			common++
		}
		if d <= 0x7e {
			low++
		}
	}
	if all < 4 || common*10 < all*8 || low*8 < all || low*10 > all*8 {
		return false
	}
	s := Big5.Decode(b[:len(b)-lastHalf(b)])
	return !strings.ContainsRune(s, utf8.RuneError)
}

// lastHalf is 1 when b ends inside a character of two bytes.
func lastHalf(b []byte) int {
	n := 0
	for n < len(b) && b[len(b)-1-n] >= 0x80 {
		n++
	}
	return n % 2
}

func letterAt(b []byte, i int) bool {
	return i >= 0 && i < len(b) && (b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z')
}

// lenGB is the length of the character of several bytes at the start of b; 0 when there is none.
func lenGB(b []byte) int {
	if len(b) < 2 || b[0] == 0x80 || b[0] == 0xff {
		return 0
	}
	switch c := b[1]; {
	case c >= 0x40 && c <= 0xfe && c != 0x7f:
		return 2
	case c >= '0' && c <= '9' && len(b) >= 4 && b[2] >= 0x81 && b[2] <= 0xfe && b[3] >= '0' && b[3] <= '9':
		return 4
	}
	return 0
}

func (e Encoding) encoding() encoding.Encoding {
	switch e {
	case GB18030:
		return simplifiedchinese.GB18030
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case Big5:
		return traditionalchinese.Big5
	case Latin:
		return charmap.Windows1252
	}
	return encoding.Nop
}

// Decode is b, without byte order mark, as text; what is not in the encoding becomes U+FFFD.
func (e Encoding) Decode(b []byte) string {
	if e == UTF8 {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	}
	out, err := e.encoding().NewDecoder().Bytes(b)
	if err != nil { // decoders replace; they do not fail
		return string(out)
	}
	return string(out)
}

// Encode is s in the encoding; an error when it cannot say s.
func (e Encoding) Encode(s string) ([]byte, error) {
	if e == UTF8 {
		return []byte(s), nil
	}
	return e.encoding().NewEncoder().Bytes([]byte(s))
}

// Reader is r, after its byte order mark, as UTF-8.
func (e Encoding) Reader(r io.Reader) io.Reader {
	if e == UTF8 {
		return r
	}
	return transform.NewReader(r, e.encoding().NewDecoder())
}
