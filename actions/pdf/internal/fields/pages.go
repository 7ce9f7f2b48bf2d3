package fields

import (
	"slices"
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
// wider blank where columns stand apart, and what is not upright (stamps) last.
func PageText(p pdfdoc.Page) string {
	var out []string
	s := layout(p)
	s.printMarkers()
	for _, row := range readingOrder(s.lines) {
		var parts []string
		for _, c := range row {
			if t := c.text(); t != "" {
				parts = append(parts, t)
			}
		}
		out = append(out, strings.Join(parts, "   "))
	}
	for _, w := range p.Words {
		if w.Turned {
			out = append(out, w.Text)
		}
	}
	return strings.Join(out, "\n")
}

// printMarkers puts the vertical labels back, each as a line before the block
// it stands beside; labels of one height share a line.
func (s *sheet) printMarkers() {
	var ws []pdfdoc.Word
	for _, m := range s.markers {
		top := m.box
		top.Y1 = top.Y0 + (m.box.X1 - m.box.X0)
		ws = append(ws, pdfdoc.Word{Text: m.text, Page: m.page, Box: top})
	}
	extra := &sheet{}
	extra.fill(ws)
	s.lines = append(s.lines, extra.lines...)
	slices.SortStableFunc(s.lines, func(a, b *line) int { return cmp(a.mid, b.mid) })
}
