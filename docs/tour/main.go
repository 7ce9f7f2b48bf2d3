// Tour draws what a terminal shows as an SVG, for the README: text with colour codes
// on standard input, a picture on standard output. See make, beside it.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
)

const (
	cellW  = 8.4 // of one column, in pixels
	lineH  = 20.0
	margin = 18.0
	bar    = 30.0 // the window's title
)

// A run is text in one style.
type run struct {
	text  string
	style style
}

type style struct {
	color string
	bold  bool
	dim   bool
}

var palette = map[int]string{31: "#e5534b", 32: "#57ab5a", 33: "#c69026", 34: "#539bf5", 35: "#b083f0", 36: "#39c5cf", 37: "#adbac7"}

func main() {
	title := flag.String("title", "daiban", "what stands in the title of the window")
	flag.Parse()
	lines, err := read(os.Stdin)
	if err == nil {
		err = draw(os.Stdout, *title, lines)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// read is the lines, without empty ones at the end.
func read(r io.Reader) ([][]run, error) {
	var lines [][]run
	var st style
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		var line []run
		line, st = split(sc.Text(), st)
		lines = append(lines, line)
	}
	for len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines, sc.Err()
}

// split cuts a line at its colour codes.
func split(s string, st style) ([]run, style) {
	var out []run
	add := func(text string) {
		if text != "" {
			out = append(out, run{text, st})
		}
	}
	for {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			add(strings.TrimRight(s, " "))
			return out, st
		}
		add(s[:i])
		s = s[i+2:]
		end := strings.IndexFunc(s, func(r rune) bool { return r >= '@' && r <= '~' })
		if end < 0 {
			return out, st
		}
		if s[end] == 'm' {
			st = st.apply(s[:end])
		}
		s = s[end+1:]
	}
}

func (st style) apply(codes string) style {
	for code := range strings.SplitSeq(codes, ";") {
		n, _ := strconv.Atoi(code)
		switch {
		case n == 0:
			st = style{}
		case n == 1:
			st.bold = true
		case n == 2:
			st.dim = true
		case n == 22:
			st.bold, st.dim = false, false
		case n == 39:
			st.color = ""
		case palette[n] != "":
			st.color = palette[n]
		}
	}
	return st
}

func draw(w io.Writer, title string, lines [][]run) error {
	columns := 60
	for _, l := range lines {
		n := 0
		for _, r := range l {
			n += runewidth.StringWidth(r.text)
		}
		columns = max(columns, n)
	}
	width := margin*2 + float64(columns)*cellW
	height := bar + margin + float64(len(lines))*lineH + margin/2
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="ui-monospace,'SF Mono',Menlo,Consolas,'Sarasa Mono SC','Noto Sans Mono CJK SC',monospace" font-size="14">`+"\n", width, height, width, height)
	fmt.Fprintf(b, `<rect width="100%%" height="100%%" rx="10" fill="#22272e"/><circle cx="20" cy="16" r="6" fill="#e5534b"/><circle cx="40" cy="16" r="6" fill="#c69026"/><circle cx="60" cy="16" r="6" fill="#57ab5a"/>`+"\n")
	fmt.Fprintf(b, `<text x="50%%" y="20" fill="#768390" text-anchor="middle" font-size="12">%s</text>`+"\n", html.EscapeString(title))
	for i, l := range lines {
		drawLine(b, l, bar+margin+float64(i)*lineH)
	}
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}

// drawLine gives every run its place, so that a font of another width breaks no column.
func drawLine(w io.Writer, line []run, y float64) {
	col := 0
	for _, r := range line {
		n := runewidth.StringWidth(r.text)
		lead := len(r.text) - len(strings.TrimLeft(r.text, " "))
		text := strings.TrimSpace(r.text)
		if text != "" {
			fmt.Fprintf(w, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve"%s>%s</text>`+"\n",
				margin+float64(col+lead)*cellW, y, float64(runewidth.StringWidth(text))*cellW, r.style.attributes(), html.EscapeString(text))
		}
		col += n
	}
}

func (st style) attributes() string {
	color := st.color
	if color == "" {
		color = "#adbac7"
	}
	out := ` fill="` + color + `"`
	if st.bold {
		out += ` font-weight="bold"`
	}
	if st.dim {
		out += ` opacity="0.6"`
	}
	return out
}
