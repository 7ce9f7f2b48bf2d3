package sheet

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"daiban/flow"
)

func num(s string) flow.Value {
	n, ok := flow.ParseNumber(s)
	if !ok {
		panic(s)
	}
	return flow.Num(n)
}

func sample() *flow.MemTable {
	return flow.NewTable([]flow.Column{{Name: "名称"}, {Name: "金额"}, {Name: "日期"}, {Name: "编号"}, {Name: "时间"}, {Name: "是"}},
		[]flow.Value{flow.Text("笔, \"好\""), num("12.50"), flow.DateOf(2026, 3, 1), flow.Text("001"), flow.Clock(sunday.Add(34200e9)), flow.Bool(true)},
		[]flow.Value{flow.Text("=1+1"), num("-3"), flow.Null(), flow.Text("110101199001011234"), flow.Clock(sunday.Add(34205e9)), flow.Bool(false)},
		[]flow.Value{flow.Text(" a\n<b>&_x0041_ "), num("12345678901234567"), flow.DateOf(2026, 3, 2), flow.Text("7"), flow.Null(), flow.Null()})
}

func write(t *testing.T, name string, tab flow.Table, o WriteOptions) ([]byte, []Note) {
	t.Helper()
	var b bytes.Buffer
	notes, err := Write(context.Background(), &b, name, tab, o)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), notes
}

func TestWriteXLSX(t *testing.T) {
	out, _ := write(t, "t.xlsx", sample(), WriteOptions{Sheet: "三月"})
	got, _ := read(t, "t.xlsx", out, Options{Sheet: "三月"})
	want(t, got, "名称:t | 金额:? | 日期:d | 编号:t | 时间:dt | 是:b\n笔, \"好\" | 12.50:n | 2026-03-01 | 001 | 2026-03-01 09:30 | True\n"+
		"=1+1 | -3:n |  | 110101199001011234 | 2026-03-01 09:30:05 | False\n a\n<b>&_x0041_  | 12345678901234567:t | 2026-03-02 | 7 |  |")
	f, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A3": "=1+1", "B2": "12.50", "C2": "2026-03-01", "D2": "001", "E3": "2026-03-01 09:30:05", "A4": " a\n<b>&_x0041_ "} {
		if got, err := f.GetCellValue("三月", cell); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", cell, got, err, want)
		}
	}
	if formula, _ := f.GetCellFormula("三月", "A3"); formula != "" {
		t.Errorf("A3 is a formula: %q", formula)
	}
	if w, _ := f.GetColWidth("三月", "D"); w < 18 {
		t.Errorf("width of D is %v", w)
	}
	if again, _ := write(t, "t.xlsx", sample(), WriteOptions{Sheet: "三月"}); !bytes.Equal(again, out) {
		t.Error("the same table gives two files")
	}
}

func TestWriteMeans(t *testing.T) {
	third, _ := flow.Int(10).Div(flow.Int(3))
	out, _ := write(t, "t.xlsx", flow.NewTable([]flow.Column{{Name: "m"}}, []flow.Value{flow.Num(third)}), WriteOptions{})
	got, _ := read(t, "t.xlsx", out, Options{})
	want(t, got, "m:n\n3.33333333333333")
}

func TestSheetName(t *testing.T) {
	for in, want := range map[string]string{"": "Sheet1", "三月": "三月", "a/b": "a-b", strings.Repeat("长", 40): strings.Repeat("长", 31), "[]": "--"} {
		if got, notes := SheetName(in); got != want || (len(notes) > 0) != (got != in && in != "") {
			t.Errorf("SheetName(%q) = %q, %v", in, got, notes)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	out, notes := write(t, "t.csv", sample(), WriteOptions{})
	if want := "\ufeff名称,金额,日期,编号,时间,是\n\"笔, \"\"好\"\"\",12.50,2026-03-01,001,2026-03-01 09:30,TRUE\n" +
		"'=1+1,-3,,110101199001011234,2026-03-01 09:30:05,FALSE\n\" a\n<b>&_x0041_ \",12345678901234567,2026-03-02,7,,\n"; string(out) != want {
		t.Errorf("got\n%q\nwant\n%q", out, want)
	}
	wantNote(t, notes, "look like formulas")
	for s, want := range map[string]bool{"=1": true, "@sum(A1)": true, "+86 138-0000": false, "-5": false, "-": false, "-a": true, "+A1": true, "-cmd|x": true, "abc": false, "": false, "- 备注": false} {
		if got := isFormula(s); got != want {
			t.Errorf("isFormula(%q) = %v", s, got)
		}
	}
}

func TestWriteOthers(t *testing.T) {
	tab := flow.NewTable([]flow.Column{{Name: "a"}, {Name: "b"}}, []flow.Value{num("1.10"), flow.Text("x\ty\"")}, []flow.Value{flow.Null(), flow.DateOf(2026, 3, 1)})
	for name, want := range map[string]string{
		"t.tsv":   "\ufeffa\tb\n1.10\t\"x\ty\"\"\"\n\t2026-03-01\n",
		"t.json":  "[\n{\"a\":1.10,\"b\":\"x\\ty\\\"\"},\n{\"a\":null,\"b\":\"2026-03-01\"}\n]\n",
		"t.jsonl": "{\"a\":1.10,\"b\":\"x\\ty\\\"\"}\n{\"a\":null,\"b\":\"2026-03-01\"}\n",
	} {
		if out, _ := write(t, name, tab, WriteOptions{}); string(out) != want {
			t.Errorf("%s: %q, want %q", name, out, want)
		}
	}
	_, err := Write(context.Background(), &bytes.Buffer{}, "t.xls", tab, WriteOptions{})
	wantProblem(t, err, "input", "t.xls", ".xlsx")
	_, err = Write(context.Background(), &bytes.Buffer{}, "t.doc", tab, WriteOptions{})
	wantProblem(t, err, "input", "t.doc")
}

func TestUpdateSheet(t *testing.T) {
	book := made(t, func(f *excelize.File) {
		setRows(f, "Sheet1", 1, []any{"标题"}, []any{}, []any{"名称", "金额"}, []any{"旧", 1}, []any{"旧2", 2}, []any{"旧3", 3})
		f.SetCellStyle("Sheet1", "B4", "B6", style(f, "#,##0.00"))
		f.SetColWidth("Sheet1", "B", "B", 33)
		f.MergeCell("Sheet1", "A1", "B1")
		f.NewSheet("汇总")
		f.SetCellFormula("汇总", "A1", "SUM(Sheet1!B:B)")
		f.SetCellStyle("汇总", "A1", "A1", style(f, "0.000"))
	})
	tab := flow.NewTable([]flow.Column{{Name: "名称"}, {Name: "金额"}, {Name: "日期"}}, []flow.Value{flow.Text("新"), num("1234.5"), flow.DateOf(2026, 3, 1)})
	var b bytes.Buffer
	if _, err := UpdateSheet(context.Background(), fileOf("t.xlsx", book), &b, tab, UpdateOptions{Sheet: "sheet1"}); err != nil {
		t.Fatal(err)
	}
	got, _ := read(t, "t.xlsx", b.Bytes(), Options{Sheet: "Sheet1"})
	want(t, got, "名称:t | 金额:n | 日期:d\n新 | 1234.5 | 2026-03-01")
	f, _ := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if v, _ := f.GetCellValue("Sheet1", "B2"); v != "1,234.50" {
		t.Errorf("the format of the column is lost: %q", v)
	}
	if w, _ := f.GetColWidth("Sheet1", "B"); w != 33 {
		t.Errorf("width %v", w)
	}
	if s, _ := f.GetCellFormula("汇总", "A1"); s != "SUM(Sheet1!B:B)" {
		t.Errorf("formula of the other sheet: %q", s)
	}
	if m, _ := f.GetMergeCells("Sheet1"); len(m) > 0 {
		t.Errorf("merged cells of the old sheet: %v", m)
	}
	b.Reset()
	if _, err := UpdateSheet(context.Background(), fileOf("t.xlsx", book), &b, tab, UpdateOptions{Sheet: "四月"}); err != nil {
		t.Fatal(err)
	}
	got, _ = read(t, "t.xlsx", b.Bytes(), Options{Sheet: "四月"})
	want(t, got, "名称:t | 金额:n | 日期:d\n新 | 1234.5 | 2026-03-01")
	got, _ = read(t, "t.xlsx", b.Bytes(), Options{Sheet: "Sheet1"})
	want(t, got, "名称:t | 金额:n\n旧 | 1\n旧2 | 2\n旧3 | 3")
	_, err := UpdateSheet(context.Background(), fileOf("坏.xlsx", book[:500]), &b, tab, UpdateOptions{Sheet: "x"})
	wantProblem(t, err, "input", "坏.xlsx")
}

func TestAppendXLSX(t *testing.T) {
	book := made(t, func(f *excelize.File) {
		setRows(f, "Sheet1", 1, []any{"标题"}, []any{"名称", "数量", "单价", "金额"}, []any{"笔", 2, 1.5}, []any{"纸", 4, 2.5}, []any{"合计", nil, nil})
		for _, r := range []string{"3", "4"} {
			f.SetCellFormula("Sheet1", "D"+r, "B"+r+"*C"+r)
		}
		f.SetCellFormula("Sheet1", "D5", "SUM(D3:D4)")
		f.SetCellStyle("Sheet1", "C3", "C4", style(f, "0.000"))
	})
	tab := flow.NewTable([]flow.Column{{Name: "单价"}, {Name: "名 称"}, {Name: "数量"}, {Name: "日期"}},
		[]flow.Value{num("3"), flow.Text("=墨"), num("10"), flow.DateOf(2026, 3, 1)}, []flow.Value{num("1"), flow.Text("尺"), num("1"), flow.Null()})
	var b bytes.Buffer
	notes, err := Append(context.Background(), fileOf("t.xlsx", book), &b, tab, UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantNote(t, notes, "日期")
	f, _ := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	for cell, want := range map[string]string{"D5": "B5*C5", "D6": "B6*C6", "D7": "SUM(D3:D6)", "A5": ""} {
		if got, _ := f.GetCellFormula("Sheet1", cell); got != want {
			t.Errorf("formula of %s: %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]string{"A5": "=墨", "C5": "3.000", "E2": "日期", "E5": "2026-03-01", "A7": "合计", "E6": ""} {
		if got, _ := f.GetCellValue("Sheet1", cell); got != want {
			t.Errorf("%s: %q, want %q", cell, got, want)
		}
	}
	got, _ := read(t, "t.xlsx", b.Bytes(), Options{})
	want(t, got, "名称:t | 数量:n | 单价:n | 金额:n | 日期:d\n笔 | 2 | 1.5 | 3 |\n纸 | 4 | 2.5 | 10 |\n=墨 | 10 | 3 | 30 | 2026-03-01\n尺 | 1 | 1 | 1 |")
}

// A range formatted as a table takes the new rows in.
func TestAppendToList(t *testing.T) {
	book := made(t, func(f *excelize.File) {
		setRows(f, "Sheet1", 1, []any{"k", "v"}, []any{"a", 1})
		f.AddTable("Sheet1", &excelize.Table{Range: "A1:B2", Name: "T1"})
		f.AddTable("Sheet1", &excelize.Table{Range: "D1:E9", Name: "T2"})
	})
	absolute := edited(t, book, "xl/worksheets/_rels/sheet1.xml.rels", func(s string) string { // as openpyxl has it
		return strings.ReplaceAll(s, `"../tables/`, `"/xl/tables/`)
	})
	tab := flow.NewTable([]flow.Column{{Name: "k"}, {Name: "v"}}, []flow.Value{flow.Text("b"), num("2")}, []flow.Value{flow.Text("c"), num("3")})
	for _, in := range [][]byte{book, absolute} {
		var out bytes.Buffer
		if _, err := Append(context.Background(), fileOf("t.xlsx", in), &out, tab, UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		edited(t, out.Bytes(), "xl/tables/table1.xml", func(s string) string {
			if strings.Count(s, `ref="A1:B4"`) != 2 {
				t.Error(s)
			}
			return s
		})
		edited(t, out.Bytes(), "xl/tables/table2.xml", func(s string) string {
			if !strings.Contains(s, `ref="D1:E9"`) {
				t.Error(s)
			}
			return s
		})
	}
}

// A sheet with a range formatted as a table is replaced: the range has the new headings.
func TestReplaceList(t *testing.T) {
	book := made(t, func(f *excelize.File) {
		setRows(f, "Sheet1", 1, []any{"k", "v"}, []any{"a", 1})
		f.AddTable("Sheet1", &excelize.Table{Range: "A1:B2", Name: "T1", StyleName: "TableStyleMedium2"})
	})
	tab := flow.NewTable([]flow.Column{{Name: "名称"}, {Name: "a<b"}, {Name: "v"}}, []flow.Value{flow.Text("b"), num("2"), num("3")}, []flow.Value{flow.Text("c"), num("3"), num("4")})
	var out bytes.Buffer
	if _, err := UpdateSheet(context.Background(), fileOf("t.xlsx", book), &out, tab, UpdateOptions{Sheet: "Sheet1"}); err != nil {
		t.Fatal(err)
	}
	edited(t, out.Bytes(), "xl/tables/table1.xml", func(s string) string {
		for _, want := range []string{`ref="A1:C3"`, `<autoFilter ref="A1:C3"/>`, `displayName="T1"`, `name="名称"`, `name="a&lt;b"`, "TableStyleMedium2"} {
			if !strings.Contains(s, want) {
				t.Errorf("no %s in %s", want, s)
			}
		}
		return s
	})
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	if lists, err := f.GetTables("Sheet1"); err != nil || len(lists) != 1 || lists[0].Range != "A1:C3" {
		t.Errorf("%+v, %v", lists, err)
	}
}

func TestAppendText(t *testing.T) {
	tab := flow.NewTable([]flow.Column{{Name: "B"}, {Name: "a"}}, []flow.Value{flow.Text("张三"), num("5")})
	more := flow.NewTable([]flow.Column{{Name: "a"}, {Name: "新"}}, []flow.Value{num("5"), flow.Text("x")})
	for _, c := range []struct {
		name, file, in string
		tab            flow.Table
		want           string
	}{
		{"plain", "t.csv", "a,b\n1,x\n", tab, "a,b\n1,x\n5,张三\n"},
		{"no newline at the end, CRLF, BOM", "t.csv", "\ufeffa;b\r\n1;x", tab, "\ufeffa;b\r\n1;x\r\n5;张三\r\n"},
		{"title and totals", "t.csv", "标题,\na,b\n1,x\n合计,\n", tab, "标题,\na,b\n1,x\n5,张三\n合计,\n"},
		{"totals stay last", "t.csv", "b,a,c\nx,1,2\n合计,1,\n", tab, "b,a,c\nx,1,2\n张三,5,\n合计,1,\n"},
		{"new column", "t.csv", "a,b\n1,x\n2\n", more, "a,b,新\n1,x,\n2,,\n5,,x\n"},
		{"UTF-16", "t.csv", "\xff\xfea\x00\t\x00b\x00\n\x001\x00\t\x00x\x00\n\x00", tab, "\xff\xfea\x00\t\x00b\x00\n\x001\x00\t\x00x\x00\n\x005\x00\t\x00\x20\x5f\x09\x4e\n\x00"},
		{"GB18030", "t.csv", "a,b\n1,\xd5\xc5\xc8\xfd\n", tab, "a,b\n1,\xd5\xc5\xc8\xfd\n5,\xd5\xc5\xc8\xfd\n"},
		{"sep line", "t.csv", "sep=;\na;b\n1;x\n", tab, "sep=;\na;b\n1;x\n5;张三\n"},
		{"decimal commas", "t.csv", "a;b\n1,5;x\n", flow.NewTable([]flow.Column{{Name: "a"}}, []flow.Value{num("2.25")}), "a;b\n1,5;x\n2,25;\n"},
		{"json", "t.json", `[{"a":1}]`, more, "[\n{\"a\":1,\"新\":null},\n{\"a\":5,\"新\":\"x\"}\n]\n"},
		{"lines", "t.jsonl", "{\"a\":1}\n", more, "{\"a\":1,\"新\":null}\n{\"a\":5,\"新\":\"x\"}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if _, err := Append(context.Background(), fileOf(c.file, []byte(c.in)), &b, c.tab, UpdateOptions{}); err != nil {
				t.Fatal(err)
			}
			if b.String() != c.want {
				t.Errorf("got\n%q\nwant\n%q", b.String(), c.want)
			}
		})
	}
}
