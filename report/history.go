package report

import (
	"io"
	"math"
	"strings"
	"time"
)

// A Run is one line of the history.
type Run struct {
	Run     string    `json:"run"`
	Status  string    `json:"status"`
	Request string    `json:"request"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Undone  bool      `json:"undone,omitempty"`
}

// WriteRunsJSON writes the history as one JSON list.
func WriteRunsJSON(w io.Writer, runs []Run) error {
	out := make([]Run, len(runs))
	for i, r := range runs {
		r.Seconds = math.Round(r.Seconds*1000) / 1000
		out[i] = r
	}
	return writeJSON(w, out)
}

// WriteRuns writes the history as a table, times in their own zone.
func WriteRuns(w io.Writer, s Style, runs []Run) error {
	p := &printer{Style: s, w: w}
	if len(runs) == 0 {
		p.line(p.t("还没有运行过", "nothing has been run yet"))
		return p.err
	}
	cells := [][]string{{p.t("运行", "run"), p.t("状态", "status"), p.t("开始", "started"), p.t("秒", "seconds"), p.t("请求", "request")}}
	for _, r := range runs {
		if r.Undone {
			r.Status = "undone"
		}
		cells = append(cells, []string{r.Run, p.status(r.Status), r.Started.Format("2006-01-02 15:04"), seconds(r.Seconds), oneLine(r.Request)})
	}
	p.grid(cells, []bool{false, false, false, true, false})
	return p.err
}

var statuses = map[string][2]string{
	Done: {"完成", "done"}, Planned: {"可运行", "planned"}, Preview: {"预览", "preview"}, Question: {"待回答", "question"}, Approval: {"待批准", "approval"},
	Refused: {"没有做", "refused"}, Failed: {"失败", "failed"}, Uncertain: {"不确定", "uncertain"}, "undone": {"已撤销", "undone"}, "running": {"进行中", "running"},
	"skipped": {"跳过", "skipped"}, "waiting": {"等待", "waiting"},
}

func (p *printer) status(s string) string {
	if words, ok := statuses[s]; ok {
		return p.t(words[0], words[1])
	}
	return s
}

// WriteShow writes all that is known of a run: the request, the plan, what happened at
// each step, and where it stands.
func (r *Report) WriteShow(w io.Writer, s Style) error {
	p := &printer{Style: s, w: w}
	if r.Request != "" {
		p.para(p.paint(bold, p.t("请求", "Request"))+"  ", "", r.Request)
	}
	if r.Started != "" {
		p.line(p.paint(bold, p.t("开始", "Started")), "  ", r.Started)
	}
	p.line()
	p.plan(r)
	if len(r.Steps) > 0 {
		p.line(p.paint(bold, p.t("经过", "What happened")))
		p.steps(r.Steps)
		p.line()
	}
	if p.err != nil {
		return p.err
	}
	return r.WriteText(w, s)
}

// stepsShown is how many places show lists; all that did not go well are among them.
const stepsShown = 60

func (p *printer) steps(all []Step) {
	wide, hidden := 0, 0
	for _, s := range all {
		wide = min(max(wide, width(placeID(s.Place))), 12)
	}
	for i, s := range all {
		if i >= stepsShown && (s.Status == "done" || i >= 3*stepsShown) {
			hidden++
			continue
		}
		p.step(s, wide)
	}
	if hidden > 0 {
		p.line("  ", p.paint(dim, p.t("还有 %d 步（--json 有全部）", "%d more steps (all are in --json)", hidden)))
	}
}

func (p *printer) step(s Step, wide int) {
	mark := map[string]string{"done": p.paint(green, "✓"), "failed": p.paint(red, "✗"), "skipped": p.paint(yellow, "✗"), "waiting": p.paint(yellow, "?"), "uncertain": p.paint(yellow, "?")}[s.Status]
	if mark == "" {
		mark = p.paint(dim, "·")
	}
	var facts []string
	if item := p.item(s.Place); item != "" {
		facts = append(facts, item)
	}
	if s.Attempt > 1 {
		facts = append(facts, p.t("第 %d 次", "attempt %d", s.Attempt))
	}
	if s.Value != "" {
		facts = append(facts, fit(oneLine(s.Value), 60))
	}
	if s.Seconds >= 0.01 {
		facts = append(facts, p.t("%s 秒", "%s s", seconds(s.Seconds)))
	}
	text := s.Says
	if len(facts) > 0 {
		text += p.t("（", " (") + strings.Join(facts, p.t("，", ", ")) + p.t("）", ")")
	}
	lead := "  " + mark + " " + p.paint(dim, padRight(placeID(s.Place), wide)) + "  "
	p.para(lead, "", text)
	if s.Text != "" {
		p.para(strings.Repeat(" ", wide+6), red, s.Text)
	}
}
