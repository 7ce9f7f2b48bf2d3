package office

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// DocxText is the text of a Word document: a paragraph a line, a row of a table
// a line with tabs between its cells. Deleted text and field codes are left out.
func (a *Archive) DocxText() (string, error) {
	return a.text("word/document.xml", docxRules)
}

// OdtText is the text of an OpenDocument text, laid out like DocxText.
func (a *Archive) OdtText() (string, error) {
	return a.text("content.xml", odtRules)
}

func (a *Archive) text(part string, r rules) (string, error) {
	f := a.part(part)
	if f == nil {
		return "", fmt.Errorf("%w: %s", ErrParts, part)
	}
	data, err := a.read(f)
	if err != nil {
		return "", err
	}
	w := writer{rules: r}
	if err := w.run(xml.NewDecoder(bytes.NewReader(data))); err != nil {
		return "", fmt.Errorf("%s: %w", part, err)
	}
	return strings.TrimRight(strings.Join(w.lines, "\n"), "\n"), nil
}

// An action is what an element of a format means for its text.
type action int

const (
	nothing action = iota
	paragraph
	textRun // character data counts only inside
	tab
	lineBreak
	row
	cell
	skip  // with all in it
	space // as many as its attribute c says
)

type rules struct {
	elements map[string]action
	bareText bool // character data counts wherever a paragraph is open
}

var docxRules = rules{elements: map[string]action{
	"p": paragraph, "t": textRun, "tab": tab, "br": lineBreak, "cr": lineBreak, "tr": row, "tc": cell,
	"Fallback": skip, "instrText": skip, "delText": skip, "del": skip, "tabs": skip, "pPr": skip, "rPr": skip, "tblPr": skip, "sectPr": skip,
}}

var odtRules = rules{bareText: true, elements: map[string]action{
	"p": paragraph, "h": paragraph, "tab": tab, "line-break": lineBreak, "s": space, "table-row": row, "table-cell": cell,
	"tracked-changes": skip, "annotation": skip, "scripts": skip, "font-face-decls": skip, "automatic-styles": skip, "forms": skip, "sequence-decls": skip,
}}

// A writer turns a stream of XML into lines.
type writer struct {
	rules
	lines []string
	paras []*strings.Builder // open paragraphs: text boxes stand in one another
	rows  [][]string         // open rows of tables, with their cells so far
	cells []*strings.Builder // the open cell of each open row
	inRun int
}

func (w *writer) run(d *xml.Decoder) error {
	d.Strict = true
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > depthMax {
				return fmt.Errorf("more than %d elements deep", depthMax)
			}
			skipped, err := w.open(d, t)
			if err != nil {
				return err
			}
			if skipped {
				depth--
			}
		case xml.EndElement:
			depth--
			w.close(t.Name.Local)
		case xml.CharData:
			if w.inRun > 0 || w.bareText {
				w.add(string(t))
			}
		}
	}
}

// add puts text into the innermost paragraph; outside of any it is layout.
func (w *writer) add(s string) {
	if n := len(w.paras); n > 0 {
		w.paras[n-1].WriteString(s)
	}
}

func (w *writer) open(d *xml.Decoder, t xml.StartElement) (skipped bool, err error) {
	switch w.elements[t.Name.Local] {
	case paragraph:
		w.paras = append(w.paras, &strings.Builder{})
	case textRun:
		w.inRun++
	case tab:
		w.add("\t")
	case lineBreak:
		w.add("\n")
	case space:
		w.add(strings.Repeat(" ", count(t)))
	case row:
		w.rows, w.cells = append(w.rows, nil), append(w.cells, &strings.Builder{})
	case cell:
		if n := len(w.cells); n > 0 {
			w.cells[n-1] = &strings.Builder{}
		}
	case skip:
		return true, d.Skip()
	}
	return false, nil
}

func count(t xml.StartElement) int {
	for _, a := range t.Attr {
		if a.Name.Local == "c" {
			if n, err := strconv.Atoi(a.Value); err == nil && n > 0 && n < 1000 {
				return n
			}
		}
	}
	return 1
}

func (w *writer) close(name string) {
	switch w.elements[name] {
	case paragraph:
		if n := len(w.paras); n > 0 {
			text := w.paras[n-1].String()
			w.paras = w.paras[:n-1]
			w.put(text)
		}
	case textRun:
		w.inRun--
	case cell:
		if n := len(w.rows); n > 0 {
			w.rows[n-1] = append(w.rows[n-1], w.cells[n-1].String())
		}
	case row:
		if n := len(w.rows); n > 0 {
			line := strings.TrimRight(strings.Join(w.rows[n-1], "\t"), "\t")
			w.rows, w.cells = w.rows[:n-1], w.cells[:n-1]
			w.put(line)
		}
	}
}

// put ends a paragraph or a row: in a cell it is joined to what stands there,
// else it is a line.
func (w *writer) put(text string) {
	n := len(w.cells)
	if n == 0 {
		w.lines = append(w.lines, text)
		return
	}
	c := w.cells[n-1]
	if c.Len() > 0 && text != "" {
		c.WriteByte(' ')
	}
	c.WriteString(strings.ReplaceAll(text, "\n", " "))
}
