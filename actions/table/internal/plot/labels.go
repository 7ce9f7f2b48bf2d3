package plot

import "math"

// labels is how the names under the axis are laid: flat, on two lines, or slanted; and which of
// them are left out.
type labels struct {
	lines    [][]string // a label
	show     []bool
	slanted  bool
	height   float64
	overhang float64 // how far the first one reaches to the left of the chart's edge
}

const (
	lineHeight = 17.0
	slant      = -math.Pi / 4
	slantWidth = 130.0
)

func (f *frame) layLabels() labels {
	n := len(f.ch.Labels)
	l := labels{lines: make([][]string, n), show: make([]bool, n)}
	widest := 0.0
	for i, s := range f.ch.Labels {
		l.lines[i], l.show[i] = []string{s}, true
		widest = max(widest, f.width(s, textSize))
	}
	switch {
	case widest <= f.slot-8 && f.ch.Times == nil:
		l.height = lineHeight + 6
	case f.ch.Times != nil || f.ch.Kind == Line && f.ordered():
		l.thin(f)
		l.height = lineHeight + 6
	case n <= 14 && widest <= 2*(f.slot-10):
		for i, s := range f.ch.Labels {
			l.lines[i] = f.halves(s)
		}
		l.height = 2*lineHeight + 6
	default:
		l.slope(f)
	}
	return l
}

// ordered reports whether the labels go on in a way that a reader can fill in: they start with digits.
func (f *frame) ordered() bool {
	for _, s := range f.ch.Labels {
		if s == "" || s[0] < '0' || s[0] > '9' {
			return false
		}
	}
	return true
}

// thin leaves out the labels that would touch the one after. The last one stays.
func (l *labels) thin(f *frame) {
	edge := math.Inf(1)
	for i := len(l.show) - 1; i >= 0; i-- {
		half := f.width(l.lines[i][0], textSize) / 2
		x := max(half+4, min(f.x(i), width-4-half))
		l.show[i] = x+half <= edge-14
		if l.show[i] {
			edge = x - half
		}
	}
}

// halves splits a label into two lines, at a space when there is one near the middle.
func (f *frame) halves(s string) []string {
	if f.width(s, textSize) <= f.slot-8 {
		return []string{s}
	}
	r := []rune(s)
	best, score := (len(r)+1)/2, math.Inf(1)
	for i := 1; i < len(r); i++ {
		w := max(f.width(string(r[:i]), textSize), f.width(string(r[i:]), textSize))
		if r[i] == ' ' || r[i-1] == ' ' || r[i-1] == '-' || r[i] == '(' {
			w -= f.slot * 0.2
		} else if r[i] < 0x80 && r[i-1] < 0x80 {
			w += f.slot * 0.2
		}
		if w < score {
			best, score = i, w
		}
	}
	out := []string{string(r[:best]), string(r[best:])}
	for i := range out {
		out[i] = f.cut(out[i], textSize, f.slot-4)
	}
	return out
}

// slope lays the labels aslant, and leaves out some when they are too dense for that.
func (l *labels) slope(f *frame) {
	l.slanted = true
	every := max(1, int(math.Ceil(17/f.slot)))
	longest := 0.0
	for i := range l.lines {
		l.show[i] = i%every == 0
		l.lines[i] = []string{f.cut(l.lines[i][0], textSize, slantWidth)}
		if !l.show[i] {
			continue
		}
		w := f.width(l.lines[i][0], textSize)
		longest = max(longest, w)
		if i == 0 {
			l.overhang = w*math.Cos(slant) - f.slot/2
		}
	}
	l.height = longest*math.Sin(-slant) + 18
}

func (l *labels) draw(f *frame) {
	for i, lines := range l.lines {
		if !l.show[i] {
			continue
		}
		x := f.x(i)
		if l.slanted {
			f.turned(lines[0], pt{x + 4, f.bottom + 16}, textSize, right, slant, ink)
			continue
		}
		for n, s := range lines {
			half := f.width(s, textSize) / 2
			at := max(half+4, min(x, width-4-half))
			f.text(s, pt{at, f.bottom + 5 + float64(n+1)*lineHeight - 3}, textSize, middle, ink)
		}
	}
}
