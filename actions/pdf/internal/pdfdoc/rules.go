package pdfdoc

import (
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	objectsMax  = 200_000 // of a page; the rest is not looked at
	segmentsMax = 10_000  // of a path
	formDepth   = 4
	thickMax    = 3.0 // points; a wider box is an area, not a line
	shortMin    = 4.0 // points; a shorter stroke is part of a drawing
)

// ruled collects the straight lines of a page.
func (r *reader) ruled(page requests.Page, v view) ([]Rule, error) {
	n, err := r.in.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return nil, err
	}
	var out []Rule
	for i := range min(n.Count, objectsMax) {
		o, err := r.in.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			return nil, err
		}
		out = append(out, r.rulesOf(o.PageObject, v, identity, formDepth)...)
	}
	return out, nil
}

// A matrix is PDF's a b c d e f.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// then is m followed by n.
func (m matrix) then(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (r *reader) matrixOf(o references.FPDF_PAGEOBJECT) matrix {
	res, err := r.in.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: o})
	if err != nil {
		return identity
	}
	m := res.Matrix
	return matrix{float64(m.A), float64(m.B), float64(m.C), float64(m.D), float64(m.E), float64(m.F)}
}

func (r *reader) rulesOf(o references.FPDF_PAGEOBJECT, v view, outer matrix, depth int) []Rule {
	t, err := r.in.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o})
	if err != nil {
		return nil
	}
	switch t.Type {
	case enums.FPDF_PAGEOBJ_PATH:
		return r.pathRules(o, v, r.matrixOf(o).then(outer))
	case enums.FPDF_PAGEOBJ_FORM:
		if depth == 0 {
			return nil
		}
		return r.formRules(o, v, r.matrixOf(o).then(outer), depth-1)
	}
	return nil
}

func (r *reader) formRules(o references.FPDF_PAGEOBJECT, v view, m matrix, depth int) []Rule {
	n, err := r.in.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: o})
	if err != nil {
		return nil
	}
	var out []Rule
	for i := range min(n.Count, objectsMax) {
		inner, err := r.in.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: o, Index: uint64(i)})
		if err != nil {
			return out
		}
		out = append(out, r.rulesOf(inner.PageObject, v, m, depth)...)
	}
	return out
}

// pathRules gives the straight strokes of a path, and of a thin filled box,
// as which many writers draw lines, its middle.
func (r *reader) pathRules(o references.FPDF_PAGEOBJECT, v view, m matrix) []Rule {
	n, err := r.in.FPDFPath_CountSegments(&requests.FPDFPath_CountSegments{PageObject: o})
	if err != nil || n.Count > segmentsMax {
		return nil
	}
	var out []Rule
	var start, last [2]float64
	for i := range n.Count {
		s, err := r.in.FPDFPath_GetPathSegment(&requests.FPDFPath_GetPathSegment{PageObject: o, Index: i})
		if err != nil {
			return out
		}
		kind, p, closes, ok := r.segment(s.PathSegment)
		if !ok {
			return out
		}
		x, y := v.point(m.apply(p[0], p[1]))
		at := [2]float64{x, y}
		switch kind {
		case enums.FPDF_SEGMENT_MOVETO:
			start = at
		case enums.FPDF_SEGMENT_LINETO:
			out = appendRule(out, last, at)
		}
		if closes && kind != enums.FPDF_SEGMENT_MOVETO {
			out = appendRule(out, at, start)
		}
		last = at
	}
	return out
}

func (r *reader) segment(s references.FPDF_PATHSEGMENT) (kind enums.FPDF_SEGMENT, p [2]float64, closes, ok bool) {
	t, err := r.in.FPDFPathSegment_GetType(&requests.FPDFPathSegment_GetType{PathSegment: s})
	if err != nil {
		return
	}
	at, err := r.in.FPDFPathSegment_GetPoint(&requests.FPDFPathSegment_GetPoint{PathSegment: s})
	if err != nil {
		return
	}
	c, err := r.in.FPDFPathSegment_GetClose(&requests.FPDFPathSegment_GetClose{PathSegment: s})
	if err != nil {
		return
	}
	return t.Type, [2]float64{float64(at.X), float64(at.Y)}, c.IsClose, true
}

func appendRule(out []Rule, a, b [2]float64) []Rule {
	box := Box{math.Min(a[0], b[0]), math.Min(a[1], b[1]), math.Max(a[0], b[0]), math.Max(a[1], b[1])}
	switch w, h := box.width(), box.height(); {
	case h <= thickMax && w >= shortMin && h < w/4:
		return append(out, Rule{Box: box})
	case w <= thickMax && h >= shortMin && w < h/4:
		return append(out, Rule{Box: box, Vertical: true})
	}
	return out
}
