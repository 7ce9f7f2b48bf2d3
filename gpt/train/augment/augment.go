// Package augment makes more training pairs out of those there are: small functions of a pair and a
// source of random numbers, which can be chained.
//
//	k := augment.Kit{Stop: keywords}
//	step := augment.Chain(k.Values(), augment.Sometimes(0.3, k.Typos(2)), augment.Sometimes(0.2, k.Switch(2)))
//	more := augment.Expand(pairs, 3, seed, step)
//
// There are two kinds. A replacement (Values) changes names, files, amounts and the like on both sides at once. Noise
// (Typos, Pinyin, Width, Punctuation, Case, Switch) changes the prompt alone, and never what the completion
// says literally. In both, what stood on both sides before stands on both sides afterwards.
//
// Completions may be code, JSON or text: literals are what stands in quotes, numbers, and names. The lists of values
// and words are Chinese and English.
package augment

import "math/rand/v2"

// Pair is what a model is asked and what it should say.
type Pair struct{ Prompt, Completion string }

// Step changes a pair, or returns it as it is where it finds nothing to change.
type Step func(r *rand.Rand, p Pair) Pair

// Kit makes the steps that look at completions. Its zero value is of use.
type Kit struct {
	// Stop is words of the completion's language that are never changed: actions, keywords, names of arguments.
	Stop map[string]bool
}

// Chain does one step after the other.
func Chain(steps ...Step) Step {
	return func(r *rand.Rand, p Pair) Pair {
		for _, s := range steps {
			p = s(r, p)
		}
		return p
	}
}

// Sometimes does a step with probability p.
func Sometimes(p float64, s Step) Step {
	return func(r *rand.Rand, x Pair) Pair {
		if r.Float64() >= p {
			return x
		}
		return s(r, x)
	}
}

// OneOf does one of the steps.
func OneOf(steps ...Step) Step {
	return func(r *rand.Rand, p Pair) Pair {
		if len(steps) == 0 {
			return p
		}
		return steps[r.IntN(len(steps))](r, p)
	}
}

// Source is the random numbers of pair i, variant k, under a seed: the same whatever else is made, so that
// pairs can be made in any order, and again.
func Source(seed uint64, i, k int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(i)<<20^uint64(k)))
}

// Expand returns, for each pair, up to n variants that differ from it and from each other. The pairs
// themselves are not among them.
func Expand(pairs []Pair, n int, seed uint64, s Step) []Pair {
	var out []Pair
	for i, p := range pairs {
		seen := map[Pair]bool{p: true}
		for k := range n {
			if v := s(Source(seed, i, k), p); !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}
