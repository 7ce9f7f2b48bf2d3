package run

import (
	"encoding/json"
	"fmt"
	"os"

	"daiban/action"
	"daiban/flow"
)

// stored is a value as the journal holds it: whole when it is small, else a blob, and where no
// later step reads it only what it looked like.
type stored struct {
	Kind  string          `json:"kind"`
	JSON  json.RawMessage `json:"json,omitempty"`
	Blob  string          `json:"blob,omitempty"`  // digest
	Table bool            `json:"table,omitempty"` // the blob is a table, else JSON
	Show  string          `json:"show,omitempty"`
	Rows  int             `json:"rows,omitempty"`
	Gone  bool            `json:"gone,omitempty"` // not kept
}

const (
	inlineMax = 16 << 10 // bytes of a value that the journal holds itself
	inlineRow = 200      // rows of a table that may be tried inline
	memoryMax = 16 << 20 // bytes of a table before it goes to disk, estimated
)

// store makes e's value ready for the journal.
func (d *driver) store(e *entry) (*stored, error) {
	v := e.val
	s := &stored{Kind: v.Kind().String(), Show: d.show(v)}
	t := v.Table()
	if t != nil {
		s.Rows = t.Len()
	}
	if t == nil || t.Len() <= inlineRow {
		b, err := flow.MarshalValue(v)
		if err != nil {
			return nil, err
		}
		if len(b) <= inlineMax {
			s.JSON = b
			return s, nil
		}
		if !d.needed(e) {
			s.Gone = true
			return s, nil
		}
		s.Blob, err = d.keep(func(f *blob) error { _, err := f.Write(d.maskedJSON(b)); return err })
		return s, err
	}
	if !d.needed(e) {
		s.Gone = true
		return s, nil
	}
	var err error
	s.Table = true
	s.Blob, err = d.keep(func(f *blob) error { return flow.WriteTable(f, d.masked(t)) })
	return s, err
}

// needed reports whether a later step, or this one done again, reads e's value.
func (d *driver) needed(e *entry) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.f.Step(stepOf(e.Place))
	if s == nil || s.Var == "" {
		return false
	}
	if s.Kind == flow.EachStep {
		return false
	}
	for _, place := range d.m.Places() {
		if d.live.after(s.Var, stepOf(place)) {
			return true
		}
	}
	return false
}

func (d *driver) keep(write func(*blob) error) (string, error) {
	b, err := d.e.Journal.Create()
	if err != nil {
		return "", err
	}
	if err := write(b); err != nil {
		b.Drop()
		return "", err
	}
	return b.Keep()
}

// load is the value that s holds.
func (d *driver) load(s *stored) (flow.Value, error) {
	switch {
	case s == nil || s.Gone:
		return flow.Null(), nil
	case s.JSON != nil:
		return flow.UnmarshalValue(s.JSON)
	}
	f, err := d.e.Journal.Open(s.Blob)
	if err != nil {
		return flow.Value{}, action.Missing("记录里少了一个值（%s）", "a value of the record is missing (%s)", s.Blob)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return flow.Value{}, err
	}
	if s.Table { // the table reads from f as long as it lives
		t, err := flow.OpenTable(f, info.Size())
		if err != nil {
			f.Close()
			return flow.Value{}, err
		}
		return flow.TableOf(t), nil
	}
	defer f.Close()
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil {
		return flow.Value{}, err
	}
	return flow.UnmarshalValue(b)
}

// builder gathers a table in memory, and on disk once it is large.
type builder struct {
	d     *driver
	mem   flow.MemTable
	bytes int
	spill *spill
}

func (d *driver) table(cols []flow.Column) *builder {
	return &builder{d: d, mem: flow.MemTable{Cols: cols}}
}

// Add copies row into the table.
func (b *builder) Add(row []flow.Value) error {
	if b.spill != nil {
		return b.spill.add(row)
	}
	b.mem.Data = append(b.mem.Data, append([]flow.Value(nil), row...))
	b.bytes += 64 * len(row)
	if b.bytes < memoryMax {
		return nil
	}
	s, err := newSpill(b.d.work, b.mem.Cols)
	if err != nil {
		return err
	}
	for _, r := range b.mem.Data {
		if err := s.add(r); err != nil {
			return err
		}
	}
	b.spill, b.mem.Data = s, nil
	return nil
}

// Done ends the table.
func (b *builder) Done() (flow.Table, error) {
	if b.spill == nil {
		return &b.mem, nil
	}
	return b.spill.done()
}

// dropTables ends the tables that an action began and did not finish.
func (e *entry) dropTables() {
	for _, b := range e.tables {
		if b.spill != nil && !b.spill.ended {
			b.spill.drop()
		}
	}
	e.tables = nil
}

// spill is a table being written to a file without a name: it goes when the process goes. Rows are
// gathered, and written by a goroutine of their own while the next are made.
type spill struct {
	f    *os.File
	w    *flow.TableWriter
	cols int
	rows []flow.Value // gathered, one after the other
	full chan []flow.Value
	free chan []flow.Value
	end  chan error

	ended bool
}

// spillRows is how many rows are handed over at once.
const spillRows = 1024

func newSpill(dir string, cols []flow.Column) (*spill, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "table-")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // where the system does not let go of open files, the run's end does
	s := &spill{f: f, w: flow.NewTableWriter(f, cols), cols: len(cols),
		full: make(chan []flow.Value), free: make(chan []flow.Value, 3), end: make(chan error, 1)}
	for range 2 {
		s.free <- make([]flow.Value, 0, spillRows*len(cols))
	}
	s.rows = make([]flow.Value, 0, spillRows*len(cols))
	go s.write()
	return s, nil
}

// write encodes what is handed over until full is closed, or until an error, which end then holds.
func (s *spill) write() {
	var err error
	for rows := range s.full {
		for i := 0; i < len(rows) && err == nil; i += s.cols {
			err = s.w.Add(rows[i : i+s.cols])
		}
		s.free <- rows[:0]
	}
	s.end <- err
}

func (s *spill) add(row []flow.Value) error {
	if len(row) != s.cols || s.cols == 0 {
		return fmt.Errorf("table: a row of %d values under %d columns", len(row), s.cols)
	}
	s.rows = append(s.rows, row...)
	if len(s.rows) >= spillRows*s.cols {
		s.full <- s.rows
		s.rows = <-s.free
	}
	return nil
}

func (s *spill) done() (flow.Table, error) {
	if len(s.rows) > 0 {
		s.full <- s.rows
	}
	if err := s.stop(); err != nil {
		return nil, err
	}
	if err := s.w.Close(); err != nil {
		return nil, err
	}
	info, err := s.f.Stat()
	if err != nil {
		return nil, err
	}
	return flow.OpenTable(s.f, info.Size())
}

// stop ends the goroutine.
func (s *spill) stop() error {
	s.ended = true
	close(s.full)
	return <-s.end
}

func (s *spill) drop() {
	s.stop()
	s.f.Close()
}

// show is a value in a line, for the record and the report; "" for none.
func (d *driver) show(v flow.Value) string {
	s := v.String()
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
