package plot

import (
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"daiban/actions/internal/cjkfont"
)

// em is the size in which glyphs are loaded; they are scaled from there.
const em = 1024

// A glyph is an outline in units of an em, y downwards, from the start of the base line.
type glyph struct {
	segs    []seg
	advance float64
}

// A typesetter turns text into outlines. It is not for use by several goroutines.
type typesetter struct {
	buf    sfnt.Buffer
	glyphs map[rune]*glyph
}

func newTypesetter() *typesetter { return &typesetter{glyphs: map[rune]*glyph{}} }

func (t *typesetter) glyph(r rune) *glyph {
	if g := t.glyphs[r]; g != nil {
		return g
	}
	g := &glyph{advance: 1}
	t.glyphs[r] = g
	f := cjkfont.Font()
	i, err := f.GlyphIndex(&t.buf, r)
	if err != nil {
		return g
	}
	if a, err := f.GlyphAdvance(&t.buf, i, fixed.I(em), font.HintingNone); err == nil {
		g.advance = float64(a) / 64 / em
	}
	segs, err := f.LoadGlyph(&t.buf, i, fixed.I(em), nil)
	if err != nil {
		return g
	}
	point := func(p fixed.Point26_6) pt { return pt{float64(p.X) / 64 / em, float64(p.Y) / 64 / em} }
	for _, s := range segs {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			g.segs = append(g.segs, seg{op: moveTo, p: [3]pt{point(s.Args[0])}})
		case sfnt.SegmentOpLineTo:
			g.segs = append(g.segs, seg{op: lineTo, p: [3]pt{point(s.Args[0])}})
		case sfnt.SegmentOpQuadTo:
			g.segs = append(g.segs, seg{op: quadTo, p: [3]pt{point(s.Args[0]), point(s.Args[1])}})
		case sfnt.SegmentOpCubeTo:
			g.segs = append(g.segs, seg{op: cubeTo, p: [3]pt{point(s.Args[0]), point(s.Args[1]), point(s.Args[2])}})
		}
	}
	return g
}

// width is how wide a text is at a size.
func (t *typesetter) width(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		w += t.glyph(r).advance
	}
	return w * size
}

// cut is s, with … at its end when it is wider than most.
func (t *typesetter) cut(s string, size, most float64) string {
	if t.width(s, size) <= most {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && t.width(string(r), size)+t.width("…", size) > most {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
