package token

import (
	"strings"
	"unicode/utf8"
)

// byteRune is the byte-level alphabet of GPT-2: a visible character for every byte.
var byteRune = func() (t [256]rune) {
	next := rune(256)
	for b := range t {
		switch {
		case b >= '!' && b <= '~', b >= 0xa1 && b <= 0xac, b >= 0xae:
			t[b] = rune(b)
		default:
			t[b] = next
			next++
		}
	}
	return t
}()

// runeByte is the way back; -1 is a character that is not of the alphabet.
var runeByte = func() (t [324]int16) {
	for i := range t {
		t[i] = -1
	}
	for b, r := range byteRune {
		t[r] = int16(b)
	}
	return t
}()

// textual returns the byte-level form of w.
func (t *Tokenizer) textual(w string) string {
	b := make([]byte, 0, 2*len(w))
	for i := range len(w) {
		b = utf8.AppendRune(b, byteRune[w[i]])
	}
	return string(b)
}

// byteTable holds the bytes of all tokens in one piece.
type byteTable struct {
	data []byte
	ends []int // token i is data[ends[i]:ends[i+1]]
}

func (t *Tokenizer) makeBytes() *byteTable {
	n := 0
	for _, s := range t.vocab.texts {
		n += len(s)
	}
	b := &byteTable{data: make([]byte, 0, n), ends: make([]int, 1, len(t.vocab.texts)+1)}
	for id := range t.vocab.texts {
		b.data = t.appendToken(b.data, id)
		b.ends = append(b.ends, len(b.data))
	}
	return b
}

// appendToken appends the bytes that a token stands for, without a need of the table of all.
func (t *Tokenizer) appendToken(b []byte, id int) []byte {
	if id < 0 || id >= t.Size() || t.silent[id] {
		return b
	}
	return appendBytes(b, t.vocab.texts[id])
}

// appendBytes appends what a token in textual form stands for. A token with a character outside of
// the byte-level alphabet, which only an added token has, stands for itself.
func appendBytes(b []byte, s string) []byte {
	start := len(b)
	for _, r := range s {
		if r >= rune(len(runeByte)) || runeByte[r] < 0 {
			return append(b[:start], s...)
		}
		b = append(b, byte(runeByte[r]))
	}
	return b
}

// Bytes returns the bytes that a token stands for, which may be a part of a character: none for a
// control token or an unknown id. The slice must not be modified.
func (t *Tokenizer) Bytes(id int) []byte {
	if id < 0 || id >= t.Size() {
		return nil
	}
	b := t.bytes()
	return b.data[b.ends[id]:b.ends[id+1]:b.ends[id+1]]
}

// Decode returns the text of ids. Special tokens are skipped; what is not UTF-8 becomes U+FFFD, one
// for each longest beginning of a character.
func (t *Tokenizer) Decode(ids []int) string {
	var b []byte
	for _, id := range ids {
		b = t.appendToken(b, id)
	}
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	lossy(&out, b, true)
	return out.String()
}

// lossy writes b with U+FFFD for what is not UTF-8, one for each maximal subpart (The Unicode
// Standard, section 3.9). Unless it is the end, it leaves a character that may still be completed,
// and returns its length.
func lossy(out *strings.Builder, b []byte, end bool) (left int) {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = subpart(b)
			if n == len(b) && !end && !utf8.FullRune(b) {
				return n
			}
		}
		if r == utf8.RuneError {
			out.WriteRune(r)
		} else {
			out.Write(b[:n])
		}
		b = b[n:]
	}
	return 0
}

// subpart returns the length of the longest beginning of a character at the start of b, at least 1.
func subpart(b []byte) int {
	n := 1
	for n < len(b) && n < utf8.UTFMax && !utf8.FullRune(b[:n]) {
		n++
	}
	if n > 1 && utf8.FullRune(b[:n]) {
		n-- // the last byte spoiled it
	}
	return n
}

// Stream decodes ids as they come and never gives out a part of a character.
type Stream struct {
	t    *Tokenizer
	tail []byte
}

// NewStream returns a Stream of t.
func (t *Tokenizer) NewStream() *Stream { return &Stream{t: t} }

// Push returns the text that id completes. All that Push and Flush return, joined, is what
// Decode returns.
func (s *Stream) Push(id int) string { return s.PushBytes(s.t.Bytes(id)) }

// PushBytes is Push for the bytes of tokens.
func (s *Stream) PushBytes(b []byte) string {
	s.tail = append(s.tail, b...)
	return s.emit(false)
}

// Flush returns what is left: a character that was cut is U+FFFD.
func (s *Stream) Flush() string { return s.emit(true) }

func (s *Stream) emit(end bool) string {
	var out strings.Builder
	left := lossy(&out, s.tail, end)
	s.tail = append(s.tail[:0], s.tail[len(s.tail)-left:]...)
	return out.String()
}
