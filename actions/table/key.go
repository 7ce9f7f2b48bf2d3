package table

import (
	"encoding/binary"
	"strings"

	"daiban/flow"
)

// A keyer makes the key under which rows group, join and are unique: flow.Value.Key of each of
// some columns, in one buffer.
type keyer struct {
	at  []int
	buf []byte
}

// key is the key of row, good until the next call. blank is true when every part is empty.
func (k *keyer) key(row []flow.Value) (key []byte, blank bool) {
	k.buf = k.buf[:0]
	if len(k.at) == 1 {
		k.buf = appendKey(k.buf, &row[k.at[0]])
		return k.buf, len(k.buf) == 0
	}
	blank = true
	for _, i := range k.at {
		from := len(k.buf)
		k.buf = appendKey(k.buf, &row[i])
		n := len(k.buf) - from
		blank = blank && n == 0
		k.buf = binary.BigEndian.AppendUint32(k.buf, uint32(n)) // so that "a","bc" is not "ab","c"
	}
	return k.buf, blank
}

// appendKey appends v.Key() without allocating for the usual kinds.
func appendKey(b []byte, v *flow.Value) []byte {
	switch v.Kind() {
	case flow.NumberKind:
		x := v.Number()
		if x.Scale() == 0 {
			return x.Append(b)
		}
		return append(b, x.Key()...)
	case flow.TextKind, flow.PathKind:
		s := v.Text()
		if s == "" {
			return b
		}
		if c, e := s[0], s[len(s)-1]; c <= ' ' || e <= ' ' || c >= 0x80 || e >= 0x80 {
			s = strings.TrimSpace(s)
		}
		if needsKey(s) {
			return append(b, v.Key()...)
		}
		return append(b, s...)
	case flow.NullKind:
		return b
	case flow.DateKind:
		return v.Time().AppendFormat(b, "2006-01-02")
	}
	return append(b, v.Key()...)
}

// needsKey reports whether s may be a number that is not written as its key: 1.50, -0.
func needsKey(s string) bool {
	if s == "" || s[0] > '9' || s[0] < '-' {
		return false
	}
	return s[0] == '-' || strings.IndexByte(s, '.') > 0
}
