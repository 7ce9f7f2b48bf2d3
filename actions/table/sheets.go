package table

import (
	"daiban/action"
	"daiban/actions/table/internal/sheet"
)

// Sheets is the names of a workbook's sheets, for the checker; none for a file without sheets.
func Sheets(c *action.Call, path string) ([]string, error) {
	f, err := c.Files.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return sheet.Sheets(f, limits(c))
}
