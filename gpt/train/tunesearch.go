package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// candidate is what a search chooses.
type candidate struct {
	Rate  float64
	Batch int // tokens of a step
	Rank  int // of adapters; 0: there are none
}

// search finds a candidate by measuring some at equal numbers of tokens: first the rate alone, by
// steps of √10 around the default, towards where it gets better; then successive halving (Jamieson and
// Talwalkar, Non-stochastic Best Arm Identification, 2016) over rate, batch and rank around that: all
// with a few tokens, the better half with twice as many, and so on. What it measures is a function of
// its fields and of what measure answers.
type search struct {
	defaults candidate
	searchPlan
	seed    uint64
	measure func(stage string, c candidate, tokens int) (loss float64, err error) // +Inf: it diverged
	known   map[string]float64
}

// searchPlan is how much a search does.
type searchPlan struct {
	Tokens int // of a measurement of the first round
	Count  int // candidates of the first round of halving: 8, 4, or 0 for the rate alone
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
	if s.Count > 0 {
		if f, err = s.halve(s.candidates(best)); err != nil {
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

// candidates is what halving begins with: the centre, the defaults, and others around the centre by
// chance. A larger batch has a larger rate, by the root of how much larger it is.
func (s *search) candidates(centre candidate) []candidate {
	out := []candidate{centre}
	if s.defaults != centre {
		out = append(out, s.defaults)
	}
	var grid []candidate
	for _, rate := range []float64{1 / 1.8, 1, 1.8} {
		for _, batch := range []float64{0.5, 1, 2} {
			for _, rank := range []float64{0.5, 1, 2} {
				c := candidate{round2(centre.Rate * rate * math.Sqrt(batch)), max(int(float64(centre.Batch)*batch), 1), int(float64(centre.Rank) * rank)}
				if centre.Rank > 0 && c.Rank < 1 || slices.Contains(grid, c) || slices.Contains(out, c) || rate == 1 && c.Batch == centre.Batch && c.Rank == centre.Rank {
					continue
				}
				grid = append(grid, c)
			}
		}
	}
	r := rand.New(rand.NewPCG(s.seed, 3))
	r.Shuffle(len(grid), func(i, j int) { grid[i], grid[j] = grid[j], grid[i] })
	return append(out, grid[:min(len(grid), s.Count-len(out))]...)
}

// halve keeps the better half with twice the tokens until two have been compared.
func (s *search) halve(alive []candidate) (found, error) {
	tokens := s.Tokens
	for round := 1; ; round++ {
		losses := make(map[candidate]float64, len(alive))
		for _, c := range alive {
			loss, err := s.at(fmt.Sprintf("round %d", round), c, tokens)
			if err != nil {
				return found{}, err
			}
			losses[c] = loss
		}
		slices.SortStableFunc(alive, func(a, b candidate) int {
			switch x, y := losses[a], losses[b]; {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
		if len(alive) <= 2 {
			best := alive[0]
			if math.IsInf(losses[best], 1) {
				return found{}, fmt.Errorf("%w with rate %.2g and %d tokens a step, the best of the shorter trials", ErrDiverged, best.Rate, best.Batch)
			}
			return found{best: best, loss: losses[best], tokens: tokens}, nil
		}
		alive, tokens = alive[:(len(alive)+1)/2], 2*tokens
	}
}

// searches are those that there are: how many trials each has at most, how many times the tokens of the first
// round they read together, and the most steps that the first round should have with the largest batch.
var searches = []struct {
	count, trials int
	times         float64
	steps         int
}{
	{8, rateTries + 8 + 4 + 2 + 1, rateTries + 8 + 2*4 + 4*2 + 4, 2 * 16},
	{4, rateTries + 4 + 2 + 1, rateTries + 4 + 2*2 + 2, 2 * 12},
	{0, rateTries, rateTries, 6},
}

// planSearch is the largest search that fits in so many tokens, of which each trial costs some besides what
// it reads. ok is false where none does.
func planSearch(tokens, besides float64, batch int) (p searchPlan, ok bool) {
	for _, z := range searches {
		n := (tokens - float64(z.trials)*besides) / z.times
		if n >= float64(z.steps*batch) {
			return searchPlan{Tokens: int(n) / batch * batch, Count: z.count}, true
		}
	}
	return searchPlan{}, false
}
