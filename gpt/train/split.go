package train

import (
	"fmt"
	"hash/fnv"
	"math"
)

// holdOut takes a share of the items away for evaluation: of plain texts their ends, of pairs about
// so many, all with the same prompt together, always the same ones.
func (c *corpus) holdOut(share float64) (train, eval []item, err error) {
	bound := uint64(share * math.MaxUint32)
	var least *item
	low := uint64(math.MaxUint64)
	for i := range c.items {
		x := c.items[i]
		if x.Plain != 0 {
			a, b := halves(x, share)
			train, eval = append(train, a), append(eval, b)
			continue
		}
		h := c.promptHash(&x) >> 32
		if h < low {
			low, least = h, &c.items[i]
		}
		if h < bound {
			eval = append(eval, x)
		} else {
			train = append(train, x)
		}
	}
	if len(eval) == 0 && least != nil { // few pairs: one prompt at least
		all := train
		train = nil
		for i := range all {
			if c.promptHash(&all[i])>>32 == low {
				eval = append(eval, all[i])
			} else {
				train = append(train, all[i])
			}
		}
	}
	if rows(train) == 0 || rows(eval) == 0 {
		return nil, nil, fmt.Errorf("the data are too few to hold some out for evaluation (%d tokens): give more, or an evaluation file", count(c.items))
	}
	return train, eval, nil
}

func halves(x item, share float64) (a, b item) {
	a, b = x, x
	a.Length = uint32(float64(x.Length) * (1 - share))
	b.Start, b.Length = x.Start+uint64(a.Length), x.Length-a.Length
	return a, b
}

// rows is how many rows the items can fill: a token that nothing follows is none.
func rows(items []item) (n int64) {
	for i := range items {
		n += max(0, int64(items[i].Length)-1)
	}
	return n
}

// promptHash is of the tokens of the prompt, or of the whole text where there is none.
func (c *corpus) promptHash(x *item) uint64 {
	n := x.Prompt
	if n == 0 {
		n = x.Length
	}
	return c.hash(x.Start, n)
}

func (c *corpus) hash(start uint64, n uint32) uint64 {
	h := fnv.New64a()
	h.Write(c.tokens[4*start : 4*(start+uint64(n))])
	return mix(h.Sum64())
}

// mix spreads the bits of h (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
