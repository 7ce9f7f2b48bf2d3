package office

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Fill copies a Word document to w with every {field} in its text, tables,
// headers, footers and notes replaced by what value gives for its name. A field
// may be written in pieces of different style; its value takes the style of the
// first. An error of value ends the filling.
func (a *Archive) Fill(w io.Writer, value func(name string) (string, error)) error {
	if !a.Has("word/document.xml") {
		return fmt.Errorf("%w: word/document.xml", ErrParts)
	}
	out := zip.NewWriter(w)
	for _, f := range a.zip.File {
		if !fillable.MatchString(f.Name) {
			if err := out.Copy(f); err != nil {
				return err
			}
			continue
		}
		data, err := a.read(f)
		if err != nil {
			return err
		}
		if data, err = fillPart(data, value); err != nil {
			return err
		}
		h := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: f.Modified}
		part, err := out.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := part.Write(data); err != nil {
			return err
		}
	}
	return out.Close()
}

var fillable = regexp.MustCompile(`^word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$`)

// Field matches a field in a text: {name}, {{name}}, or in full-width braces.
var Field = regexp.MustCompile(`\{\{[^{}\n]{1,100}\}\}|\{[^{}\n]{1,100}\}|｛[^｛｝\n]{1,100}｝`)

// FieldName is the name in a match of Field.
func FieldName(match string) string { return strings.TrimSpace(strings.Trim(match, "{}｛｝")) }

// A piece is the content of one w:t in a part: bytes start to end, its tag
// from open.
type piece struct {
	open, start, end int
	text             string
}

// fillPart replaces the fields in the XML of a part. All that is no field stays
// as it was, byte by byte.
func fillPart(data []byte, value func(string) (string, error)) ([]byte, error) {
	paras, err := paragraphs(data)
	if err != nil {
		return nil, err
	}
	edits := map[int]edit{} // by the start of the piece
	for _, pieces := range paras {
		if err := fillParagraph(pieces, value, edits); err != nil {
			return nil, err
		}
	}
	return apply(data, edits), nil
}

// An edit is the new content of a piece.
type edit struct {
	piece
	text string
}

// fillParagraph finds the fields in the joined text of the pieces and writes
// each value where its field begins.
func fillParagraph(pieces []piece, value func(string) (string, error), edits map[int]edit) error {
	var all strings.Builder
	for _, p := range pieces {
		all.WriteString(p.text)
	}
	found := Field.FindAllStringIndex(all.String(), -1)
	if len(found) == 0 {
		return nil
	}
	texts := make([]strings.Builder, len(pieces))
	at, offset := 0, 0 // the piece, and where it begins in all
	copyTo := func(from, to int, keep bool, put string) {
		for from < to || put != "" {
			for at < len(pieces)-1 && from >= offset+len(pieces[at].text) {
				offset += len(pieces[at].text)
				at++
			}
			texts[at].WriteString(put)
			put = ""
			end := min(to, offset+len(pieces[at].text))
			if keep {
				texts[at].WriteString(all.String()[from:end])
			}
			if end == from {
				break
			}
			from = end
		}
	}
	last := 0
	for _, m := range found {
		v, err := value(FieldName(all.String()[m[0]:m[1]]))
		if err != nil {
			return err
		}
		copyTo(last, m[0], true, "")
		copyTo(m[0], m[1], false, v)
		last = m[1]
	}
	copyTo(last, all.Len(), true, "")
	for i, p := range pieces {
		if t := texts[i].String(); t != p.text {
			edits[p.start] = edit{p, t}
		}
	}
	return nil
}

// paragraphs gathers the pieces of each paragraph of a part. Text boxes stand
// inside paragraphs and have their own.
func paragraphs(data []byte) ([][]piece, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	var done, open [][]piece
	depth := 0
	for {
		before := int(d.InputOffset())
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return append(done, open...), nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > depthMax {
				return nil, fmt.Errorf("more than %d elements deep", depthMax)
			}
			switch {
			case t.Name.Local == "p" && t.Name.Space == "w":
				open = append(open, nil)
			case t.Name.Local == "t" && t.Name.Space == "w" && len(open) > 0:
				p, err := textPiece(d, data, before)
				if err != nil {
					return nil, err
				}
				depth--
				if p.end > p.start {
					open[len(open)-1] = append(open[len(open)-1], p)
				}
			}
		case xml.EndElement:
			depth--
			if t.Name.Local == "p" && t.Name.Space == "w" && len(open) > 0 {
				done, open = append(done, open[len(open)-1]), open[:len(open)-1]
			}
		}
	}
}

// textPiece reads to the end of a w:t whose tag begins at open.
func textPiece(d *xml.Decoder, data []byte, open int) (piece, error) {
	p := piece{open: open, start: int(d.InputOffset())}
	var text strings.Builder
	for {
		before := int(d.InputOffset())
		t, err := d.RawToken()
		if err != nil {
			return p, err
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			p.end, p.text = before, text.String()
			if bytes.HasSuffix(data[p.open:p.start], []byte("/>")) {
				p.end = p.start
			}
			return p, nil
		case xml.StartElement:
			return p, fmt.Errorf("%s inside a text", t.Name.Local)
		}
	}
}

// apply writes data with the edited pieces; blanks in them are kept.
func apply(data []byte, edits map[int]edit) []byte {
	if len(edits) == 0 {
		return data
	}
	byOpen := make(map[int]edit, len(edits))
	opens := make([]int, 0, len(edits))
	for _, e := range edits {
		byOpen[e.open] = e
		opens = append(opens, e.open)
	}
	slices.Sort(opens)
	var out bytes.Buffer
	last := 0
	for _, at := range opens {
		e := byOpen[at]
		out.Write(data[last:e.open])
		out.WriteString(`<w:t xml:space="preserve">`)
		for i, l := range strings.Split(e.text, "\n") {
			if i > 0 {
				out.WriteString(`</w:t><w:br/><w:t xml:space="preserve">`)
			}
			xml.EscapeText(&out, []byte(printable(l)))
		}
		last = e.end
	}
	out.Write(data[last:])
	return out.Bytes()
}

// printable drops what XML cannot hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}
