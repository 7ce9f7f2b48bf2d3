package grammar

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// run says what a state reads without thinking: any text of at most len code
// points, each ASCII one in ascii and, if wide, any other at all, can be read
// from the state. Inside a string, for example, everything but the quote and the
// backslash leads back to where it was. Matching skips whole parts of the
// vocabulary by it.
type run struct {
	ascii [2]uint64
	wide  bool
	len   int32
	exact bool // a longer text of these characters cannot be read
}

const (
	runMin     = 24 // fewer ASCII characters are not worth a run
	runForever = 1 << 30
	closedMax  = 16 // kinds of endless runs that are looked for in all states

	closedRounds = 20 // after which the search for a kind is given up
)

// has reports whether texts of the characters of s are in r, whatever their length.
func (r *run) has(s *summary) bool {
	return r.within(s.ascii, s.wide()) && !s.bad()
}

func (r *run) within(ascii [2]uint64, wide bool) bool {
	return ascii[0]&^r.ascii[0]|ascii[1]&^r.ascii[1] == 0 && (!wide || r.wide)
}

// size counts the characters of r, all wide ones as many.
func (r *run) size() int {
	n := bits.OnesCount64(r.ascii[0]) + bits.OnesCount64(r.ascii[1])
	if r.wide {
		n += 256
	}
	return n
}

// findRuns fills p.runs and p.runOf.
func (p *Program) findRuns() {
	p.runs = make([]run, 1)
	p.runOf = make([]int32, p.size())
	next := make([]int32, 1) // where each run leads
	for q := range p.runOf {
		if r, to, ok := p.runAt(int32(q)); ok {
			p.runOf[q] = int32(len(p.runs))
			p.runs = append(p.runs, r)
			next = append(next, to)
		}
	}
	p.runLengths(next)
	p.findClosed()
}

// runAt returns the run of state q, its length left out, and where one code
// point of it leads: the state to which most ASCII characters go.
func (p *Program) runAt(q int32) (run, int32, bool) {
	es := p.edges[p.edgeOf[q]:p.edgeOf[q+1]]
	count, best := 0, int32(-1)
	for i, e := range es { // few edges: quadratic is fine
		if e.to < 0 || e.lo >= 0x80 {
			continue
		}
		n := 0
		for _, f := range es[i:] {
			if f.to == e.to && f.lo < 0x80 {
				n += int(min(f.hi, 0x7F)) - int(f.lo) + 1
			}
		}
		if n > count {
			count, best = n, e.to
		}
		if count > 64 {
			break
		}
	}
	if count < runMin {
		return run{}, 0, false
	}
	var r run
	for _, e := range es {
		if e.to == best {
			for b := int(e.lo); b <= int(e.hi) && b < 0x80; b++ {
				r.ascii[b>>6] |= 1 << (b & 63)
			}
		}
	}
	r.wide = p.allWide(q, func(t int32) bool { return t == best })
	return r, best, true
}

// allWide reports whether every code point from U+0080 leads from q to a goal.
func (p *Program) allWide(q int32, goal func(int32) bool) bool {
	for _, s := range wideSeqs {
		if !p.allLead(q, goal, s, 0) {
			return false
		}
	}
	return true
}

// wideSeqs encode all code points from U+0080.
var wideSeqs = func() (all []byteSeq) {
	add := func(s byteSeq) { all = append(all, s) }
	utf8Seqs(0x80, surrogateMin-1, add)
	utf8Seqs(surrogateMax+1, utf8.MaxRune, add)
	return all
}()

// allLead reports whether all sequences of s, from byte i on, lead from q to a goal.
func (p *Program) allLead(q int32, goal func(int32) bool, s byteSeq, i int) bool {
	if i == s.n {
		return q >= 0 && goal(q)
	}
	return q >= 0 && p.allTo(q, s.lo[i], s.hi[i], func(t int32) bool { return p.allLead(t, goal, s, i+1) })
}

// allTo reports whether q reads each byte from lo to hi and ok holds of all targets.
func (p *Program) allTo(q int32, lo, hi byte, ok func(int32) bool) bool {
	at := int(lo)
	for _, e := range p.edges[p.edgeOf[q]:p.edgeOf[q+1]] {
		if int(e.hi) < at {
			continue
		}
		if int(e.lo) > at || !ok(e.to) {
			return false
		}
		if at = int(e.hi) + 1; at > int(hi) {
			return true
		}
	}
	return false
}

// runLengths follows each run to where it leads: a run goes on as long as the
// next state has a run of at least its characters.
func (p *Program) runLengths(next []int32) {
	goesOn := func(i int32) int32 { // the run after run i, or 0
		j := p.runOf[next[i]]
		if a := &p.runs[i]; j == 0 || !p.runs[j].within(a.ascii, a.wide) {
			return 0
		}
		return j
	}
	state := make([]int32, len(p.runs)) // of each run
	for q, r := range p.runOf {
		state[r] = int32(q)
	}
	var path []int32
	for i := int32(1); i < int32(len(p.runs)); i++ {
		path = path[:0]
		at := i
		for at != 0 && p.runs[at].len == 0 {
			p.runs[at].len = -1 // on the path
			path = append(path, at)
			at = goesOn(at)
		}
		n := int32(0)
		switch {
		case at != 0 && p.runs[at].len < 0: // a cycle: its members have the same characters
			n = runForever
		case at != 0:
			n = p.runs[at].len
		}
		for k := len(path) - 1; k >= 0; k-- {
			n = min(n+1, runForever)
			r := &p.runs[path[k]]
			r.len = n
			r.exact = p.stopsAfter(path[k], state, next, goesOn(path[k]))
		}
	}
}

// stopsAfter reports whether the run i is exact: its state does nothing but read,
// and so does the next, which goes on exactly (run after) or reads none of the characters.
func (p *Program) stopsAfter(i int32, state, next []int32, after int32) bool {
	r, to := &p.runs[i], next[i]
	if p.flags[state[i]] != 0 || p.flags[to] != 0 {
		return false
	}
	if after != 0 {
		return p.runs[after].exact && p.runs[after].ascii == r.ascii && p.runs[after].wide == r.wide
	}
	for _, e := range p.edges[p.edgeOf[to]:p.edgeOf[to+1]] {
		if r.wide && e.hi >= 0x80 {
			return false
		}
		for b := int(e.lo); b <= int(e.hi) && b < 0x80; b++ {
			if r.ascii[b>>6]>>(b&63)&1 != 0 {
				return false
			}
		}
	}
	return true
}

// findClosed gives the endless runs to more states: those whose characters lead, not
// all to the same state, but to states of which the same holds. A name among
// others that may be anything, for example: while it is still that name, each
// character goes on with it or leaves it.
func (p *Program) findClosed() {
	var kinds []run
	for _, r := range p.runs[1:] {
		if r.len == runForever && !slices.Contains(kinds, r) {
			kinds = append(kinds, r)
		}
	}
	slices.SortStableFunc(kinds, func(a, b run) int { return b.size() - a.size() })
	in := make([]bool, p.size())
	for _, r := range kinds[:min(len(kinds), closedMax)] {
		closed := p.closedUnder(r, in)
		for _, q := range closed {
			in[q] = false
			if old := &p.runs[p.runOf[q]]; old.size() < r.size() {
				p.runOf[q] = int32(len(p.runs))
				p.runs = append(p.runs, r)
			}
		}
	}
}

// closedUnder returns the states from which the characters of r lead to such states
// again: all that read them, less those that lead elsewhere, until nothing changes.
func (p *Program) closedUnder(r run, in []bool) []int32 {
	var closed []int32
	ascii := r.asciiRanges()
	leads := func(q int32, ok func(int32) bool) bool {
		for i := 0; i < len(ascii); i += 2 {
			if !p.allTo(q, ascii[i], ascii[i+1], ok) {
				return false
			}
		}
		return !r.wide || p.allWide(q, ok)
	}
	for q := range in {
		if p.edgeOf[q] != p.edgeOf[q+1] && leads(int32(q), func(t int32) bool { return t >= 0 }) {
			in[q] = true
			closed = append(closed, int32(q))
		}
	}
	for range closedRounds {
		n := len(closed)
		for i := n - 1; i >= 0; i-- { // counted texts end at high numbers
			q := closed[i]
			if !leads(q, func(t int32) bool { return t >= 0 && in[t] }) {
				in[q] = false
				closed = slices.Delete(closed, i, i+1)
			}
		}
		if len(closed) == n {
			return closed
		}
	}
	for _, q := range closed {
		in[q] = false
	}
	return nil
}

// asciiRanges returns the ASCII characters of r as pairs of first and last.
func (r *run) asciiRanges() []byte {
	var out []byte
	for b := range byte(0x80) {
		switch n := len(out); {
		case r.ascii[b>>6]>>(b&63)&1 == 0:
		case n > 0 && out[n-1]+1 == b:
			out[n-1] = b
		default:
			out = append(out, b, b)
		}
	}
	return out
}
