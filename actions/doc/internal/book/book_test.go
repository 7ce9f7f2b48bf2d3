package book

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"daiban/flow"
)

func TestDateKeepsFormat(t *testing.T) {
	for _, in1904 := range []bool{false, true} {
		f := excelize.NewFile()
		format := `yyyy"年"m"月"d"日"`
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &in1904})
		f.SetCellStr("Sheet1", "A1", "{日期}")
		f.SetCellStyle("Sheet1", "A1", "A1", id)
		f.SetCellStr("Sheet1", "A2", "{日期}")
		var template, out bytes.Buffer
		if err := f.Write(&template); err != nil {
			t.Fatal(err)
		}
		value := func(string) (flow.Value, error) {
			return flow.DateOf(2026, 3, 5), nil
		}
		if err := Fill(template.Bytes(), &out, 1<<20, value); err != nil {
			t.Fatal(err)
		}
		g, err := excelize.OpenReader(&out)
		if err != nil {
			t.Fatal(err)
		}
		for cell, want := range map[string]string{"A1": "2026年3月5日", "A2": "2026-03-05"} {
			if got, _ := g.GetCellValue("Sheet1", cell); got != want {
				t.Errorf("1904 %v: %s shows %q, want %q", in1904, cell, got, want)
			}
		}
	}
}
