// Package sheet reads and writes tables as offices keep them: xlsx workbooks, csv
// and tsv texts, HTML tables that call themselves .xls, and JSON.
//
// Reading takes two passes over a source of raw cells. The first finds the lay of
// the sheet (title rows, header, totals, empty columns) and the kind of each column
// from all of its cells; the second converts and hands the rows to a Builder. So
// memory stays bounded, and a column has one kind from its first row to its last.
// A long csv whose columns are clear from its first rows takes one pass (readOnce).
//
// What is decided here, and why:
//   - Hidden rows and columns are read, with a note: they are data, and a filter left on is
//     forgotten more often than meant.
//   - Digits with a leading zero, or 12 and more of them, are ids and stay text.
//   - A day such as 03/04/2026 is read only when another cell of the column tells
//     the order; else the column stays text, with a note.
//   - csv is written in UTF-8 with a byte order mark: without it Excel in China
//     takes the text for GBK.
package sheet

import (
	"context"
	"path/filepath"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Limits bound what a workbook may unpack to. Zero means the default: 1 GiB, 200 times.
type Limits struct {
	Bytes int64 // unpacked, of all parts that are read
	Ratio int64 // unpacked to packed, of the whole file
}

// Options say what to read.
type Options struct {
	Sheet    string // name or number of the sheet; "" is the first visible one with data
	Header   int    // number of the header row, from 1; 0: found
	Limits   Limits
	NewTable func(cols []flow.Column) action.Builder // nil: in memory
	Progress func(done, total int)                   // rows; may be nil
}

// A Note is something a person should know about how a file was read or written.
type Note struct {
	Level  string // info or warning
	ZH, EN string
}

// A source yields the rows of one sheet, and can do so again.
type source interface {
	// read calls emit with batches of rows until the end or an error of emit.
	read(ctx context.Context, newBatch func() *batch, emit func(*batch) error) error
	// merges is the merged areas, in order of their first row.
	merges() []area
	// sheet is the name of the sheet, "" when there are none.
	sheet() string
	// notes is what was found on the way, once read has ended.
	notes() []Note
	traits() traits
	close()
}

// traits is what sources differ in.
type traits struct {
	ragged bool // rows of differing length are worth a note
	commas bool // numbers may have decimal commas
	exact  bool // the first row is the header, all others are data
}

// Read reads the table in f. Errors are Problems that name the file.
func Read(ctx context.Context, f action.File, o Options) (flow.Table, []Note, error) {
	src, err := open(ctx, f, o)
	if err != nil {
		return nil, nil, err
	}
	defer src.close()
	if s, ok := src.(*csvSource); ok {
		if t, notes, ok, err := readOnce(ctx, s, f.Name(), o); ok || err != nil {
			return t, notes, named(f, err)
		}
	}
	return readTwice(ctx, src, f, o)
}

func readTwice(ctx context.Context, src source, f action.File, o Options) (flow.Table, []Note, error) {
	l, err := analyse(ctx, src, o.Header, 0)
	if err != nil {
		return nil, nil, named(f, err)
	}
	t, err := l.load(ctx, src, f.Name(), o)
	if err != nil {
		return nil, nil, named(f, err)
	}
	return t, append(src.notes(), l.notes...), nil
}

// headRows bounds what Header reads.
const headRows = 2000

// Header reads the columns of the table in f. A column has a kind only where all
// of its cells were seen: the file had at most headRows rows.
func Header(ctx context.Context, f action.File, o Options) ([]flow.Column, error) {
	src, err := open(ctx, f, o)
	if err != nil {
		return nil, err
	}
	defer src.close()
	l, err := analyse(ctx, src, o.Header, headRows)
	if err != nil {
		return nil, named(f, err)
	}
	cols := l.columns()
	if l.cut {
		for i := range cols {
			cols[i].Kind = flow.NullKind
		}
	}
	return cols, nil
}

// Extensions is the extensions that Read takes.
var Extensions = []string{".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".json", ".jsonl", ".xls", ".htm", ".html"}

// open finds the format of f by its content first, then by its extension.
func open(ctx context.Context, f action.File, o Options) (source, error) {
	fillLimits(&o.Limits)
	if f.Size() == 0 {
		return nil, action.Bad("“%s”是空文件（0 字节）", "“%s” is empty (0 bytes)", f.Name())
	}
	head := make([]byte, 1024)
	n, err := f.ReadAt(head, 0)
	if n == 0 && err != nil {
		return nil, named(f, err)
	}
	src, err := openAs(ctx, f, sniff(head[:n], ext(f.Name())), o)
	if err != nil {
		return nil, named(f, err)
	}
	return src, nil
}

func openAs(ctx context.Context, f action.File, format string, o Options) (source, error) {
	switch format {
	case "xlsx":
		return openXLSX(ctx, f, o)
	case "csv", "tsv":
		if o.Sheet != "" && o.Sheet != "1" {
			return nil, action.Bad("“%s”不是工作簿，没有工作表“%s”", "“%s” is no workbook; it has no sheet “%s”", f.Name(), o.Sheet)
		}
		return openCSV(f, format == "tsv")
	case "json":
		return openJSON(ctx, f)
	case "html":
		return openHTML(ctx, f, o)
	}
	return nil, unreadable(f.Name(), format)
}

// unreadable says what f is and what to do instead.
func unreadable(name, format string) error {
	switch format {
	case "ole-encrypted":
		return action.Bad("“%s”设了打开密码，读不了。请先去掉密码再试", "“%s” is protected by a password. Remove the password, then try again", name)
	case "xls":
		return action.Bad("“%s”是旧的 Excel 97-2003 格式（.xls）。请用 Excel 或 WPS 另存为 .xlsx", "“%s” is in the old Excel 97-2003 format (.xls). Save it as .xlsx with Excel or WPS", name)
	case "et":
		return action.Bad("“%s”是 WPS 的 .et 格式。请用 WPS 另存为 .xlsx", "“%s” is in the .et format of WPS. Save it as .xlsx with WPS", name)
	case "pdf":
		return action.Bad("“%s”是 PDF，不是表格。请用 pdf.read 或 pdf.tables", "“%s” is a PDF, not a table. Use pdf.read or pdf.tables", name)
	}
	return action.Bad("“%s”不是能读的表格（能读 xlsx、csv、tsv、json）", "“%s” is not a table that can be read (xlsx, csv, tsv, json can)", name)
}

func ext(name string) string { return strings.ToLower(filepath.Ext(name)) }

// sniff is the format of a file that starts with head.
func sniff(head []byte, ext string) string {
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(text, "PK\x03\x04"), strings.HasPrefix(text, "PK\x05\x06"):
		return "xlsx"
	case strings.HasPrefix(text, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return oleFormat(ext)
	case len(text) > 4 && text[0] == 9 && (text[1] == 8 || text[1] == 4 || text[1] == 2 || text[1] == 0) && text[3] == 0:
		return "xls"
	case strings.HasPrefix(text, "%PDF-"):
		return "pdf"
	case strings.HasPrefix(text, "\x89PNG"), strings.HasPrefix(text, "\xff\xd8\xff"), strings.HasPrefix(text, "GIF8"):
		return "image"
	case ext == ".xlsx" || ext == ".xlsm":
		if strings.HasPrefix(lower, "<html") || strings.HasPrefix(lower, "<table") || strings.HasPrefix(lower, "<!doctype html") {
			return "html"
		}
		return "xlsx" // and so an error about a broken workbook
	case ext == ".json" || ext == ".jsonl" || ext == ".ndjson":
		return "json"
	case ext == ".tsv" || ext == ".tab":
		return "tsv"
	case ext == ".csv":
		return "csv"
	case strings.HasPrefix(lower, "<html"), strings.HasPrefix(lower, "<table"), strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<meta"),
		strings.HasPrefix(lower, "<div"), strings.HasPrefix(lower, "<style"):
		return "html"
	case strings.HasPrefix(text, "<?xml"):
		if strings.Contains(lower, "<html") || strings.Contains(lower, "xhtml") {
			return "html"
		}
		return "xml"
	case strings.HasPrefix(text, "[{"), strings.HasPrefix(text, `{"`):
		return "json"
	}
	return "csv"
}

// oleFormat tells what is in an OLE container, which .xls, .et and encrypted .xlsx share.
func oleFormat(ext string) string {
	switch ext {
	case ".xlsx", ".xlsm":
		return "ole-encrypted"
	case ".et":
		return "et"
	}
	return "xls"
}

// named makes err a Problem that names the file.
func named(f action.File, err error) error {
	switch err := err.(type) {
	case nil:
		return nil
	case *action.Problem:
		return err
	case *inFile:
		p := action.Bad("“%s”：%s", "“%s”: %s", f.Name(), both{err.zh, err.en})
		if err.limit {
			p.Kind = "limit"
		}
		return p
	}
	if err == context.Canceled || err == context.DeadlineExceeded {
		return err
	}
	return action.Bad("读不了“%s”：%v", "cannot read “%s”: %v", f.Name(), err)
}

// An inFile is an error about the content of a file; named adds the file.
type inFile struct {
	zh, en string
	limit  bool
}

func (e *inFile) Error() string { return e.en }

// both is a text in two languages, as an argument of a Problem.
type both struct{ zh, en string }

// Name is the text in lang.
func (b both) Name(lang string) string {
	if lang == "zh" {
		return b.zh
	}
	return b.en
}

func (b both) String() string { return b.en }
