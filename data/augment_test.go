package data

import (
	"math/rand/v2"
	"testing"

	"daiban/flow"
	"daiban/gpt/train/augment"
)

// kit knows the words of flows.
func kit() augment.Kit {
	k := augment.Kit{Stop: map[string]bool{}}
	for _, list := range [][]string{flow.Families, flow.FuncNames(), flow.CommonArgs, flow.EachOptions} {
		for _, s := range list {
			k.Stop[s] = true
		}
	}
	for s := range flow.Triggers {
		k.Stop[s] = true
	}
	return k
}

// TestAugmented holds that flows are flows after every step, of the same shape where values alone changed.
func TestAugmented(t *testing.T) {
	known, err := Pairs()
	if err != nil {
		t.Fatal(err)
	}
	pairs := make([]augment.Pair, len(known))
	for i, p := range known {
		pairs[i] = augment.Pair{Prompt: p.Request, Completion: p.Flow}
	}
	k := kit()
	join := augment.Join(func(r *rand.Rand) augment.Pair { return pairs[r.IntN(len(pairs))] }, joined)
	step := augment.Chain(k.Values(), augment.Sometimes(0.3, join), augment.Sometimes(0.3, k.Typos(1)), augment.Sometimes(0.3, k.Pinyin(1)), k.Switch(1))
	values, changed := 0, 0
	for i, p := range pairs {
		if v := k.Values()(augment.Source(1, i, 0), p); v != p {
			values++
			was, _ := flow.Parse(p.Completion)
			is, err := flow.Parse(v.Completion)
			if err != nil || len(was.Steps) != len(is.Steps) {
				t.Errorf("%s\nbecame\n%s\n%v", p.Completion, v.Completion, err)
			}
		}
		if v := step(augment.Source(2, i, 0), p); v != p {
			changed++
			if _, err := flow.Parse(v.Completion); err != nil {
				t.Errorf("%s\nbecame\n%s\n%v", p.Completion, v.Completion, err)
			}
		}
	}
	if values < len(pairs)/2 || changed < len(pairs)*2/3 {
		t.Errorf("of %d pairs values changed %d, steps %d", len(pairs), values, changed)
	}
}

// joined is two flows in one, where that is a flow.
func joined(a, b string) string {
	both := augment.Lines(a, b)
	if _, err := flow.Parse(both); err != nil {
		return ""
	}
	return both
}
