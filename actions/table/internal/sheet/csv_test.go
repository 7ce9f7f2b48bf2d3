package sheet

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, in, want, note string }{
		{"plain", "姓名,金额\n张三,12.50\n李四,3\n", "姓名:t | 金额:n\n张三 | 12.50\n李四 | 3", ""},
		{"no newline at the end, CRLF", "a,b\r\n1,x\r\n2,y", "a:n | b:t\n1 | x\n2 | y", ""},
		{"quotes", "a,b\n\"x, \"\"y\"\"\n z\",1\n", "a:t | b:n\nx, \"y\"\n z | 1", ""},
		{"semicolons", "a;b\n1;x,y\n2;z\n", "a:n | b:t\n1 | x,y\n2 | z", ""},
		{"pipes", "a|b|c\n1|2|3\n", "a:n | b:n | c:n\n1 | 2 | 3", ""},
		{"tabs in a csv", "a\tb\n1\t2\n", "a:n | b:n\n1 | 2", ""},
		{"sep line", "sep=;\na;b\n1;2\n", "a:n | b:n\n1 | 2", ""},
		{"office numbers", "金额,税率\n\"￥1,234.50\",6%\n１２３,13%\n300元,0\n(20),1\n", "金额:n | 税率:n\n1234.50 | 0.06\n123 | 0.13\n300 | 0\n-20 | 1", ""},
		{"ids", "工号,卡号,电话\n0012,6222021234567890123,13800138000\n1234,6222021234567890124,13900139000\n", "工号:t | 卡号:t | 电话:n\n0012 | 6222021234567890123 | 13800138000\n1234 | 6222021234567890124 | 13900139000", ""},
		{"codes are no numbers", "型号,版本\n12E5,1.2.3\n13E6,1.2.4\n", "型号:t | 版本:t\n12E5 | 1.2.3\n13E6 | 1.2.4", ""},
		{"days", "日期,时间\n2026-03-01,2026/3/1 9:30\n2026年3月2日,2026-03-02 10:00:05\n", "日期:d | 时间:dt\n2026-03-01 | 2026-03-01 09:30\n2026-03-02 | 2026-03-02 10:00:05", ""},
		{"eight digits under a heading of days", "日期,编号\n20260301,20260301\n20260302,20260302\n", "日期:d | 编号:n\n2026-03-01 | 20260301\n2026-03-02 | 20260302", ""},
		{"day first", "d,v\n03/04/2026,1\n13/04/2026,2\n", "d:d | v:n\n2026-04-03 | 1\n2026-04-13 | 2", ""},
		{"month first", "d,v\n03/04/2026,1\n03/14/2026,2\n", "d:d | v:n\n2026-03-04 | 1\n2026-03-14 | 2", ""},
		{"days and times, day first", "d\n13/04/2026\n03/04/2026 9:30\n", "d:dt\n2026-04-13 00:00\n2026-04-03 09:30", ""},
		{"undecided days", "d,v\n03/04/2026,1\n05/06/2026,2\n", "d:t | v:n\n03/04/2026 | 1\n05/06/2026 | 2", "nothing tells day from month"},
		{"month names", "d,v\n\"Jan 2, 2026\",1\n3-Feb-26,2\n", "d:d | v:n\n2026-01-02 | 1\n2026-02-03 | 2", ""},
		{"booleans", "a,b\nTRUE,x\nfalse,y\n", "a:b | b:t\nTrue | x\nFalse | y", ""},
		{"days with points", "d,e\n2026.03.01,31.12.2025\n2026.3.2,1.2.2026 9:30\n", "d:d | e:dt\n2026-03-01 | 2025-12-31 00:00\n2026-03-02 | 2026-02-01 09:30", ""},
		{"days with points among others", "d\n2026-03-01\n2026.3.2\n2026/3/3\n", "d:d\n2026-03-01\n2026-03-02\n2026-03-03", ""},
		{"decimal commas", "a;b;c\n1.234,50;2,5;1,234\n-3.000;7;-0,5\n12,50 €;8;5\n", "a:n | b:n | c:n\n1234.50 | 2.5 | 1.234\n-3000 | 7 | -0.5\n12.50 | 8 | 5", ""},
		{"thousands in a text with semicolons", "a;b\n1,234;x\n5;y\n", "a:n | b:t\n1234 | x\n5 | y", ""},
		{"decimal commas only with semicolons", "a,b\n\"1,2\",x\n\"3,15\",y\n", "a:t | b:t\n1,2 | x\n3,15 | y", ""},
		{"texts that are kept by a formula", "a,b,c\n=\"00123\",\"=\"\"7\"\"\",=\"\"\n=\"00124\",\"=\"\"8\"\"\",x\n", "a:t | b:t | c:t\n00123 | 7 |\n00124 | 8 | x", ""},
		{"telephone numbers with a plus", "a,b\n+8613800138000,+3\n+441632960961,-4\n", "a:t | b:n\n+8613800138000 | 3\n+441632960961 | -4", ""},
		{"dashes in numbers", "a,b\nx,1\ny,-\nz,N/A\n", "a:t | b:n\nx | 1\ny |\nz |", "2 cells"},
		{"mixed", "a,b\nx,1\ny,2\nz,未定\n", "a:t | b:?\nx | 1:n\ny | 2:n\nz | 未定:t", ""},
		{"mostly text", "a,b\nx,未定\ny,无价\nz,3\n", "a:t | b:t\nx | 未定\ny | 无价\nz | 3", ""},
		{"title above", "2026年3月销售表,,\n,,\n部门,人数,金额\n一部,3,10\n二部,4,20\n", "部门:t | 人数:n | 金额:n\n一部 | 3 | 10\n二部 | 4 | 20", ""},
		{"line of dates above", "部门：,销售,2026-03-01,\n品名,数量,单价,金额\n笔,2,3,6\n", "品名:t | 数量:n | 单价:n | 金额:n\n笔 | 2 | 3 | 6", ""},
		{"groups", "部门,一季度,,二季度,\n,数量,金额,数量,金额\n一部,1,2,3,4\n", "部门:t | 一季度 数量:n | 一季度 金额:n | 二季度 数量:n | 二季度 金额:n\n一部 | 1 | 2 | 3 | 4", ""},
		{"totals", "品名,数量,金额\n笔,2,6\n纸,3,9\n合计,5,15\n", "品名:t | 数量:n | 金额:n\n笔 | 2 | 6\n纸 | 3 | 9", "row 4 is a totals row"},
		{"totals and signatures", "品名,数量,金额\n笔,2,6\n合 计：,,6\n\n制表人：张三,,\n", "品名:t | 数量:n | 金额:n\n笔 | 2 | 6", "row 3"},
		{"subtotals", "部门,品名,金额\n一部,笔,6\n小计,,6\n二部,纸,9\n小计,,9\n总计,,15\n", "部门:t | 品名:t | 金额:n\n一部 | 笔 | 6\n二部 | 纸 | 9", "row 3"},
		{"a row of sums", "品名,数量,金额\n笔,2,6\n纸,3,9\n墨,1,5\n,6,20\n", "品名:t | 数量:n | 金额:n\n笔 | 2 | 6\n纸 | 3 | 9\n墨 | 1 | 5", "row 5"},
		{"no row of sums", "品名,数量,金额\n笔,2,6\n纸,3,9\n墨,1,5\n,6,21\n", "品名:t | 数量:n | 金额:n\n笔 | 2 | 6\n纸 | 3 | 9\n墨 | 1 | 5\n | 6 | 21", ""},
		{"a product called Total", "name,v\nTotal Care,1\nTotal,2\nOther,3\n", "name:t | v:n\nTotal Care | 1\nTotal | 2\nOther | 3", ""},
		{"ragged", "a,b,c\n1,2\n3,4,5,6\n", "a:n | b:n | c:n | D:n\n1 | 2 |  |\n3 | 4 | 5 | 6", "row 3 is longer"},
		{"separators at the end", "标题,,,\na,b,\n1,2,\n3,4,\n", "a:n | b:n\n1 | 2\n3 | 4", "!longer"},
		{"empty rows and columns", "a,,b,\n1,,2,\n,,,\n3,,4,\n", "a:n | b:n\n1 | 2\n3 | 4", ""},
		{"headings", "a,a,,b\n1,2,3,4\n", "a:n | a_2:n | C:n | b:n\n1 | 2 | 3 | 4", ""},
		{"months as headings", "姓名,1,2,3\n张,5,6,7\n", "姓名:t | 1:n | 2:n | 3:n\n张 | 5 | 6 | 7", ""},
		{"no header", "1,2.5\n3,4.5\n", "A:n | B:n\n1 | 2.5\n3 | 4.5", "no header"},
		{"only a header", "a,b\n", "a:? | b:?", ""},
		{"one column", "名字\n甲\n乙\n", "名字:t\n甲\n乙", ""},
		{"lost quote", "a,b\n1,\"x\n2,y\n", "a:n | b:t\n1 | \"x\n2 | y", ""},
		{"header again", "a,b\n1,x\na,b\n2,y\n", "a:n | b:t\n1 | x\n2 | y", "1 rows repeat"},
		{"spaces", "a , b\n 1 , x \n2,y\n", "a:n | b:t\n1 |  x\n2 | y", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, notes := read(t, "t.csv", []byte(c.in), Options{})
			want(t, got, c.want)
			if c.note != "" {
				wantNote(t, notes, c.note)
			}
			bom, _ := read(t, "t.csv", []byte("\ufeff"+c.in), Options{})
			want(t, bom, c.want)
		})
	}
}

func TestCSVForcedHeader(t *testing.T) {
	got, _ := read(t, "t.csv", []byte("说明,文字\n1,2\na,b\n3,4\n"), Options{Header: 3})
	want(t, got, "a:n | b:n\n3 | 4")
	_, _, err := Read(context.Background(), fileOf("t.csv", []byte("a,b\n1,2\n")), Options{Header: 9})
	wantProblem(t, err, "input", "t.csv", "9")
}

func TestEncodings(t *testing.T) {
	text := "姓名,城市\n" + strings.Repeat("张三,北京\n李四,上海浦东新区\n", 40000)
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String(text)
	le, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	be, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	ascii := "name,v\n" + strings.Repeat("abc,1\n", 100000)
	gbLate, _ := simplifiedchinese.GB18030.NewEncoder().String(ascii + "张三,2\n")
	plain, _ := read(t, "u.csv", []byte(text), Options{})
	for name, in := range map[string]string{"gb": gb, "utf-16 le": le, "utf-16 be": be} {
		if got, _ := read(t, "u.csv", []byte(in), Options{}); got != plain {
			t.Errorf("%s differs: %.100q", name, got)
		}
	}
	leBare, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String("name,v\nabc,1\n张三,2\n")
	got, _ := read(t, "u.csv", []byte(leBare), Options{})
	want(t, got, "name:t | v:n\nabc | 1\n张三 | 2")
	if got, _ := read(t, "u.csv", []byte(gbLate), Options{}); !strings.HasSuffix(got, "张三 | 2") {
		t.Errorf("GB18030 after 600 kB of ASCII: %q", got[len(got)-30:])
	}
}

func TestBadBytes(t *testing.T) {
	text := "姓名,城市\n" + strings.Repeat("张三,北京\n", 100000) + "李\xff四,x\n"
	_, _, err := Read(context.Background(), fileOf("坏.csv", []byte(text)), Options{})
	wantProblem(t, err, "input", "坏.csv", "100002", "UTF-8")
	_, _, err = Read(context.Background(), fileOf("bin.csv", []byte("a,b\n\x00\x01\x02\x00\x00\xff\n")), Options{})
	wantProblem(t, err, "input", "bin.csv")
	_, _, err = Read(context.Background(), fileOf("zero.csv", nil), Options{})
	wantProblem(t, err, "input", "zero.csv", "0")
}

func TestSplitAcrossBlocks(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,text\n")
	cell := `"a ""quoted""` + "\n" + strings.Repeat("长", 50) + `",`
	n := 3 * csvBlock / len(cell)
	for range n {
		b.WriteString("x" + "," + cell[:len(cell)-1] + "\r\n")
	}
	tab, _, err := Read(context.Background(), fileOf("t.csv", []byte(b.String())), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != n {
		t.Fatalf("%d rows, want %d", tab.Len(), n)
	}
	for row := range tab.Rows() {
		if got := row[1].Text(); got != "a \"quoted\"\n"+strings.Repeat("长", 50) {
			t.Fatalf("cell %q", got)
		}
	}
}

func TestHeaderOnly(t *testing.T) {
	long := "a,b\n" + strings.Repeat("1,x\n", 3*headRows)
	cols, err := Header(context.Background(), fileOf("t.csv", []byte(long)), Options{})
	if err != nil || len(cols) != 2 || cols[0].Name != "a" || cols[0].Kind != 0 {
		t.Errorf("header of a long file: %v, %v", cols, err)
	}
	cols, err = Header(context.Background(), fileOf("t.csv", []byte("a,b\n1,x\n")), Options{})
	if err != nil || letter(cols[0].Kind) != "n" || letter(cols[1].Kind) != "t" {
		t.Errorf("header of a short file: %v, %v", cols, err)
	}
}
