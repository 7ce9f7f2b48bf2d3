package report

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// A Style is how text is written.
type Style struct {
	Lang  string // zh or en
	Width int    // columns of the terminal; 0 for none: nothing is cut
	Color bool
	Home  string // the program's folder, when not the default: hints then name it
}

// StyleOf is the style for f: colours and a width only on a terminal. NO_COLOR and
// TERM=dumb turn colours off.
func StyleOf(f *os.File, lang string) Style {
	s := Style{Lang: lang}
	if !term.IsTerminal(int(f.Fd())) {
		return s
	}
	if w, _, err := term.GetSize(int(f.Fd())); err == nil {
		s.Width = max(w, 40)
	}
	s.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return s
}

// Terminal reports whether f is a terminal that can draw progress.
func Terminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// widths measures text as terminals show it: Chinese characters are two columns.
var widths = &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

func width(s string) int { return widths.StringWidth(s) }

// fit cuts s to w columns; w 0 or less cuts nothing.
func fit(s string, w int) string {
	if w <= 0 || width(s) <= w {
		return s
	}
	return widths.Truncate(s, w, "…")
}

func padRight(s string, w int) string { return s + strings.Repeat(" ", max(0, w-width(s))) }
func padLeft(s string, w int) string  { return strings.Repeat(" ", max(0, w-width(s))) + s }

// The colours, as the terminal's palette has them.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// A printer writes in one style. The first error of the writer stays.
type printer struct {
	Style
	w     io.Writer
	err   error
	blank bool // the last line was empty
	wrote bool // anything at all
}

// t is the text of the language; zh and en are formats for the same args.
func (s Style) t(zh, en string, args ...any) string {
	format := en
	if s.Lang == "zh" {
		format = zh
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

func (s Style) paint(color, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (p *printer) line(parts ...string) {
	text := strings.TrimRight(strings.Join(parts, ""), " ")
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text+"\n")
	}
	p.blank, p.wrote = text == "", true
}

// gap writes an empty line, never two.
func (p *printer) gap() {
	if !p.blank {
		p.line()
	}
}

// para writes text after lead, broken at the width and indented below it. Text that comes
// from the world cannot steer the terminal.
func (p *printer) para(lead, color, text string) {
	indent := strings.Repeat(" ", width(plain(lead)))
	for i, l := range wrap(clean(text), p.Width-len(indent)) {
		if i == 0 {
			p.line(lead, p.paint(color, l))
		} else {
			p.line(indent, p.paint(color, l))
		}
	}
}

// plain is s without colours.
func plain(s string) string {
	for {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			return s
		}
		j := strings.IndexByte(s[i:], 'm')
		if j < 0 {
			return s[:i]
		}
		s = s[:i] + s[i+j+1:]
	}
}

// clean shows control characters, so that content cannot steer the terminal; lines stay.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return '�'
		}
		return r
	}, s)
}

// oneLine is clean text on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// wrap breaks text at spaces and between Chinese characters; w under 20 breaks nothing.
func wrap(text string, w int) []string {
	var out []string
	for l := range strings.SplitSeq(text, "\n") {
		for w >= 20 && width(l) > w {
			cut := breakAt(l, w)
			out = append(out, strings.TrimRight(l[:cut], " "))
			l = strings.TrimLeft(l[cut:], " ")
		}
		out = append(out, l)
	}
	return out
}

// closing cannot begin a line.
const closing = "，。、；：？！）》”’…,.;:?!)]}"

// breakAt is the last good place to break l within w columns.
func breakAt(l string, w int) int {
	at, last, col := 0, 0, 0
	var prev rune
	for i, r := range l {
		if i > 0 && (prev == ' ' || (prev >= 0x2e80 || r >= 0x2e80) && !strings.ContainsRune(closing, r)) {
			last = i
		}
		if col += widths.RuneWidth(r); col > w {
			at = i
			break
		}
		prev = r
	}
	if last > 0 {
		return last
	}
	return max(at, 1)
}

// count is n things in words.
func (s Style) count(n int, zh, one, many string) string {
	switch {
	case s.Lang == "zh":
		return fmt.Sprintf("%d %s", n, zh)
	case n == 1:
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, many)
}

// bytes is a size as file managers show it.
func (s Style) bytes(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	x, i := float64(n), 0
	for x >= 1000 && i < len(units)-1 {
		x, i = x/1000, i+1
	}
	if i == 0 || x >= 100 {
		return fmt.Sprintf("%.0f %s", x, units[i])
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}
