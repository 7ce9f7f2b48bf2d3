package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/*.html")

// example is a run of which everything is known.
func example() *Run {
	r := &Run{
		Title: "tinyshakespeare <4 × 128>", Lang: "zh", When: "2026-11-24 13:00",
		Notes:    []string{"第 1500 步后学习率下降"},
		Settings: []KV{{"model", "4 layers, 4 heads, 128 wide"}, {"optimizer", "AdamW, β 0.9 0.99, decay 0.1"}, {"batch", "12 × 64 tokens"}, {"rate", "1e-3 → 1e-4, cosine, warm-up 100"}, {"seed", "1337"}},
		Data:     []KV{{"texts", "1"}, {"tokens", "1,115,394"}, {"longest", "1,115,394"}, {"duplicates", "0"}, {"overlap with evaluation", "0.0 %"}},
		Samples: []Sample{{0, "ROMEO:", "\nxq?VtZ&fooE-kwT"}, {500, "ROMEO:", "\nThe so the me thand the sere"},
			{2000, "ROMEO:", "\nWhat, shall I speak? <b>& \"so\"</b>\nThat I have done the world.\n"}},
		Trials: []Trial{
			{Name: "1", Settings: []KV{{"rate", "3e-4"}, {"batch", "8"}}, Tokens: 120000, Loss: 2.1, EvalLoss: 2.2, Score: 0.41, Status: "stopped"},
			{Name: "2", Settings: []KV{{"rate", "1e-3"}, {"batch", "8"}, {"rank", "16"}}, Tokens: 480000, Loss: 1.7, EvalLoss: 1.86, Score: 0.62, Status: "done", Best: true},
			{Name: "3", Settings: []KV{{"rate", "1e-2"}, {"batch", "8"}}, Tokens: 30000, Loss: math.NaN(), Status: "diverged"},
		},
	}
	x := uint32(7)
	noise := func() float64 { x = x*1664525 + 1013904223; return float64(x)/(1<<32) - 0.5 }
	for s := 0; s <= 2000; s += 5 {
		t := float64(s) / 2000
		p := Point{Step: s, Tokens: int64(s) * 768, Loss: 1.75 + 2.4*math.Exp(-8*t) + 0.15*noise(), LR: 1e-3 * (0.55 + 0.45*math.Cos(math.Pi*t)),
			TokensPerSecond: 21000 + 1500*noise(), GradNorm: 0.6 + 2*math.Exp(-20*t) + 0.2*noise(), Seconds: float64(s) * 0.036}
		if s < 100 {
			p.LR = 1e-3 * float64(s+1) / 101
		}
		if s == 1000 {
			p.GradNorm = 90
		}
		if s%250 == 0 {
			p.EvalLoss = 1.88 + 2.3*math.Exp(-7*t) + math.Max(0, t-0.8)*0.3
		}
		r.Points = append(r.Points, p)
	}
	return r
}

func render(t *testing.T, r *Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	got := render(t, example())
	if !strings.Contains(got, "<h1>tinyshakespeare &lt;4 × 128&gt;</h1>") {
		t.Error("the title is not there")
	}
	const name = "testdata/report.html"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the report has changed: look at it, and run go test -update")
	}
}

// TestSelfContained holds that the page fetches nothing and that its text is escaped.
func TestSelfContained(t *testing.T) {
	got := render(t, example())
	for _, bad := range []string{"http:", "https:", "<script", "src=", "url(", "@import", "<b>&", "NaN", "Inf"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(got, -1) {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in %.200s", err, svg)
			}
		}
	}
	if n := strings.Count(got, `<span lang="zh">`); n < 10 || n != strings.Count(got, `<span lang="en">`) {
		t.Errorf("%d texts in Chinese, %d in English", n, strings.Count(got, `<span lang="en">`))
	}
}

// TestPartial holds that a run of which little is known, or nothing that can be drawn, is shown too.
func TestPartial(t *testing.T) {
	inf := math.Inf(1)
	for name, r := range map[string]*Run{
		"empty":    {},
		"one":      {Points: []Point{{Step: 1, Loss: 2}}},
		"same":     {Points: []Point{{Step: 1, Loss: 2}, {Step: 2, Loss: 2}, {Step: 3, Loss: 2}}},
		"infinite": {Points: []Point{{Step: 1, Loss: inf, EvalLoss: math.NaN(), GradNorm: inf}, {Step: 2, Loss: 1e300, GradNorm: 1e-300}}},
		"negative": {Points: []Point{{Step: -5, Loss: -1}, {Step: 2, Loss: -2}}},
		"trials":   {Trials: []Trial{{Name: "a"}}},
		"large":    {Points: []Point{{Step: 1, Tokens: 1 << 62, Loss: math.MaxFloat64, Seconds: 1e300}, {Step: 2, Tokens: 1<<62 + 1, Loss: -math.MaxFloat64}}},
	} {
		got := render(t, r)
		if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") || !strings.HasSuffix(got, "</html>\n") {
			t.Errorf("%s: %s", name, got[strings.Index(got, "<body>"):])
		}
	}
	if got := render(t, &Run{}); !strings.Contains(got, "Nothing to show yet") {
		t.Error("an empty run says nothing")
	}
}

// TestJSON holds that a run is read as it was written: a trainer may keep it beside its checkpoints.
func TestJSON(t *testing.T) {
	r := example()
	r.Trials[2].Loss = 0
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again Run
	if err := json.Unmarshal(b, &again); err != nil || render(t, r) != render(t, &again) {
		t.Errorf("another run came back: %v", err)
	}
}

func TestThinned(t *testing.T) {
	var p []xy
	for i := range 100000 {
		p = append(p, xy{float64(i), 1})
	}
	p[77777].y, p[33333].y = 9, -9
	got := thinned(p, 300)
	if len(got) > 602 || !slices.Contains(got, p[77777]) || !slices.Contains(got, p[33333]) || got[0] != p[0] || got[len(got)-1] != p[99999] {
		t.Errorf("%d points are left", len(got))
	}
	if !slices.IsSortedFunc(got, func(a, b xy) int { return int(a.x - b.x) }) {
		t.Error("the points are out of order")
	}
}

func TestNumbers(t *testing.T) {
	for x, want := range map[float64]string{0: "", 1.23456: "1.235", 1234.5: "1,235", 12345678: "1.23e+7", 0.0001: "1.00e-4", -1500: "-1,500", math.NaN(): ""} {
		if got := num(x); got != want {
			t.Errorf("%g is %q, want %q", x, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -123: "-123", -1234: "-1,234"} {
		if got := count(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	if got := clock(3725.4); got != "1:02:05" {
		t.Error(got)
	}
	a := axis{lo: 1.62, hi: 4.3}
	if got := a.ticks(4); !slices.Equal(got, []float64{1, 2, 3, 4, 5}) {
		t.Errorf("ticks %v", got)
	}
	a = axis{lo: 0.02, hi: 90, log: true}
	if got := a.ticks(4); len(got) < 3 || a.lo != 0.01 || a.hi != 100 {
		t.Errorf("ticks %v of %v", got, a)
	}
}
