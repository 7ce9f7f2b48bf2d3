package chat

import (
	"bytes"
	"encoding/csv"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"daiban/actions/internal/cjkfont"
)

// What a table as a picture looks like, in pixels, and how large it can be and still be read on a telephone.
const (
	fontSize  = 26
	rowHeight = 46
	padding   = 16
	margin    = 12
	cellMax   = 640
	wideMax   = 2400
	drawnMax  = 60 // rows
)

var (
	paper = color.Gray{255}
	shade = color.Gray{236}
	rule  = color.Gray{200}
)

// picture is g as a PNG. ok is false when it is too large for a picture, or has signs that the font lacks:
// nothing is cut off or left out.
func picture(g *grid) (data []byte, ok bool) {
	face, err := opentype.NewFace(cjkfont.Font(), &opentype.FaceOptions{Size: fontSize, DPI: 72})
	if err != nil {
		return nil, false
	}
	defer face.Close()
	wide, ok := columnWidths(g, face)
	if !ok {
		return nil, false
	}
	total := 2 * margin
	for _, w := range wide {
		total += w
	}
	if total > wideMax {
		return nil, false
	}
	img := image.NewGray(image.Rect(0, 0, total, 2*margin+rowHeight*(len(g.rows)+1)))
	fill(img, img.Bounds(), paper)
	fill(img, image.Rect(margin, margin, total-margin, margin+rowHeight), shade)
	for n, row := range append([][]string{g.head}, g.rows...) {
		drawRow(img, face, g, row, wide, margin+n*rowHeight)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, false
	}
	return b.Bytes(), b.Len() <= pictureMax
}

// columnWidths is the widths of the columns with their padding.
func columnWidths(g *grid, face font.Face) ([]int, bool) {
	if len(g.rows) > drawnMax || len(g.head) == 0 {
		return nil, false
	}
	var buf sfnt.Buffer
	wide := make([]int, len(g.head))
	for _, row := range append([][]string{g.head}, g.rows...) {
		for i, s := range row {
			for _, r := range s {
				if i, err := cjkfont.Font().GlyphIndex(&buf, r); err != nil || i == 0 {
					return nil, false
				}
			}
			w := font.MeasureString(face, s).Ceil()
			if w > cellMax {
				return nil, false
			}
			wide[i] = max(wide[i], w+2*padding)
		}
	}
	return wide, true
}

func drawRow(img *image.Gray, face font.Face, g *grid, row []string, wide []int, y int) {
	x := margin
	for i, s := range row {
		at := x + padding
		if g.right[i] {
			at = x + wide[i] - padding - font.MeasureString(face, s).Ceil()
		}
		d := font.Drawer{Dst: img, Src: image.Black, Face: face, Dot: fixed.P(at, y+rowHeight-(rowHeight-fontSize)/2-4)}
		d.DrawString(s)
		fill(img, image.Rect(x, y, x+1, y+rowHeight), rule)
		x += wide[i]
	}
	fill(img, image.Rect(x, y, x+1, y+rowHeight), rule)
	fill(img, image.Rect(margin, y, x, y+1), rule)
	fill(img, image.Rect(margin, y+rowHeight, x+1, y+rowHeight+1), rule)
}

func fill(img draw.Image, r image.Rectangle, c color.Gray) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// csv is g as a file that a spreadsheet opens right: UTF-8 with its mark.
func (g *grid) csv() []byte {
	var b bytes.Buffer
	b.WriteString("\xef\xbb\xbf")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	w.Write(g.head) // into memory
	w.WriteAll(g.rows)
	return b.Bytes()
}

// csvName is what the n-th table is called as a file.
func csvName(n int, lang string) string {
	name := map[bool]string{true: "数据", false: "data"}[lang == "zh"]
	if n > 0 {
		name += strconv.Itoa(n + 1)
	}
	return name + ".csv"
}
