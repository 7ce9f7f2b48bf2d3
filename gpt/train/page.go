package train

import (
	"bufio"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"daiban/gpt/train/report"
	"daiban/gpt/weights"
)

// pageFile is the report for people, written with every checkpoint and at the end.
const pageFile = "report.html"

// page is what the report of a run is made of, as it comes in.
type page struct {
	begin   *Start // nil: it has not begun
	points  []report.Point
	samples []report.Sample
	notes   []string
	trials  []report.Trial // of the search before the run
	last    *Event         // what ships
}

// add takes an event in. What ships is measured on more than the curve is, and is no point of it.
func (p *page) add(e *Event) {
	if e.Last {
		p.last = e
		return
	}
	x := report.Point{Step: e.Step, Tokens: e.Tokens, Loss: e.Loss, LR: e.Rate, TokensPerSecond: e.Speed, GradNorm: e.Norm, Seconds: e.Seconds}
	if e.Step == 0 {
		x.Loss = 0 // it is the evaluation's
	}
	if e.Eval != nil {
		x.EvalLoss = *e.Eval
	}
	p.points = append(p.points, x)
	for _, s := range e.Samples {
		p.samples = append(p.samples, report.Sample{Step: e.Step, Prompt: s.Prompt, Text: s.Text})
	}
}

// report is the page so far.
func (p *page) report(out, lang string) *report.Run {
	r := &report.Run{Title: filepath.Base(out), Lang: lang, When: time.Now().Format("2006-01-02 15:04"), Notes: p.notes,
		Points: p.points, Samples: p.samples, Trials: p.trials}
	if p.last != nil {
		s := Settings{Lang: lang}
		r.Notes = append(slices.Clone(p.notes), s.say("最终模型的评测损失 %.4f，测了 %d 个词元。", "What ships has an evaluation loss of %.4f over %d tokens.", *p.last.Eval, p.last.EvalCount))
	}
	if p.begin != nil {
		r.Settings = append([]report.KV{{Key: "model", Value: p.begin.Model}, {Key: "values", Value: fmt.Sprint(p.begin.Values)},
			{Key: "learning", Value: fmt.Sprint(p.begin.Learning)}}, fields(p.begin.Settings, "out")...)
		r.Data = fields(p.begin.Data, "bad_lines", "leaks")
	}
	return r
}

// fields is what a struct holds that is not zero, by the names of its JSON.
func fields(x any, but ...string) (out []report.KV) {
	v := reflect.ValueOf(x)
	skip := map[string]bool{"-": true}
	for _, name := range but {
		skip[name] = true
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if f := v.Field(i); !skip[name] && !f.IsZero() {
			text := fmt.Sprint(f.Interface())
			if l, ok := f.Interface().(Lengths); ok {
				text = fmt.Sprintf("%d … %d … %d", l.Least, l.Median, l.Most)
			}
			out = append(out, report.KV{Key: name, Value: strings.Trim(text, "[]")})
		}
	}
	return out
}

// write writes the report into the folder out.
func (p *page) write(out, lang string) error {
	return weights.WriteFile(filepath.Join(out, pageFile), func(w *bufio.Writer) error { return report.Write(w, p.report(out, lang)) })
}

// writePage writes the report; that it cannot be written does not end a run.
func (r *run) writePage() {
	if err := r.page.write(r.Out, r.Lang); err != nil {
		r.watch.note(r.say("%s 写不了：%v", "%s could not be written: %v", r.path(pageFile), err))
	}
}
