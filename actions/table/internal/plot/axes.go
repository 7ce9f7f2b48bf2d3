package plot

import (
	"image/color"
	"math"
)

// A frame is the area of a bar or line chart between its axes.
type frame struct {
	*canvas
	ch                       *Chart
	left, top, right, bottom float64
	lo, hi                   float64 // values at bottom and top
	slot                     float64 // width a label has
}

func (f *frame) y(v float64) float64 {
	return f.bottom - (v-f.lo)/(f.hi-f.lo)*(f.bottom-f.top)
}

// x is the middle of the place of label i.
func (f *frame) x(i int) float64 {
	if t := f.ch.Times; len(t) > 1 {
		span := t[len(t)-1].Sub(t[0]).Seconds()
		if span > 0 {
			pad := min(f.slot/2, 30)
			return f.left + pad + t[i].Sub(t[0]).Seconds()/span*(f.right-f.left-2*pad)
		}
	}
	return f.left + (float64(i)+0.5)*f.slot
}

func drawAxes(c *canvas, ch *Chart) {
	f := frame{canvas: c, ch: ch, right: width - margin}
	f.top = title(c, ch)
	if len(ch.Series) > 1 {
		f.top = legend(c, ch, f.top)
	} else if len(ch.Series) == 1 && ch.Series[0].Name != "" {
		c.text(c.cut(ch.Series[0].Name, textSize, 300), pt{margin, f.top + 10}, textSize, left, soft)
		f.top += 26
	}
	if f.top <= margin {
		f.top += 8
	}
	marks := f.scale()
	step := marks[1] - marks[0]
	wide := 0.0
	for _, m := range marks {
		wide = max(wide, c.width(tickText(m, step, ch.Lang), textSize))
	}
	f.left = margin + wide + 10
	f.slot = (f.right - f.left) / float64(max(1, len(ch.Labels)))
	l := f.layLabels()
	f.left = max(f.left, l.overhang+8)
	f.slot = (f.right - f.left) / float64(max(1, len(ch.Labels)))
	f.bottom = height - margin - l.height
	if ch.X != "" {
		f.bottom -= 20
		c.text(c.cut(ch.X, textSize, 300), pt{(f.left + f.right) / 2, height - margin + 6}, textSize, middle, soft)
	}
	for _, m := range marks {
		y := f.y(m)
		if m != 0 {
			c.rect(f.left, y-0.5, f.right-f.left, 1, grid)
		}
		c.text(tickText(m, step, ch.Lang), pt{f.left - 8, y + textSize*0.35}, textSize, right, soft)
	}
	l.draw(&f)
	if ch.Kind == Line {
		f.lines()
	} else {
		f.bars()
	}
	base := f.bottom
	if f.lo < 0 && f.hi > 0 {
		base = f.y(0)
	}
	c.rect(f.left, base-0.75, f.right-f.left, 1.5, axis)
}

// scale finds the range of the values and its marks. Bars start at 0; lines leave it out when all
// values are far from it.
func (f *frame) scale() []float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range f.ch.Series {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo > hi {
		lo, hi = 0, 1
	}
	far := f.ch.Kind == Line && hi > lo && (lo > 0 && hi-lo < lo/2 || hi < 0 && hi-lo < -hi/2)
	if !far {
		lo, hi = min(lo, 0), max(hi, 0)
	}
	marks := ticks(lo, hi, 6)
	if len(marks) < 2 {
		marks = []float64{lo, lo + 1}
	}
	f.lo, f.hi = marks[0], marks[len(marks)-1]
	if room := (f.hi - f.lo) * 0.04; f.values() && hi > f.hi-room {
		f.hi += room // for the number above the tallest bar
	}
	return marks
}

// values reports whether there are few enough values to write them all.
func (f *frame) values() bool {
	most := 24
	if f.ch.Kind == Line {
		most = 13
	}
	return len(f.ch.Labels)*len(f.ch.Series) <= most
}

func (f *frame) bars() {
	n := float64(len(f.ch.Series))
	group := min(f.slot*0.76, 90*n)
	if f.slot < 4 {
		group = f.slot
	}
	w := group / n
	gap := 0.0
	if n > 1 && w > 6 {
		gap = min(w*0.1, 3)
	}
	size := f.valueSize(w, group)
	zero := f.y(max(f.lo, min(f.hi, 0)))
	for k, s := range f.ch.Series {
		for i, v := range s.Values {
			if math.IsNaN(v) {
				continue
			}
			x := f.x(i) - group/2 + float64(k)*w
			y := f.y(v)
			f.rect(x+gap/2, min(y, zero), max(w-gap, 0.5), math.Abs(y-zero), colorOf(k))
			if size == 0 {
				continue
			}
			at := pt{x + w/2, y - 5}
			if v < 0 {
				at.y = y + size + 2
			}
			f.text(s.Texts[i], at, size, middle, ink)
		}
	}
}

// valueSize is the size in which the numbers fit on the bars; 0 when they do not.
func (f *frame) valueSize(w, group float64) float64 {
	if !f.values() {
		return 0
	}
	wide := 0.0
	for _, s := range f.ch.Series {
		for _, t := range s.Texts {
			wide = max(wide, f.width(t, 1))
		}
	}
	room := w + 2
	if len(f.ch.Series) == 1 {
		room = f.slot - 4
	}
	size := min(12.5, room/max(wide, 0.01))
	if size < 9 {
		return 0
	}
	return size
}

func (f *frame) lines() {
	for k, s := range f.ch.Series {
		col := colorOf(k)
		var run []pt
		flush := func() {
			if len(run) == 1 {
				f.dot(run[0], 3, col)
			}
			if len(run) > 1 {
				if len(f.ch.Series) == 1 && f.lo <= 0 && f.hi >= 0 {
					f.area(run, col)
				}
				f.line(2.4, col, run...)
			}
			run = nil
		}
		for i, v := range s.Values {
			if math.IsNaN(v) {
				flush()
				continue
			}
			run = append(run, pt{f.x(i), f.y(v)})
		}
		flush()
	}
	f.dots()
}

// area shades what lies under a line.
func (f *frame) area(run []pt, col color.NRGBA) {
	base := f.y(max(f.lo, min(f.hi, 0)))
	col.A = 28
	points := append(append([]pt{}, run...), pt{run[len(run)-1].x, base}, pt{run[0].x, base})
	f.polygon(col, points...)
}

// dots marks the points when they are few, with their values when they are very few.
func (f *frame) dots() {
	if len(f.ch.Labels) > 45 {
		return
	}
	for k, s := range f.ch.Series {
		for i, v := range s.Values {
			if math.IsNaN(v) {
				continue
			}
			p := pt{f.x(i), f.y(v)}
			f.dot(p, 4.2, white)
			f.dot(p, 3.1, colorOf(k))
			if f.values() && (len(f.ch.Series) == 1 || len(f.ch.Labels) <= 4) {
				f.text(s.Texts[i], pt{p.x, p.y + f.beside(s.Values, i)}, 12, middle, ink)
			}
		}
	}
}

// beside is where the number of a point stands clear of the line: below it in a valley, else above.
func (f *frame) beside(vs []float64, i int) float64 {
	higher := func(k int) bool { return k >= 0 && k < len(vs) && vs[k] > vs[i] }
	edge := i == 0 || i == len(vs)-1
	if valley := higher(i-1) && higher(i+1) || edge && (higher(i-1) || higher(i+1)); valley && f.y(vs[i])+20 < f.bottom {
		return 19
	}
	return -9
}
