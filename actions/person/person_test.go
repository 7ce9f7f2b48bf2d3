package person

import (
	"errors"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

func TestCases(t *testing.T) { actiontest.Cases(t, All, "testdata/*/*.txtar") }

func TestAsk(t *testing.T) {
	e := actiontest.New(t, All)
	_, err := e.Flow(`person.ask("用哪个模板？", choices=["甲", "Plan B"])`)
	var w *action.Waiting
	if !errors.As(err, &w) || w.Question.ID != "answer" || w.Question.Text != "用哪个模板？" || len(w.Question.Choices) != 2 || w.Question.Approval {
		t.Fatalf("%v", err)
	}
	for answer, want := range map[string]string{"甲": "甲", " plan ｂ": "Plan B", "2": "Plan B"} {
		e.Answers["answer"] = flow.Text(answer)
		v, err := e.Flow(`person.ask("用哪个模板？", choices=["甲", "Plan B"])`)
		if err != nil || v.Text() != want {
			t.Errorf("%q: %v, %v", answer, v, err)
		}
	}
	e.Answers["answer"] = flow.Text("丙")
	if _, err := e.Flow(`person.ask("用哪个模板？", choices=["甲", "Plan B"])`); err == nil {
		t.Error("an answer that is no choice was taken")
	}
	if v, err := e.Flow(`person.ask("谁？")`); err != nil || v.Text() != "丙" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestApprove(t *testing.T) {
	e := actiontest.New(t, All)
	e.Vars["rows"] = flow.NumInt(3)
	const src = `person.approve("发送汇总", by="总监", show=rows)`
	_, err := e.Flow(src)
	var w *action.Waiting
	if !errors.As(err, &w) || !w.Question.Approval || w.Question.By != "总监" || w.Question.Show.String() != "3" {
		t.Fatalf("%v", err)
	}
	e.Answers["approved"] = flow.Text("yes")
	if _, err := e.Flow(src); err != nil {
		t.Error(err)
	}
	e.Answers["approved"] = flow.Text("no")
	_, err = e.Flow(src)
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != "business" {
		t.Errorf("%v; want a business error", err)
	}
}
