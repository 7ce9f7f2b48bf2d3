package pdfdoc

import (
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
)

// A view takes points of the page's own space (upwards, before its rotation)
// to the page as it is shown.
type view struct {
	left, bottom, right, top float64
	quarter                  int // turns clockwise
	width, height            float64
}

func (r *reader) view(page requests.Page) (view, error) {
	size, err := r.in.GetPageSize(&requests.GetPageSize{Page: page})
	if err != nil {
		return view{}, err
	}
	v := view{width: size.Width, height: size.Height}
	rot, err := r.in.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: page})
	if err != nil {
		return view{}, err
	}
	v.quarter = quarterTurns(rot.PageRotation)
	w, h := v.width, v.height
	if v.quarter%2 == 1 {
		w, h = h, w
	}
	v.right, v.top = w, h
	if box, err := r.in.FPDFPage_GetCropBox(&requests.FPDFPage_GetCropBox{Page: page}); err == nil {
		v.left, v.bottom = float64(box.Left), float64(box.Bottom)
	} else if box, err := r.in.FPDFPage_GetMediaBox(&requests.FPDFPage_GetMediaBox{Page: page}); err == nil {
		v.left, v.bottom = float64(box.Left), float64(box.Bottom)
	}
	v.right, v.top = v.left+w, v.bottom+h
	return v, nil
}

func quarterTurns(r enums.FPDF_PAGE_ROTATION) int {
	switch r {
	case enums.FPDF_PAGE_ROTATION_90_CW:
		return 1
	case enums.FPDF_PAGE_ROTATION_180_CW:
		return 2
	case enums.FPDF_PAGE_ROTATION_270_CW:
		return 3
	}
	return 0
}

func (v view) point(x, y float64) (float64, float64) {
	switch v.quarter {
	case 1:
		return y - v.bottom, x - v.left
	case 2:
		return v.right - x, y - v.bottom
	case 3:
		return v.top - y, v.right - x
	}
	return x - v.left, v.top - y
}

// turn is an angle of the page's own space (radians, counter-clockwise) in
// quarter turns clockwise as shown, from 0 to below 4; 0 is upright.
func (v view) turn(angle float64) float64 {
	t := math.Mod(float64(v.quarter)-angle/(math.Pi/2)+8, 4)
	if t = math.Round(t*100) / 100; t >= 4 {
		t = 0
	}
	return t
}

// rotate is the view by which what was turned by so many quarters is upright.
func (v view) rotate(quarters int) view {
	v.quarter = (v.quarter - quarters + 4) % 4
	if quarters%2 == 1 {
		v.width, v.height = v.height, v.width
	}
	return v
}

// mostTurned is the quarter turn of nearly all characters of a page: it lies on
// its side or upside down, and is read as if it did not.
func mostTurned(gs []glyph) int {
	var count [4]int
	n := 0
	for _, g := range gs {
		if g.r == ' ' {
			continue
		}
		n++
		if g.turn == math.Trunc(g.turn) {
			count[int(g.turn)]++
		}
	}
	for q := 1; q < 4; q++ {
		if count[q]*10 > n*8 {
			return q
		}
	}
	return 0
}

func (v view) box(x0, y0, x1, y1 float64) Box {
	ax, ay := v.point(x0, y0)
	bx, by := v.point(x1, y1)
	return Box{math.Min(ax, bx), math.Min(ay, by), math.Max(ax, bx), math.Max(ay, by)}
}
