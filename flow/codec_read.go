package flow

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math"
)

// ErrBadTable says that bytes are not a table, or one that was cut off or changed.
var ErrBadTable = errors.New("not a table, or a damaged one")

// OpenTable reads the end of a table that WriteTable wrote; its rows are read from r, a block at a
// time, whenever they are asked for. Every length in it is checked before memory is taken.
func OpenTable(r io.ReaderAt, size int64) (Table, error) {
	if size < int64(trailerSize) {
		return nil, fmt.Errorf("%w: %d bytes", ErrBadTable, size)
	}
	var tail [trailerSize]byte
	if err := readFull(r, tail[:], size-int64(trailerSize)); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	start := size - int64(trailerSize) - n
	if string(tail[8:]) != tableMagic || start < 0 || n > blockMax {
		return nil, fmt.Errorf("%w: no trailer", ErrBadTable)
	}
	foot := make([]byte, n)
	if err := readFull(r, foot, start); err != nil {
		return nil, err
	}
	if crc32.Checksum(foot, crcTable) != binary.LittleEndian.Uint32(tail[4:]) {
		return nil, fmt.Errorf("%w: the checksum of its footer", ErrBadTable)
	}
	t := &fileTable{r: r}
	if err := json.Unmarshal(foot, &t.foot); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadTable, err)
	}
	return t, t.valid(start)
}

func readFull(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrBadTable, err)
}

// fileTable is a table in its binary form.
type fileTable struct {
	r    io.ReaderAt
	foot tableFooter
}

// valid checks that the blocks fill the bytes before the footer, and can hold the rows they claim.
func (t *fileTable) valid(end int64) error {
	offset, rows := int64(0), int64(0)
	for i, b := range t.foot.Blocks {
		least := b[2] // bytes: one a row and one a cell
		if b[2] > 0 && b[2] < blockMax {
			least = b[2] * int64(1+len(t.foot.Cols))
		}
		if b[0] != offset || b[1] <= 0 || b[1] > blockMax || b[1] > end-offset || b[2] <= 0 || least > b[1] {
			return fmt.Errorf("%w: block %d", ErrBadTable, i)
		}
		offset += b[1]
		rows += b[2]
	}
	if offset != end || rows != t.foot.Rows || len(t.foot.Cols) > columnsMax {
		return fmt.Errorf("%w: its blocks do not add up", ErrBadTable)
	}
	return nil
}

func (t *fileTable) Columns() []Column { return t.foot.Cols }

func (t *fileTable) Len() int { return int(t.foot.Rows) }

// Rows yields the rows. Of a table of several blocks the next one is decoded while the rows of one are read.
func (t *fileTable) Rows() iter.Seq2[[]Value, error] {
	return func(yield func([]Value, error) bool) {
		if len(t.foot.Blocks) < 2 {
			for i := range t.foot.Blocks {
				if !t.block(i, nil).yield(len(t.foot.Cols), yield) {
					return
				}
			}
			return
		}
		full, free, stop := make(chan *slab), make(chan *slab, 2), make(chan struct{})
		defer close(stop)
		free <- nil
		free <- nil
		go t.decode(full, free, stop)
		for range t.foot.Blocks {
			s := <-full
			if !s.yield(len(t.foot.Cols), yield) {
				return
			}
			free <- s
		}
	}
}

// decode sends every block in order, until stop is closed; at most as many as free holds are under way.
func (t *fileTable) decode(full, free chan *slab, stop chan struct{}) {
	for i := range t.foot.Blocks {
		var s *slab
		select {
		case s = <-free:
		case <-stop:
			return
		}
		select {
		case full <- t.block(i, s):
		case <-stop:
			return
		}
	}
}

// A slab is the cells of a block, row by row, and what is wrong with the rest of it.
type slab struct {
	cells []Value
	rows  int
	buf   []byte
	err   error
}

// yield gives the rows of s; false when no more are wanted.
func (s *slab) yield(cols int, yield func([]Value, error) bool) bool {
	for i := range s.rows {
		if !yield(s.cells[i*cols:(i+1)*cols:(i+1)*cols], nil) {
			return false
		}
	}
	if s.err != nil {
		yield(nil, s.err)
		return false
	}
	return true
}

// block decodes block i, into old when that is not nil.
func (t *fileTable) block(i int, old *slab) *slab {
	s, b, cols := old, t.foot.Blocks[i], len(t.foot.Cols)
	if s == nil {
		s = &slab{}
	}
	s.rows, s.err = 0, nil
	if int64(cap(s.buf)) < b[1] {
		s.buf = make([]byte, b[1])
	}
	s.buf = s.buf[:b[1]]
	if s.err = readFull(t.r, s.buf, b[0]); s.err != nil {
		return s
	}
	if int64(crc32.Checksum(s.buf, crcTable)) != b[3] {
		s.err = fmt.Errorf("%w: the checksum of block %d", ErrBadTable, i)
		return s
	}
	if n := int(b[2]) * cols; cap(s.cells) < n {
		s.cells = make([]Value, n)
	}
	// One string a block: its texts are parts of it.
	d := &blockReader{s: string(s.buf)}
	for range b[2] {
		if d.byte() != 1 {
			d.bad = true
		}
		row := s.cells[s.rows*cols : (s.rows+1)*cols]
		for c := range row {
			d.cell(&row[c])
		}
		if d.bad {
			s.err = fmt.Errorf("%w: block %d", ErrBadTable, i)
			return s
		}
		s.rows++
	}
	return s
}

// blockReader reads cells from a block. After a mistake bad is set and all it gives is zero.
type blockReader struct {
	s    string
	i    int
	last *Source
	bad  bool
}

func (d *blockReader) byte() byte {
	if d.i >= len(d.s) {
		d.bad = true
		return 0
	}
	d.i++
	return d.s[d.i-1]
}

func (d *blockReader) uvarint() uint64 {
	var x uint64
	for shift := uint(0); shift < 64; shift += 7 {
		c := d.byte()
		x |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return x
		}
	}
	d.bad = true
	return 0
}

func (d *blockReader) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *blockReader) text() string {
	n := d.uvarint()
	if n > uint64(len(d.s)-d.i) {
		d.bad = true
		return ""
	}
	d.i += int(n)
	return d.s[d.i-int(n) : d.i]
}

func (d *blockReader) cell(v *Value) {
	kind := d.byte()
	*v = Value{kind: Kind(kind &^ sourceFlag)}
	switch v.kind {
	case NullKind, UnknownKind:
	case BoolKind:
		v.n = int64(d.byte() & 1)
	case NumberKind:
		d.number(v)
	case DateKind, TimeKind:
		v.n = d.varint()
	case DurationKind:
		v.scale = d.byte() & 1
		v.n = d.varint()
	case TextKind, PathKind, SecretKind, FailedKind:
		v.s = d.text()
	default:
		x, err := UnmarshalValue([]byte(d.text()))
		if err != nil || x.kind != v.kind {
			d.bad = true
			return
		}
		*v = x
	}
	if kind&sourceFlag != 0 {
		v.src = d.source()
	}
}

func (d *blockReader) number(v *Value) {
	scale := d.byte()
	switch {
	case scale == bigNumber:
		x, ok := readExact(d.text())
		if !ok {
			d.bad = true
		}
		*v = Num(x)
	case scale > 18:
		d.bad = true
	default:
		v.scale, v.n = scale, d.varint()
	}
}

func (d *blockReader) source() *Source {
	if d.byte() == sourceRepeat {
		if d.last == nil {
			d.bad = true
		}
		return d.last
	}
	s := &Source{File: d.text(), Sheet: d.text(), Cell: d.text(), Note: d.text()}
	s.Page = int(d.varint())
	if d.byte() == 1 {
		for i := range s.Box {
			if len(d.s)-d.i < 8 {
				d.bad = true
				return s
			}
			s.Box[i] = math.Float64frombits(binary.LittleEndian.Uint64([]byte(d.s[d.i : d.i+8])))
			d.i += 8
		}
	}
	d.last = s
	return s
}
