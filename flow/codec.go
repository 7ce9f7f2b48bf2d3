package flow

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// The binary form of a table, for tables larger than memory:
//
//	block…  footer  trailer
//
// A block is whole rows: each row the byte 1 and its cells, each cell its kind (with bit 7 set, its
// Source follows the value) and its value: varints for numbers and dates, length and bytes for texts,
// JSON for what nests. The footer is JSON: columns, and the offset, length, rows and checksum of each block.
// The trailer is the footer's length and checksum (4 bytes each, little endian) and tableMagic.

const (
	tableMagic   = "DBTABLE1"
	trailerSize  = 8 + len(tableMagic)
	blockSize    = 256 << 10 // a block is closed when it is as large
	blockMax     = 64 << 20  // the largest block that is read: a row may be large
	columnsMax   = 1 << 16
	sourceFlag   = 0x80
	bigNumber    = 0xff // in the place of a scale
	sourceRepeat = 1    // the source of the cell before, once more
	sourceNew    = 0
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

type tableFooter struct {
	Cols   []Column   `json:"cols"`
	Rows   int64      `json:"rows"`
	Blocks [][4]int64 `json:"blocks"` // offset, length, rows, checksum
}

// A TableWriter writes a table row by row. It holds one block in memory.
type TableWriter struct {
	w      *bufio.Writer
	foot   tableFooter
	offset int64
	buf    []byte
	rows   int64 // in buf
	last   *Source
	err    error
}

// NewTableWriter starts a table of cols on w.
func NewTableWriter(w io.Writer, cols []Column) *TableWriter {
	return &TableWriter{w: bufio.NewWriterSize(w, 64<<10), foot: tableFooter{Cols: cols, Blocks: [][4]int64{}}}
}

// Len is the number of rows added so far.
func (t *TableWriter) Len() int { return int(t.foot.Rows + t.rows) }

// Add writes a row, which must have a value a column; nothing of it is kept.
func (t *TableWriter) Add(row []Value) error {
	if t.err != nil {
		return t.err
	}
	if len(row) != len(t.foot.Cols) {
		return fmt.Errorf("table: a row of %d values under %d columns", len(row), len(t.foot.Cols))
	}
	start := len(t.buf)
	b := append(t.buf, 1)
	for i := range row {
		var err error
		if b, err = t.cell(b, &row[i]); err != nil {
			t.buf = t.buf[:start]
			return err
		}
	}
	if len(b)-start > blockMax/2 {
		t.buf = t.buf[:start]
		return ErrTooLarge
	}
	t.buf = b
	t.rows++
	if len(t.buf) >= blockSize {
		t.flush()
	}
	return t.err
}

func (t *TableWriter) cell(b []byte, v *Value) ([]byte, error) {
	kind := byte(v.kind)
	if v.src != nil {
		kind |= sourceFlag
	}
	b = append(b, kind)
	switch v.kind {
	case NullKind, UnknownKind:
	case BoolKind:
		b = append(b, byte(v.n))
	case NumberKind:
		if v.ref != nil {
			b = appendText(append(b, bigNumber), exactText(v.Number()))
		} else {
			b = binary.AppendVarint(append(b, v.scale), v.n)
		}
	case DateKind, TimeKind:
		b = binary.AppendVarint(b, v.n)
	case DurationKind:
		b = binary.AppendVarint(append(b, v.scale), v.n)
	case TextKind, PathKind, SecretKind, FailedKind:
		b = appendText(b, v.s)
	default:
		bare := *v
		bare.src = nil
		j, err := MarshalValue(bare)
		if err != nil {
			return nil, err
		}
		b = appendText(b, string(j))
	}
	if v.src != nil {
		b = t.source(b, v.src)
	}
	return b, nil
}

func (t *TableWriter) source(b []byte, s *Source) []byte {
	if t.last == s {
		return append(b, sourceRepeat)
	}
	t.last = s
	b = append(b, sourceNew)
	for _, x := range []string{s.File, s.Sheet, s.Cell, s.Note} {
		b = appendText(b, x)
	}
	b = binary.AppendVarint(b, int64(s.Page))
	if s.Box == [4]float64{} {
		return append(b, 0)
	}
	b = append(b, 1)
	for _, f := range s.Box {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (t *TableWriter) flush() {
	if t.rows == 0 || t.err != nil {
		return
	}
	_, t.err = t.w.Write(t.buf)
	t.foot.Blocks = append(t.foot.Blocks, [4]int64{t.offset, int64(len(t.buf)), t.rows, int64(crc32.Checksum(t.buf, crcTable))})
	t.offset += int64(len(t.buf))
	t.foot.Rows += t.rows
	t.buf, t.rows, t.last = t.buf[:0], 0, nil
}

// Close writes the end of the table. It does not close what it writes to.
func (t *TableWriter) Close() error {
	t.flush()
	if t.err != nil {
		return t.err
	}
	foot, err := json.Marshal(&t.foot)
	if err != nil {
		return err
	}
	tail := binary.LittleEndian.AppendUint32(nil, uint32(len(foot)))
	tail = binary.LittleEndian.AppendUint32(tail, crc32.Checksum(foot, crcTable))
	for _, part := range [][]byte{foot, tail, []byte(tableMagic)} {
		if _, err := t.w.Write(part); err != nil {
			return err
		}
	}
	t.err = fmt.Errorf("table: closed")
	return t.w.Flush()
}

// WriteTable writes t in its binary form, which OpenTable reads.
func WriteTable(w io.Writer, t Table) error {
	tw := NewTableWriter(w, t.Columns())
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		if err := tw.Add(row); err != nil {
			return err
		}
	}
	return tw.Close()
}
