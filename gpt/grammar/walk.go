package grammar

// walker goes through the trie and the program together, depth first.
type walker struct {
	stepper
	m      *Matcher
	v      *Vocab
	apart  bool    // items in called rules are taken apart at large nodes
	list   []int32 // what is allowed, while that is little
	mask   Mask    // the same, when dense
	dense  bool
	base   run // what the mask held from the beginning
	frames []frame
	exits  []int32 // nodes after which the rule that waits for hole may have ended
}

// frame is a place in the trie whose children are being tried.
type frame struct {
	from    []item  // the items before the children's byte
	at, end int32   // the children not tried yet, in Vocab.kids
	edge    int32   // of a single item: its first edge that may still matter
	run     int32   // of one of the items, or 0
	points  int32   // code points since the root; -1 when the path is not in base
	m       mark    // before the items were made
	reads   byteSet // what the items read, or all bytes where that is not worth finding out
}

// walkFrom collects what the items allow. What lies within one of their runs is set at once
// from the vocabulary's own cache, and such subtrees are skipped; so are subtrees
// within the run of a state met on the way.
func (w *walker) walkFrom(items []item) {
	w.base = run{}
	points := int32(-1)
	if r := w.p.bestRun(items); r > 0 {
		points = 0
		w.base = w.p.runs[r]
		w.base.exact = w.base.exact && len(items) == 1
		copy(w.mask, w.v.base(w.base))
		w.dense = true
	}
	w.push(items, root, points, w.mark())
	w.walk()
}

// walkBelow collects what the items allow below a node.
func (w *walker) walkBelow(items []item, node int32) {
	w.base = run{}
	w.push(items, node, -1, w.mark())
	w.walk()
}

// walkExits collects what is allowed where a rule has ended after one of the
// nodes in exits and n waited for it.
func (w *walker) walkExits(exits []int32, n *node) {
	w.base = run{}
	m := w.mark()
	w.pushExits(exits, n)
	w.walk()
	w.reset(m)
}

// pushExits begins with the children of all nodes in exits, after which n goes on.
func (w *walker) pushExits(exits []int32, n *node) {
	for _, x := range n.waits {
		w.todo = append(w.todo, item{x.ret, x.up})
	}
	base := len(w.items)
	w.close()
	items := w.items[base:]
	if len(items) == 0 {
		return
	}
	m, reads := w.mark(), w.p.reads(items)
	for _, i := range exits {
		if w.v.kids.any(i, &reads) {
			w.push(items, i, -1, m)
		}
	}
}

// bestRun returns the run with the most characters among those of the items, or 0.
func (p *Program) bestRun(items []item) int32 {
	best, most := int32(0), 0
	for _, it := range items {
		if r := p.runOf[it.q]; r > 0 {
			if n := p.runs[r].size(); n > most {
				best, most = r, n
			}
		}
	}
	return best
}

// walk tries what the frames hold.
func (w *walker) walk() {
	for len(w.frames) > 0 {
		f := &w.frames[len(w.frames)-1]
		w.v.kids.skip(f)
		if f.at >= f.end {
			w.reset(f.m)
			w.frames = w.frames[:len(w.frames)-1]
			continue
		}
		i := w.v.kids.nodes[f.at]
		n := &w.v.nodes[i]
		f.at++
		if w.inRun(f, n, i) || !w.wantNext(f, n.b) {
			continue
		}
		w.enter(f.points, n, i)
	}
}

// push begins with the children of a node, which led to the items.
func (w *walker) push(from []item, node, points int32, m mark) {
	at, end := w.v.kids.of(node)
	f := frame{from: from, at: at, end: end, points: points, m: m, run: w.p.bestRun(from), reads: allBytes}
	if end-at > kidsTried {
		f.reads = w.p.reads(from)
	}
	if len(from) == 1 {
		f.edge = w.p.edgeOf[from[0].q]
	}
	w.frames = append(w.frames, f)
}

// inRun deals with a node all of whose tokens lie in the base or in a run of f, or are
// known to lie in nothing else.
func (w *walker) inRun(f *frame, n *trieNode, i int32) bool {
	if f.points >= 0 && w.base.has(&n.summary) && (w.base.exact || f.points+int32(n.points) <= w.base.len) {
		return true
	}
	if f.run == 0 || !w.p.runs[f.run].has(&n.summary) {
		return false
	}
	r := &w.p.runs[f.run]
	if int32(n.points) <= r.len {
		w.allow(n.tok, w.v.nodes[n.end].tok)
		return true
	}
	if r.exact && len(f.from) == 1 {
		w.spill()
		w.v.baseOf(w.mask, r, i, n.end, 0)
		return true
	}
	return false
}

// allow adds the tokens of order[lo:hi].
func (w *walker) allow(lo, hi int32) {
	if !w.dense && len(w.list)+int(hi-lo) <= len(w.mask) {
		w.list = append(w.list, w.v.order[lo:hi]...)
		return
	}
	w.spill()
	w.v.allow(w.mask, lo, hi)
}

// spill moves the list to the mask.
func (w *walker) spill() {
	if w.dense {
		return
	}
	w.dense = true
	clear(w.mask)
	for _, t := range w.list {
		w.mask[t>>6] |= 1 << (t & 63)
	}
}

// wantNext puts where byte b leads from f into w.todo, and reports whether that
// is anywhere.
func (w *walker) wantNext(f *frame, b byte) bool {
	if len(f.from) != 1 {
		for _, it := range f.from {
			if to, ok := w.p.next(it.q, b); ok {
				w.want(to, it.n)
			}
		}
		return len(w.todo) > 0
	}
	end := w.p.edgeOf[f.from[0].q+1]
	for f.edge < end && w.p.edges[f.edge].hi < b { // children come in order
		f.edge++
	}
	if f.edge == end {
		f.at = f.end
		return false
	}
	e := w.p.edges[f.edge]
	if e.lo > b {
		return false
	}
	w.want(e.to, f.from[0].n)
	return true
}

// enter closes over w.todo, which node n (at index i) led to, allows the tokens that end
// there and goes on to its children. Before the node points code points of the base were read.
func (w *walker) enter(points int32, n *trieNode, i int32) {
	leaf := n.end == i+1
	if leaf && w.shallow() { // every state can end: no need to look closer
		w.todo = w.todo[:0]
		w.allow(n.tok, w.v.nodes[i+1].tok)
		return
	}
	if it := w.todo[0]; points < 0 && len(w.todo) == 1 && w.p.plain(it.q) && n.end-i <= w.m.large {
		w.todo = w.todo[:0]
		w.allow(n.tok, w.v.nodes[i+1].tok)
		w.walkPlain(it, i)
		return
	}
	m := w.mark()
	base := len(w.items)
	if it := w.todo[0]; len(w.todo) == 1 && w.p.flags[it.q] == 0 {
		w.todo, w.left = w.todo[:0], false
		w.items = append(w.items, it)
	} else if w.close(); len(w.items) == base && !w.end && !w.left {
		w.reset(m)
		return
	}
	w.allow(n.tok, w.v.nodes[i+1].tok)
	if w.left && !leaf {
		w.exits = append(w.exits, i)
	}
	if leaf || len(w.items) == base {
		w.reset(m)
		return
	}
	if points >= 0 {
		var ok bool
		if points, ok = w.base.reads(n, points); !ok {
			points = -1
		}
	}
	if w.apart && n.end-i > w.m.large {
		w.pushApart(base, i, points, m)
		return
	}
	w.push(w.items[base:], i, points, m)
}

// plain reports whether a state does nothing but read, and has no run.
func (p *Program) plain(q int32) bool { return q >= 0 && p.flags[q] == 0 && p.runOf[q] == 0 }

// walkPlain walks below a node that led to one item in a plain state: no sets of items need be
// kept until it leads to another kind of state.
func (w *walker) walkPlain(it item, node int32) {
	es := w.p.edges[w.p.edgeOf[it.q]:w.p.edgeOf[it.q+1]]
	at, end := w.v.kids.of(node)
	for ; at < end; at++ {
		b := w.v.kids.bytes[at]
		for len(es) > 0 && es[0].hi < b {
			es = es[1:]
		}
		if len(es) == 0 {
			return
		}
		if es[0].lo > b {
			continue
		}
		i := w.v.kids.nodes[at]
		n := &w.v.nodes[i]
		if !w.p.plain(es[0].to) {
			w.want(es[0].to, it.n)
			w.enter(-1, n, i)
			continue
		}
		w.allow(n.tok, w.v.nodes[i+1].tok)
		if n.end > i+1 {
			w.walkPlain(item{es[0].to, it.n}, i)
		}
	}
}

// pushApart is push of the items from base on, less those that wait for something: what these allow
// within their rules is known or soon will be, see Matcher. A new name after the margin of a
// line, for example, is the same in each line.
func (w *walker) pushApart(base int, node, points int32, m mark) {
	var called []item
	kept := w.items[base:base]
	for _, it := range w.items[base:] {
		if it.n != nil {
			called = append(called, it)
		} else {
			kept = append(kept, it)
		}
	}
	var in []*within // of called
	n := 0
	for _, it := range called {
		if part := w.m.inRule(it, node); part != nil {
			in = append(in, part)
			called[n] = it
			n++
		} else {
			kept = append(kept, it)
		}
	}
	w.push(kept, node, points, m)
	for i, it := range called[:n] {
		w.spill()
		in[i].mask.addTo(w.mask)
		w.pushExits(in[i].exits, it.n)
	}
}

// shallow reports whether no call that w.todo leads to can be too deep.
func (w *walker) shallow() bool {
	for _, it := range w.todo {
		if it.n != nil && int(it.n.depth)+len(w.p.start) > depthMax {
			return false
		}
	}
	return len(w.p.start) <= depthMax
}
