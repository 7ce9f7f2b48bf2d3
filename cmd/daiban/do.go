package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/check"
	"daiban/files"
	"daiban/plan"
	"daiban/report"
	"daiban/run"
)

// requestMax is the longest request, in bytes. Longer ones are no request.
const requestMax = 16 << 10

// do is the main job: request -> plan -> check -> run -> report.
func (a *app) do(ctx context.Context, request string) error {
	lang := a.lang(request)
	a.asked = request
	if err := a.open(); err != nil {
		return err
	}
	o, err := a.options(request, lang)
	if err != nil {
		return err
	}
	started := time.Now()
	draft, planner, err := a.plan(ctx, request, o)
	if err != nil {
		return a.unplanned(request, o, err)
	}
	o.Model = modelOf(planner, draft)
	if !draft.Understood {
		return a.tell(a.notUnderstood(request, o, draft))
	}
	if len(draft.Readings) > 0 {
		source, what := a.meant(draft.Readings, &o)
		if what != isMeant {
			return a.unsettled(o, draft.Readings, what, started)
		}
		draft.Flow = source
	}
	return a.flow(ctx, draft.Flow, o, true)
}

// plan asks the planner for a flow. It sees the request and the catalogue, nothing else.
func (a *app) plan(ctx context.Context, request string, o run.Options) (plan.Draft, string, error) {
	switch {
	case strings.TrimSpace(request) == "":
		return plan.Draft{}, "", usage("请写要办的事", "say what is to be done")
	case len(request) > requestMax:
		return plan.Draft{}, "", usage("请求太长：超过 %d kB。把内容放进文件，只写要办的事",
			"the request is too long: more than %d kB; put the content into a file and say only what is to be done", requestMax>>10)
	}
	p, name, err := a.planner()
	if err != nil {
		return plan.Draft{}, name, err
	}
	lessons, err := a.lessons()
	if err != nil {
		return plan.Draft{}, name, err
	}
	d, err := p.Plan(ctx, plan.Request{Text: request, Lang: o.Lang, Lessons: lessons})
	return d, name, err
}

// unplanned reports a planner that did not work: no connection, a refusal, a broken answer.
func (a *app) unplanned(request string, o run.Options, err error) error {
	var u usageError
	var p *action.Problem
	if errors.As(err, &u) || errors.As(err, &p) {
		return err
	}
	r := a.report(o, request)
	r.Status = report.Failed
	r.Error = &report.Error{Kind: "model", Text: err.Error()}
	return a.tell(r)
}

func say(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}

// notUnderstood is the report of a request that no flow was found for.
func (a *app) notUnderstood(request string, o run.Options, d plan.Draft) *report.Report {
	text := d.Why
	if text == "" {
		text = say(o.Lang, "没听懂这个请求", "I do not understand this request")
	}
	r := a.report(o, request)
	r.Status = "refused"
	r.Findings = []report.Finding{{Level: "error", Text: text, Near: d.Like}}
	r.Error = &report.Error{Kind: "refused", Text: text}
	return r
}

// flow checks a flow and carries it out. asks says that a trigger must wait for a scheduler.
func (a *app) flow(ctx context.Context, source string, o run.Options, asks bool) error {
	started := time.Now()
	res, err := a.check(source, &o)
	if err != nil {
		return err
	}
	r := a.checkReport(o, source, res)
	if res.OK() && asks && res.Checked.Triggered() && !o.Preview {
		a.triggered(r, o)
	}
	if res.OK() && len(res.Checked.Later()) > 0 && !o.Preview {
		a.later(r, o, res.Checked.Later())
	}
	if r.Status != "planned" {
		r.Seconds = time.Since(started).Seconds()
		return a.stopped(r, o, source)
	}
	return a.carryOut(ctx, "", res.Checked, o, r)
}

// check checks source; questions that somebody at the terminal can answer are asked, and it is checked again.
func (a *app) check(source string, o *run.Options) (check.Result, error) {
	for round := 1; ; round++ {
		env, err := a.env(*o)
		if err != nil {
			return check.Result{}, err
		}
		res := check.Check(source, env)
		if len(res.Questions) == 0 || hasErrors(res) || !a.terminal() || a.flags.json || o.Preview || round > asksMax {
			return res, nil
		}
		t := a.person(o.Lang)
		if o.Answers == nil {
			o.Answers = map[string]string{}
		}
		for _, q := range res.Questions { // one that was answered before could not take the answer
			text, ok := t.Ask(run.Question{ID: q.ID, Text: q.Text, Choices: q.Choices})
			if !ok {
				return res, nil
			}
			o.Answers[q.ID] = text
		}
	}
}

// asksMax bounds the rounds of questions before a run.
const asksMax = 8

func hasErrors(r check.Result) bool {
	for _, f := range r.Findings {
		if f.Level == check.Error {
			return true
		}
	}
	return false
}

// stopped reports a flow that did not start, and keeps it so that answers find it again.
func (a *app) stopped(r *report.Report, o run.Options, source string) error {
	if !o.Preview {
		e, err := a.engine(nil)
		if err != nil {
			return err
		}
		r.Run = run.NewID(time.Now())
		if err := e.Keep(r.Run, draftOf(r, o, source)); err != nil {
			return err
		}
	}
	return a.tellPlan(r)
}

func draftOf(r *report.Report, o run.Options, source string) run.Draft {
	d := run.Draft{Options: o, Flow: source, Status: r.Status}
	for _, q := range r.Questions {
		d.Questions = append(d.Questions, run.Question{ID: q.ID, Text: q.Text, Choices: q.Choices})
	}
	if r.Error != nil {
		d.Error = &run.Fault{Step: r.Error.Step, Kind: r.Error.Kind, ZH: r.Error.Text, EN: r.Error.Text}
	}
	return d
}

// carryOut runs a checked flow, with progress, and reports. id is "" for a new run.
func (a *app) carryOut(ctx context.Context, id string, c *check.Checked, o run.Options, r *report.Report) error {
	if !a.flags.json {
		if err := a.clean(r).WritePlan(a.out, a.style(o.Lang)); err != nil {
			return err
		}
	}
	w := a.watcher(r, o)
	e, err := a.engine(w)
	if err != nil {
		return err
	}
	if a.terminal() && !a.flags.json && !o.Preview {
		t := a.person(o.Lang)
		e.Person = held{t, w}
		if e.Approve == "sends" && a.sends(c) && !o.Yes {
			if !t.confirm() {
				r.Status = "refused"
				r.Error = &report.Error{Kind: "refused", Text: say(o.Lang, "没有批准，什么也没做", "not approved; nothing was done")}
				return a.tell(r)
			}
			e.Approve = "flow"
		}
	}
	if id == "" {
		id = run.NewID(time.Now())
	}
	out, err := e.StartAs(ctx, id, c, o)
	w.Close()
	if err != nil {
		return a.runError(err, r)
	}
	return a.tell(a.outcome(out, r))
}

// sends reports whether c would reach out of this machine: mail does not where no server is set.
func (a *app) sends(c *check.Checked) bool {
	_, smtp, _ := a.config.Mail()
	return slices.ContainsFunc(c.Effects(), func(x check.Effect) bool {
		return x.Class == action.Sends && (smtp != "" || x.Action != "mail.send" && x.Action != "mail.reply")
	})
}

// runError is an error that kept a run from being carried out, or from being recorded.
func (a *app) runError(err error, r *report.Report) error {
	var u *run.Unrecorded
	if errors.As(err, &u) {
		r.Run, r.Status = u.Run, report.Failed
		r.Error = &report.Error{Kind: "io", Text: action.Explain(u, a.spoken)}
		return a.tell(r)
	}
	if errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "no space left") {
		return files.Explain(a.home, err)
	}
	return err
}

// triggered says that a flow with a trigger does not start by being asked for.
func (a *app) triggered(r *report.Report, o run.Options) {
	r.Status = "refused"
	text := say(o.Lang, "这件事要定时或有东西到达时才办，这一版还没有在后台等候的服务。把流程存成文件后，可以用 daiban run 文件.flow 立刻办一次，或用 daiban add 先保存",
		"this is to happen at a time or when something arrives, and this build has no service that waits for it yet; save the flow to a file and run it once now with daiban run FILE.flow, or keep it with daiban add")
	r.Findings = append(r.Findings, report.Finding{Level: "error", Text: text})
	r.Error = &report.Error{Kind: "later", Text: text}
}

// later says which actions this build does not have.
func (a *app) later(r *report.Report, o run.Options, names []string) {
	r.Status = "refused"
	text := say(o.Lang, "这一版还没有 "+strings.Join(names, "、")+"，所以不运行；什么也没做", "this build does not have "+strings.Join(names, ", ")+" yet, so the flow is not run; nothing was done")
	r.Error = &report.Error{Kind: "later", Text: text}
	r.Findings = append(r.Findings, report.Finding{Level: "error", Text: text})
}
