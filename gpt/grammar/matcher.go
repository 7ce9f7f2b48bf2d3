package grammar

import (
	"math/bits"
	"sync"
)

// Matcher says which tokens of a vocabulary a program allows. Any number of
// goroutines may use it.
type Matcher struct {
	p *Program
	v *Vocab

	mu      sync.Mutex
	masks   map[*set]savedMask
	bytes   int // that the saved masks take
	walkers sync.Pool
}

// savedMask is a mask as the list of its tokens when they are few.
type savedMask struct {
	few []int32
	all Mask
}

// savedMax bounds the memory of the saved masks of a matcher, in bytes.
const savedMax = 16 << 20

// NewMatcher joins a program with a vocabulary.
func NewMatcher(p *Program, v *Vocab) *Matcher {
	return &Matcher{p: p, v: v, masks: map[*set]savedMask{}}
}

// Vocab returns the vocabulary of m.
func (m *Matcher) Vocab() *Vocab { return m.v }

// Fill sets mask to exactly the tokens that have bytes and with whose bytes s can
// go on (see State.Advance). The mask must be as long as NewMask makes it, and s a
// state of the matcher's program; the zero State allows nothing.
func (m *Matcher) Fill(mask Mask, s State) {
	if s.s == nil {
		clear(mask)
		return
	}
	m.mu.Lock()
	saved, ok := m.masks[s.s]
	m.mu.Unlock()
	switch {
	case !ok:
		m.compute(mask, s.s)
		m.save(mask, s.s)
	case saved.all != nil:
		copy(mask, saved.all)
	default:
		clear(mask)
		for _, t := range saved.few {
			mask[t>>6] |= 1 << (t & 63)
		}
	}
}

// save keeps a mask, forgetting all others when they take too much.
func (m *Matcher) save(mask Mask, s *set) {
	var saved savedMask
	size := 64
	if n := mask.Count(); n*4 < len(mask)*2 {
		saved.few = make([]int32, 0, n)
		for i, w := range mask {
			for ; w != 0; w &= w - 1 {
				saved.few = append(saved.few, int32(i<<6+bits.TrailingZeros64(w)))
			}
		}
		size += 4 * n
	} else {
		saved.all = append(Mask(nil), mask...)
		size += 8 * len(mask)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bytes+size > savedMax {
		clear(m.masks)
		m.bytes = 0
	}
	if _, ok := m.masks[s]; !ok {
		m.masks[s] = saved
		m.bytes += size
	}
}
