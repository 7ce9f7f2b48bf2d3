package sheet

import (
	"archive/zip"
	"io"
	"strconv"
)

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNS  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relNS   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packNS  = "http://schemas.openxmlformats.org/package/2006/"
	kindNS  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

type fixedPart struct{ name, text string }

// fixedParts is what a new workbook has beside its sheet and its strings.
func fixedParts(sheet string, cols, rows int) []fixedPart {
	name := string(appendEscapedAttr(nil, sheet))
	names := ""
	if cols > 0 {
		names = `<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'` + string(appendEscapedAttr(nil, doubled(sheet))) +
			`'!$A$1:$` + letters(cols-1) + `$` + strconv.Itoa(rows) + `</definedName></definedNames>`
	}
	return []fixedPart{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="` + packNS + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + kindNS + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + kindNS + `worksheet+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + kindNS + `styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="` + kindNS + `sharedStrings+xml"/></Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="` + packNS + `relationships"><Relationship Id="rId1" Type="` + relNS + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", xmlHead + `<workbook xmlns="` + mainNS + `" xmlns:r="` + relNS + `"><bookViews><workbookView/></bookViews><sheets><sheet name="` + name + `" sheetId="1" r:id="rId1"/></sheets>` + names + `</workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="` + packNS + `relationships"><Relationship Id="rId1" Type="` + relNS + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relNS + `/styles" Target="styles.xml"/><Relationship Id="rId3" Type="` + relNS + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
		{"xl/styles.xml", stylesXML},
	}
}

// stylesXML has the styles in the order of the constants plainStyle and on.
const stylesXML = xmlHead + `<styleSheet xmlns="` + mainNS + `"><numFmts count="6"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm"/><numFmt numFmtId="166" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/>` +
	`<numFmt numFmtId="167" formatCode="0.0"/><numFmt numFmtId="168" formatCode="0.0000"/><numFmt numFmtId="169" formatCode="0.000"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFDDEBF7"/><bgColor indexed="64"/></patternFill></fill></fills>` +
	`<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/><bottom style="thin"><color rgb="FF9BC2E6"/></bottom><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="10">` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1"/>` +
	`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="167" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="169" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="168" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

func create(z *zip.Writer, name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
}

func put(z *zip.Writer, name, text string) error {
	w, err := create(z, name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

func doubled(s string) string {
	out := ""
	for _, r := range s {
		if r == '\'' {
			out += "'"
		}
		out += string(r)
	}
	return out
}

func appendEscapedAttr(b []byte, s string) []byte {
	for _, r := range s {
		if r == '"' {
			b = append(b, "&quot;"...)
			continue
		}
		b = appendEscaped(b, string(r))
	}
	return b
}

// behind writes blocks in a goroutine of its own, so that packing overlaps with making them.
type behind struct {
	full chan []byte
	free chan []byte
	done chan struct{}
	fail chan struct{} // closed after the first error
	err  error         // read after done or fail
}

func newBehind(w io.Writer) *behind {
	b := &behind{full: make(chan []byte, 2), free: make(chan []byte, 4), done: make(chan struct{}), fail: make(chan struct{})}
	go func() {
		defer close(b.done)
		for block := range b.full {
			if b.err == nil {
				if _, b.err = w.Write(block); b.err != nil {
					close(b.fail)
				}
			}
			select {
			case b.free <- block[:0]:
			default:
			}
		}
	}()
	return b
}

// send hands block over; the sender must not use it any more. It gives the error of an earlier block.
func (b *behind) send(block []byte) error {
	select {
	case <-b.fail:
		return b.err
	case b.full <- block:
		return nil
	}
}

// fresh is an empty block.
func (b *behind) fresh() []byte {
	select {
	case f := <-b.free:
		return f
	default:
		return make([]byte, 0, behindSize+64<<10)
	}
}

// close waits until all is written.
func (b *behind) close() error {
	close(b.full)
	<-b.done
	return b.err
}
