package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// bowl is a loss with its least at a candidate, and noise that falls with the tokens.
func bowl(least candidate, noise float64) func(stage string, c candidate, tokens int) (float64, error) {
	return func(_ string, c candidate, tokens int) (float64, error) {
		if c.Rate > 0.3 {
			return math.Inf(1), nil
		}
		l := math.Pow(math.Log10(c.Rate/least.Rate), 2) + 0.05*math.Pow(math.Log2(float64(c.Batch)/float64(least.Batch)), 2)
		if c.Rank > 0 {
			l += 0.02 * math.Pow(math.Log2(float64(c.Rank)/float64(least.Rank)), 2)
		}
		return 1 + l + noise*math.Sin(c.Rate*1e6+float64(c.Batch))/float64(tokens) + 100/float64(tokens), nil
	}
}

// TestSearch: the search finds the neighbourhood of the best, is the same each time, and never ends with
// something worse than the defaults.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		name        string
		rounds      int
		least       candidate
		most        float64 // above the least that there is
		firstRounds string
	}{
		{"near", 2, candidate{1e-3, 1024, 16}, 0.05, "rate rate rate round 1"},
		{"high", 2, candidate{0.02, 2048, 16}, 0.15, "rate rate rate rate rate round 1"},
		{"low", 2, candidate{1.5e-5, 512, 32}, 0.2, "rate rate rate rate rate round 1"},
		{"one", 1, candidate{3e-3, 512, 8}, 0.3, "rate rate rate rate round 1"},
		{"rate", 0, candidate{3e-4, 1024, 16}, 0.05, "rate rate rate rate"},
		{"whole", 2, candidate{3e-4, 2048, 0}, 0.1, "rate rate rate rate round 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defaults := candidate{1e-3, 1024, min(c.least.Rank, 16)}
			if c.least.Rank > 0 {
				defaults.Rank = 16
			}
			objective := bowl(c.least, 20)
			var stages []string
			total := 0
			s := search{defaults: defaults, searchPlan: searchPlan{Tokens: 4096, Rounds: c.rounds}, measure: func(stage string, x candidate, tokens int) (float64, error) {
				stages, total = append(stages, stage), total+tokens
				return objective(stage, x, tokens)
			}}
			f, err := s.run()
			if err != nil {
				t.Fatal(err)
			}
			got, _ := bowl(c.least, 0)("", f.best, 1<<40)
			if got-1 > c.most || f.loss > f.defaults {
				t.Errorf("found %+v, %.3f above the best; loss %g, defaults %g", f.best, got-1, f.loss, f.defaults)
			}
			if !strings.HasPrefix(strings.Join(stages, " "), c.firstRounds) {
				t.Errorf("stages %q", stages)
			}
			for _, z := range searches {
				if z.rounds == c.rounds && (len(stages) > z.trials || float64(total) > z.times*4096) {
					t.Errorf("%d trials with %d tokens: the plan says %d and %g", len(stages), total, z.trials, z.times*4096)
				}
			}
			again := s
			if g, err := again.run(); err != nil || g != f {
				t.Errorf("again: %+v (%v), before %+v", g, err, f)
			}
		})
	}
}

func TestSearchDiverges(t *testing.T) {
	n := 0
	s := search{defaults: candidate{1, 64, 0}, searchPlan: searchPlan{Tokens: 100, Rounds: 2}, measure: func(string, candidate, int) (float64, error) {
		n++
		return math.Inf(1), nil
	}}
	if _, err := s.run(); !errors.Is(err, ErrDiverged) || n != rateTries {
		t.Errorf("%d trials: %v", n, err)
	}
	s.defaults, s.measure = candidate{2, 64, 0}, bowl(candidate{0.01, 64, 0}, 0)
	f, err := s.run()
	if err != nil || f.best.Rate > 0.3 || !math.IsInf(f.defaults, 1) {
		t.Errorf("from defaults that diverge: %+v, %v", f, err)
	}
	s.measure = func(string, candidate, int) (float64, error) { return 0, os.ErrClosed }
	if _, err := s.run(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("an error of measuring: %v", err)
	}
}

func TestPlanSearch(t *testing.T) {
	for _, c := range []struct {
		tokens, besides float64
		batch           int
		want            string
	}{
		{35 * 32 * 100, 0, 100, "{3200 2} true"},
		{35*32*100 - 1000, 0, 100, "{6500 1} true"}, // 17 times
		{10 * 600, 0, 100, "{1200 0} true"},
		{5*600 - 1, 0, 100, "{0 0} false"},
		{35*32*100 + 20*50, 50, 100, "{3200 2} true"},
		{0, 0, 100, "{0 0} false"},
	} {
		p, ok := planSearch(c.tokens, c.besides, c.batch)
		if got := fmt.Sprint(p, ok); got != c.want {
			t.Errorf("%g tokens: %s, want %s", c.tokens, got, c.want)
		}
	}
}

// TestTune: a search in steps ends with a run and its report; stopped or killed in any trial it goes on to the same end.
func TestTune(t *testing.T) {
	data := tinyPairs(t, 60)
	settings := func() Settings {
		s := tiny(t, data)
		s.Steps, s.BatchTokens, s.PassRows, s.Evals = 1100, 20, 20, 4
		return s
	}
	s := settings()
	var seen []Trial
	want, err := Tune(t.Context(), s, TuneWatch{Trial: func(x Trial) { seen = append(seen, x) }})
	if err != nil {
		t.Fatal(err)
	}
	if !want.Searched || len(seen) != len(want.Trials) || len(seen) < 9 || want.Gain() < 0 || want.Steps < 60 || want.Settings.Patience != usualPatience {
		t.Errorf("%+v of %d trials", want, len(seen))
	}
	if got, err := ReadTrials(s.Out); err != nil || fmt.Sprint(len(got), got[3].Stage, got[3].Rate) != fmt.Sprint(len(seen), seen[3].Stage, seen[3].Rate) {
		t.Errorf("trials.jsonl: %d trials, %v", len(got), err)
	}
	text := pageOf(t, s.Out)
	for _, x := range []string{"Chosen of ", "round 2", "What ships has"} {
		if !strings.Contains(text, x) {
			t.Errorf("the report lacks %q", x)
		}
	}
	if _, err := Tune(t.Context(), s, TuneWatch{}); !errors.Is(err, ErrTaken) {
		t.Errorf("a second search in the folder: %v", err)
	}

	cut := settings()
	cut.Resume = true
	for _, at := range []int{1, 3, 6, 8} { // stopped after so many trials
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err := Tune(ctx, cut, TuneWatch{Trial: func(Trial) {
			if n++; n == at {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "trial") {
			t.Fatalf("not stopped: %v", err)
		}
	}
	log := filepath.Join(cut.Out, trialFile)
	whole, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, whole[:len(whole)-9], 0o666); err != nil { // a kill while a line is written
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = Tune(ctx, cut, TuneWatch{Watch: Watch{Step: func(e Event) {
		if e.Step == 20 {
			cancel()
		}
	}}})
	if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "step 20") {
		t.Fatalf("not stopped in the run: %v", err)
	}
	got, err := Tune(t.Context(), cut, TuneWatch{})
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b Trial) bool {
		return a.Stage == b.Stage && a.Rate == b.Rate && a.BatchTokens == b.BatchTokens && *a.Eval == *b.Eval
	}
	if !slices.EqualFunc(got.Trials, want.Trials, same) || got.Eval != want.Eval || got.Result.Steps != want.Result.Steps {
		t.Errorf("after stops: evaluation %v, %d trials, %d steps; undisturbed %v, %d, %d", got.Eval, len(got.Trials), got.Result.Steps, want.Eval, len(want.Trials), want.Result.Steps)
	}
	cut.Minutes = 3
	if _, err := Tune(t.Context(), cut, TuneWatch{}); !errors.Is(err, ErrSettings) {
		t.Errorf("another length on the way: %v", err)
	}
}

// TestTuneMinutes: the time is shared out by a first trial; where it is too short for a search, the run has the defaults.
func TestTuneMinutes(t *testing.T) {
	s := tiny(t, tinyPairs(t, 60))
	s.Steps, s.Minutes, s.BatchTokens = 0, 1.5/60, 1000
	got, err := Tune(t.Context(), s, TuneWatch{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Trials[0].Stage != "speed" || got.Trials[0].Speed <= 0 || got.Result.Steps == 0 || got.Settings.Minutes >= s.Minutes || got.Searched != (len(got.Trials) > 1) {
		t.Errorf("%+v", got)
	}
}

// TestPatience: a run whose evaluation gets no better lets its rate fall and ends early.
func TestPatience(t *testing.T) {
	s := tiny(t, tinyPairs(t, 20))
	s.Steps, s.Evals, s.Patience, s.Rate = 100, 50, 2, 1e-20
	steps, falling := 0, 0
	res, err := Run(t.Context(), s, Watch{Step: func(e Event) {
		if !e.Last {
			steps = e.Step
		}
		if e.Rate > 0 && e.Rate < 1e-20 && e.Step > 5 {
			falling++
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if steps >= 50 || res.Steps != steps || falling < 2 {
		t.Errorf("%d steps, %d in which the rate falls", steps, falling)
	}
	s.Out, s.Schedule = filepath.Join(t.TempDir(), "out"), "constant"
	if res, err := Run(t.Context(), s, Watch{}); err != nil || res.Steps >= steps {
		t.Errorf("at a constant rate: %d steps (%v)", res.Steps, err)
	}
}
