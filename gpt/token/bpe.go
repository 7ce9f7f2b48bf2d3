package token

import "hash/maphash"

// An encoder is the working memory of one encoding: it is used by one goroutine at a time.
type encoder struct {
	t       *Tokenizer
	sc      scanner
	out     []int
	symbols []uint32 // of a short word
	ranks   []uint64 // ranks[i]: merge of symbols i and i+1
	list    []symbol // of a long word
	heap    []candidate
	cache   []cached
}

// shortWord is the longest word, in bytes, that is merged by scanning for the lowest rank; the
// scan is quadratic, but fast while the word fits a few cache lines.
const shortWord = 48

// cached is a word that was merged before, with its tokens.
type cached struct {
	key   [27]byte
	bytes uint8 // length of the word; 0 is free
	ids   [8]uint32
	n     uint8
}

const cacheSize = 1 << 12

func newEncoder(t *Tokenizer) *encoder {
	return &encoder{t: t, sc: scanner{classes()}, cache: make([]cached, cacheSize)}
}

// text appends the tokens of s, in which no special token is looked for.
func (e *encoder) text(s string) {
	if e.t.nfc {
		s = nfc(s)
	}
	e.normal(s)
}

// normal appends the tokens of a text in normal form.
func (e *encoder) normal(s string) {
	if s == "" {
		return
	}
	if e.t.prefixSpace && s[0] != ' ' {
		s = " " + s
	}
	for i := 0; i < len(s); {
		j := e.t.rule.next(e.sc, s, i)
		e.word(s[i:j])
		i = j
	}
}

// word appends the tokens of one word.
func (e *encoder) word(w string) {
	if len(w) == 1 {
		if id := e.t.byteID[w[0]]; id >= 0 {
			e.out = append(e.out, int(id))
		}
		return
	}
	var c *cached
	if len(w) <= len(c.key) {
		c = &e.cache[maphash.String(e.t.vocab.seed, w)%cacheSize]
		if int(c.bytes) == len(w) && string(c.key[:len(w)]) == w {
			for _, id := range c.ids[:c.n] {
				e.out = append(e.out, int(id))
			}
			return
		}
	}
	start := len(e.out)
	e.merge(w)
	if c != nil && len(e.out)-start <= len(c.ids) {
		copy(c.key[:], w)
		c.bytes, c.n = uint8(len(w)), uint8(len(e.out)-start)
		for i, id := range e.out[start:] {
			c.ids[i] = uint32(id)
		}
	}
}

func (e *encoder) merge(w string) {
	if e.t.ignoreMerges {
		if id := e.t.vocab.id(e.t.textual(w)); id >= 0 {
			e.out = append(e.out, id)
			return
		}
	}
	e.symbols = e.symbols[:0]
	for i := range len(w) {
		if id := e.t.byteID[w[i]]; id >= 0 { // the reference drops a byte that has no token
			e.symbols = append(e.symbols, uint32(id))
		}
	}
	if len(e.symbols) <= shortWord {
		e.mergeShort()
	} else {
		e.mergeLong()
	}
}

// mergeShort merges the pair of the lowest rank, the leftmost of equals, until none is left.
func (e *encoder) mergeShort() {
	s, r := e.symbols, e.ranks[:0]
	m := e.t.merges
	for i := 1; i < len(s); i++ {
		r = append(r, m.get(s[i-1], s[i]))
	}
	for {
		best, at := noPair, -1
		for i, k := range r {
			if k < best {
				best, at = k, i
			}
		}
		if at < 0 {
			break
		}
		s[at] = uint32(best)
		s = append(s[:at+1], s[at+2:]...)
		r = append(r[:at], r[at+1:]...)
		if at > 0 {
			r[at-1] = m.get(s[at-1], s[at])
		}
		if at < len(r) {
			r[at] = m.get(s[at], s[at+1])
		}
	}
	for _, id := range s {
		e.out = append(e.out, int(id))
	}
	e.ranks = r
}

// symbol is a token of a long word, in a doubly linked list.
type symbol struct {
	id         uint32
	prev, next int
	alive      bool
}

// candidate is a possible merge at a place of the list.
type candidate struct {
	key uint64 // rank<<32 | id
	at  int
}

func (a candidate) before(b candidate) bool {
	return a.key < b.key || a.key == b.key && a.at < b.at
}

// mergeLong does what mergeShort does with a heap: n log n for a word of n bytes.
func (e *encoder) mergeLong() {
	l, m := e.list[:0], e.t.merges
	e.heap = e.heap[:0]
	for i, id := range e.symbols {
		l = append(l, symbol{id, i - 1, i + 1, true})
		if i > 0 {
			e.push(l, i-1, i)
		}
	}
	l[len(l)-1].next = -1
	for len(e.heap) > 0 {
		c := e.pop()
		s := &l[c.at]
		if !s.alive || s.next < 0 || m.get(s.id, l[s.next].id) != c.key {
			continue // an older candidate: the list has changed since
		}
		l[s.next].alive = false
		s.id, s.next = uint32(c.key), l[s.next].next
		if s.next >= 0 {
			l[s.next].prev = c.at
			e.push(l, c.at, s.next)
		}
		if s.prev >= 0 {
			e.push(l, s.prev, c.at)
		}
	}
	for i := 0; i >= 0; i = l[i].next {
		e.out = append(e.out, int(l[i].id))
	}
	e.list = l
}

// tidy lets go of what a very long word needed.
func (e *encoder) tidy() {
	if cap(e.list) > 1<<16 {
		e.symbols, e.list, e.heap = nil, nil, nil
	}
}

// push adds the merge of the neighbours a and b to the heap, if there is one.
func (e *encoder) push(l []symbol, a, b int) {
	key := e.t.merges.get(l[a].id, l[b].id)
	if key == noPair {
		return
	}
	h := append(e.heap, candidate{key, a})
	i := len(h) - 1
	for i > 0 && h[i].before(h[(i-1)/4]) {
		h[i], h[(i-1)/4] = h[(i-1)/4], h[i]
		i = (i - 1) / 4
	}
	e.heap = h
}

// pop takes the first candidate off the heap, which has four children a node.
func (e *encoder) pop() candidate {
	h := e.heap
	top := h[0]
	last := h[len(h)-1]
	h = h[:len(h)-1]
	e.heap = h
	if len(h) == 0 {
		return top
	}
	i := 0
	for {
		best, first := i, 4*i+1
		h[i] = last
		for c := first; c < min(first+4, len(h)); c++ {
			if h[c].before(h[best]) {
				best = c
			}
		}
		if best == i {
			return top
		}
		h[i] = h[best]
		i = best
	}
}
