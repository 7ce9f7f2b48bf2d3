package shell

import "bytes"

// Bounds of what is kept of a program's output, in bytes.
const (
	outputMax = 1 << 20
	tailMax   = 2 << 10
)

// head keeps the beginning of what is written.
type head struct {
	buf []byte
	max int
	cut bool
}

func (h *head) Write(b []byte) (int, error) {
	room := h.max - len(h.buf)
	h.cut = h.cut || len(b) > room
	h.buf = append(h.buf, b[:min(len(b), room)]...)
	return len(b), nil
}

// tail keeps the end of what is written.
type tail struct {
	buf []byte
	max int
	cut bool
}

func (t *tail) Write(b []byte) (int, error) {
	t.cut = t.cut || len(t.buf)+len(b) > t.max
	t.buf = append(t.buf, b[max(0, len(b)-t.max):]...)
	if len(t.buf) > 2*t.max {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-t.max:]...)
	}
	return len(b), nil
}

// bytes is the end, from the beginning of a line where it was cut.
func (t *tail) bytes() []byte {
	b := t.buf[max(0, len(t.buf)-t.max):]
	if i := bytes.IndexByte(b, '\n'); t.cut && i >= 0 {
		return b[i+1:]
	}
	return b
}
