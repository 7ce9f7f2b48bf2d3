package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
	"daiban/plan/origin"
	"daiban/report"
	"daiban/run"
)

// meaningID is the id of the question which reading of a request is meant. It stands before all steps.
const meaningID = "request.meaning"

// meaning asks which of several readings is meant.
func (a *app) meaning(readings []string, lang string) run.Question {
	q := run.Question{ID: meaningID, Text: say(lang, "是不是这个意思？", "Is this what is meant?")}
	if len(readings) > 1 {
		q.Text = say(lang, "这句话可以这样听，也可以那样听，是哪一种？", "This can be understood in more than one way: which is meant?")
	}
	for _, src := range readings {
		q.Choices = append(q.Choices, a.inOneLine(src, lang))
	}
	q.Choices = append(q.Choices, say(lang, "都不是", "none of these"))
	if len(readings) == 1 {
		q.Choices[1] = say(lang, "不是", "no")
	}
	return q
}

// inOneLine is a flow in words.
func (a *app) inOneLine(src, lang string) string {
	f, err := flow.Parse(src)
	if err != nil {
		return src
	}
	says := flow.SayFlow(f, lang, a.actions)
	for i, s := range says {
		says[i] = strings.TrimRight(strings.TrimSpace(s), "。.")
	}
	return strings.Join(says, say(lang, "；", "; "))
}

// choose is the reading that an answer names, by its number or its words; "" for none of them. ok is false for an answer
// that is no choice.
func choose(readings []string, q run.Question, answer string) (source string, ok bool) {
	answer = strings.TrimSpace(answer)
	i, err := strconv.Atoi(answer)
	if i--; err != nil {
		i = slices.Index(q.Choices, answer)
	}
	switch {
	case i >= 0 && i < len(readings):
		return readings[i], true
	case i == len(readings), slices.Contains([]string{"no", "none", "否"}, strings.ToLower(answer)):
		return "", true
	case len(readings) == 1 && slices.Contains([]string{"yes", "是"}, strings.ToLower(answer)):
		return readings[0], true
	}
	return "", false
}

// A chosen says what became of the question which reading is meant.
type chosen int

const (
	isMeant  chosen = iota // the flow that is given
	noneIs                 // none of the readings
	isAsked                // nobody has answered yet
	notThere               // the answer is no choice
)

// meant is the flow that the person means: by an answer that was given, or by the person at the terminal.
func (a *app) meant(readings []string, o *run.Options) (string, chosen) {
	q := a.meaning(readings, o.Lang)
	answer, ok := o.Answers[meaningID]
	if !ok && a.terminal() && !a.flags.json && !o.Preview {
		answer, ok = a.person(o.Lang).Ask(q)
	}
	if !ok {
		return readings[0], isAsked
	}
	source, ok := choose(readings, q, answer)
	switch {
	case !ok:
		return readings[0], notThere
	case source == "":
		return readings[0], noneIs
	}
	answers := map[string]string{}
	for k, v := range o.Answers {
		if k != meaningID {
			answers[k] = v
		}
	}
	o.Answers = answers
	return source, isMeant
}

// readingReport is the report of a request whose meaning is not settled.
func (a *app) readingReport(o run.Options, readings []string, what chosen) *report.Report {
	q := a.meaning(readings, o.Lang)
	r := a.report(o, o.Request)
	r.Flow = readings[0]
	if what == noneIs {
		text := say(o.Lang, "这几种意思都不是，所以什么也没做；换个说法再说一次", "none of these is meant, so nothing was done: say it in other words")
		r.Flow, r.Status, r.Error = "", report.Refused, &report.Error{Kind: "refused", Text: text}
		return r
	}
	for _, src := range readings {
		x := report.Reading{Flow: src}
		if f, err := flow.Parse(src); err == nil {
			x.Says = flow.SayFlow(f, o.Lang, a.actions)
		}
		r.Readings = append(r.Readings, x)
	}
	r.Status = report.Question
	r.Questions = []report.Ask{{ID: q.ID, Text: q.Text, Choices: q.Choices}}
	if what == notThere {
		r.Findings = []report.Finding{{Level: "warning", Text: say(o.Lang, "回答要是其中一种的号码", "the answer must be the number of one of these")}}
	}
	return r
}

// unsettled reports a request whose meaning is open, and keeps its readings so that an answer finds them again.
func (a *app) unsettled(o run.Options, readings []string, what chosen, started time.Time) error {
	r := a.readingReport(o, readings, what)
	r.Seconds = time.Since(started).Seconds()
	if r.Status != report.Question || o.Preview {
		return a.tell(r)
	}
	e, err := a.engine(nil)
	if err != nil {
		return err
	}
	r.Run = run.NewID(time.Now())
	d := draftOf(r, o, readings[0])
	d.Readings = readings
	if err := e.Keep(r.Run, d); err != nil {
		return err
	}
	return a.tell(r)
}

// settle takes the answer to which reading of a draft is meant, and leaves the other answers.
func (a *app) settle(s *run.Stored, answers map[string]string) (source string, rest map[string]string, err error) {
	d := s.Draft
	answer, ok := answers[meaningID]
	if len(d.Readings) == 0 || !ok {
		return d.Flow, answers, nil
	}
	source, ok = choose(d.Readings, a.meaning(d.Readings, s.Options.Lang), answer)
	switch {
	case !ok:
		return "", nil, usage("回答要是 1 到 %d 里的一个号码", "the answer must be a number from 1 to %d", len(d.Readings)+1)
	case source == "":
		return "", nil, action.Refused("这几种意思都不是，所以什么也没做；换个说法再说一次", "none of these is meant, so nothing was done: say it in other words")
	}
	rest = map[string]string{}
	for k, v := range answers {
		if k != meaningID {
			rest[k] = v
		}
	}
	return source, rest, nil
}

// origins is where the request says the values of a checked flow.
func (a *app) origins(request string, res check.Result) []report.Origin {
	if request == "" || res.Draft == nil {
		return nil
	}
	var out []report.Origin
	for _, v := range origin.Find(request, res.Draft, a.actions) {
		x := report.Origin{Step: v.Step, Argument: v.Arg, Value: v.Text, Words: v.Words(request), Spans: [][2]int{}}
		for _, s := range v.Spans {
			x.Spans = append(x.Spans, [2]int{s.From, s.To})
		}
		out = append(out, x)
	}
	return out
}
