package text

import (
	"context"
	"errors"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
)

// fake is a language model that says what its test decides.
type fake struct {
	host   string
	say    func(t action.Talk) string
	weigh  func(question, answer string) float64 // log probability; nil when it cannot tell
	talks  []action.Talk
	weighs int
}

func (f *fake) Model() (name, host string) { return "fake", f.host }
func (f *fake) Room() int                  { return 4000 }
func (f *fake) Size(text string) int       { return len([]rune(text)) }

func (f *fake) Answer(_ context.Context, t action.Talk) (action.Answered, error) {
	f.talks = append(f.talks, t)
	a := action.Answered{Text: f.say(t)}
	if f.host != "" {
		a.Sent = len(t.Turns[len(t.Turns)-1])
	}
	return a, nil
}

func (f *fake) Weigh(_ context.Context, t action.Talk, answers []string) ([]action.Weight, action.Answered, error) {
	f.weighs++
	if f.weigh == nil {
		return nil, action.Answered{}, nil
	}
	out := make([]action.Weight, len(answers))
	for i, a := range answers {
		out[i] = action.Weight{LogProb: f.weigh(t.Turns[len(t.Turns)-1], a), Tokens: 1}
	}
	return out, action.Answered{}, nil
}

// says always answers the same.
func says(s string) *fake { return &fake{say: func(action.Talk) string { return s }} }

func env(t *testing.T, f *fake) *actiontest.Env {
	e := actiontest.New(t, All)
	if f != nil {
		e.Words = f
	}
	return e
}

func fails(t *testing.T, e *actiontest.Env, src, kind, zh, en string) {
	t.Helper()
	_, err := e.Flow(src)
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != kind || !strings.Contains(p.ZH, zh) || !strings.Contains(p.EN, en) {
		t.Errorf("%s: %v; want %s with %q and %q", src, err, kind, zh, en)
	}
}

// material is the text that a question is about.
func material(t action.Talk) string {
	q := t.Turns[len(t.Turns)-1]
	_, q, _ = strings.Cut(q, "\"\"\"\n")
	m, _, _ := strings.Cut(q, "\n\"\"\"")
	return m
}
