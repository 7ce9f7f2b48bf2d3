package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"daiban/action"
	"daiban/check"
	"daiban/journal"
	"daiban/report"
	"daiban/run"
)

// stored is the run that id names, and its flow, checked again with the names that it was started with.
func (a *app) stored(id string) (*run.Engine, *run.Stored, *check.Checked, error) {
	if err := a.open(); err != nil {
		return nil, nil, nil, err
	}
	e, err := a.engine(nil)
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := e.Find(id)
	if err != nil {
		return nil, nil, nil, a.noRun(id, err)
	}
	if a.flags.lang != "" {
		s.Options.Lang = a.flags.lang
	}
	if a.flags.yes {
		s.Options.Yes = true
	}
	a.spoken, a.asked = s.Options.Lang, s.Options.Request
	if s.Draft != nil {
		return e, s, nil, nil
	}
	// The run itself may have moved what its flow names, so the world is not looked at again.
	res := check.Check(s.Bound, check.Env{Actions: a.actions, Lang: s.Options.Lang, Params: s.Options.Set, Event: len(s.Options.Event) > 0, Static: true})
	if !res.OK() {
		return nil, nil, nil, notChecked(s.ID, res)
	}
	return e, s, res.Checked, nil
}

func (a *app) noRun(id string, err error) error {
	return action.Missing("没有运行 %s；daiban runs 列出全部", "there is no run %s; daiban runs lists them all", id)
}

// goOn resumes a run, with what a person gives.
func (a *app) goOn(ctx context.Context, id string, in run.Input) error {
	e, s, c, err := a.stored(id)
	if err != nil {
		return err
	}
	if s.Draft != nil {
		return a.answerDraft(ctx, s, in)
	}
	base := a.storedReport(s, c)
	w := a.watcher(base, s.Options)
	e.Watch = w
	out, err := e.Resume(ctx, s, c, in)
	w.Close()
	if errors.Is(err, run.ErrOver) && out != nil {
		fmt.Fprintf(a.err, "daiban: %s\n", say(s.Options.Lang, "这次运行已经结束", "the run has ended"))
		err := a.tell(a.outcome(out, base))
		if in.Approve || in.Reject || len(in.Answers) > 0 { // nothing waits for that any more
			a.code = report.ExitUsage
		}
		return err
	}
	if errors.Is(err, run.ErrNothing) {
		a.tell(a.outcome(out, base))
		a.code = report.ExitUsage
		fmt.Fprintf(a.err, "daiban: %s\n", say(s.Options.Lang, "没有问题在等这个回答："+err.Error(), "nothing waits for this answer: "+err.Error()))
		return nil
	}
	if err != nil && out != nil { // the answer does not fit: the run waits on
		fmt.Fprintf(a.err, "daiban: %s\n", a.mask.Text(action.Explain(err, s.Options.Lang)))
		return a.tell(a.outcome(out, base))
	}
	if err != nil {
		return a.runError(err, base)
	}
	return a.tell(a.outcome(out, base))
}

// answerDraft gives answers to a flow that has not started, and starts it when none is missing.
func (a *app) answerDraft(ctx context.Context, s *run.Stored, in run.Input) error {
	if len(in.Answers) == 0 {
		return usage("还有问题没有回答：daiban answer %s 编号=回答", "questions are open: daiban answer %s id=value", s.ID)
	}
	o := s.Options
	all := map[string]string{}
	for k, v := range o.Answers {
		all[k] = v
	}
	known := map[string]bool{}
	for _, q := range s.Draft.Questions {
		known[q.ID] = true
	}
	for k, v := range in.Answers {
		if !known[k] {
			return usage("没有编号为 %s 的问题", "there is no question %s", k)
		}
		all[k] = v
	}
	source, all, err := a.settle(s, all)
	if err != nil {
		return err
	}
	o.Answers = all
	started := time.Now()
	env, err := a.env(o)
	if err != nil {
		return err
	}
	res := check.Check(source, env)
	r := a.checkReport(o, source, res)
	r.Run = s.ID
	if res.OK() && len(res.Checked.Later()) > 0 {
		a.later(r, o, res.Checked.Later())
	}
	if res.OK() && res.Checked.Triggered() {
		a.triggered(r, o)
	}
	if r.Status != report.Planned {
		r.Seconds = time.Since(started).Seconds()
		e, err := a.engine(nil)
		if err != nil {
			return err
		}
		d := draftOf(r, o, source)
		if r.Status == report.Refused { // a wrong answer does not end the run: the question stays
			d = *s.Draft
		}
		if err := e.Keep(s.ID, d); err != nil {
			return err
		}
		return a.tell(r)
	}
	return a.carryOut(ctx, s.ID, res.Checked, o, r)
}

// show tells a run as the record has it.
func (a *app) show(id string) error {
	e, s, c, err := a.stored(id)
	if err != nil {
		return err
	}
	base := a.storedReport(s, c)
	if s.Draft != nil {
		return a.tellDraft(s, base)
	}
	out, err := e.Show(s, c)
	if err != nil {
		return err
	}
	r := a.outcome(out, base)
	a.addSteps(r, out)
	r = a.clean(r)
	if a.flags.json {
		return r.WriteJSON(a.out)
	}
	return r.WriteShow(a.out, a.style(s.Options.Lang))
}

func (a *app) tellDraft(s *run.Stored, r *report.Report) error {
	r.Run, r.Status = s.ID, s.Draft.Status
	for _, q := range s.Draft.Questions {
		r.Questions = append(r.Questions, report.Ask{ID: q.ID, Text: q.Text, Choices: q.Choices})
	}
	if f := s.Draft.Error; f != nil {
		r.Error = &report.Error{Step: f.Step, Kind: f.Kind, Text: say(s.Options.Lang, f.ZH, f.EN)}
	}
	err := a.tell(r)
	a.code = 0
	return err
}

// undo takes a run back.
func (a *app) undo(id string) error {
	e, s, c, err := a.stored(id)
	if err != nil {
		return err
	}
	if s.Draft != nil {
		return usage("这次运行什么也没做，没有可撤回的", "this run did nothing; there is nothing to take back")
	}
	out, err := e.Undo(s, c)
	if err != nil {
		return a.runError(err, a.storedReport(s, c))
	}
	return a.tell(a.outcome(out, a.storedReport(s, c)))
}

// verify proves the record unaltered.
func (a *app) verify(id string) error {
	if err := a.open(); err != nil {
		return err
	}
	j, err := a.record()
	var p *action.Problem
	if errors.As(err, &p) && journal.Damaged(err) {
		return a.tellVerify(id, 0, &journal.Fault{Seq: 1, ZH: p.ZH, EN: p.EN}, a.tongue())
	}
	if err != nil {
		return err
	}
	if id != "" {
		if id, err = j.Find(id); err != nil {
			return a.noRun(id, err)
		}
	}
	lang := a.tongue()
	n, fault, err := j.Verify()
	if err != nil {
		return err
	}
	if fault == nil {
		fault, err = a.verifyBlobs(id)
		if err != nil {
			return err
		}
	}
	return a.tellVerify(id, n, fault, lang)
}

// tellVerify says whether the record is sound.
func (a *app) tellVerify(id string, n int64, fault *journal.Fault, lang string) error {
	if a.flags.json {
		v := map[string]any{"version": report.Version, "sound": fault == nil, "entries": n}
		if id != "" {
			v["run"] = id
		}
		if fault != nil {
			v["bad"] = map[string]any{"entry": fault.Seq, "run": fault.Run, "text": say(lang, fault.ZH, fault.EN)}
		}
		if err := json.NewEncoder(a.out).Encode(v); err != nil {
			return err
		}
	} else if fault == nil {
		fmt.Fprintln(a.out, say(lang, fmt.Sprintf("记录完好：%d 条，前后相连，没有改动", n), fmt.Sprintf("the record is sound: %d entries, each chained to the one before, none altered", n)))
	} else {
		of, from := "", ""
		if fault.Seq > 0 {
			from = say(lang, fmt.Sprintf("：从第 %d 条起", fault.Seq), fmt.Sprintf(": from entry %d on", fault.Seq))
		}
		if fault.Run != "" {
			of = say(lang, "（运行 "+fault.Run+"）", " (run "+fault.Run+")")
		}
		fmt.Fprintln(a.out, say(lang, "记录被动过"+from+of+"："+fault.ZH, "the record was altered"+from+of+": "+fault.EN))
	}
	if fault != nil {
		a.code = report.ExitFailed
	}
	return nil
}

// runs lists the history.
func (a *app) runs(limit int) error {
	if err := a.open(); err != nil {
		return err
	}
	e, err := a.engine(nil)
	if err != nil {
		return err
	}
	list, err := e.Runs()
	if err != nil {
		return err
	}
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	rows := make([]report.Run, len(list))
	for i, s := range list {
		rows[i] = report.Run{Run: s.Run, Status: s.Status, Request: s.Request, Started: s.Started.Local(), Seconds: s.Seconds, Undone: s.Undone}
	}
	if a.flags.json {
		return report.WriteRunsJSON(a.out, rows)
	}
	return report.WriteRuns(a.out, a.style(a.tongue()), rows)
}
