package flow

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
)

// A Column is a named column of a table. Kind is NullKind where the cells are mixed.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// A Table is a sequence of rows with named, distinct columns. It may be larger
// than memory and can be read as often as needed, by several readers at once.
type Table interface {
	Columns() []Column
	Len() int
	// Rows yields each row, one value a column. A row belongs to the reader only
	// until the next one; keep a copy (slices.Clone) of what must last.
	// After an error nothing follows.
	Rows() iter.Seq2[[]Value, error]
}

// MemTable is a Table in memory.
type MemTable struct {
	Cols []Column
	Data [][]Value
}

// NewTable is a table in memory. Every row must have a value a column.
func NewTable(cols []Column, rows ...[]Value) *MemTable { return &MemTable{cols, rows} }

// Columns is the table's columns.
func (t *MemTable) Columns() []Column { return t.Cols }

// Len is the number of rows.
func (t *MemTable) Len() int { return len(t.Data) }

// Rows yields the rows.
func (t *MemTable) Rows() iter.Seq2[[]Value, error] {
	return func(yield func([]Value, error) bool) {
		for _, r := range t.Data {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// ColumnNames is the names of t's columns.
func ColumnNames(t Table) []string {
	cols := t.Columns()
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}

// ColumnIndex is the place of the column named name in cols, or -1.
func ColumnIndex(cols []Column, name string) int {
	for i, c := range cols {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// ErrTooLarge says that a value is larger than what may be held in memory.
var ErrTooLarge = errors.New("too large for memory")

// Head is the first n rows of t, copied into memory.
func Head(t Table, n int) (*MemTable, error) {
	out := &MemTable{Cols: t.Columns()}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		if len(out.Data) >= n {
			break
		}
		out.Data = append(out.Data, append([]Value(nil), row...))
	}
	return out, nil
}

// A Row is named values, in order.
type Row struct {
	cols []Column
	vals []Value
}

// NewRow is a row of cols and as many values; neither is copied.
func NewRow(cols []Column, vals []Value) *Row { return &Row{cols, vals} }

// Columns is the row's columns.
func (r *Row) Columns() []Column { return r.cols }

// Values is the row's values, in the order of its columns.
func (r *Row) Values() []Value { return r.vals }

// Field is the value of the column name, exactly so named.
func (r *Row) Field(name string) (Value, bool) {
	i := ColumnIndex(r.cols, name)
	if i < 0 {
		return Value{}, false
	}
	return r.vals[i], true
}

// Set is r with name set to v; r itself stays.
func (r *Row) Set(name string, v Value) *Row {
	out := &Row{append([]Column(nil), r.cols...), append([]Value(nil), r.vals...)}
	if i := ColumnIndex(out.cols, name); i >= 0 {
		out.vals[i] = v
		return out
	}
	out.cols = append(out.cols, Column{name, v.kind})
	out.vals = append(out.vals, v)
	return out
}

// AsTable is r as a table of one row.
func (r *Row) AsTable() Table { return NewTable(r.cols, r.vals) }

func (r *Row) String() string {
	parts := make([]string, len(r.cols))
	for i, c := range r.cols {
		parts[i] = c.Name + ": " + r.vals[i].String()
	}
	return strings.Join(parts, ", ")
}

func tableString(t Table) string { return fmt.Sprintf("%d × %d", t.Len(), len(t.Columns())) }

// A Mail is a message that was read.
type Mail struct {
	ID          string    `json:"id"` // Message-ID, without brackets
	Sender      string    `json:"sender"`
	To          []string  `json:"to"`
	Subject     string    `json:"subject"`
	Date        time.Time `json:"date"`
	Body        string    `json:"body"`
	Attachments []string  `json:"attachments"` // their names
	Box         string    `json:"box"`
	UID         uint32    `json:"uid"`
	Raw         string    `json:"raw,omitempty"` // digest of the message among the run's blobs
}

// A Page is a web page that is or was open.
type Page struct {
	URL   string `json:"url"`
	Title string `json:"title"`
}
