package chat

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"daiban/action"
)

// partsMax bounds how many messages one step posts: most robots take 20 a minute.
const partsMax = 10

// split cuts s into pieces of at most n bytes each, at the end of a paragraph, line or sentence where there is one.
func split(s string, n int) []string {
	var out []string
	for len(s) > n {
		at := breakAt(s, n)
		out = append(out, strings.TrimRight(s[:at], " \n"))
		s = strings.TrimLeft(s[at:], " \n")
	}
	if s != "" || len(out) == 0 {
		out = append(out, s)
	}
	return out
}

// breakAt is where to cut s, within its first n bytes and in their second half where that can be.
func breakAt(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	for _, end := range []string{"\n\n", "\n", "。", "！", "？", ". ", "；", "，", " "} {
		if i := strings.LastIndex(s[:n], end); i >= n/2 {
			return i + len(end)
		}
	}
	if i := strings.LastIndexByte(s[:n], '&'); i > n-6 && i > 0 && !strings.Contains(s[i:n], ";") {
		return i // not inside &amp;
	}
	return n
}

// number puts (1/3) before each of several texts.
func number(texts []string) []string {
	if len(texts) < 2 {
		return texts
	}
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = fmt.Sprintf("(%d/%d)\n%s", i+1, len(texts), s)
	}
	return out
}

// numberMax is what number adds at most, in bytes.
const numberMax = len("(10/10)\n")

func tooLong(r *robot, n int) error {
	return action.Limit("内容要分 %d 段才能发到%v，最多 %d 段；存成文件或发一部分", "it would take %d parts to %v, %d are the most; save it as a file, or send a part of it", n, r.name, partsMax)
}

// widths measures texts as chats with a fixed font show them: Chinese is two wide.
var widths = &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

// lines is g as aligned text, the head first.
func (g *grid) lines() []string {
	wide := make([]int, len(g.head))
	all := append([][]string{g.head}, g.rows...)
	for _, row := range all {
		for i, s := range row {
			wide[i] = max(wide[i], widths.StringWidth(s))
		}
	}
	out := make([]string, len(all))
	for n, row := range all {
		var b strings.Builder
		for i, s := range row {
			pad := strings.Repeat(" ", wide[i]-widths.StringWidth(s))
			if i > 0 {
				b.WriteString("  ")
			}
			if g.right[i] {
				b.WriteString(pad + s)
			} else {
				b.WriteString(s + pad)
			}
		}
		out[n] = strings.TrimRight(b.String(), " ")
	}
	return out
}

// chunks is g cut into grids that fit accepts, each with the head; nil when a row alone does not fit.
func (g *grid) chunks(fit func(*grid) bool) []*grid {
	var out []*grid
	for rows := g.rows; ; {
		n := len(rows)
		for n > 0 && !fit(&grid{g.head, rows[:n], g.right}) {
			n = n * 3 / 4
		}
		if n == 0 && len(rows) > 0 {
			return nil
		}
		out = append(out, &grid{g.head, rows[:n], g.right})
		if rows = rows[n:]; len(rows) == 0 {
			return out
		}
	}
}
