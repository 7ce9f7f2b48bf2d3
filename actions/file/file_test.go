package file

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/actions/internal/charset"
	"daiban/flow"
)

func TestCases(t *testing.T) { actiontest.Cases(t, All, "testdata/*/*.txtar") }

// place puts a file into e's folder.
func place(t *testing.T, e *actiontest.Env, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(e.Dir, name)), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(e.Dir, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, e *actiontest.Env, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(e.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fails runs src and wants an error of kind with want in it.
func fails(t *testing.T, e *actiontest.Env, src, kind, want string) {
	t.Helper()
	_, err := e.Flow(src)
	p, ok := err.(*action.Problem)
	if !ok || p.Kind != kind || !strings.Contains(p.EN, want) || p.ZH == "" {
		t.Errorf("%s: error %v; want %s with %q", src, err, kind, want)
	}
}

// A text is read as what it says in any encoding, and append keeps encoding and line ends.
func TestEncodings(t *testing.T) {
	for _, c := range []struct {
		enc  charset.Encoding
		mark string
	}{{charset.UTF8, ""}, {charset.UTF8, "\xef\xbb\xbf"}, {charset.GB18030, ""}, {charset.UTF16LE, "\xff\xfe"}, {charset.UTF16BE, "\xfe\xff"}} {
		e := actiontest.New(t, All)
		encode := func(s string) string {
			b, err := c.enc.Encode(s)
			if err != nil {
				t.Fatal(err)
			}
			return c.mark + string(b)
		}
		place(t, e, "a.txt", []byte(encode("第一行\r\n第二行，没有换行")))
		v, err := e.Flow(`file.read("a.txt")`)
		if err != nil || v.Text() != "第一行\r\n第二行，没有换行" {
			t.Errorf("%v: read %q, %v", c.enc, v.Text(), err)
		}
		if _, err := e.Flow(`file.append("a.txt", "三")`); err != nil {
			t.Fatal(err)
		}
		if got, want := content(t, e, "a.txt"), encode("第一行\r\n第二行，没有换行\r\n三\r\n"); got != want {
			t.Errorf("%v: appended %q, want %q", c.enc, got, want)
		}
	}
}

// A western file that cannot hold Chinese becomes UTF-8, and the report says so.
func TestAppendWidens(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "a.txt", []byte("Stra\xdfe\n"))
	if _, err := e.Flow(`file.append("a.txt", "完成")`); err != nil {
		t.Fatal(err)
	}
	if got := content(t, e, "a.txt"); got != "Straße\n完成\n" || len(e.Notes) != 1 {
		t.Errorf("%q, notes %q", got, e.Notes)
	}
}

func TestReadBinary(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "a.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	fails(t, e, `file.read("a.png")`, "input", "“a.png” is not a text file")
	place(t, e, "a.pdf", []byte("%PDF-1.7\n\x00"))
	fails(t, e, `file.read("a.pdf")`, "input", "pdf.text reads PDFs")
	place(t, e, "a.docx", []byte("PK\x03\x04\x00"))
	fails(t, e, `file.read("a.docx")`, "input", "doc.text reads documents")
	fails(t, e, `file.append("a.png", "x")`, "input", "“a.png” is not a text file")
}

func TestWriteTable(t *testing.T) {
	e := actiontest.New(t, All)
	e.Vars["rows"] = flow.TableOf(flow.NewTable([]flow.Column{{Name: "名", Kind: flow.TextKind}, {Name: "n", Kind: flow.NumberKind}},
		[]flow.Value{flow.Text("甲"), flow.NumInt(1)}, []flow.Value{flow.Null(), flow.NumInt(2)}))
	if _, err := e.Flow(`file.write("a.json", rows)`); err != nil {
		t.Fatal(err)
	}
	want := "[\n  {\n    \"名\": \"甲\",\n    \"n\": 1\n  },\n  {\n    \"名\": null,\n    \"n\": 2\n  }\n]\n"
	if got := content(t, e, "a.json"); got != want {
		t.Errorf("%q", got)
	}
}

// {name} of a loop's row and {date} of the file fill the new name.
func TestRenameRow(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "IMG_1.jpg", []byte("x"))
	if err := os.Chtimes(filepath.Join(e.Dir, "IMG_1.jpg"), actiontest.Now, actiontest.Now); err != nil {
		t.Fatal(err)
	}
	e.Row = flow.NewRow([]flow.Column{{Name: "姓名"}, {Name: "新名"}}, []flow.Value{flow.Text("李四"), flow.Text("证件照.jpg")})
	v, err := e.Flow(`file.rename("IMG_1.jpg", to="{姓名}_{date}_{n}")`)
	if err != nil || v.List()[0].Text() != "李四_2026-03-06_1.jpg" {
		t.Errorf("%v, %v", v, err)
	}
	v, err = e.Flow(`file.rename("李四_2026-03-06_1.jpg", to="{新名}")`)
	if err != nil || v.List()[0].Text() != "证件照.jpg" {
		t.Errorf("%v, %v", v, err)
	}
}

func makeZip(t *testing.T, fill func(z *zip.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	fill(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func add(t *testing.T, z *zip.Writer, h *zip.FileHeader, data string) {
	t.Helper()
	w, err := z.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, data)
}

// Windows writes names in GBK, with backslashes.
func TestUnzipGBK(t *testing.T) {
	e := actiontest.New(t, All)
	name, _ := charset.GB18030.Encode(`三月\工资表.txt`)
	place(t, e, "a.zip", makeZip(t, func(z *zip.Writer) { add(t, z, &zip.FileHeader{Name: string(name), NonUTF8: true}, "x") }))
	v, err := e.Flow(`file.unzip("a.zip")`)
	if err != nil || v.String() != "a/三月/工资表.txt" || content(t, e, "a/三月/工资表.txt") != "x" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestUnzipBig5(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "a.zip", makeZip(t, func(z *zip.Writer) {
		for _, s := range []string{"臺灣報表.txt", "測試資料檔案.txt"} {
			name, err := charset.Big5.Encode(s)
			if err != nil {
				t.Fatal(err)
			}
			add(t, z, &zip.FileHeader{Name: string(name), NonUTF8: true}, "x")
		}
	}))
	v, err := e.Flow(`file.unzip("a.zip")`)
	if err != nil || v.String() != "a/測試資料檔案.txt, a/臺灣報表.txt" {
		t.Errorf("%v, %v", v, err)
	}
}

// A single file that is compressed is unpacked beside, under its own name.
func TestUnzipLone(t *testing.T) {
	e := actiontest.New(t, All)
	for _, text := range []string{"a,b\n1,2\n", "", strings.Repeat("x", 2000)} {
		var b bytes.Buffer
		g := gzip.NewWriter(&b)
		io.WriteString(g, text)
		g.Close()
		place(t, e, "in/a.csv.gz", b.Bytes())
		v, err := e.Flow(`file.unzip("in/a.csv.gz")`)
		if err != nil || v.String() != "in/a.csv" || content(t, e, "in/a.csv") != text {
			t.Errorf("%v, %v", v, err)
		}
		if v, err = e.Flow(`file.unzip("in/a.csv.gz", to="out/")`); err != nil || v.String() != "out/a.csv" {
			t.Errorf("%v, %v", v, err)
		}
		place(t, e, "cut.gz", b.Bytes()[:b.Len()-9])
		fails(t, e, `file.unzip("cut.gz")`, "input", "is damaged")
	}
}

func TestUnzipSlip(t *testing.T) {
	for _, name := range []string{"../evil.txt", "/etc/evil.txt", `..\evil.txt`, "a/../../evil.txt", `C:\evil.txt`} {
		e := actiontest.New(t, All)
		place(t, e, "a.zip", makeZip(t, func(z *zip.Writer) {
			add(t, z, &zip.FileHeader{Name: "good.txt"}, "x")
			add(t, z, &zip.FileHeader{Name: name}, "x")
		}))
		fails(t, e, `file.unzip("a.zip")`, "input", "would be written outside")
		if _, err := os.Stat(filepath.Join(e.Dir, "a")); err == nil {
			t.Errorf("%s: something was unpacked", name)
		}
	}
}

func TestUnzipBomb(t *testing.T) {
	e := actiontest.New(t, All)
	zeros := strings.Repeat("\x00", 8<<20)
	place(t, e, "a.zip", makeZip(t, func(z *zip.Writer) {
		add(t, z, &zip.FileHeader{Name: "zeros", Method: zip.Deflate}, zeros)
	}))
	fails(t, e, `file.unzip("a.zip")`, "limit", "unpacks to too much")

	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	w.WriteHeader(&tar.Header{Name: "zeros", Size: int64(len(zeros)), Mode: 0o600})
	io.WriteString(w, zeros)
	w.Close()
	g.Close()
	place(t, e, "a.tgz", b.Bytes())
	fails(t, e, `file.unzip("a.tgz")`, "limit", "unpacks to too much")
	if _, err := os.Stat(filepath.Join(e.Dir, "a")); err == nil {
		t.Error("something was unpacked")
	}
}

func TestUnzipRefused(t *testing.T) {
	e := actiontest.New(t, All)
	locked := makeZip(t, func(z *zip.Writer) { add(t, z, &zip.FileHeader{Name: "a", Flags: 1}, "secret") })
	place(t, e, "locked.zip", locked)
	fails(t, e, `file.unzip("locked.zip")`, "input", "protected by a password")
	place(t, e, "a.7z", []byte("7z\xbc\xaf\x27\x1c\x00\x04"))
	fails(t, e, `file.unzip("a.7z")`, "input", "is in 7z format")
	place(t, e, "a.rar", []byte("Rar!\x1a\x07\x01\x00"))
	fails(t, e, `file.unzip("a.rar")`, "input", "is in rar format")
	place(t, e, "empty.zip", nil)
	fails(t, e, `file.unzip("empty.zip")`, "input", "is empty")
	whole := makeZip(t, func(z *zip.Writer) {
		add(t, z, &zip.FileHeader{Name: "a.txt", Method: zip.Store}, strings.Repeat("hello", 100))
	})
	place(t, e, "cut.zip", whole[:len(whole)-30])
	fails(t, e, `file.unzip("cut.zip")`, "input", "is damaged")
	flipped := bytes.Replace(whole, []byte("hello"), []byte("jello"), 1)
	place(t, e, "flipped.zip", flipped)
	fails(t, e, `file.unzip("flipped.zip")`, "input", "is damaged")
	if _, err := os.Stat(filepath.Join(e.Dir, "flipped")); err == nil {
		t.Error("something was unpacked")
	}
}

func TestUnzipTar(t *testing.T) {
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	w.WriteHeader(&tar.Header{Name: "data/", Typeflag: tar.TypeDir, Mode: 0o700})
	w.WriteHeader(&tar.Header{Name: "data/a.txt", Size: 1, Mode: 0o600})
	io.WriteString(w, "x")
	w.WriteHeader(&tar.Header{Name: "data/link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"})
	w.Close()
	g.Close()
	e := actiontest.New(t, All)
	place(t, e, "data.tar.gz", b.Bytes())
	v, err := e.Flow(`file.unzip("data.tar.gz")`)
	if err != nil || v.String() != "data/a.txt" || content(t, e, "data/a.txt") != "x" {
		t.Errorf("%v, %v", v, err)
	}
	if len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "link") {
		t.Errorf("notes %q", e.Notes)
	}
}

// The same files give the same bytes.
func TestZipDeterministic(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "b.txt", []byte("2"))
	place(t, e, "报表.txt", []byte("1"))
	if _, err := e.Flow("file.zip([\"b.txt\", \"报表.txt\"], to=\"1.zip\")\nfile.zip([\"报表.txt\", \"b.txt\"], to=\"2.zip\")"); err != nil {
		t.Fatal(err)
	}
	if content(t, e, "1.zip") != content(t, e, "2.zip") {
		t.Error("the archives differ")
	}
	z, err := zip.OpenReader(filepath.Join(e.Dir, "1.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if z.File[1].Name != "报表.txt" || z.File[1].NonUTF8 {
		t.Errorf("%q, %v", z.File[1].Name, z.File[1].NonUTF8)
	}
}

// fake puts a program first on the path.
func fake(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestPrint(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "报告.pdf", []byte("x"))
	fake(t, "lp", `printf "%s " "$@" > `+filepath.Join(e.Home, "args"))
	if _, err := e.Flow(`file.print("报告.pdf", copies=2, printer="前台机")`); err != nil {
		t.Fatal(err)
	}
	args, _ := os.ReadFile(filepath.Join(e.Home, "args"))
	if got, want := strings.TrimSpace(string(args)), "-n 2 -t 报告.pdf -d 前台机 -- "; !strings.HasPrefix(got, want) {
		t.Errorf("lp %s, want %s…", got, want)
	}
	if p := e.Effects[0]; p.Target != "前台机" || p.Class != action.Sends {
		t.Errorf("effect %+v", p)
	}
	fails(t, e, `file.print("报告.pdf", copies=0)`, "input", "copies must be from 1")
	fake(t, "lp", `echo "lp: The printer or class does not exist." >&2; exit 1`)
	fails(t, e, `file.print("报告.pdf", printer="none")`, "refused", "does not exist")
	t.Setenv("PATH", t.TempDir())
	fails(t, e, `file.print("报告.pdf")`, "needs", "install cups-client")
}

// To delete or rename a link leaves what it leads to.
func TestLinks(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "real.txt", []byte("x"))
	for _, name := range []string{"link.txt", "other.txt"} {
		if err := os.Symlink("real.txt", filepath.Join(e.Dir, name)); err != nil {
			t.Skip(err)
		}
	}
	v, err := e.Flow(`file.list(".")`)
	if err != nil || v.String() != "link.txt, other.txt, real.txt" {
		t.Fatalf("%v, %v", v, err)
	}
	if _, err := e.Flow("file.delete(\"link.txt\")\nfile.rename(\"other.txt\", to=\"new\")"); err != nil {
		t.Fatal(err)
	}
	if content(t, e, "real.txt") != "x" || content(t, e, "new.txt") != "x" {
		t.Error("the file itself changed")
	}
	if _, err := os.Lstat(filepath.Join(e.Dir, "link.txt")); err == nil {
		t.Error("the link is still there")
	}
}

// An office document is printed as the PDF that LibreOffice makes of it.
func TestPrintOffice(t *testing.T) {
	e := actiontest.New(t, All)
	place(t, e, "通知.docx", []byte("x"))
	out := filepath.Join(e.Home, "printed")
	fake(t, "lp", `for last; do :; done; cat "$last" > `+out)
	fake(t, "soffice", `echo "PDF of $7" > "$6/通知.pdf"`)
	if _, err := e.Flow(`file.print("通知.docx")`); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(out); !strings.HasPrefix(string(b), "PDF of ") || !strings.HasSuffix(string(b), "通知.docx\n") {
		t.Errorf("printed %q", b)
	}
	fake(t, "soffice", `echo "Error: source file could not be loaded"`)
	fails(t, e, `file.print("通知.docx")`, "input", "could not be loaded")
}
