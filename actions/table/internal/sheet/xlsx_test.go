package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

var sunday = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func style(f *excelize.File, format string) int {
	id, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	return id
}

func TestXLSX(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(f *excelize.File)
		want string
		note string
	}{
		{"plain", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"品名", "数量", "单价"}, []any{"笔", 2, 1.1}, []any{"纸", 3, 0.3})
		}, "品名:t | 数量:n | 单价:n\n笔 | 2 | 1.1\n纸 | 3 | 0.3", ""},
		{"merged title, header in row 3", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"2026年3月销售表"}, []any{}, []any{"部门", "人数", "金额"}, []any{"一部", 3, 10}, []any{"二部", 4, 20}, []any{"合计", 7, 30})
			f.MergeCell("Sheet1", "A1", "C1")
		}, "部门:t | 人数:n | 金额:n\n一部 | 3 | 10\n二部 | 4 | 20", "row 6 is a totals row"},
		{"two rows of headings", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"部门", "一季度", nil, "二季度"}, []any{nil, "数量", "金额", "数量", "金额"}, []any{"一部", 1, 2, 3, 4})
			f.MergeCell("Sheet1", "A1", "A2")
			f.MergeCell("Sheet1", "B1", "C1")
			f.MergeCell("Sheet1", "D1", "E1")
		}, "部门:t | 一季度 数量:n | 一季度 金额:n | 二季度 数量:n | 二季度 金额:n\n一部 | 1 | 2 | 3 | 4", ""},
		{"merged data", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"部门", "姓名"}, []any{"一部", "甲"}, []any{nil, "乙"}, []any{"二部", "丙"})
			f.MergeCell("Sheet1", "A2", "A3")
		}, "部门:t | 姓名:t\n一部 | 甲\n一部 | 乙\n二部 | 丙", ""},
		{"days", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"日期", "时间", "签到", "写法"}, []any{sunday, sunday.Add(9*time.Hour + 30*time.Minute), 0.375, "2026年3月1日"}, []any{46083, 46083.5, 0.4, "2026-03-02"})
			f.SetCellStyle("Sheet1", "A2", "A3", style(f, `yyyy"年"m"月"d"日"`))
			f.SetCellStyle("Sheet1", "B2", "B3", style(f, "yyyy-mm-dd hh:mm"))
			f.SetCellStyle("Sheet1", "C2", "C3", style(f, "h:mm"))
		}, "日期:d | 时间:dt | 签到:t | 写法:d\n2026-03-01 | 2026-03-01 09:30 | 09:00 | 2026-03-01\n2026-03-02 | 2026-03-02 12:00 | 09:36 | 2026-03-02", ""},
		{"numbers as text, formats", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"金额", "比例", "编号", "证件", "工号"}, []any{"￥1,234.50", 0.125, 7, "110101199001011234", "007"}, []any{" １００元", 0.5, 12, "110101199001011235", "008"})
			f.SetCellStyle("Sheet1", "B2", "B3", style(f, "0.0%"))
			f.SetCellStyle("Sheet1", "C2", "C3", style(f, "00000"))
		}, "金额:n | 比例:n | 编号:t | 证件:t | 工号:t\n1234.50 | 0.125 | 00007 | 110101199001011234 | 007\n100 | 0.5 | 00012 | 110101199001011235 | 008", ""},
		{"long numbers without a format are ids", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"单号", "预算"}, []any{2026030100001, 1200000000000}, []any{2026030100002, 3400000000000})
			f.SetCellStyle("Sheet1", "B2", "B3", style(f, "#,##0.00"))
		}, "单号:t | 预算:n\n2026030100001 | 1200000000000\n2026030100002 | 3400000000000", ""},
		{"hidden rows are read", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"a", "b"}, []any{1, "x"}, []any{2, "y"})
			f.SetRowVisible("Sheet1", 2, false)
		}, "a:n | b:t\n1 | x\n2 | y", "1 rows are hidden"},
		{"empty rows and columns", func(f *excelize.File) {
			setRows(f, "Sheet1", 3, []any{nil, "a", nil, "b"}, []any{}, []any{nil, 1, nil, "x"}, []any{nil, "  "}, []any{nil, 2, nil, "y"})
		}, "a:n | b:t\n1 | x\n2 | y", ""},
		{"formulas without values", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"数量", "单价", "金额"}, []any{2, 1.5}, []any{4, 2.5})
			f.SetCellFormula("Sheet1", "C2", "A2*B2")
			f.SetCellFormula("Sheet1", "C3", "A3*B3")
		}, "数量:n | 单价:n | 金额:n\n2 | 1.5 | 3\n4 | 2.5 | 10", ""},
		{"rich text and breaks", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"名称", "金额\n（元）"}, []any{nil, 1})
			f.SetCellRichText("Sheet1", "A2", []excelize.RichTextRun{{Text: "甲<&>"}, {Text: "乙", Font: &excelize.Font{Bold: true}}})
		}, "名称:t | 金额（元）:n\n甲<&>乙 | 1", ""},
		{"booleans", func(f *excelize.File) { setRows(f, "Sheet1", 1, []any{"a", "b"}, []any{true, 1}, []any{false, 2}) },
			"a:b | b:n\nTrue | 1\nFalse | 2", ""},
		{"first sheet with data", func(f *excelize.File) {
			f.NewSheet("隐藏")
			setRows(f, "隐藏", 1, []any{"h"}, []any{1})
			f.SetSheetVisible("隐藏", false)
			f.NewSheet("数据")
			setRows(f, "数据", 1, []any{"a"}, []any{1})
		}, "a:n\n1", ""},
		{"mixed", func(f *excelize.File) {
			setRows(f, "Sheet1", 1, []any{"a", "备注"}, []any{1, "x"}, []any{"无效", "y"}, []any{3, 5}, []any{4, "z"})
		}, "a:? | 备注:?\n1:n | x:t\n无效:t | y:t\n3:n | 5:n\n4:n | z:t", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, notes := read(t, "t.xlsx", made(t, c.make), Options{})
			want(t, got, c.want)
			if c.note != "" {
				wantNote(t, notes, c.note)
			}
		})
	}
}

func TestSheetByName(t *testing.T) {
	book := made(t, func(f *excelize.File) {
		for _, n := range []string{"一月", "Data 2"} {
			f.NewSheet(n)
			setRows(f, n, 1, []any{"a"}, []any{n})
		}
	})
	for name, cell := range map[string]string{"一月": "一月", "data 2": "Data 2", "ＤＡＴＡ 2": "Data 2", "2": "一月"} {
		got, _ := read(t, "t.xlsx", book, Options{Sheet: name})
		want(t, got, "a:t\n"+cell)
	}
	_, _, err := Read(context.Background(), fileOf("t.xlsx", book), Options{Sheet: "二月"})
	wantProblem(t, err, "input", "t.xlsx", "二月", "一月、Data 2")
}

// raw is a workbook of one sheet with this XML, written by hand.
func raw(t *testing.T, sheetXML string, more ...fixedPart) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	parts := append(fixedParts("S", 0, 0), fixedPart{"xl/worksheets/sheet1.xml", sheetXML})
	for _, p := range more {
		kept := parts[:0]
		for _, q := range parts {
			if q.name != p.name {
				kept = append(kept, q)
			}
		}
		parts = append(kept, p)
	}
	for _, p := range parts {
		if err := put(z, p.name, p.text); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	return b.Bytes()
}

func TestRawXLSX(t *testing.T) {
	for _, c := range []struct{ name, xml, want, note string }{
		{"prefixes, CDATA, comments", `<?xml version="1.0"?><x:worksheet xmlns:x="` + mainNS + `"><x:sheetData><!-- > --><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t><![CDATA[a<b]]></x:t></x:is></x:c></x:row><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
			"a<b:n\n1", ""},
		{"errors and cached values", `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row><row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B2"><f>1+1</f><v>2</v></c></row><row r="3"><c r="A3"><v>1.1000000000000001</v></c><c r="B3"><v>3E-2</v></c></row></sheetData></worksheet>`,
			"a:n | b:n\n | 2\n1.1 | 0.03", "1 error values"},
		{"days of 1904, escapes", `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a_x0041_&#65;</t></is></c></row><row r="2"><c r="A2" t="d"><v>2026-03-01T09:30:00</v></c></row></sheetData></worksheet>`,
			"aAA:dt\n2026-03-01 09:30", ""},
		{"phonetic guides are no text", `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><r><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="1"><t>トウ</t></rPh></is></c></row><row r="2"><c r="A2"><v>1</v></c></row></sheetData></worksheet>`,
			"東京:n\n1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, notes := read(t, "t.xlsx", raw(t, c.xml), Options{})
			want(t, got, c.want)
			if c.note != "" {
				wantNote(t, notes, c.note)
			}
		})
	}
}

// openpyxl writes an empty result to every formula, Excel to those that give an empty text.
func TestEmptyResults(t *testing.T) {
	book := made(t, func(f *excelize.File) {
		setRows(f, "Sheet1", 1, []any{"a", "b", "c"}, []any{3}, []any{4})
		for _, r := range []string{"2", "3"} {
			f.SetCellFormula("Sheet1", "B"+r, "A"+r+"*2")
			f.SetCellFormula("Sheet1", "C"+r, `IF(A2>9,"x","")`)
		}
	})
	book = edited(t, book, "xl/worksheets/sheet1.xml", func(s string) string {
		s = regexp.MustCompile(`<c r="(B\d)"[^>]*><f>([^<]*)</f>`).ReplaceAllString(s, `<c r="$1"><f>$2</f><v></v>`)
		return regexp.MustCompile(`<c r="(C\d)"[^>]*><f>([^<]*)</f>`).ReplaceAllString(s, `<c r="$1" t="str"><f>$2</f><v></v>`)
	})
	got, notes := read(t, "t.xlsx", book, Options{})
	want(t, got, "a:n | b:n | c:?\n3 | 6 |\n4 | 8 |")
	wantNote(t, notes, "!no stored result")
}

// edited is a workbook with one of its parts changed.
func edited(t *testing.T, book []byte, part string, change func(string) string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range r.File {
		f, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name == part {
			text = []byte(change(string(text)))
		}
		if err := put(w, p.Name, string(text)); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return out.Bytes()
}

// Of a sheet that has only a title the next one is read.
func TestFirstSheetWithData(t *testing.T) {
	book := made(t, func(f *excelize.File) {
		setRows(f, "Sheet1", 1, []any{"这是说明"})
		for _, n := range []string{"空", "数据"} {
			f.NewSheet(n)
		}
		setRows(f, "数据", 1, []any{"a", "b"}, []any{"x", 1})
	})
	got, _ := read(t, "t.xlsx", book, Options{})
	want(t, got, "a:t | b:n\nx | 1")
	heading := made(t, func(f *excelize.File) {
		f.NewSheet("表")
		setRows(f, "表", 1, []any{"a", "b"})
	})
	got, _ = read(t, "t.xlsx", heading, Options{})
	want(t, got, "a:? | b:?")
}

func TestBrokenXLSX(t *testing.T) {
	good := made(t, func(f *excelize.File) { setRows(f, "Sheet1", 1, []any{"a"}, []any{1}) })
	entity := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>`
	bomb := `<worksheet><sheetData>` + strings.Repeat(" ", 40<<20) + `</sheetData></worksheet>`
	for _, c := range []struct {
		name, kind string
		in         []byte
		parts      []string
	}{
		{"坏.xlsx", "input", []byte("PK\x03\x04 no zip"), []string{"坏.xlsx", "损坏"}},
		{"cut.xlsx", "input", good[:len(good)/2], []string{"cut.xlsx"}},
		{"text.xlsx", "input", []byte("hello, world\n"), []string{"text.xlsx"}},
		{"zero.xlsx", "input", nil, []string{"zero.xlsx", "0"}},
		{"secret.xlsx", "input", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 EncryptedPackage"), []string{"secret.xlsx", "密码"}},
		{"old.xls", "input", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Workbook"), []string{"old.xls", ".xlsx"}},
		{"wps.et", "input", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Workbook"), []string{"wps.et", "WPS"}},
		{"dtd.xlsx", "input", raw(t, entity), []string{"dtd.xlsx", "DOCTYPE"}},
		{"unended.xlsx", "input", raw(t, `<worksheet><sheetData><row><c t="str"><v>x</v></c></row>`), []string{"unended.xlsx"}},
		{"empty.xlsx", "input", raw(t, ""), []string{"empty.xlsx"}},
		{"bomb.xlsx", "limit", raw(t, bomb), []string{"bomb.xlsx", "200"}},
		{"deep.xlsx", "input", raw(t, `<worksheet><sheetData><row r="99999999"/></sheetData></worksheet>`), []string{"deep.xlsx"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Read(context.Background(), fileOf(c.name, c.in), Options{})
			wantProblem(t, err, c.kind, c.parts...)
			_, err = Header(context.Background(), fileOf(c.name, c.in), Options{})
			wantProblem(t, err, c.kind, c.parts...)
		})
	}
	_, _, err := Read(context.Background(), fileOf("t.xlsx", good), Options{Limits: Limits{Bytes: 100, Ratio: 200}})
	wantProblem(t, err, "limit", "t.xlsx")
}

// TestLargeSheet goes the way of sheets that are not kept in memory.
func TestLargeSheet(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<worksheet><sheetData><row r="1"><c t="str"><v>k</v></c><c t="str"><v>v</v></c></row>`)
	pad := strings.Repeat(" ", 200)
	n := keepMax/230 + 10
	for i := range n {
		fmt.Fprintf(&b, `<row r="%d">%s<c><v>%d</v></c><c t="str"><v>x</v></c></row>`, i+2, pad, i)
	}
	b.WriteString(`</sheetData><mergeCells><mergeCell ref="B2:B3"/></mergeCells></worksheet>`)
	tab, _, err := Read(context.Background(), fileOf("t.xlsx", raw(t, b.String())), Options{Limits: Limits{Ratio: 100000}})
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != n {
		t.Errorf("%d rows, want %d", tab.Len(), n)
	}
}

func TestHTML(t *testing.T) {
	page := "<html><head><meta charset=\"utf-8\"></head><body><table><tr><td>导航</td></tr></table><table border=1><tr><th rowspan=2>部门</th><th colspan=2>一季度</th></tr><tr><th>数量<th>金额</tr>" +
		"<tr><td>一部&amp;二部</td><td>1</td><td>￥2,000.00</td></tr><tr><td>三部</td><td>3</td><td>4<br></td></tr></table></body></html>"
	got, _ := read(t, "导出.xls", []byte(page), Options{})
	want(t, got, "部门:t | 一季度 数量:n | 一季度 金额:n\n一部&二部 | 1 | 2000.00\n三部 | 3 | 4")
	_, _, err := Read(context.Background(), fileOf("p.html", []byte("<html><p>x</p></html>")), Options{})
	wantProblem(t, err, "input", "p.html")
}

func TestJSON(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a.json", `[{"名":"甲","额":1.10,"日":"2026-03-01"},{"名":"乙","额":12345678901234567890,"新":true}]`,
			"名:t | 额:n | 日:d | 新:b\n甲 | 1.10 | 2026-03-01 |\n乙 | 12345678901234567890 |  | True"},
		{"b.json", `{"total":2,"items":[{"id":"001"},{"id":"2"}]}`, "id:t\n001\n2"},
		{"c.jsonl", "{\"a\":1}\n{\"a\":2,\"b\":null}\n", "a:n | b:?\n1 |\n2 |"},
		{"d.json", `[{"a":{"x":1,"y":[1,2]}},{"a":"t"},{"a":"合计"}]`, "a:?\nx: 1, y: 1, 2:r\nt:t\n合计:t"},
		{"e.json", `[]`, ""},
	} {
		got, _ := read(t, c.name, []byte(c.in), Options{})
		want(t, got, c.want)
	}
	for in, part := range map[string]string{`[1,2]`: "in the form of a table", "[{\"a\":1},\n{\"a\":}]": "line 2", `[{"a":1}`: "line 1",
		`[{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}]`: "too deep"} {
		_, _, err := Read(context.Background(), fileOf("x.json", []byte(in)), Options{})
		kind := "input"
		if part == "too deep" {
			kind = "limit"
		}
		wantProblem(t, err, kind, "x.json", part)
	}
}
