package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"daiban/report"
	"daiban/run"
)

func TestChoose(t *testing.T) {
	a := &app{}
	two := []string{"x = 1\n", "x = 2\n"}
	q := a.meaning(two, "en")
	for _, c := range []struct {
		readings []string
		answer   string
		want     string
		ok       bool
	}{
		{two, "1", two[0], true}, {two, " 2 ", two[1], true}, {two, q.Choices[1], two[1], true}, {two, "3", "", true}, {two, "no", "", true},
		{two, "4", "", false}, {two, "0", "", false}, {two, "yes", "", false}, {two, "", "", false},
		{two[:1], "yes", two[0], true}, {two[:1], "是", two[0], true}, {two[:1], "2", "", true},
	} {
		if got, ok := choose(c.readings, a.meaning(c.readings, "en"), c.answer); got != c.want || ok != c.ok {
			t.Errorf("%q of %d: %q, %v; want %q, %v", c.answer, len(c.readings), got, ok, c.want, c.ok)
		}
	}
}

// TestMeaning: a request with two readings is a question, whose answer runs the reading that was meant.
func TestMeaning(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	readings := []string{"file.copy(\"a.txt\", to=\"b.txt\")\n", "file.rename(\"a.txt\", to=\"b.txt\")\n"}
	call := func(f func(a *app) error) *report.Report {
		t.Helper()
		var out bytes.Buffer
		a := &app{in: &bytes.Buffer{}, out: &out, err: &out, flags: flags{dir: dir, home: home, json: true, lang: "zh"}}
		if err := a.open(); err != nil {
			t.Fatal(err)
		}
		defer func() { a.journal.Close() }()
		if err := f(a); err != nil {
			t.Fatal(err)
		}
		var r report.Report
		if err := json.Unmarshal(out.Bytes()[bytes.IndexByte(out.Bytes(), '{'):], &r); err != nil {
			t.Fatalf("%v\n%s", err, out.Bytes())
		}
		return &r
	}
	r := call(func(a *app) error {
		o, err := a.options("a.txt 弄成 b.txt", "zh")
		if err != nil {
			return err
		}
		_, what := a.meant(readings, &o)
		if what != isAsked {
			t.Fatalf("without an answer: %v", what)
		}
		return a.unsettled(o, readings, what, time.Now())
	})
	if r.Status != report.Question || len(r.Readings) != 2 || r.Questions[0].ID != meaningID || len(r.Questions[0].Choices) != 3 {
		t.Fatalf("the question is %+v", r)
	}
	done := call(func(a *app) error {
		return a.goOn(context.Background(), r.Run, run.Input{Answers: map[string]string{meaningID: "2"}})
	})
	if done.Status != report.Done || done.Flow != readings[1] {
		t.Errorf("after the answer: %s, %q", done.Status, done.Flow)
	}
	if _, err := os.Stat(filepath.Join(dir, "a.txt")); err == nil {
		t.Error("a.txt is still there: another reading was run")
	}
}

// TestMeantByFlag: --answer settles the meaning before the flow is checked, and is no answer of the flow.
func TestMeantByFlag(t *testing.T) {
	a := &app{}
	o := run.Options{Lang: "en", Answers: map[string]string{meaningID: "2", "1.to": "b"}}
	source, what := a.meant([]string{"x = 1\n", "x = 2\n"}, &o)
	if source != "x = 2\n" || what != isMeant || len(o.Answers) != 1 || o.Answers["1.to"] != "b" {
		t.Errorf("%q, %v, answers %v", source, what, o.Answers)
	}
	o.Answers = map[string]string{meaningID: "7"}
	if _, what := a.meant([]string{"x = 1\n"}, &o); what != notThere {
		t.Errorf("an answer that is no choice: %v", what)
	}
	if r := a.readingReport(run.Options{Lang: "en"}, []string{"x = 1\n"}, noneIs); r.Status != report.Refused || r.Flow != "" {
		t.Errorf("none: %+v", r)
	}
}
