// Package book fills workbooks: every {field} in their cells.
package book

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"daiban/actions/doc/internal/office"
	"daiban/flow"
)

// Fill copies the workbook to w with every {field} in its cells, headers and
// footers replaced by what value gives for its name. A cell that is one field
// alone takes the value as it is, a number or a date in the cell's own format;
// formulas are computed anew when the workbook is opened. bytesMax bounds what
// it may unpack to.
func Fill(data []byte, w io.Writer, bytesMax int64, value func(name string) (flow.Value, error)) error {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: bytesMax, UnzipXMLSizeLimit: min(bytesMax, 64<<20)})
	if err != nil {
		return err
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		if err := fillSheet(f, sheet, value); err != nil {
			return err
		}
	}
	// Cached results would be those of the template.
	if err := f.UpdateLinkedValue(); err != nil {
		return err
	}
	return f.Write(w)
}

func fillSheet(f *excelize.File, sheet string, value func(string) (flow.Value, error)) error {
	cells, err := f.SearchSheet(sheet, `[{｛]`, true)
	if err != nil {
		return fmt.Errorf("sheet %s: %w", sheet, err)
	}
	for _, cell := range cells {
		if formula, err := f.GetCellFormula(sheet, cell); err != nil || formula != "" {
			continue
		}
		text, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			return err
		}
		if err := fillCell(f, sheet, cell, text, value); err != nil {
			return err
		}
	}
	return fillMargins(f, sheet, value)
}

func fillCell(f *excelize.File, sheet, cell, text string, value func(string) (flow.Value, error)) error {
	if m := office.Field.FindString(text); m == text && m != "" {
		v, err := value(office.FieldName(m))
		if err != nil {
			return err
		}
		return set(f, sheet, cell, v)
	}
	filled, err := replace(text, value)
	if err != nil || filled == text {
		return err
	}
	return f.SetCellStr(sheet, cell, filled)
}

// replace fills the fields of a text.
func replace(text string, value func(string) (flow.Value, error)) (string, error) {
	var failed error
	out := office.Field.ReplaceAllStringFunc(text, func(m string) string {
		v, err := value(office.FieldName(m))
		if err != nil && failed == nil {
			failed = err
		}
		return v.String()
	})
	return out, failed
}

// digitsMax is how many digits a cell keeps; a longer number is written as text.
const digitsMax = 15

func set(f *excelize.File, sheet, cell string, v flow.Value) error {
	switch v.Kind() {
	case flow.NumberKind:
		if s := v.Number().String(); len(s) <= digitsMax {
			return f.SetCellValue(sheet, cell, v.Number().Float64())
		}
	case flow.BoolKind:
		return f.SetCellBool(sheet, cell, v.Bool())
	case flow.DateKind, flow.TimeKind:
		if t := v.Time(); t.After(firstDate) {
			if err := dateFormat(f, sheet, cell, v.Kind()); err != nil {
				return err
			}
			days, err := serial(f, t)
			if err != nil {
				return err
			}
			return f.SetCellValue(sheet, cell, days)
		}
	}
	return f.SetCellStr(sheet, cell, v.String())
}

// serial is a time as workbooks count it, in days. A cell set to a time.Time loses its format.
func serial(f *excelize.File, t time.Time) (float64, error) {
	props, err := f.GetWorkbookProps()
	if err != nil {
		return 0, err
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if props.Date1904 != nil && *props.Date1904 {
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	return wall.Sub(start).Hours() / 24, nil
}

// firstDate is where the days of workbooks begin to be those of the calendar.
var firstDate = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)

// dateFormat gives a cell without a number format that of a date.
func dateFormat(f *excelize.File, sheet, cell string, kind flow.Kind) error {
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		return err
	}
	style, err := f.GetStyle(id)
	if err != nil {
		return err
	}
	if style.NumFmt != 0 || style.CustomNumFmt != nil {
		return nil
	}
	format := "yyyy-mm-dd"
	if kind == flow.TimeKind {
		format = "yyyy-mm-dd hh:mm"
	}
	style.CustomNumFmt = &format
	if id, err = f.NewStyle(style); err != nil {
		return err
	}
	return f.SetCellStyle(sheet, cell, cell, id)
}

// fillMargins fills the printed header and footer of a sheet.
func fillMargins(f *excelize.File, sheet string, value func(string) (flow.Value, error)) error {
	h, err := f.GetHeaderFooter(sheet)
	if err != nil || h == nil {
		return err
	}
	changed := false
	for _, s := range []*string{&h.OddHeader, &h.OddFooter, &h.EvenHeader, &h.EvenFooter, &h.FirstHeader, &h.FirstFooter} {
		filled, err := replace(*s, value)
		if err != nil {
			return err
		}
		changed = changed || filled != *s
		*s = filled
	}
	if !changed {
		return nil
	}
	return f.SetHeaderFooter(sheet, h)
}
