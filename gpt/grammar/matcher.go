package grammar

import (
	"math/bits"
	"sync"
)

// Matcher says which tokens of a vocabulary a program allows. Any number of
// goroutines may use it.
//
// What a state allows is what any of its items allows, and the items recur more
// often than the states: in a text that may be copied or free, the free item is the
// same after each character. So masks are kept by item; only of states with
// many items is the mask of the whole kept.
type Matcher struct {
	p *Program
	v *Vocab

	mu      sync.Mutex
	items   map[item]savedMask
	sets    map[*set]savedMask
	bytes   int // that the saved masks take
	walkers sync.Pool
}

// savedMask is a mask as the list of its tokens when they are few.
type savedMask struct {
	few []int32
	all Mask
}

const (
	savedMax   = 16 << 20 // bytes that the saved masks of a matcher may take
	itemsApart = 16       // states of more items are walked at once
)

// NewMatcher joins a program with a vocabulary.
func NewMatcher(p *Program, v *Vocab) *Matcher {
	return &Matcher{p: p, v: v, items: map[item]savedMask{}, sets: map[*set]savedMask{}}
}

// Vocab returns the vocabulary of m.
func (m *Matcher) Vocab() *Vocab { return m.v }

// Fill sets mask to exactly the tokens that have bytes and with whose bytes s can
// go on (see State.Advance). The mask must be as long as NewMask makes it, and s a
// state of the matcher's program; the zero State allows nothing.
func (m *Matcher) Fill(mask Mask, s State) {
	clear(mask)
	if s.s == nil {
		return
	}
	if len(s.s.items) > itemsApart {
		fill(m, mask, m.sets, s.s, s.s.items)
		return
	}
	for i, it := range s.s.items {
		fill(m, mask, m.items, it, s.s.items[i:i+1])
	}
}

// fill adds to mask what the items allow, which is kept in saved by key.
func fill[K comparable](m *Matcher, mask Mask, saved map[K]savedMask, key K, items []item) {
	m.mu.Lock()
	s, ok := saved[key]
	m.mu.Unlock()
	if !ok {
		s = m.compute(items)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.bytes += s.size(); m.bytes > savedMax {
			clear(m.items)
			clear(m.sets)
			m.bytes = s.size()
		}
		saved[key] = s
	}
	for i, w := range s.all {
		mask[i] |= w
	}
	for _, t := range s.few {
		mask[t>>6] |= 1 << (t & 63)
	}
}

// pack returns the smaller form of a mask, which is copied.
func pack(mask Mask) savedMask {
	n := mask.Count()
	if n > len(mask) { // 4 bytes a token against 8 a word: half of the whole
		return savedMask{all: append(Mask(nil), mask...)}
	}
	few := make([]int32, 0, n)
	for i, w := range mask {
		for ; w != 0; w &= w - 1 {
			few = append(few, int32(i<<6+bits.TrailingZeros64(w)))
		}
	}
	return savedMask{few: few}
}

func (s savedMask) size() int { return 8*len(s.all) + 4*len(s.few) + 96 }
