package main

import (
	"fmt"
	"math"
	"slices"
	"time"

	"daiban/check"
	"daiban/flow"
	"daiban/plan"
	"daiban/report"
	"daiban/run"
)

// report is a report with what is known at the start.
func (a *app) report(o run.Options, request string) *report.Report {
	r := &report.Report{Version: report.Version, Request: request, Seconds: 0}
	if m, ok := o.Model.(*report.Model); ok {
		r.Model = m
	} else if m, ok := o.Model.(map[string]any); ok { // read back from the record
		in, _ := m["tokens_in"].(float64)
		out, _ := m["tokens_out"].(float64)
		sure, _ := m["confidence"].(float64)
		r.Model = &report.Model{Name: fmt.Sprint(m["name"]), TokensIn: int(in), TokensOut: int(out), Confidence: sure}
	}
	return r
}

func modelOf(name string, d plan.Draft) any {
	return &report.Model{Name: name, TokensIn: d.TokensIn, TokensOut: d.TokensOut, Confidence: math.Round(d.Confidence*1000) / 1000}
}

// checkReport is the report of a check: planned, question or refused.
func (a *app) checkReport(o run.Options, source string, res check.Result) *report.Report {
	r := a.report(o, o.Request)
	r.Flow = source
	r.Status = report.Planned
	if res.Draft != nil {
		r.Flow = flow.Print(res.Draft)
		r.Says = flow.SayFlow(res.Draft, o.Lang, a.actions)
	}
	r.Origins = a.origins(o.Request, res)
	for _, f := range res.Findings {
		r.Findings = append(r.Findings, report.Finding{Line: f.Line, Step: f.Step, Level: f.Level, Text: f.Text, Near: f.Near})
	}
	for _, q := range res.Questions {
		r.Questions = append(r.Questions, report.Ask{ID: q.ID, Text: q.Text, Choices: q.Choices})
	}
	switch {
	case hasErrors(res):
		r.Status = report.Refused
		r.Error = firstError(res, o.Lang)
	case len(res.Questions) > 0:
		r.Status = report.Question
	}
	return r
}

func firstError(res check.Result, lang string) *report.Error {
	kind := "check"
	if res.Cannot != "" {
		kind = "cannot"
	}
	for _, f := range res.Findings {
		if f.Level == check.Error {
			return &report.Error{Step: f.Step, Line: f.Line, Kind: kind, Text: f.Text}
		}
	}
	if res.Cannot != "" {
		return &report.Error{Kind: kind, Text: say(lang, "办不到："+res.Cannot, "cannot be done: "+res.Cannot)}
	}
	return nil
}

// storedReport is what the record says of a run before its events.
func (a *app) storedReport(s *run.Stored, c *check.Checked) *report.Report {
	r := a.report(s.Options, s.Options.Request)
	r.Flow = s.Source
	if f, err := flow.Parse(s.Source); err == nil {
		r.Says = flow.SayFlow(f, s.Options.Lang, a.actions)
	}
	return r
}

// outcome is where a run stands, as a report; base has what was known before.
func (a *app) outcome(out *run.Outcome, base *report.Report) *report.Report {
	r := *base
	lang := out.Options.Lang
	r.Run, r.Status, r.Seconds, r.Outputs, r.Undone = out.Run, out.Status, out.Seconds, out.Outputs, out.Undone
	if out.Options.Preview {
		r.Run = ""
	}
	r.Questions = nil
	for _, q := range out.Questions {
		ask := report.Ask{ID: q.ID, Text: q.Text, Choices: q.Choices, Approval: q.Approval, By: q.By}
		if !q.Show.IsNull() {
			ask.Show = report.ResultOf(q.Show)
		}
		r.Questions = append(r.Questions, ask)
	}
	r.Findings = slices.Clone(base.Findings)
	for _, n := range out.Notes {
		r.Findings = append(r.Findings, report.Finding{Step: n.Step, Level: n.Level, Text: say(lang, n.ZH, n.EN)})
	}
	r.Effects = nil
	for _, x := range out.Effects {
		r.Effects = append(r.Effects, report.Effect{Step: x.Step, Action: x.Action, Class: x.Class, Target: x.Target, State: x.State, Detail: x.Detail})
	}
	r.Result = report.ResultOf(answer(out))
	r.Error = nil
	if f := out.Error; f != nil {
		r.Error = &report.Error{Step: f.Step, Kind: f.Kind, Text: say(lang, f.ZH, f.EN)}
		if s := base.Flow; s != "" {
			if parsed, err := flow.Parse(s); err == nil && parsed.Step(f.Step) != nil {
				r.Error.Line = parsed.Step(f.Step).Pos.Line
			}
		}
	}
	return &r
}

// answer is the value of the last step when it is one that a person asked for: not the path of a file
// that was written, which is among the outputs.
func answer(out *run.Outcome) flow.Value {
	f, err := flow.Parse(out.Source)
	if err != nil || len(f.Steps) == 0 || out.Undone || out.Status != report.Done && out.Status != report.Preview {
		return flow.Null()
	}
	if f.Steps[len(f.Steps)-1].Kind == flow.EachStep { // out has the value of the step before
		return flow.Null()
	}
	last := f.Steps[len(f.Steps)-1].ID
	for _, x := range out.Effects {
		if x.Step == last && x.Class == "write" && x.State != "undone" {
			if k := out.Result.Kind(); k == flow.PathKind || k == flow.ListKind {
				return flow.Null()
			}
		}
	}
	return out.Result
}

// addSteps adds what happened at each place, for show.
func (a *app) addSteps(r *report.Report, out *run.Outcome) {
	r.Started = out.Started.Local().Format(time.RFC3339)
	var says map[string]string
	if f, err := flow.Parse(out.Source); err == nil {
		says = flow.SaySteps(f, out.Options.Lang, a.actions)
	}
	for _, s := range out.Steps {
		r.Steps = append(r.Steps, report.Step{Place: s.Place, Step: s.Step, Says: says[s.Step], Status: s.Status,
			At: s.At.Local().Format(time.RFC3339), Seconds: s.Seconds, Attempt: s.Attempt, Value: s.Value, Text: say(out.Options.Lang, s.TextZH, s.Text)})
	}
}
