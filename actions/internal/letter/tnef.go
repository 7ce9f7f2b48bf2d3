package letter

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"daiban/actions/internal/plain"
)

// TNEF, the winmail.dat of Outlook (MS-OXTNEF): a signature, then attributes of a level, an id, a length,
// the data and a checksum. Long names and some bodies are MAPI properties within attributes.
const (
	tnefSignature  = 0x223e9f78
	attBody        = 0x0002800c
	attTitle       = 0x00018010
	attData        = 0x0006800f
	attRendData    = 0x00069002 // begins an attachment
	attMAPIProps   = 0x00069003
	attAttachment  = 0x00069005 // properties of the attachment
	propBody       = 0x1000
	propHTML       = 0x1013
	propData       = 0x3701
	propFileName   = 0x3704
	propLongName   = 0x3707
	propDisplay    = 0x3001
	propMimeTag    = 0x370e
	typeObject     = 0x000d
	typeString8    = 0x001e
	typeUnicode    = 0x001f
	typeBinary     = 0x0102
	tnefAttrsMax   = 5000
	tnefValuesMax  = 10000
	interfacePlain = 16 // bytes of an interface's id before an embedded object's data
)

// tnef is a part that is winmail.dat: what it holds, or itself where that cannot be read.
func (w *walker) tnef(e *entity) content {
	var t tnef
	if !t.read(e.decoded()) {
		return content{files: []File{e.file()}}
	}
	out := content{text: t.text(), plain: true}
	for _, a := range t.files {
		if a.data == nil {
			continue
		}
		kind := a.kind
		if kind == "" {
			kind = "application/octet-stream"
		}
		data := a.data
		out.files = append(out.files, File{Name: SafeName(firstOf(a.long, a.title, a.short, a.display), kind), Type: kind, data: func() []byte { return data }})
		if len(out.files) >= partsMax {
			break
		}
	}
	return out
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

type tnefFile struct {
	title, long, short, display, kind string
	data                              []byte
}

// tnef gathers what a winmail.dat holds.
type tnef struct {
	body, html string
	files      []tnefFile
}

func (t *tnef) text() string {
	if s := strings.TrimSpace(lines(t.body)); s != "" {
		return s
	}
	return t.html
}

// read reads all attributes; false when b is no TNEF. One cut off is read as far as it goes.
func (t *tnef) read(b []byte) bool {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefSignature {
		return false
	}
	b = b[6:]
	for n := 0; len(b) >= 9 && n < tnefAttrsMax; n++ {
		id, size := binary.LittleEndian.Uint32(b[1:]), int64(binary.LittleEndian.Uint32(b[5:]))
		b = b[9:]
		if size > int64(len(b)) {
			break
		}
		t.attribute(id, b[:size])
		b = b[min(size+2, int64(len(b))):] // and a checksum
	}
	return true
}

func (t *tnef) attribute(id uint32, data []byte) {
	switch id {
	case attBody:
		t.body = toText("", cString(data))
	case attMAPIProps:
		t.props(data, t.messageProp)
	case attRendData:
		t.files = append(t.files, tnefFile{})
	}
	if len(t.files) == 0 {
		return
	}
	f := &t.files[len(t.files)-1]
	switch id {
	case attTitle:
		f.title = toText("", cString(data))
	case attData:
		f.data = data
	case attAttachment:
		t.props(data, f.prop)
	}
}

func (t *tnef) messageProp(id, kind uint16, v []byte) {
	switch id {
	case propBody:
		if s := propText(kind, v); s != "" {
			t.body = s
		}
	case propHTML:
		t.html = plain.Page(toText(htmlCharset("", v), v))
	}
}

func (f *tnefFile) prop(id, kind uint16, v []byte) {
	switch id {
	case propLongName:
		f.long = propText(kind, v)
	case propFileName:
		f.short = propText(kind, v)
	case propDisplay:
		f.display = propText(kind, v)
	case propMimeTag:
		f.kind = strings.ToLower(propText(kind, v))
	case propData:
		if kind == typeObject && len(v) > interfacePlain {
			v = v[interfacePlain:]
		}
		if f.data == nil {
			f.data = v
		}
	}
}

func propText(kind uint16, v []byte) string {
	if kind != typeUnicode {
		return toText("", cString(v))
	}
	units := make([]uint16, 0, len(v)/2)
	for i := 0; i+1 < len(v); i += 2 {
		u := binary.LittleEndian.Uint16(v[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// cString is b up to its first zero.
func cString(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

// props reads MAPI properties: a count, then for each a type, an id, perhaps a name, and its values.
func (t *tnef) props(b []byte, take func(id, kind uint16, v []byte)) {
	r := &reader{b: b}
	count := int(r.u32())
	for i := 0; i < min(count, tnefValuesMax) && !r.failed; i++ {
		kind, id := r.u16(), r.u16()
		if id >= 0x8000 {
			r.name()
		}
		values := 1
		sized := kind&0x0fff == typeObject || kind&0x0fff == typeString8 || kind&0x0fff == typeUnicode || kind&0x0fff == typeBinary
		if kind&0x1000 != 0 || sized {
			values = int(r.u32())
		}
		for j := 0; j < min(values, tnefValuesMax) && !r.failed; j++ {
			var v []byte
			if sized {
				v = r.padded(int64(r.u32()))
			} else {
				v = r.padded(fixedSize(kind & 0x0fff))
			}
			if j == 0 && !r.failed {
				take(id, kind, v)
			}
		}
	}
}

// fixedSize is the bytes of a value of a type that has no length of its own.
func fixedSize(kind uint16) int64 {
	switch kind {
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040: // double, currency, time, 64 bits, file time
		return 8
	case 0x0048: // an id
		return 16
	}
	return 4
}

// reader takes numbers off b; failed once it has run out.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) take(n int64) []byte {
	if n < 0 || n > int64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u16() uint16 {
	if v := r.take(2); v != nil {
		return binary.LittleEndian.Uint16(v)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if v := r.take(4); v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

// padded takes n bytes, and those that fill up to four.
func (r *reader) padded(n int64) []byte {
	v := r.take(n)
	if v != nil {
		r.take(min((4-n%4)%4, int64(len(r.b))))
	}
	return v
}

// name skips the name of a named property: an id, then a number or a text.
func (r *reader) name() {
	r.take(16)
	if r.u32() == 0 {
		r.u32()
		return
	}
	r.padded(int64(r.u32()))
}
