package letter

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

// attr is an attribute of TNEF.
func attr(level byte, id uint32, data []byte) []byte {
	b := append([]byte{level}, binary.LittleEndian.AppendUint32(nil, id)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(append(b, data...), 0, 0)
}

// prop is a MAPI property of a type with a length.
func prop(kind, id uint16, v []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
	b = append(b, v...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func utf16LE(s string) []byte {
	var b []byte
	for _, u := range append(utf16.Encode([]rune(s)), 0) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// tnefOf is a winmail.dat with a body and an attachment that has a short and a long name.
func tnefOf(body []byte, long string, data []byte) []byte {
	b := []byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}
	b = append(b, attr(1, attBody, append(body, 0))...)
	b = append(b, attr(2, attRendData, make([]byte, 14))...)
	b = append(b, attr(2, attTitle, []byte("LONG~1.PDF\x00"))...)
	b = append(b, attr(2, attData, data)...)
	props := binary.LittleEndian.AppendUint32(nil, 3)
	props = append(props, 0x03, 0x00, 0x05, 0x37, 1, 0, 0, 0) // PR_ATTACH_METHOD
	named := binary.LittleEndian.AppendUint16(nil, 0x0003)    // a named property is passed over
	named = binary.LittleEndian.AppendUint16(named, 0x8001)
	named = append(named, make([]byte, 16)...)
	named = append(named, 1, 0, 0, 0, 4, 0, 0, 0, 'a', 0, 0, 0, 7, 0, 0, 0)
	props = append(props, named...)
	props = append(props, prop(typeUnicode, propLongName, utf16LE(long))...)
	return append(b, attr(2, attAttachment, props)...)
}

func TestTNEF(t *testing.T) {
	raw := tnefOf([]byte(gbk("详见附件，谢谢")), "三月发票.pdf", []byte("PDF"))
	mail := append(crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"+b64(string(raw))+"\n--b--"), '\n')
	m := Read(mail)
	if names(m) != "三月发票.pdf" || string(m.Files[0].Data()) != "PDF" || m.Body != "详见附件，谢谢" {
		t.Errorf("files %q, body %q", names(m), m.Body)
	}
	for n := range raw { // cut off anywhere
		Read(append([]byte("Content-Type: application/ms-tnef\n\n"), raw[:n]...))
	}
	if m := Read([]byte("Content-Type: application/ms-tnef; name=winmail.dat\n\nno tnef")); names(m) != "winmail.dat" {
		t.Errorf("broken: %q", names(m))
	}
	huge := bytes.Clone(raw)
	binary.LittleEndian.PutUint32(huge[11:], 1<<31) // a length beyond the end
	Read(append([]byte("Content-Type: application/ms-tnef\n\n"), huge...))
}

// tlv is a value of ASN.1.
func tlv(tag byte, parts ...[]byte) []byte {
	data := bytes.Join(parts, nil)
	if len(data) > 127 {
		return append([]byte{tag, 0x82, byte(len(data) >> 8), byte(len(data))}, data...)
	}
	return append([]byte{tag, byte(len(data))}, data...)
}

func TestSigned(t *testing.T) {
	inner := crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n已签名的正文\n--b\nContent-Type: application/pdf; name=a.pdf\n\nPDF\n--b--\n")
	version, algorithms := tlv(0x02, []byte{1}), tlv(0x31, tlv(0x30, tlv(0x06, []byte("\x60\x86\x48"))))
	data := tlv(0x06, []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"))
	oid := tlv(0x06, []byte(oidSignedData))
	definite := tlv(0x30, oid, tlv(0xa0, tlv(0x30, version, algorithms, tlv(0x30, data, tlv(0xa0, tlv(0x04, inner))), tlv(0x31))))
	end := []byte{0, 0}
	pieces := bytes.Join([][]byte{{0x24, 0x80}, tlv(0x04, inner[:50]), tlv(0x04, inner[50:]), end}, nil)
	indefinite := bytes.Join([][]byte{{0x30, 0x80}, oid, {0xa0, 0x80, 0x30, 0x80}, version, algorithms, {0x30, 0x80}, data, {0xa0, 0x80}, pieces, end, end, end, end, end}, nil)
	for name, der := range map[string][]byte{"definite": definite, "indefinite": indefinite} {
		m := Read(crlf("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n" + b64(string(der))))
		if m.Body != "已签名的正文" || names(m) != "a.pdf" {
			t.Errorf("%s: body %q, files %q", name, m.Body, names(m))
		}
		for n := range der {
			signedContent(der[:n])
		}
	}
	m := Read(crlf("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nsecret"))
	if names(m) != "smime.p7m" {
		t.Errorf("encrypted: %q", names(m))
	}
	if _, ok := signedContent([]byte(strings.Repeat("\x30\x80", 100000))); ok {
		t.Error("depth")
	}
}
