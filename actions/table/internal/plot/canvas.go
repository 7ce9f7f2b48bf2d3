package plot

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"strconv"

	"golang.org/x/image/vector"
)

type pt struct{ x, y float64 }

type segOp uint8

const (
	moveTo segOp = iota
	lineTo
	quadTo
	cubeTo
)

// A seg is a piece of an outline; p has as many points as op needs.
type seg struct {
	op segOp
	p  [3]pt
}

func (s seg) points() []pt { return s.p[:[...]int{1, 1, 2, 3}[s.op]] }

// A shape is a filled outline; texts and lines are shapes too.
type shape struct {
	segs []seg
	fill color.NRGBA
}

// A canvas gathers shapes, in units of its own, y downwards from the top left.
type canvas struct {
	w, h   float64
	shapes []shape
	*typesetter
}

func newCanvas(w, h float64) *canvas {
	c := &canvas{w: w, h: h, typesetter: newTypesetter()}
	c.rect(0, 0, w, h, white)
	return c
}

func (c *canvas) add(segs []seg, fill color.NRGBA) { c.shapes = append(c.shapes, shape{segs, fill}) }

// polygon fills the area within points.
func (c *canvas) polygon(fill color.NRGBA, points ...pt) {
	segs := make([]seg, len(points))
	for i, p := range points {
		segs[i] = seg{op: lineTo, p: [3]pt{p}}
	}
	segs[0].op = moveTo
	c.add(segs, fill)
}

func (c *canvas) rect(x, y, w, h float64, fill color.NRGBA) {
	c.polygon(fill, pt{x, y}, pt{x + w, y}, pt{x + w, y + h}, pt{x, y + h})
}

// line draws points joined, with round joints.
func (c *canvas) line(width float64, stroke color.NRGBA, points ...pt) {
	var segs []seg
	for i := range len(points) - 1 {
		a, b := points[i], points[i+1]
		d := math.Hypot(b.x-a.x, b.y-a.y)
		if d == 0 {
			continue
		}
		nx, ny := -(b.y-a.y)/d*width/2, (b.x-a.x)/d*width/2
		segs = append(segs, quad(pt{a.x + nx, a.y + ny}, pt{b.x + nx, b.y + ny}, pt{b.x - nx, b.y - ny}, pt{a.x - nx, a.y - ny})...)
		if width > 1.2 && i > 0 {
			segs = append(segs, circle(a, width/2)...)
		}
	}
	if len(segs) > 0 {
		c.add(segs, stroke)
	}
}

func quad(p ...pt) []seg {
	out := make([]seg, len(p))
	for i := range p {
		out[i] = seg{op: lineTo, p: [3]pt{p[i]}}
	}
	out[0].op = moveTo
	return out
}

// circle is an outline that turns like that of line, so that the two add up.
func circle(m pt, r float64) []seg {
	const k = 0.5522847498 // how far the handles of a quarter of a circle reach
	p := func(x, y float64) pt { return pt{m.x + x*r, m.y + y*r} }
	return []seg{
		{moveTo, [3]pt{p(1, 0)}},
		{cubeTo, [3]pt{p(1, -k), p(k, -1), p(0, -1)}},
		{cubeTo, [3]pt{p(-k, -1), p(-1, -k), p(-1, 0)}},
		{cubeTo, [3]pt{p(-1, k), p(-k, 1), p(0, 1)}},
		{cubeTo, [3]pt{p(k, 1), p(1, k), p(1, 0)}},
	}
}

func (c *canvas) dot(m pt, r float64, fill color.NRGBA) { c.add(circle(m, r), fill) }

// wedge fills a slice of a circle; angles are in radians, clockwise from the top.
func (c *canvas) wedge(m pt, r, from, to float64, fill color.NRGBA) {
	on := func(a, f float64) pt { return pt{m.x + r*f*math.Sin(a), m.y - r*f*math.Cos(a)} }
	segs := []seg{{op: moveTo, p: [3]pt{m}}, {op: lineTo, p: [3]pt{on(from, 1)}}}
	n := max(1, int(math.Ceil((to-from)/(math.Pi/4))))
	step := (to - from) / float64(n)
	h := 4.0 / 3 * math.Tan(step/4)
	for i := range n {
		a, b := from+float64(i)*step, from+float64(i+1)*step
		pa, pb := on(a, 1), on(b, 1)
		segs = append(segs, seg{cubeTo, [3]pt{
			{pa.x + h*r*math.Cos(a), pa.y + h*r*math.Sin(a)},
			{pb.x - h*r*math.Cos(b), pb.y - h*r*math.Sin(b)}, pb}})
	}
	c.add(segs, fill)
}

// The places of a text's anchor on it.
const (
	left = iota
	middle
	right
)

// text draws s with its base line's anchor at p.
func (c *canvas) text(s string, p pt, size float64, anchor int, fill color.NRGBA) {
	c.turned(s, p, size, anchor, 0, fill)
}

// turned is text, turned by angle (radians, clockwise) around p.
func (c *canvas) turned(s string, p pt, size float64, anchor int, angle float64, fill color.NRGBA) {
	x := -c.width(s, size) * float64(anchor) / 2
	sin, cos := math.Sincos(angle)
	var segs []seg
	for _, r := range s {
		g := c.glyph(r)
		for _, sg := range g.segs {
			out := seg{op: sg.op}
			for i := range sg.points() {
				gx, gy := x+sg.p[i].x*size, sg.p[i].y*size
				out.p[i] = pt{p.x + gx*cos - gy*sin, p.y + gx*sin + gy*cos}
			}
			segs = append(segs, out)
		}
		x += g.advance * size
	}
	if len(segs) > 0 {
		c.add(segs, fill)
	}
}

// image draws the canvas scale times as large.
func (c *canvas) image(scale float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, int(c.w*scale), int(c.h*scale)))
	z := vector.NewRasterizer(1, 1)
	for _, s := range c.shapes {
		s.draw(img, z, scale)
	}
	return img
}

func (s *shape) draw(img *image.RGBA, z *vector.Rasterizer, scale float64) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, sg := range s.segs {
		for _, p := range sg.points() {
			x0, x1 = min(x0, p.x*scale), max(x1, p.x*scale)
			y0, y1 = min(y0, p.y*scale), max(y1, p.y*scale)
		}
	}
	r := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1))+1, int(math.Ceil(y1))+1)
	if r.Empty() || r.Dx() > 20000 || r.Dy() > 20000 {
		return
	}
	z.Reset(r.Dx(), r.Dy())
	at := func(p pt) (float32, float32) {
		return float32(p.x*scale - float64(r.Min.X)), float32(p.y*scale - float64(r.Min.Y))
	}
	for i, sg := range s.segs {
		ax, ay := at(sg.p[0])
		switch sg.op {
		case moveTo:
			if i > 0 {
				z.ClosePath()
			}
			z.MoveTo(ax, ay)
		case lineTo:
			z.LineTo(ax, ay)
		case quadTo:
			bx, by := at(sg.p[1])
			z.QuadTo(ax, ay, bx, by)
		case cubeTo:
			bx, by := at(sg.p[1])
			cx, cy := at(sg.p[2])
			z.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	z.ClosePath()
	fill := image.NewUniform(s.fill)
	if r.In(img.Bounds()) {
		z.DrawOp = draw.Over
		z.Draw(img, r, fill, image.Point{})
		return
	}
	mask := image.NewAlpha(image.Rect(0, 0, r.Dx(), r.Dy())) // the rasterizer does not clip
	z.DrawOp = draw.Src
	z.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	draw.DrawMask(img, r, fill, image.Point{}, mask, image.Point{}, draw.Over)
}

func (c *canvas) png(w io.Writer, scale float64) error { return png.Encode(w, c.image(scale)) }

func (c *canvas) jpeg(w io.Writer, scale float64) error {
	return jpeg.Encode(w, c.image(scale), &jpeg.Options{Quality: 92})
}

// short is x to a hundredth.
func short(x float64) string {
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}

// svg writes the canvas with texts as outlines: it looks the same where no font is installed.
func (c *canvas) svg(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g">`+"\n", c.w, c.h, c.w, c.h)
	for _, s := range c.shapes {
		fmt.Fprintf(b, `<path fill="#%02x%02x%02x"`, s.fill.R, s.fill.G, s.fill.B)
		if s.fill.A < 255 {
			fmt.Fprintf(b, ` fill-opacity="%.2f"`, float64(s.fill.A)/255)
		}
		b.WriteString(` d="`)
		for i, sg := range s.segs {
			if sg.op == moveTo && i > 0 {
				b.WriteByte('Z')
			}
			b.WriteByte("MLQC"[sg.op])
			for k, p := range sg.points() {
				if k > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(short(p.x))
				b.WriteByte(' ')
				b.WriteString(short(p.y))
			}
		}
		b.WriteString("Z\"/>\n")
	}
	b.WriteString("</svg>\n")
	return b.Flush()
}
