package letter

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	mailcharset "github.com/emersion/go-message/charset"

	"daiban/actions/internal/charset"
)

// toText is b, which says that it is in the encoding label, as text. Labels are often missing,
// unknown, or wrong: what b shows itself counts more.
func toText(label string, b []byte) string {
	label = strings.Trim(strings.ToLower(label), "\"' \t")
	seven := isASCII(b)
	switch {
	case strings.HasPrefix(label, "utf-7"), strings.HasPrefix(label, "unicode-1-1-utf-7"):
		return unUTF7(b)
	case strings.HasPrefix(label, "utf-16"), strings.HasPrefix(label, "hz"):
		return byLabel(label, b)
	case bytes.Contains(b, []byte("\x1b$")), bytes.Contains(b, []byte("\x1b(J")):
		if strings.HasPrefix(label, "iso-2022") {
			return byLabel(label, b)
		}
		return byLabel("iso-2022-jp", b)
	case seven || surelyUTF8(b):
		return string(b)
	}
	switch {
	case label == "utf-8", label == "utf8":
		return utf8Text(b)
	case chinese(label):
		if s := charset.GB18030.Decode(b); !broken(s) {
			return s
		}
		return guess(b).Decode(b)
	case latin(label):
		if e := guess(b); e == charset.UTF8 || e == charset.GB18030 && inRuns(b) {
			return e.Decode(b)
		}
		return byLabel(label, b)
	}
	return byLabel(label, b)
}

// guess is the encoding that b looks like.
func guess(b []byte) charset.Encoding {
	e, _, err := charset.Find(b, true)
	if err != nil {
		return charset.UTF8
	}
	return e
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 || c == 0x1b {
			return false
		}
	}
	return true
}

// surelyUTF8 reports whether b is UTF-8 by more than accident: short texts of GBK can pass for characters
// of two bytes, but hardly for several of three.
func surelyUTF8(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	two, more := 0, 0
	for _, c := range b {
		switch {
		case c >= 0xe0:
			more++
		case c >= 0xc0:
			two++
		}
	}
	return more >= 2 && two <= more
}

// utf8Text is b, said to be UTF-8. Where a few bytes are broken (a text cut off) it is that all the same.
func utf8Text(b []byte) string {
	bad, high := 0, 0
	for rest := b; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			bad++
		}
		if rest[0] >= 0x80 {
			high++
		}
		rest = rest[n:]
	}
	if bad*10 <= high {
		return charset.UTF8.Decode(b)
	}
	return guess(b).Decode(b)
}

// chinese reports whether a label means GB18030 or a part of it.
func chinese(label string) bool {
	return strings.HasPrefix(label, "gb") || strings.Contains(label, "gb2312") || strings.Contains(label, "gbk") || label == "cp936" || label == "ms936" ||
		label == "windows-936" || label == "x-gbk" || label == "chinese"
}

// latin reports whether a label is one that programs write when they do not know.
func latin(label string) bool {
	switch label {
	case "us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "latin1", "windows-1252", "cp1252":
		return true
	}
	return false
}

// inRuns reports whether what is not ASCII in b stands together, as characters of two bytes do, and not one by
// one among letters, as accents do.
func inRuns(b []byte) bool {
	high, together := 0, 0
	for i := 0; i < len(b); {
		n := 0
		for i+n < len(b) && b[i+n] >= 0x80 {
			n++
		}
		high += n
		if n >= 2 {
			together += n
		}
		i += max(n, 1)
	}
	return together*4 >= high*3
}

// broken reports whether a decoder met more than a stray byte that is not of its encoding.
func broken(s string) bool {
	return strings.Count(s, "\uFFFD")*20 > utf8.RuneCountInString(s)
}

// byLabel decodes by the label where it is known and fits, else as b looks.
func byLabel(label string, b []byte) string {
	if label != "" {
		if r, err := mailcharset.Reader(label, bytes.NewReader(b)); err == nil {
			if out, err := io.ReadAll(r); err == nil && !broken(string(out)) {
				return strings.TrimPrefix(string(out), "\ufeff")
			}
		}
	}
	return guess(b).Decode(b)
}

// unUTF7 decodes UTF-7 (RFC 2152): UTF-16 in base64 between + and -.
func unUTF7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			break
		}
		out.Write(b[:i])
		b = b[i+1:]
		n := 0
		for n < len(b) && strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", b[n]) >= 0 {
			n++
		}
		if n == 0 {
			out.WriteByte('+') // "+-" is a plus
		}
		out.WriteString(utf16Text(b[:n]))
		if b = b[n:]; len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	out.Write(b)
	return charset.UTF8.Decode([]byte(out.String()))
}

// utf16Text is big-endian UTF-16 in base64 without padding.
func utf16Text(b64 []byte) string {
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(b64)))
	n, _ := base64.RawStdEncoding.Decode(raw, b64) // the last bits may be padding that is not zero
	units := make([]uint16, n/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}
