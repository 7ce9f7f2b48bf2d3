package grammar

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
)

// What a state allows without leaving its rule depends on the rule and those that it
// calls, not on the program. A decoder that compiles a grammar for each line meets the same
// rules again and again; so this is kept with the vocabulary, under a print of the rules.

// partKey names what is allowed below a node of the trie from a state within its rule.
type partKey struct {
	print       [sha256.Size]byte // of the rule, see Program.print
	state, node int32             // the state is counted from the start of the rule
}

const (
	sharedMax = 16 << 20 // bytes that the parts of a vocabulary may take
	printMax  = 4096     // states beyond which a rule with those that it calls has no print
)

// parts is what matchers of a vocabulary share. It forgets everything when it is full.
type parts struct {
	mu    sync.Mutex
	of    map[partKey]*within
	bytes int
}

func (p *parts) get(k partKey) *within {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[k]
}

func (p *parts) put(k partKey, in *within) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil || p.bytes+in.size() > sharedMax {
		p.of, p.bytes = map[partKey]*within{}, 0
	}
	p.of[k] = in
	p.bytes += in.size()
}

// partKey returns the key of state q at a node, false if its rule has no print.
func (p *Program) partKey(q, node int32) (partKey, bool) {
	rule, ok := slices.BinarySearch(p.start, q)
	if !ok {
		rule--
	}
	print := p.print(int32(rule))
	if print == nil {
		return partKey{}, false
	}
	return partKey{*print, q - p.start[rule], node}, true
}

// print returns a hash of the automata of a rule and of all that it calls, or nil if these are
// many. Rules of different programs with the same print allow the same.
func (p *Program) print(rule int32) *[sha256.Size]byte {
	in := p.intern
	in.mu.Lock()
	defer in.mu.Unlock()
	print, ok := in.prints[rule]
	if ok {
		return print
	}
	if b := p.spell(rule); b != nil {
		sum := sha256.Sum256(b)
		print = &sum
	}
	in.prints[rule] = print
	return print
}

// spell writes the automata down, rules numbered as they are met.
func (p *Program) spell(rule int32) []byte {
	rules := []int32{rule}
	number := func(r int32) int {
		i := slices.Index(rules, r)
		if i < 0 {
			i = len(rules)
			rules = append(rules, r)
		}
		return i
	}
	var out []byte
	states := int32(0)
	for i := 0; i < len(rules); i++ {
		first, end := p.statesOf(rules[i])
		if states += end - first; states > printMax {
			return nil
		}
		out = binary.AppendUvarint(out, uint64(end-first))
		for q := first; q < end; q++ {
			out = p.spellState(out, q, first, number)
		}
	}
	return out
}

// statesOf returns the range of the states of a rule.
func (p *Program) statesOf(rule int32) (first, end int32) {
	if int(rule)+1 < len(p.start) {
		return p.start[rule], p.start[rule+1]
	}
	return p.start[rule], int32(p.size())
}

// spellState writes state q of the rule whose first state is given.
func (p *Program) spellState(out []byte, q, first int32, number func(rule int32) int) []byte {
	edges, calls := p.edges[p.edgeOf[q]:p.edgeOf[q+1]], p.calls[p.callOf[q]:p.callOf[q+1]]
	out = append(out, p.flags[q])
	out = binary.AppendUvarint(out, uint64(len(edges)))
	for _, e := range edges {
		out = append(out, e.lo, e.hi)
		if e.to >= 0 {
			out = binary.AppendUvarint(out, uint64(e.to-first)<<1)
			continue
		}
		set := p.sets[^e.to]
		out = binary.AppendUvarint(out, uint64(len(set))<<1|1)
		for _, t := range set {
			out = binary.AppendUvarint(out, uint64(t-first))
		}
	}
	out = binary.AppendUvarint(out, uint64(len(calls)))
	for _, k := range calls {
		out = binary.AppendUvarint(out, uint64(number(k.rule)))
		out = binary.AppendUvarint(out, uint64(k.ret-first))
	}
	return out
}
