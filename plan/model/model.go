// Package model is the planner by a language model on this machine: the request is its prompt,
// and it writes the flow under the grammar of flows (package flowgrammar), so that
// what it writes parses, names only actions and variables that exist and takes its values from
// the request. Nothing leaves the machine, and nothing but the request reaches the model.
//
// It knows how sure it is: Trust says how likely a flow is exactly right, from the model's own probabilities. Where that is
// little it writes other readings too, from the places where it was least sure; where it stays little, the person is
// asked, or told what was not understood.
package model

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"daiban/flow"
	"daiban/gpt"
	"daiban/plan"
	"daiban/plan/flowgrammar"
	"daiban/plan/near"
	"daiban/plan/origin"
)

// Engine is what the planner needs of a language model: *gpt.Engine.
type Engine interface {
	Generate(ctx context.Context, r gpt.Request) (*gpt.Output, error)
}

// Tokens is what it needs of its tokenizer: *token.Tokenizer.
type Tokens interface {
	Encode(text string) []int
	Bytes(id int) []byte
	IsSpecial(id int) bool
}

// A Planner writes flows with a language model that was trained to.
type Planner struct {
	Engine  Engine
	Tokens  Tokens
	Grammar *flowgrammar.Grammar // nil: the model writes freely, for measuring what the grammar is worth
	// Check says what is wrong with a flow; nil accepts all. A reading with a fault loses to one without.
	Check func(flow string) []string
	// Same reports whether two flows mean the same; nil compares their texts.
	Same func(a, b string) bool
	// Lessons gives known pairs that are like a request, for the prompt; nil gives none. The user's own, of
	// the plan.Request, come first.
	Lessons func(request string) []plan.Lesson
	// Candidates is how many readings are written at most where the first is not sure; 0 means 3.
	Candidates int
	// Trust says how sure a reading is and when that is enough; nil goes on with the best.
	Trust *Trust
}

// Bounds of a request and a flow.
const (
	requestMax = 4000 // bytes
	linesMax   = 48
	tokensMax  = 768
)

// Prompt is what the model sees of a request; what follows it is the flow. Training uses the same.
func Prompt(request string, lessons ...plan.Lesson) string {
	var b strings.Builder
	for _, l := range lessons {
		b.WriteString(heading(l.Request) + strings.TrimRight(l.Flow, "\n") + "\n\n")
	}
	b.WriteString(heading(request))
	return b.String()
}

func heading(request string) string { return "# " + strings.Join(strings.Fields(request), " ") + "\n" }

// Plan writes a flow. The likeliest is taken when nothing is wrong with it and it is sure; else others are tried, and
// the best of those is given, or offered with the next best.
func (p *Planner) Plan(ctx context.Context, r plan.Request) (plan.Draft, error) {
	lang := cmp.Or(r.Lang, plan.Language(r.Text))
	if text := strings.TrimSpace(r.Text); text == "" || len(text) > requestMax {
		return plan.Draft{Why: say(lang, "请求是空的，或者太长", "the request is empty, or too long")}, nil
	}
	if known, ok := learned(r); ok {
		return plan.Draft{Flow: known, Understood: true, Confidence: 1}, nil
	}
	w := p.writer(r)
	all, err := w.readings(ctx, p.Trust != nil)
	if err != nil {
		return plan.Draft{}, err
	}
	d := plan.Draft{TokensIn: len(w.prompt)}
	for _, c := range all.Readings {
		d.TokensOut += c.Tokens
	}
	if all.Best().Flow == "" {
		d.Why = say(lang, "没有听懂这句话", "the request was not understood")
		return d, nil
	}
	d.Confidence = all.Confidence
	p.decide(&d, all, r.Text, lang)
	return d, nil
}

// decide puts the readings into d as far as they are trusted.
func (p *Planner) decide(d *plan.Draft, all *Readings, request, lang string) {
	best := all.Best()
	switch {
	case p.Trust == nil || all.Confidence >= p.Trust.High:
		d.Flow, d.Understood = best.Flow, true
	case all.Confidence >= p.Trust.Low:
		d.Flow, d.Understood = best.Flow, true
		d.Readings = []string{best.Flow}
		if second := all.Second(); second != nil {
			d.Readings = append(d.Readings, second.Flow)
		}
	default:
		d.Why = notSure(best.Flow, request, lang)
	}
}

// notSure says what of the request no flow accounts for.
func notSure(best, request, lang string) string {
	var left []string
	if f, err := flow.Parse(best); err == nil {
		left = origin.Unused(request, origin.Find(request, f, nil))
	}
	if len(left) == 0 {
		return say(lang, "没有把握听懂这句话；换个说法，或者分成几句来说", "not sure that this was understood: say it in other words, or in several sentences")
	}
	quoted := make([]string, len(left))
	for i, s := range left {
		quoted[i] = "“" + s + "”"
	}
	return say(lang, "没有把握听懂这句话，不知道拿"+strings.Join(quoted, "、")+"做什么；换个说法，或者分成几句来说",
		fmt.Sprintf("not sure that this was understood, nor what to do with %s: say it in other words, or in several sentences", strings.Join(quoted, ", ")))
}

// learned is the flow that the user taught for this very request, the last one.
func learned(r plan.Request) (string, bool) {
	key := strings.ToLower(flow.Fold(heading(r.Text)))
	for i := len(r.Lessons) - 1; i >= 0; i-- {
		if strings.ToLower(flow.Fold(heading(r.Lessons[i].Request))) == key {
			return r.Lessons[i].Flow, true
		}
	}
	return "", false
}

// likeMin is how like a request a lesson of the user must be to stand in the prompt.
const likeMin = 0.35

// lesson is the one lesson that stands in the prompt: the user's own that is most like the request, else a known one.
func (p *Planner) lesson(r plan.Request) []plan.Lesson {
	best, like := -1, likeMin
	for i, l := range r.Lessons {
		if x := near.Like(l.Request, r.Text); x >= like && len(l.Request)+len(l.Flow) < requestMax {
			best, like = i, x
		}
	}
	if best >= 0 {
		return r.Lessons[best : best+1]
	}
	if p.Lessons == nil {
		return nil
	}
	return p.Lessons(r.Text)
}

func (p *Planner) writer(r plan.Request) *writer {
	w := &writer{p: p, request: r.Text, prompt: p.Tokens.Encode(Prompt(r.Text, p.lesson(r)...))}
	if p.Grammar != nil {
		w.lines = p.Grammar.Request(r.Text)
	}
	return w
}

// Read is the readings of a request, all that the planner may write, with what Trust judges by: for calibrating it.
func (p *Planner) Read(ctx context.Context, r plan.Request) (*Readings, error) {
	w := p.writer(r)
	w.always = true
	return w.readings(ctx, true)
}

// Sample is one flow drawn with the model's own probabilities at a temperature; "" where it came to no end.
func (p *Planner) Sample(ctx context.Context, r plan.Request, temperature float32, seed uint64) (string, error) {
	x, err := p.writer(r).write(ctx, start{}, gpt.Sampling{Temperature: temperature, Seed: seed})
	return x.Flow, err
}

func say(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}
