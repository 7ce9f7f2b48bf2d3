package doc

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/tools/txtar"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/actions/doc/internal/libreoffice"
	"daiban/flow"
)

var update = flag.Bool("update", false, "rewrite the wanted values of the cases")

// cases runs testdata/NAME/*.txtar. Files named a.docx/PART are packed into
// a.docx; one named a.xlsx has the cells of its sheet, a line a row, tabs
// between; want.cells is the same for the workbook that the case names.
func cases(t *testing.T, name string) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join("testdata", name, "*.txtar"))
	if len(names) == 0 {
		t.Fatalf("no cases in testdata/%s", name)
	}
	for _, n := range names {
		t.Run(strings.TrimSuffix(filepath.Base(n), ".txtar"), func(t *testing.T) { runCase(t, n) })
	}
}

func runCase(t *testing.T, name string) {
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	e := actiontest.New(t, All)
	lay(t, e, ar)
	v, err := e.Flow(string(ar.Comment))
	got := map[string]string{}
	if err != nil {
		got["want.error"] = action.Explain(err, e.Lang)
	} else {
		got["want.value"] = actiontest.Show(v)
		if strings.HasSuffix(v.String(), ".xlsx") {
			got["want.cells"] = cellsOf(t, filepath.Join(e.Dir, v.String()))
		}
		if strings.HasSuffix(v.String(), ".docx") {
			got["want.header"] = partOf(t, filepath.Join(e.Dir, v.String()), "word/header1.xml")
		}
	}
	seen := map[string]bool{}
	for i, f := range ar.Files {
		text, ok := got[f.Name]
		if !ok {
			if strings.HasPrefix(f.Name, "want.") && f.Name != "want.lang" {
				t.Errorf("%s is wanted; there is %v", f.Name, got)
			}
			continue
		}
		seen[f.Name] = true
		if strings.TrimSpace(text) != strings.TrimSpace(string(f.Data)) {
			if *update {
				ar.Files[i].Data = []byte(strings.TrimSpace(text) + "\n")
				continue
			}
			t.Errorf("%s:\n%s\nwant:\n%s", f.Name, text, f.Data)
		}
	}
	if !seen["want.value"] && !seen["want.error"] {
		t.Errorf("nothing is wanted; there is %v", got)
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(ar), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func lay(t *testing.T, e *actiontest.Env, ar *txtar.Archive) {
	t.Helper()
	packs := map[string][]txtar.File{}
	for _, f := range ar.Files {
		at := strings.Index(f.Name, "/")
		switch {
		case f.Name == "want.lang":
			e.Lang = strings.TrimSpace(string(f.Data))
		case strings.HasPrefix(f.Name, "want"):
		case at > 0 && filepath.Ext(f.Name[:at]) != "":
			packs[f.Name[:at]] = append(packs[f.Name[:at]], txtar.File{Name: f.Name[at+1:], Data: f.Data})
		case strings.HasSuffix(f.Name, ".xlsx"):
			put(t, e, f.Name, workbook(t, string(f.Data)))
		default:
			put(t, e, f.Name, f.Data)
		}
	}
	for name, parts := range packs {
		put(t, e, name, pack(t, parts))
	}
}

func put(t *testing.T, e *actiontest.Env, name string, data []byte) {
	t.Helper()
	path := filepath.Join(e.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func pack(t *testing.T, parts []txtar.File) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(p.Data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func partOf(t *testing.T, path, name string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func workbook(t *testing.T, rows string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, l := range strings.Split(strings.TrimRight(rows, "\n"), "\n") {
		for j, s := range strings.Split(l, "\t") {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if formula, ok := strings.CutPrefix(s, "="); ok {
				f.SetCellFormula("Sheet1", cell, formula)
				continue
			}
			f.SetCellStr("Sheet1", cell, s)
		}
	}
	f.SetHeaderFooter("Sheet1", &excelize.HeaderFooterOptions{OddFooter: "&C{客户}"})
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// cellsOf shows a sheet: texts in quotes, formulas, numbers as they are.
func cellsOf(t *testing.T, path string) string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, r := range rows {
		cells := make([]string, len(r))
		for j := range r {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			kind, _ := f.GetCellType("Sheet1", cell)
			formula, _ := f.GetCellFormula("Sheet1", cell)
			switch {
			case formula != "":
				cells[j] = "=" + formula
			case kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString:
				cells[j] = `"` + r[j] + `"`
			default:
				cells[j], _ = f.GetCellValue("Sheet1", cell)
			}
		}
		out = append(out, strings.Join(cells, "\t"))
	}
	h, err := f.GetHeaderFooter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(append(out, "footer "+h.OddFooter), "\n")
}

func TestText(t *testing.T) { cases(t, "text") }
func TestFill(t *testing.T) { cases(t, "fill") }

func TestEncodings(t *testing.T) {
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String("你好，世界\r\n第二行")
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("你好，世界\r\n第二行")
	page, _ := simplifiedchinese.GBK.NewEncoder().String(`<html><head><meta charset="gb2312"><title>通知</title></head><body><p>你好，世界</p></body></html>`)
	for name, c := range map[string][2]string{
		"gb.txt": {gb, "你好，世界\n第二行"}, "wide.txt": {wide, "你好，世界\n第二行"}, "bom.txt": {"\ufeff你好", "你好"}, "page.html": {page, "通知\n你好，世界"}, "empty.txt": {"", ""},
	} {
		e := actiontest.New(t, All)
		put(t, e, name, []byte(c[0]))
		if v, err := e.Flow(`doc.text("` + name + `")`); err != nil || v.Text() != c[1] {
			t.Errorf("%s: %q, %v", name, v.Text(), err)
		}
	}
}

// TestBomb checks that a small document that unpacks to very much is an error
// before it fills the memory.
func TestBomb(t *testing.T) {
	e := actiontest.New(t, All)
	body := `<w:document xmlns:w="x"><w:body><w:p><w:t>` + strings.Repeat(" ", 64<<20) + `</w:t></w:p></w:body></w:document>`
	put(t, e, "a.docx", pack(t, []txtar.File{{Name: "word/document.xml", Data: []byte(body)}}))
	for _, step := range []string{`doc.text("a.docx")`, `doc.fill("a.docx", data={"a": 1}, to="b.docx")`} {
		_, err := e.Flow(step)
		if err == nil || !strings.Contains(action.Explain(err, "zh"), "解开后太大") {
			t.Errorf("%s: %v", step, err)
		}
	}
	if _, err := os.Stat(filepath.Join(e.Dir, "b.docx")); err == nil {
		t.Error("b.docx is there after the error")
	}
}

// TestFillInLoop fills templates from the row of a loop, {column} in the path too.
func TestFillInLoop(t *testing.T) {
	e := actiontest.New(t, All)
	put(t, e, "t.docx", pack(t, []txtar.File{{Name: "word/document.xml", Data: []byte(`<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>{姓名} {入职}</w:t></w:r></w:p></w:body></w:document>`)}}))
	row := flow.NewRow([]flow.Column{{Name: "姓名"}, {Name: "入职"}}, []flow.Value{flow.Text("王芳"), flow.DateOf(2026, 3, 1)})
	e.Row, e.Vars["row"] = row, flow.RowOf(row)
	v, err := e.Flow(`doc.fill("t.docx", data=row, to="证书/{姓名}.docx")` + "\n" + `doc.text("证书/王芳.docx")`)
	if err != nil || v.Text() != "王芳 2026-03-01" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestPDF(t *testing.T) {
	if _, ok := libreoffice.Find(); !ok {
		t.Skip("LibreOffice is not on this machine: doc.pdf itself is not tested")
	}
	e := actiontest.New(t, All)
	put(t, e, "in/-通知.txt", []byte("你好，世界"))
	v, err := e.Flow(`doc.pdf("in/-通知.txt")`)
	if err != nil || actiontest.Show(v) != "in/-通知.pdf" {
		t.Fatalf("%v, %v", v, err)
	}
	if data, err := os.ReadFile(filepath.Join(e.Dir, "in/-通知.pdf")); err != nil || !bytes.HasPrefix(data, []byte("%PDF-")) {
		t.Errorf("%.8q, %v", data, err)
	}
	put(t, e, "bad.docx", []byte("PK\x03\x04 not really"))
	if _, err := e.Flow(`doc.pdf("bad.docx", to="out/")`); err == nil || !strings.Contains(action.Explain(err, "zh"), "bad.docx") {
		t.Errorf("a broken document: %v", err)
	}
	if names, _ := filepath.Glob(filepath.Join(e.Dir, "*")); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
}

// TestPDFNeedsOffice checks what is said on a machine without the program.
func TestPDFNeedsOffice(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, ok := libreoffice.Find(); ok {
		t.Skip("LibreOffice is where installers put it")
	}
	e := actiontest.New(t, All)
	put(t, e, "a.txt", []byte("x"))
	_, err := e.Flow(`doc.pdf("a.txt")`)
	if err == nil || !strings.Contains(action.Explain(err, "zh"), "apt install libreoffice") || !strings.Contains(action.Explain(err, "en"), "LibreOffice") {
		t.Error(err)
	}
}

// Old mail programs write headers in GBK without saying so.
func TestTextMailRawGBK(t *testing.T) {
	e := actiontest.New(t, All)
	raw, err := simplifiedchinese.GBK.NewEncoder().String("From: 王经理 <wang@example.com>\nSubject: 三月份账单\n\n您好，请查收附件。\n")
	if err != nil {
		t.Fatal(err)
	}
	put(t, e, "a.eml", []byte(raw))
	v, err := e.Flow(`doc.text("a.eml")`)
	if want := "From: 王经理 <wang@example.com>\nSubject: 三月份账单\n\n您好，请查收附件。"; err != nil || v.String() != want {
		t.Errorf("%v, %v", v, err)
	}
}

// What is no document must not be printed as one.
func TestDamaged(t *testing.T) {
	var whole bytes.Buffer
	w := zip.NewWriter(&whole)
	f, _ := w.Create("word/document.xml")
	f.Write(bytes.Repeat([]byte("<w:p/>"), 1000))
	w.Close()
	for _, c := range []struct {
		ext  string
		data []byte
		want bool
	}{
		{".docx", whole.Bytes(), false},
		{".docx", whole.Bytes()[:whole.Len()/2], true},
		{".xlsx", []byte("\x00\x01\x02 noise"), true},
		{".docx", []byte("\xd0\xcf\x11\xe0\x00 the older format"), false},
		{".docx", []byte("{\\rtf1 text}"), false},
		{".doc", []byte("\x00\x01\x02"), false},
	} {
		if got := damaged(c.ext, c.data); got != c.want {
			t.Errorf("%s %.20q: %v", c.ext, c.data, got)
		}
	}
}
