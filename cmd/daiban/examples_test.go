package main

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// TestExamples runs examples/*.txtar: whole tasks as people put them. Beside the commands
// of scripts they have:
//
//	workbook FILE CSV [SHEET] [A1:C1…]   makes a workbook of a csv, ranges merged; a cell that reads as a number is one
//	cells FILE [SHEET]                   writes a sheet to standard output, a tab between cells; a text that reads as a number has a ' before it
//	document FILE TEXT                   makes a docx of a text file, a paragraph a line
//	paragraphs FILE                      writes the text of a docx to standard output
//	mails                                writes the mails of the outbox to standard output
//	example PATH                         copies examples/PATH into the folder
//
// and those of withWorld.
func TestExamples(t *testing.T) {
	if paths, _ := filepath.Glob("../../examples/*.txtar"); len(paths) == 0 {
		t.Fatal("no examples")
	}
	p := scripts("../../examples")
	for name, cmd := range map[string]func(*testscript.TestScript, bool, []string){
		"workbook": cmdWorkbook, "cells": cmdCells, "document": cmdDocument, "paragraphs": cmdParagraphs, "mails": cmdMails, "example": cmdExample,
	} {
		p.Cmds[name] = cmd
	}
	testscript.Run(t, withWorld(p))
}

func need(ts *testscript.TestScript, neg bool, args []string, n int, usage string) {
	if neg || len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
}

func plainNumber(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && strconv.FormatFloat(f, 'f', -1, 64) == s
}

func cmdWorkbook(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "workbook FILE CSV [SHEET] [RANGE…]")
	r := csv.NewReader(strings.NewReader(ts.ReadFile(args[1])))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	ts.Check(err)
	path, sheet := ts.MkAbs(args[0]), "Sheet1"
	f := excelize.NewFile()
	if old, err := excelize.OpenFile(path); err == nil {
		f = old
	}
	defer f.Close()
	if len(args) > 2 && !strings.Contains(args[2], ":") {
		sheet = args[2]
		if i, _ := f.GetSheetIndex(sheet); i < 0 {
			_, err := f.NewSheet(sheet)
			ts.Check(err)
		}
	}
	for i, row := range rows {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			ts.Check(err)
			if n, ok := plainNumber(cell); ok {
				ts.Check(f.SetCellValue(sheet, at, n))
			} else if cell != "" {
				ts.Check(f.SetCellStr(sheet, at, cell))
			}
		}
	}
	for _, a := range args[2:] {
		if from, to, ok := strings.Cut(a, ":"); ok {
			ts.Check(f.MergeCell(sheet, from, to))
		}
	}
	ts.Check(f.SaveAs(path))
}

func cmdCells(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "cells FILE [SHEET]")
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	sheet := f.GetSheetName(0)
	if len(args) > 1 {
		sheet = args[1]
	}
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	ts.Check(err)
	for i, row := range rows {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			ts.Check(err)
			kind, err := f.GetCellType(sheet, at)
			ts.Check(err)
			n, err := strconv.ParseFloat(cell, 64)
			switch text := kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString; {
			case err == nil && text:
				row[j] = "'" + cell
			case err == nil:
				row[j] = strconv.FormatFloat(n, 'f', -1, 64)
			}
		}
		fmt.Fprintln(ts.Stdout(), strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
}

const documentTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
const documentRels = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`

func cmdDocument(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "document FILE TEXT")
	var body strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		fmt.Fprintf(&body, `<w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, html.EscapeString(strings.TrimRight(line, "\n")))
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z := zip.NewWriter(f)
	for _, part := range [][2]string{{"[Content_Types].xml", documentTypes}, {"_rels/.rels", documentRels},
		{"word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body.String() + `</w:body></w:document>`}} {
		w, err := z.Create(part[0])
		ts.Check(err)
		_, err = io.WriteString(w, part[1])
		ts.Check(err)
	}
	ts.Check(z.Close())
}

var paragraphEnd, anyTag = regexp.MustCompile(`</w:p>`), regexp.MustCompile(`<[^>]*>`)

func cmdParagraphs(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "paragraphs FILE")
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	r, err := z.Open("word/document.xml")
	ts.Check(err)
	defer r.Close()
	b, err := io.ReadAll(r)
	ts.Check(err)
	text := anyTag.ReplaceAllString(paragraphEnd.ReplaceAllString(string(b), "\n"), "")
	fmt.Fprint(ts.Stdout(), html.UnescapeString(text))
}

// cmdMails writes To, Subject, the text and the names of what is attached of each mail, by recipient.
func cmdMails(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 0, "mails")
	paths, err := filepath.Glob(filepath.Join(ts.Getenv("DAIBAN_HOME"), "outbox", "*.eml"))
	ts.Check(err)
	var all []string
	for _, path := range paths {
		f, err := os.Open(path)
		ts.Check(err)
		text, err := mailText(f)
		f.Close()
		ts.Check(err)
		all = append(all, text)
	}
	slices.Sort(all)
	fmt.Fprint(ts.Stdout(), strings.Join(all, "\n"))
}

func mailText(r io.Reader) (string, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return "", err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return "", err
	}
	out := "To: " + m.Header.Get("To") + "\nSubject: " + subject + "\n"
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		text, err := bodyText(m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return out + text, err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return "", err
		}
		if name := p.FileName(); name != "" {
			decoded, err := new(mime.WordDecoder).DecodeHeader(name)
			if err != nil {
				return "", err
			}
			out += "[" + decoded + "]\n"
			continue
		}
		text, err := bodyText(p.Header.Get("Content-Transfer-Encoding"), p)
		if err != nil {
			return "", err
		}
		out += text
	}
}

func bodyText(encoding string, r io.Reader) (string, error) {
	if strings.EqualFold(encoding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	text := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
	if text != "" {
		text += "\n"
	}
	return text, err
}

func cmdExample(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "example PATH")
	dir, err := filepath.Abs(filepath.Join("../../examples", args[0]))
	ts.Check(err)
	ts.Check(os.CopyFS(ts.MkAbs(filepath.Base(dir)), os.DirFS(dir)))
}
