package letter

import (
	"bytes"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a header.
const (
	headerMax = 1 << 20 // bytes
	fieldsMax = 2000
)

// A Header is the fields of a message or of a part of one, in their order.
type Header struct{ fields []field }

type field struct {
	key   string // lower case
	value string // unfolded, as UTF-8 as far as its encoding can be told
}

// ReadHeader reads the header at the start of data and gives what follows its empty line. Lines
// that are no field are left out.
func ReadHeader(data []byte) (h Header, body []byte) {
	rest := data[:min(len(data), headerMax)]
	for len(rest) > 0 && len(h.fields) < fieldsMax {
		line, after := cutLine(rest)
		rest = after
		if len(line) == 0 {
			break
		}
		for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
			var more []byte
			more, rest = cutLine(rest)
			line = append(append([]byte{}, line...), more...)
		}
		key, value, ok := bytes.Cut(line, []byte(":"))
		key = bytes.TrimRight(key, " \t")
		if !ok || len(key) == 0 || bytes.ContainsAny(key, " \t") {
			continue
		}
		h.fields = append(h.fields, field{strings.ToLower(string(key)), string(bytes.TrimSpace(value))})
	}
	h.decode()
	return h, data[min(len(data), headerMax)-len(rest):]
}

// cutLine is the first line of b, without its end, and the rest.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil
	}
	return bytes.TrimSuffix(b[:i], []byte("\r")), b[i+1:]
}

// decode makes the fields UTF-8: raw bytes of another encoding are told by all fields together,
// since one alone may be too short.
func (h *Header) decode() {
	var raw []byte
	for i, f := range h.fields {
		if strings.Contains(f.value, "\x1b$") {
			h.fields[i].value = toText("iso-2022-jp", []byte(f.value))
		}
		if !utf8.ValidString(f.value) {
			raw = append(append(raw, f.value...), '\n')
		}
	}
	if raw == nil {
		return
	}
	e := guess(raw)
	for i, f := range h.fields {
		if !utf8.ValidString(f.value) {
			h.fields[i].value = e.Decode([]byte(f.value))
		}
	}
}

// raw is the first field called key as it stands, "" for none.
func (h *Header) raw(key string) string {
	for _, f := range h.fields {
		if f.key == key {
			return f.value
		}
	}
	return ""
}

// Text is the first field called key (lower case) as a person reads it.
func (h *Header) Text(key string) string { return visible(decodeWords(h.raw(key))) }

// visible is s on one line, without what controls a terminal or turns the direction of a text.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff', r == '\u200b', r == '\u200e', r == '\u200f':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

var messageID = regexp.MustCompile(`<([^<>\s]+)>`)

// ID is the Message-ID without its brackets, "" for none.
func (h *Header) ID() string {
	if ids := h.IDs("message-id"); len(ids) > 0 {
		return ids[0]
	}
	return strings.TrimSpace(h.raw("message-id")) // without brackets, as some write it
}

// idsMax bounds a list of message ids.
const idsMax = 200

// IDs is the message ids of a field, without their brackets.
func (h *Header) IDs(key string) []string {
	var out []string
	for _, m := range messageID.FindAllStringSubmatch(h.raw(key), idsMax) {
		out = append(out, m[1])
	}
	return out
}

// dateForms are ways to write a date beside those of RFC 5322.
var dateForms = []string{
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04:05", "Mon Jan 2 15:04:05 2006",
	"Mon Jan 2 15:04:05 -0700 2006", "Mon Jan 2 15:04:05 MST 2006",
	"2006-1-2 15:04:05 -0700", "2006-1-2 15:04:05", "2006/1/2 15:04:05", "2006-01-02T15:04:05Z07:00", "2006-1-2 15:04",
}

var (
	dateComment = regexp.MustCompile(`\s*\([^()]*\)\s*$`)
	dateOffset  = regexp.MustCompile(`(?:GMT|UTC)\s*([+-]\d{2}):?(\d{2})$`)
)

// Date is when the mail says that it was written; ok is false when it does not, or not in a way that
// can be read. A time without a zone is one of zone.
func (h *Header) Date(zone *time.Location) (t time.Time, ok bool) {
	s := strings.Join(strings.Fields(decodeWords(h.raw("date"))), " ")
	if s == "" {
		return t, false
	}
	if t, err := mail.ParseDate(s); err == nil && sane(t) {
		return t, true
	}
	s = dateOffset.ReplaceAllString(dateComment.ReplaceAllString(s, ""), "$1$2")
	if t, err := mail.ParseDate(s); err == nil && sane(t) {
		return t, true
	}
	for _, form := range dateForms {
		if t, err := time.ParseInLocation(form, s, zone); err == nil && sane(t) {
			return t, true
		}
	}
	return time.Time{}, false
}

// sane leaves out the dates of broken clocks, which would sort before or after everything.
func sane(t time.Time) bool { return t.Year() >= 1971 && t.Year() < 2200 }
