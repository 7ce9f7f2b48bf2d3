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
	slots []slot // open addressing
	twice bool   // some text stands at two ids
}

// slot is a token in the table. No two different tokens have the same hash, so that looking for a
// token that is there needs no look at the texts, which are far apart in memory.
type slot struct {
	hash uint64
	id   uint64 // id+1; 0 is free
}

func newVocab(texts []string) *vocab {
	v := &vocab{texts: texts}
	for !v.fill() { // by chance two texts had the same hash: another seed
	}
	return v
}

func (v *vocab) fill() bool {
	v.seed = maphash.MakeSeed()
	v.slots = make([]slot, tableSize(len(v.texts)))
	for id, s := range v.texts {
		if s == "" {
			continue
		}
		h := maphash.String(v.seed, s)
		p := v.slot(h)
		if p.id != 0 {
			if v.texts[p.id-1] != s {
				return false
			}
			v.twice = true // the last of equal tokens counts
		}
		*p = slot{h, uint64(id + 1)}
	}
	return true
}

// tableSize returns a power of two that n entries fill to at most 60 %.
func tableSize(n int) int { return 1 << bits.Len(uint(n+n*2/3|15)) }

// slot returns the place of a hash, or the free place where it belongs.
func (v *vocab) slot(h uint64) *slot {
	mask := uint64(len(v.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if p := &v.slots[i]; p.hash == h || p.id == 0 {
			return p
		}
	}
}

// id returns the id of a token's textual form, -1 where there is none.
func (v *vocab) id(s string) int {
	id := v.probably(s)
	if id < 0 || v.texts[id] != s {
		return -1
	}
	return id
}

// probably returns the id of s if it is a token; if it is not, -1, or once in 2⁴⁰ times some id.
func (v *vocab) probably(s string) int { return int(v.slot(maphash.String(v.seed, s)).id) - 1 }

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
	var block [64]found
	for first := 0; first < n; first += len(block) {
		part := block[:min(len(block), n-first)]
		for i := range part {
			if err := part[i].read(v, at, first+i); err != nil {
				return nil, err
			}
		}
		for i := range part {
			p := &part[i]
			made = v.joined(p.left, p.right, made+1)
			a, b := int(v.slot(p.hashes[0]).id)-1, int(v.slot(p.hashes[1]).id)-1
			if a < 0 || b < 0 || made < 0 {
				return nil, fmt.Errorf("merge %d: %q + %q: %s is not a token", first+i, clip(p.left), clip(p.right), missing(a, b))
			}
			s := m.slot(uint64(a)<<32 | uint64(b))
			*s = merge{uint64(a)<<32 | uint64(b), uint32(first + i), uint32(made)} // of two equal merges the last counts
		}
	}
	return m, nil
}

// found is a merge on its way into the table. Merges go in blocks: the places of a block are touched
// before they are needed, so that the waits for memory overlap.
type found struct {
	left, right string
	hashes      [2]uint64
	touched     uint64
}

func (f *found) read(v *vocab, at func(i int) (left, right string, err error), i int) (err error) {
	if f.left, f.right, err = at(i); err != nil {
		return fmt.Errorf("merge %d: %w", i, err)
	}
	mask := uint64(len(v.slots) - 1)
	f.hashes = [2]uint64{maphash.String(v.seed, f.left), maphash.String(v.seed, f.right)}
	f.touched = v.slots[f.hashes[0]&mask].hash + v.slots[f.hashes[1]&mask].hash
	return nil
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
			if !v.twice {
				return guess
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
