package report

import (
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"daiban/flow"
)

// Progress follows a run and shows how far it is. Its methods are those of a watcher of
// runs: a place is a step's id, inside a loop with the item: 3[5].1. All may be called
// at once.
type Progress interface {
	// Began says that an attempt (from 1) at a step begins.
	Began(place string, s *flow.Step, attempt int)
	// Progress says how far a step is; total 0 when unknown. For a loop, it counts items.
	Progress(place string, done, total int)
	// Ended says what the step gave, or why it failed. A loop has ended when its items are known.
	Ended(place string, s *flow.Step, value flow.Value, err error)
	// Hold clears the screen of progress while f talks to a person.
	Hold(f func())
	// Close ends the display; nothing may follow.
	Close()
}

// NewProgress shows progress on f: live on a terminal, else as lines. says is flow.SaySteps.
func NewProgress(f *os.File, s Style, says map[string]string) Progress {
	if Terminal(f) {
		return newLive(f, s, says)
	}
	return NewLines(f, s, says)
}

// NewLines shows progress as plain lines: one when a step ends, and some on the way.
func NewLines(w io.Writer, s Style, says map[string]string) Progress {
	return &lines{tracker: newTracker(s, says), p: &printer{Style: s, w: w}}
}

// A tracker knows what runs, for either display.
type tracker struct {
	Style
	says  map[string]string
	loops map[string]*loopState // by place
	order []string              // open loops, outer before inner
}

type loopState struct {
	step        *flow.Step
	done, total int
	seen        map[int]bool // items begun
	failed      map[int]bool
	told        int // lines: the last mark that was written
}

func newTracker(s Style, says map[string]string) tracker {
	return tracker{Style: s, says: says, loops: map[string]*loopState{}}
}

func (t *tracker) say(s *flow.Step) string {
	if text := t.says[s.ID]; text != "" {
		return oneLine(text)
	}
	if s.Call != nil {
		return s.Call.Name
	}
	return s.Var
}

// loopOf is the innermost loop around place and the item; ok is false outside loops.
func loopOf(place string) (loop string, item int, ok bool) {
	i := strings.LastIndexByte(place, '[')
	j := strings.LastIndexByte(place, ']')
	if i < 0 || j < i {
		return "", 0, false
	}
	item, err := strconv.Atoi(place[i+1 : j])
	return place[:i], item, err == nil
}

// began notes a step; over is the loops that are over because something outside them begins.
func (t *tracker) began(place string, s *flow.Step, attempt int) (over []string) {
	for len(t.order) > 0 {
		last := t.order[len(t.order)-1]
		if strings.HasPrefix(place, last+"[") || place == last {
			break
		}
		over = append(over, last)
		t.order = t.order[:len(t.order)-1]
	}
	if s.Kind == flow.EachStep && t.loops[place] == nil {
		t.loops[place] = &loopState{step: s, seen: map[int]bool{}, failed: map[int]bool{}}
		t.order = append(t.order, place)
	}
	if loop, item, ok := loopOf(place); ok && t.loops[loop] != nil {
		l := t.loops[loop]
		if !l.seen[item] {
			l.seen[item] = true
			l.done = max(l.done, len(l.seen)-1)
		}
		if attempt > 1 {
			delete(l.failed, item)
		}
	}
	return over
}

func (t *tracker) failed(place string) {
	if loop, item, ok := loopOf(place); ok && t.loops[loop] != nil {
		t.loops[loop].failed[item] = true
	}
}

// close ends the loop and says what became of it. Whole is false where the run stops before its
// last item, as far as is known.
func (t *tracker) close(place string, stopped bool) (note string, whole bool) {
	l := t.loops[place]
	delete(t.loops, place)
	whole = !stopped || l.total > 0 && len(l.seen) >= l.total
	note = t.count(max(l.total, len(l.seen)), "项", "item", "items")
	if len(l.failed) > 0 {
		note += t.Style.t("，%d 项失败", ", %d failed", len(l.failed))
	}
	return note, whole
}

// item is the item of the innermost loop around place, counted from 1; "" outside loops.
func (s Style) item(place string) string {
	_, item, ok := loopOf(place)
	if !ok {
		return ""
	}
	return s.t("第 %d 项", "item %d", item+1)
}

// placeID is the step's id in a place: 3.1 of 3[5].1.
func placeID(place string) string {
	for {
		i, j := strings.IndexByte(place, '['), strings.IndexByte(place, ']')
		if i < 0 || j < i {
			return place
		}
		place = place[:i] + place[j+1:]
	}
}

// brief is a value in a few words.
func (s Style) brief(v flow.Value) string {
	switch v.Kind() {
	case flow.ListKind:
		list := v.List()
		switch {
		case len(list) > 0 && list[0].Kind() == flow.PathKind:
			return s.count(len(list), "个文件", "file", "files")
		case len(list) > 0 && list[0].Kind() == flow.MailKind:
			return s.count(len(list), "封邮件", "mail", "mails")
		}
		return s.count(len(list), "项", "item", "items")
	case flow.TableKind:
		return s.count(v.Table().Len(), "行", "row", "rows")
	case flow.NullKind, flow.UnknownKind, flow.SecretKind:
		return ""
	}
	return fit(oneLine(v.String()), 40)
}

// lines is the display for files and pipes.
type lines struct {
	mu sync.Mutex
	tracker
	p *printer
}

func (l *lines) Began(place string, s *flow.Step, attempt int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, loop := range l.began(place, s, attempt) {
		l.endLoop(loop, false)
	}
	if loop, _, ok := loopOf(place); ok {
		l.mark(loop)
	}
}

func (l *lines) endLoop(place string, stopped bool) {
	step := l.loops[place].step
	note, whole := l.close(place, stopped)
	if _, _, inside := loopOf(place); inside {
		return
	}
	color, mark := loopMark(whole)
	l.write(color, mark, place, l.say(step), note)
}

func loopMark(whole bool) (color, mark string) {
	if whole {
		return green, "✓"
	}
	return dim, "·"
}

func (l *lines) Progress(place string, done, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if st := l.loops[place]; st != nil {
		st.done, st.total = done, total
		l.mark(place)
	}
}

// mark writes a line when a loop has passed a quarter of its items; of unknown many, 10, 100, 1000 ….
func (l *lines) mark(loop string) {
	st := l.loops[loop]
	if st == nil {
		return
	}
	at := 0
	if st.total >= 8 {
		at = min(st.done*4/st.total, 3)
	} else if st.total == 0 {
		for n := 10; n <= st.done; n *= 10 {
			at++
		}
	}
	if at <= st.told {
		return
	}
	st.told = at
	text := strconv.Itoa(st.done)
	if st.total > 0 {
		text += "/" + strconv.Itoa(st.total)
	}
	l.write(dim, "·", loop, text, "")
}

func (l *lines) Ended(place string, s *flow.Step, v flow.Value, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed(place)
		l.write(red, "✗", place, l.say(s), l.item(place))
		l.p.para("      ", "", err.Error())
		return
	}
	if _, _, inside := loopOf(place); inside || s.Kind == flow.EachStep {
		return
	}
	l.write(green, "✓", place, l.say(s), l.brief(v))
}

func (l *lines) write(color, mark, place, text, note string) {
	if note != "" {
		note = "  " + l.p.paint(dim, note)
	}
	l.p.line("  ", l.p.paint(color, mark), " ", l.p.paint(dim, placeID(place)), "  ", text, note)
}

func (l *lines) Hold(f func()) { f() }

func (l *lines) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.order) > 0 {
		last := l.order[len(l.order)-1]
		l.order = l.order[:len(l.order)-1]
		l.endLoop(last, true)
	}
	if l.p.wrote {
		l.p.gap()
	}
}
