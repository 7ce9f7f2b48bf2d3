package report

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"daiban/flow"
)

// TestLines plays the events of a case, one a line:
//
//	began PLACE [ATTEMPT] · progress PLACE DONE TOTAL · ended PLACE [VALUE…] · failed PLACE WORDS… · items PLACE N STEPS…
func TestLines(t *testing.T) {
	paths, _ := filepath.Glob("testdata/progress/*.txtar")
	if len(paths) == 0 {
		t.Fatal("no cases")
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, lang := range []string{"zh", "en"} {
				var b bytes.Buffer
				play(t, NewLines(&b, Style{Lang: lang}, nil), a)
				if *update {
					setPart(a, lang, b.String())
				} else if want := part(a, lang); b.String() != want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", lang, b.String(), want)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func play(t *testing.T, p Progress, a *txtar.Archive) {
	t.Helper()
	f, err := flow.Parse(part(a, "flow"))
	if err != nil {
		t.Fatal(err)
	}
	step := func(place string) *flow.Step {
		s := f.Step(placeID(place))
		if s == nil {
			t.Fatalf("no step at %s", place)
		}
		return s
	}
	for line := range strings.Lines(part(a, "events")) {
		w := strings.Fields(line)
		place := w[1]
		switch w[0] {
		case "began":
			attempt := 1
			if len(w) > 2 {
				attempt, _ = strconv.Atoi(w[2])
			}
			p.Began(place, step(place), attempt)
		case "progress":
			done, _ := strconv.Atoi(w[2])
			total, _ := strconv.Atoi(w[3])
			p.Progress(place, done, total)
		case "ended":
			v := flow.Null()
			if len(w) > 2 {
				v = flow.Paths(w[2:]...)
			}
			p.Ended(place, step(place), v, nil)
		case "failed":
			p.Ended(place, step(place), flow.Null(), errors.New(strings.Join(w[2:], " ")))
		case "items":
			n, _ := strconv.Atoi(w[2])
			for i := range n {
				at := place + "[" + strconv.Itoa(i) + "]." + w[3]
				p.Began(at, step(at), 1)
				p.Ended(at, step(at), flow.Null(), nil)
			}
		}
	}
	p.Close()
}

// TestLive holds that the display on a terminal leaves the finished steps, whatever runs at once.
func TestLive(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "screen")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	prog, err := flow.Parse("files = file.list(\"a\")\nfor x in each(files, parallel=4):\n    file.read(x)\ncount(files)\n")
	if err != nil {
		t.Fatal(err)
	}
	l := newLive(f, Style{Lang: "en", Width: 60}, map[string]string{"1": "List the folder", "2": "For each file", "2.1": "Read it"})
	l.Began("1", prog.Steps[0], 1)
	l.Progress("1", 3, 10)
	l.Ended("1", prog.Steps[0], flow.Paths("a", "b"), nil)
	l.Began("2", prog.Steps[1], 1)
	l.Ended("2", prog.Steps[1], flow.Null(), nil)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			at := "2[" + strconv.Itoa(i) + "].1"
			l.Began(at, prog.Steps[1].Body[0], 1)
			if i == 7 {
				l.Ended(at, prog.Steps[1].Body[0], flow.Null(), errors.New("not a text"))
				return
			}
			l.Ended(at, prog.Steps[1].Body[0], flow.Text("x"), nil)
		})
	}
	wg.Wait()
	l.Hold(func() { f.WriteString("a question\n") })
	l.Began("3", prog.Steps[2], 1)
	l.Ended("3", prog.Steps[2], flow.NumInt(2), nil)
	l.Close()
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"✓ 1  List the folder  2 files\n", "✗ 2.1  Read it  item 8\n", "      not a text\n", "a question\n", "✓ 2  For each file  20 items, 1 failed\n", "  2\n"} {
		if !strings.Contains(plain(string(b)), want) {
			t.Errorf("the screen lacks %q:\n%s", want, b)
		}
	}
}
