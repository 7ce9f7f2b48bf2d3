package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
)

// chart is a picture with its name, as the page shows it.
type chart struct {
	Name, Unit string // words
	Across     string // word
	Legend     bool
	SVG        template.HTML
}

// xy is a point of a curve.
type xy struct{ x, y float64 }

// curve is a line of a chart.
type curve struct {
	class  string // of its style
	points []xy
	dots   bool
}

// charts are those for which there is something to show.
func (r *Run) charts() (out []chart) {
	across := "xsteps"
	at := func(p Point) float64 { return float64(p.Step) }
	if n := len(r.Points); n > 0 && r.Points[n-1].Tokens > 0 {
		across, at = "xtokens", func(p Point) float64 { return float64(p.Tokens) }
	}
	line := func(class string, f func(Point) float64) curve {
		c := curve{class: class}
		for _, p := range r.Points {
			if y := f(p); measured(y) {
				c.points = append(c.points, xy{at(p), y})
			}
		}
		return c
	}
	train, eval := line("train", func(p Point) float64 { return p.Loss }), line("eval", func(p Point) float64 { return p.EvalLoss })
	smooth := curve{class: "smooth", points: smoothed(train.points)}
	eval.dots = true
	add := func(name, unit string, s scale, curves ...curve) {
		for _, c := range curves {
			if len(c.points) > 0 {
				out = append(out, chart{Name: name, Unit: unit, Across: across, Legend: name == "loss", SVG: draw(s, curves)})
				return
			}
		}
	}
	add("loss", "lossunit", scale{}, train, smooth, eval)
	add("rate", "", scale{zero: true}, line("smooth", func(p Point) float64 { return p.LR }))
	speed := line("train", func(p Point) float64 { return p.TokensPerSecond })
	add("speed", "tps", scale{zero: true}, speed, curve{class: "smooth", points: smoothed(speed.points)})
	norm := line("smooth", func(p Point) float64 { return p.GradNorm })
	if wide(norm.points) {
		add("norm", "lognorm", scale{log: true}, norm)
	} else {
		add("norm", "", scale{zero: true}, norm)
	}
	return out
}

// scale is how the values of a chart go up: from zero, or by powers of ten.
type scale struct{ zero, log bool }

// wide reports whether the largest value is more than fifty times the middle one: a line in proportion
// would hide all but the largest.
func wide(p []xy) bool {
	if len(p) == 0 {
		return false
	}
	var y []float64
	for _, v := range p {
		if v.y <= 0 {
			return false
		}
		y = append(y, v.y)
	}
	slices.Sort(y)
	return y[len(y)-1] > 50*y[len(y)/2]
}

// smoothed is the exponential mean of a curve, over about a hundredth of its points.
func smoothed(p []xy) []xy {
	if len(p) < 20 {
		return nil
	}
	keep := 1 - 1/math.Max(3, float64(len(p))/100)
	out := make([]xy, len(p))
	sum, weight := 0.0, 0.0
	for i, v := range p {
		sum, weight = keep*sum+v.y, keep*weight+1
		out[i] = xy{v.x, sum / weight}
	}
	return out
}

// thinned leaves the lowest and the highest point of each of n parts of a curve.
func thinned(p []xy, n int) []xy {
	if len(p) <= 2*n {
		return p
	}
	out := []xy{p[0]}
	for i := range n {
		part := p[i*len(p)/n : (i+1)*len(p)/n]
		lo, hi := 0, 0
		for k, v := range part {
			if v.y < part[lo].y {
				lo = k
			}
			if v.y > part[hi].y {
				hi = k
			}
		}
		out = append(out, part[min(lo, hi)], part[max(lo, hi)])
	}
	return append(out, p[len(p)-1])
}

// The size of a chart: that of a phone, where it is shown as it is; elsewhere it grows.
const (
	width, height = 360, 210
	left, right   = 46, 12
	top, bottom   = 10, 24
)

// axis maps values to places of the picture.
type axis struct {
	lo, hi   float64
	from, to float64
	log      bool
}

func (a axis) at(v float64) float64 {
	lo, hi := a.lo, a.hi
	if a.log {
		v, lo, hi = math.Log10(v), math.Log10(lo), math.Log10(hi)
	}
	return a.from + (a.to-a.from)*math.Min(1, math.Max(0, (v-lo)/(hi-lo)))
}

// draw makes the picture. The curves have positive values where the scale is of powers of ten.
func draw(s scale, curves []curve) template.HTML {
	x, y := axis{from: left, to: width - right}, axis{from: height - bottom, to: top, log: s.log}
	x.lo, x.hi = math.Inf(1), math.Inf(-1)
	y.lo, y.hi = x.lo, x.hi
	for _, c := range curves {
		for _, p := range c.points {
			x.lo, x.hi = math.Min(x.lo, p.x), math.Max(x.hi, p.x)
			y.lo, y.hi = math.Min(y.lo, p.y), math.Max(y.hi, p.y)
		}
	}
	x.lo = math.Min(x.lo, 0)
	if s.zero {
		y.lo = math.Min(y.lo, 0)
	}
	if x.hi <= x.lo {
		x.hi = x.lo + 1
	}
	ys := y.ticks(4)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img">`, width, height)
	for _, v := range ys {
		at := y.at(v)
		fmt.Fprintf(&b, `<path class="grid" d="M%d %.1fH%d"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`, left, at, width-right, left-6, at+3.5, short(v))
	}
	for _, v := range (&axis{lo: x.lo, hi: x.hi}).ticks(4) {
		if v <= x.hi {
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, math.Min(x.at(v), width-right-8), height-8, short(v))
		}
	}
	for _, c := range curves {
		c.draw(&b, x, y)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func (c curve) draw(b *strings.Builder, x, y axis) {
	if len(c.points) == 0 {
		return
	}
	fmt.Fprintf(b, `<path class="%s" d="`, c.class)
	for i, p := range thinned(c.points, width) {
		fmt.Fprintf(b, "%c%.1f %.1f", "ML"[min(i, 1)], x.at(p.x), y.at(p.y))
	}
	b.WriteString(`"/>`)
	if !c.dots && len(c.points) > 1 {
		return
	}
	lowest := c.points[0]
	for _, p := range c.points {
		if p.y < lowest.y {
			lowest = p
		}
	}
	for _, p := range c.points {
		r := 2.0
		if p == lowest {
			r = 3.6
		}
		if len(c.points) > 60 && p != lowest {
			continue
		}
		fmt.Fprintf(b, `<circle class="%s" cx="%.1f" cy="%.1f" r="%g"><title>%s: %s</title></circle>`, c.class, x.at(p.x), y.at(p.y), r, short(p.x), num(p.y))
	}
}

// ticks are about n round values from below the lowest value to above the highest, to which the axis grows.
func (a *axis) ticks(n int) (out []float64) {
	if a.log {
		lo, hi := math.Floor(math.Log10(a.lo)), math.Ceil(math.Log10(a.hi))
		hi = math.Max(hi, lo+1)
		a.lo, a.hi = math.Pow(10, lo), math.Pow(10, hi)
		for e := lo; e <= hi; e += math.Ceil((hi - lo) / float64(n)) {
			out = append(out, math.Pow(10, e))
		}
		return out
	}
	if a.hi <= a.lo {
		pad := math.Max(math.Abs(a.lo)/10, 1e-9)
		a.lo, a.hi = a.lo-pad, a.hi+pad
	}
	step := round((a.hi - a.lo) / float64(n))
	first, last := math.Floor(a.lo/step+1e-9), math.Ceil(a.hi/step-1e-9)
	a.lo, a.hi = first*step, last*step
	for i := first; i <= last; i++ {
		out = append(out, i*step)
	}
	return out
}

// round is the next larger of 1, 2, 2.5 and 5 times a power of ten.
func round(x float64) float64 {
	e := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if x <= f*e*(1+1e-9) {
			return f * e
		}
	}
	return 10 * e
}

// short is a number for an axis.
func short(v float64) string {
	for _, u := range []struct {
		of   float64
		sign string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= u.of {
			return strconv.FormatFloat(v/u.of, 'g', 4, 64) + u.sign
		}
	}
	if v != 0 && math.Abs(v) < 0.01 {
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64) // a sum of steps is not round
		return strings.NewReplacer("e-0", "e-").Replace(strconv.FormatFloat(v, 'e', -1, 64))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
