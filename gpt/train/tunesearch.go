package train

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// candidate is what a search chooses.
type candidate struct {
	Rate  float64
	Batch int // tokens of a step
	Rank  int // of adapters; 0: there are none
}

// search finds a candidate by measuring some at equal numbers of tokens: first the rate alone, by
// steps of √10 around the default, towards where it gets better; then a star around that, in which rate, batch
// and rank are changed one at a time; then by halves (Jamieson and Talwalkar, Non-stochastic Best Arm Identification,
// 2016): the best of the star, and what its best arms give together, with twice the tokens, the best of
// these with twice as many again. As few tokens favour high rates, each round has a lower one too. What it
// measures is a function of its fields and of what measure answers.
type search struct {
	defaults candidate
	searchPlan
	measure func(stage string, c candidate, tokens int) (loss float64, err error) // +Inf: it diverged
	known   map[string]float64
}

// searchPlan is how much a search does.
type searchPlan struct {
	Tokens int // of a measurement of the first round
	Rounds int // of more tokens: 2, 1 with a star that has no rates, or 0 for the rate alone
}

// found is what a search ends with: losses at the same number of tokens.
type found struct {
	best           candidate
	loss, defaults float64
	tokens         int
}

const (
	rateStep  = 3.1622776601683795 // √10
	rateTries = 5
)

// at measures a candidate, once for a number of tokens.
func (s *search) at(stage string, c candidate, tokens int) (float64, error) {
	key := fmt.Sprint(c, tokens)
	if loss, ok := s.known[key]; ok {
		return loss, nil
	}
	loss, err := s.measure(stage, c, tokens)
	if err == nil {
		s.known[key] = loss
	}
	return loss, err
}

func (s *search) run() (found, error) {
	s.known = map[string]float64{}
	best, loss, err := s.rates()
	if err != nil {
		return found{}, err
	}
	f := found{best: best, loss: loss, tokens: s.Tokens}
	if s.Rounds > 0 {
		if f, err = s.around(best); err != nil {
			return f, err
		}
	}
	if f.defaults, err = s.at("defaults", s.defaults, f.tokens); err == nil && f.defaults <= f.loss {
		f.best, f.loss = s.defaults, f.defaults
	}
	return f, err
}

// rates is the best rate: of three, then of those beyond the end that is best.
func (s *search) rates() (candidate, float64, error) {
	var tried []candidate
	var losses []float64
	try := func(factor float64, at int) error {
		c := s.defaults
		if factor != 1 {
			c.Rate = round2(c.Rate * factor)
		}
		loss, err := s.at("rate", c, s.Tokens)
		tried, losses = slices.Insert(tried, at, c), slices.Insert(losses, at, loss)
		return err
	}
	low, high := 1/rateStep, rateStep
	for i, f := range []float64{low, 1, high} {
		if err := try(f, i); err != nil {
			return candidate{}, 0, err
		}
	}
	for len(tried) < rateTries {
		var err error
		switch leastOf(losses) {
		case 0:
			low /= rateStep
			err = try(low, 0)
		case len(tried) - 1:
			high *= rateStep
			err = try(high, len(tried))
		default:
			return tried[leastOf(losses)], losses[leastOf(losses)], nil
		}
		if err != nil {
			return candidate{}, 0, err
		}
	}
	i := leastOf(losses)
	if math.IsInf(losses[i], 1) {
		return candidate{}, 0, fmt.Errorf("%w with every rate from %.2g to %.2g: look at the data, or give a far smaller rate to begin from", ErrDiverged, tried[0].Rate, tried[len(tried)-1].Rate)
	}
	return tried[i], losses[i], nil
}

// leastOf is the place of the least, the first of several.
func leastOf(x []float64) int {
	best := 0
	for i := range x {
		if x[i] < x[best] {
			best = i
		}
	}
	return best
}

// arms are the candidates of a star around centre, by what they change.
func (s *search) arms(centre candidate) [][]move {
	out := [][]move{{{batch: 0.5}, {batch: 2}}}
	if centre.Rank > 0 {
		out = append(out, []move{{rank: 0.5}, {rank: 2}})
	}
	if s.Rounds > 1 {
		out = append(out, []move{{rate: 1 / rateNear}, {rate: rateNear}})
	}
	return out
}

const rateNear = 1.8

// move is by what a candidate's values are multiplied; 0 is 1. A larger batch has a larger rate, by the
// root of how much larger it is; a larger rank a smaller one, as the sum over its dimensions moves further.
type move struct{ rate, batch, rank float64 }

func (m move) of(c candidate) candidate {
	or(&m.rate, 1)
	or(&m.batch, 1)
	or(&m.rank, 1)
	c.Rate = round2(c.Rate * m.rate * math.Sqrt(m.batch/m.rank))
	c.Batch = max(int(float64(c.Batch)*m.batch), 1)
	if c.Rank > 0 {
		c.Rank = max(int(float64(c.Rank)*m.rank), 1)
	}
	return c
}

// lower is c with a lower rate.
func lower(c candidate) candidate { return move{rate: 1 / rateNear}.of(c) }

// around searches around centre.
func (s *search) around(centre candidate) (found, error) {
	together, star := centre, []candidate{centre}
	losses := map[candidate]float64{}
	for _, arm := range s.arms(centre) {
		best := centre
		var by move
		for _, m := range arm {
			c := m.of(centre)
			star = append(star, c)
			if err := s.round(1, s.Tokens, []candidate{centre, c}, losses); err != nil {
				return found{}, err
			}
			if losses[c] < losses[best] {
				best, by = c, m
			}
		}
		together = by.of(together)
	}
	star = bestFirst(star, losses)
	alive := []candidate{star[0], star[1], together, lower(together)}
	if s.Rounds == 1 {
		alive = []candidate{star[0], together, lower(together)}
	}
	tokens := s.Tokens
	for round := 2; ; round++ {
		tokens *= 2
		losses = map[candidate]float64{}
		if err := s.round(round, tokens, alive, losses); err != nil {
			return found{}, err
		}
		alive = bestFirst(alive, losses)
		if round > s.Rounds {
			break
		}
		alive = []candidate{alive[0], alive[min(1, len(alive)-1)], lower(alive[0])}
	}
	best := alive[0]
	if math.IsInf(losses[best], 1) {
		return found{}, fmt.Errorf("%w with rate %.2g and %d tokens a step, the best of the shorter trials", ErrDiverged, best.Rate, best.Batch)
	}
	return found{best: best, loss: losses[best], tokens: tokens}, nil
}

// round measures those that it has not yet.
func (s *search) round(round, tokens int, cs []candidate, losses map[candidate]float64) error {
	for _, c := range cs {
		loss, err := s.at(fmt.Sprintf("round %d", round), c, tokens)
		if err != nil {
			return err
		}
		losses[c] = loss
	}
	return nil
}

// bestFirst is each of cs once, the best first.
func bestFirst(cs []candidate, losses map[candidate]float64) (out []candidate) {
	for _, c := range cs {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(losses[a], losses[b]) })
	return out
}

// searches are those that there are: how many trials each has at most, how many times the tokens of the first
// round they read together, and the most steps that the first round should have with the largest batch.
var searches = []struct {
	rounds, trials int
	times          float64
	steps          int
}{
	{2, rateTries + 6 + 4 + 3 + 1, rateTries + 6 + 2*4 + 4*3 + 4, 2 * 16},
	{1, rateTries + 4 + 3 + 1, rateTries + 4 + 2*3 + 2, 2 * 12},
	{0, rateTries, rateTries, 6},
}

// planSearch is the largest search that fits in so many tokens, of which each trial costs some besides what
// it reads. ok is false where none does.
func planSearch(tokens, besides float64, batch int) (p searchPlan, ok bool) {
	for _, z := range searches {
		n := (tokens - float64(z.trials)*besides) / z.times
		if n >= float64(z.steps*batch) {
			return searchPlan{Tokens: int(n) / batch * batch, Rounds: z.rounds}, true
		}
	}
	return searchPlan{}, false
}
