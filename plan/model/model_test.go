package model_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"daiban/actions"
	"daiban/flow"
	"daiban/gpt"
	"daiban/gpt/grammar"
	"daiban/plan"
	"daiban/plan/flowgrammar"
	"daiban/plan/model"
)

// letters is a tokenizer whose tokens are bytes; 256 is the end.
type letters struct{}

func (letters) Encode(text string) []int {
	var out []int
	for _, b := range []byte(text) {
		out = append(out, int(b))
	}
	return out
}
func (letters) Bytes(id int) []byte {
	if id < 256 {
		return []byte{byte(id)}
	}
	return nil
}
func (letters) IsSpecial(id int) bool { return id == 256 }

// An oracle is an engine that writes what it is told, as far as the grammar lets it: the first of its texts that goes on from
// what stands there.
type oracle struct {
	texts  []string
	mu     sync.Mutex         // of seen: readings are written side by side
	seen   []string           // prompts
	second map[string]float64 // what stands before -> how unsure it is there: probability of going on with the next text
	err    error
}

func (o *oracle) Generate(_ context.Context, r gpt.Request) (*gpt.Output, error) {
	if o.err != nil {
		return nil, o.err
	}
	prompt := text(r.Prompt)
	o.mu.Lock()
	o.seen = append(o.seen, prompt)
	o.mu.Unlock()
	before := prompt[strings.LastIndex(prompt, "# "):]
	before = before[strings.IndexByte(before, '\n')+1:] // lines of the flow
	s := gpt.Sequence{Finish: gpt.Stopped, Tokens: slices.Clone(r.Begin)}
	for _, t := range r.Begin {
		s.Places = append(s.Places, gpt.Place{Choice: gpt.Choice{Token: t}})
	}
	state := grammar.State{}
	if r.Grammar != nil {
		var ok bool
		if state, ok = r.Grammar.Start().Advance([]byte(text(r.Begin))); !ok {
			return &gpt.Output{Sequences: []gpt.Sequence{s}}, nil
		}
	}
	for {
		at := before + text(s.Tokens)
		next, other := o.next(at)
		for r.Grammar != nil && state.Done() {
			p, err := r.More(text(s.Tokens))
			if err != nil {
				return nil, err
			}
			if p == nil {
				next = 256
				break
			}
			state = p.Start()
		}
		if next == 256 {
			break
		}
		if r.Grammar != nil {
			var ok bool
			if state, ok = state.Advance([]byte{byte(next)}); !ok {
				return nil, fmt.Errorf("the grammar does not allow %q after %q", string(rune(next)), at)
			}
		}
		place := gpt.Place{Choice: gpt.Choice{Token: next, LogProb: -0.001}}
		if other >= 0 {
			p := o.second[at]
			place.LogProb = math.Log(1 - p)
			place.Second = &gpt.Choice{Token: other, LogProb: math.Log(p)}
		}
		s.Tokens, s.Places = append(s.Tokens, next), append(s.Places, place)
		s.LogProb += place.LogProb
	}
	s.Text = text(s.Tokens)
	return &gpt.Output{Sequences: []gpt.Sequence{s}}, nil
}

// next is the byte that the first fitting text goes on with, and another one where the oracle is unsure (else -1).
func (o *oracle) next(at string) (next, other int) {
	next, other = 256, -1
	first := true
	for _, t := range o.texts {
		if !strings.HasPrefix(t, at) || len(t) == len(at) {
			continue
		}
		switch b := int(t[len(at)]); {
		case first:
			next, first = b, false
		case b != next && o.second[at] > 0:
			other = b
		}
	}
	return next, other
}

func text(tokens []int) string {
	var b []byte
	for _, t := range tokens {
		b = append(b, letters{}.Bytes(t)...)
	}
	return string(b)
}

func planner(o *oracle) *model.Planner {
	return &model.Planner{Engine: o, Tokens: letters{}, Grammar: flowgrammar.New(actions.All(), flowgrammar.Options{})}
}

const request = "把 a.txt 移到 归档，b.txt 删掉"

func ask(t *testing.T, p *model.Planner, r plan.Request) plan.Draft {
	t.Helper()
	d, err := p.Plan(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPlan(t *testing.T) {
	const right = "file.move(\"a.txt\", to=\"归档\")\nfile.delete(\"b.txt\")\n"
	for _, written := range []string{right, strings.TrimSuffix(right, "\n")} { // a model may end without a newline
		o := &oracle{texts: []string{written}}
		d := ask(t, planner(o), plan.Request{Text: request})
		if d.Flow != right || !d.Understood || d.TokensIn == 0 || d.TokensOut == 0 {
			t.Errorf("planned %+v", d)
		}
		if len(o.seen) != 1 || o.seen[0] != "# "+request+"\n" {
			t.Errorf("the model saw %q", o.seen)
		}
	}
	for _, bad := range []string{"", " \n ", strings.Repeat("长", 3000)} {
		if d := ask(t, planner(&oracle{}), plan.Request{Text: bad}); d.Understood || d.Why == "" {
			t.Errorf("%.10q: %+v", bad, d)
		}
	}
	broken := &oracle{err: errors.New("broken")}
	if _, err := planner(broken).Plan(context.Background(), plan.Request{Text: "x"}); !errors.Is(err, broken.err) {
		t.Errorf("error %v", err)
	}
	endless := strings.Repeat("file.delete(\"a.txt\")\n", 60)
	if d := ask(t, planner(&oracle{texts: []string{endless}}), plan.Request{Text: request}); d.Understood {
		t.Errorf("a flow without an end is taken: %q", d.Flow)
	}
}

// unsure is an oracle that would nearly as well delete as move.
func unsure(p float64) *oracle {
	return &oracle{
		texts:  []string{"file.move(\"a.txt\", to=\"归档\")\n", "file.delete(\"a.txt\")\n", "file.move(\"a.txt\", to=\"b.txt\")\n"},
		second: map[string]float64{"file.": p, "file.move(\"a.txt\", to=\"": p / 4},
	}
}

// TestRefused: a reading that the checker refuses loses to a less likely one.
func TestRefused(t *testing.T) {
	p := planner(unsure(0.3))
	p.Check = func(flow string) []string {
		if strings.Contains(flow, "归档") {
			return []string{"no"}
		}
		return nil
	}
	if d := ask(t, p, plan.Request{Text: request}); d.Flow != "file.delete(\"a.txt\")\n" {
		t.Errorf("taken is %q", d.Flow)
	}
}

func TestRead(t *testing.T) {
	r, err := planner(unsure(0.3)).Read(context.Background(), plan.Request{Text: request})
	if err != nil {
		t.Fatal(err)
	}
	var flows []string
	for _, x := range r.Readings {
		flows = append(flows, x.Flow)
	}
	if want := unsure(0).texts; !slices.Equal(flows, []string{want[0], want[1], want[2]}) {
		t.Errorf("readings %q", flows)
	}
	if r.Second() == nil || r.Second().Flow != flows[1] {
		t.Errorf("second is %+v", r.Second())
	}
	for i, want := range []float64{math.Log(0.7) + math.Log(1-0.3/4), math.Log(0.3), math.Log(0.7) + math.Log(0.3/4)} {
		if got := r.Readings[i].LogProb; math.Abs(got-want) > 0.1 { // the other tokens are nearly sure
			t.Errorf("reading %d: log probability %g, want about %g", i, got, want)
		}
	}
	if g := r.All["gap"]; math.Abs(g-(r.Readings[0].LogProb-r.Readings[1].LogProb)) > 1e-9 || r.First["gap"] != 10 {
		t.Errorf("gap %g, of the first alone %g", g, r.First["gap"])
	}
	if r.First["doubt"] > math.Log(0.3/0.7)+1e-9 || r.First["unused"] != 1 {
		t.Errorf("features %v", r.First)
	}
}

// TestTrust: sure goes on, half sure asks with two readings, unsure says what is left over.
func TestTrust(t *testing.T) {
	judge := model.Judge{Weights: map[string]float64{"doubt": -1}} // 1/(1+e^doubt): unsure where another came near
	for _, c := range []struct {
		p         float64
		high, low float64
		flow      string
		readings  int
		why       string
	}{
		{0.001, 0.8, 0.2, "file.move(\"a.txt\", to=\"归档\")\n", 0, ""},
		{0.3, 0.8, 0.2, "file.move(\"a.txt\", to=\"归档\")\n", 2, ""},
		{0.3, 0.99, 0.9, "", 0, "b.txt"},
	} {
		p := planner(unsure(c.p))
		p.Trust = &model.Trust{Version: 1, First: judge, All: judge, High: c.high, Low: c.low}
		d := ask(t, p, plan.Request{Text: request})
		if d.Flow != c.flow || len(d.Readings) != c.readings || !strings.Contains(d.Why, c.why) || d.Understood != (c.flow != "") {
			t.Errorf("unsure by %g: %+v", c.p, d)
		}
	}
}

// TestNames: what a variable is called is no other reading.
func TestNames(t *testing.T) {
	o := &oracle{texts: []string{"rows = table.read(\"a.txt\")\ncount(rows)\n", "numbers = table.read(\"a.txt\")\ncount(numbers)\n"}, second: map[string]float64{"": 0.45}}
	r, err := planner(o).Read(context.Background(), plan.Request{Text: request})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Readings) != 1 || r.First["sum"] < -0.2 {
		t.Errorf("%d readings, sum %g", len(r.Readings), r.First["sum"])
	}
}

func TestLessons(t *testing.T) {
	o := &oracle{texts: []string{"file.delete(\"b.txt\")\n"}}
	p := planner(o)
	p.Lessons = func(string) []plan.Lesson { return []plan.Lesson{{Request: "known", Flow: "stop(\"known\")\n"}} }
	own := []plan.Lesson{{Request: "把 c.txt 移到 归档，b.txt 删掉", Flow: "file.delete(\"c.txt\")"}, {Request: "total sales", Flow: "x = 1\n"}}
	ask(t, p, plan.Request{Text: request, Lessons: own})
	if want := "# 把 c.txt 移到 归档，b.txt 删掉\nfile.delete(\"c.txt\")\n\n# " + request + "\n"; o.seen[0] != want {
		t.Errorf("the model saw %q", o.seen[0])
	}
	ask(t, p, plan.Request{Text: request, Lessons: own[1:]})
	if want := "# known\nstop(\"known\")\n\n# " + request + "\n"; o.seen[1] != want {
		t.Errorf("without a near lesson of the user's the model saw %q", o.seen[1])
	}
	d := ask(t, p, plan.Request{Text: "Total  SALES", Lessons: own})
	if d.Flow != "x = 1\n" || len(o.seen) != 2 {
		t.Errorf("what was taught is not done: %+v", d)
	}
}

// TestTiny: a real model with random weights writes nothing but flows.
func TestTiny(t *testing.T) {
	e, err := gpt.Open("../../gpt/model/testdata/gpt2-article", gpt.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	p := &model.Planner{Engine: e, Tokens: e.Tokenizer(), Grammar: flowgrammar.New(actions.All(), flowgrammar.Options{})}
	whole := 0
	const draws = 60
	for seed := range uint64(draws) {
		text, err := p.Sample(context.Background(), plan.Request{Text: "x.csv 删"}, 1, seed)
		if err != nil {
			t.Fatal(err)
		}
		if text == "" { // its context is small
			continue
		}
		whole++
		if _, err := flow.Parse(text); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, text)
		}
	}
	if whole == 0 {
		t.Errorf("none of %d came to an end", draws)
	}
}

func TestReadTrust(t *testing.T) {
	good, err := model.ReadTrust([]byte(`{"version":1,"first":{"bias":1,"weights":{"sum":0.5}},"all":{},"high":0.9,"low":0.2,"pairs":3}`))
	if err != nil || math.Abs(good.First.Probability(model.Features{"sum": -2})-0.5) > 1e-9 {
		t.Errorf("%+v, %v", good, err)
	}
	for _, bad := range []string{`{"version":2,"high":1}`, `{"version":1,"high":0.2,"low":0.9}`, `{"version":1,"high":2}`, `{`} {
		if _, err := model.ReadTrust([]byte(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}
