package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"daiban/gpt/model"
)

// length is of the run, in steps or seconds.
func (r *run) length() float64 {
	if r.Steps > 0 {
		return float64(r.Steps)
	}
	return 60 * r.Minutes
}

// along is how much of length is done.
func (r *run) along() float64 {
	if r.Steps > 0 {
		return float64(r.st.Step)
	}
	return r.st.Seconds
}

// pace is how fast it goes.
type pace struct {
	flops float64 // of a row
	step  float64 // seconds that the last step took
	rows  []paced // of the last steps
}

type paced struct {
	rows    int
	seconds float64
}

func (p *pace) add(rows int, seconds float64) {
	p.step = seconds
	p.rows = append(p.rows, paced{rows, seconds})
	if len(p.rows) > 20 {
		p.rows = p.rows[1:]
	}
}

// speed is rows a second of the last steps.
func (p *pace) speed() float64 {
	n, s := 0, 0.0
	for _, x := range p.rows {
		n, s = n+x.rows, s+x.seconds
	}
	if s == 0 {
		return 0
	}
	return float64(n) / s
}

func (r *run) loop(ctx context.Context) error {
	done := r.along() / r.length()
	if r.st.Step == 0 {
		if err := r.first(); err != nil {
			return err
		}
	}
	evals := float64(r.evals())
	for done < 1 {
		if ctx.Err() != nil {
			return r.stop(ctx.Err())
		}
		e, err := r.step()
		if err != nil {
			return err
		}
		before := done
		done = r.along() / r.length()
		e.Done = min(done, 1)
		if math.Floor(done*evals) > math.Floor(before*evals) || done >= 1 {
			if err := r.evaluate(&e); err != nil {
				return err
			}
			if r.tired(e.Best) {
				done = r.along() / r.length()
			}
		}
		r.st.Seconds = r.base + time.Since(r.began).Seconds()
		e.Seconds = r.st.Seconds
		r.tell(e)
		if r.saveDue() {
			if err := r.save(); err != nil {
				r.watch.note(r.say("第 %d 步的检查点写不了；前一个完好，到时再试：%v", "the checkpoint of step %d could not be written; the one before it is whole, and the next is tried in time: %v", r.st.Step, err))
			}
		}
	}
	return r.save()
}

// evals is how often it is evaluated: with so many minutes, fewer times than was said where that
// would take more than a tenth of them.
func (r *run) evals() int {
	if r.Minutes == 0 || r.evalTook == 0 {
		return r.Evals
	}
	return min(r.Evals, max(int(6*r.Minutes/r.evalTook), 2))
}

// first evaluates what was there before the first step.
func (r *run) first() error {
	if r.trial {
		return nil
	}
	var e Event
	start := time.Now()
	loss, n, err := r.loss(r.evalBatches)
	r.evalTook = time.Since(start).Seconds()
	if err != nil {
		return err
	}
	if !finite(loss) {
		return fmt.Errorf("%w before its first step: the evaluation loss of the base is not a number: is the model file whole?", ErrDiverged)
	}
	e.Loss, e.Eval, e.EvalCount = loss, &loss, n
	r.st.Seconds = r.base + time.Since(r.began).Seconds()
	e.Seconds = r.st.Seconds
	r.tell(e)
	return nil
}

// step makes one step: passes over the batches, clipping, the optimizer.
func (r *run) step() (Event, error) {
	start := time.Now()
	batches := r.packer.batches(r.order.next(r.BatchTokens), r.PassRows)
	total, rows := 0.0, 0
	for _, b := range batches {
		total, rows = total+weightOf(b), rows+len(b.Tokens)
	}
	r.learner.ZeroGrad()
	loss := 0.0
	for _, b := range batches {
		l, err := r.learner.Step(b, total)
		if err != nil {
			return Event{}, err
		}
		loss += l
	}
	loss /= total
	norm := gradNorm(r.pool, r.learner.Params)
	if err := r.judge(loss, norm); err != nil {
		return Event{}, err
	}
	rate := r.Rate * r.st.Schedule.at(r.next())
	r.opt.step(stepSize{rate: rate, factor: clipFactor(norm, r.Clip), decay: max(r.WeightDecay, 0),
		beta1: r.Beta1, beta2: halfLife(r.HalfLife, float64(r.BatchTokens)), momenta: r.Momentum})
	r.st.Step++
	r.st.Tokens += int64(rows)
	r.st.At = r.order.at
	r.round()
	r.pace.add(rows, time.Since(start).Seconds())
	r.st.Seconds = r.base + time.Since(r.began).Seconds()
	speed := r.pace.speed()
	return Event{Step: r.st.Step, Tokens: r.st.Tokens, Loss: loss, Rate: rate, Speed: speed, Norm: norm, Epoch: r.st.At.Epoch, Flops: speed * r.pace.flops}, nil
}

// next is where the step under way lies along the run: its middle, so that neither the first step
// nor the last has a rate of 0; with minutes, where it will end.
func (r *run) next() float64 {
	if r.Steps > 0 {
		return float64(r.st.Step) + 0.5
	}
	return min(r.st.Seconds+r.pace.step, 60*r.Minutes)
}

// round makes the weights round in the tail. The best so far does not count there: it was measured
// on weights that do not ship.
func (r *run) round() {
	if r.RoundTail <= 0 || r.Rank > 0 || r.along() < r.length()*(1-r.RoundTail) {
		return
	}
	if !r.st.Rounding {
		r.st.Rounding, r.st.Best = true, nil
	}
	r.learner.Round(r.types)
}

const (
	smoothing  = 0.9
	farAbove   = 2.0 // nats above the least smooth loss
	farAllowed = 20  // steps
)

// judge holds the loss and the gradient's norm against what they were. The parameters have not
// changed yet: what is on disk and in memory is good.
func (r *run) judge(loss, norm float64) error {
	if !finite(loss) || !finite(norm) {
		what := "loss"
		if finite(loss) {
			what = "gradient"
		}
		return r.diverged(fmt.Sprintf("at step %d the %s is not a number", r.st.Step+1, what))
	}
	if r.st.Smooth == nil {
		r.st.Smooth, r.st.Least = &loss, loss
		return nil
	}
	s := smoothing**r.st.Smooth + (1-smoothing)*loss
	r.st.Smooth, r.st.Least = &s, min(r.st.Least, s)
	r.st.Above++
	if s <= r.st.Least+farAbove {
		r.st.Above = 0
	}
	if r.st.Above > farAllowed {
		return r.diverged(fmt.Sprintf("at step %d the loss is %.3g, %d steps long far above its least, %.3g", r.st.Step+1, s, farAllowed, r.st.Least))
	}
	return nil
}

func (r *run) diverged(what string) error {
	advice := fmt.Sprintf("lower the learning rate, from %.2g to %.2g for a start", r.Rate, round2(r.Rate/3))
	if r.Warm < 0.05 {
		advice += ", or warm up longer"
	}
	for _, name := range []string{bestFile, lastFile} {
		if c, err := readCheckpoint(r.path(name)); err == nil {
			step := c.Step
			c.close()
			return fmt.Errorf("%w: %s. The last good checkpoint is %s, of step %d. %s", ErrDiverged, what, r.path(name), step, upper(advice))
		}
	}
	return fmt.Errorf("%w: %s. There is no checkpoint yet. %s", ErrDiverged, what, upper(advice))
}

func upper(s string) string { return string(s[0]-'a'+'A') + s[1:] }

// loss is the mean over batches, in nats a token.
func (r *run) loss(batches []*model.Batch) (mean float64, tokens int64, err error) {
	sum, total := 0.0, 0.0
	for _, b := range batches {
		l, err := r.learner.Loss(b)
		if err != nil {
			return 0, 0, err
		}
		for _, w := range b.Weights {
			if w != 0 {
				tokens++
			}
		}
		sum, total = sum+l, total+weightOf(b)
	}
	if total == 0 {
		return 0, 0, errors.New("the evaluation set has no tokens that count")
	}
	return sum / total, tokens, nil
}

// evaluate measures, and keeps the parameters where they are the best so far.
func (r *run) evaluate(e *Event) error {
	loss, n, err := r.loss(r.evalBatches)
	if err != nil {
		return err
	}
	if !finite(loss) {
		return r.diverged(fmt.Sprintf("after step %d the evaluation loss is not a number", r.st.Step))
	}
	e.Eval, e.EvalCount = &loss, n
	if r.trial {
		r.st.Best, r.st.BestStep = &loss, r.st.Step
		return nil
	}
	if e.Samples, err = r.samples(); err != nil {
		return err
	}
	if r.st.Best != nil && loss >= *r.st.Best {
		return nil
	}
	best, step := r.st.Best, r.st.BestStep
	r.st.Best, r.st.BestStep = &loss, r.st.Step
	if err := writeCheckpoint(r.path(bestFile), r.keep(), paramArrays(r.learner.Params)); err != nil {
		r.st.Best, r.st.BestStep = best, step
		r.watch.note(r.say("第 %d 步的参数是目前最好的，但写不了：%v", "the best parameters so far, of step %d, could not be written: %v", r.st.Step, err))
		return nil
	}
	e.Best = true
	return nil
}

// keep is the state for a checkpoint.
func (r *run) keep() state {
	st := r.st
	st.Settings = r.Settings.clone()
	st.Settings.Resume = false
	return st
}

func (r *run) saveDue() bool {
	if r.SaveSteps > 0 && r.st.Step%r.SaveSteps == 0 {
		return true
	}
	return time.Since(r.saved).Minutes() >= r.SaveEvery
}

// save writes the checkpoint to go on from.
func (r *run) save() error {
	if r.trial {
		return nil
	}
	r.saved = time.Now()
	r.st.Seconds = r.base + time.Since(r.began).Seconds()
	err := writeCheckpoint(r.path(lastFile), r.keep(), append(paramArrays(r.learner.Params), r.opt.arrays()...))
	if err == nil {
		r.watch.saved(r.path(lastFile), r.st.Step)
	}
	r.writePage()
	return err
}

func (r *run) stop(why error) error {
	if err := r.save(); err != nil {
		return errors.Join(why, fmt.Errorf("stopped at step %d, and the checkpoint could not be written: %w", r.st.Step, err))
	}
	return fmt.Errorf("%w: step %d in %s: %w", ErrStopped, r.st.Step, r.path(lastFile), why)
}
