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
	apart int   // states of more items are walked at once
	large int32 // nodes of the trie above more are walked by item, see walker.pushApart

	mu      sync.Mutex
	within  map[place]*within
	items   map[item]savedMask // of an item without what is within its rule
	sets    map[*set]savedMask
	bytes   int // that all this takes
	walkers sync.Pool
}

// within is what a state allows without leaving its rule.
type within struct {
	mask  savedMask
	exits []int32 // nodes of the trie after which the rule may have ended
	most  int32   // depth of the deepest node on the way
}

func (in *within) size() int { return in.mask.size() + 4*len(in.exits) }

// place is a state of the automaton at a node of the trie.
type place struct{ q, node int32 }

// savedMask is a mask as the list of its tokens when they are few.
type savedMask struct {
	few []int32
	all Mask
}

const (
	savedMax   = 16 << 20 // bytes that the saved masks of a matcher may take
	itemsApart = 16
	largeNode  = 1 << 14 // below a space is most of a vocabulary
)

// NewMatcher joins a program with a vocabulary.
func NewMatcher(p *Program, v *Vocab) *Matcher {
	m := &Matcher{p: p, v: v, apart: itemsApart, large: largeNode}
	m.forget()
	return m
}

func (m *Matcher) forget() {
	m.within, m.items, m.sets = map[place]*within{}, map[item]savedMask{}, map[*set]savedMask{}
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
			if in := m.inRule(it, root); in != nil {
				in.mask.addTo(mask)
				if len(in.exits) > 0 {
					m.itemMask(it, func(w *walker) { w.walkExits(in.exits, it.n) }).addTo(mask)
				}
				continue
			}
		}
		m.itemMask(it, func(w *walker) { w.apart = it.n == nil; w.walkFrom(items[i : i+1]) }).addTo(mask)
	}
}

// inRule returns what an item allows within its rule below a node of the trie, or nil if
// calls could nest too deep on the way.
func (m *Matcher) inRule(it item, node int32) *within {
	at := place{it.q, node}
	m.mu.Lock()
	in := m.within[at]
	m.mu.Unlock()
	if in == nil {
		in = m.shared(at)
		m.mu.Lock()
		m.room(in.size())
		m.within[at] = in
		m.mu.Unlock()
	}
	if int(it.n.depth)+int(in.most)+len(m.p.start) > depthMax {
		return nil
	}
	return in
}

// shared returns what is allowed at a place within its rule, from what the vocabulary keeps if it is there.
func (m *Matcher) shared(at place) *within {
	key, ok := m.p.partKey(at.q, at.node)
	if !ok {
		return m.walkRule(at)
	}
	in := m.v.parts.get(key)
	if in == nil {
		in = m.walkRule(at)
		m.v.parts.put(key, in)
	}
	return in
}

func (m *Matcher) walkRule(at place) *within {
	in := &within{}
	in.mask = m.walk(func(w *walker) {
		w.exits, w.most = w.exits[:0], 0
		if items := []item{{at.q, hole}}; at.node == root {
			w.walkFrom(items)
		} else {
			w.walkBelow(items, at.node)
		}
		in.exits = slices.Clone(w.exits)
		in.most = w.most
	})
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
		w = &walker{stepper: stepper{p: m.p}, m: m, v: m.v, mask: NewMask(m.v)}
	}
	w.list, w.dense, w.apart = w.list[:0], false, false
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
