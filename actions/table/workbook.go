package table

import (
	"context"
	"io"

	"daiban/actions/table/internal/sheet"
	"daiban/flow"
)

// Workbook writes t to w as an xlsx workbook of one sheet: for a table that leaves as a file
// without being saved first.
func Workbook(ctx context.Context, w io.Writer, t flow.Table) error {
	_, err := sheet.Write(ctx, w, "table.xlsx", t, sheet.WriteOptions{})
	return err
}
