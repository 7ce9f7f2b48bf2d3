package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"daiban/action"
	"daiban/flow"
)

// consistent checks what must hold of any result: a Problem that names the file, or a
// table whose rows have a value a column and whose columns are distinct; Header agrees.
func consistent(t *testing.T, name string, content []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	limits := Limits{Bytes: 64 << 20, Ratio: 200}
	tab, _, err := Read(ctx, fileOf(name, content), Options{Limits: limits})
	cols, headErr := Header(ctx, fileOf(name, content), Options{Limits: limits})
	if err != nil {
		var p *action.Problem
		if !errors.As(err, &p) {
			t.Fatalf("no Problem: %v", err)
		}
		return
	}
	if headErr != nil {
		t.Fatalf("Read can, Header cannot: %v", headErr)
	}
	if len(cols) != len(tab.Columns()) && tab.Len() < headRows/2 {
		t.Fatalf("%d columns, Header has %d", len(tab.Columns()), len(cols))
	}
	seen := map[string]bool{}
	for _, c := range tab.Columns() {
		if c.Name == "" || seen[c.Name] {
			t.Fatalf("column %q twice, or without a name", c.Name)
		}
		seen[c.Name] = true
	}
	n := 0
	for row, err := range tab.Rows() {
		if err != nil || len(row) != len(tab.Columns()) {
			t.Fatalf("row %d: %d values, %v", n, len(row), err)
		}
		for i, v := range row {
			if k := tab.Columns()[i].Kind; k != flow.NullKind && !v.IsNull() && v.Kind() != k && n < headRows {
				t.Fatalf("row %d: %v is %v in a column of %v", n, v, v.Kind(), k)
			}
		}
		n++
	}
	if n != tab.Len() {
		t.Fatalf("%d rows, Len %d", n, tab.Len())
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\ufeff标题,\n名称,金额\n笔,\"￥1,2\"\"\"\n合计,3\n", "\xff\xfea\x00,\x00b\x00\n\x001\x00", "\xd5\xc5,\xc8\xfd\n1,2\n",
		"sep=;\r\na;b\r\n\"x\ny\";03/04/2026\r\n", "日期\n20260301\n2026-03-02 10:00\n", "a\t\t\n\t1e5\t-\r", "\"", "a,a,a\n\n,,\n007,12345678901234567890,Jan 2, 2026"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { consistent(t, "f.csv", in) })
}

func FuzzHTML(f *testing.F) {
	f.Add([]byte("<table><tr><th rowspan=2>a<th colspan=3>b</tr><tr><td>1<table></table>"))
	f.Fuzz(func(t *testing.T, in []byte) { consistent(t, "f.html", append([]byte("<html>"), in...)) })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"a":1.0,"b":{"c":[null,true]}},{"":"2026-03-01"}]`))
	f.Add([]byte("{\"a\":1}\n{\"b\":\"x\"}"))
	f.Fuzz(func(t *testing.T, in []byte) { consistent(t, "f.json", in) })
}

// FuzzSheet puts what it is given in place of the sheet of a workbook, its styles and strings.
func FuzzSheet(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>b&amp;</t></is></c></row><row><c s="1"><f>1+1</f></c><c t="e"><v>#N/A</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`),
		[]byte(`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`), []byte(`<sst><si><t>a</t></si><si><r><t>x</t></r><rPh><t>y</t></rPh></si></sst>`))
	f.Fuzz(func(t *testing.T, sheet, styles, strings []byte) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, p := range fixedParts("S", 0, 0) {
			if p.name != "xl/styles.xml" {
				put(z, p.name, p.text)
			}
		}
		put(z, "xl/worksheets/sheet1.xml", string(sheet))
		put(z, "xl/styles.xml", string(styles))
		put(z, "xl/sharedStrings.xml", string(strings))
		z.Close()
		consistent(t, "f.xlsx", b.Bytes())
	})
}

// FuzzXLSX changes the bytes of whole files.
func FuzzXLSX(f *testing.F) {
	book := excelize.NewFile()
	setRows(book, "Sheet1", 1, []any{"a", "b"}, []any{1, "x"})
	book.SetCellFormula("Sheet1", "A3", "SUM(A2:A2)")
	b, _ := book.WriteToBuffer()
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, in []byte) { consistent(t, "f.xlsx", in) })
}
