// Package plot draws bar, line and pie charts as a person would show them: readable labels in
// Chinese and Latin letters from an embedded font, thousands separators, values where there
// is room for them.
//
// A chart is a list of filled outlines in units of its own (a canvas), which becomes a PNG or JPEG
// at twice that size, or an SVG. The same chart gives the same bytes everywhere.
package plot

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"strings"
	"time"
)

// The kinds of charts.
const (
	Bar  = "bar"
	Line = "line"
	Pie  = "pie"
)

// A Chart is what is drawn.
type Chart struct {
	Kind   string
	Title  string
	X      string // what the labels are
	Labels []string
	Times  []time.Time // of a line over dates, in order: the places of the labels
	Series []Series
	Lang   string // zh or en
}

// A Series is one value a label; NaN where there is none.
type Series struct {
	Name   string
	Values []float64
	Texts  []string // the values as they are shown
}

var (
	white  = color.NRGBA{255, 255, 255, 255}
	ink    = color.NRGBA{38, 43, 51, 255}
	soft   = color.NRGBA{102, 110, 122, 255}
	grid   = color.NRGBA{230, 233, 238, 255}
	axis   = color.NRGBA{160, 167, 178, 255}
	colors = []color.NRGBA{
		{62, 116, 219, 255}, {240, 140, 46, 255}, {64, 168, 112, 255}, {217, 83, 79, 255}, {139, 98, 190, 255},
		{54, 172, 190, 255}, {232, 190, 52, 255}, {222, 115, 168, 255}, {132, 104, 84, 255}, {120, 134, 156, 255},
	}
	otherColor = color.NRGBA{176, 183, 193, 255}
)

func colorOf(i int) color.NRGBA { return colors[i%len(colors)] }

// The size of a chart in its own units; a picture has Scale times as many pixels.
const (
	width  = 960.0
	height = 560.0
	Scale  = 2
)

const (
	titleSize = 20.0
	textSize  = 13.0
	margin    = 28.0
)

// Formats is the extensions that Write knows.
var Formats = []string{".png", ".svg", ".jpg", ".jpeg"}

// Write draws ch to w in the format of ext, one of Formats.
func Write(w io.Writer, ch *Chart, ext string) error {
	c := newCanvas(width, height)
	if ch.Kind == Pie {
		drawPie(c, ch)
	} else {
		drawAxes(c, ch)
	}
	switch strings.ToLower(ext) {
	case ".png":
		return c.png(w, Scale)
	case ".jpg", ".jpeg":
		return c.jpeg(w, Scale)
	case ".svg":
		return c.svg(w)
	}
	return fmt.Errorf("plot: no format %s", ext)
}

// title draws the title and gives the height below it.
func title(c *canvas, ch *Chart) float64 {
	if ch.Title == "" {
		return margin
	}
	c.text(c.cut(ch.Title, titleSize, width-2*margin), pt{width / 2, margin + titleSize*0.8}, titleSize, middle, ink)
	return margin + titleSize + 18
}

// legend draws the names of the series in rows from y on, and gives the height below them.
func legend(c *canvas, ch *Chart, y float64) float64 {
	const box, gap = 12.0, 26.0
	type item struct {
		name string
		w    float64
	}
	var rows [][]item
	room := 0.0
	for _, s := range ch.Series {
		name := c.cut(s.Name, textSize, 240)
		w := box + 7 + c.width(name, textSize) + gap
		if len(rows) == 0 || room+w > width-2*margin {
			rows, room = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], item{name, w})
		room += w
	}
	n := 0
	for _, row := range rows {
		total := -gap
		for _, it := range row {
			total += it.w
		}
		x := (width - total) / 2
		for _, it := range row {
			c.rect(x, y, box, box, colorOf(n))
			c.text(it.name, pt{x + box + 7, y + box - 1}, textSize, left, ink)
			x += it.w
			n++
		}
		y += box + 12
	}
	return y + 4
}

// ticks is round numbers that span lo to hi, about n of them.
func ticks(lo, hi float64, n int) []float64 {
	if hi <= lo {
		hi = lo + 1
	}
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/float64(n))))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if (hi-lo)/(step*m) <= float64(n) {
			step *= m
			break
		}
	}
	from, to := math.Floor(lo/step+1e-9), math.Ceil(hi/step-1e-9)
	var out []float64
	for k := from; k <= to && len(out) < 50; k++ {
		out = append(out, k*step)
	}
	return out
}

// tickText is x with thousands separators, and no more decimals than step needs; from a thousand
// million on in 亿, or B.
func tickText(x, step float64, lang string) string {
	unit := ""
	switch {
	case math.Abs(step) >= 1e7 && lang == "zh":
		x, step, unit = x/1e8, step/1e8, "亿"
	case math.Abs(step) >= 1e8:
		x, step, unit = x/1e9, step/1e9, "B"
	}
	decimals := 0
	for d := step; decimals < 10 && math.Abs(d-math.Round(d)) > 1e-6*d; d *= 10 {
		decimals++
	}
	if math.Abs(x) < step/1e6 {
		return "0"
	}
	return Thousands(fmt.Sprintf("%.*f", decimals, x)) + unit
}

// Thousands puts separators into a decimal number.
func Thousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, dot := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if dot {
		return sign + b.String() + "." + frac
	}
	return sign + b.String()
}
