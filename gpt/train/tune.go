package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"time"
)

// Trial is one attempt of a search for settings.
type Trial struct {
	N           int      `json:"trial"` // from 1
	Stage       string   `json:"stage"` // speed, rate, round 1, round 2, …, defaults
	Rate        float64  `json:"lr"`
	BatchTokens int      `json:"batch_tokens"`
	Rank        int      `json:"rank,omitempty"`
	Tokens      int64    `json:"tokens"`              // that it was to read
	Steps       int      `json:"steps"`               // that it made
	Eval        *float64 `json:"eval_loss,omitempty"` // nats a token; nil: it diverged
	Seconds     float64  `json:"seconds"`             // all of it
	Speed       float64  `json:"tokens_per_second"`   // of its steps
	Status      string   `json:"status"`              // done, or diverged
}

// Tuned is what a search and the run behind it ended with.
type Tuned struct {
	Result
	Trials   []Trial
	Settings Settings // with what was chosen
	Searched bool     // false: there was time for the run alone, with the defaults
	Loss     float64  // evaluation loss of what was chosen, at CompareTokens
	Defaults float64  // of the defaults there, +Inf where they diverge
	Compare  int      // tokens after which these two were measured
}

// Gain is by how much the loss of what was chosen is below that of the defaults, at equal tokens.
func (t *Tuned) Gain() float64 { return t.Defaults - t.Loss }

// TuneWatch is who looks on. Each function may be nil.
type TuneWatch struct {
	Watch                    // of the run behind the search
	Trial  func(Trial)       // one has ended, or was read from the file of an earlier part of the search
	Chosen func(*Tuned, int) // the search is over; the run has so many steps left to make, 0: minutes
}

const (
	searchShare   = 0.4  // of the time or the tokens
	speedShare    = 0.03 // of the time, for the first trial, which measures how fast it goes
	speedMost     = 30.0 // seconds
	endShare      = 0.04 // of what is left, for the last evaluation and for writing what ships
	leastRest     = 0.1  // of the time is the run's in any case
	usualPatience = 6
	usualMinutes  = 10.0
)

// Tune finds a learning rate, a batch and with adapters a rank, then trains with them, all in
// s.Minutes, or with s.Steps steps' tokens of s.BatchTokens; what s says of these three is where the search
// begins. A search in steps is a function of the settings and the data; in minutes also of how fast the first
// trial goes, which is written down. Every trial is a line of trials.jsonl in the folder as soon as it has ended: with
// s.Resume they are read and what is missing is done, so that a kill costs the trial under way, or in the
// run behind them what Run says.
func Tune(ctx context.Context, s Settings, w TuneWatch) (*Tuned, error) {
	t := &tuner{Settings: s.clone(), watch: &w}
	defer t.log.close()
	if err := t.begin(); err != nil {
		return nil, err
	}
	out, err := t.search(ctx)
	if err != nil {
		return nil, err
	}
	return out, t.train(ctx, out)
}

// tuner is a search under way.
type tuner struct {
	Settings
	watch  *TuneWatch
	log    trialLog
	trials []Trial
	page   page
}

// begin opens the list of trials.
func (t *tuner) begin() error {
	if t.Out == "" {
		return fmt.Errorf("%w: nowhere to write: want a folder", ErrSettings)
	}
	if !t.Resume {
		if err := t.fillSearch(); err != nil {
			return fmt.Errorf("%w: %w", ErrSettings, err)
		}
	}
	if err := os.MkdirAll(t.Out, 0o777); err != nil {
		return err
	}
	return t.log.open(&t.Settings)
}

// fillSearch chooses what the trials have in common.
func (t *tuner) fillSearch() error {
	t.recipe()
	or(&t.Patience, usualPatience)
	if t.Steps == 0 {
		or(&t.Minutes, usualMinutes)
	}
	s := t.Settings.clone()
	return errors.Join(s.check(), s.fill())
}

// search is all trials.
func (t *tuner) search(ctx context.Context) (*Tuned, error) {
	first, err := t.speed(ctx)
	if err != nil {
		return nil, err
	}
	defaults := candidate{first.Rate, first.BatchTokens, first.Rank}
	out := &Tuned{Loss: math.NaN(), Defaults: math.NaN()}
	best := defaults
	plan, ok := planSearch(t.searchTokens(first))
	if ok {
		s := search{defaults: defaults, searchPlan: plan, measure: func(stage string, c candidate, tokens int) (float64, error) {
			return t.measure(ctx, stage, c, tokens)
		}}
		f, err := s.run()
		if err != nil {
			return nil, err
		}
		best, out.Searched, out.Loss, out.Defaults, out.Compare = f.best, true, f.loss, f.defaults, f.tokens
	}
	out.Trials, out.Settings = t.trials, t.chosen(best)
	t.page.notes = append(t.page.notes, out.summary())
	if t.watch.Chosen != nil {
		t.watch.Chosen(out, out.Settings.Steps)
	}
	return out, nil
}

// searchTokens is how many tokens the search may read, how many a trial costs besides what it reads, and the
// tokens of a step.
func (t *tuner) searchTokens(first Trial) (tokens, besides float64, batch int) {
	if t.Steps > 0 {
		return searchShare * float64(t.Steps) * float64(first.BatchTokens), 0, first.BatchTokens
	}
	if first.Speed <= 0 {
		return 0, 0, first.BatchTokens
	}
	setUp := max(first.Seconds-float64(first.Tokens)/first.Speed, 0)
	return first.Speed * max(searchShare*60*t.Minutes-first.Seconds, 0), first.Speed * setUp, first.BatchTokens
}

// chosen is the settings of the run behind the search: what is left of the time or the tokens.
func (t *tuner) chosen(c candidate) Settings {
	s := t.Settings.clone()
	s.Rate, s.BatchTokens, s.Rank = c.Rate, c.Batch, c.Rank
	seconds, tokens := 0.0, 0.0
	for _, x := range t.trials {
		seconds, tokens = seconds+x.Seconds, tokens+float64(x.Tokens)
	}
	if s.Steps > 0 {
		all := float64(s.Steps) * float64(t.trials[0].BatchTokens)
		s.Steps = max(int(max(all-tokens, leastRest*all))/c.Batch, 1)
	} else {
		s.Minutes = max((s.Minutes-seconds/60)*(1-endShare), leastRest*s.Minutes)
	}
	return s
}

// train is the run behind the search.
func (t *tuner) train(ctx context.Context, out *Tuned) (err error) {
	s := out.Settings.clone()
	_, err = os.Stat((&run{Settings: s}).path(lastFile))
	if s.Resume = t.Resume && err == nil; s.Resume {
		s.Steps, s.Minutes = 0, 0 // as the checkpoint has them
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r := &run{Settings: s, watch: &t.watch.Watch, page: t.pageOf(out)}
	out.Result, err = r.run(ctx)
	return err
}

// speed is the first trial: a few steps with the defaults.
func (t *tuner) speed(ctx context.Context) (Trial, error) {
	steps, minutes := 2, 0.0
	if t.Minutes > 0 {
		steps, minutes = 0, min(speedShare*t.Minutes, speedMost/60)
	}
	return t.try(ctx, "speed", candidate{t.Rate, t.BatchTokens, t.Rank}, steps, minutes, 0)
}

// measure is a trial of so many tokens.
func (t *tuner) measure(ctx context.Context, stage string, c candidate, tokens int) (float64, error) {
	x, err := t.try(ctx, stage, c, max(tokens/c.Batch, 1), 0, max(tokens/2, 256))
	if err != nil {
		return 0, err
	}
	if x.Eval == nil {
		return math.Inf(1), nil
	}
	return *x.Eval, nil
}

// try makes a trial, or reads what an earlier part of the search has written of it.
func (t *tuner) try(ctx context.Context, stage string, c candidate, steps int, minutes float64, evalTokens int) (Trial, error) {
	if n := len(t.trials); n < len(t.log.known) {
		x := t.log.known[n]
		if x.Stage != stage || stage != "speed" && (candidate{x.Rate, x.BatchTokens, x.Rank} != c) {
			return x, fmt.Errorf("%s: trial %d is of %s, where the search wants %s: the data or the program have changed; search in another folder",
				t.log.path, n+1, x.Stage, stage)
		}
		t.tell(x)
		return x, nil
	}
	x, err := t.doTrial(ctx, c, steps, minutes, evalTokens)
	x.N, x.Stage = len(t.trials)+1, stage
	if err != nil {
		return x, err
	}
	if err := t.log.add(x); err != nil {
		return x, err
	}
	t.tell(x)
	return x, nil
}

func (t *tuner) tell(x Trial) {
	t.trials = append(t.trials, x)
	p := t.pageOf(nil)
	if err := p.write(t.Out, t.Lang); err != nil {
		t.watch.note(t.say("报告写不了：%v", "the report could not be written: %v", err))
	}
	if t.watch.Trial != nil {
		t.watch.Trial(x)
	}
}

// doTrial trains for a while, without a checkpoint.
func (t *tuner) doTrial(ctx context.Context, c candidate, steps int, minutes float64, evalTokens int) (Trial, error) {
	s := t.Settings.clone()
	s.Rate, s.BatchTokens, s.Rank, s.Steps, s.Minutes = c.Rate, c.Batch, c.Rank, steps, minutes
	s.Evals, s.Samples, s.Patience, s.RoundTail, s.Resume = 1, 0, 0, 0, false
	if evalTokens > 0 && t.EvalTokens == 0 {
		s.EvalTokens = evalTokens
	}
	begin := time.Now()
	r := &run{Settings: s, watch: &Watch{}, trial: true, began: begin}
	defer r.close()
	err := r.prepare()
	if err == nil {
		r.began = time.Now()
		err = r.loop(ctx)
	}
	x := Trial{Rate: r.Rate, BatchTokens: r.BatchTokens, Rank: r.Rank, Tokens: int64(steps * r.BatchTokens), Steps: r.st.Step,
		Seconds: time.Since(begin).Seconds(), Speed: r.pace.speed(), Status: "done", Eval: r.st.Best}
	if steps == 0 {
		x.Tokens = r.st.Tokens
	}
	switch {
	case errors.Is(err, ErrDiverged):
		x.Status, x.Eval, err = "diverged", nil, nil
	case errors.Is(err, ErrStopped):
		err = fmt.Errorf("%w: trial %d was under way; what ended before it is in %s: %w", ErrStopped, len(t.trials)+1, t.log.path, ctx.Err())
	}
	return x, err
}

// summary is what was tried, chosen and gained, in a line.
func (t *Tuned) summary() string {
	say := t.Settings.say
	if !t.Searched {
		return say("时间不够试，用的是默认设置。", "There was not enough time for a search: the run has the default settings.")
	}
	s := say("试了 %d 次，选定：学习率 %.2g，每步 %d 个词元", "Chosen of %d trials: rate %.2g, %d tokens a step", len(t.Trials)-1, t.Settings.Rate, t.Settings.BatchTokens)
	if t.Settings.Rank > 0 {
		s += say("，秩 %d", ", rank %d", t.Settings.Rank)
	}
	if math.IsInf(t.Defaults, 1) {
		return s + say("；%[2]d 个词元后评测损失 %.4[1]f，默认设置会发散。", "; evaluation loss %.4[1]f after %[2]d tokens, where the defaults diverge.", t.Loss, t.Compare)
	}
	return s + say("；%[2]d 个词元后评测损失 %.4[1]f，比默认设置的 %.4[4]f 低 %.4[3]f。",
		"; evaluation loss %.4[1]f after %[2]d tokens, %.4[3]f below that of the defaults (%.4[4]f).", t.Loss, t.Compare, t.Gain(), t.Defaults)
}

// isChosen reports whether a trial is that of the chosen settings with the most tokens.
func (t *Tuned) isChosen(x *Trial) bool {
	if !t.Searched || x.Rate != t.Settings.Rate || x.BatchTokens != t.Settings.BatchTokens || x.Rank != t.Settings.Rank {
		return false
	}
	last := slices.IndexFunc(t.Trials, func(y Trial) bool {
		return y.N > x.N && y.Rate == x.Rate && y.BatchTokens == x.BatchTokens && y.Rank == x.Rank
	})
	return last < 0
}
