package letter

// signed is S/MIME that holds its text within the signature (RFC 8551, application/pkcs7-mime): the text is
// read, the signature is not judged. What is encrypted stays a file.
func (w *walker) signed(e *entity) content {
	if inner, ok := signedContent(e.decoded()); ok {
		h, body := ReadHeader(inner)
		child := newEntity(h, body, e.depth+1, e.within)
		child.first = true
		return w.entity(child)
	}
	return content{files: []File{e.file()}}
}

// oidSignedData is 1.2.840.113549.1.7.2.
const oidSignedData = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"

// signedContent is what a CMS SignedData holds (RFC 5652): SEQUENCE { OID, [0] SEQUENCE { version,
// algorithms, SEQUENCE { OID, [0] OCTET STRING } … } }.
func signedContent(data []byte) ([]byte, bool) {
	info, _, ok := readBER(data, 0)
	if !ok || info.tag != 0x30 || len(info.items) < 2 || string(info.items[0].data) != oidSignedData {
		return nil, false
	}
	for _, step := range []int{1, 0, 2, 1, 0} {
		if step >= len(info.items) {
			return nil, false
		}
		info = info.items[step]
	}
	if info.tag&^0x20 != 0x04 {
		return nil, false
	}
	return info.octets(), true
}

// ber is a value of ASN.1 in BER, of definite or indefinite length.
type ber struct {
	tag   byte
	data  []byte // of a primitive one
	items []ber  // of a constructed one
}

// octets is an OCTET STRING, which may come in pieces.
func (b ber) octets() []byte {
	if b.tag&0x20 == 0 {
		return b.data
	}
	var out []byte
	for _, x := range b.items {
		out = append(out, x.octets()...)
	}
	return out
}

// readBER reads one value; ok is false where b is none.
func readBER(b []byte, depth int) (v ber, rest []byte, ok bool) {
	if len(b) < 2 || depth > depthMax || b[0]&0x1f == 0x1f {
		return v, nil, false
	}
	v.tag = b[0]
	n, b, ok := readLength(b[1:])
	if !ok || n < 0 && v.tag&0x20 == 0 {
		return v, nil, false
	}
	if v.tag&0x20 == 0 {
		v.data = b[:n]
		return v, b[n:], true
	}
	inside := b
	if n >= 0 {
		inside, rest = b[:n], b[n:]
	}
	for len(inside) > 0 {
		if n < 0 && len(inside) >= 2 && inside[0] == 0 && inside[1] == 0 {
			return v, inside[2:], true
		}
		var x ber
		if x, inside, ok = readBER(inside, depth+1); !ok {
			return v, nil, false
		}
		v.items = append(v.items, x)
	}
	return v, rest, n >= 0
}

// readLength reads a length, -1 for an indefinite one; it is within b.
func readLength(b []byte) (n int, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, nil, false
	}
	n, b = int(b[0]), b[1:]
	switch {
	case n == 0x80:
		return -1, b, true
	case n > 0x84 || n > 0x80 && len(b) < n-0x80:
		return 0, nil, false
	case n > 0x80:
		size := n - 0x80
		n = 0
		for _, c := range b[:size] {
			n = n<<8 | int(c)
		}
		b = b[size:]
	}
	return n, b, n <= len(b)
}
