package fields

import (
	"strings"

	"daiban/actions/pdf/internal/pdfdoc"
)

// Documents divides the pages of a file into documents: invoices that were
// printed into one file have numbers of their own; a page without one belongs
// to the page before it.
func Documents(pages []pdfdoc.Page) [][]pdfdoc.Page {
	var out [][]pdfdoc.Page
	last := ""
	for i, p := range pages {
		number := ""
		if len(pages) > 1 {
			number = numberOn(p)
		}
		if i > 0 && (number == "" || last == "" || number == last) {
			out[len(out)-1] = append(out[len(out)-1], p)
		} else {
			out = append(out, []pdfdoc.Page{p})
		}
		if number != "" {
			last = number
		}
	}
	return out
}

// numberOn is the one invoice number on a page, or "".
func numberOn(p pdfdoc.Page) string {
	f := New("", []pdfdoc.Page{p})
	cs := f.numberEN()
	if f.lang == "zh" {
		cs = f.numberZH(f.isVAT())
	}
	if cs = distinct(cs); len(cs) == 1 {
		return cs[0].v.Text()
	}
	return ""
}

// PageText is the text of a page as it stands there: a line a line, with a
// wider blank where columns stand apart.
func PageText(p pdfdoc.Page) string {
	var out []string
	for _, l := range plainLines(p) {
		var parts []string
		for _, c := range (span{l, 0, len(l.gs)}).chunks(gapMax) {
			if t := c.text(); t != "" {
				parts = append(parts, t)
			}
		}
		out = append(out, strings.Join(parts, "   "))
	}
	return strings.Join(out, "\n")
}

// plainLines are the lines of a page, its vertical labels among them.
func plainLines(p pdfdoc.Page) []*line {
	s := &sheet{height: p.Height}
	s.fill(p.Words)
	return s.lines
}
