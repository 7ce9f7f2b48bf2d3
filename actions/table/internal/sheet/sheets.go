package sheet

import (
	"daiban/action"
)

// Sheets is the names of a workbook's sheets, hidden ones too; none for a file that has no sheets.
func Sheets(f action.File, limits Limits) ([]string, error) {
	head := make([]byte, 1024)
	n, err := f.ReadAt(head, 0)
	if n == 0 && err != nil {
		return nil, named(f, err)
	}
	if sniff(head[:n], ext(f.Name())) != "xlsx" {
		return nil, nil
	}
	w, err := openWorkbook(f, limits)
	if err != nil {
		return nil, named(f, err)
	}
	var names []string
	for _, s := range w.sheets {
		if s.part != "" {
			names = append(names, s.name)
		}
	}
	return names, nil
}
