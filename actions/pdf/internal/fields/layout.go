// Package fields finds labelled values on the pages of a document: the usual
// ones of Chinese and English invoices and receipts, and any that are asked
// for by name. What it is not sure of stays empty, with a note that says why.
//
// It works on places, not on the order of the text in the file: in a real
// e-invoice the form comes first and its values later, in any order. The steps
// are: words to lines of glyphs (layout), labels on them (labels), the text
// right of or below a label (value), the meaning of it (money, date), and the
// rules of a kind of document (zh, en, asked).
package fields

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"daiban/actions/pdf/internal/pdfdoc"
)

// A glyph is one character with its place. Where a word gives only its own
// box, it is shared out among its characters.
type glyph struct {
	r     rune // as printed
	fold  rune // half width, lower case: what labels are compared by
	box   pdfdoc.Box
	first bool // of its word
}

func (g glyph) height() float64 { return g.box.Y1 - g.box.Y0 }
func (g glyph) han() bool       { return unicode.Is(unicode.Han, g.r) }

// A line is what stands on one height of a page, from left to right.
type line struct {
	page   int
	gs     []glyph
	mid    float64 // of its height
	labels []hit
}

// A sheet is a page made ready for the search.
type sheet struct {
	lines   []*line
	markers []marker
	height  float64
}

// foldRune is r in the form in which labels are compared.
func foldRune(r rune) rune {
	if r < 0x80 {
		return unicode.ToLower(r)
	}
	s := []rune(norm.NFKC.String(string(r)))
	if len(s) != 1 {
		return r
	}
	switch s[0] {
	case '–', '—', '−':
		return '-'
	}
	return unicode.ToLower(s[0])
}

// Fold is s in the form in which labels are compared: half width, lower case,
// without blanks and underscores.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsSpace(r) || r == '_' {
			continue
		}
		b.WriteRune(foldRune(r))
	}
	return b.String()
}

// glyphsOf shares the box of a word among its characters; one of an East Asian
// script is twice as wide as another.
func glyphsOf(w pdfdoc.Word) []glyph {
	var total float64
	for _, r := range w.Text {
		total += units(r)
	}
	out := make([]glyph, 0, len(w.Text))
	x := w.X0
	for _, r := range w.Text {
		step := (w.X1 - w.X0) * units(r) / total
		out = append(out, glyph{r: r, fold: foldRune(r), box: pdfdoc.Box{X0: x, Y0: w.Y0, X1: x + step, Y1: w.Y1}, first: len(out) == 0})
		x += step
	}
	return out
}

func units(r rune) float64 {
	if r >= 0x2E80 {
		return 2
	}
	return 1
}

// layout takes vertical labels out of a page and puts the rest into lines.
func layout(p pdfdoc.Page) *sheet {
	s := &sheet{height: p.Height}
	rest, markers := vertical(p.Words)
	s.markers = markers
	s.fill(rest)
	for _, l := range s.lines {
		l.labels = scan(l)
	}
	return s
}

// fill puts words into lines.
func (s *sheet) fill(ws []pdfdoc.Word) {
	sorted := slices.DeleteFunc(slices.Clone(ws), func(w pdfdoc.Word) bool { return w.Turned })
	slices.SortStableFunc(sorted, func(a, b pdfdoc.Word) int { return cmp(a.Y0+a.Y1, b.Y0+b.Y1) })
	for _, w := range sorted {
		l := s.lineFor(w)
		l.gs = append(l.gs, glyphsOf(w)...)
	}
	for _, l := range s.lines {
		slices.SortStableFunc(l.gs, func(a, b glyph) int { return cmp(a.box.X0, b.box.X0) })
	}
}

// lineFor is the line on whose height w stands: words come from the top down,
// so it is one of the last.
func (s *sheet) lineFor(w pdfdoc.Word) *line {
	mid := (w.Y0 + w.Y1) / 2
	for i := len(s.lines) - 1; i >= 0 && i >= len(s.lines)-3; i-- {
		l := s.lines[i]
		h := math.Min(w.Y1-w.Y0, l.gs[0].height())
		if math.Abs(l.mid-mid) < 0.45*h {
			return l
		}
	}
	l := &line{page: w.Page, mid: mid}
	s.lines = append(s.lines, l)
	return l
}

func cmp(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// A span is a stretch of a line.
type span struct {
	l        *line
	from, to int
}

func (s span) empty() bool     { return s.l == nil || s.from >= s.to }
func (s span) glyphs() []glyph { return s.l.gs[s.from:s.to] }

// box is the place of the span.
func (s span) box() pdfdoc.Box {
	gs := s.glyphs()
	b := gs[0].box
	for _, g := range gs[1:] {
		b = b.Union(g.box)
	}
	return b
}

// text is what the span says, with blanks between words that are not Chinese.
func (s span) text() string {
	var b strings.Builder
	for i, g := range s.glyphs() {
		if i > 0 {
			prev := s.glyphs()[i-1]
			gap := g.box.X0 - prev.box.X1
			if (g.first && gap > 0.1*g.height() && !(g.han() && prev.han())) && !fullWidth(prev.r) && !fullWidth(g.r) {
				b.WriteByte(' ')
			}
		}
		b.WriteRune(g.r)
	}
	return strings.TrimSpace(b.String())
}

// fullWidth reports whether r brings its own blank.
func fullWidth(r rune) bool { return r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF }

// folded is the span without blanks, in the form of Fold.
func (s span) folded() string {
	var b strings.Builder
	for _, g := range s.glyphs() {
		b.WriteRune(g.fold)
	}
	return b.String()
}

// trim drops leading glyphs that only lead from a label to its value, and
// blanks and stops at the end.
func (s span) trim() span {
	for !s.empty() && strings.ContainsRune(":.#№=_-", s.l.gs[s.from].fold) {
		if s.l.gs[s.from].fold == '-' {
			if s.from+1 < s.to && unicode.IsDigit(s.l.gs[s.from+1].fold) {
				break // a sign
			}
		}
		s.from++
	}
	for !s.empty() && strings.ContainsRune(":;,。、；_", s.l.gs[s.to-1].fold) {
		s.to--
	}
	return s
}

// chunks splits the span where the gap is wider than gap times the height.
func (s span) chunks(gap float64) []span {
	var out []span
	start := s.from
	for i := s.from + 1; i < s.to; i++ {
		a, b := s.l.gs[i-1], s.l.gs[i]
		if b.box.X0-a.box.X1 > gap*math.Max(a.height(), b.height()) {
			out = append(out, span{s.l, start, i})
			start = i
		}
	}
	if start < s.to {
		out = append(out, span{s.l, start, s.to})
	}
	return out
}
