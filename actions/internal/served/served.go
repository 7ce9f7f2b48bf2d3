// Package served is what HTTP says of a file that it serves: its name and what kind of file it is.
package served

import (
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"daiban/actions/internal/charset"
)

// Name is the file name of a Content-Disposition (RFC 6266): filename* (RFC 8187) before filename, which may be
// an encoded word, percent-encoded, or raw UTF-8 or GBK, as servers write it.
func Name(header string) string {
	plain, extended := "", ""
	for name, value := range dispositionParams(header) {
		switch strings.ToLower(name) {
		case "filename":
			plain = value
		case "filename*":
			extended = extendedValue(value)
		}
	}
	if extended != "" {
		return extended
	}
	if strings.Contains(plain, "=?") {
		if s, err := (&mime.WordDecoder{}).DecodeHeader(plain); err == nil {
			return s
		}
	}
	if strings.Contains(plain, "%") {
		plain = Decoded(plain)
	}
	if utf8.ValidString(plain) {
		return plain
	}
	return charset.GB18030.Decode([]byte(plain))
}

// dispositionParams is the parameters of a header; quoted values may hold semicolons.
func dispositionParams(h string) func(yield func(name, value string) bool) {
	return func(yield func(string, string) bool) {
		_, h, _ = strings.Cut(h, ";")
		for h != "" {
			name, rest, ok := strings.Cut(h, "=")
			if !ok {
				return
			}
			var value string
			rest = strings.TrimLeft(rest, " \t")
			if strings.HasPrefix(rest, `"`) {
				value, rest = quoted(rest[1:])
				_, h, _ = strings.Cut(rest, ";")
			} else {
				value, h, _ = strings.Cut(rest, ";")
			}
			if !yield(strings.TrimSpace(name), strings.TrimSpace(value)) {
				return
			}
		}
	}
}

// quoted is the text up to the closing quote. A backslash escapes a quote or itself; in GBK it may be
// half a character, and else stands for itself.
func quoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') && (i == 0 || s[i-1] < 0x80):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// extendedValue reads charset'lang'percent-encoded.
func extendedValue(s string) string {
	parts := strings.SplitN(strings.Trim(s, `"`), "'", 3)
	if len(parts) != 3 {
		return ""
	}
	raw, err := url.PathUnescape(parts[2])
	if err != nil {
		return ""
	}
	if e, err := htmlindex.Get(parts[0]); err == nil {
		if out, err := e.NewDecoder().String(raw); err == nil && utf8.ValidString(out) {
			return out
		}
	}
	if !utf8.ValidString(raw) {
		return ""
	}
	return raw
}

// Decoded is s without percent-encoding, of UTF-8 or GBK; s itself when it is not so encoded.
func Decoded(s string) string {
	t, err := url.PathUnescape(s)
	switch {
	case err != nil:
		return s
	case !utf8.ValidString(t):
		return charset.GB18030.Decode([]byte(t))
	}
	return t
}

// extensions is those of the types that matter here; mime's own depend on the machine.
var extensions = map[string]string{
	"text/html": ".html", "text/plain": ".txt", "text/csv": ".csv", "text/xml": ".xml", "application/xml": ".xml", "application/json": ".json",
	"application/pdf": ".pdf", "application/zip": ".zip", "application/gzip": ".gz", "application/x-gzip": ".gz", "application/msword": ".doc", "application/vnd.ms-excel": ".xls",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg",
}

// Extension is that of a Content-Type, with its dot; "" where the type says nothing.
func Extension(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return extensions[strings.ToLower(strings.TrimSpace(kind))]
}
