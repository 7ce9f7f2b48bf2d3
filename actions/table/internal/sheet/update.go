package sheet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"daiban/action"
	"daiban/flow"
)

// UpdateOptions say what of an existing file changes.
type UpdateOptions struct {
	Sheet    string // name or number of the sheet; see UpdateSheet and Append
	Limits   Limits
	Progress func(done, total int) // rows; may be nil
}

// UpdateSheet writes to w the workbook f with t in place of one sheet, or as a new one. All
// else stays: other sheets, styles, widths, pictures, macros. Columns keep the
// look that the column of that name had. Formulas are computed when the workbook is next opened.
func UpdateSheet(ctx context.Context, f action.File, w io.Writer, t flow.Table, o UpdateOptions) (notes []Note, err error) {
	if err := fits(t); err != nil {
		return nil, err
	}
	b, err := edit(ctx, f, o)
	if err != nil {
		return nil, err
	}
	defer b.close()
	err = guard(func() (err error) {
		notes, err = b.replace(ctx, t, o)
		return err
	})
	if err != nil {
		return nil, named(f, err)
	}
	return notes, b.write(w)
}

// A book is an existing workbook that is changed.
type book struct {
	*excelize.File
	f     action.File
	sheet string  // its name; "" when it is new
	look  *layout // of the sheet, when it had data
	src   *xlsxSource
}

// edit opens f and finds the sheet.
func edit(ctx context.Context, f action.File, o UpdateOptions) (*book, error) {
	opts := Options{Limits: o.Limits}
	fillLimits(&opts.Limits)
	w, err := openWorkbook(f, opts.Limits)
	if err == nil {
		err = w.unpackable()
	}
	if err != nil {
		return nil, named(f, err)
	}
	b := &book{f: f}
	if ref, err := w.find(o.Sheet); err == nil && ref.part != "" {
		b.sheet = ref.name
		opts.Sheet = ref.name
		src, err := openXLSX(ctx, f, opts)
		if err != nil {
			return nil, named(f, err)
		}
		b.src = src.(*xlsxSource)
		if b.look, err = analyse(ctx, src, 0, 0); err != nil {
			return nil, named(f, err)
		}
	}
	err = guard(func() (err error) {
		b.File, err = openBook(f, opts.Limits)
		return err
	})
	if err != nil {
		return nil, named(f, errDamaged)
	}
	return b, nil
}

func fillLimits(l *Limits) {
	if l.Bytes <= 0 {
		l.Bytes = 1 << 30
	}
	if l.Ratio <= 0 {
		l.Ratio = 200
	}
}

// unpackable checks what the archive says of its size, for readers that unpack it whole.
func (w *workbook) unpackable() error {
	var total uint64
	for _, p := range w.parts {
		total += p.UncompressedSize64
	}
	l := &limited{w: &workbook{f: w.f, limits: w.limits, unpacked: int64(min(total, 1<<62))}, r: io.NopCloser(strings.NewReader(""))}
	if _, err := l.Read(nil); err != io.EOF && err != nil {
		return err
	}
	return nil
}

// guard turns a panic of the library over a broken workbook into an error.
func guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errDamaged
		}
	}()
	return do()
}

func (b *book) close() {
	b.File.Close()
	if b.src != nil {
		b.src.close()
	}
}

func (b *book) write(w io.Writer) error {
	recalc := true
	if err := b.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &recalc}); err != nil {
		return err
	}
	return guard(func() error {
		_, err := b.File.WriteTo(w)
		return err
	})
}

// replace puts t in place of the sheet, or adds it.
func (b *book) replace(ctx context.Context, t flow.Table, o UpdateOptions) ([]Note, error) {
	var notes []Note
	if b.sheet == "" {
		b.sheet, notes = SheetName(o.Sheet)
		if _, err := b.NewSheet(b.sheet); err != nil {
			return nil, err
		}
	}
	looks, err := b.looks(t)
	if err != nil {
		return nil, err
	}
	if err := b.moveFilter(t); err != nil {
		return nil, err
	}
	s, err := b.NewStreamWriter(b.sheet)
	if err != nil {
		return nil, err
	}
	if b.look == nil {
		for i, c := range t.Columns() {
			s.SetColWidth(i+1, i+1, float64(min(max(columnWidth(c.Name)+4, 12), 60)))
		}
	}
	line := make([]any, len(t.Columns()))
	for i, c := range t.Columns() {
		line[i] = excelize.Cell{StyleID: looks.header[i], Value: c.Name}
	}
	if err := s.SetRow("A1", line); err != nil {
		return nil, err
	}
	err = rows(ctx, t, WriteOptions{Progress: o.Progress}, func(n int, row []flow.Value) error {
		for i, v := range row {
			line[i] = looks.cell(i, v)
		}
		return s.SetRow(fmt.Sprintf("A%d", n+2), line)
	})
	if err != nil {
		return nil, err
	}
	b.fitList(t.Columns(), t.Len())
	return notes, s.Flush()
}

// moveFilter makes an automatic filter of the sheet cover the new rows.
func (b *book) moveFilter(t flow.Table) error {
	if len(t.Columns()) == 0 {
		return nil
	}
	for _, d := range b.GetDefinedName() {
		if d.Name == "_xlnm._FilterDatabase" && d.Scope == b.sheet {
			return b.AutoFilter(b.sheet, fmt.Sprintf("A1:%s%d", letters(len(t.Columns())-1), t.Len()+1), nil)
		}
	}
	return nil
}

// looks is the styles of a table's columns in a workbook.
type looks struct {
	header, data   []int
	day, clock, id int
	general        map[int]bool // styles of data that show numbers as they are
}

// looks takes the styles of the columns of the same names in the sheet, and makes those that lack.
func (b *book) looks(t flow.Table) (*looks, error) {
	l := &looks{header: make([]int, len(t.Columns())), data: make([]int, len(t.Columns())), general: map[int]bool{0: true}}
	var err error
	style := func(format string) int {
		id, e := b.NewStyle(&excelize.Style{CustomNumFmt: &format})
		err = errors.Join(err, e)
		return id
	}
	l.day, l.clock, l.id = style("yyyy-mm-dd"), style("yyyy-mm-dd hh:mm"), style("@")
	bold, e := b.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}}})
	if err = errors.Join(err, e); err != nil {
		return nil, err
	}
	for i, c := range t.Columns() {
		l.header[i] = bold
		if b.look == nil || b.look.header.row == 0 {
			continue
		}
		if j := b.column(c.Name); j >= 0 {
			l.header[i], _ = b.GetCellStyle(b.sheet, ref(b.look.cols[j].index, b.look.header.row+b.look.depth-1))
			l.data[i], _ = b.GetCellStyle(b.sheet, ref(b.look.cols[j].index, b.look.header.row+b.look.depth))
			l.general[l.data[i]] = b.formOfStyle(l.data[i]) == general
		}
	}
	return l, nil
}

func (b *book) formOfStyle(id int) form {
	if id >= 0 && id < len(b.src.w.forms) {
		return b.src.w.forms[id]
	}
	return general
}

// column is the place in look.cols of the column called name, exactly or folded, or -1.
func (b *book) column(name string) int { return findColumn(b.look.cols, name) }

func findColumn(cols []column, name string) int {
	for i := range cols {
		if cols[i].name == name {
			return i
		}
	}
	folded := foldName(name)
	for i := range cols {
		if foldName(cols[i].name) == folded {
			return i
		}
	}
	return -1
}

func foldName(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(flow.Fold(s)), ""))
}

// ref is the name of a cell: column from 0, row from 1.
func ref(col, row int) string { return fmt.Sprintf("%s%d", letters(col), row) }

// cell is v for column i, in its look.
func (l *looks) cell(i int, v flow.Value) any {
	c := excelize.Cell{StyleID: l.data[i]}
	plain := l.general[c.StyleID]
	switch v.Kind() {
	case flow.NullKind:
		if c.StyleID == 0 {
			return nil
		}
		return c
	case flow.NumberKind:
		if _, exact := exactInSheet(v.Number()); exact {
			c.Value = v.Number().Float64()
		} else {
			c.Value = v.String()
		}
	case flow.BoolKind:
		c.Value = v.Bool()
	case flow.DateKind, flow.TimeKind:
		n, ok := daySerial(v)
		if !ok {
			c.Value = v.String()
			break
		}
		c.Value = n
		if plain {
			c.StyleID = l.day
			if v.Kind() == flow.TimeKind {
				c.StyleID = l.clock
			}
		}
	default:
		text := cutText(cellText(v))
		c.Value = text
		if plain && digitsOnly(text) && text != "" {
			c.StyleID = l.id
		}
	}
	return c
}

func cutText(s string) string {
	if len(s) <= textMax {
		return s
	}
	r := []rune(s)
	return string(r[:min(len(r), textMax)])
}

// daySerial is the day number of a day or time; ok is false for days before March 1900.
func daySerial(v flow.Value) (n float64, ok bool) {
	t := v.Time()
	d := t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC))
	if t.Year() < 1900 || t.Year() > 2191 || d < 61*24*time.Hour {
		return 0, false
	}
	return float64(d/(24*time.Hour)) + float64(d%(24*time.Hour))/float64(24*time.Hour), true
}
