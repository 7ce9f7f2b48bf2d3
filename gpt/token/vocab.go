package token

import (
	"fmt"
	"hash/maphash"
	"math/bits"
	"strings"
)

// vocab is the list of tokens in their textual form (byte-level: one character a byte) and the way
// back from a text to its id. The strings may be views over a mapped file.
type vocab struct {
	texts []string // by id; "" is a hole
	seed  maphash.Seed
	slots []uint64 // open addressing: upper half of the hash, id+1; 0 is free
}

func newVocab(texts []string) *vocab {
	v := &vocab{texts: texts, seed: maphash.MakeSeed(), slots: make([]uint64, tableSize(len(texts)))}
	for id, s := range texts {
		if s != "" {
			v.insert(s, id)
		}
	}
	return v
}

// tableSize returns a power of two that is at most half full with n entries.
func tableSize(n int) int { return 1 << bits.Len(uint(2*n|15)) }

const upperHalf = 0xffffffff << 32

func (v *vocab) insert(s string, id int) {
	h := maphash.String(v.seed, s)
	mask := uint64(len(v.slots) - 1)
	entry := h&upperHalf | uint64(id+1)
	for i := h & mask; ; i = (i + 1) & mask {
		e := v.slots[i]
		if e == 0 || (e^h)&upperHalf == 0 && v.texts[uint32(e)-1] == s { // the last of two equal tokens counts
			v.slots[i] = entry
			return
		}
	}
}

// id returns the id of a token's textual form, -1 where there is none.
func (v *vocab) id(s string) int {
	h := maphash.String(v.seed, s)
	mask := uint64(len(v.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		e := v.slots[i]
		if e == 0 {
			return -1
		}
		if (e^h)&upperHalf == 0 && v.texts[uint32(e)-1] == s {
			return int(uint32(e) - 1)
		}
	}
}

// merges maps a pair of neighbouring tokens to the rank of their merge and the token that results.
type merges struct {
	slots []merge
	shift uint
}

type merge struct {
	pair uint64 // left id, right id; noPair is free
	rank uint32
	id   uint32
}

const noPair = ^uint64(0)

// newMerges reads merges in the order of their rank, each as the two tokens: left, right = at(i).
func newMerges(v *vocab, n int, at func(i int) (left, right string, err error)) (*merges, error) {
	m := &merges{slots: make([]merge, tableSize(n))}
	m.shift = 64 - uint(bits.Len(uint(len(m.slots)-1)))
	for i := range m.slots {
		m.slots[i].pair = noPair
	}
	made := -1 // the token of the merge before: its successor is usually the next
	for i := range n {
		left, right, err := at(i)
		if err != nil {
			return nil, fmt.Errorf("merge %d: %w", i, err)
		}
		a, b := v.id(left), v.id(right)
		made = v.joined(left, right, made+1)
		if a < 0 || b < 0 || made < 0 {
			return nil, fmt.Errorf("merge %d: %q + %q: %s is not a token", i, clip(left), clip(right), missing(a, b))
		}
		s := m.slot(uint64(a)<<32 | uint64(b))
		*s = merge{uint64(a)<<32 | uint64(b), uint32(i), uint32(made)} // of two equal merges the last counts
	}
	return m, nil
}

func missing(a, b int) string {
	switch {
	case a < 0:
		return "the left one"
	case b < 0:
		return "the right one"
	}
	return "the result"
}

// joined returns the id of left+right, -1 where there is none. It tries guess first.
func (v *vocab) joined(left, right string, guess int) int {
	if guess < len(v.texts) {
		g := v.texts[guess]
		if len(g) == len(left)+len(right) && g[:len(left)] == left && g[len(left):] == right {
			if id := v.id(g); id >= 0 {
				return id
			}
		}
	}
	return v.id(left + right)
}

// slot returns the place of a pair, or the free place where it belongs.
func (m *merges) slot(pair uint64) *merge {
	mask := uint64(len(m.slots) - 1)
	for i := pair * 0x9e3779b97f4a7c15 >> m.shift; ; i = (i + 1) & mask {
		if s := &m.slots[i]; s.pair == pair || s.pair == noPair {
			return s
		}
	}
}

// get returns rank<<32 | id of the merge of a and b, noPair where there is none.
func (m *merges) get(a, b uint32) uint64 {
	s := m.slot(uint64(a)<<32 | uint64(b))
	if s.pair == noPair {
		return noPair
	}
	return uint64(s.rank)<<32 | uint64(s.id)
}

// clip shortens what an error quotes.
func clip(s string) string {
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}
