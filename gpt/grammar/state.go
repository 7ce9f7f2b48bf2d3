package grammar

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// State is where a text stands in a Program. It does not change and costs nothing to
// copy. Two states of a program that stand for the same set of stacks are the
// same value, unless very many were met between them. The zero State is dead.
type State struct {
	p *Program
	s *set
}

// set is the items of a state, interned.
type set struct {
	items []item
	end   bool
}

// What Next says when a text cannot go on.
var (
	ErrNotInLanguage = errors.New("no text of the grammar goes on like this")
	ErrTooDeep       = fmt.Errorf("the text nests more than %d deep, or can be read in too many ways", depthMax)
)

// Start returns the state before the first byte.
func (p *Program) Start() State {
	t := p.intern.stepper(p)
	defer p.intern.give(t)
	t.todo = append(t.todo, item{p.start[0], nil})
	t.close()
	return State{p, p.intern.set(t.items, t.end || p.null)}
}

// Advance returns the state after the bytes b, and false if no text of the language
// has them next.
func (s State) Advance(b []byte) (State, bool) {
	t, err := s.Next(b)
	return t, err == nil
}

// Next is Advance with a reason: ErrNotInLanguage or ErrTooDeep, with the offset of
// the byte in b.
func (s State) Next(b []byte) (State, error) {
	if s.p == nil {
		return State{}, ErrNotInLanguage
	}
	if len(b) == 0 {
		return s, nil
	}
	t := s.p.intern.stepper(s.p)
	defer s.p.intern.give(t)
	from := s.s.items
	for i, c := range b {
		base := len(t.items)
		t.step(from, c)
		from = t.items[base:]
		if len(from) > 0 || t.end {
			continue
		}
		why := ErrNotInLanguage
		if t.deep {
			why = ErrTooDeep
		}
		return State{}, fmt.Errorf("byte %d (%q): %w", i, b[i:min(len(b), i+16)], why)
	}
	return State{s.p, s.p.intern.set(from, t.end)}, nil
}

// Accepting reports whether the text may end here.
func (s State) Accepting() bool { return s.s != nil && s.s.end }

// Done reports whether the text must end here: it is complete and nothing can follow.
func (s State) Done() bool { return s.Accepting() && len(s.s.items) == 0 }

// forcedMax bounds what Forced returns.
const forcedMax = 4096

// Forced returns the bytes with which every continuation begins: nil where the text
// may end or go on in several ways. It may end within a code point, and is at
// most 4096 bytes long.
func (s State) Forced() []byte {
	if s.s == nil || s.s.end || len(s.s.items) == 0 {
		return nil
	}
	t := s.p.intern.stepper(s.p)
	defer s.p.intern.give(t)
	var out []byte
	from := s.s.items
	for len(out) < forcedMax {
		b, ok := s.p.onlyByte(from)
		if !ok {
			break
		}
		base := len(t.items)
		t.step(from, b)
		from = t.items[base:]
		if len(from) == 0 && !t.end { // too deep
			break
		}
		out = append(out, b)
		if t.end {
			break
		}
	}
	return out
}

// onlyByte returns the byte that all items read, if there is one.
func (p *Program) onlyByte(items []item) (byte, bool) {
	var b byte
	for i, it := range items {
		es := p.edges[p.edgeOf[it.q]:p.edgeOf[it.q+1]]
		if i == 0 {
			b = es[0].lo
		}
		if len(es) != 1 || es[0].lo != b || es[0].hi != b {
			return 0, false
		}
	}
	return b, len(items) > 0
}

// internMax is how many nodes and sets an interner remembers before it starts anew.
const internMax = 1 << 16

// interner makes equal sets and nodes the same pointer. It forgets everything
// when it is full; what was handed out stays valid, only no longer the same.
type interner struct {
	max      int // internMax
	mu       sync.Mutex
	nodes    map[string]*node
	sets     map[string]*set
	lastID   uint64
	key      []byte
	prints   map[int32]*[sha256.Size]byte // of rules, see Program.print
	steppers sync.Pool
}

func newInterner() *interner {
	return &interner{max: internMax, nodes: map[string]*node{}, sets: map[string]*set{}, prints: map[int32]*[sha256.Size]byte{}}
}

func (in *interner) stepper(p *Program) *stepper {
	if t, ok := in.steppers.Get().(*stepper); ok {
		return t
	}
	return &stepper{p: p}
}

func (in *interner) give(t *stepper) {
	t.reset(mark{})
	t.todo = t.todo[:0]
	in.steppers.Put(t)
}

// set returns the interned set of these items, whose nodes may be scratch.
func (in *interner) set(items []item, end bool) *set {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.sets)+len(in.nodes) > in.max {
		clear(in.sets)
		clear(in.nodes)
	}
	kept := make([]item, len(items))
	for i, it := range items {
		kept[i] = item{it.q, in.node(it.n)}
	}
	slices.SortFunc(kept, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.q, b.q), cmp.Compare(idOf(a.n), idOf(b.n)))
	})
	kept = slices.Compact(kept) // scratch nodes may have been equal
	k := in.key[:0]
	for _, it := range kept {
		k = binary.LittleEndian.AppendUint32(k, uint32(it.q))
		k = binary.LittleEndian.AppendUint64(k, idOf(it.n))
	}
	if end {
		k = append(k, 1)
	}
	in.key = k
	if s, ok := in.sets[string(k)]; ok {
		return s
	}
	s := &set{items: kept, end: end}
	in.sets[string(k)] = s
	return s
}

func idOf(n *node) uint64 {
	if n == nil {
		return 0
	}
	return n.id
}

// node returns the interned node equal to n. It recurses through scratch nodes only,
// once through each.
func (in *interner) node(n *node) *node {
	if n == nil || n.id != 0 {
		return n
	}
	if n.same == nil {
		n.same = in.lookUp(n)
	}
	return n.same
}

func (in *interner) lookUp(n *node) *node {
	waits := make([]wait, len(n.waits))
	for i, w := range n.waits {
		waits[i] = wait{w.ret, in.node(w.up)}
	}
	slices.SortFunc(waits, func(a, b wait) int {
		return cmp.Or(cmp.Compare(a.ret, b.ret), cmp.Compare(idOf(a.up), idOf(b.up)))
	})
	waits = slices.Compact(waits)
	k := in.key[:0]
	for _, w := range waits {
		k = binary.LittleEndian.AppendUint32(k, uint32(w.ret))
		k = binary.LittleEndian.AppendUint64(k, idOf(w.up))
	}
	in.key = k
	if old, ok := in.nodes[string(k)]; ok {
		return old
	}
	in.lastID++
	m := &node{waits: waits, depth: n.depth, id: in.lastID}
	in.nodes[string(k)] = m
	return m
}
