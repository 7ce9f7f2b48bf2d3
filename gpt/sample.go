package gpt

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"daiban/gpt/kern"
)

func (s *Sampling) check() error {
	for _, v := range []struct {
		name   string
		v, max float32
	}{{"temperature", s.Temperature, 100}, {"top-p", s.TopP, 1}, {"min-p", s.MinP, 1}, {"repeat penalty", s.RepeatPenalty, 100}} {
		if !(v.v >= 0 && v.v <= v.max) {
			return fmt.Errorf("a %s of %g: want 0 to %g", v.name, v.v, v.max)
		}
	}
	if s.TopK < 0 || s.RepeatLast < 0 {
		return fmt.Errorf("top-k and repeat-last must not be negative")
	}
	return nil
}

// sampler chooses tokens for one sequence.
type sampler struct {
	Sampling
	random *rand.Rand
	order  []int32 // kept from token to token
}

func newSampler(s Sampling, sequence int) *sampler {
	if s.RepeatLast == 0 {
		s.RepeatLast = 64
	}
	return &sampler{Sampling: s, random: rand.New(rand.NewPCG(s.Seed, uint64(sequence)))}
}

// pick chooses a token by its logits (V), which it changes; -1 where they are not numbers. The order is that of the
// reference: penalty, temperature, top-k, top-p, min-p.
func (s *sampler) pick(logits []float32, prompt, text []int) int {
	s.penalize(logits, prompt, text)
	if s.Temperature == 0 {
		t := kern.ArgMax(logits)
		if !finite(logits[t]) { // nor is any other
			return -1
		}
		return t
	}
	for i := range logits {
		logits[i] /= s.Temperature
	}
	kern.Softmax(logits)
	if !finite(logits[0]) { // one that is not a number makes all so
		return -1
	}
	if s.TopK == 0 && (s.TopP == 0 || s.TopP == 1) && s.MinP == 0 {
		return s.draw(logits, nil, 1)
	}
	order, sum := s.likeliest(logits)
	return s.draw(logits, order, sum)
}

func finite(x float32) bool { return x-x == 0 }

// penalize makes what was said lately less likely. Keskar and others, CTRL, 2019.
func (s *sampler) penalize(logits []float32, prompt, text []int) {
	if s.RepeatPenalty == 0 || s.RepeatPenalty == 1 {
		return
	}
	seen := map[int]bool{}
	for n := range min(s.RepeatLast, len(prompt)+len(text)) {
		t := 0
		if n < len(text) {
			t = text[len(text)-1-n]
		} else {
			t = prompt[len(prompt)-1-(n-len(text))]
		}
		if seen[t] {
			continue
		}
		seen[t] = true
		if logits[t] > 0 {
			logits[t] /= s.RepeatPenalty
		} else {
			logits[t] *= s.RepeatPenalty
		}
	}
}

// likeliest is the tokens that all bounds leave, the likeliest first, and their sum of p.
// Holtzman and others, The Curious Case of Neural Text Degeneration, 2019 (top-p);
// Nguyen and others, Turning Up the Heat: Min-p Sampling, 2024.
func (s *sampler) likeliest(p []float32) (order []int32, sum float64) {
	least := s.MinP * p[kern.ArgMax(p)]
	order = s.order[:0]
	for i, v := range p {
		if v > 0 && v >= least {
			order = append(order, int32(i))
		}
	}
	s.order = order
	order = top(order, p, s.TopK)
	total := 0.0
	for _, i := range order {
		total += float64(p[i])
	}
	enough := total
	if s.TopP > 0 && s.TopP < 1 {
		enough = float64(s.TopP) * total
	}
	for n, i := range order {
		sum += float64(p[i])
		if sum >= enough {
			return order[:n+1], sum
		}
	}
	return order, sum
}

// top sorts by p, the largest first and at the same p the smaller token, and keeps k where k > 0.
func top(order []int32, p []float32, k int) []int32 {
	before := func(a, b int32) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return int(a - b)
	}
	if k <= 0 || k >= len(order) || k > 256 {
		slices.SortFunc(order, before)
		if k > 0 && k < len(order) {
			order = order[:k]
		}
		return order
	}
	best := slices.Clone(order[:k])
	slices.SortFunc(best, before)
	for _, i := range order[k:] {
		if before(i, best[k-1]) < 0 {
			at, _ := slices.BinarySearchFunc(best, i, before)
			copy(best[at+1:], best[at:])
			best[at] = i
		}
	}
	return best
}

// draw picks one of order (nil: all) with the probabilities p, which sum to sum.
func (s *sampler) draw(p []float32, order []int32, sum float64) int {
	x := s.random.Float64() * sum
	last := -1
	try := func(i int) bool {
		if p[i] <= 0 {
			return false
		}
		last = i
		x -= float64(p[i])
		return x < 0
	}
	if order == nil {
		for i := range p {
			if try(i) {
				break
			}
		}
		return last
	}
	for _, i := range order {
		if try(int(i)) {
			break
		}
	}
	return last
}

// placeOf is token t by the model's own probabilities, with the n likeliest beside it.
func (e *Engine) placeOf(t int, logits []float32, n int) Place {
	sum := kern.LogSumExp(logits)
	p := Place{Choice: Choice{t, float64(logits[t]) - sum}}
	if n > 0 {
		order := make([]int32, len(logits))
		for i := range order {
			order[i] = int32(i)
		}
		for _, i := range top(order, logits, min(n, len(logits))) {
			p.Top = append(p.Top, Choice{int(i), float64(logits[i]) - sum})
		}
	}
	return p
}
