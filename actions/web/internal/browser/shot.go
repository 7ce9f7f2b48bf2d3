package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
)

// A box is a part of a picture, in pixels.
type box struct{ x0, y0, x1, y1 float64 }

func boxAround(quad []float64) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i := 0; i+1 < len(quad); i += 2 {
		b.x0, b.x1 = math.Min(b.x0, quad[i]), math.Max(b.x1, quad[i])
		b.y0, b.y1 = math.Min(b.y0, quad[i+1]), math.Max(b.y1, quad[i+1])
	}
	return b
}

func (b box) shift(dx, dy float64) box { return box{b.x0 + dx, b.y0 + dy, b.x1 + dx, b.y1 + dy} }

// blacken paints boxes black in a PNG. Nothing that cannot be painted is given away.
func blacken(raw []byte, boxes []box) ([]byte, error) {
	if len(boxes) == 0 {
		return raw, nil
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Src)
	for _, b := range boxes {
		r := image.Rect(int(b.x0)-1, int(b.y0)-1, int(math.Ceil(b.x1))+1, int(math.Ceil(b.y1))+1)
		draw.Draw(out, r.Intersect(out.Bounds()), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&buf, out); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
