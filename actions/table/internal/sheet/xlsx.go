package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// keepMax is the most bytes of an unpacked sheet that are kept between the two passes.
const keepMax = 64 << 20

// A workbook is an open xlsx file.
type workbook struct {
	f        action.File
	parts    map[string]*zip.File // by path, lower case
	limits   Limits
	unpacked int64 // bytes so far
	sheets   []sheetRef
	base1904 bool
	strings  sharedStrings
	forms    []form // of each cell style
	calc     calculator
}

// A sheetRef is a sheet of the workbook.
type sheetRef struct {
	name   string
	part   string // its path; "" of a chart or dialog
	hidden bool
}

var errDamaged = &inFile{zh: "不是完整的 xlsx 工作簿，文件可能损坏或没有下载完", en: "is not a whole xlsx workbook; it may be damaged or cut short"}

// openWorkbook reads what all sheets share, but for the strings.
func openWorkbook(f action.File, limits Limits) (*workbook, error) {
	fillLimits(&limits)
	z, err := zip.NewReader(f, f.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, errDamaged
	}
	w := &workbook{f: f, parts: map[string]*zip.File{}, limits: limits}
	for _, p := range z.File {
		w.parts[strings.ToLower(strings.TrimPrefix(p.Name, "/"))] = p
	}
	switch {
	case w.parts["encryptedpackage"] != nil:
		return nil, unreadable(f.Name(), "ole-encrypted")
	case w.parts["xl/workbook.bin"] != nil:
		return nil, &inFile{zh: "是二进制工作簿（.xlsb）。请另存为 .xlsx", en: "is a binary workbook (.xlsb). Save it as .xlsx"}
	case w.parts["mimetype"] != nil && w.parts["content.xml"] != nil:
		return nil, &inFile{zh: "是 OpenDocument 格式（.ods）。请另存为 .xlsx", en: "is in the OpenDocument format (.ods). Save it as .xlsx"}
	case w.parts["word/document.xml"] != nil:
		return nil, &inFile{zh: "是 Word 文档，不是表格", en: "is a Word document, not a table"}
	}
	return w, w.readParts()
}

func (w *workbook) readParts() error {
	main := w.mainPart()
	if w.parts[main] == nil {
		return errDamaged
	}
	rels, err := w.rels(main)
	if err != nil {
		return err
	}
	if err := w.readSheets(main, rels); err != nil {
		return err
	}
	for _, r := range rels {
		if r.kind == "styles" && w.parts[r.target] != nil {
			if err := w.readStyles(r.target); err != nil {
				return err
			}
		}
		if r.kind == "sharedStrings" && w.parts[r.target] != nil {
			w.strings.part = r.target
		}
	}
	return nil
}

// mainPart is the path of the workbook itself.
func (w *workbook) mainPart() string {
	rels, err := w.rels("")
	if err == nil {
		for _, r := range rels {
			if r.kind == "officeDocument" {
				return r.target
			}
		}
	}
	return "xl/workbook.xml"
}

type rel struct{ id, kind, target string }

// rels is the relations of a part; "" for those of the package.
func (w *workbook) rels(part string) ([]rel, error) {
	dir, base := path.Split(part)
	name := dir + "_rels/" + base + ".rels"
	if w.parts[name] == nil {
		return nil, errDamaged
	}
	var out []rel
	err := w.scan(name, func(s *scanner) error {
		if string(s.name) != "Relationship" {
			return nil
		}
		target := string(appendUnescaped(nil, s.attr("Target")))
		if strings.HasPrefix(target, "/") {
			target = target[1:]
		} else {
			target = path.Join(dir, target)
		}
		out = append(out, rel{string(s.attr("Id")), path.Base(string(s.attr("Type"))), strings.ToLower(target)})
		return nil
	})
	return out, err
}

// scan calls open for every opening tag of a part.
func (w *workbook) scan(part string, open func(*scanner) error) error {
	r, err := w.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	s := newScanner(r)
	for {
		t, err := s.next()
		if err != nil {
			return damaged(err)
		}
		switch t {
		case tokEnd:
			return nil
		case tokOpen:
			if err := open(s); err != nil {
				return err
			}
		}
	}
}

// damaged says in place of errors of the archive that the file is broken.
func damaged(err error) error {
	var own *inFile
	if errors.As(err, &own) {
		return own
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return errDamaged
}

func (w *workbook) readSheets(main string, rels []rel) error {
	err := w.scan(main, func(s *scanner) error {
		switch string(s.name) {
		case "workbookPr":
			v := string(s.attr("date1904"))
			w.base1904 = v == "1" || v == "true"
		case "sheet":
			ref := sheetRef{name: string(appendUnescaped(nil, s.attr("name")))}
			ref.hidden = len(s.attr("state")) > 0 && string(s.attr("state")) != "visible"
			id := string(s.attr("id"))
			for _, r := range rels {
				if r.id == id && r.kind == "worksheet" {
					ref.part = r.target
				}
			}
			w.sheets = append(w.sheets, ref)
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		return errDamaged
	}
	return err
}

// open unpacks a part, within the limits.
func (w *workbook) open(part string) (io.ReadCloser, error) {
	p := w.parts[part]
	if p == nil {
		return nil, errDamaged
	}
	r, err := p.Open()
	if err != nil {
		return nil, errDamaged
	}
	return &limited{r: r, w: w}, nil
}

// limited counts what a workbook unpacks to.
type limited struct {
	r io.ReadCloser
	w *workbook
}

// smallUnpacked is what may always be unpacked, whatever the ratio.
const smallUnpacked = 16 << 20

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	w := l.w
	w.unpacked += int64(n)
	if w.unpacked > w.limits.Bytes || w.unpacked > smallUnpacked && w.unpacked/w.limits.Ratio > w.f.Size() {
		return 0, &inFile{zh: fmt.Sprintf("展开后太大（超过 %d MB 或原来的 %d 倍），没有读", w.limits.Bytes>>20, w.limits.Ratio),
			en: fmt.Sprintf("unpacks to more than %d MB or %d times its size; it was not read", w.limits.Bytes>>20, w.limits.Ratio), limit: true}
	}
	return n, err
}

func (l *limited) Close() error { return l.r.Close() }

// find is the sheet that name means: exactly, then folded, then by number. "" is
// the first visible sheet that has data.
func (w *workbook) find(name string) (sheetRef, error) {
	for _, s := range w.sheets {
		if s.name == name && name != "" {
			return s, nil
		}
	}
	if name == "" {
		return w.firstWithData()
	}
	fold := func(s string) string { return strings.ToLower(strings.TrimSpace(flow.Fold(s))) }
	for _, s := range w.sheets {
		if fold(s.name) == fold(name) {
			return s, nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(w.sheets) {
		return w.sheets[n-1], nil
	}
	names := make([]string, len(w.sheets))
	for i, s := range w.sheets {
		names[i] = s.name
	}
	return sheetRef{}, &inFile{zh: fmt.Sprintf("没有工作表“%s”，有：%s", name, strings.Join(names, "、")), en: fmt.Sprintf("has no sheet “%s”; it has: %s", name, strings.Join(names, ", "))}
}

// firstWithData is the first sheet that has rows of data, else the first with anything. Those that
// are hidden come last.
func (w *workbook) firstWithData() (sheetRef, error) {
	var first, filled sheetRef
	for pass := range 2 { // the visible ones, then the hidden ones
		for _, s := range w.sheets {
			if s.part == "" || s.hidden != (pass == 1) {
				continue
			}
			if first.part == "" {
				first = s
			}
			rows := w.filledRows(s, 2)
			if rows == 2 {
				return s, nil
			}
			if rows == 1 && filled.part == "" { // a title, or a heading without data
				filled = s
			}
		}
		if filled.part != "" {
			return filled, nil
		}
	}
	if first.part == "" {
		return first, &inFile{zh: "里面没有工作表", en: "has no worksheet"}
	}
	return first, nil
}

// filledRows is how many rows of the sheet have a value, at most most.
func (w *workbook) filledRows(ref sheetRef, most int) int {
	n, counted := 0, false
	w.scan(ref.part, func(s *scanner) error { // a broken sheet is found out when it is read
		switch string(s.name) {
		case "row":
			counted = false
		case "v", "is", "f":
			if !counted {
				n, counted = n+1, true
			}
			if n == most {
				return errStop
			}
		}
		return nil
	})
	return n
}

// An xlsxSource is one sheet of a workbook.
type xlsxSource struct {
	w       *workbook
	ref     sheetRef
	xml     []byte // the sheet, when it is small enough to be kept
	areas   []area
	noValue int // formulas without a value, of the last pass
}

func openXLSX(ctx context.Context, f action.File, o Options) (source, error) {
	w, err := openWorkbook(f, o.Limits)
	if err != nil {
		return nil, err
	}
	ref, err := w.find(o.Sheet)
	if err != nil {
		return nil, err
	}
	if ref.part == "" {
		return nil, &inFile{zh: fmt.Sprintf("“%s”不是普通工作表", ref.name), en: fmt.Sprintf("“%s” is no worksheet", ref.name)}
	}
	if err := w.strings.load(w); err != nil {
		return nil, err
	}
	x := &xlsxSource{w: w, ref: ref}
	return x, x.prepare(ctx)
}

func (x *xlsxSource) merges() []area { return x.areas }
func (x *xlsxSource) sheet() string  { return x.ref.name }
func (x *xlsxSource) traits() traits { return traits{} }
func (x *xlsxSource) close()         { x.w.calc.close() }

func (x *xlsxSource) notes() []Note {
	if x.noValue == 0 {
		return nil
	}
	return []Note{{"warning", fmt.Sprintf("有 %d 个公式没有保存结果，也算不出来，按空读", x.noValue), fmt.Sprintf("%d formulas have no stored result and could not be computed; they were read as empty", x.noValue)}}
}

// prepare keeps a small sheet and reads its merged areas, which stand behind the rows.
func (x *xlsxSource) prepare(ctx context.Context) error {
	r, err := x.w.open(x.ref.part)
	if err != nil {
		return err
	}
	defer r.Close()
	p := x.w.parts[x.ref.part]
	if p.UncompressedSize64 <= keepMax {
		var b bytes.Buffer
		b.Grow(int(min(p.UncompressedSize64, smallUnpacked)) + 512)
		if _, err := io.Copy(&b, &ctxReader{ctx, r}); err != nil {
			return damaged(err)
		}
		x.xml = b.Bytes()
		i := bytes.LastIndex(x.xml, []byte("sheetData>"))
		return x.readMerges(bytes.NewReader(x.xml[max(i, 0):]))
	}
	// The tail follows the last "sheetData>"; keep the end of each block so that it is not cut.
	return x.readMerges(&tailReader{r: &ctxReader{ctx, r}, mark: []byte("sheetData>")})
}

func (x *xlsxSource) readMerges(r io.Reader) error {
	s := newScanner(r)
	for {
		t, err := s.next()
		if err != nil {
			return damaged(err)
		}
		if t == tokEnd {
			break
		}
		if t == tokOpen && string(s.name) == "mergeCell" {
			if a, ok := parseArea(string(s.attr("ref"))); ok {
				x.areas = append(x.areas, a)
			}
		}
	}
	sortAreas(x.areas)
	return nil
}

// reader is the XML of the sheet.
func (x *xlsxSource) reader() (io.ReadCloser, error) {
	if x.xml != nil {
		return io.NopCloser(bytes.NewReader(x.xml)), nil
	}
	x.w.unpacked = 0 // the first pass has shown that it is within the limits
	return x.w.open(x.ref.part)
}

type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// A tailReader gives what follows the mark in r.
type tailReader struct {
	r     io.Reader
	mark  []byte
	found bool
	held  []byte
}

func (t *tailReader) Read(b []byte) (int, error) {
	for !t.found {
		buf := make([]byte, 256<<10)
		n, err := t.r.Read(buf)
		t.held = append(t.held, buf[:n]...)
		if i := bytes.Index(t.held, t.mark); i >= 0 {
			// The opening tag has the mark too; only its end has a slash before it.
			closing := i > 0 && bytes.LastIndexByte(t.held[:i], '/') > bytes.LastIndexByte(t.held[:i], '<')
			t.held = t.held[i+len(t.mark):]
			t.found = closing
			continue
		}
		if err != nil {
			return 0, err
		}
		t.held = append([]byte(nil), t.held[max(0, len(t.held)-64):]...)
	}
	if len(t.held) > 0 {
		n := copy(b, t.held)
		t.held = t.held[n:]
		return n, nil
	}
	return t.r.Read(b)
}
