package grammar

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// langStatesMax bounds the automata that stand for the texts and numbers of a schema.
const langStatesMax = 6000

// langMovesMax bounds their tables.
const langMovesMax = 8 << 20

// lang is a regular language: a total deterministic automaton over code points. Class i is the code points from
// cuts[i] to before cuts[i+1]; cuts[0] is 0. State 0 is the start. All are minimal, so that
// the empty language has one state.
type lang struct {
	cuts []rune
	next [][]int32 // by state and class
	acc  []bool
}

// errStates is the sign of an automaton that grows beyond langStatesMax.
type errStates struct{}

// buildLang is the automaton reached from start by step, which is asked once for each state and
// class with the first code point of the class. It panics with errStates when it grows too large.
func buildLang[S comparable](cuts []rune, start S, step func(S, rune) S, accept func(S) bool) *lang {
	d := &lang{cuts: cuts}
	ids := map[S]int32{start: 0}
	order := []S{start}
	for i := 0; i < len(order); i++ {
		row := make([]int32, len(cuts))
		for c, r := range cuts {
			s := step(order[i], r)
			id, ok := ids[s]
			if !ok {
				if len(order) >= langStatesMax || len(order)*len(cuts) > langMovesMax {
					panic(errStates{})
				}
				id = int32(len(order))
				ids[s] = id
				order = append(order, s)
			}
			row[c] = id
		}
		d.next = append(d.next, row)
		d.acc = append(d.acc, accept(order[i]))
	}
	return d.minimal()
}

// cutsAt is sorted distinct class bounds, with 0.
func cutsAt(at ...rune) []rune {
	out := append([]rune{0}, at...)
	slices.Sort(out)
	out = slices.Compact(out)
	for len(out) > 0 && out[len(out)-1] > utf8.MaxRune {
		out = out[:len(out)-1]
	}
	return out
}

// class is the place in d.cuts of r's class.
func (d *lang) class(r rune) int {
	i, ok := slices.BinarySearch(d.cuts, r)
	if !ok {
		i--
	}
	return i
}

// minimal is the smallest automaton of the same language, by Moore's refinement.
func (d *lang) minimal() *lang {
	n := len(d.next)
	group := make([]int32, n)
	for s := range group {
		if d.acc[s] {
			group[s] = 1
		}
	}
	groups := -1
	key := make([]byte, 4*(len(d.cuts)+1))
	for {
		ids := map[string]int32{}
		fresh := make([]int32, n)
		for s := range n {
			binary.LittleEndian.PutUint32(key, uint32(group[s]))
			for c, t := range d.next[s] {
				binary.LittleEndian.PutUint32(key[4+4*c:], uint32(group[t]))
			}
			id, ok := ids[string(key)]
			if !ok {
				id = int32(len(ids))
				ids[string(key)] = id
			}
			fresh[s] = id
		}
		group = fresh
		if len(ids) == groups {
			break
		}
		groups = len(ids)
	}
	out := &lang{cuts: d.cuts, next: make([][]int32, groups), acc: make([]bool, groups)}
	for s := range n { // state 0 is met first and gets group 0
		g := group[s]
		if out.next[g] != nil {
			continue
		}
		row := make([]int32, len(d.cuts))
		for c, t := range d.next[s] {
			row[c] = group[t]
		}
		out.next[g], out.acc[g] = row, d.acc[s]
	}
	return out.fewerCuts()
}

// fewerCuts joins neighbouring classes that no state tells apart.
func (d *lang) fewerCuts() *lang {
	same := func(c int) bool {
		for _, row := range d.next {
			if row[c] != row[c-1] {
				return false
			}
		}
		return true
	}
	var keep []int
	for c := range d.cuts {
		if c == 0 || !same(c) {
			keep = append(keep, c)
		}
	}
	if len(keep) == len(d.cuts) {
		return d
	}
	out := &lang{acc: d.acc}
	for _, c := range keep {
		out.cuts = append(out.cuts, d.cuts[c])
	}
	for _, row := range d.next {
		r := make([]int32, len(keep))
		for i, c := range keep {
			r[i] = row[c]
		}
		out.next = append(out.next, r)
	}
	return out
}

// both combines two languages text by text.
func both(a, b *lang, op func(x, y bool) bool) *lang {
	cuts := cutsAt(append(slices.Clone(a.cuts), b.cuts...)...)
	step := func(s [2]int32, r rune) [2]int32 {
		return [2]int32{a.next[s[0]][a.class(r)], b.next[s[1]][b.class(r)]}
	}
	return buildLang(cuts, [2]int32{}, step, func(s [2]int32) bool { return op(a.acc[s[0]], b.acc[s[1]]) })
}

func langAnd(a, b *lang) *lang   { return both(a, b, func(x, y bool) bool { return x && y }) }
func langOr(a, b *lang) *lang    { return both(a, b, func(x, y bool) bool { return x || y }) }
func langMinus(a, b *lang) *lang { return both(a, b, func(x, y bool) bool { return x && !y }) }

func (d *lang) empty() bool { return len(d.next) == 1 && !d.acc[0] }
func (d *lang) all() bool   { return len(d.next) == 1 && d.acc[0] }

func (d *lang) has(s string) bool {
	at := int32(0)
	for _, r := range s {
		at = d.next[at][d.class(r)]
	}
	return d.acc[at]
}

// constLang is the language of all texts, or of none.
func constLang(all bool) *lang {
	return &lang{cuts: []rune{0}, next: [][]int32{{0}}, acc: []bool{all}}
}

// wordsLang is exactly the texts of words.
func wordsLang(words []string) *lang {
	type node struct {
		next map[rune]int
		end  bool
	}
	trie := []node{{next: map[rune]int{}}}
	var at []rune
	for _, w := range words {
		n := 0
		for _, r := range w {
			to, ok := trie[n].next[r]
			if !ok {
				to = len(trie)
				if to > langStatesMax {
					panic(errStates{})
				}
				trie[n].next[r] = to
				trie = append(trie, node{next: map[rune]int{}})
			}
			n = to
			at = append(at, r, r+1)
		}
		trie[n].end = true
	}
	return buildLang(cutsAt(at...), 0, func(s int, r rune) int {
		if s < 0 {
			return -1
		}
		if to, ok := trie[s].next[r]; ok {
			return to
		}
		return -1
	}, func(s int) bool { return s >= 0 && trie[s].end })
}

// lengthLang is the texts of lo to hi code points; hi < 0 is no bound.
func lengthLang(lo, hi int) *lang {
	top := max(lo, hi+1)
	if top > langStatesMax {
		panic(errStates{})
	}
	return buildLang([]rune{0}, 0, func(n int, _ rune) int { return min(n+1, top) },
		func(n int) bool { return n >= lo && (hi < 0 || n <= hi) })
}

// dead is the state from which nothing is accepted, or -1.
func (d *lang) dead() int32 {
	for s, row := range d.next {
		if d.acc[s] {
			continue
		}
		stuck := true
		for _, t := range row {
			stuck = stuck && int(t) == s
		}
		if stuck {
			return int32(s)
		}
	}
	return -1
}

// ranges is, for state s, the code points that lead to each other state, the dead one apart,
// as pairs of bounds; targets in the order of first use.
func (d *lang) ranges(s, dead int32) (targets []int32, pairs map[int32][]rune) {
	pairs = map[int32][]rune{}
	for c, t := range d.next[s] {
		if t == dead {
			continue
		}
		lo, hi := d.cuts[c], rune(utf8.MaxRune)
		if c+1 < len(d.cuts) {
			hi = d.cuts[c+1] - 1
		}
		p := pairs[t]
		if p == nil {
			targets = append(targets, t)
		}
		if n := len(p); n > 0 && p[n-1] == lo-1 {
			p[n-1] = hi
		} else {
			p = append(p, lo, hi)
		}
		pairs[t] = p
	}
	return targets, pairs
}
