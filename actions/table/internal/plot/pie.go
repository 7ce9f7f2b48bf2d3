package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
)

// A slice is one part of a pie.
type slice struct {
	name, text string
	value      float64
	fill       color.NRGBA
}

const (
	slicesMax  = 10    // more are put together
	shareSmall = 0.015 // so are those below it, when there are several
)

// slices is the parts from large to small, the small ones as one.
func (ch *Chart) slices() (out []slice, total float64) {
	s := ch.Series[0]
	for i, v := range s.Values {
		if v > 0 {
			out = append(out, slice{name: ch.Labels[i], text: s.Texts[i], value: v})
			total += v
		}
	}
	slices.SortStableFunc(out, func(a, b slice) int { return cmp.Compare(b.value, a.value) })
	keep := min(len(out), slicesMax)
	if len(out) > slicesMax {
		keep = slicesMax - 1
	}
	big := len(out)
	for big > 1 && out[big-1].value < shareSmall*total {
		big--
	}
	if len(out)-big >= 2 {
		keep = min(keep, big)
	}
	if len(out)-keep >= 2 {
		rest := slice{fill: otherColor}
		for _, x := range out[keep:] {
			rest.value += x.value
		}
		rest.name = fmt.Sprintf("other (%d)", len(out)-keep)
		if ch.Lang == "zh" {
			rest.name = fmt.Sprintf("其他（%d 项）", len(out)-keep)
		}
		rest.text = Thousands(short(rest.value))
		out = append(out[:keep], rest)
	}
	for i := range out {
		if out[i].fill.A == 0 {
			out[i].fill = colorOf(i)
		}
	}
	return out, total
}

func drawPie(c *canvas, ch *Chart) {
	top := title(c, ch)
	parts, total := ch.slices()
	r := (height - top - margin) / 2 * 0.94
	m := pt{margin + 40 + r, top + (height-top-margin)/2}
	if len(parts) == 0 || total <= 0 {
		c.dot(m, r, grid)
		return
	}
	at := 0.0
	for _, p := range parts {
		to := at + p.value/total*2*math.Pi
		c.wedge(m, r, at, to, p.fill)
		at = to
	}
	at = 0
	for _, p := range parts {
		angle := p.value / total * 2 * math.Pi
		if len(parts) > 1 {
			c.line(2, white, m, pt{m.x + r*math.Sin(at), m.y - r*math.Cos(at)})
		}
		if p.value/total >= 0.045 {
			a, d := at+angle/2, r*0.72
			if len(parts) == 1 {
				d = 0
			}
			c.text(percent(p.value/total), pt{m.x + d*math.Sin(a), m.y - d*math.Cos(a) + 5}, 14, middle, readable(p.fill))
		}
		at += angle
	}
	c.list(ch, parts, total, m.x+r+60)
}

// list draws the names, values and shares beside the pie.
func (c *canvas) list(ch *Chart, parts []slice, total, x float64) {
	const line = 30.0
	share, value := 0.0, 0.0
	for _, p := range parts {
		share = max(share, c.width(percent(p.value/total), 14))
		value = max(value, c.width(p.text, 14))
	}
	end := width - margin
	name := 0.0
	for _, p := range parts {
		name = max(name, c.width(p.name, 14))
	}
	name = min(name, end-x-24-share-value-44)
	y := height/2 - line*float64(len(parts))/2 + 24
	if ch.Title != "" {
		y += 16
	}
	if s := ch.Series[0].Name; s != "" {
		c.text(c.cut(s, textSize, value+60), pt{x + 24 + name + 24 + value, y - line}, textSize, right, soft)
	}
	for _, p := range parts {
		c.rect(x, y-12, 14, 14, p.fill)
		c.text(c.cut(p.name, 14, name), pt{x + 24, y}, 14, left, ink)
		c.text(p.text, pt{x + 24 + name + 24 + value, y}, 14, right, ink)
		c.text(percent(p.value/total), pt{x + 24 + name + 24 + value + 20 + share, y}, 14, right, soft)
		y += line
	}
}

func percent(share float64) string {
	if share > 0 && share < 0.001 {
		return "<0.1%"
	}
	return fmt.Sprintf("%.1f%%", share*100)
}

// readable is white or ink, whichever stands out on fill.
func readable(fill color.NRGBA) color.NRGBA {
	if 0.299*float64(fill.R)+0.587*float64(fill.G)+0.114*float64(fill.B) > 165 {
		return ink
	}
	return white
}
