package sheet

import (
	"context"
	"io"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// WriteOptions say how a table is written.
type WriteOptions struct {
	Sheet    string                // name of the sheet of a workbook; "" is Sheet1
	Progress func(done, total int) // rows; may be nil
}

// Write writes t to w as a new file, in the format that the extension of name asks for.
func Write(ctx context.Context, w io.Writer, name string, t flow.Table, o WriteOptions) ([]Note, error) {
	switch ext(name) {
	case ".xlsx":
		return writeXLSX(ctx, w, t, o)
	case ".csv":
		return writeCSV(ctx, w, t, newCSV(','), o)
	case ".tsv", ".tab", ".txt":
		return writeCSV(ctx, w, t, newCSV('\t'), o)
	case ".json":
		return nil, writeJSON(ctx, w, t, false, o)
	case ".jsonl", ".ndjson":
		return nil, writeJSON(ctx, w, t, true, o)
	}
	return nil, Unwritable(name)
}

// Writable reports whether Write knows the format of name.
func Writable(name string) bool {
	switch ext(name) {
	case ".xlsx", ".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson":
		return true
	}
	return false
}

// Unwritable is the error for a name whose format cannot be written.
func Unwritable(name string) error {
	e := ext(name)
	if e == ".xls" || e == ".et" || e == ".xlsm" || e == ".ods" {
		return action.Bad("“%s”：不能存成 %s，请改用 .xlsx", "“%s”: a table cannot be saved as %s; use .xlsx", name, e)
	}
	return action.Bad("“%s”：表格不能存成这种格式，可以用 .xlsx、.csv、.tsv、.json", "“%s”: a table cannot be saved in this format; use .xlsx, .csv, .tsv or .json", name)
}

// rows calls do for each row of t, and tells how far it is.
func rows(ctx context.Context, t flow.Table, o WriteOptions, do func(n int, row []flow.Value) error) error {
	n := 0
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		if err := do(n, row); err != nil {
			return err
		}
		if n++; n&4095 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(n, t.Len())
			}
		}
	}
	return nil
}

// cellText is v as a cell of text holds it.
func cellText(v flow.Value) string {
	switch v.Kind() {
	case flow.BoolKind:
		return strings.ToUpper(v.String())
	case flow.ListKind:
		for _, x := range v.List() {
			switch x.Kind() {
			case flow.ListKind, flow.RowKind, flow.TableKind:
				return string(appendValue(nil, v))
			}
		}
	case flow.RowKind, flow.TableKind:
		return string(appendValue(nil, v))
	}
	return v.String()
}
