package main

import (
	"math"
	"testing"

	"daiban/actions"
	"daiban/data"
	"daiban/plan"
	"daiban/plan/model"
	"daiban/plan/score"
)

func judged(right, got string, d plan.Draft) result {
	d.Flow = got
	r := result{Pair: data.Pair{Lang: "en", Flow: right}, got: d}
	set := actions.All()
	r.judge(score.New(set), set)
	return r
}

func TestJudge(t *testing.T) {
	ok := plan.Draft{Understood: true}
	const right = "rows = table.read(\"a.csv\")\nmail.send(to=missing, attach=rows)\n"
	for _, c := range []struct {
		got            string
		d              plan.Draft
		exact, acted   bool
		asked          bool
		args, holesHit match
	}{
		{"data = table.read(\"a.csv\")\nmail.send(to=missing, attach=data)\n", ok, true, false, true, match{3, 3, 3}, match{1, 1, 1}},
		{"data = table.read(\"b.csv\")\nmail.send(to=\"x@y.cn\", attach=data)\n", ok, false, true, false, match{3, 3, 1}, match{0, 1, 0}},
		{"cannot(\"read\")\n", ok, false, false, false, match{1, 3, 0}, match{0, 1, 0}},
		{"", plan.Draft{}, false, false, false, match{0, 3, 0}, match{0, 1, 0}},
		{"data = table.read(\"a.csv\")\n", plan.Draft{Understood: true, Readings: []string{"x", "y"}}, false, false, true, match{1, 3, 1}, match{0, 1, 0}},
	} {
		r := judged(right, c.got, c.d)
		if r.exact != c.exact || r.acted() != c.acted || r.asked() != c.asked || r.args != c.args || r.holes != c.holesHit {
			t.Errorf("%q: exact %v, acted %v, asked %v, arguments %v, holes %v", c.got, r.exact, r.acted(), r.asked(), r.args, r.holes)
		}
	}
	tab := summarize([]result{judged(right, right, plan.Draft{Understood: true, Confidence: 0.9}), judged("cannot(\"x\")\n", "cannot(\"y\")\n", ok)})
	if x := tab.Rows[0]; x.N != 2 || x.Exact.K != 2 || x.F1 != 1 || x.Cannot.K != 1 || x.Unjust.K != 0 || x.Exact.Low < 0.3 || x.Exact.High != 1 {
		t.Errorf("row %+v", x)
	}
	if len(tab.Coverage) == 0 || tab.Coverage[0].Share.K != 1 {
		t.Errorf("coverage %+v", tab.Coverage)
	}
}

// TestRegress: a rule with noise is found again, on the scale of the features.
func TestRegress(t *testing.T) {
	var cases []example
	for i := range 400 {
		x := float64(i%40)/4 - 5
		right := x > 1
		if i%10 == 0 {
			right = !right
		}
		cases = append(cases, example{model.Features{"sum": x, "gap": 10}, right})
	}
	j := regress(cases, []string{"sum", "gap"})
	if _, constant := j.Weights["gap"]; constant || j.Weights["sum"] <= 0 {
		t.Errorf("weights %v", j.Weights)
	}
	if at := -j.Bias / j.Weights["sum"]; math.Abs(at-1) > 0.5 {
		t.Errorf("half sure at %g, want about 1", at)
	}
	high, low := thresholds(model.Trust{First: j, All: j}, cases, cases, 0.9)
	if !(low < high && high < 0.99) {
		t.Errorf("thresholds %g and %g", high, low)
	}
}
