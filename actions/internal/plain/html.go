// Package plain turns web pages, and texts of unknown encoding, into plain text.
package plain

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	htmlcharset "golang.org/x/net/html/charset"

	"daiban/actions/internal/charset"
)

// HTML is the text of a web page: blocks as lines, cells of tables with tabs
// between them. Scripts, styles and what the page hides by `hidden` are left out.
func HTML(data []byte) string { return Page(decodeHTML(data)) }

// Page is HTML of a page that is decoded already.
func Page(page string) string {
	var w htmlWriter
	z := html.NewTokenizer(strings.NewReader(page))
	z.SetMaxBuf(16 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.done()
		case html.TextToken:
			w.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(z.Token())
		case html.EndTagToken:
			w.close(z.Token())
		}
	}
}

// decodeHTML decodes a page by its byte order mark or meta tag, else by how it looks.
func decodeHTML(data []byte) string {
	if enc, name, certain := htmlcharset.DetermineEncoding(data[:min(len(data), 1024)], ""); certain || bytes.Contains(bytes.ToLower(data[:min(len(data), 1024)]), []byte("charset")) && name != "windows-1252" {
		if out, err := enc.NewDecoder().Bytes(data); err == nil {
			return strings.TrimPrefix(string(out), "\ufeff")
		}
	}
	return Text(data)
}

// Text decodes a text of unknown encoding; line ends become \n.
func Text(data []byte) string {
	e, bom, err := charset.Find(data, true)
	if err != nil {
		e, bom = charset.UTF8, 0
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(e.Decode(data[bom:]))
}

var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Li: true, atom.Tr: true, atom.Table: true, atom.Ul: true, atom.Ol: true, atom.H1: true, atom.H2: true, atom.H3: true,
	atom.H4: true, atom.H5: true, atom.H6: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true, atom.Blockquote: true, atom.Pre: true,
	atom.Form: true, atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Hr: true, atom.Main: true, atom.Nav: true, atom.Aside: true, atom.Figure: true, atom.Caption: true, atom.Title: true,
}

var silent = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Template: true, atom.Svg: true, atom.Iframe: true, atom.Select: true, atom.Textarea: true}

type htmlWriter struct {
	lines  []string
	line   strings.Builder
	cells  int // of the row so far
	silent int // depth inside what is not shown
	pre    int
}

func (w *htmlWriter) text(s string) {
	if w.silent > 0 {
		return
	}
	if w.pre > 0 {
		for i, l := range strings.Split(s, "\n") {
			if i > 0 {
				w.flush()
			}
			w.line.WriteString(strings.TrimRight(l, "\r"))
		}
		return
	}
	words := strings.Join(strings.Fields(s), " ")
	if words == "" {
		if s != "" {
			w.blank()
		}
		return
	}
	if strings.TrimLeft(s, " \t\r\n") != s {
		w.blank()
	}
	w.line.WriteString(words)
	if strings.TrimRight(s, " \t\r\n") != s {
		w.blank()
	}
}

// blank adds one blank, not two, and none at the start of a line or cell.
func (w *htmlWriter) blank() {
	if s := w.line.String(); s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "\t") {
		w.line.WriteByte(' ')
	}
}

func (w *htmlWriter) flush() {
	if s := strings.TrimRight(w.line.String(), " \t"); s != "" || w.pre > 0 {
		w.lines = append(w.lines, s)
	}
	w.line.Reset()
	w.cells = 0
}

func (w *htmlWriter) open(t html.Token) {
	switch {
	case silent[t.DataAtom]:
		if t.Type == html.StartTagToken {
			w.silent++
		}
	case t.DataAtom == atom.Br:
		w.flush()
	case t.DataAtom == atom.Td || t.DataAtom == atom.Th:
		if w.cells > 0 {
			s := strings.TrimRight(w.line.String(), " ")
			w.line.Reset()
			w.line.WriteString(s + "\t")
		}
		w.cells++
	case w.cells > 0 && t.DataAtom != atom.Tr && t.DataAtom != atom.Table:
		w.blank() // a block in a cell does not end the row
	case blocks[t.DataAtom]:
		w.flush()
		if t.DataAtom == atom.Pre {
			w.pre++
		}
	}
}

func (w *htmlWriter) close(t html.Token) {
	switch {
	case silent[t.DataAtom]:
		w.silent = max(0, w.silent-1)
	case w.cells > 0 && t.DataAtom != atom.Tr && t.DataAtom != atom.Table:
	case blocks[t.DataAtom]:
		w.flush()
		if t.DataAtom == atom.Pre {
			w.pre = max(0, w.pre-1)
		}
	}
}

func (w *htmlWriter) done() string {
	w.flush()
	return strings.TrimSpace(strings.Join(w.lines, "\n"))
}
