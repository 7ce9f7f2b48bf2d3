package report

import (
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"daiban/flow"
)

// live is the display on a terminal: a line for each running step at the bottom, and
// finished steps above it, where they stay.
type live struct {
	mu sync.Mutex
	tracker
	f    *os.File
	bars *mpb.Progress // nil when nothing is on the screen
	run  map[string]*running
	kept bool // lines stand above
}

// running is a step at work; its fields are read while the screen is drawn.
type running struct {
	mu    sync.Mutex
	bar   *mpb.Bar
	text  string
	note  string
	done  int
	total int
	frame int
}

// inLoopMax is how many inner steps are on the screen at once; more only flicker.
const inLoopMax = 4

func newLive(f *os.File, s Style, says map[string]string) *live {
	return &live{tracker: newTracker(s, says), f: f, run: map[string]*running{}}
}

func (l *live) screen() *mpb.Progress {
	if l.bars == nil {
		l.bars = mpb.New(mpb.WithOutput(l.f), mpb.WithRefreshRate(100*time.Millisecond), mpb.WithAutoRefresh())
	}
	return l.bars
}

func (l *live) Began(place string, s *flow.Step, attempt int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, loop := range l.began(place, s, attempt) {
		l.endLoop(loop, false)
	}
	if loop, _, ok := loopOf(place); ok {
		l.updateLoop(loop)
		if len(l.run) > len(l.order)+inLoopMax {
			return
		}
	}
	if l.run[place] != nil {
		return
	}
	r := &running{text: strings.Repeat("  ", strings.Count(place, "[")) + placeID(place) + "  " + l.say(s)}
	if attempt > 1 {
		r.note = l.t("第 %d 次", "attempt %d", attempt)
	}
	bar, err := l.screen().Add(0, mpb.BarFillerFunc(func(w io.Writer, st decor.Statistics) error {
		_, err := io.WriteString(w, r.draw(l.Style, st.AvailableWidth))
		return err
	}), mpb.BarFillerTrim(), mpb.BarRemoveOnComplete())
	if err != nil {
		return
	}
	r.bar = bar
	l.run[place] = r
}

func (l *live) updateLoop(loop string) {
	r, st := l.run[loop], l.loops[loop]
	if r == nil || st == nil {
		return
	}
	note := ""
	if len(st.failed) > 0 {
		note = l.t("%d 项失败", "%d failed", len(st.failed))
	}
	r.set(st.done, st.total, note)
}

func (l *live) Progress(place string, done, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if st := l.loops[place]; st != nil {
		st.done, st.total = done, total
		l.updateLoop(place)
		return
	}
	if r := l.run[place]; r != nil {
		r.set(done, total, "")
	}
}

func (r *running) set(done, total int, note string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done, r.total, r.note = done, total, note
}

func (l *live) Ended(place string, s *flow.Step, v flow.Value, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _, inside := loopOf(place)
	if err != nil {
		l.failed(place)
		if loop, _, ok := loopOf(place); ok {
			l.updateLoop(loop)
		}
		l.drop(place)
		l.keep(red, "✗", place, l.say(s), l.item(place))
		l.above("      " + fit(oneLine(err.Error()), l.room(6)) + "\n")
		return
	}
	if s.Kind == flow.EachStep {
		return // its items come now
	}
	l.drop(place)
	if !inside {
		l.keep(green, "✓", place, l.say(s), l.brief(v))
	}
}

func (l *live) endLoop(place string, stopped bool) {
	step := l.loops[place].step
	l.drop(place)
	note, whole := l.close(place, stopped)
	if _, _, inside := loopOf(place); !inside {
		color, mark := loopMark(whole)
		l.keep(color, mark, place, l.say(step), note)
	}
}

// drop takes a step off the screen.
func (l *live) drop(place string) {
	if r := l.run[place]; r != nil {
		r.bar.Abort(true)
		delete(l.run, place)
	}
}

// keep writes a line that stays above the running steps.
func (l *live) keep(color, mark, place, text, note string) {
	if note != "" {
		note = "  " + note
	}
	id := placeID(place)
	text = fit(text, l.room(6+len(id)+width(note)))
	l.above("  " + l.paint(color, mark) + " " + l.paint(dim, id) + "  " + text + l.paint(dim, note) + "\n")
}

func (l *live) room(used int) int {
	if l.Width == 0 {
		return 0
	}
	return max(l.Width-used-1, 10)
}

func (l *live) above(s string) {
	l.kept = true
	if l.bars == nil {
		io.WriteString(l.f, s)
		return
	}
	io.WriteString(l.bars, s)
}

var frames = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

const barWidth = 16

// draw is the step as one line of w columns.
func (r *running) draw(s Style, w int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frame++
	tail, colored := "", ""
	if r.total > 0 {
		full := min(r.done*barWidth/r.total, barWidth)
		counts := " " + strconv.Itoa(r.done) + "/" + strconv.Itoa(r.total)
		tail = "  " + strings.Repeat("━", barWidth) + counts
		colored = "  " + s.paint(green, strings.Repeat("━", full)) + s.paint(dim, strings.Repeat("━", barWidth-full)) + counts
	} else if r.done > 0 {
		tail = "  " + strconv.Itoa(r.done)
		colored = tail
	}
	if r.note != "" {
		tail += "  " + r.note
		colored += "  " + s.paint(yellow, r.note)
	}
	text := fit(r.text, max(w-5-width(tail), 10))
	return "  " + s.paint(cyan, frames[r.frame%len(frames)]) + " " + text + colored
}

func (l *live) Hold(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
	f()
}

// clear takes everything off the screen; what still runs does not come back until it begins again.
func (l *live) clear() {
	for place := range l.run {
		l.drop(place)
	}
	if l.bars != nil {
		l.bars.Wait()
		l.bars = nil
	}
}

func (l *live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.order) > 0 {
		last := l.order[len(l.order)-1]
		l.order = l.order[:len(l.order)-1]
		l.endLoop(last, true)
	}
	l.clear()
	if l.kept {
		io.WriteString(l.f, "\n")
	}
}
