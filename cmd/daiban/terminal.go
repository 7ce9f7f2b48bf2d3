package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"daiban/report"
	"daiban/run"
)

// terminal asks the person who sits there.
type terminal struct {
	in   *bufio.Reader
	out  io.Writer
	lang string
}

// person is who sits at the terminal.
func (a *app) person(lang string) *terminal {
	if a.typed == nil {
		a.typed = bufio.NewReader(a.in)
	}
	return &terminal{in: a.typed, out: a.err, lang: lang}
}

// held asks while the display of progress stands aside.
type held struct {
	*terminal
	w report.Progress
}

// Ask puts q.
func (h held) Ask(q run.Question) (answer string, ok bool) {
	h.w.Hold(func() { answer, ok = h.terminal.Ask(q) })
	return answer, ok
}

// Ask puts q; ok is false when the input has ended.
func (t *terminal) Ask(q run.Question) (answer string, ok bool) {
	fmt.Fprintf(t.out, "\n%s\n", q.Text)
	if q.Approval {
		if q.By != "" {
			fmt.Fprintf(t.out, "%s %s\n", say(t.lang, "由谁决定：", "to be decided by:"), q.By)
		}
		if !q.Show.IsNull() {
			fmt.Fprintf(t.out, "%s\n", q.Show)
		}
		yes, ok := t.yes()
		if !yes {
			return "no", ok
		}
		return "yes", ok
	}
	for i, c := range q.Choices {
		fmt.Fprintf(t.out, "  %d. %s\n", i+1, c)
	}
	for range 5 {
		fmt.Fprint(t.out, "> ")
		line, err := t.in.ReadString('\n')
		line = strings.TrimSpace(line)
		if line == "" && err != nil {
			return "", false
		}
		if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(q.Choices) && !slices.Contains(q.Choices, line) {
			return q.Choices[n-1], true
		}
		if line != "" {
			return line, true
		}
	}
	return "", false
}

// confirm asks once before a flow that sends something.
func (t *terminal) confirm() bool {
	fmt.Fprintf(t.out, "\n%s ", say(t.lang, "有内容要发出去，收不回来。照此办理吗？[y/N]", "Something will be sent, which cannot be taken back. Go on? [y/N]"))
	yes, _ := t.answerYes()
	return yes
}

func (t *terminal) yes() (yes, ok bool) {
	fmt.Fprintf(t.out, "%s ", say(t.lang, "批准吗？[y/N]", "Approve? [y/N]"))
	return t.answerYes()
}

func (t *terminal) answerYes() (yes, ok bool) {
	line, err := t.in.ReadString('\n')
	line = strings.ToLower(strings.TrimSpace(line))
	return slices.Contains([]string{"y", "yes", "是", "好", "同意", "批准"}, line), err == nil || line != ""
}
