package grammar

import "slices"

const (
	depthMax = 10_000  // bounds how deep calls may nest in a text
	workMax  = 1 << 18 // and the items that one byte may lead to
)

// node is what waits for a rule to end: each caller as where it goes on and what
// waits for it in turn. A nil node is the end of the text. The stacks of a state
// share their tails, and callers at the same place share the node (Tomita's
// graph-structured stack). A node with an id is interned and does not change.
type node struct {
	waits []wait
	depth int32
	id    uint64
	same  *node // of a scratch node: the interned one, once known
}

type wait struct {
	ret int32
	up  *node
}

// hole stands for a node not known yet. See Matcher.
var hole = &node{}

// item is one way to have read the text: a state, and what waits for its rule.
type item struct {
	q int32
	n *node
}

// stepper computes the items after a byte. Its items and nodes are scratch: sets of items
// lie one behind the other in items, and a mark taken before a set is made gives
// back all that was made since.
type stepper struct {
	p     *Program
	items []item
	nodes arena[node]
	waits arena[wait]

	todo  []item // to be closed over
	odd   []item // met in this closure and not kept: they read no byte
	calls []pending
	met   map[item]bool // used instead of a search in large sets
	end   bool          // the text may end here
	left  bool          // the rule that waits for hole may end here
	most  int32         // depth of the deepest node so far
	deep  bool          // something was left out for depthMax or workMax
	work  int
}

type pending struct {
	rule int32
	w    wait
}

type mark struct{ items, nodes, waits int }

func (t *stepper) mark() mark { return mark{len(t.items), t.nodes.n, t.waits.n} }

func (t *stepper) reset(m mark) {
	t.items, t.nodes.n, t.waits.n = t.items[:m.items], m.nodes, m.waits
}

// step appends to t.items the items after byte b of those in from, which may lie in
// t.items before the mark.
func (t *stepper) step(from []item, b byte) {
	for _, it := range from {
		if to, ok := t.p.next(it.q, b); ok {
			t.want(to, it.n)
		}
	}
	t.close()
}

// next returns where state q goes with b, as in Program.edges.
func (p *Program) next(q int32, b byte) (int32, bool) {
	es := p.edges[p.edgeOf[q]:p.edgeOf[q+1]]
	lo, hi := 0, len(es)
	for hi-lo > 8 {
		if m := (lo + hi) / 2; es[m].hi < b {
			lo = m + 1
		} else {
			hi = m + 1
		}
	}
	for _, e := range es[lo:hi] {
		if b <= e.hi {
			return e.to, b >= e.lo
		}
	}
	return 0, false
}

// want adds the target of an edge to what is to be closed over.
func (t *stepper) want(to int32, n *node) {
	if to >= 0 {
		t.todo = append(t.todo, item{to, n})
		return
	}
	for _, q := range t.p.sets[^to] {
		t.todo = append(t.todo, item{q, n})
	}
}

// close moves t.todo to t.items with everything that follows from it without
// reading: returns from rules that end, and calls. All callers of a rule must be
// known before it is called; calls at starts form no cycle, so the rules can be
// taken in their order.
func (t *stepper) close() {
	base := len(t.items)
	t.end, t.left, t.deep = false, false, false
	t.odd, t.calls, t.work = t.odd[:0], t.calls[:0], 0
	if len(t.met) > 0 {
		clear(t.met)
	}
	t.drain(base)
	for len(t.calls) > 0 {
		t.callFirst()
		t.drain(base)
	}
}

func (t *stepper) drain(base int) {
	p := t.p
	for len(t.todo) > 0 {
		it := t.todo[len(t.todo)-1]
		t.todo = t.todo[:len(t.todo)-1]
		if t.work++; t.work+len(t.calls) > workMax {
			t.giveUp(base)
			return
		}
		if t.known(base, it) {
			continue
		}
		f := p.flags[it.q]
		if f == 0 {
			t.items = append(t.items, it)
			continue
		}
		if p.edgeOf[it.q] != p.edgeOf[it.q+1] {
			t.items = append(t.items, it)
		} else {
			t.odd = append(t.odd, it)
		}
		if f&flagEnd != 0 {
			switch it.n {
			case nil:
				t.end = true
			case hole:
				t.left = true
			default:
				for _, w := range it.n.waits {
					t.todo = append(t.todo, item{w.ret, w.up})
				}
			}
		}
		for _, k := range p.calls[p.callOf[it.q]:p.callOf[it.q+1]] {
			if k.tail {
				t.todo = append(t.todo, item{p.start[k.rule], it.n})
			} else {
				t.calls = append(t.calls, pending{k.rule, wait{k.ret, it.n}})
			}
		}
	}
}

// giveUp leaves nothing of a closure that grew beyond reason.
func (t *stepper) giveUp(base int) {
	t.items, t.todo, t.calls = t.items[:base], t.todo[:0], t.calls[:0]
	t.end, t.left, t.deep = false, false, true
}

// known reports whether it was met in this closure, and notes it in large ones.
func (t *stepper) known(base int, it item) bool {
	const large = 48
	if len(t.items)-base+len(t.odd) < large {
		return slices.Contains(t.items[base:], it) || slices.Contains(t.odd, it)
	}
	if t.met == nil {
		t.met = map[item]bool{}
	}
	if len(t.met) == 0 {
		for _, x := range t.items[base:] {
			t.met[x] = true
		}
		for _, x := range t.odd {
			t.met[x] = true
		}
	}
	if t.met[it] {
		return true
	}
	t.met[it] = true
	return false
}

// callFirst makes the node of the pending rule that comes first in the order of left
// calls and starts the rule.
func (t *stepper) callFirst() {
	rule := t.calls[0].rule
	for _, k := range t.calls[1:] {
		if t.p.order[k.rule] < t.p.order[rule] {
			rule = k.rule
		}
	}
	start := t.waits.n
	depth := int32(0)
	rest := t.calls[:0]
	for _, k := range t.calls {
		if k.rule != rule {
			rest = append(rest, k)
			continue
		}
		d := int32(1)
		if k.w.up != nil {
			d += k.w.up.depth
		}
		if d > depthMax {
			t.deep = true
			continue
		}
		depth = max(depth, d)
		t.waits.add(k.w)
	}
	t.calls = rest
	if t.waits.n == start {
		return
	}
	t.most = max(t.most, depth)
	n := t.nodes.add(node{waits: t.waits.since(start), depth: depth})
	t.todo = append(t.todo, item{t.p.start[rule], n})
}

// arena hands out values that stay where they are until n is set back.
type arena[T any] struct {
	chunks [][]T
	n      int
}

const chunkLen = 256

func (a *arena[T]) add(v T) *T {
	c, i := a.n/chunkLen, a.n%chunkLen
	if c == len(a.chunks) {
		a.chunks = append(a.chunks, make([]T, chunkLen))
	}
	a.n++
	a.chunks[c][i] = v
	return &a.chunks[c][i]
}

// since returns the values from index i on: in place when they lie together.
func (a *arena[T]) since(i int) []T {
	if i/chunkLen == (a.n-1)/chunkLen {
		c := a.chunks[i/chunkLen]
		lo, hi := i%chunkLen, (a.n-1)%chunkLen+1
		return c[lo:hi:hi]
	}
	var out []T
	for ; i < a.n; i++ {
		out = append(out, a.chunks[i/chunkLen][i%chunkLen])
	}
	return out
}
