// Package stamp draws a text as a PDF of one small page, to be laid over the pages
// of another.
//
// The glyphs are embedded as a Type 3 font: their outlines, and a table that
// says which characters they are. So the stamp looks the same everywhere, needs
// no font on any machine, takes a few kilobytes, and can be searched for.
package stamp

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"daiban/actions/internal/cjkfont"
)

// TextMax is the longest text, in characters: codes of the font are one byte.
const TextMax = 200

// A MissingError names the characters that the font does not have.
type MissingError struct{ Runes string }

func (e *MissingError) Error() string { return "no glyph for " + e.Runes }

// size is the height of a line in points; emsMin keeps short texts from being
// blown up when the page is fitted to a width.
const (
	size   = 100.0
	emsMin = 5.0
)

// A mark is a character of the text with its code and outline.
type mark struct {
	code  byte
	r     rune
	width float64 // of the em
	path  string  // PDF operators, in font units
	box   string  // its bounds, as PDF numbers
}

// Page draws text in red on a page that just holds it. Lines are separated by \n.
func Page(text string) ([]byte, error) {
	marks, err := marksOf(text)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(text, "\n")
	width := emsMin * size
	for _, l := range lines {
		width = max(width, lineWidth(l, marks))
	}
	height := size * 1.3 * float64(len(lines))
	var content strings.Builder
	content.WriteString("0.8 0.08 0.08 rg\nBT\n/F1 100 Tf\n")
	for i, l := range lines {
		x := (width - lineWidth(l, marks)) / 2
		y := height - size*1.3*float64(i+1) + size*0.35
		fmt.Fprintf(&content, "1 0 0 1 %.2f %.2f Tm <%s> Tj\n", x, y, codes(l, marks))
	}
	content.WriteString("ET\n")
	return assemble(width, height, content.String(), ordered(text, marks)), nil
}

func lineWidth(l string, marks map[rune]mark) float64 {
	w := 0.0
	for _, r := range l {
		w += marks[r].width * size
	}
	return w
}

func codes(l string, marks map[rune]mark) string {
	var b strings.Builder
	for _, r := range l {
		fmt.Fprintf(&b, "%02X", marks[r].code)
	}
	return b.String()
}

// marksOf gives each character of the text a code and its outline.
func marksOf(text string) (map[rune]mark, error) {
	f := cjkfont.Font()
	var buf sfnt.Buffer
	out := map[rune]mark{}
	missing := ""
	for _, r := range text {
		if _, done := out[r]; done || r == '\n' {
			continue
		}
		i, err := f.GlyphIndex(&buf, r)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			missing += string(r)
			continue
		}
		m := mark{code: byte(len(out) + 1), r: r}
		em := fixed.I(int(f.UnitsPerEm()))
		adv, err := f.GlyphAdvance(&buf, i, em, font.HintingNone)
		if err != nil {
			return nil, err
		}
		m.width = float64(adv) / float64(em)
		segs, err := f.LoadGlyph(&buf, i, em, nil)
		if err != nil {
			return nil, err
		}
		m.path, m.box = outline(segs), bounds(segs)
		out[r] = m
	}
	if missing != "" {
		return nil, &MissingError{missing}
	}
	return out, nil
}

// outline writes segments as PDF paths; the font's y goes down, PDF's up.
func outline(segs sfnt.Segments) string {
	var b strings.Builder
	var at [2]float64
	open := false
	pt := func(p fixed.Point26_6) [2]float64 { return [2]float64{float64(p.X) / 64, -float64(p.Y) / 64} }
	for _, s := range segs {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if open {
				b.WriteString("h\n")
			}
			at, open = pt(s.Args[0]), true
			fmt.Fprintf(&b, "%.0f %.0f m\n", at[0], at[1])
		case sfnt.SegmentOpLineTo:
			at = pt(s.Args[0])
			fmt.Fprintf(&b, "%.0f %.0f l\n", at[0], at[1])
		case sfnt.SegmentOpQuadTo:
			c, e := pt(s.Args[0]), pt(s.Args[1])
			fmt.Fprintf(&b, "%.0f %.0f %.0f %.0f %.0f %.0f c\n",
				at[0]+2*(c[0]-at[0])/3, at[1]+2*(c[1]-at[1])/3, e[0]+2*(c[0]-e[0])/3, e[1]+2*(c[1]-e[1])/3, e[0], e[1])
			at = e
		case sfnt.SegmentOpCubeTo:
			c, d, e := pt(s.Args[0]), pt(s.Args[1]), pt(s.Args[2])
			fmt.Fprintf(&b, "%.0f %.0f %.0f %.0f %.0f %.0f c\n", c[0], c[1], d[0], d[1], e[0], e[1])
			at = e
		}
	}
	if open {
		b.WriteString("h\nf\n")
	}
	return b.String()
}

// bounds is the box of segments: left, bottom, right, top.
func bounds(segs sfnt.Segments) string {
	b := segs.Bounds()
	return fmt.Sprintf("%d %d %d %d", b.Min.X.Floor(), -b.Max.Y.Ceil(), b.Max.X.Ceil(), -b.Min.Y.Floor())
}

// ordered lists the marks by code.
func ordered(text string, marks map[rune]mark) []mark {
	out := make([]mark, len(marks))
	for _, r := range text {
		if m, ok := marks[r]; ok {
			out[m.code-1] = m
		}
	}
	return out
}

// assemble writes the PDF: catalog, pages, page, content, font, its table of
// characters, then a stream for each glyph.
func assemble(width, height float64, content string, ms []mark) []byte {
	em := float64(cjkfont.Font().UnitsPerEm())
	var widths, names, procs strings.Builder
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>", width, height),
		stream(content),
		"", // the font, when its glyphs are numbered
		stream(toUnicode(ms)),
	}
	for _, m := range ms {
		fmt.Fprintf(&widths, "%.0f ", m.width*em)
		fmt.Fprintf(&names, "/g%d", m.code)
		fmt.Fprintf(&procs, "/g%d %d 0 R", m.code, len(objects)+1)
		objects = append(objects, stream(fmt.Sprintf("%.0f 0 %s d1\n%s", m.width*em, m.box, m.path)))
	}
	objects[4] = fmt.Sprintf("<</Type/Font/Subtype/Type3/FontBBox[0 %.0f %.0f %.0f]/FontMatrix[%g 0 0 %g 0 0]/FirstChar 1/LastChar %d/Widths[%s]"+
		"/Encoding<</Type/Encoding/Differences[1%s]>>/CharProcs<<%s>>/Resources<<>>/ToUnicode 6 0 R>>",
		-em/4, em, em, 1/em, 1/em, len(ms), widths.String(), names.String(), procs.String())
	return file(objects)
}

func stream(s string) string { return fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(s), s) }

// toUnicode is the CMap by which readers find and copy the text.
func toUnicode(ms []mark) string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Stamp def /CMapType 2 def\n" +
		"1 begincodespacerange <00> <FF> endcodespacerange\n")
	for len(ms) > 0 {
		n := min(100, len(ms)) // the most that one block may hold
		fmt.Fprintf(&b, "%d beginbfchar\n", n)
		for _, m := range ms[:n] {
			fmt.Fprintf(&b, "<%02X> <%04X>\n", m.code, m.r) // the font has nothing beyond U+FFFF
		}
		b.WriteString("endbfchar\n")
		ms = ms[n:]
	}
	b.WriteString("endcmap CMapName currentdict /CMap defineresource pop end end")
	return b.String()
}

// file writes numbered objects with their cross-reference table.
func file(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}
