package grammar

import (
	"math/bits"
	"slices"
	"sync"
)

// Matcher says which tokens of a vocabulary a program allows. Any number of
// goroutines may use it.
//
// What a state allows is what any of its items allows, and the items recur more
// often than the states: in a text that may be copied or free, the free item is the
// same after each character. So masks are kept by item, in two parts. What the item
// allows without leaving its rule depends on its automaton's state alone, and so do
// the places in the trie where the rule may end; what is allowed beyond
// those depends on what waits for the rule. (The idea is that of XGrammar, Dong et
// al., 2024.) Of states with many items the mask of the whole is kept.
type Matcher struct {
	p     *Program
	v     *Vocab
	apart int // states of more items are walked at once

	mu      sync.Mutex
	within  map[int32]*within  // by state of the automaton
	items   map[item]savedMask // of an item without what is within its rule
	sets    map[*set]savedMask
	bytes   int // that all this takes
	walkers sync.Pool
}

// within is what a state allows without leaving its rule.
type within struct {
	mask  savedMask
	exits []int32 // nodes of the trie after which the rule may have ended
	depth int     // at most this many calls nest
}

// savedMask is a mask as the list of its tokens when they are few.
type savedMask struct {
	few []int32
	all Mask
}

const (
	savedMax   = 16 << 20 // bytes that the saved masks of a matcher may take
	itemsApart = 16
)

// NewMatcher joins a program with a vocabulary.
func NewMatcher(p *Program, v *Vocab) *Matcher {
	m := &Matcher{p: p, v: v, apart: itemsApart}
	m.forget()
	return m
}

func (m *Matcher) forget() {
	m.within, m.items, m.sets = map[int32]*within{}, map[item]savedMask{}, map[*set]savedMask{}
	m.bytes = 0
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
	items := s.s.items
	if len(items) > m.apart {
		m.setMask(s.s).addTo(mask)
		return
	}
	for i, it := range items {
		if it.n != nil {
			in := m.inRule(it.q)
			if int(it.n.depth)+in.depth <= depthMax {
				in.mask.addTo(mask)
				if len(in.exits) > 0 {
					m.itemMask(it, func(w *walker) { w.walkExits(in.exits, it.n) }).addTo(mask)
				}
				continue
			}
		}
		m.itemMask(it, func(w *walker) { w.walkFrom(items[i : i+1]) }).addTo(mask)
	}
}

// inRule returns what state q allows within its rule.
func (m *Matcher) inRule(q int32) *within {
	m.mu.Lock()
	in := m.within[q]
	m.mu.Unlock()
	if in != nil {
		return in
	}
	in = &within{}
	in.mask = m.walk(func(w *walker) {
		w.exits, w.most = w.exits[:0], 0
		w.walkFrom([]item{{q, hole}})
		in.exits = slices.Clone(w.exits)
		in.depth = int(w.most) + len(m.p.start)
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room(in.mask.size() + 4*len(in.exits))
	m.within[q] = in
	return in
}

func (m *Matcher) itemMask(it item, walk func(*walker)) savedMask {
	m.mu.Lock()
	s, ok := m.items[it]
	m.mu.Unlock()
	if ok {
		return s
	}
	s = m.walk(walk)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room(s.size())
	m.items[it] = s
	return s
}

func (m *Matcher) setMask(set *set) savedMask {
	m.mu.Lock()
	s, ok := m.sets[set]
	m.mu.Unlock()
	if ok {
		return s
	}
	s = m.walk(func(w *walker) { w.walkFrom(set.items) })
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room(s.size())
	m.sets[set] = s
	return s
}

// room makes place for so many bytes, forgetting everything if need be.
func (m *Matcher) room(size int) {
	if m.bytes+size > savedMax {
		m.forget()
	}
	m.bytes += size
}

// walk returns the mask that f makes.
func (m *Matcher) walk(f func(*walker)) savedMask {
	w, ok := m.walkers.Get().(*walker)
	if !ok {
		w = &walker{stepper: stepper{p: m.p}, v: m.v, mask: NewMask(m.v)}
	}
	w.list, w.dense = w.list[:0], false
	f(w)
	defer m.walkers.Put(w)
	if w.dense {
		return pack(w.mask)
	}
	return savedMask{few: slices.Clone(w.list)}
}

func (s savedMask) addTo(mask Mask) {
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
