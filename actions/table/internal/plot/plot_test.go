package plot

import (
	"bytes"
	"encoding/xml"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"
)

// The embedded font has what offices write: common characters, both scripts, rare names.
func TestFont(t *testing.T) {
	s := newTypesetter()
	missing := s.glyph('\uE000').segs // not in the font
	for _, r := range "销售额（万元）：￥1,234.56 €£$ 第①季度 Ω≥5℃ Übergröße naïve Москва カタカナ 臺灣請款單 喆堃玥珺昇 ÷×±→•…—“”" {
		g := s.glyph(r)
		if r != ' ' && (len(g.segs) == 0 || slices.Equal(g.segs, missing)) {
			t.Errorf("no glyph for %c", r)
		}
		if g.advance <= 0 {
			t.Errorf("%c has no width", r)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   []float64
	}{
		{0, 5, []float64{0, 1, 2, 3, 4, 5}},
		{0, 1234567, []float64{0, 250000, 500000, 750000, 1000000, 1250000}},
		{-1200, 1500, []float64{-1500, -1000, -500, 0, 500, 1000, 1500}},
		{101.5, 105, []float64{101, 102, 103, 104, 105}},
		{0, 0.03, []float64{0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03}},
	} {
		got := ticks(c.lo, c.hi, 6)
		same := len(got) == len(c.want)
		for i := 0; same && i < len(got); i++ {
			same = math.Abs(got[i]-c.want[i]) < 1e-9
		}
		if !same {
			t.Errorf("ticks(%g, %g) = %v, want %v", c.lo, c.hi, got, c.want)
		}
	}
}

func TestTickText(t *testing.T) {
	for _, c := range []struct {
		x, step float64
		lang    string
		want    string
	}{
		{1500000, 500000, "zh", "1,500,000"}, {0.15, 0.05, "en", "0.15"}, {1e-17, 0.05, "en", "0"}, {-2.5, 2.5, "en", "-2.5"},
		{3e9, 1e9, "zh", "30亿"}, {2.5e9, 5e8, "en", "2.5B"}, {5000, 1000, "en", "5,000"},
	} {
		if got := tickText(c.x, c.step, c.lang); got != c.want {
			t.Errorf("tickText(%g, %g, %s) = %s, want %s", c.x, c.step, c.lang, got, c.want)
		}
	}
}

func series(name string, vs ...float64) Series {
	s := Series{Name: name, Values: vs}
	for _, v := range vs {
		s.Texts = append(s.Texts, short(v))
	}
	return s
}

// Small slices are put together, and nothing is lost by it.
func TestSlices(t *testing.T) {
	ch := &Chart{Kind: Pie, Lang: "zh", Series: []Series{series("v", 1, 500, 2, 300, 3, 190, 0, 4)}}
	for i := range ch.Series[0].Values {
		ch.Labels = append(ch.Labels, string(rune('a'+i)))
	}
	parts, total := ch.slices()
	var names []string
	sum := 0.0
	for _, p := range parts {
		names = append(names, p.name)
		sum += p.value
	}
	if got, want := strings.Join(names, " "), "b d f 其他（4 项）"; got != want || sum != total || total != 1000 {
		t.Errorf("slices %s of %g, want %s of 1000", got, sum, want)
	}
}

// No text of a chart leaves the picture, however many and long the labels are.
func TestInside(t *testing.T) {
	long := "上海墨白文具有限公司浦东新区第二分公司"
	for _, n := range []int{1, 2, 7, 13, 30, 120, 900} {
		for _, kind := range []string{Bar, Line, Pie} {
			ch := &Chart{Kind: kind, Title: strings.Repeat(long, 4), X: long, Lang: "zh"}
			var vs []float64
			for i := range n {
				ch.Labels = append(ch.Labels, long)
				vs = append(vs, float64(i*7919%5000)*1e6+1)
			}
			ch.Series = []Series{series(long, vs...)}
			if kind != Pie {
				ch.Series = append(ch.Series, series("b", vs...), series("c", slices.Repeat([]float64{-5}, n)...))
			}
			c := newCanvas(width, height)
			if kind == Pie {
				drawPie(c, ch)
			} else {
				drawAxes(c, ch)
			}
			for _, s := range c.shapes {
				for _, sg := range s.segs {
					for _, p := range sg.points() {
						if p.x < -1 || p.y < -1 || p.x > width+1 || p.y > height+1 || math.IsNaN(p.x+p.y) {
							t.Fatalf("%s of %d: a point at %v", kind, n, p)
						}
					}
				}
			}
		}
	}
}

// A bar of the picture has its colour and height.
func TestBarPixels(t *testing.T) {
	ch := &Chart{Kind: Bar, Lang: "en", Labels: []string{"a", "b"}, Series: []Series{series("v", 100, 50)}}
	c := newCanvas(width, height)
	drawAxes(c, ch)
	img := c.image(1)
	count := func(x int) (n int) {
		for y := range int(height) {
			if img.RGBAAt(x, y) == color.RGBAModel.Convert(colors[0]) {
				n++
			}
		}
		return n
	}
	a, b := count(270), count(720)
	if a < 300 || math.Abs(float64(a)/2-float64(b)) > 3 {
		t.Errorf("the bars are %d and %d high", a, b)
	}
}

func TestSVG(t *testing.T) {
	var b, again bytes.Buffer
	ch := &Chart{Kind: Line, Title: "题 <&>", Lang: "zh", Labels: []string{"1月", "2月"}, Series: []Series{series("额", 1, 2)}}
	if err := Write(&b, ch, ".svg"); err != nil {
		t.Fatal(err)
	}
	Write(&again, ch, ".svg")
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("the same chart gives other bytes")
	}
	if err := xml.Unmarshal(b.Bytes(), new(struct{})); err != nil || !strings.Contains(b.String(), "<path") {
		t.Errorf("not an SVG: %v", err)
	}
}
